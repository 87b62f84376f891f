//! Ways of declaring a noun once: a list of names with codes, a record of fixed size, rules by name.

use alloc::vec::Vec;

/// What a record can hold, and how it is written: little-endian, without gaps.
pub trait Field: Sized {
    const KIND: &'static str = "bytes";
    const SIZE: usize = 0;
    fn put(&self, bytes: &mut Vec<u8>);
    /// Read from the front of what is left; None when it is no such value.
    fn take(bytes: &mut &[u8]) -> Option<Self>;
}

/// What always takes `SIZE` bytes, and so a place that is known beforehand.
pub trait Fixed: Field {
    /// Write into the front of `place`, and return what is left of it.
    fn lay<'a>(&self, place: &'a mut [u8]) -> &'a mut [u8];
}

macro_rules! integers {
    ($($kind:ident),+) => { $(
        impl Fixed for $kind {
            #[inline(always)]
            fn lay<'a>(&self, place: &'a mut [u8]) -> &'a mut [u8] {
                let (own, rest) = place.split_at_mut(Self::SIZE);
                own.copy_from_slice(&self.to_le_bytes());
                rest
            }
        }

        impl Field for $kind {
            const KIND: &'static str = stringify!($kind);
            const SIZE: usize = core::mem::size_of::<$kind>();
            fn put(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
            fn take(bytes: &mut &[u8]) -> Option<$kind> {
                if bytes.len() < Self::SIZE {
                    return None;
                }
                let (head, rest) = bytes.split_at(Self::SIZE);
                *bytes = rest;
                Some(<$kind>::from_le_bytes(head.try_into().ok()?))
            }
        }
    )+ };
}
integers!(u8, u32, u64, i64, i128);

impl Field for bool {
    const KIND: &'static str = "u8";
    const SIZE: usize = 1;
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self as u8);
    }
    fn take(bytes: &mut &[u8]) -> Option<bool> {
        match u8::take(bytes)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<T: Field> Field for Option<T> {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.is_some().put(bytes);
        if let Some(value) = self {
            value.put(bytes);
        }
    }
    fn take(bytes: &mut &[u8]) -> Option<Option<T>> {
        match bool::take(bytes)? {
            true => Some(Some(T::take(bytes)?)),
            false => Some(None),
        }
    }
}

impl<T: Field> Field for Vec<T> {
    fn put(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).put(bytes);
        for value in self {
            value.put(bytes);
        }
    }
    fn take(bytes: &mut &[u8]) -> Option<Vec<T>> {
        let count = u64::take(bytes)?;
        // Every value takes at least a byte, so a false count cannot ask for memory that was never sent.
        if count > bytes.len() as u64 {
            return None;
        }
        (0..count).map(|_| T::take(bytes)).collect()
    }
}

impl<T: Field + Copy, const N: usize> Field for [T; N] {
    fn put(&self, bytes: &mut Vec<u8>) {
        for value in self {
            value.put(bytes);
        }
    }
    fn take(bytes: &mut &[u8]) -> Option<[T; N]> {
        let mut values = [T::take(bytes)?; N];
        for value in values.iter_mut().skip(1) {
            *value = T::take(bytes)?;
        }
        Some(values)
    }
}

/// Declare an enum of one byte whose values have names.
macro_rules! names {
    ($(#[$about:meta])* pub enum $enum:ident { $($(#[$note:meta])* $value:ident = $code:literal $name:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum $enum { $($(#[$note])* $value = $code),+ }

        impl $enum {
            /// Every value, in order of its code.
            pub const ALL: &'static [$enum] = &[$($enum::$value),+];

            pub const fn code(self) -> u8 {
                self as u8
            }

            pub const fn name(self) -> &'static str {
                match self { $($enum::$value => $name),+ }
            }

            pub fn from_name(name: &str) -> Option<$enum> {
                match name { $($name => Some($enum::$value),)+ _ => None }
            }
        }

        impl crate::names::Fixed for $enum {
            #[inline(always)]
            fn lay<'a>(&self, place: &'a mut [u8]) -> &'a mut [u8] {
                crate::names::Fixed::lay(&(*self as u8), place)
            }
        }

        impl crate::names::Field for $enum {
            const KIND: &'static str = "u8";
            const SIZE: usize = 1;
            fn put(&self, bytes: &mut alloc::vec::Vec<u8>) {
                bytes.push(*self as u8);
            }
            fn take(bytes: &mut &[u8]) -> Option<$enum> {
                let code = u8::take(bytes)?;
                $enum::ALL.iter().copied().find(|value| value.code() == code)
            }
        }
    };
}

