//! When bars arrive, in this order and nowhere else:
//!
//! ```text
//! 1. open    for each instrument: expiries; queued closes; tickets whose level the open has passed;
//!            reduce-only orders that it has passed. Then queued entries of all, then resting orders
//!            of all that the open has passed, by rank, instrument and number             (R2, R4)
//! 2. range   for each instrument: stop, targets and time limit of the tickets that were open before it;
//!            reduce-only orders. Then resting orders of all; under bracket_from=fill_bar the exits of
//!            tickets opened here. With finer bars inside, once for each of those          (R1)
//! 3. close   funding and borrowing are charged; everything is marked at the close; a margin call
//!            closes all                                                             (R13, R32)
//! ```
//!
//! Then the strategy decides: `submit` fills at once what the rules fill at the close, at a given price or at
//! this open. A book that its bar cannot touch is passed over. Under matching=elsewhere a bar only marks.

use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::account::Account;
use crate::book::{Waiting, DAY_NS};
use crate::groups::Due;
use crate::order::{Intent, OrderKind, TimeInForce};
use crate::record::{Bar, Cause, Event, EventKind, Phase, NO_RATE};
use crate::refusal::Refusal;
use crate::rules::{BracketFrom, FillAt, Matching, TrailUpdate};
use crate::touch::{self, Touch};
use crate::watch::Effect;

impl Account {
    /// Take one step of the clock: at most one bar of each instrument, in order of instruments, and the finer
    /// bars inside them, in order of time, where there are any. What waits is matched, what is held is
    /// marked. Return what happened. Bars that cannot have happened are refused, and nothing changes.
    #[inline]
    pub fn advance(&mut self, bars: &[Bar], finer: &[Bar]) -> Result<&[Event], Refusal> {
        self.check_step(bars, finer)?;
        let first = self.events.len();
        if self.guard.watches_days {
            self.guard_day(bars);
        }
        self.step += 1;
        // The open and the range.
        self.turn += 2;
        self.filled_now.clear();
        let mut charges = self.charges_always;
        self.active.clear();
        let (mut time_ns, mut clock_ns) = (i64::MIN, i64::MIN);
        for bar in bars {
            let book = &mut self.books[bar.instrument as usize];
            book.take(bar, self.step);
            time_ns = time_ns.max(bar.time_ns);
            clock_ns = clock_ns.max(bar.close_ns);
            charges |= bar.funding != NO_RATE && bar.funding != 0;
            if self.live == 0 {
                book.mark = bar.close;
            } else {
                if book.changed {
                    book.watch_out();
                }
                match book.effect(bar, book.index) {
                    Effect::None => {}
                    // Finer bars can have seen less than their whole, and elsewhere nobody looks.
                    Effect::Seen if finer.is_empty() && self.rules.market.matching == Matching::Here => {
                        book.see(bar.low, bar.high)
                    }
                    Effect::Seen | Effect::Any => {
                        book.changed = true;
                        self.active.push(bar.instrument as usize);
                    }
                }
            }
        }
        self.time_ns = time_ns;
        self.clock_ns = clock_ns;
        if self.live > 0 || !self.cancels.is_empty() {
            let called = self.rules.market.margin_call.is_some();
            if charges || called || !self.active.is_empty() || !self.cancels.is_empty() {
                self.walk(bars, finer, charges);
            }
            self.bars_held += self.books.iter().any(|book| !book.tickets.is_empty()) as u64;
        }
        if self.live > 0 {
            self.mark(bars);
        }
        self.phase = Phase::Decision;
        Ok(&self.events[first..])
    }

    /// Let every instrument be worth what it closed at.
    #[inline]
    fn mark(&mut self, bars: &[Bar]) {
        for bar in bars {
            self.books[bar.instrument as usize].mark = bar.close;
        }
    }

