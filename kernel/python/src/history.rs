//! The columns of one instrument and the place up to which they may be seen.

use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

use eyas_kernel::number::{from_floats, Scale};
use eyas_kernel::record;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::bar::Bar;
use crate::column::Column;
use crate::pump::{Source, BATCH_BARS};
use crate::series::Series;

/// The index of the bar that is now; -1 before the first. Shared with every series.
pub type Cursor = Arc<AtomicI64>;

/// Open, high, low, close and volume of some bars, in the kernel's units.
type Units = [[i64; BATCH_BARS]; 5];

/// Hold the columns of one instrument behind a cursor that only the pump moves.
///
/// `close_time` is when each bar closes and is known, its opening time where left out; `given` is a price
/// that comes with the bar (0 or NaN for none), `funding` what a long pays at its close (NaN for unsaid).
#[pyclass(frozen, module = "eyas._kernel")]
pub struct History {
    time: Column<i64>,
    close_time: Option<Column<i64>>,
    open: Column<f64>,
    high: Column<f64>,
    low: Column<f64>,
    close: Column<f64>,
    volume: Column<f64>,
    given: Option<Column<f64>>,
    funding: Option<Column<f64>>,
    instrument: u32,
    symbol: Py<PyString>,
    cursor: Cursor,
}

#[pymethods]
impl History {
    #[new]
    #[pyo3(signature = (
        time, open, high, low, close, volume, *,
        close_time = None, given = None, funding = None, instrument = 0, symbol = "",
    ))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        time: &Bound<'_, PyAny>,
        open: &Bound<'_, PyAny>,
        high: &Bound<'_, PyAny>,
        low: &Bound<'_, PyAny>,
        close: &Bound<'_, PyAny>,
        volume: &Bound<'_, PyAny>,
        close_time: Option<&Bound<'_, PyAny>>,
        given: Option<&Bound<'_, PyAny>>,
        funding: Option<&Bound<'_, PyAny>>,
        instrument: u32,
        symbol: &str,
    ) -> PyResult<History> {
        let history = History {
            time: Column::new("time", time)?,
            close_time: close_time.map(|values| Column::new("close_time", values)).transpose()?,
            open: Column::new("open", open)?,
            high: Column::new("high", high)?,
            low: Column::new("low", low)?,
            close: Column::new("close", close)?,
            volume: Column::new("volume", volume)?,
            given: given.map(|values| Column::new("given", values)).transpose()?,
            funding: funding.map(|values| Column::new("funding", values)).transpose()?,
            instrument,
            symbol: PyString::new(py, symbol).unbind(),
            cursor: Arc::new(AtomicI64::new(-1)),
        };
        if !history.is_even() {
            return Err(PyValueError::new_err("all columns must have the same length"));
        }
        Ok(history)
    }

    fn __len__(&self) -> usize {
        self.len()
    }

    /// Index of the bar that is now, -1 before the first.
    #[getter]
    fn cursor(&self) -> i64 {
        self.now()
    }

    /// Number of the instrument.
    #[getter]
    #[pyo3(name = "instrument")]
    fn instrument_number(&self) -> u32 {
        self.instrument
    }

    /// Its symbol, "" where nobody said.
    #[getter]
    fn symbol(&self, py: Python<'_>) -> Py<PyString> {
        self.symbol.clone_ref(py)
    }

    /// Return a view of `values` (one float a bar) that ends at now; with `follow` it has rows of its own,
    /// and for every bar that says which of them is the newest known when the bar has closed (-1 for none).
    #[pyo3(signature = (values, name = "", follow = None))]
    fn series(
        slf: Py<Self>,
        values: &Bound<'_, PyAny>,
        name: &str,
        follow: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Series> {
        Series::of(values, name, &[Source::History(slf)], follow)
    }

    /// Move now to a bar and return it. Only a pump may call this.
    fn move_to(&self, py: Python<'_>, index: usize) -> PyResult<Bar> {
        if index >= self.time.len() {
            return Err(PyIndexError::new_err(format!("there is no bar {index}")));
        }
        self.seek(index as i64);
        Ok(self.bar(py, index))
    }
}

impl History {
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Return whether all columns have the same length.
    fn is_even(&self) -> bool {
        let columns = [&self.open, &self.high, &self.low, &self.close, &self.volume];
        let rare = [&self.given, &self.funding].into_iter().flatten();
        let even = |length: usize| length == self.len();
        let closes = self.close_time.as_ref().is_none_or(|column| even(column.len()));
        columns.into_iter().chain(rare).all(|column| even(column.len())) && closes
    }

