//! The nouns that cross the border: what comes in as a bar or a fill, what goes out as an event.

use crate::names::{names, record};
use crate::number::{from_float, Scale, UNITS_MAX};
use crate::refusal::Refusal;

record! {
    /// One bar of one instrument; prices and volume are scaled integers.
    pub struct Bar {
        /// When the bar opens, in nanoseconds since 1970 UTC.
        pub time_ns: i64,
        pub open: i64,
        pub high: i64,
        pub low: i64,
        pub close: i64,
        pub volume: i64,
        pub instrument: u32,
    }
}

record! {
    /// One execution by somebody else's market, for `Account::apply`.
    pub struct Fill {
        pub time_ns: i64,
        pub order: u64,
        pub price: i64,
        /// Always positive: the order knows its side.
        pub quantity: i64,
        pub fee: i128,
    }
}

names! {
    /// What happened.
    pub enum EventKind {
        /// Cash came in or went out.
        Transferred = 1 "transferred",
        /// An order was taken; `price` is its limit or stop, `quantity` its signed quantity if stated.
        Submitted = 2 "submitted",
        /// An order or a level was executed; the only thing that moves money in a market.
        Filled = 3 "filled",
        /// A ticket was closed for good: `price` is its average exit, `reference` its average entry,
        /// `quantity` all that it held, `profit` what it earned after all its fees.
        Closed = 4 "closed",
        Cancelled = 5 "cancelled",
        Refused = 6 "refused",
        /// Equity no longer covered the margin in use.
        MarginCalled = 7 "margin_called",
    }
}

names! {
    /// Where in a bar it happened.
    pub enum Phase {
        Start = 0 "start",
        Open = 1 "open",
        Range = 2 "range",
        Close = 3 "close",
        Decision = 4 "decision",
        End = 5 "end",
        /// Somebody else's market filled it.
        Venue = 6 "venue",
    }
}

names! {
    /// What brought it about.
    pub enum Cause {
        None = 0 "none",
        Entry = 1 "entry",
        Close = 2 "close",
        StopLoss = 3 "stop_loss",
        TakeProfit = 4 "take_profit",
        MarginCall = 5 "margin_call",
        EndOfData = 6 "end_of_data",
        Request = 7 "request",
        TicketClosed = 8 "ticket_closed",
    }
}

record! {
    /// One line of the journal.
    pub struct Event {
        /// Place in the journal, without gaps.
        pub seq: u64,
        /// The event's own time: its bar's, or its fill's.
        pub time_ns: i64,
        /// Index of the bar, -1 before the first.
        pub bar: i64,
        /// Number of the order; 0 for exits by level, margin call and end.
        pub order: u64,
        /// Number of the ticket: that of the order that opened it; 0 for none.
        pub ticket: u64,
        pub price: i64,
        /// The price before spread and slippage.
        pub reference: i64,
        /// Signed: a sale is negative.
        pub quantity: i64,
        pub fee: i128,
        /// Profit of what was closed, before the fee; after all fees in `Closed`.
        pub profit: i128,
        /// By how much cash changed.
        pub cash: i128,
        pub instrument: u32,
        pub kind: EventKind,
        pub phase: Phase,
        pub cause: Cause,
        pub refusal: Refusal,
    }
}

impl Bar {
    /// Turn a row of floats into a bar. A float that is no price becomes 0 or the largest integer, which
    /// `check` refuses; a volume beyond range matters only where volume limits fills, and is the largest.
    #[inline]
    pub fn from_floats(time_ns: i64, prices: [f64; 4], volume: f64, scale: Scale) -> Bar {
        let price = |value: f64| {
            from_float(value, scale.price_decimals()).unwrap_or(if value > 0.0 { i64::MAX } else { 0 })
        };
        let [open, high, low, close] = prices;
        Bar {
            time_ns,
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(close),
            volume: from_float(volume, scale.quantity_decimals()).unwrap_or(UNITS_MAX),
            instrument: 0,
        }
    }

    /// Check that the bar can have happened (R37).
    #[inline]
    pub fn check(&self) -> Result<(), Refusal> {
        let body_low = self.open.min(self.close);
        let body_high = self.open.max(self.close);
        if self.low <= 0 || self.high > UNITS_MAX || self.volume < 0 {
            return Err(Refusal::BarMustBeInRange);
        }
        if self.low > body_low || self.high < body_high {
            return Err(Refusal::BarMustHoldItsPrices);
        }
        Ok(())
    }
}
