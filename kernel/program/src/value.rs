//! What a register holds: a number, nothing, or the place of something larger.

use crate::codes::LevelKind;

/// A value as Python knows it. A text is its number among the program's texts, a series its number among what
/// was bound; tickets, orders and lists of numbers are places of what the machine has seen on this bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Nothing was ever written here.
    Unset,
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(u32),
    Series(u32),
    Times(u32),
    Level(LevelKind, f64),
    Ticket(u32),
    Order(u32),
    /// The first, and how many.
    Tickets(u32, u32),
    Orders(u32, u32),
    Numbers(u32, u32),
}

impl Value {
    /// Return the name of its class.
    pub fn class(self) -> &'static str {
        match self {
            Value::Unset | Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Text(_) => "str",
            Value::Series(_) => "eyas._kernel.Series",
            Value::Times(_) => "eyas._kernel.Times",
            Value::Level(..) => "Level",
            Value::Ticket(_) => "eyas._kernel.Ticket",
            Value::Order(_) => "eyas._kernel.WaitingOrder",
            Value::Tickets(..) | Value::Orders(..) | Value::Numbers(..) => "list",
        }
    }

    /// Return it as a whole number, where it is one: True is 1.
    #[inline]
    pub fn whole(self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(value),
            Value::Bool(value) => Some(value as i64),
            _ => None,
        }
    }

    /// Return it as a float, where it is a number.
    #[inline]
    pub fn float(self) -> Option<f64> {
        match self {
            Value::Float(value) => Some(value),
            other => other.whole().map(|value| value as f64),
        }
    }
}
