//! What trades in the decision: at the close, at a given or stated price, at this open after all (R25, R31, R36).

use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::account::Account;
use crate::book::Waiting;
use crate::order::OrderKind;
use crate::position::Ticket;
use crate::record::{Bar, EventKind, Phase};
use crate::refusal::Refusal;
use crate::rules::{BracketFrom, FillAt, PriceCheck};
use crate::touch::Touch;

impl Account {
    /// Fill an order that was just asked for, in the decision.
    pub(crate) fn decide_one(&mut self, instrument: usize, number: u64) -> Result<u64, Refusal> {
        let place = self.books[instrument].orders.iter().position(|waiting| waiting.number == number);
        let first = self.events.len();
        if let Some(place) = place {
            let waiting = self.books[instrument].orders[place];
            if let Some(touch) = self.decision_price(instrument, &waiting) {
                self.decide_at(instrument, place, touch);
                self.test_same_open(instrument, number);
                // Partners and children can wait for other instruments.
                self.forget_changed();
                // What it has triggered trades in the same decision.
                for (instrument, number) in core::mem::take(&mut self.released) {
                    let _ = self.decide_one(instrument, number);
                }
            }
        }
        let refused = self.events[first..]
            .iter()
            .find(|event| event.kind == EventKind::Refused && event.order == number)
            .map(|event| event.refusal);
        refused.map_or(Ok(number), Err)
    }

    /// Execute at a price that may have been stated: one outside its bar is refused or warned of (R25).
    fn decide_at(&mut self, instrument: usize, place: usize, touch: Touch) {
        let bar = self.books[instrument].bar;
        let order = self.books[instrument].orders[place].order;
        let states = matches!(self.fill_at(&order), FillAt::SignalPrice | FillAt::GivenPrice);
        let outside = order.price != 0 && (order.price < bar.low || order.price > bar.high);
        let refusal = Refusal::PriceMustBeInsideBar;
        if self.offered(instrument, i64::MAX) == 0 {
            return self.execute(instrument, place, touch);
        }
        match self.rules.market.price_check {
            PriceCheck::Strict if states && outside => {
                return self.refuse_order(instrument, place, refusal);
            }
            PriceCheck::Warn if states && outside => {
                let number = self.books[instrument].orders[place].number;
                self.warn(instrument, number, 0, refusal);
            }
            PriceCheck::Strict | PriceCheck::Warn | PriceCheck::Off => {}
        }
        self.execute(instrument, place, touch);
    }

    /// Return where an order at the market trades in the decision, if it exists by now (R25, R31).
    pub(crate) fn decision_price(&self, instrument: usize, waiting: &Waiting) -> Option<Touch> {
        let book = &self.books[instrument];
        let order = &waiting.order;
        let exists = book.index >= waiting.from_bar && self.clock_ns >= waiting.from_ns && book.index >= 0;
        let has_bar = book.step == self.step && !waiting.done && !waiting.held && !waiting.at_market;
        if !exists || !has_bar || !self.fills_in_decision(order) {
            return None;
        }
        let stated = |otherwise: i64| if order.price != 0 { order.price } else { otherwise };
        Some(Touch::market(match self.fill_at(order) {
            FillAt::NextOpen => return None,
            FillAt::Close => book.bar.close,
            FillAt::SignalPrice => stated(book.bar.close),
            FillAt::GivenPrice => stated(book.bar.given_or_close()),
            FillAt::SameOpen if self.may_read_back(instrument, waiting) => book.bar.open,
            FillAt::SameOpen => return None,
        }))
    }

    /// Return whether an order may trade at an open that lies behind it: asked for in the decision of that bar, and
    /// not about anything that came to be after its open. What waits for longer takes the next open it is there for.
    fn may_read_back(&self, instrument: usize, waiting: &Waiting) -> bool {
        let book = &self.books[instrument];
        if book.index > waiting.from_bar {
            return book.bar.time_ns >= waiting.from_ns;
        }
        let entered_at_open = |phase: Phase| match phase {
            Phase::Decision => self.rules.market.market_fill == FillAt::SameOpen,
            phase => phase == Phase::Open,
        };
        let later =
            |ticket: &Ticket| ticket.opened_index == book.index && !entered_at_open(ticket.opened_phase);
        waiting.order.after == 0 && !(waiting.order.closes() && book.tickets.iter().any(later))
    }

    /// Test the range of this bar for a ticket that was filled at its open after all (R25).
    pub(crate) fn test_same_open(&mut self, instrument: usize, number: u64) {
        let same_open = self.rules.market.market_fill == FillAt::SameOpen;
        if !same_open || self.rules.market.bracket_from == BracketFrom::AfterFill {
            return;
        }
        let book = &self.books[instrument];
        let opened = book.ticket(number).filter(|place| book.tickets[*place].opened_index == book.index);
        if let Some(place) = opened {
            self.exit_one_in_range(instrument, place);
        }
    }

    /// Fill at the end of a bar what waits for it: delayed orders, remainders, orders triggered by others.
    pub(crate) fn settle_decisions(&mut self, bars: &[Bar]) {
        self.released.clear();
        // What waits for the end of a bar keeps its book awake.
        let awake = |bar: &Bar| {
            let book = &self.books[bar.instrument as usize];
            book.changed && !book.orders.is_empty()
        };
        if !bars.iter().any(awake) {
            return;
        }
        for closes in [true, false] {
            let mut turns = Vec::new();
            for bar in bars {
                let instrument = bar.instrument as usize;
                if !self.books[instrument].changed {
                    continue;
                }
                for waiting in &self.books[instrument].orders {
                    let due = waiting.order.kind == OrderKind::Market && waiting.order.closes() == closes;
                    if due && self.decision_price(instrument, waiting).is_some() {
                        turns.push((Reverse(waiting.order.rank), instrument, waiting.number));
                    }
                }
            }
            turns.sort_unstable();
            for (_, instrument, number) in turns {
                // A refusal is in the journal.
                let _ = self.decide_one(instrument, number);
            }
        }
    }
}
