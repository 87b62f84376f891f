//! What a journal says when it is read again: excursions, what was paid, exposure. It converts and decides nothing.

use std::ops::Range;

use eyas_kernel::excursions::{Excursions, ReadsBack};
use eyas_kernel::exposure::{share_of, Exposure};
use eyas_kernel::folds::each_event;
use eyas_kernel::number::Scale;
use eyas_kernel::paid::Payments;
use eyas_kernel::prices::Columns;
use eyas_kernel::record::{Event, EventKind};
use eyas_kernel::Fixed;
use pyo3::buffer::Element;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::column::Column;

/// Hold the bars of one instrument for folds of a journal, on the scale of its prices.
///
/// `steps` says at which step of the clock each was taken, where not every step has one; `priced_by` is the number of
/// the instrument whose price turns its money into the account's.
#[pyclass(frozen, module = "eyas._kernel")]
pub struct Prices {
    open: Column<f64>,
    high: Column<f64>,
    low: Column<f64>,
    close: Column<f64>,
    scale: Scale,
    steps: Option<Column<i64>>,
    priced_by: Option<usize>,
}

#[pymethods]
impl Prices {
    #[new]
    #[pyo3(signature = (open, high, low, close, price_decimals, steps = None, priced_by = None))]
    fn new(
        open: &Bound<'_, PyAny>,
        high: &Bound<'_, PyAny>,
        low: &Bound<'_, PyAny>,
        close: &Bound<'_, PyAny>,
        price_decimals: u32,
        steps: Option<&Bound<'_, PyAny>>,
        priced_by: Option<usize>,
    ) -> PyResult<Prices> {
        let scale = Scale::new(price_decimals);
        let found = Prices {
            open: Column::new("open", open)?,
            high: Column::new("high", high)?,
            low: Column::new("low", low)?,
            close: Column::new("close", close)?,
            scale: scale.ok_or_else(|| PyValueError::new_err("price_decimals must be from 0 to 16"))?,
            steps: steps.map(|steps| Column::new("steps", steps)).transpose()?,
            priced_by,
        };
        let own = [&found.high, &found.low, &found.close].map(Column::len);
        let all = own.into_iter().chain(found.steps.as_ref().map(Column::len));
        if all.into_iter().any(|length| length != found.open.len()) {
            return Err(PyValueError::new_err("all columns must have the same length"));
        }
        Ok(found)
    }

    fn __len__(&self) -> usize {
        self.open.len()
    }
}

impl Prices {
    /// Return where in memory its columns lie.
    fn spans(&self) -> Vec<Range<usize>> {
        let floats = [&self.open, &self.high, &self.low, &self.close].map(span);
        floats.into_iter().chain(self.steps.as_ref().map(span)).collect()
    }

    /// Return its columns.
    ///
    /// # Safety
    ///
    /// While they are used the interpreter must be held, and nobody may write to them.
    unsafe fn columns(&self) -> Columns<'_> {
        Columns {
            open: self.open.rows(0..self.open.len()),
            high: self.high.rows(0..self.high.len()),
            low: self.low.rows(0..self.low.len()),
            close: self.close.rows(0..self.close.len()),
            scale: self.scale,
            steps: self.steps.as_ref().map(|steps| steps.rows(0..steps.len())),
            priced_by: self.priced_by,
        }
    }
}

/// Return for every closed ticket how far it ran, as bytes: one record of EXCURSION_FIELDS after another.
///
/// `prices` are those of the instruments, in order of their numbers. `entries_at_open` and `exits_at_open` say whether
/// what is filled in the decision trades at the open that lies behind it.
#[pyfunction]
#[pyo3(signature = (journal, prices, *, entries_at_open = false, exits_at_open = false))]
pub fn excursions<'py>(
    py: Python<'py>,
    journal: &[u8],
    prices: Vec<PyRef<'py, Prices>>,
    entries_at_open: bool,
    exits_at_open: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    // SAFETY: the interpreter is held until this returns, and nobody writes to the columns meanwhile.
    let columns: Vec<Columns<'_>> = prices.iter().map(|own| unsafe { own.columns() }).collect();
    let reads_back = ReadsBack { entries: entries_at_open, exits: exits_at_open };
    let mut fold = Excursions::over(&columns, reads_back);
    read(journal, &[EventKind::Filled, EventKind::Closed], |event| fold.take(event))?;
    written(py, fold.rows())
}

