//! Orders that know each other: one cancels the other (R18), one triggers the other (R36).

use alloc::vec::Vec;

use crate::account::Account;
use crate::book::Waiting;
use crate::order::OrderKind;
use crate::record::{Bar, Cause};
use crate::rules::Tie;
use crate::touch::Touch;

/// Where a waiting order trades, if it does.
pub(crate) type Due = fn(&Account, usize, &Waiting) -> Option<Touch>;

impl Account {
    /// Return the group of an order that waits: its own number where it has none yet.
    pub(crate) fn group_of(&self, number: u64) -> u64 {
        let waiting = self.orders().find(|waiting| waiting.number == number);
        waiting.map_or(number, |waiting| if waiting.group == 0 { number } else { waiting.group })
    }

    /// Put the partner of a new order into its group.
    pub(crate) fn join_group(&mut self, new: &Waiting) {
        if new.group == 0 {
            return;
        }
        for book in &mut self.books {
            for waiting in &mut book.orders {
                if waiting.number == new.order.other {
                    waiting.group = new.group;
                }
            }
        }
    }

    /// Fill an order for which a price is due; of partners that are due together, the one the rules prefer.
    pub(crate) fn fill_preferred(&mut self, instrument: usize, place: usize, touch: Touch, due: Due) {
        let waiting = &self.books[instrument].orders[place];
        let (group, closes) = (waiting.group, waiting.order.closes());
        // Orders at the market have their turn; only prices that are reached together are a tie.
        if group == 0 || waiting.kind() == OrderKind::Market {
            self.execute(instrument, place, touch);
            return;
        }
        let mut due_together: Vec<usize> = Vec::new();
        for (place, waiting) in self.books[instrument].orders.iter().enumerate() {
            let partner = waiting.group == group && waiting.order.closes() == closes;
            let trades = partner && !waiting.done && self.may_trade(instrument, waiting);
            if trades && due(self, instrument, waiting).is_some() {
                due_together.push(place);
            }
        }
        if due_together.len() > 1 {
            self.note_ambiguous(instrument);
            let book = &self.books[instrument];
            let (tie, bar) = (self.rules.market.tie, book.now);
            due_together.sort_by_key(|place| (preference(tie, &bar, &book.orders[*place]), *place));
        }
        // Whoever is preferred to this order is tried in its turn, before it; the others have a turn of their own.
        for tried in due_together {
            let waiting = self.books[instrument].orders[tried];
            if !waiting.done {
                if let Some(touch) = due(self, instrument, &waiting) {
                    self.execute(instrument, tried, touch);
                }
            }
            if tried == place {
                return;
            }
        }
    }

    /// Cancel the partners of an order of which something was filled.
    pub(crate) fn cancel_partners(&mut self, group: u64, number: u64) {
        if group == 0 {
            return;
        }
        for instrument in 0..self.books.len() {
            for place in 0..self.books[instrument].orders.len() {
                let waiting = &self.books[instrument].orders[place];
                if waiting.group == group && waiting.number != number && !waiting.done {
                    self.books[instrument].changed = true;
                    self.drop_order(instrument, place, Cause::OtherFilled);
                }
            }
        }
    }

    /// Submit the orders that waited for one that has now filled completely.
    pub(crate) fn complete(&mut self, number: u64) {
        self.filled_now.push(number);
        if !self.triggers {
            return;
        }
        let (bars, ms) = (self.rules.market.latency_bars as i64, self.rules.market.latency_ms);
        for book in &mut self.books {
            for waiting in &mut book.orders {
                if waiting.held && waiting.order.after == number {
                    waiting.held = false;
                    waiting.submitted_bar = book.index;
                    waiting.from_bar = book.index + bars;
                    waiting.from_ns = self.clock_ns.saturating_add(ms);
                    // It may trade from the next bar on, so this one has closed by then.
                    waiting.begin_trailing(book.bar.close);
                    book.changed = true;
                    self.released.push((waiting.order.instrument as usize, waiting.number));
                }
            }
        }
    }

    /// Cancel the orders that waited for one that is gone.
    pub(crate) fn orphan(&mut self, number: u64) {
        if !self.triggers {
            return;
        }
        for instrument in 0..self.books.len() {
            for place in 0..self.books[instrument].orders.len() {
                let waiting = &self.books[instrument].orders[place];
                if waiting.held && waiting.order.after == number && !waiting.done {
                    self.books[instrument].changed = true;
                    self.drop_order(instrument, place, Cause::ParentGone);
                }
            }
        }
    }

    /// Count a bar whose outcome depends on a path that has to be assumed.
    pub(crate) fn note_ambiguous(&mut self, instrument: usize) {
        let book = &mut self.books[instrument];
        if book.ambiguous_index != book.index {
            book.ambiguous_index = book.index;
            self.ambiguous_bars += 1;
        }
    }
}

/// Return which partner is tried first: the lowest.
fn preference(tie: Tie, bar: &Bar, waiting: &Waiting) -> i64 {
    let stop = matches!(waiting.kind(), OrderKind::Stop | OrderKind::StopLimit | OrderKind::TrailingStop);
    match tie {
        Tie::Stop | Tie::FinerBars => !stop as i64,
        Tie::Target => stop as i64,
        Tie::NearestToOpen => (bar.open - waiting.level()).abs(),
        Tie::OpenHighLow => (goes_low_first(bar) == waiting.waits_above()) as i64,
    }
}

/// Return whether a bar is taken to have gone low before it went high.
pub(crate) fn goes_low_first(bar: &Bar) -> bool {
    bar.close >= bar.open
}
