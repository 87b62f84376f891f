//! When a bar arrives, in this order and nowhere else:
//!
//! ```text
//! 1. open    queued closes; tickets whose stop or target the open has passed; queued entries;
//!            resting orders that the open has passed                                    (R4)
//! 2. range   stop and target of the tickets that were open before it; resting orders in the
//!            order they came; under bracket_from=fill_bar the exits of tickets opened here (R1)
//! 3. close   everything is marked at the close; a margin call closes all                (R13)
//! ```
//!
//! Then the strategy decides: `submit` fills at once what the rules fill at the close. Whoever
//! waits is tried in the order in which it came. Under matching=elsewhere a bar only marks.

use crate::account::Account;
use crate::costs::FillKind;
use crate::exits;
use crate::order::{Intent, Order, OrderKind, Side};
use crate::position::Ticket;
use crate::record::{Bar, Cause, Event, EventKind, Phase};
use crate::refusal::Refusal;
use crate::rules::{BracketFrom, Gap, Matching};

/// Where a resting order of a side and kind fills on a bar, and as what kind of fill.
type Touch = fn(&Bar, Side, OrderKind, Gap) -> Option<(i64, FillKind)>;

impl Account {
    /// Take one bar: what waits is matched, what is held is marked. Return what happened.
    /// A bar that cannot have happened is refused, and nothing changes.
    pub fn advance(&mut self, bar: &Bar) -> Result<&[Event], Refusal> {
        bar.check()?;
        if self.finished {
            return Err(Refusal::RunMustBeOpen);
        }
        if self.bar_index >= 0 && bar.time_ns <= self.bar.time_ns {
            return Err(Refusal::BarMustBeLater);
        }
        let first = self.events.len();
        self.bar = *bar;
        self.bar_index += 1;
        if !self.orders.is_empty() || !self.tickets.is_empty() {
            self.walk();
            self.bars_held += !self.tickets.is_empty() as u64;
        }
        self.phase = Phase::Decision;
        Ok(&self.events[first..])
    }

    fn walk(&mut self) {
        if self.rules.matching == Matching::Elsewhere {
            return;
        }
        self.phase = Phase::Open;
        self.fill_orders(Account::queued_close);
        self.exit_tickets(|account, ticket| exits::at_open(ticket, &account.bar, account.rules.gap));
        self.fill_orders(Account::queued_entry);
        self.fill_orders(|account, order| account.resting(order, at_open));
        self.phase = Phase::Range;
        self.exit_tickets(Account::range_exit);
        self.fill_orders(|account, order| account.resting(order, in_range));
        if self.rules.bracket_from == BracketFrom::FillBar {
            self.exit_tickets(Account::fill_bar_exit);
        }
        self.phase = Phase::Close;
        if self.margin_called_at(self.bar.close) {
            self.call_margin();
        }
    }

    /// Fill every waiting order for which `due` names a price, then forget those that wait no longer.
    fn fill_orders(&mut self, due: impl Fn(&Account, &Order) -> Option<(i64, FillKind)>) {
        let mut changed = false;
        for place in 0..self.orders.len() {
            let waiting = &self.orders[place];
            if waiting.done {
                changed = true;
            } else if let Some((reference, kind)) = due(self, &waiting.order) {
                let waiting = *waiting;
                self.fill_or_refuse(&waiting, reference, kind);
                self.orders[place].done = true;
                changed = true;
            }
        }
        if changed {
            self.orders.retain(|waiting| !waiting.done);
        }
    }

    /// Take out every ticket for which `due` names an exit, then forget those that are empty.
    fn exit_tickets(&mut self, due: impl Fn(&Account, &Ticket) -> Option<exits::Exit>) {
        for place in 0..self.tickets.len() {
            let ticket = &self.tickets[place];
            let quantity = ticket.quantity;
            if let Some(exit) = due(self, ticket).filter(|_| quantity > 0) {
                self.exit(place, quantity, exit.reference, exit.fill_kind(), exit.cause, 0);
            }
        }
        self.forget_empty_tickets();
    }

    /// Tickets that were open before the range, and those opened at the open where that counts (R8).
    fn range_exit(&self, ticket: &Ticket) -> Option<exits::Exit> {
        let opened_now = ticket.opened_bar == self.bar_index;
        if opened_now && self.rules.bracket_from == BracketFrom::AfterFill {
            return None;
        }
        exits::in_range(ticket, &self.bar, self.rules.tie)
    }

    fn fill_bar_exit(&self, ticket: &Ticket) -> Option<exits::Exit> {
        let opened_in_range = ticket.opened_bar == self.bar_index && ticket.opened_phase == Phase::Range;
        exits::in_range(ticket, &self.bar, self.rules.tie).filter(|_| opened_in_range)
    }

    fn queued_close(&self, order: &Order) -> Option<(i64, FillKind)> {
        let closes = matches!(order.intent, Intent::Close { .. });
        closes.then_some((self.bar.open, FillKind::Market))
    }

    fn queued_entry(&self, order: &Order) -> Option<(i64, FillKind)> {
        (order.kind == OrderKind::Market).then_some((self.bar.open, FillKind::Market))
    }

    /// A resting order is passed over on a bar that forbids to enter again (R3).
    fn resting(&self, order: &Order, touch: Touch) -> Option<(i64, FillKind)> {
        if self.reentry_blocked() {
            return None;
        }
        touch(&self.bar, order.side, order.kind, self.rules.gap)
    }

    fn call_margin(&mut self) {
        self.push(Event {
            price: self.bar.close,
            cause: Cause::MarginCall,
            ..self.event(EventKind::MarginCalled)
        });
        self.close_all(Cause::MarginCall);
        self.cancel_all(Cause::MarginCall);
    }
}

/// Where a resting order fills that the open has passed (R20).
fn at_open(bar: &Bar, side: Side, kind: OrderKind, gap: Gap) -> Option<(i64, FillKind)> {
    let (price, kind) = reached(side, kind, bar.open, bar.open)?;
    match gap {
        Gap::Open => Some((bar.open, kind)),
        Gap::Level => Some((price, kind)),
    }
}

/// Where a resting order fills inside the range: at its own price.
fn in_range(bar: &Bar, side: Side, kind: OrderKind, _gap: Gap) -> Option<(i64, FillKind)> {
    reached(side, kind, bar.high, bar.low)
}

/// Return an order's price and kind of fill when prices from `low` to `high` reach it; a touch is a hit.
fn reached(side: Side, kind: OrderKind, high: i64, low: i64) -> Option<(i64, FillKind)> {
    let (price, fill_kind, hit) = match (kind, side) {
        (OrderKind::Market, _) => return None,
        (OrderKind::Limit(price), Side::Buy) => (price, FillKind::Limit, low <= price),
        (OrderKind::Limit(price), Side::Sell) => (price, FillKind::Limit, high >= price),
        (OrderKind::Stop(price), Side::Buy) => (price, FillKind::Stop, high >= price),
        (OrderKind::Stop(price), Side::Sell) => (price, FillKind::Stop, low <= price),
    };
    hit.then_some((price, fill_kind))
}