/// Return what trading took beside its profits, as bytes: a record of PAID_FIELDS for every closed ticket; one for
/// every instrument that traded; one of FILL_COST_FIELDS for every fill.
#[pyfunction]
#[allow(clippy::type_complexity)]
pub fn paid<'py>(
    py: Python<'py>,
    journal: &[u8],
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let mut fold = Payments::default();
    read(journal, &[EventKind::Filled, EventKind::Charged, EventKind::Closed], |event| fold.take(event))?;
    Ok((written(py, fold.trades())?, written(py, &fold.totals())?, written(py, fold.fills())?))
}

/// Write what was held after every step into `long` and `short`, at the last closes, as a share of `equity`: NaN where
/// that was 0 or less.
#[pyfunction]
pub fn exposures(
    journal: &[u8],
    prices: Vec<PyRef<'_, Prices>>,
    equity: &Bound<'_, PyAny>,
    long: &Bound<'_, PyAny>,
    short: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let equity = Column::<f64>::new("equity", equity)?;
    let long = Column::<f64>::writable("long", long)?;
    let short = Column::<f64>::writable("short", short)?;
    if long.len() != equity.len() || short.len() != equity.len() {
        return Err(PyValueError::new_err("equity, long and short must have the same length"));
    }
    if equity.is_empty() {
        return Ok(());
    }
    let read_in = prices.iter().flat_map(|own| own.spans()).chain([span(&equity)]);
    let is_apart =
        |one: &Range<usize>, other: &Range<usize>| one.end <= other.start || other.end <= one.start;
    let (longs, shorts) = (span(&long), span(&short));
    if !is_apart(&longs, &shorts)
        || read_in.into_iter().any(|own| !is_apart(&own, &longs) || !is_apart(&own, &shorts))
    {
        return Err(PyValueError::new_err("long and short must be arrays of their own"));
    }
    let whole = 0..equity.len();
    // SAFETY: the interpreter is held until this returns; nobody else has the two that are written, which are apart.
    let (long, short) = unsafe { (long.rows_written(whole.clone()), short.rows_written(whole)) };
    // SAFETY: as above, of what is read.
    let columns: Vec<Columns<'_>> = prices.iter().map(|own| unsafe { own.columns() }).collect();
    long.fill(0.0);
    short.fill(0.0);
    let mut fold = Exposure::onto(&columns, long, short);
    read(journal, &[EventKind::Filled], |event| fold.take(event))?;
    fold.end();
    equity.read(|equity| {
        share_of(equity, long);
        share_of(equity, short);
    });
    Ok(())
}

fn read(journal: &[u8], kinds: &[EventKind], take: impl FnMut(&Event)) -> PyResult<()> {
    each_event(journal, kinds, take)
        .ok_or_else(|| PyValueError::new_err("these bytes are no journal of this version"))
}

/// Return where in memory a column lies.
fn span<T: Element>(column: &Column<T>) -> Range<usize> {
    let first = column.address() as usize;
    first..first + column.len() * std::mem::size_of::<T>()
}

/// Return records as bytes, one after another.
fn written<'py, T: Fixed>(py: Python<'py>, rows: &[T]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, rows.len() * T::SIZE, |bytes| {
        for (row, place) in rows.iter().zip(bytes.chunks_exact_mut(T::SIZE)) {
            row.lay(place);
        }
        Ok(())
    })
}
