//! Bars in columns that are judged once, and passed by one account or by many, such as the trials of a sweep.

use alloc::vec::Vec;
use core::ops::Range;

use crate::account::Account;
use crate::number::UNITS_MAX;
use crate::record::{Bar, NO_RATE};

/// How many bars are judged together.
const SPAN: usize = 16;

/// Bars of one instrument, one after the other, as columns of units: whoever fills them calls `judge`.
#[derive(Clone, Debug, Default)]
pub struct Stretch {
    pub instrument: u32,
    pub time_ns: Vec<i64>,
    pub close_ns: Vec<i64>,
    pub open: Vec<i64>,
    pub high: Vec<i64>,
    pub low: Vec<i64>,
    pub close: Vec<i64>,
    pub volume: Vec<i64>,
    /// Prices that came with the bars and rates of funding; empty where there are none.
    pub given: Vec<i64>,
    pub funding: Vec<i64>,
    spans: Vec<Span>,
}

/// What some bars in a row have in common.
#[derive(Clone, Copy, Debug)]
struct Span {
    /// Whether each can have happened, after the one before it, and brings nothing beside its prices.
    plain: bool,
    volume_min: i64,
    low: i64,
    high: i64,
    first_close_ns: i64,
    last_close_ns: i64,
}

impl Stretch {
    pub fn of(bars: &[Bar]) -> Stretch {
        let mut stretch = Stretch::default();
        stretch.resize(bars.len());
        stretch.given.resize(bars.len(), 0);
        stretch.funding.resize(bars.len(), NO_RATE);
        stretch.instrument = bars.first().map_or(0, |bar| bar.instrument);
        for (place, bar) in bars.iter().enumerate() {
            stretch.set(place, bar);
        }
        stretch.judge();
        stretch
    }

    /// Make room for so many bars that bring nothing beside their prices; what they are is to be written.
    pub fn resize(&mut self, count: usize) {
        let columns = [
            &mut self.time_ns,
            &mut self.close_ns,
            &mut self.open,
            &mut self.high,
            &mut self.low,
            &mut self.close,
            &mut self.volume,
        ];
        for column in columns {
            column.resize(count, 0);
        }
        self.given.clear();
        self.funding.clear();
    }

    pub fn len(&self) -> usize {
        self.time_ns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.time_ns.is_empty()
    }

    /// Write a bar, with what it brings where there is room for that.
    pub fn set(&mut self, place: usize, bar: &Bar) {
        self.time_ns[place] = bar.time_ns;
        self.close_ns[place] = bar.close_ns;
        self.open[place] = bar.open;
        self.high[place] = bar.high;
        self.low[place] = bar.low;
        self.close[place] = bar.close;
        self.volume[place] = bar.volume;
        if let Some(given) = self.given.get_mut(place) {
            *given = bar.given;
        }
        if let Some(funding) = self.funding.get_mut(place) {
            *funding = bar.funding;
        }
    }

    #[inline]
    pub fn bar(&self, place: usize) -> Bar {
        Bar {
            time_ns: self.time_ns[place],
            close_ns: self.close_ns[place],
            open: self.open[place],
            high: self.high[place],
            low: self.low[place],
            close: self.close[place],
            volume: self.volume[place],
            given: self.given.get(place).copied().unwrap_or(0),
            funding: self.funding.get(place).copied().unwrap_or(NO_RATE),
            instrument: self.instrument,
        }
    }

    /// Judge all bars, as far as that is the same for every account. Inlined, so that a host can let it use
    /// what its processor has.
    #[inline(always)]
    pub fn judge(&mut self) {
        self.spans.clear();
        for start in (0..self.len()).step_by(SPAN) {
            let rows = start..self.len().min(start + SPAN);
            let span = self.span_of(rows);
            self.spans.push(span);
        }
    }

