//! Where a ticket's own levels take it out: stop, liquidation, ladder of targets, time limit.

use crate::account::Account;
use crate::book::Book;
use crate::costs::FillKind;
use crate::groups::goes_low_first;
use crate::number::to_step;
use crate::position::Ticket;
use crate::record::{Bar, Cause, Phase};
use crate::rules::{
    BracketFrom, BracketPrice, FillAt, Gap, MarketRules, Rounding, Tie, TimeExit, TrailUpdate, Trigger,
};

/// An exit that is due: what brought it about, and the price before costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exit {
    cause: Cause,
    reference: i64,
    /// The level that brought it about, which the price need not be.
    level: i64,
}

/// Return the stop or liquidation that prices from `low` to `high` reach: the nearer of both.
fn stop_reached(rules: &MarketRules, ticket: &Ticket, high: i64, low: i64) -> Option<Exit> {
    let stop = if rules.stop_trigger == Trigger::Range { ticket.stop_loss } else { 0 };
    let nearer = stop == 0 || ticket.direction * (ticket.liquidation - stop) > 0;
    let (reference, cause) = if ticket.liquidation != 0 && nearer {
        (ticket.liquidation, Cause::Liquidation)
    } else {
        (stop, ticket.stop_cause)
    };
    let worst = if ticket.direction > 0 { low } else { high };
    let hit = reference != 0 && ticket.direction * (worst - reference) <= 0;
    hit.then_some(Exit { cause, reference, level: reference })
}

/// Return whether prices from `low` to `high` reach the next target.
fn target_reached(ticket: &Ticket, high: i64, low: i64) -> bool {
    let best = if ticket.direction > 0 { high } else { low };
    let target = ticket.take_profit();
    target != 0 && ticket.direction * (best - target) >= 0
}

/// Return the price that judges a level which the range does not trigger (R15).
fn judge(trigger: Trigger, bar: &Bar) -> i64 {
    match trigger {
        Trigger::GivenPrice => bar.given_or_close(),
        Trigger::Close | Trigger::Range => bar.close,
    }
}

/// Return where a level fills that the close or a given price has triggered (R15).
fn judged_price(rules: &MarketRules, bar: &Bar, level: i64) -> i64 {
    match (rules.bracket_price, rules.gap) {
        (BracketPrice::Close, _) => bar.close,
        (BracketPrice::Level, Gap::Level) => level,
        (BracketPrice::Level, Gap::Open) => level.clamp(bar.low, bar.high),
    }
}

/// The range that is walked through: a bar, or one finer bar inside it, the last of which ends the bar.
#[derive(Clone, Copy, Debug)]
struct Range {
    now: Bar,
    ended: Option<Bar>,
}

/// Return the stop that a range brings about.
fn stop_in_range(rules: &MarketRules, ticket: &Ticket, range: &Range) -> Option<Exit> {
    let bar = &range.now;
    let reached = stop_reached(rules, ticket, bar.high, bar.low).map(|exit| match rules.bracket_price {
        BracketPrice::Close if exit.cause != Cause::Liquidation => Exit { reference: bar.close, ..exit },
        // A stop that followed a fill price with its costs can lie beyond the bar.
        _ if rules.gap == Gap::Open => Exit { reference: exit.reference.clamp(bar.low, bar.high), ..exit },
        BracketPrice::Close | BracketPrice::Level => exit,
    });
    if reached.is_some() || rules.stop_trigger == Trigger::Range || ticket.stop_loss == 0 {
        return reached;
    }
    let bar = range.ended.as_ref()?;
    let price = judge(rules.stop_trigger, bar);
    let hit = ticket.direction * (price - ticket.stop_loss) <= 0;
    let reference = judged_price(rules, bar, ticket.stop_loss);
    hit.then_some(Exit { cause: ticket.stop_cause, reference, level: ticket.stop_loss })
}

/// Return the price of the next target if a range brings it about.
fn target_in_range(rules: &MarketRules, ticket: &Ticket, range: &Range) -> Option<i64> {
    let bar = &range.now;
    if rules.target_trigger == Trigger::Range {
        return target_reached(ticket, bar.high, bar.low).then(|| match rules.bracket_price {
            BracketPrice::Close => bar.close,
            BracketPrice::Level => ticket.take_profit(),
        });
    }
    let bar = range.ended.as_ref()?;
    let price = judge(rules.target_trigger, bar);
    target_reached(ticket, price, price).then(|| judged_price(rules, bar, ticket.take_profit()))
}

