//! One column seen through the cursor: it ends at now, and reading past now raises.

use std::sync::atomic::Ordering;
use std::sync::Arc;

use pyo3::basic::CompareOp;
use pyo3::create_exception;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PySlice};

use crate::column::Column;
use crate::history::Cursor;

create_exception!(
    eyas._kernel,
    LookAheadError,
    PyIndexError,
    "Say that a strategy asked for a value later than now."
);

/// See a column of floats up to now: `[-1]` is now, `[-2]` the bar before, `[0]` the first.
#[pyclass(frozen, module = "eyas._kernel")]
pub struct Series {
    column: Arc<Column<f64>>,
    cursor: Cursor,
    name: String,
}

impl Series {
    pub fn new(column: Column<f64>, cursor: Cursor, name: &str) -> Series {
        Series { column: Arc::new(column), cursor, name: name.to_owned() }
    }

    #[inline]
    fn now(&self) -> i64 {
        self.cursor.load(Ordering::Relaxed)
    }

    /// Return the value at now.
    #[inline]
    fn current(&self) -> PyResult<f64> {
        match self.now() {
            -1 => Err(self.too_early()),
            now => Ok(self.column.get(now as usize)),
        }
    }

    fn too_early(&self) -> PyErr {
        LookAheadError::new_err(format!("{} has no value before the first bar", self.title()))
    }

    fn title(&self) -> &str {
        if self.name.is_empty() {
            "the series"
        } else {
            &self.name
        }
    }

    /// Return the value of the bar before and of now; None on the first bar.
    #[inline]
    fn last_two(&self) -> PyResult<Option<(f64, f64)>> {
        let now = self.now();
        match now {
            -1 => Err(self.too_early()),
            0 => Ok(None),
            _ => Ok(Some((self.column.get(now as usize - 1), self.column.get(now as usize)))),
        }
    }

    fn at(&self, index: i64) -> PyResult<f64> {
        let now = self.now();
        let row = if index < 0 { now + 1 + index } else { index };
        if row > now {
            let title = self.title();
            return Err(LookAheadError::new_err(format!(
                "{title}[{index}] is later than now (bar {now}): a strategy sees closed bars only"
            )));
        }
        if row < 0 {
            let (title, count) = (self.title(), now + 1);
            return Err(PyIndexError::new_err(format!(
                "{title}[{index}] is before the first of {count} bars"
            )));
        }
        Ok(self.column.get(row as usize))
    }
}

/// A series or a number, as the other side of a comparison.
enum Other<'py> {
    Series(PyRef<'py, Series>),
    Number(f64),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Other<'py> {
    type Error = PyErr;

    /// A float is told by its type at once, because a failed cast is dear. A series comes before other
    /// numbers: it can be read as a float too, but then it would have no bar before.
    #[inline]
    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Other<'py>> {
        if let Ok(number) = value.cast_exact::<PyFloat>() {
            return Ok(Other::Number(number.value()));
        }
        if let Ok(series) = value.cast_exact::<Series>() {
            return Ok(Other::Series(series.to_owned().borrow()));
        }
        Ok(Other::Number(value.extract()?))
    }
}

impl Other<'_> {
    #[inline]
    fn current(&self) -> PyResult<f64> {
        match self {
            Other::Series(series) => series.current(),
            Other::Number(number) => Ok(*number),
        }
    }

    #[inline]
    fn last_two(&self) -> PyResult<Option<(f64, f64)>> {
        match self {
            Other::Series(series) => series.last_two(),
            Other::Number(number) => Ok(Some((*number, *number))),
        }
    }
}

#[pymethods]
impl Series {
    /// A numpy number on the left leaves the operation to the series, which means its value at now.
    #[classattr]
    #[pyo3(name = "__array_priority__")]
    const ARRAY_PRIORITY: f64 = 1e6;

    /// Value at now.
    #[getter]
    fn value(&self) -> PyResult<f64> {
        self.current()
    }

    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// Return whether this rose above the other between the bar before and now; False in warm-up.
    fn crossed_above(&self, other: Other<'_>) -> PyResult<bool> {
        match (self.last_two()?, other.last_two()?) {
            (Some((a, b)), Some((c, d))) => Ok(a <= c && b > d),
            _ => Ok(false),
        }
    }

    /// Return whether this fell below the other between the bar before and now; False in warm-up.
    fn crossed_below(&self, other: Other<'_>) -> PyResult<bool> {
        match (self.last_two()?, other.last_two()?) {
            (Some((a, b)), Some((c, d))) => Ok(a >= c && b < d),
            _ => Ok(false),
        }
    }

    fn __len__(&self) -> usize {
        (self.now() + 1) as usize
    }

