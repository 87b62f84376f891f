//! Two ways of declaring a noun once: a list of names with codes, and a record of fixed size.

/// What a record can hold, and how it is written: little-endian, without gaps.
pub trait Field: Copy {
    const KIND: &'static str;
    const SIZE: usize;
    fn put(self, bytes: &mut alloc::vec::Vec<u8>);
}

macro_rules! integers {
    ($($kind:ident),+) => { $(
        impl Field for $kind {
            const KIND: &'static str = stringify!($kind);
            const SIZE: usize = core::mem::size_of::<$kind>();
            fn put(self, bytes: &mut alloc::vec::Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    )+ };
}
integers!(u8, u32, u64, i64, i128);

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

        impl crate::names::Field for $enum {
            const KIND: &'static str = "u8";
            const SIZE: usize = 1;
            fn put(self, bytes: &mut alloc::vec::Vec<u8>) {
                bytes.push(self as u8);
            }
        }
    };
}

/// Declare a struct that hosts read as bytes: `FIELDS` is its layout, `SIZE` its width.
macro_rules! record {
    ($(#[$about:meta])* pub struct $record:ident { $($(#[$note:meta])* pub $field:ident: $kind:ident),+ $(,)? }) => {
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
            pub const SIZE: usize = 0 $(+ <$kind as crate::names::Field>::SIZE)+;

            /// Append the record's bytes.
            pub fn put(&self, bytes: &mut alloc::vec::Vec<u8>) {
                $(crate::names::Field::put(self.$field, bytes);)+
            }
        }
    };
}

pub(crate) use names;
pub(crate) use record;