    #[inline(always)]
    fn span_of(&self, rows: Range<usize>) -> Span {
        let (times, closes) = (&self.time_ns[rows.clone()], &self.close_ns[rows.clone()]);
        let (open, high) = (&self.open[rows.clone()], &self.high[rows.clone()]);
        let (low, close) = (&self.low[rows.clone()], &self.close[rows.clone()]);
        let volume = &self.volume[rows.clone()];
        let count = rows.len();
        let mut sound = true;
        let (mut lowest, mut highest, mut volume_min) = (i64::MAX, i64::MIN, i64::MAX);
        let (mut first_close_ns, mut last_close_ns) = (i64::MAX, i64::MIN);
        for place in 0..count {
            sound &= low[place] <= open[place] && low[place] <= close[place];
            sound &= high[place] >= open[place] && high[place] >= close[place];
            sound &= closes[place] >= times[place];
            lowest = lowest.min(low[place]);
            highest = highest.max(high[place]);
            volume_min = volume_min.min(volume[place]);
            first_close_ns = first_close_ns.min(closes[place]);
            last_close_ns = last_close_ns.max(closes[place]);
        }
        for pair in times.windows(2) {
            sound &= pair[0] < pair[1];
        }
        let follows = rows.start == 0 || self.time_ns[rows.start - 1] < times[0];
        let bare = |column: &[i64], none: i64| {
            column.is_empty() || column[rows.clone()].iter().all(|value| *value == 0 || *value == none)
        };
        Span {
            plain: sound
                && follows
                && lowest > 0
                && highest <= UNITS_MAX
                && volume_min >= -1
                && bare(&self.given, 0)
                && bare(&self.funding, NO_RATE),
            volume_min,
            low: lowest,
            high: highest,
            first_close_ns,
            last_close_ns,
        }
    }
}

impl Account {
    /// Take bars of a stretch as `pass` does, from a place on. The bars before need not have been taken. Inlined, so
    /// that a host can let it use what its processor has.
    #[inline(always)]
    pub fn pass_stretch(&mut self, stretch: &Stretch, places: Range<usize>, curve: &mut [f64]) -> usize {
        let first = places.start;
        let end = places.end.min(first + curve.len()).min(stretch.len());
        let fits = self.may_pass() && stretch.instrument == 0 && first < end;
        if !fits || stretch.time_ns[first] <= self.books[0].last_ns() {
            return 0;
        }
        self.look_ahead();
        let count = self.judged(stretch, first..end);
        if count > 0 {
            let passed = first..first + count;
            self.mark_all(&stretch.close[passed.clone()], &mut curve[..count]);
            if self.notes() {
                let low = stretch.low[passed.clone()].iter().fold(i64::MAX, |low, price| low.min(*price));
                let high = stretch.high[passed].iter().fold(0, |high, price| high.max(*price));
                self.books[0].see(low, high);
            }
            self.stand_at(&stretch.bar(first + count - 1), count as i64);
        }
        count
    }

    /// Return how many bars can be passed.
    #[inline(always)]
    fn judged(&self, stretch: &Stretch, places: Range<usize>) -> usize {
        let (fit, book, held) = (self.fit(), &self.books[0], self.live > 0);
        let watch = &book.watch;
        let mut place = places.start;
        while place < places.end {
            let span = &stretch.spans[place / SPAN];
            let end = places.end.min(place - place % SPAN + SPAN);
            let admitted = span.plain
                && span.volume_min >= fit.volume_min
                && span.first_close_ns >= fit.from_ns
                && span.last_close_ns <= fit.until_ns;
            let index = book.index + (end - places.start) as i64;
            let touched = held
                && (span.low <= watch.low
                    || span.high >= watch.high
                    || stretch.time_ns[end - 1] >= watch.time_ns
                    || index >= watch.bar);
            if admitted && !touched {
                place = end;
                continue;
            }
            let mut before_ns =
                if place > places.start { stretch.time_ns[place - 1] } else { book.last_ns() };
            while place < end {
                let (bar, index) = (stretch.bar(place), book.index + (place - places.start) as i64 + 1);
                if !fit.admits(&bar, before_ns) || (held && book.is_touched(&bar, index)) {
                    return place - places.start;
                }
                before_ns = bar.time_ns;
                place += 1;
            }
        }
        place - places.start
    }
}
