//! What can be asked for, and the states of an order, as a table.

use crate::names::names;
use crate::record::EventKind;

names! {
    pub enum Side {
        Buy = 1 "buy",
        Sell = 2 "sell",
    }
}

impl Side {
    pub const fn sign(self) -> i64 {
        match self {
            Side::Buy => 1,
            Side::Sell => -1,
        }
    }
}

/// How an order trades. The price of a limit or stop is scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderKind {
    Market,
    Limit(i64),
    Stop(i64),
}

/// How much an order trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Quantity(i64),
    /// Money for which to trade, decided at the fill (R30).
    Notional(i128),
    /// Of an entry: that share of the free cash, fee included (R30). Of a close: of what is left.
    Fraction(i64),
}

/// Where a ticket's stop or target stands; stored as a price once the entry fills (R10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    None,
    Price(i64),
    Distance(i64),
    Fraction(i64),
}

/// What an order does to tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    Open { stop_loss: Level, take_profit: Level },
    Close { ticket: u64 },
}

/// One wish: open a ticket, or close one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub side: Side,
    pub kind: OrderKind,
    pub size: Size,
    pub intent: Intent,
}

names! {
    /// The states of an order.
    pub enum State {
        New = 0 "new",
        Waiting = 1 "waiting",
        Filled = 2 "filled",
        Cancelled = 3 "cancelled",
        Refused = 4 "refused",
    }
}

/// Every step an order can take: from a state, by an event, to a state. What is not listed cannot
/// happen. (A partial fill leaves an order waiting.)
pub const STEPS: &[(State, EventKind, State)] = &[
    (State::New, EventKind::Submitted, State::Waiting),
    (State::New, EventKind::Refused, State::Refused),
    (State::Waiting, EventKind::Filled, State::Filled),
    (State::Waiting, EventKind::Filled, State::Waiting),
    (State::Waiting, EventKind::Cancelled, State::Cancelled),
    (State::Waiting, EventKind::Refused, State::Refused),
];