    pub fn instrument(&self) -> u32 {
        self.instrument
    }

    pub fn cursor_shared(&self) -> Cursor {
        self.cursor.clone()
    }

    pub fn now(&self) -> i64 {
        self.cursor.load(Ordering::Relaxed)
    }

    #[inline]
    pub fn seek(&self, index: i64) {
        self.cursor.store(index, Ordering::Relaxed);
    }

    #[inline]
    pub fn time(&self, index: usize) -> i64 {
        self.time.get(index)
    }

    /// Return when a bar closes.
    #[inline]
    pub fn close_time(&self, index: usize) -> i64 {
        self.close_time.as_ref().unwrap_or(&self.time).get(index)
    }

    /// Return when each bar closes.
    pub fn close_times(&self) -> &Column<i64> {
        self.close_time.as_ref().unwrap_or(&self.time)
    }

    /// Return the first row that opens at a time or later.
    pub fn first_from(&self, time: i64) -> usize {
        self.time.read(|times| times.partition_point(|opens| *opens < time))
    }

    #[inline]
    pub fn bar(&self, py: Python<'_>, index: usize) -> Bar {
        let rare = |column: &Option<Column<f64>>| column.as_ref().map_or(f64::NAN, |found| found.get(index));
        Bar {
            index: index as i64,
            time: self.time.get(index),
            close_time: self.close_time(index),
            open: self.open.get(index),
            high: self.high.get(index),
            low: self.low.get(index),
            close: self.close.get(index),
            volume: self.volume.get(index),
            given: rare(&self.given),
            funding: rare(&self.funding),
            instrument: self.instrument,
            symbol: self.symbol.clone_ref(py),
        }
    }

    /// Return the kernel's bar that is now, None before the first.
    pub fn kernel_now(&self, account: &eyas_kernel::Account) -> Option<record::Bar> {
        let index = usize::try_from(self.now()).ok()?;
        Some(self.kernel_bar(index, account.scale_of(self.instrument)))
    }

    /// Turn the prices and the volumes of some rows into the kernel's units, column by column; return whether
    /// that could be done for all of them.
    fn units(&self, rows: Range<usize>, scale: Scale, units: &mut Units) -> bool {
        let prices = [&self.open, &self.high, &self.low, &self.close].into_iter();
        let columns = prices.map(|column| (column, scale.price_decimals()));
        let columns = columns.chain([(&self.volume, scale.quantity_decimals())]);
        let turned = columns.zip(units).map(|((column, decimals), units)| {
            column.read(|values| from_floats(&values[rows.clone()], decimals, units))
        });
        turned.into_iter().all(|within| within)
    }

    /// Put the kernel's bars of some rows, BATCH_BARS at most, into a list, on the scale of the instrument.
    pub fn kernel_bars(&self, rows: Range<usize>, scale: Scale, bars: &mut Vec<record::Bar>) {
        let mut units: Units = [[0; BATCH_BARS]; 5];
        bars.clear();
        let is_plain = self.given.is_none() && self.funding.is_none();
        if !is_plain || !self.units(rows.clone(), scale, &mut units) {
            bars.extend(rows.map(|row| self.kernel_bar(row, scale)));
            return;
        }
        let [open, high, low, close, volume] = &units;
        bars.extend(rows.enumerate().map(|(place, row)| record::Bar {
            time_ns: self.time.get(row),
            close_ns: self.close_time(row),
            open: open[place],
            high: high[place],
            low: low[place],
            close: close[place],
            volume: volume[place],
            given: 0,
            funding: record::NO_RATE,
            instrument: self.instrument,
        }));
    }

    /// Return the kernel's bar, on the scale of its instrument.
    #[inline(always)]
    pub fn kernel_bar(&self, index: usize, scale: Scale) -> record::Bar {
        let prices = [&self.open, &self.high, &self.low, &self.close].map(|column| column.get(index));
        let mut bar = record::Bar::from_floats(self.time.get(index), prices, self.volume.get(index), scale);
        bar.close_ns = self.close_time(index);
        bar.instrument = self.instrument;
        if self.given.is_none() && self.funding.is_none() {
            return bar;
        }
        let rare = |column: &Option<Column<f64>>| column.as_ref().map_or(f64::NAN, |found| found.get(index));
        bar.with_given(rare(&self.given), rare(&self.funding), scale)
    }
}
