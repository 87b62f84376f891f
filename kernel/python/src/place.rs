//! Where a view stands: which of its rows is the newest one that is known now.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;

use crate::column::Column;
use crate::history::Cursor;
use crate::pump::Source;
use crate::series::LookAheadError;

/// The newest row that is known: that of the bar that is now, or one that follows it.
pub struct Place {
    /// The bar that is now; -1 for ever where there are rows to follow, so that bars pay nothing for them.
    cursor: Cursor,
    follow: Option<Follow>,
}

/// Rows of another length than the bars: for every step of the sources, which row is the newest known.
pub struct Follow {
    rows: Column<i64>,
    /// Of one source, or of several that run one after the other: a step is how many bars they had in all.
    clocks: Vec<Cursor>,
    count: i64,
}

impl Follow {
    /// Return the step that is now, -1 before the first.
    #[inline]
    pub fn step(&self) -> i64 {
        self.clocks.iter().map(|clock| clock.load(Ordering::Relaxed) + 1).sum::<i64>() - 1
    }

    /// Return whether the source that runs is at its first step, so that it has none before.
    pub fn is_first(&self) -> bool {
        // The last that has begun is the one that runs: one before it may have had a single bar.
        let mut places = self.clocks.iter().rev().map(|clock| clock.load(Ordering::Relaxed));
        places.find(|place| *place >= 0) == Some(0)
    }

    /// Return the row that a step knew, -1 for none. The column is Python's, so it is not trusted.
    #[inline]
    pub fn row(&self, step: i64) -> i64 {
        match usize::try_from(step) {
            Ok(step) => self.rows.get(step).clamp(-1, self.count - 1),
            Err(_) => -1,
        }
    }
}

impl Place {
    /// Stand at the bar of a history.
    pub fn at(cursor: Cursor) -> Place {
        Place { cursor, follow: None }
    }

    /// Stand in `count` rows: at the bar of one source, or at what `follow` says for each of its steps.
    pub fn of(
        sources: &[Source],
        follow: Option<&Bound<'_, PyAny>>,
        count: usize,
        name: &str,
    ) -> PyResult<Place> {
        let Some(first) = sources.first() else {
            return Err(PyValueError::new_err("a view needs a source: a history or a clock"));
        };
        let steps: usize = sources.iter().map(Source::len).sum();
        let Some(follow) = follow else {
            if sources.len() > 1 || count != steps {
                return Err(PyValueError::new_err(format!("{name} has {count} values for {steps} bars")));
            }
            return Ok(Place::at(first.cursor()));
        };
        let rows = Column::new("follow", follow)?;
        if rows.len() != steps {
            let is = rows.len();
            return Err(PyValueError::new_err(format!("follow has {is} rows for {steps} steps of {name}")));
        }
        let count = count as i64;
        if let Some(row) = rows.read(|rows| rows.iter().copied().find(|row| !(-1..count).contains(row))) {
            return Err(PyValueError::new_err(format!("follow says row {row} of {count} rows of {name}")));
        }
        let clocks = sources.iter().map(Source::cursor).collect();
        let never = Arc::new(AtomicI64::new(-1));
        Ok(Place { cursor: never, follow: Some(Follow { rows, clocks, count }) })
    }

    /// Return the rows that are followed, one for each step of the sources.
    pub fn followed_rows(&self) -> Option<&Column<i64>> {
        self.follow.as_ref().map(|follow| &follow.rows)
    }

    pub fn follows(&self) -> bool {
        self.follow.is_some()
    }

    /// Return the newest row that is known, -1 for none.
    #[inline]
    pub fn now(&self) -> i64 {
        match self.bar() {
            -1 => self.followed(),
            now => now,
        }
    }

    #[inline(never)]
    fn followed(&self) -> i64 {
        self.follow.as_ref().map_or(-1, |follow| follow.row(follow.step()))
    }

    /// Return the bar that is now; -1 before the first one, and always where there are rows to follow.
    #[inline]
    pub fn bar(&self) -> i64 {
        self.cursor.load(Ordering::Relaxed)
    }

    /// Return the rows that are followed and the step that is now, None where none is or it has not begun.
    pub fn followed_step(&self) -> Option<(&Follow, i64)> {
        let follow = self.follow.as_ref()?;
        let step = follow.step();
        (step >= 0).then_some((follow, step))
    }

    /// Return how many rows are known.
    pub fn count(&self) -> usize {
        (self.now() + 1) as usize
    }

    /// Return whether the first bar has come.
    pub fn has_begun(&self) -> bool {
        self.bar() >= 0 || self.followed_step().is_some()
    }

    /// Return the row that an index means, counted from now where it is below zero.
    #[inline(always)]
    pub fn row(&self, index: i64, title: &str) -> PyResult<usize> {
        let now = self.bar();
        let row = if index < 0 { now + 1 + index } else { index };
        if row <= now && row >= 0 {
            return Ok(row as usize);
        }
        self.other_row(index, title)
    }

    /// Return the row of what follows, or say why an index means none.
    #[cold]
    #[inline(never)]
    fn other_row(&self, index: i64, title: &str) -> PyResult<usize> {
        let now = self.now();
        let row = if index < 0 { now + 1 + index } else { index };
        if row > now {
            return Err(self.later(index, now, title));
        }
        if row < 0 {
            let (count, rows) = (now + 1, if self.follows() { "rows" } else { "bars" });
            return Err(PyIndexError::new_err(format!(
                "{title}[{index}] is before the first of {count} {rows}"
            )));
        }
        Ok(row as usize)
    }

    fn later(&self, index: i64, now: i64, title: &str) -> PyErr {
        let (newest, seen) = match (&self.follow, now) {
            (None, _) => (format!("bar {now}"), "closed bars only"),
            (Some(_), -1) => ("no row is known yet".to_owned(), "what is known only"),
            (Some(_), _) => (format!("row {now}"), "what is known only"),
        };
        LookAheadError::new_err(format!(
            "{title}[{index}] is later than now ({newest}): a strategy sees {seen}"
        ))
    }

    /// Say that nothing can be read before the first bar.
    pub fn too_early(&self, title: &str) -> PyErr {
        LookAheadError::new_err(format!("{title} has no value before the first bar"))
    }
}
