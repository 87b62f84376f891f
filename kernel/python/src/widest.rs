//! Loops over columns that are compiled three times, and chosen by what the processor has.

/// Define a function that is compiled for AVX-512, for AVX2 and plainly. Each of its sums must be a single operation
/// of its own kind, rounded as everywhere: wider registers do more of them at once, and the numbers are the same.
/// What it calls is compiled thrice too if it is inlined always.
macro_rules! widest {
    (
        $(#[$about:meta])*
        $visible:vis fn $name:ident[$($generic:tt)*]($($word:ident: $kind:ty),* $(,)?) -> $result:ty $body:block
    ) => {
        $(#[$about])*
        $visible fn $name<$($generic)*>($($word: $kind),*) -> $result {
            #[inline(always)]
            fn plainly<$($generic)*>($($word: $kind),*) -> $result $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,avx512f,avx512vl,avx512dq,avx512bw")]
            fn with_avx512<$($generic)*>($($word: $kind),*) -> $result {
                plainly($($word),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn with_avx2<$($generic)*>($($word: $kind),*) -> $result {
                plainly($($word),*)
            }

            #[cfg(target_arch = "x86_64")]
            {
                if is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                {
                    // SAFETY: the processor has these features.
                    return unsafe { with_avx512($($word),*) };
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has this feature.
                    return unsafe { with_avx2($($word),*) };
                }
            }
            plainly($($word),*)
        }
    };
}

pub(crate) use widest;
