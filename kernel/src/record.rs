//! The nouns that cross the border: what comes in as a bar or a fill, what goes out as an event.

use crate::names::{names, record};
use crate::number::{from_float, Scale, RATE_DECIMALS, RATE_ONE, UNITS_MAX};
use crate::order::OrderKind;
use crate::refusal::Refusal;

record! {
    /// One bar of one instrument; prices and volume are scaled integers.
    pub struct Bar {
        /// When the bar opens, in nanoseconds since 1970 UTC.
        pub time_ns: i64,
        /// When it closes and is known; its opening time where nobody said.
        pub close_ns: i64,
        pub open: i64,
        pub high: i64,
        pub low: i64,
        pub close: i64,
        /// -1 where nobody knows.
        pub volume: i64,
        /// A price that came with the bar, such as its VWAP; 0 for none.
        pub given: i64,
        /// What a long pays a short at the close, as a rate of the traded money; `NO_RATE` where the rules say.
        pub funding: i64,
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
        /// An order was taken; `price` is its limit, stop or trigger, `reference` the limit of one that has
        /// both, `quantity` its signed quantity if stated.
        Submitted = 2 "submitted",
        /// An order or a level was executed; the only thing that moves money in a market but charges.
        Filled = 3 "filled",
        /// A ticket was closed for good: `price` is its average exit, `reference` its average entry,
        /// `quantity` all that it held, `profit` what it earned after all its fees and charges.
        Closed = 4 "closed",
        Cancelled = 5 "cancelled",
        Refused = 6 "refused",
        /// Equity no longer covered the margin in use.
        MarginCalled = 7 "margin_called",
        /// An order's price or quantity, or a ticket's levels, were changed in place.
        Amended = 8 "amended",
        /// Funding or borrowing was paid (or received): `fee` is what it cost.
        Charged = 9 "charged",
        /// Something was not done as asked, or was done though a stricter rule would refuse it. No order ends by it.
        Warned = 10 "warned",
        /// A stop-limit or limit-if-touched order was touched and is a limit order from now on.
        Triggered = 11 "triggered",
        /// The breaker tripped: entries are refused for a while.
        Halted = 12 "halted",
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
        /// A stop that trailing had moved.
        TrailingStop = 9 "trailing_stop",
        /// A stop that had been moved to break-even.
        Breakeven = 10 "breakeven",
        TimeLimit = 11 "time_limit",
        Liquidation = 12 "liquidation",
        /// A reduce-only order.
        Reduce = 13 "reduce",
        /// An entry added to a ticket that was open.
        Average = 14 "average",
        /// The lifetime of an order ended.
        Expired = 15 "expired",
        /// The other order of the pair was filled.
        OtherFilled = 16 "other_filled",
        /// The order that should have triggered it is gone.
        ParentGone = 17 "parent_gone",
        /// What an immediate order could not fill at once.
        NotFilledAtOnce = 18 "not_filled_at_once",
        Funding = 19 "funding",
        Borrow = 20 "borrow",
        /// The instrument has no further bars.
        Delisted = 21 "delisted",
        /// Too many losses in a row.
        Losses = 22 "losses",
        /// Too many errors in a row.
        Errors = 23 "errors",
    }
}

record! {
    fixed
    /// One line of the journal.
    pub struct Event {
        /// Place in the journal, without gaps.
        pub seq: u64,
        /// The event's own time: its bar's, or its fill's.
        pub time_ns: i64,
        /// Index of the step of the clock, -1 before the first.
        pub bar: i64,
        /// Number of the order; 0 for exits by level, time, margin call and end.
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
        /// By how much cash changed, in the currency of the instrument.
        pub cash: i128,
        /// Stop and next target of the ticket, in entries and in amendments; 0 for none.
        pub stop_loss: i64,
        pub take_profit: i64,
        pub instrument: u32,
        pub kind: EventKind,
        pub phase: Phase,
        pub cause: Cause,
        pub refusal: Refusal,
        /// What kind of order it was; `none` for exits without one.
        pub order_kind: OrderKind,
    }
}

/// The funding of a bar that says nothing about it.
pub const NO_RATE: i64 = i64::MIN;

impl Bar {
    /// Turn a row of floats into a bar. A float that is no price becomes 0 or the largest integer, which
    /// `check` refuses; a volume that is no number is unknown, one beyond range the largest.
    #[inline]
    pub fn from_floats(time_ns: i64, prices: [f64; 4], volume: f64, scale: Scale) -> Bar {
        let price = |value: f64| {
            from_float(value, scale.price_decimals()).unwrap_or(if value > 0.0 { i64::MAX } else { 0 })
        };
        let [open, high, low, close] = prices;
        let unknown = if volume.is_nan() { -1 } else { UNITS_MAX };
        Bar {
            time_ns,
            close_ns: time_ns,
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(close),
            volume: from_float(volume, scale.quantity_decimals()).unwrap_or(unknown),
            given: 0,
            funding: NO_RATE,
            instrument: 0,
        }
    }

    /// Return the bar with a given price and a funding rate. A float that is no number is none; one out of range
    /// makes a bar that `check` refuses.
    pub fn with_given(mut self, given: f64, funding: f64, scale: Scale) -> Bar {
        let none = |value: f64, none: i64| if value.is_nan() { Some(none) } else { None };
        let price = none(given, 0).or_else(|| from_float(given, scale.price_decimals()));
        let rate = none(funding, NO_RATE).or_else(|| from_float(funding, RATE_DECIMALS));
        self.given = if rate.is_some() { price.unwrap_or(-1) } else { -1 };
        self.funding = rate.unwrap_or(NO_RATE);
        self
    }

    /// Check that the bar can have happened (R37).
    #[inline]
    pub fn check(&self) -> Result<(), Refusal> {
        let body_low = self.open.min(self.close);
        let body_high = self.open.max(self.close);
        let funds = self.funding != NO_RATE && self.funding != 0;
        if funds && !(-RATE_ONE..=RATE_ONE).contains(&self.funding) {
            return Err(Refusal::BarMustBeInRange);
        }
        if self.low <= 0
            || self.high > UNITS_MAX
            || self.volume < -1
            || self.given < 0
            || self.given > UNITS_MAX
        {
            return Err(Refusal::BarMustBeInRange);
        }
        if self.low > body_low || self.high < body_high {
            return Err(Refusal::BarMustHoldItsPrices);
        }
        Ok(())
    }

    /// Return how far prices go: one that came with the bar can lie outside it.
    #[inline]
    pub fn reach(&self) -> (i64, i64) {
        match self.given {
            0 => (self.low, self.high),
            given => (self.low.min(given), self.high.max(given)),
        }
    }

    /// Return the price that came with the bar; the close stands in where none did (R38).
    pub fn given_or_close(&self) -> i64 {
        if self.given > 0 {
            return self.given;
        }
        self.close
    }
}