    #[inline]
    fn check_step(&self, bars: &[Bar], finer: &[Bar]) -> Result<(), Refusal> {
        if self.finished {
            return Err(Refusal::RunMustBeOpen);
        }
        if bars.is_empty() {
            return Err(Refusal::InstrumentMustBeListed);
        }
        let mut before = None;
        for bar in bars {
            bar.check()?;
            let book = self.books.get(bar.instrument as usize).ok_or(Refusal::InstrumentMustBeListed)?;
            if book.delisted || before.map_or(false, |before| bar.instrument <= before) {
                return Err(Refusal::InstrumentMustBeListed);
            }
            before = Some(bar.instrument);
            if (book.index >= 0 && bar.time_ns <= book.bar.time_ns) || bar.close_ns < bar.time_ns {
                return Err(Refusal::BarMustBeLater);
            }
            if bar.volume < 0 && book.terms.depends_on_volume() {
                return Err(Refusal::BarMustHaveVolume);
            }
        }
        if finer.is_empty() {
            return Ok(());
        }
        check_finer(bars, finer)
    }

    fn walk(&mut self, bars: &[Bar], finer: &[Bar], charges: bool) {
        if self.rules.market.matching == Matching::Elsewhere {
            return;
        }
        let active = core::mem::take(&mut self.active);
        self.phase = Phase::Open;
        if !self.cancels.is_empty() {
            self.deliver_cancels();
        }
        if !active.is_empty() {
            // Who walks through the range counts its turns.
            self.turn -= 1;
            self.walk_open(&active);
            self.phase = Phase::Range;
            self.walk_inside(&active, finer);
            self.active = active;
            self.forget_changed();
        }
        self.phase = Phase::Close;
        self.mark(bars);
        if charges {
            self.charge(bars);
        }
        if self.margin_called() {
            self.call_margin();
        }
        self.phase = Phase::Decision;
        if !self.cancels.is_empty() {
            self.deliver_cancels();
        }
        self.settle_decisions(bars);
    }

    fn walk_open(&mut self, active: &[usize]) {
        for instrument in active {
            self.begin(*instrument);
            self.leave_at_open(*instrument);
            self.fill_closing(*instrument, queued_close);
            self.exit_at_open(*instrument);
            self.fill_closing(*instrument, touch::at_open);
        }
        self.fill_in_turn(active, queued_entry);
        self.fill_in_turn(active, touch::at_open);
        self.drop_missed(active);
    }

    /// Walk through the range: as one, or finer bar by finer bar.
    fn walk_inside(&mut self, active: &[usize], finer: &[Bar]) {
        let inside = |bar: &&Bar| active.contains(&(bar.instrument as usize));
        if finer.iter().find(inside).is_none() {
            return self.walk_range(active);
        }
        // Instruments without finer bars are walked through as one, first.
        let whole = |instrument: &&usize| !finer.iter().any(|bar| bar.instrument as usize == **instrument);
        let whole: Vec<usize> = active.iter().filter(whole).copied().collect();
        if !whole.is_empty() {
            self.walk_range(&whole);
        }
        let mut rest: Vec<Bar> = finer.iter().filter(inside).copied().collect();
        rest.sort_by_key(|bar| (bar.time_ns, bar.instrument));
        let mut first = 0;
        while first < rest.len() {
            let time_ns = rest[first].time_ns;
            let count = rest[first..].iter().take_while(|bar| bar.time_ns == time_ns).count();
            let mut now = Vec::new();
            for bar in &rest[first..first + count] {
                let instrument = bar.instrument as usize;
                let later = &rest[first + count..];
                let book = &mut self.books[instrument];
                book.now = *bar;
                book.ends = !later.iter().any(|later| later.instrument == bar.instrument);
                now.push(instrument);
            }
            self.turn += 1;
            for instrument in &now {
                self.exit_at_open(*instrument);
                self.fill_closing(*instrument, touch::at_open);
            }
            self.fill_in_turn(&now, touch::at_open);
            self.walk_range(&now);
            first += count;
        }
        for instrument in active {
            let book = &mut self.books[*instrument];
            book.now = book.bar;
            book.ends = true;
        }
    }

