//! One column seen through the cursor: it ends at now, and reading past now raises.

use std::sync::Arc;

use pyo3::basic::CompareOp;
use pyo3::create_exception;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyFloat;

use crate::column::Column;
use crate::place::Place;
use crate::pump::Source;
use crate::seen::{as_asked, as_slice, seen};

create_exception!(
    eyas._kernel,
    LookAheadError,
    PyIndexError,
    "Say that a strategy asked for a value later than now."
);

/// See a column of floats up to now: `[-1]` is now, `[-2]` the bar before, `[0]` the first.
///
/// One that follows has rows of its own, of any number: `[-1]` is the newest that is known now, and its value
/// is NaN while there is none.
#[pyclass(frozen, module = "eyas._kernel")]
pub struct Series {
    column: Arc<Column<f64>>,
    place: Place,
    name: String,
}

impl Series {
    pub fn of(
        values: &Bound<'_, PyAny>,
        name: &str,
        sources: &[Source],
        follow: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Series> {
        let column = Column::new(name, values)?;
        let place = Place::of(sources, follow, column.len(), name)?;
        Ok(Series { column: Arc::new(column), place, name: name.to_owned() })
    }

    /// The name, "" for none.
    pub fn title_said(&self) -> &str {
        &self.name
    }

    /// Return the whole column and what says up to where it may be seen: for what moves time by itself.
    pub fn whole(&self) -> (&Column<f64>, &Place) {
        (&self.column, &self.place)
    }

    /// Return the value at now.
    #[inline(always)]
    fn current(&self) -> PyResult<f64> {
        match self.place.bar() {
            -1 => self.followed().ok_or_else(|| self.too_early()),
            now => Ok(self.column.get(now as usize)),
        }
    }

    /// Return the newest value that is known, NaN for none; None before the first bar.
    // Out of line, and without a PyResult: what is returned in registers keeps the other path short.
    #[inline(never)]
    fn followed(&self) -> Option<f64> {
        self.place.followed_step().map(|(follow, step)| self.or_nan(follow.row(step)))
    }

    fn too_early(&self) -> PyErr {
        self.place.too_early(self.title())
    }

    fn or_nan(&self, row: i64) -> f64 {
        usize::try_from(row).map_or(f64::NAN, |row| self.column.get(row))
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
        match self.place.bar() {
            -1 => self.last_two_followed(),
            0 => Ok(None),
            now => Ok(Some((self.column.get(now as usize - 1), self.column.get(now as usize)))),
        }
    }

    /// Return what was known at the bar before, and what is now: the same but where a row has come.
    #[inline(never)]
    fn last_two_followed(&self) -> PyResult<Option<(f64, f64)>> {
        let Some((follow, step)) = self.place.followed_step() else {
            return Err(self.too_early());
        };
        if follow.is_first() {
            return Ok(None);
        }
        Ok(Some((self.or_nan(follow.row(step - 1)), self.or_nan(follow.row(step)))))
    }
}

/// A series or a number, as the other side of a comparison.
enum Other<'a> {
    Series(&'a Series),
    Number(f64),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Other<'a> {
    type Error = PyErr;

    /// A float is told by its type at once, because a failed cast is dear. A series comes before other
    /// numbers: it can be read as a float too, but then it would have no bar before.
    #[inline(always)]
    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Other<'a>> {
        if let Ok(number) = value.cast_exact::<PyFloat>() {
            return Ok(Other::Number(number.value()));
        }
        if let Ok(series) = value.cast_exact::<Series>() {
            return Ok(Other::Series(series.get()));
        }
        Ok(Other::Number(value.extract()?))
    }
}

impl Other<'_> {
    #[inline(always)]
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

    #[new]
    #[pyo3(signature = (values, name = "", *, sources, follow = None))]
    fn new(
        values: &Bound<'_, PyAny>,
        name: &str,
        sources: Vec<Source>,
        follow: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Series> {
        Series::of(values, name, &sources, follow)
    }

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
        self.place.count()
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
        let py = index.py();
        if let Some(slice) = as_slice(index) {
            return seen(py, &self.column, self.place.count(), "f8")?.get_item(slice);
        }
        let row = self.place.row(index.extract()?, self.title())?;
        Ok(self.column.get(row).into_pyobject(py)?.into_any())
    }

    /// Return the values up to now as a read-only numpy array, without copying.
    #[pyo3(signature = (dtype = None, copy = None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        as_asked(seen(py, &self.column, self.place.count(), "f8")?, dtype, copy)
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

    /// Return itself: it holds nothing that could be changed.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __repr__(&self) -> String {
        let (title, now) = (self.title(), self.place.now());
        let unit = if self.place.follows() { "row" } else { "bar" };
        match self.current() {
            Ok(_) if now < 0 => format!("<Series {title}, no row yet>"),
            Ok(value) => format!("<Series {title} = {value} at {unit} {now}>"),
            Err(_) => format!("<Series {title} before the first bar>"),
        }
    }
}