/// Return whether the stop acts before the targets that the same bar touches (R17).
fn stop_first(tie: Tie, ticket: &Ticket, bar: &Bar, stop: i64) -> bool {
    match tie {
        Tie::Stop | Tie::FinerBars => true,
        Tie::Target => false,
        Tie::NearestToOpen => (bar.open - stop).abs() <= (bar.open - ticket.take_profit()).abs(),
        Tie::OpenHighLow => goes_low_first(bar) == (ticket.direction > 0),
    }
}

impl Account {
    /// Take out tickets that wait to leave at the open: time limits, and what volume left of stops.
    pub(crate) fn leave_at_open(&mut self, instrument: usize) {
        for place in 0..self.books[instrument].tickets.len() {
            let book = &self.books[instrument];
            let ticket = &book.tickets[place];
            let (cause, quantity, open) = (ticket.leaving, ticket.quantity, book.now.open);
            if cause != Cause::None && quantity > 0 {
                self.exit(instrument, place, quantity, open, FillKind::Market, cause, None);
            }
        }
    }

    /// Take out tickets whose stop, liquidation or targets the open has passed.
    pub(crate) fn exit_at_open(&mut self, instrument: usize) {
        for place in 0..self.books[instrument].tickets.len() {
            if self.is_tested(instrument, place) {
                self.exit_one_at_open(instrument, place);
            }
        }
    }

    fn exit_one_at_open(&mut self, instrument: usize, place: usize) {
        let (rules, open) = (self.rules.market, self.books[instrument].now.open);
        let ticket = &self.books[instrument].tickets[place];
        let at = |level: i64| if rules.gap == Gap::Open { open } else { level };
        if let Some(exit) = stop_reached(&rules, ticket, open, open) {
            let exit = Exit { reference: at(exit.reference), ..exit };
            return self.stop_out(instrument, place, exit);
        }
        if rules.target_trigger == Trigger::Range {
            while target_reached(&self.books[instrument].tickets[place], open, open) {
                let target = self.books[instrument].tickets[place].take_profit();
                if !self.take_rung(instrument, place, at(target)) {
                    break;
                }
            }
        }
    }

    /// Take out tickets by what happened inside the bar, then let their stops follow.
    pub(crate) fn exit_in_range(&mut self, instrument: usize) {
        for place in 0..self.books[instrument].tickets.len() {
            if self.is_tested(instrument, place) {
                self.exit_one_in_range(instrument, place);
            }
        }
    }

    /// Under bracket_from=fill_bar, test the tickets that were opened inside this range too.
    pub(crate) fn exit_on_fill_bar(&mut self, instrument: usize) {
        for place in 0..self.books[instrument].tickets.len() {
            let ticket = &self.books[instrument].tickets[place];
            if ticket.opened_turn == self.turn && ticket.opened_phase == Phase::Range && ticket.quantity > 0 {
                self.exit_one_in_range(instrument, place);
            }
        }
    }

    /// Return whether this bar tests a ticket: one of an earlier bar, or opened earlier on this (R8).
    fn is_tested(&self, instrument: usize, place: usize) -> bool {
        let book = &self.books[instrument];
        let ticket = &book.tickets[place];
        let earlier_bar = ticket.opened_index < book.index;
        let on_this_bar =
            ticket.opened_turn < self.turn && self.rules.market.bracket_from != BracketFrom::AfterFill;
        ticket.quantity > 0 && (earlier_bar || on_this_bar)
    }

    pub(crate) fn exit_one_in_range(&mut self, instrument: usize, place: usize) {
        let rules = self.rules.market;
        let book = &self.books[instrument];
        let bar = book.now;
        let range = Range { now: bar, ended: book.ends.then_some(book.bar) };
        let first = rules.time_exit == TimeExit::First && rules.exit_fill != FillAt::NextOpen;
        if first && self.leave_in_time(instrument, place) {
            return;
        }
        let before = rules.trail_update == TrailUpdate::Before;
        if before {
            self.books[instrument].tickets[place].follow(&bar);
        }
        let ticket = &self.books[instrument].tickets[place];
        let stop = stop_in_range(&rules, ticket, &range);
        let target = target_in_range(&rules, ticket, &range);
        if let (Some(_), Some(_)) = (stop, target) {
            self.note_ambiguous(instrument);
        }
        let ticket = &self.books[instrument].tickets[place];
        match stop {
            Some(exit) if target.is_none() || stop_first(rules.tie, ticket, &bar, exit.level) => {
                return self.stop_out(instrument, place, exit);
            }
            _ => self.take_rungs(instrument, place, &rules, &range),
        }
        let ticket = &mut self.books[instrument].tickets[place];
        if ticket.quantity == 0 {
            return;
        }
        if let Some(exit) = stop {
            return self.stop_out(instrument, place, exit);
        }
        if !before {
            ticket.follow(&bar);
        }
        ticket.even_after_rung();
        if !first && range.ended.is_some() {
            self.leave_in_time(instrument, place);
        }
    }

