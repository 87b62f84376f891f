//! How far each trade ran for and against itself while it was open: a fold of the journal over the bars.
//!
//! The running profit of a ticket is what its exits have earned so far, and what it still holds at a price less what
//! that cost, all before fees and charges. Between two of its fills it is a straight function of the price, so the
//! highest and the lowest price in between are enough.
//!
//! ```text
//! a fill in phase         leaves of its bar for sure       and possibly
//! start, before a bar     the whole bar after it           the same
//! open                    the whole bar                    the same
//! range                   the fill to the close            the whole bar
//! close, decision, end    nothing                          nothing
//! venue                   as range, of the bar that follows the step
//! ```
//!
//! What is before a fill is the mirror image: nothing of the bar of an open, the open to the fill of a range, all of
//! the bar of a close. The price of a fill counts on both sides.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use crate::names::record;
use crate::prices::{Columns, Peaks};
use crate::record::{Cause, Event, EventKind, Phase};

record! {
    fixed
    /// The best and the worst of a closed ticket; money before fees and charges.
    pub struct Excursion {
        pub ticket: u64,
        /// The money that was entered; 0 where the journal does not hold all of the ticket, and nothing is known.
        pub entered: i128,
        /// The best and the worst running profit that is sure: 0 or more, 0 or less.
        pub mfe: i128,
        pub mae: i128,
        /// The same if the bars in which it was filled were lived through as a whole.
        pub mfe_possible: i128,
        pub mae_possible: i128,
        /// At which price and at which step of the clock the sure ones were reached first.
        pub mfe_price: i64,
        pub mae_price: i64,
        pub mfe_bar: i64,
        pub mae_bar: i64,
        pub instrument: u32,
    }
}

/// Whether orders that are filled in the decision trade at the open that lies behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadsBack {
    pub entries: bool,
    pub exits: bool,
}

/// Folds the events of a journal, in order; of every kind but `Filled` and `Closed` nothing is taken.
#[derive(Debug)]
pub struct Excursions<'a> {
    markets: Vec<Market<'a>>,
    reads_back: ReadsBack,
    open: BTreeMap<u64, Held>,
    rows: Vec<Excursion>,
}

#[derive(Debug)]
struct Market<'a> {
    columns: Columns<'a>,
    highs: Peaks<'a>,
    lows: Peaks<'a>,
}