    fn __float__(&self) -> PyResult<f64> {
        self.current()
    }

    fn __bool__(&self) -> PyResult<bool> {
        let title = self.title();
        Err(PyTypeError::new_err(format!(
            "{title} is neither true nor false: compare it with a number or a series"
        )))
    }

    fn __getitem__<'py>(&self, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = index.cast::<PySlice>() {
            return self.seen(index.py())?.get_item(slice);
        }
        Ok(self.at(index.extract()?)?.into_pyobject(index.py())?.into_any())
    }

    /// Return the values up to now as a read-only numpy array, without copying.
    #[pyo3(signature = (dtype = None, copy = None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut seen = self.seen(py)?;
        if let Some(dtype) = dtype {
            seen = seen.call_method1("astype", (dtype,))?;
        }
        if copy == Some(true) {
            seen = seen.call_method0("copy")?;
        }
        Ok(seen)
    }

    fn __richcmp__(&self, other: Other<'_>, operator: CompareOp) -> PyResult<bool> {
        let (a, b) = (self.current()?, other.current()?);
        Ok(match operator {
            CompareOp::Lt => a < b,
            CompareOp::Le => a <= b,
            CompareOp::Eq => a == b,
            CompareOp::Ne => a != b,
            CompareOp::Gt => a > b,
            CompareOp::Ge => a >= b,
        })
    }

    fn __add__(&self, other: Other<'_>) -> PyResult<f64> {
        Ok(self.current()? + other.current()?)
    }

    fn __radd__(&self, other: Other<'_>) -> PyResult<f64> {
        Ok(other.current()? + self.current()?)
    }

    fn __sub__(&self, other: Other<'_>) -> PyResult<f64> {
        Ok(self.current()? - other.current()?)
    }

    fn __rsub__(&self, other: Other<'_>) -> PyResult<f64> {
        Ok(other.current()? - self.current()?)
    }

    fn __mul__(&self, other: Other<'_>) -> PyResult<f64> {
        Ok(self.current()? * other.current()?)
    }

    fn __rmul__(&self, other: Other<'_>) -> PyResult<f64> {
        Ok(other.current()? * self.current()?)
    }

    fn __truediv__(&self, other: Other<'_>) -> PyResult<f64> {
        Ok(self.current()? / other.current()?)
    }

    fn __rtruediv__(&self, other: Other<'_>) -> PyResult<f64> {
        Ok(other.current()? / self.current()?)
    }

    fn __neg__(&self) -> PyResult<f64> {
        Ok(-self.current()?)
    }

    fn __abs__(&self) -> PyResult<f64> {
        Ok(self.current()?.abs())
    }

    #[pyo3(signature = (digits = None))]
    fn __round__<'py>(&self, py: Python<'py>, digits: Option<i32>) -> PyResult<Bound<'py, PyAny>> {
        let value = PyFloat::new(py, self.current()?);
        value.call_method1("__round__", (digits,))
    }

    fn __format__<'py>(&self, py: Python<'py>, spec: &str) -> PyResult<Bound<'py, PyAny>> {
        PyFloat::new(py, self.current()?).call_method1("__format__", (spec,))
    }

    fn __repr__(&self) -> String {
        match self.current() {
            Ok(value) => format!("<Series {} = {value} at bar {}>", self.title(), self.now()),
            Err(_) => format!("<Series {} before the first bar>", self.title()),
        }
    }
}

impl Series {
    /// Return what has been seen as an array whose base is no more than that.
    fn seen<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let numpy = py.import("numpy")?;
        let count = (self.now() + 1) as usize;
        if count == 0 {
            return numpy.call_method1("empty", (0,));
        }
        let seen = Seen { column: self.column.clone(), count };
        numpy.call_method1("frombuffer", (Bound::new(py, seen)?, "f8"))
    }
}

/// The values up to now, as read-only bytes: all that an array made of them can reach.
#[pyclass(frozen, module = "eyas._kernel")]
struct Seen {
    column: Arc<Column<f64>>,
    count: usize,
}

#[pymethods]
impl Seen {
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: std::ffi::c_int,
    ) -> PyResult<()> {
        let seen = slf.get();
        let bytes = (seen.count * std::mem::size_of::<f64>()) as ffi::Py_ssize_t;
        // SAFETY: the column holds at least `count` values and lives as long as this object, which the
        // view keeps alive; the memory is handed out read-only.
        let filled =
            unsafe { ffi::PyBuffer_FillInfo(view, slf.as_ptr(), seen.column.address(), bytes, 1, flags) };
        if filled == -1 {
            return Err(PyErr::fetch(slf.py()));
        }
        Ok(())
    }
}
