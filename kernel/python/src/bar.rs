//! What a strategy sees of a bar.

use pyo3::prelude::*;
use pyo3::types::PyString;

/// One bar: when it opened and closed, its prices and volume, and its index among its instrument's bars.
#[pyclass(frozen, get_all, module = "eyas._kernel")]
pub struct Bar {
    /// Index among the bars of its instrument, 0 for the first.
    pub index: i64,
    /// When the bar opened, in nanoseconds since 1970 UTC.
    pub time: i64,
    /// When it closed; when it opened where nobody said.
    pub close_time: i64,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
    /// A price that came with the bar, such as its VWAP; NaN for none.
    pub given: f64,
    /// What a long pays a short at the close, as a rate; NaN where the bar does not say.
    pub funding: f64,
    /// Number of its instrument, and the symbol of that.
    pub instrument: u32,
    pub symbol: Py<PyString>,
}

#[pymethods]
impl Bar {
    fn __repr__(&self, py: Python<'_>) -> String {
        let symbol = self.symbol.bind(py).to_string_lossy();
        let symbol = if symbol.is_empty() { String::new() } else { format!("symbol={symbol}, ") };
        format!(
            "Bar({symbol}index={}, time={}, open={}, high={}, low={}, close={}, volume={})",
            self.index, self.time, self.open, self.high, self.low, self.close, self.volume
        )
    }
}