    fn walk_range(&mut self, instruments: &[usize]) {
        self.turn += 1;
        for instrument in instruments {
            self.follow_orders(*instrument, TrailUpdate::Before);
            self.exit_in_range(*instrument);
            self.fill_closing(*instrument, touch::in_range);
        }
        self.fill_in_turn(instruments, touch::in_range);
        for instrument in instruments {
            if self.rules.market.bracket_from == BracketFrom::FillBar {
                self.exit_on_fill_bar(*instrument);
            }
            self.follow_orders(*instrument, TrailUpdate::After);
        }
    }

    /// Let orders begin their lives, and end them (R19, R31).
    fn begin(&mut self, instrument: usize) {
        if !self.books[instrument].watch.living {
            return;
        }
        for place in 0..self.books[instrument].orders.len() {
            let book = &mut self.books[instrument];
            let (index, time_ns) = (book.index, book.bar.time_ns);
            let waiting = &mut book.orders[place];
            // What was submitted during this bar begins with the next.
            if waiting.done || waiting.held || index <= waiting.submitted_bar {
                continue;
            }
            let order = &waiting.order;
            if waiting.first_bar < 0 && index > waiting.from_bar && time_ns >= waiting.from_ns {
                waiting.first_bar = index;
                waiting.first_day = time_ns.div_euclid(DAY_NS);
            }
            let day = time_ns.div_euclid(DAY_NS);
            let begun = waiting.first_bar >= 0;
            let expired = match order.time_in_force {
                TimeInForce::Gtd => time_ns >= order.until_ns,
                TimeInForce::Day => begun && day != waiting.first_day,
                _ => false,
            };
            let lived = order.bars > 0 && begun && index >= waiting.first_bar + order.bars as i64;
            let at_once = matches!(order.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
            if expired || lived {
                self.drop_order(instrument, place, Cause::Expired);
            } else if at_once && begun && index > waiting.first_bar {
                self.drop_order(instrument, place, Cause::NotFilledAtOnce);
            }
        }
    }

    /// Fill every closing order of an instrument for which `due` names a price.
    fn fill_closing(&mut self, instrument: usize, due: Due) {
        if self.books[instrument].watch.closing {
            self.fill_each_closing(instrument, due);
        }
    }

    fn fill_each_closing(&mut self, instrument: usize, due: Due) {
        for place in 0..self.books[instrument].orders.len() {
            let waiting = &self.books[instrument].orders[place];
            if !waiting.done && waiting.order.closes() && self.may_trade(instrument, waiting) {
                if let Some(touch) = due(self, instrument, waiting) {
                    self.fill_preferred(instrument, place, touch, due);
                }
            }
        }
    }

    /// Fill the entries of several instruments for which `due` names a price, by rank, instrument and number.
    fn fill_in_turn(&mut self, instruments: &[usize], due: Due) {
        if instruments.iter().any(|instrument| self.books[*instrument].watch.entering) {
            self.fill_by_rank(instruments, due);
        }
    }

    fn fill_by_rank(&mut self, instruments: &[usize], due: Due) {
        let mut turns = core::mem::take(&mut self.turns);
        turns.clear();
        let mut ranked = false;
        for instrument in instruments {
            let book = &self.books[*instrument];
            for (place, waiting) in book.orders.iter().enumerate() {
                let entry = !waiting.done && !waiting.order.closes();
                if entry && self.may_trade(*instrument, waiting) && due(self, *instrument, waiting).is_some()
                {
                    ranked |= waiting.order.rank != 0;
                    turns.push((Reverse(waiting.order.rank), *instrument, place));
                }
            }
        }
        if ranked {
            // Places rise with numbers, so the order of a tie is that of submission.
            turns.sort_unstable();
        }
        for (_, instrument, place) in &turns {
            let waiting = &self.books[*instrument].orders[*place];
            if !waiting.done && self.may_trade(*instrument, waiting) {
                if let Some(touch) = due(self, *instrument, waiting) {
                    self.fill_preferred(*instrument, *place, touch, due);
                }
            }
        }
        self.turns = turns;
    }

    /// Return whether an order exists by now, and may trade on this bar (R3, R19, R31).
    pub(crate) fn may_trade(&self, instrument: usize, waiting: &Waiting) -> bool {
        let book = &self.books[instrument];
        let exists = book.index > waiting.from_bar && book.bar.time_ns >= waiting.from_ns && !waiting.held;
        let resting = waiting.kind() != OrderKind::Market;
        let enters = waiting.order.intent == Intent::Open && !waiting.traded;
        // A resting order is passed over on a bar that forbids to enter again.
        exists && !(resting && enters && self.reentry_blocked(instrument))
    }

    /// Cancel the limit orders that had to be filled at this open and were not (R20).
    fn drop_missed(&mut self, instruments: &[usize]) {
        for instrument in instruments {
            if !self.books[*instrument].watch.at_once {
                continue;
            }
            for place in 0..self.books[*instrument].orders.len() {
                let book = &self.books[*instrument];
                let waiting = &book.orders[place];
                let at_once = matches!(waiting.order.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
                let tried = waiting.kind() == OrderKind::Limit && waiting.first_bar == book.index;
                if at_once && tried && !waiting.done {
                    self.drop_order(*instrument, place, Cause::NotFilledAtOnce);
                }
            }
        }
    }

    /// Cancel what was asked for so long ago that it is here: at an open that comes after it, or in a decision.
    fn deliver_cancels(&mut self) {
        let opens = self.phase == Phase::Open;
        let mut waiting = core::mem::take(&mut self.cancels);
        waiting.retain(|(number, bar, time_ns)| {
            let due = match self.find_order(*number) {
                Some(instrument) => {
                    let book = &self.books[instrument];
                    match opens {
                        true => book.index > *bar && book.bar.time_ns >= *time_ns,
                        false => book.index >= *bar && self.clock_ns >= *time_ns,
                    }
                }
                None => true,
            };
            if due {
                // A refusal is in the journal.
                let _ = self.cancel_now(*number);
            }
            !due
        });
        self.cancels = waiting;
    }

    pub(crate) fn forget_changed(&mut self) {
        for instrument in 0..self.books.len() {
            if self.books[instrument].changed {
                self.forget(instrument);
            }
        }
    }

    fn call_margin(&mut self) {
        // It is written to the first instrument that is held.
        let first = self.books.iter().position(|book| book.gross_quantity > 0).unwrap_or(0);
        let price = self.books[first].bar.close;
        let event = self.event(first, EventKind::MarginCalled);
        self.push(Event { price, cause: Cause::MarginCall, ..event });
        for instrument in 0..self.books.len() {
            self.close_all(instrument, Cause::MarginCall);
        }
        for instrument in 0..self.books.len() {
            self.cancel_all(instrument, Cause::MarginCall);
        }
    }
}

fn check_finer(bars: &[Bar], finer: &[Bar]) -> Result<(), Refusal> {
    for (place, bar) in finer.iter().enumerate() {
        bar.check()?;
        let whole = bars.iter().find(|whole| whole.instrument == bar.instrument);
        let whole = whole.ok_or(Refusal::BarMustStayInside)?;
        let late = whole.close_ns > whole.time_ns && bar.time_ns >= whole.close_ns;
        if bar.low < whole.low || bar.high > whole.high || bar.time_ns < whole.time_ns || late {
            return Err(Refusal::BarMustStayInside);
        }
        let earlier = finer[..place].iter().rev().find(|earlier| earlier.instrument == bar.instrument);
        if earlier.map_or(false, |earlier| bar.time_ns <= earlier.time_ns) {
            return Err(Refusal::BarMustBeLater);
        }
    }
    Ok(())
}

fn queued_close(account: &Account, instrument: usize, waiting: &Waiting) -> Option<Touch> {
    let next_open = waiting.at_market || account.rules.market.exit_fill == FillAt::NextOpen;
    let queued = waiting.kind() == OrderKind::Market && next_open;
    queued.then(|| Touch::market(account.books[instrument].now.open))
}

fn queued_entry(account: &Account, instrument: usize, waiting: &Waiting) -> Option<Touch> {
    let next_open = waiting.at_market || account.rules.market.market_fill == FillAt::NextOpen;
    let queued = waiting.kind() == OrderKind::Market && next_open;
    queued.then(|| Touch::market(account.books[instrument].now.open))
}
