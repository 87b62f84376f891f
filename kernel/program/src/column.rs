//! Columns as a strategy sees them: up to now.

use alloc::format;
use alloc::string::String;

use crate::fault::{Done, Fault, Kind};

/// A column: a value a bar, or rows of its own of which `follow` says for each bar which is the newest known.
#[derive(Clone, Debug)]
pub struct Column<'a, T> {
    pub values: &'a [T],
    pub follow: Option<&'a [i64]>,
    pub title: String,
}

/// The columns of the bars, for what a program asks of a bar. Those that it never reads may be empty.
#[derive(Clone, Debug, Default)]
pub struct Bars<'a> {
    /// Open, high, low, close, volume, given, funding.
    pub floats: [&'a [f64]; 7],
    pub time: &'a [i64],
    pub close_time: &'a [i64],
}

impl<T: Copy> Column<'_, T> {
    /// Return the newest row that is known on a bar, -1 for none.
    #[inline]
    fn newest(&self, bar: usize) -> i64 {
        match self.follow {
            None => bar as i64,
            Some(rows) => rows[bar].max(-1).min(self.values.len() as i64 - 1),
        }
    }

    /// Return how many rows are known.
    pub fn count(&self, bar: usize) -> i64 {
        self.newest(bar) + 1
    }

    fn at(&self, row: i64) -> Option<T> {
        self.values.get(usize::try_from(row).ok()?).copied()
    }

    /// Return the value that an index means, counted from now where it is below zero.
    pub fn item(&self, index: i64, bar: usize) -> Done<T> {
        let now = self.newest(bar);
        let row = if index < 0 { (now + 1).saturating_add(index) } else { index };
        if row > now {
            return Err(self.later(index, now));
        }
        if row < 0 {
            let (count, title) = (now + 1, self.named());
            let rows = if self.follow.is_some() { "rows" } else { "bars" };
            let text = format!("{}[{}] is before the first of {} {}", title, index, count, rows);
            return Err(Fault::new(Kind::Index, text));
        }
        Ok(self.values[row as usize])
    }

    fn later(&self, index: i64, now: i64) -> Fault {
        let (newest, seen) = match (self.follow, now) {
            (None, _) => (format!("bar {}", now), "closed bars only"),
            (Some(_), -1) => ("no row is known yet".into(), "what is known only"),
            (Some(_), _) => (format!("row {}", now), "what is known only"),
        };
        let title = self.named();
        let text = format!("{}[{}] is later than now ({}): a strategy sees {}", title, index, newest, seen);
        Fault::new(Kind::LookAhead, text)
    }

    pub fn named(&self) -> &str {
        if self.title.is_empty() {
            "the series"
        } else {
            &self.title
        }
    }
}

impl Column<'_, f64> {
    /// Return the newest value, NaN where none is known.
    #[inline]
    pub fn now(&self, bar: usize) -> f64 {
        match self.follow {
            None => self.values[bar],
            Some(_) => self.at(self.newest(bar)).unwrap_or(f64::NAN),
        }
    }

    /// Return what was known on the bar before, and what is known now; None on the first bar.
    #[inline]
    pub fn last_two(&self, bar: usize) -> Option<(f64, f64)> {
        let before = bar.checked_sub(1)?;
        Some((self.now(before), self.now(bar)))
    }
}

impl Column<'_, i64> {
    /// Return the newest time.
    pub fn now(&self, bar: usize) -> Done<i64> {
        self.at(self.newest(bar))
            .ok_or_else(|| Fault::new(Kind::Index, format!("{} has no row that is known yet", self.title)))
    }
}
