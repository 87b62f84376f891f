//! What can be asked for, and the states of an order, as a table.

use crate::bracket::{Bracket, Level};
use crate::names::{names, record, Field};
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

names! {
    /// How an order trades; `none` where there is no order.
    pub enum OrderKind {
        None = 0 "none",
        /// At the next price; `price` is what a host states under signal_price and given_price.
        Market = 1 "market",
        /// At `price` or better.
        Limit = 2 "limit",
        /// At the market once `price` is reached on the far side.
        Stop = 3 "stop",
        /// As a limit order at `limit` once `price` is reached on the far side.
        StopLimit = 4 "stop_limit",
        /// As a limit order at `limit` once `price` is reached on the near side.
        LimitIfTouched = 5 "limit_if_touched",
        /// At the market once `price` is reached on the near side.
        MarketIfTouched = 6 "market_if_touched",
        /// A stop that follows the best price at a distance.
        TrailingStop = 7 "trailing_stop",
    }
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

names! {
    /// What an order does to tickets.
    pub enum Intent {
        /// Open a ticket; under holding=net, change the position.
        Open = 1 "open",
        /// Close the ticket that it names, or a part of it.
        Close = 2 "close",
        /// Enter once more into the ticket that it names (R28).
        Add = 3 "add",
        /// Close the oldest tickets of the other side, and open nothing (R24).
        Reduce = 4 "reduce",
    }
}

names! {
    /// How long an order waits.
    pub enum TimeInForce {
        /// Until it is cancelled.
        Gtc = 0 "gtc",
        /// Until a time.
        Gtd = 1 "gtd",
        /// Until the UTC day of its first bar ends.
        Day = 2 "day",
        /// For its first price; what that does not fill is cancelled.
        Ioc = 3 "ioc",
        /// For its first price, which must fill all of it.
        Fok = 4 "fok",
    }
}

record! {
    /// One wish: open a ticket, add to one, close one.
    pub struct Order {
        pub instrument: u32,
        pub side: Side,
        pub kind: OrderKind,
        pub intent: Intent,
        pub time_in_force: TimeInForce,
        pub size: Size,
        /// The limit of a limit order; the stop or trigger of the others; 0 for none.
        pub price: i64,
        /// The limit of an order that has both; 0 for none.
        pub limit: i64,
        /// The distance of a trailing stop.
        pub trail: Level,
        /// The ticket that it closes or adds to; 0 for none.
        pub ticket: u64,
        pub bracket: Bracket,
        /// The time at which it expires (gtd).
        pub until_ns: i64,
        /// On how many bars it may trade; 0 for no limit.
        pub bars: u32,
        /// Refused where it would trade at once.
        pub post_only: bool,
        /// The order whose partner it is: the first fill of either cancels the other (R18); 0 for none.
        pub other: u64,
        /// The order whose complete fill submits it (R36); 0 for none.
        pub after: u64,
        /// Which entry comes first when cash is scarce: the higher (R2).
        pub rank: i64,
    }
}

impl Order {
    /// Return an order at the market that opens a ticket of an instrument.
    pub fn market(instrument: u32, side: Side, size: Size) -> Order {
        Order {
            instrument,
            side,
            kind: OrderKind::Market,
            intent: Intent::Open,
            time_in_force: TimeInForce::Gtc,
            size,
            price: 0,
            limit: 0,
            trail: Level::None,
            ticket: 0,
            bracket: Bracket::NONE,
            until_ns: 0,
            bars: 0,
            post_only: false,
            other: 0,
            after: 0,
            rank: 0,
        }
    }

    /// Return whether the order only makes a holding smaller.
    pub fn closes(&self) -> bool {
        matches!(self.intent, Intent::Close | Intent::Reduce)
    }
}

impl Field for Size {
    const SIZE: usize = 17;
    fn put(&self, bytes: &mut alloc::vec::Vec<u8>) {
        let (kind, value) = match *self {
            Size::Quantity(quantity) => (1_u8, quantity as i128),
            Size::Notional(money) => (2, money),
            Size::Fraction(rate) => (3, rate as i128),
        };
        kind.put(bytes);
        value.put(bytes);
    }
    fn take(bytes: &mut &[u8]) -> Option<Size> {
        let (kind, value) = (u8::take(bytes)?, i128::take(bytes)?);
        Some(match kind {
            1 => Size::Quantity(i64::try_from(value).ok()?),
            2 => Size::Notional(value),
            3 => Size::Fraction(i64::try_from(value).ok()?),
            _ => return None,
        })
    }
}

names! {
    /// The states of an order.
    pub enum State {
        New = 0 "new",
        /// It waits for the order that triggers it.
        Held = 1 "held",
        Waiting = 2 "waiting",
        Filled = 3 "filled",
        Cancelled = 4 "cancelled",
        Refused = 5 "refused",
    }
}

/// Every step an order can take: from a state, by an event, to a state. What is not listed cannot happen.
/// An order that triggers another is `Held` from its submission until the other is filled completely.
pub const STEPS: &[(State, EventKind, State)] = &[
    (State::New, EventKind::Submitted, State::Waiting),
    (State::New, EventKind::Submitted, State::Held),
    (State::New, EventKind::Refused, State::Refused),
    (State::Held, EventKind::Filled, State::Waiting),
    (State::Held, EventKind::Amended, State::Held),
    (State::Held, EventKind::Warned, State::Held),
    (State::Held, EventKind::Cancelled, State::Cancelled),
    (State::Waiting, EventKind::Amended, State::Waiting),
    (State::Waiting, EventKind::Triggered, State::Waiting),
    (State::Waiting, EventKind::Warned, State::Waiting),
    (State::Waiting, EventKind::Filled, State::Waiting),
    (State::Waiting, EventKind::Filled, State::Filled),
    (State::Waiting, EventKind::Cancelled, State::Cancelled),
    (State::Waiting, EventKind::Refused, State::Refused),
];
