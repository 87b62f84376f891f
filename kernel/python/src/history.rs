//! The columns of one instrument and the place up to which they may be seen.

use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use eyas_kernel::number::{from_floats, Scale};
use eyas_kernel::record;
use eyas_kernel::stretch::Stretch;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::bar::Bar;
use crate::column::Column;
use crate::fill::fill;
use crate::pump::{Source, BATCH_BARS};
use crate::series::Series;

/// The index of the bar that is now; -1 before the first. Shared with every series.
pub type Cursor = Arc<AtomicI64>;

/// Open, high, low, close and volume of some bars, in the kernel's units.
type Units = [[i64; BATCH_BARS]; 5];

/// Hold the columns of one instrument behind a cursor that only the pump moves.
///
/// `close_time` is when each bar closes and is known; where left out, `lasts_ns` after it opens, and no later than
/// the next one opens, or with 0 for that its opening time. `given` is a price that comes with the bar (0 or NaN for none), `funding` what a long pays at its close (NaN for unsaid).
#[pyclass(frozen, module = "eyas._kernel")]
pub struct History {
    time: Column<i64>,
    close_time: Option<Column<i64>>,
    lasts_ns: i64,
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
    /// When bars close, where it has no column of that: made when it is first asked for.
    closes_made: OnceLock<Vec<i64>>,
}

#[pymethods]
impl History {
    #[new]
    #[pyo3(signature = (
        time, open, high, low, close, volume, *,
        close_time = None, lasts_ns = 0, given = None, funding = None, instrument = 0, symbol = "",
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
        lasts_ns: i64,
        given: Option<&Bound<'_, PyAny>>,
        funding: Option<&Bound<'_, PyAny>>,
        instrument: u32,
        symbol: &str,
    ) -> PyResult<History> {
        let history = History {
            time: Column::new("time", time)?,
            close_time: close_time.map(|values| Column::new("close_time", values)).transpose()?,
            lasts_ns,
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
            closes_made: OnceLock::new(),
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

    /// Return when a bar closes.
    #[pyo3(name = "close_time")]
    fn close_time_of(&self, index: usize) -> PyResult<i64> {
        if index >= self.len() {
            return Err(PyIndexError::new_err(format!("there is no bar {index}")));
        }
        Ok(self.close_time(index))
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

    /// Return the columns of floats: open, high, low, close, volume, and given and funding where it has them.
    pub fn floats(&self) -> [Option<&Column<f64>>; 7] {
        let own = [&self.open, &self.high, &self.low, &self.close, &self.volume];
        let [open, high, low, close, volume] = own.map(Some);
        [open, high, low, close, volume, self.given.as_ref(), self.funding.as_ref()]
    }

    /// Return when bars open.
    pub fn opens(&self) -> &Column<i64> {
        &self.time
    }

    /// Return when bars close, where it has a column of that.
    pub fn closes(&self) -> Option<&Column<i64>> {
        self.close_time.as_ref()
    }

    /// Return when bars close, where it has no column of that; kept for as long as it lives.
    pub fn closes_made(&self) -> &[i64] {
        self.closes_made.get_or_init(|| self.close_times())
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
        match &self.close_time {
            Some(column) => column.get(index),
            None => self.closes_after(index),
        }
    }

    /// Return when a bar closes by how long it lasts.
    #[inline]
    fn closes_after(&self, index: usize) -> i64 {
        let closes = self.time.get(index).saturating_add(self.lasts_ns);
        if self.lasts_ns > 0 && index + 1 < self.len() {
            closes.min(self.time.get(index + 1))
        } else {
            closes
        }
    }

    /// Return when each bar closes.
    pub fn close_times(&self) -> Vec<i64> {
        match &self.close_time {
            Some(column) => column.read(<[i64]>::to_vec),
            None => (0..self.len()).map(|index| self.closes_after(index)).collect(),
        }
    }

    /// Return whether the bars close at these times.
    pub fn closes_as(&self, times: &[i64]) -> bool {
        match &self.close_time {
            Some(column) => column.read(|closes| closes == times),
            None => {
                times.len() == self.len()
                    && times.iter().enumerate().all(|(row, time)| self.closes_after(row) == *time)
            }
        }
    }

    /// Return the first row that closes at a time or later.
    pub fn first_closing_from(&self, time: i64) -> usize {
        match &self.close_time {
            Some(column) => column.read(|closes| closes.partition_point(|closes| *closes < time)),
            None => {
                // Closes rise as times do: halve the rows until one is left.
                let mut rows = 0..self.len();
                while !rows.is_empty() {
                    let middle = rows.start + rows.len() / 2;
                    if self.closes_after(middle) < time {
                        rows.start = middle + 1;
                    } else {
                        rows.end = middle;
                    }
                }
                rows.start
            }
        }
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

    /// Put some rows into a stretch, on the scale of the instrument.
    pub fn stretch(&self, rows: Range<usize>, scale: Scale, stretch: &mut Stretch) {
        stretch.resize(rows.len());
        stretch.instrument = self.instrument;
        self.times(rows.clone(), stretch);
        let is_plain = self.given.is_none() && self.funding.is_none();
        let columns = [&self.open, &self.high, &self.low, &self.close, &self.volume];
        // SAFETY: nobody writes to the columns of bars while they run, and what holds them outlives this.
        let floats = columns.map(|column| unsafe { column.rows(rows.clone()) });
        if is_plain && fill(stretch, floats, scale) {
            return;
        }
        if !is_plain {
            stretch.given.resize(rows.len(), 0);
            stretch.funding.resize(rows.len(), record::NO_RATE);
        }
        for (place, row) in rows.enumerate() {
            stretch.set(place, &self.kernel_bar(row, scale));
        }
        stretch.judge();
    }

    /// Write when some rows open and close.
    fn times(&self, rows: Range<usize>, stretch: &mut Stretch) {
        // SAFETY: as above.
        stretch.time_ns.copy_from_slice(unsafe { self.time.rows(rows.clone()) });
        match &self.close_time {
            // SAFETY: as above.
            Some(column) => stretch.close_ns.copy_from_slice(unsafe { column.rows(rows) }),
            None if self.lasts_ns == 0 => stretch.close_ns.copy_from_slice(&stretch.time_ns),
            None => {
                let Some(last) = rows.len().checked_sub(1) else { return };
                let opens = &stretch.time_ns;
                for (place, closes) in stretch.close_ns[..last].iter_mut().enumerate() {
                    *closes = opens[place].saturating_add(self.lasts_ns).min(opens[place + 1]);
                }
                stretch.close_ns[last] = self.closes_after(rows.end - 1);
            }
        }
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
