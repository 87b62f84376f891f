//! What ends a run: the exception that Python would have raised.

use alloc::string::String;

/// The class of the exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Attribute,
    Index,
    LookAhead,
    Overflow,
    Runtime,
    Type,
    UnboundLocal,
    Usage,
    Value,
    ZeroDivision,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Attribute => "AttributeError",
            Kind::Index => "IndexError",
            Kind::LookAhead => "LookAheadError",
            Kind::Overflow => "OverflowError",
            Kind::Runtime => "RuntimeError",
            Kind::Type => "TypeError",
            Kind::UnboundLocal => "UnboundLocalError",
            Kind::Usage => "UsageError",
            Kind::Value => "ValueError",
            Kind::ZeroDivision => "ZeroDivisionError",
        }
    }
}

/// Why a program ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: Kind,
    pub text: String,
}

impl Fault {
    pub fn new(kind: Kind, text: impl Into<String>) -> Fault {
        Fault { kind, text: text.into() }
    }

    pub fn usage(text: impl Into<String>) -> Fault {
        Fault::new(Kind::Usage, text)
    }

    pub fn wrong_type(text: impl Into<String>) -> Fault {
        Fault::new(Kind::Type, text)
    }
}

pub type Done<T> = Result<T, Fault>;
