//! What a strategy sees of a bar.

use pyo3::prelude::*;

/// One bar: when it opened, its prices and volume, and its index in the run.
#[pyclass(frozen, get_all, module = "eyas._kernel")]
pub struct Bar {
    /// Index in the run, 0 for the first bar.
    pub index: i64,
    /// When the bar opened, in nanoseconds since 1970 UTC.
    pub time: i64,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
}

#[pymethods]
impl Bar {
    fn __repr__(&self) -> String {
        format!(
            "Bar(index={}, time={}, open={}, high={}, low={}, close={}, volume={})",
            self.index, self.time, self.open, self.high, self.low, self.close, self.volume
        )
    }
}
