//! What a book waits for: the prices, bars and times before which nothing of it can happen.

use crate::book::{Book, Waiting, DAY_NS};
use crate::names::record;
use crate::order::{Intent, OrderKind, Side, TimeInForce};
use crate::position::Ticket;
use crate::record::{Bar, Cause};

record! {
    /// What a bar must do before anything of a book can happen: reach one of these prices, bars or times.
    pub struct Watch {
        pub low: i64,
        pub high: i64,
        pub bar: i64,
        pub time_ns: i64,
        /// Prices that all that is held has seen: those beyond are noted, which by itself does nothing.
        pub lowest: i64,
        pub highest: i64,
        /// Whether there are orders that close, that enter, that follow prices, that fill at once or never, and
        /// such as have still to begin or will end by themselves.
        pub closing: bool,
        pub entering: bool,
        pub following: bool,
        pub at_once: bool,
        pub living: bool,
    }
}

impl Watch {
    pub(crate) const NOTHING: Watch = Watch {
        low: 0,
        high: i64::MAX,
        bar: i64::MAX,
        time_ns: i64::MAX,
        lowest: 0,
        highest: i64::MAX,
        closing: false,
        entering: false,
        following: false,
        at_once: false,
        living: false,
    };

    /// Watch every bar.
    fn always(&mut self) {
        *self = Watch { low: i64::MAX, high: 0, bar: 0, time_ns: i64::MIN, ..*self };
    }

    /// Note what kind of order waits.
    fn note(&mut self, waiting: &Waiting) {
        let order = &waiting.order;
        let at_once = matches!(order.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
        self.closing |= order.closes();
        self.entering |= !order.closes();
        self.following |= order.kind == OrderKind::TrailingStop;
        self.at_once |= at_once;
        self.living |= waiting.first_bar < 0
            || order.bars > 0
            || at_once
            || matches!(order.time_in_force, TimeInForce::Gtd | TimeInForce::Day);
    }

    fn below(&mut self, price: i64) {
        self.low = self.low.max(price);
    }

    fn above(&mut self, price: i64) {
        self.high = self.high.min(price);
    }
}

/// What a bar does to a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// It went further than what is held has seen, and that is all.
    Seen,
    /// It may do anything.
    Any,
}

impl Book {
    /// Return what a bar of that index can do to what waits or is held.
    #[inline]
    pub fn effect(&self, bar: &Bar, index: i64) -> Effect {
        if self.is_touched(bar, index) {
            return Effect::Any;
        }
        if bar.low < self.watch.lowest || bar.high > self.watch.highest {
            return Effect::Seen;
        }
        Effect::None
    }

    /// Return whether a bar of that index can do more than show how far prices go.
    #[inline]
    pub fn is_touched(&self, bar: &Bar, index: i64) -> bool {
        let watch = &self.watch;
        let (low, high) = bar.reach();
        low <= watch.low || high >= watch.high || index >= watch.bar || bar.time_ns >= watch.time_ns
    }

    /// Note how far prices went on bars that do nothing else to what is held.
    pub fn see(&mut self, low: i64, high: i64) {
        for ticket in &mut self.tickets {
            ticket.lowest = ticket.lowest.min(low);
            ticket.highest = ticket.highest.max(high);
        }
        self.watch.lowest = self.watch.lowest.min(low);
        self.watch.highest = self.watch.highest.max(high);
    }

    /// Find out what the next bars must reach.
    pub fn watch_out(&mut self) {
        let mut watch = Watch::NOTHING;
        let mut all = true;
        for waiting in &self.orders {
            watch.note(waiting);
            all = all && watch_order(&mut watch, waiting);
        }
        all = all && self.tickets.iter().all(|ticket| watch_ticket(&mut watch, ticket));
        // A new high or low begins the life of an order, and moves a stop that follows.
        let moves = |ticket: &Ticket| ticket.follows() || ticket.even_trigger != 0;
        if !self.orders.is_empty() || self.tickets.iter().any(moves) {
            watch.above(watch.highest.saturating_add(1));
            watch.below(watch.lowest - 1);
        }
        if !all {
            watch.always();
        }
        self.watch = watch;
        self.changed = false;
    }
}

/// Add what an order waits for; false when it must see every bar.
fn watch_order(watch: &mut Watch, waiting: &Waiting) -> bool {
    let order = &waiting.order;
    if waiting.done || waiting.held {
        return true;
    }
    let timed = order.bars > 0
        || order.post_only
        || matches!(order.time_in_force, TimeInForce::Day | TimeInForce::Ioc | TimeInForce::Fok);
    if order.intent == Intent::Close
        || waiting.kind() == OrderKind::Market
        || (timed && waiting.first_bar < 0)
    {
        return false;
    }
    if order.bars > 0 {
        watch.bar = watch.bar.min(waiting.first_bar + order.bars as i64);
    }
    match order.time_in_force {
        TimeInForce::Gtd => watch.time_ns = watch.time_ns.min(order.until_ns),
        TimeInForce::Day => watch.time_ns = watch.time_ns.min((waiting.first_day + 1).saturating_mul(DAY_NS)),
        TimeInForce::Gtc | TimeInForce::Ioc | TimeInForce::Fok => {}
    }
    if waiting.waits_above() {
        watch.above(waiting.level());
    } else {
        watch.below(waiting.level());
    }
    if order.kind == OrderKind::TrailingStop {
        match order.side {
            Side::Sell => watch.above(waiting.best + 1),
            Side::Buy => watch.below(waiting.best - 1),
        }
    }
    true
}

/// Add what a ticket waits for; false when it must see every bar.
fn watch_ticket(watch: &mut Watch, ticket: &Ticket) -> bool {
    let target = ticket.take_profit();
    if ticket.leaving != Cause::None || ticket.would_move() {
        return false;
    }
    let long = ticket.direction > 0;
    for level in [ticket.stop_loss, ticket.liquidation] {
        match level {
            0 => {}
            level if long => watch.below(level),
            level => watch.above(level),
        }
    }
    match target {
        0 => {}
        level if long => watch.above(level),
        level => watch.below(level),
    }
    watch.highest = watch.highest.min(ticket.highest);
    watch.lowest = watch.lowest.max(ticket.lowest);
    watch.bar = watch.bar.min(ticket.due_bar);
    watch.time_ns = watch.time_ns.min(ticket.due_ns);
    true
}