    /// Take every target that the range reaches, in order (R17).
    fn take_rungs(&mut self, instrument: usize, place: usize, rules: &MarketRules, range: &Range) {
        loop {
            let ticket = &self.books[instrument].tickets[place];
            if ticket.quantity == 0 {
                return;
            }
            match target_in_range(rules, ticket, range) {
                Some(reference) if self.take_rung(instrument, place, reference) => {}
                _ => return,
            }
        }
    }

    /// Take the next target; false when volume did not fill all of it.
    fn take_rung(&mut self, instrument: usize, place: usize, reference: i64) -> bool {
        let nearest = self.rules.market.rounding == Rounding::Nearest;
        let ticket = &self.books[instrument].tickets[place];
        let share = match ticket.is_last_rung() {
            true => ticket.quantity,
            false => self.share_of(ticket.quantity, ticket.shares[ticket.rung as usize]),
        };
        let book = &mut self.books[instrument];
        let step = book.terms.quantity_step;
        let ticket = &mut book.tickets[place];
        if ticket.is_last_rung() {
            // What has joined the ticket since the last target was first touched leaves there too.
            ticket.rung_left = share;
        } else if ticket.rung_left == 0 {
            let whole = share == ticket.quantity;
            ticket.rung_left = if whole { share } else { to_step(share, step, nearest) };
        }
        let wanted = ticket.rung_left.min(ticket.quantity);
        if wanted == 0 {
            ticket.rung += 1;
            ticket.rung_left = 0;
            return true;
        }
        let filled =
            self.exit(instrument, place, wanted, reference, FillKind::Limit, Cause::TakeProfit, None);
        let ticket = &mut self.books[instrument].tickets[place];
        ticket.rung_left = wanted - filled;
        if ticket.rung_left > 0 {
            return false;
        }
        ticket.rung += 1;
        ticket.quantity > 0
    }

    /// Take out a ticket by its stop or liquidation; what volume does not fill leaves at the next open (R23).
    fn stop_out(&mut self, instrument: usize, place: usize, exit: Exit) {
        let quantity = self.books[instrument].tickets[place].quantity;
        let time_ns = self.clock_ns;
        self.books[instrument].stopped_ns = time_ns;
        let filled = self.exit(instrument, place, quantity, exit.reference, FillKind::Stop, exit.cause, None);
        if filled < quantity {
            self.books[instrument].tickets[place].leaving = exit.cause;
            self.liquidate_rest(instrument, place);
        }
    }

    /// Take out what volume left of a stop if the same prices reach the liquidation, which needs no volume (R23).
    fn liquidate_rest(&mut self, instrument: usize, place: usize) {
        let book = &self.books[instrument];
        let (ticket, bar, gap) = (&book.tickets[place], book.now, self.rules.market.gap);
        let (liquidation, quantity) = (ticket.liquidation, ticket.quantity);
        let opens = self.phase == Phase::Open;
        let (high, low) = if opens { (bar.open, bar.open) } else { (bar.high, bar.low) };
        let worst = if ticket.direction > 0 { low } else { high };
        if liquidation != 0 && ticket.direction * (worst - liquidation) <= 0 {
            let reference = match gap {
                Gap::Open if opens => bar.open,
                Gap::Open => liquidation.clamp(low, high),
                Gap::Level => liquidation,
            };
            let (kind, cause) = (FillKind::Stop, Cause::Liquidation);
            self.exit(instrument, place, quantity, reference, kind, cause, None);
        }
    }

    /// Let a ticket leave whose time is up (R11); return whether it left.
    fn leave_in_time(&mut self, instrument: usize, place: usize) -> bool {
        let book = &self.books[instrument];
        let ticket = &book.tickets[place];
        if !is_due(book, ticket) {
            return false;
        }
        let quantity = ticket.quantity;
        let reference = match self.rules.market.exit_fill {
            FillAt::NextOpen => {
                self.books[instrument].tickets[place].leaving = Cause::TimeLimit;
                return false;
            }
            FillAt::GivenPrice => book.bar.given_or_close(),
            FillAt::Close | FillAt::SignalPrice | FillAt::SameOpen => book.bar.close,
        };
        let kind = FillKind::Market;
        self.exit(instrument, place, quantity, reference, kind, Cause::TimeLimit, None) == quantity
    }
}

fn is_due(book: &Book, ticket: &Ticket) -> bool {
    book.index >= ticket.due_bar || book.bar.time_ns >= ticket.due_ns
}
