//! The market and the account of eyas: feed it bars and orders, read events.
//!
//! | module | what it is |
//! |---|---|
//! | `record` | bars, fills, events: the nouns that cross the border |
//! | `number` | prices, quantities, money: scaled integers and the one rounding rule |
//! | `rules` | every named difference between markets |
//! | `order`, `request` | what can be asked for; floats become orders |
//! | `matching` | the order of a bar: which waiting orders and tickets a bar fills |
//! | `exits` | where a ticket's own levels take it out |
//! | `costs`, `margin` | fees, spread, slippage; what covers what |
//! | `position` | tickets; their net is their sum |
//! | `execution` | what a fill does to tickets and cash |
//! | `account` | the verbs: submit, cancel, advance, apply, finish |
//! | `refusal` | why not |
//! | `metrics` | the figures that every host prints |
//!
//! The kernel calls nobody: no clock, file, thread, random number or callback.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]

extern crate alloc;

mod names;

pub mod account;
pub mod costs;
pub mod execution;
pub mod exits;
pub mod margin;
pub mod matching;
pub mod metrics;
pub mod number;
pub mod order;
pub mod position;
pub mod record;
pub mod refusal;
pub mod request;
pub mod rules;

pub use account::Account;
pub use record::{Bar, Event, Fill};
pub use refusal::Refusal;
pub use rules::Rules;
