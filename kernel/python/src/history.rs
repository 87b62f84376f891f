//! The columns of one instrument and the place up to which they may be seen.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

use eyas_kernel::number::Scale;
use eyas_kernel::record;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;

use crate::bar::Bar;
use crate::column::Column;
use crate::series::Series;

/// The index of the bar that is now; -1 before the first. Shared with every series.
pub type Cursor = Arc<AtomicI64>;

/// Hold the columns of one instrument behind a cursor that only the pump moves.
#[pyclass(frozen, module = "eyas._kernel")]
pub struct History {
    time: Column<i64>,
    open: Column<f64>,
    high: Column<f64>,
    low: Column<f64>,
    close: Column<f64>,
    volume: Column<f64>,
    cursor: Cursor,
}

#[pymethods]
impl History {
    #[new]
    fn new(
        time: &Bound<'_, PyAny>,
        open: &Bound<'_, PyAny>,
        high: &Bound<'_, PyAny>,
        low: &Bound<'_, PyAny>,
        close: &Bound<'_, PyAny>,
        volume: &Bound<'_, PyAny>,
    ) -> PyResult<History> {
        let history = History {
            time: Column::new("time", time)?,
            open: Column::new("open", open)?,
            high: Column::new("high", high)?,
            low: Column::new("low", low)?,
            close: Column::new("close", close)?,
            volume: Column::new("volume", volume)?,
            cursor: Arc::new(AtomicI64::new(-1)),
        };
        let columns = [&history.open, &history.high, &history.low, &history.close, &history.volume];
        if columns.iter().any(|column| column.len() != history.time.len()) {
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

    /// Return a view of `values` (one float a bar) that ends at now.
    #[pyo3(signature = (values, name = ""))]
    fn series(&self, values: &Bound<'_, PyAny>, name: &str) -> PyResult<Series> {
        let column = Column::new(name, values)?;
        if column.len() != self.time.len() {
            let (is, should) = (column.len(), self.time.len());
            return Err(PyValueError::new_err(format!("{name} has {is} values for {should} bars")));
        }
        Ok(Series::new(column, self.cursor.clone(), name))
    }

    /// Move now to a bar and return it. Only a pump may call this.
    fn move_to(&self, index: usize) -> PyResult<Bar> {
        if index >= self.time.len() {
            return Err(PyIndexError::new_err(format!("there is no bar {index}")));
        }
        self.seek(index);
        Ok(self.bar(index))
    }
}

impl History {
    pub fn len(&self) -> usize {
        self.time.len()
    }

    pub fn now(&self) -> i64 {
        self.cursor.load(Ordering::Relaxed)
    }

    #[inline]
    pub fn seek(&self, index: usize) {
        self.cursor.store(index as i64, Ordering::Relaxed);
    }

    #[inline]
    pub fn bar(&self, index: usize) -> Bar {
        Bar {
            index: index as i64,
            time: self.time.get(index),
            open: self.open.get(index),
            high: self.high.get(index),
            low: self.low.get(index),
            close: self.close.get(index),
            volume: self.volume.get(index),
        }
    }

    /// Return the kernel's bar, on an account's scale.
    #[inline]
    pub fn kernel_bar(&self, index: usize, scale: Scale) -> record::Bar {
        let prices = [&self.open, &self.high, &self.low, &self.close].map(|column| column.get(index));
        record::Bar::from_floats(self.time.get(index), prices, self.volume.get(index), scale)
    }
}