/// Declare a struct that is read and written as bytes: `FIELDS` is its layout, `SIZE` its width. A `fixed` one is
/// written in one piece.
macro_rules! record {
    (@written [$this:ident, $bytes:ident, $put:block] $(#[$about:meta])* pub struct $record:ident { $($(#[$note:meta])* pub $field:ident: $kind:ty),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $record { $($(#[$note])* pub $field: $kind),+ }

        impl $record {
            /// Name, type and width in bytes of every field, in the order in which they are written.
            pub const FIELDS: &'static [(&'static str, &'static str, usize)] = &[$((
                stringify!($field),
                <$kind as crate::names::Field>::KIND,
                <$kind as crate::names::Field>::SIZE,
            )),+];
        }

        impl crate::names::Field for $record {
            const SIZE: usize = 0 $(+ <$kind as crate::names::Field>::SIZE)+;
            fn put(&self, $bytes: &mut alloc::vec::Vec<u8>) {
                let $this = self;
                $put
            }
            fn take(bytes: &mut &[u8]) -> Option<$record> {
                Some($record { $($field: crate::names::Field::take(bytes)?),+ })
            }
        }
    };
    (fixed $(#[$about:meta])* pub struct $record:ident { $($(#[$note:meta])* pub $field:ident: $kind:ty),+ $(,)? }) => {
        crate::names::record! {
            @written [this, bytes, {
                let mut row = [0; <$record as crate::names::Field>::SIZE];
                crate::names::Fixed::lay(this, &mut row);
                bytes.extend_from_slice(&row);
            }]
            $(#[$about])* pub struct $record { $($(#[$note])* pub $field: $kind),+ }
        }

        impl crate::names::Fixed for $record {
            #[inline]
            fn lay<'a>(&self, place: &'a mut [u8]) -> &'a mut [u8] {
                let (own, rest) = place.split_at_mut(<$record as crate::names::Field>::SIZE);
                $(let own = crate::names::Fixed::lay(&self.$field, own);)+
                debug_assert!(own.is_empty());
                rest
            }
        }
    };
    ($(#[$about:meta])* pub struct $record:ident { $($(#[$note:meta])* pub $field:ident: $kind:ty),+ $(,)? }) => {
        crate::names::record! {
            @written [this, bytes, { $(crate::names::Field::put(&this.$field, bytes);)+ }]
            $(#[$about])* pub struct $record { $($(#[$note])* pub $field: $kind),+ }
        }
    };
}

/// Declare rules: each with its type, its default, the function that reads it from text (given the decimals
/// of prices), and the words that say what it may be.
macro_rules! rules {
    ($(#[$about:meta])* pub struct $rules:ident; table $table:ident; $($(#[$note:meta])* $name:ident: $kind:ty = $default:expr, $read:expr, $allowed:expr;)+) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $rules { $($(#[$note])* pub $name: $kind),+ }

        impl Default for $rules {
            fn default() -> $rules {
                $rules { $($name: $default),+ }
            }
        }

        /// Every rule by name, with what it may be: the words a host shows when a value is wrong.
        pub const $table: &[(&str, &str)] = &[$((stringify!($name), $allowed)),+];

        impl $rules {
            /// Set one rule from text; None when it has no such value, or there is no such rule.
            pub(crate) fn assign(&mut self, name: &str, text: &str, decimals: u32) -> Option<()> {
                match name {
                    $(stringify!($name) => {
                        let read: fn(&str, u32) -> Option<$kind> = $read;
                        self.$name = read(text, decimals)?;
                    })+
                    _ => return None,
                }
                Some(())
            }
        }

        impl crate::names::Field for $rules {
            fn put(&self, bytes: &mut alloc::vec::Vec<u8>) {
                $(crate::names::Field::put(&self.$name, bytes);)+
            }
            fn take(bytes: &mut &[u8]) -> Option<$rules> {
                Some($rules { $($name: crate::names::Field::take(bytes)?),+ })
            }
        }
    };
}

pub(crate) use names;
pub(crate) use record;
pub(crate) use rules;
