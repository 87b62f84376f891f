//! The histories of several instruments, merged into steps by the times at which their bars close.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;

use crate::bar::Bar;
use crate::column::Column;
use crate::history::{Cursor, History};
use crate::pump::bar_refused;

/// Merge histories: a step is all their bars that close at one time, in order of their instruments.
#[pyclass(frozen, module = "eyas._kernel")]
pub struct Clock {
    /// In order of their instruments.
    histories: Vec<Py<History>>,
    times: Column<i64>,
    array: Py<PyAny>,
    cursor: Cursor,
}

#[pymethods]
impl Clock {
    #[new]
    fn new(py: Python<'_>, histories: Vec<Py<History>>) -> PyResult<Clock> {
        let mut histories = histories;
        histories.sort_by_key(|history| history.get().instrument());
        let same = |pair: &[Py<History>]| pair[0].get().instrument() == pair[1].get().instrument();
        if let Some(pair) = histories.windows(2).find(|pair| same(pair)) {
            let number = pair[0].get().instrument();
            return Err(PyValueError::new_err(format!("there are two histories of instrument {number}")));
        }
        // Many instruments have the very same times.
        let mut closes: Vec<Vec<i64>> = Vec::new();
        for history in &histories {
            if !closes.first().is_some_and(|first| history.get().closes_as(first)) {
                closes.push(closes_of(history.get())?);
            }
        }
        let merged = merged(closes);
        let array = py.import("numpy")?.call_method1("empty", (merged.len(), "i8"))?;
        let times = Column::writable("time", &array)?;
        for (step, time) in merged.iter().enumerate() {
            times.set(step, *time);
        }
        array.getattr("flags")?.setattr("writeable", false)?;
        Ok(Clock { histories, times, array: array.unbind(), cursor: Arc::new(AtomicI64::new(-1)) })
    }

    fn __len__(&self) -> usize {
        self.times.len()
    }

    /// When each step's bars close, in nanoseconds since 1970 UTC, as a read-only array.
    #[getter]
    fn time(&self, py: Python<'_>) -> Py<PyAny> {
        self.array.clone_ref(py)
    }

    /// Index of the step that is now, -1 before the first.
    #[getter]
    fn cursor(&self) -> i64 {
        self.now()
    }

    /// Return the index of the step that takes the last bar of an instrument, -1 if it has none.
    fn last_step_of(&self, instrument: u32) -> PyResult<i64> {
        let history = self.histories().find(|history| history.instrument() == instrument);
        let history = history
            .ok_or_else(|| PyIndexError::new_err(format!("the clock has no instrument {instrument}")))?;
        let Some(last) = history.len().checked_sub(1) else { return Ok(-1) };
        let closes = history.close_time(last);
        Ok(self.times.read(|times| times.partition_point(|time| *time < closes)) as i64)
    }

    /// Move now to a step and return its bars. Only a pump may call this.
    fn move_to(&self, py: Python<'_>, index: usize) -> PyResult<Vec<Bar>> {
        if index >= self.times.len() {
            return Err(PyIndexError::new_err(format!("there is no step {index}")));
        }
        let mut walk = self.walk(index);
        walk.step();
        let taken = walk.taken.iter().map(|place| (walk.histories[*place], walk.rows[*place] - 1));
        Ok(taken.map(|(history, row)| history.bar(py, row)).collect())
    }
}

impl Clock {
    pub fn len(&self) -> usize {
        self.times.len()
    }

    pub fn cursor_shared(&self) -> Cursor {
        self.cursor.clone()
    }

    pub fn now(&self) -> i64 {
        self.cursor.load(Ordering::Relaxed)
    }

    pub fn histories(&self) -> impl Iterator<Item = &History> {
        self.histories.iter().map(|history| history.get())
    }

    /// Return the histories that have a bar in the step that is now.
    pub fn current(&self) -> impl Iterator<Item = &History> {
        let closes = usize::try_from(self.now()).ok().map(|step| self.times.get(step));
        let is_taken = move |history: &&History| {
            let row = usize::try_from(history.now()).ok();
            row.is_some_and(|row| Some(history.close_time(row)) == closes)
        };
        self.histories().filter(is_taken)
    }

    /// Stand before a step, with every instrument at the bar that it had then.
    pub fn walk(&self, step: usize) -> Walk<'_> {
        let before = |history: &History| {
            if step >= self.times.len() {
                return history.len();
            }
            history.first_closing_from(self.times.get(step))
        };
        let rows: Vec<usize> = self.histories().map(before).collect();
        for (history, row) in self.histories().zip(&rows) {
            history.seek(*row as i64 - 1);
        }
        Walk { clock: self, histories: self.histories().collect(), rows, step, taken: Vec::new() }
    }
}

/// A way through the steps of a clock.
pub struct Walk<'a> {
    clock: &'a Clock,
    pub histories: Vec<&'a History>,
    /// The next row of each history.
    pub rows: Vec<usize>,
    step: usize,
    /// The places of the histories that have a bar in the step that was taken last.
    pub taken: Vec<usize>,
}

impl Walk<'_> {
    /// Take a step that exists: move now, also of each instrument that has a bar in it.
    pub fn step(&mut self) {
        let time = self.clock.times.get(self.step);
        self.clock.cursor.store(self.step as i64, Ordering::Relaxed);
        self.taken.clear();
        for (place, history) in self.histories.iter().enumerate() {
            let row = self.rows[place];
            if row < history.len() && history.close_time(row) == time {
                history.seek(row as i64);
                self.rows[place] += 1;
                self.taken.push(place);
            }
        }
        self.step += 1;
    }

    /// Return whether the bar that a history has just given was its last, though others have more.
    pub fn is_ended(&self, place: usize) -> bool {
        self.rows[place] == self.histories[place].len() && self.step < self.clock.len()
    }
}

/// Return when the bars of a history close; each must close later than the one before.
fn closes_of(history: &History) -> PyResult<Vec<i64>> {
    let closes = history.close_times();
    match closes.windows(2).position(|pair| pair[1] <= pair[0]) {
        None => Ok(closes),
        Some(row) => Err(bar_refused(row + 1, eyas_kernel::Refusal::BarMustBeLater)),
    }
}

/// Merge rising lists into one without repeats, two and two, so that equal lists never pile up.
fn merged(mut lists: Vec<Vec<i64>>) -> Vec<i64> {
    while lists.len() > 1 {
        let mut pairs = lists.into_iter();
        let mut fewer = Vec::new();
        while let Some(first) = pairs.next() {
            fewer.push(match pairs.next() {
                Some(second) => merged_two(&first, &second),
                None => first,
            });
        }
        lists = fewer;
    }
    lists.pop().unwrap_or_default()
}

fn merged_two(first: &[i64], second: &[i64]) -> Vec<i64> {
    if first == second {
        return first.to_vec();
    }
    let mut both = Vec::with_capacity(first.len().max(second.len()));
    let (mut a, mut b) = (0, 0);
    while a < first.len() && b < second.len() {
        let time = first[a].min(second[b]);
        both.push(time);
        a += (first[a] == time) as usize;
        b += (second[b] == time) as usize;
    }
    both.extend_from_slice(&first[a..]);
    both.extend_from_slice(&second[b..]);
    both
}
