//! Many bars at once, for as long as nothing can happen on them: the same as `advance` bar by bar, in less time.

use crate::account::Account;
use crate::number::{power_of_ten, to_float, MONEY_DECIMALS};
use crate::record::{Bar, Phase, NO_RATE};
use crate::rules::Matching;

/// What must hold of bars that may be passed, beside what the bars before them say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fit {
    /// The first and the last moment of the day of which the loss is watched.
    pub from_ns: i64,
    pub until_ns: i64,
    pub volume_min: i64,
}

impl Fit {
    /// Return whether a bar after `before_ns` can have happened and brings nothing beside its prices. One that
    /// does not fit is no wrong bar: `advance` judges it.
    #[inline]
    pub fn admits(&self, bar: &Bar, before_ns: i64) -> bool {
        (bar.funding == NO_RATE || bar.funding == 0)
            && bar.instrument == 0
            && bar.time_ns > before_ns
            && bar.close_ns >= bar.time_ns
            && bar.close_ns >= self.from_ns
            && bar.close_ns <= self.until_ns
            && bar.volume >= self.volume_min
            && bar.check().is_ok()
    }
}

impl Account {
    /// Take bars of a lone instrument, each a step of its own, as `advance` does, up to the first on which
    /// anything may happen or that may be wrong. Put the equity after each into `curve`, and return how many
    /// were taken: what comes next is for `advance`.
    pub fn pass(&mut self, bars: &[Bar], curve: &mut [f64]) -> usize {
        if !self.may_pass() {
            return 0;
        }
        self.look_ahead();
        let bars = &bars[..bars.len().min(curve.len())];
        let count = self.admitted(bars);
        let bars = &bars[..count];
        if let Some(last) = bars.last() {
            self.mark_passed(bars.iter().map(|bar| bar.close), &mut curve[..count]);
            if self.notes() {
                let low = bars.iter().fold(i64::MAX, |low, bar| low.min(bar.low));
                let high = bars.iter().fold(0, |high, bar| high.max(bar.high));
                self.books[0].see(low, high);
            }
            self.stand_at(last, count as i64);
        }
        count
    }

    /// Return whether nothing but prices can make something happen.
    pub(crate) fn may_pass(&self) -> bool {
        let lone = self.books.len() == 1 && self.purses.len() == 1 && !self.books[0].delisted;
        let called = self.charges_always || self.rules.market.margin_call.is_some();
        lone && !self.finished && self.cancels.is_empty() && (self.live == 0 || !called)
    }

    pub(crate) fn fit(&self) -> Fit {
        let (from_ns, until_ns) = match self.guard.watches_days {
            true => self.guard.day_range(),
            false => (i64::MIN, i64::MAX),
        };
        let volume_min = if self.books[0].terms.depends_on_volume() { 0 } else { -1 };
        Fit { from_ns, until_ns, volume_min }
    }

    /// Find out what the next bars must reach, if that has changed.
    #[inline]
    pub(crate) fn look_ahead(&mut self) {
        let held = self.live > 0;
        let book = &mut self.books[0];
        if held && book.changed {
            book.watch_out();
        }
    }

    /// Return how many bars can be passed.
    #[inline]
    fn admitted(&self, bars: &[Bar]) -> usize {
        let (fit, book, held) = (self.fit(), &self.books[0], self.live > 0);
        let (mut before_ns, mut index) = (book.last_ns(), book.index);
        let fits = |bar: &&Bar| {
            index += 1;
            let fits = fit.admits(bar, before_ns) && !(held && book.is_touched(bar, index));
            before_ns = bar.time_ns;
            fits
        };
        bars.iter().take_while(fits).count()
    }

    /// Return whether it is noted how far prices go.
    pub(crate) fn notes(&self) -> bool {
        !self.books[0].tickets.is_empty() && self.rules.market.matching == Matching::Here
    }

    /// Stand where so many bars, of which this is the last, have led; nothing happened on them.
    pub(crate) fn stand_at(&mut self, last: &Bar, count: i64) {
        self.step += count;
        self.turn += 2 * count as u64;
        self.filled_now.clear();
        self.time_ns = last.time_ns;
        self.clock_ns = last.close_ns;
        self.phase = Phase::Decision;
        let book = &mut self.books[0];
        self.bars_held += if book.tickets.is_empty() { 0 } else { count as u64 };
        book.index += count - 1;
        book.take(last, self.step);
        book.mark = last.close;
    }

