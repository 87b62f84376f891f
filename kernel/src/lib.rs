//! The market and the account of eyas: feed it bars and orders, read events.
//!
//! | module | what it is |
//! |---|---|
//! | `record` | bars, fills, events: the nouns that cross the border |
//! | `number` | prices, quantities, money: scaled integers and the one rounding rule |
//! | `rules`, `terms`, `limits`, `reading` | every named difference between markets, of instruments, of a person; read from text |
//! | `order`, `bracket` | what can be asked for |
//! | `request`, `ask` | floats and words become orders |
//! | `submit`, `amend` | what can be known of an order when it is asked for; changing it in place |
//! | `matching` | the order of a bar: which waiting orders and tickets a bar fills |
//! | `pass`, `stretch` | many bars at once on which nothing happens; judged once for many accounts |
//! | `touch`, `exits`, `decision`, `groups` | where orders trade, where levels take tickets out, what trades in the decision, orders that know each other |
//! | `costs`, `charges` | fees, spread, slippage; funding and borrowing |
//! | `margin`, `sizing`, `guard` | what covers what; sizes decided at the fill; a person's limits |
//! | `position`, `book`, `watch` | tickets; an instrument's tickets, orders and last bar; what it waits for |
//! | `execution`, `net`, `venue`, `booking`, `journal` | what a fill does, in tickets, in one position, by a venue; money; events |
//! | `account` | the verbs: submit, cancel, advance, apply, finish |
//! | `save` | the complete state as bytes, and back |
//! | `refusal` | why not |
//! | `metrics`, `curve` | the figures that every host prints, of trades and of the curve |
//! | `folds`, `excursions`, `paid`, `exposure` | what a journal says when it is read again: how far trades ran, what they paid, what was held |
//! | `prices` | bars as columns, for those folds |
//!
//! The kernel calls nobody: no clock, file, thread, random number or callback.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]

extern crate alloc;

mod names;

pub mod account;
pub mod amend;
pub mod ask;
pub mod book;
pub mod booking;
pub mod bracket;
pub mod charges;
pub mod costs;
pub mod curve;
pub mod decision;
pub mod excursions;
pub mod execution;
pub mod exits;
pub mod exposure;
pub mod folds;
pub mod groups;
pub mod guard;
pub mod journal;
pub mod limits;
pub mod margin;
pub mod matching;
pub mod metrics;
pub mod net;
pub mod number;
pub mod order;
pub mod paid;
pub mod pass;
pub mod position;
pub mod prices;
pub mod reading;
pub mod record;
pub mod refusal;
pub mod request;
pub mod rules;
pub mod save;
pub mod sizing;
pub mod stretch;
pub mod submit;
pub mod terms;
pub mod touch;
pub mod venue;
pub mod watch;

pub use account::Account;
pub use names::{Field, Fixed};
pub use record::{Bar, Event, Fill};
pub use refusal::Refusal;
pub use rules::Rules;