impl<'a> Excursions<'a> {
    /// Return the fold over the bars of some instruments, in order of their numbers.
    pub fn over(columns: &[Columns<'a>], reads_back: ReadsBack) -> Excursions<'a> {
        let market = |columns: &Columns<'a>| Market {
            columns: *columns,
            highs: Peaks::highest_of(columns.high),
            lows: Peaks::lowest_of(columns.low),
        };
        let markets = columns.iter().map(market).collect();
        Excursions { markets, reads_back, open: BTreeMap::new(), rows: Vec::new() }
    }

    pub fn take(&mut self, event: &Event) {
        match event.kind {
            EventKind::Filled => self.fill(event),
            EventKind::Closed => self.close(event),
            _ => {}
        }
    }

    /// Return a row for every closed ticket, in order of closing.
    pub fn rows(&self) -> &[Excursion] {
        &self.rows
    }

    fn fill(&mut self, event: &Event) {
        let market = match self.markets.get(event.instrument as usize) {
            Some(market) => market,
            None => return,
        };
        let moment = Moment::of(event, &market.columns, self.reads_back);
        let new = || Held::new(event, moment);
        let held = match enters(event) {
            true => self.open.entry(event.ticket).or_insert_with(new),
            false => match self.open.get_mut(&event.ticket) {
                Some(held) => held,
                // It was opened before this journal begins.
                None => return,
            },
        };
        let moment = moment.max(held.moment);
        held.live(market, moment);
        held.moment = moment;
        held.fill(event);
        held.see(event.price, event.bar);
    }

    fn close(&mut self, event: &Event) {
        let (ticket, instrument) = (event.ticket, event.instrument);
        let wanted = event.quantity.unsigned_abs() as i128;
        let is_all = |held: &Held| held.quantity == 0 && held.entries.min(i64::MAX as i128) == wanted;
        let known = self.open.remove(&ticket).filter(is_all);
        let unknown = Excursion { ticket, instrument, ..Excursion::UNKNOWN };
        self.rows.push(known.map_or(unknown, |held| held.row(ticket, instrument)));
    }
}

impl Excursion {
    const UNKNOWN: Excursion = Excursion {
        ticket: 0,
        entered: 0,
        mfe: 0,
        mae: 0,
        mfe_possible: 0,
        mae_possible: 0,
        mfe_price: 0,
        mae_price: 0,
        mfe_bar: -1,
        mae_bar: -1,
        instrument: 0,
    };
}

/// Return whether a fill enters: all others leave.
pub(crate) fn enters(fill: &Event) -> bool {
    matches!(fill.cause, Cause::Entry | Cause::Average)
}

/// Return whether a level of the ticket itself brought a fill about.
fn is_level(cause: Cause) -> bool {
    use Cause::{Breakeven, Liquidation, StopLoss, TakeProfit, TimeLimit, TrailingStop};
    matches!(cause, StopLoss | TakeProfit | TrailingStop | Breakeven | Liquidation | TimeLimit)
}

/// Where in the bars of an instrument something happened: three times the row, and 0 at its open, 1 inside it, 2 when
/// it has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(i64);

impl Moment {
    fn of(event: &Event, columns: &Columns<'_>, reads_back: ReadsBack) -> Moment {
        let row = columns.row_at(event.bar);
        // Of a step in which the instrument has no bar, the last one has closed.
        let is_own = columns.step_of(row) == event.bar;
        let back = if enters(event) { reads_back.entries } else { reads_back.exits };
        let within = match event.phase {
            Phase::Venue => return Moment(3 * (row + 1) + 1),
            Phase::Open if is_own => 0,
            Phase::Range if is_own => 1,
            // An order is read back to the open; a level that it brought with it was reached after that.
            Phase::Decision if is_own && is_level(event.cause) => 1,
            Phase::Decision if is_own && back => 0,
            _ => 2,
        };
        Moment(3 * row + within)
    }

    /// The first row of which nothing lies before it.
    fn whole(self) -> i64 {
        (self.0 + 2).div_euclid(3)
    }

    /// The first row of which anything lies after it.
    fn part(self) -> i64 {
        (self.0 + 1).div_euclid(3)
    }

    /// The row inside which it is, if it is inside one.
    fn inside(self) -> Option<i64> {
        (self.0.rem_euclid(3) == 1).then_some(self.0.div_euclid(3))
    }
}

#[derive(Clone, Copy, Debug)]
struct Extreme {
    profit: i128,
    price: i64,
    bar: i64,
}

/// A ticket that is open, as its fills have left it.
#[derive(Debug)]
struct Held {
    /// Its last fill.
    moment: Moment,
    direction: i128,
    quantity: i128,
    cost: i128,
    /// What its exits have earned.
    earned: i128,
    /// Sums over all entries.
    entries: i128,
    entered: i128,
    best: Extreme,
    worst: Extreme,
    best_possible: i128,
    worst_possible: i128,
}

impl Held {
    fn new(entry: &Event, moment: Moment) -> Held {
        let start = Extreme { profit: 0, price: entry.price, bar: entry.bar };
        Held {
            moment,
            direction: entry.quantity.signum() as i128,
            quantity: 0,
            cost: 0,
            earned: 0,
            entries: 0,
            entered: 0,
            best: start,
            worst: start,
            best_possible: 0,
            worst_possible: 0,
        }
    }