    /// Return what is worth something whatever the price; with the rest it stays far from the edge of i128.
    fn fixed(&self) -> i128 {
        self.purses[0].cash + self.books[0].value(self.rules.market.account, 0)
    }

    /// Put what the account is worth at each of many closes into `curve`.
    #[inline(always)]
    pub(crate) fn mark_all(&self, closes: &[i64], curve: &mut [f64]) {
        let book = &self.books[0];
        if book.gross_quantity == 0 {
            curve.fill(to_float(self.purses[0].cash, MONEY_DECIMALS));
        } else if !marked_near(self.fixed(), book.net_quantity, closes, curve) {
            self.mark_passed(closes.iter().copied(), curve);
        }
    }

    /// Put what the account is worth at each close into `curve`.
    #[inline]
    pub(crate) fn mark_passed(&self, closes: impl Iterator<Item = i64>, curve: &mut [f64]) {
        let book = &self.books[0];
        let (cash, quantity) = (self.purses[0].cash, book.net_quantity);
        if book.gross_quantity == 0 {
            curve.fill(to_float(cash, MONEY_DECIMALS));
            return;
        }
        let fixed = self.fixed();
        for (equity, close) in curve.iter_mut().zip(closes) {
            *equity = to_float(fixed + quantity as i128 * close as i128, MONEY_DECIMALS);
        }
    }
}

/// Put the worth at each close into `curve` where the closes are so near to each other that the change of worth
/// fits into half the bits, and return whether they are: registers hold many such at once.
#[inline(always)]
fn marked_near(fixed: i128, quantity: i64, closes: &[i64], curve: &mut [f64]) -> bool {
    const LOW: u32 = 48;
    /// A whole number below 2^51 added to the bits of 1.5 * 2^52 makes that float, and as much more.
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    const LANES: usize = 8;
    let near = match closes.first() {
        Some(close) => *close,
        None => return true,
    };
    let base = fixed + quantity as i128 * near as i128;
    let apart = closes.iter().fold(0, |bits, close| {
        let apart = close.wrapping_sub(near);
        bits | (apart ^ (apart >> 63))
    });
    // A round quantity changes no low digit of the worth: they are put aside.
    let aside = quantity.trailing_zeros().min(32);
    let step = quantity >> aside;
    let most = (apart as i128 + 1) * step.unsigned_abs() as i128;
    if most >= (1 << 63) - (1 << LOW) || !(-(1 << 98)..1 << 98).contains(&base) {
        return false;
    }
    let (high, low) = ((base >> LOW) as i64, base as i64 & ((1 << LOW) - 1));
    let (low, last, kept) = (low >> aside, low & ((1 << aside) - 1), LOW - aside);
    let float = |whole: i64| f64::from_bits(ROUNDER.to_bits().wrapping_add(whole as u64)) - ROUNDER;
    let (one, mask) = (power_of_ten(MONEY_DECIMALS) as f64, (1 << kept) - 1);
    for (equity, closes) in curve.chunks_mut(LANES).zip(closes.chunks(LANES)) {
        // Whole lanes, even of what is left at the end: a few closes more, which nobody reads.
        let (mut marks, mut some) = ([0.0; LANES], [near; LANES]);
        match closes.len() {
            LANES => some.copy_from_slice(closes),
            _ => some.iter_mut().zip(closes).for_each(|(some, close)| *some = *close),
        }
        for (mark, close) in marks.iter_mut().zip(some) {
            let worth = low.wrapping_add(close.wrapping_sub(near).wrapping_mul(step));
            // Both parts are exact floats, and their sum is rounded once, as by `to_float`.
            let upper = float(high.wrapping_add(worth >> kept)) * (1_i64 << LOW) as f64;
            *mark = (upper + float((worth & mask) << aside | last)) / one;
        }
        match equity.len() {
            LANES => equity.copy_from_slice(&marks),
            _ => equity.iter_mut().zip(marks).for_each(|(equity, mark)| *equity = mark),
        }
    }
    true
}