    /// Take what a fill changes; it cannot change what the ticket is worth at the price of the fill.
    fn fill(&mut self, event: &Event) {
        let quantity = event.quantity.unsigned_abs() as i128;
        let money = quantity * event.price as i128;
        if enters(event) {
            self.quantity += quantity;
            self.cost += money;
            self.entries = self.entries.saturating_add(quantity);
            self.entered = self.entered.saturating_add(money);
        } else {
            self.quantity -= quantity;
            // The kernel has rounded the share of the cost: what it earned says how.
            self.cost -= money - self.direction * event.profit;
            self.earned = self.earned.saturating_add(event.profit);
        }
    }

    fn profit_at(&self, price: i64) -> i128 {
        let open = self.direction * (price as i128 * self.quantity - self.cost);
        self.earned.saturating_add(open)
    }

    /// Take a price at which it surely was.
    fn see(&mut self, price: i64, bar: i64) {
        let profit = self.profit_at(price);
        if profit > self.best.profit {
            self.best = Extreme { profit, price, bar };
        }
        if profit < self.worst.profit {
            self.worst = Extreme { profit, price, bar };
        }
    }

    /// Take a price at which it may have been.
    fn guess(&mut self, price: i64) {
        let profit = self.profit_at(price);
        self.best_possible = self.best_possible.max(profit);
        self.worst_possible = self.worst_possible.min(profit);
    }

    /// Live through the bars from its last fill to the next.
    fn live(&mut self, market: &Market<'_>, next: Moment) {
        let columns = &market.columns;
        let from = self.moment;
        let price = |column: &[f64], row: i64| {
            let row = usize::try_from(row).ok()?;
            column.get(row).map(|price| (row as i64, columns.units(*price)))
        };
        // Its close is lived through by what was filled inside a bar, and its open before something is filled there.
        let closes = from.inside().filter(|row| next.part() > *row);
        if let Some((row, close)) = closes.and_then(|row| price(columns.close, row)) {
            self.see(close, columns.step_of(row));
        }
        self.live_whole(market, from.whole().max(0)..next.part());
        let opens = next.inside().filter(|row| from.whole() <= *row);
        if let Some((row, open)) = opens.and_then(|row| price(columns.open, row)) {
            self.see(open, columns.step_of(row));
        }
        for row in [from.inside(), next.inside()].into_iter().flatten() {
            for (_, price) in [columns.high, columns.low].into_iter().filter_map(|column| price(column, row))
            {
                self.guess(price);
            }
        }
    }

    /// Live through bars as a whole.
    fn live_whole(&mut self, market: &Market<'_>, rows: Range<i64>) {
        let (columns, long) = (&market.columns, self.direction > 0);
        let rows = rows.start.max(0) as usize..(rows.end.max(0) as usize).min(columns.close.len());
        if rows.start >= rows.end || self.quantity == 0 {
            return;
        }
        let (for_it, against_it) =
            if long { (&market.highs, &market.lows) } else { (&market.lows, &market.highs) };
        for (peaks, sign) in [(for_it, 1), (against_it, -1)] {
            let price = columns.units(peaks.furthest(rows.clone()));
            let profit = self.profit_at(price);
            let before = if sign > 0 { &mut self.best } else { &mut self.worst };
            if sign * (profit - before.profit) <= 0 {
                continue;
            }
            // The first of the rows that reach it, in the units in which all is counted.
            let first = peaks.first(rows.clone(), |float| columns.units(float) == price);
            let row = first.unwrap_or(rows.start);
            *before = Extreme { profit, price, bar: columns.step_of(row as i64) };
        }
    }

    fn row(&self, ticket: u64, instrument: u32) -> Excursion {
        Excursion {
            ticket,
            entered: self.entered,
            mfe: self.best.profit,
            mae: self.worst.profit,
            mfe_possible: self.best_possible.max(self.best.profit),
            mae_possible: self.worst_possible.min(self.worst.profit),
            mfe_price: self.best.price,
            mae_price: self.worst.price,
            mfe_bar: self.best.bar,
            mae_bar: self.worst.bar,
            instrument,
        }
    }
}
