//! A column of times seen through the cursor, as whole nanoseconds: a float would lose the last of them.

use std::sync::Arc;

use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;

use crate::column::Column;
use crate::place::Place;
use crate::pump::Source;
use crate::seen::{as_asked, as_slice, seen};

/// See a column of times up to now: `[-1]` is the newest known, `[-2]` the one before, `[0]` the first.
#[pyclass(frozen, module = "eyas._kernel")]
pub struct Times {
    column: Arc<Column<i64>>,
    place: Place,
    name: String,
}

impl Times {
    /// The name, "" for none.
    pub fn title_said(&self) -> &str {
        &self.name
    }

    /// Return the whole column and what says up to where it may be seen: for what moves time by itself.
    pub fn whole(&self) -> (&Column<i64>, &Place) {
        (&self.column, &self.place)
    }

    fn current(&self) -> PyResult<i64> {
        match self.place.now() {
            -1 if self.place.has_begun() => {
                Err(PyIndexError::new_err(format!("{} has no row that is known yet", self.name)))
            }
            -1 => Err(self.place.too_early(&self.name)),
            now => Ok(self.column.get(now as usize)),
        }
    }
}

/// Times or a number of nanoseconds, as the other side of a comparison.
enum Other<'a> {
    Times(&'a Times),
    Number(i64),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Other<'a> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Other<'a>> {
        match value.cast_exact::<Times>() {
            Ok(times) => Ok(Other::Times(times.get())),
            Err(_) => Ok(Other::Number(value.extract()?)),
        }
    }
}

impl Other<'_> {
    fn current(&self) -> PyResult<i64> {
        match self {
            Other::Times(times) => times.current(),
            Other::Number(number) => Ok(*number),
        }
    }
}

#[pymethods]
impl Times {
    /// A numpy number on the left leaves the operation to the times, which means the newest of them.
    #[classattr]
    #[pyo3(name = "__array_priority__")]
    const ARRAY_PRIORITY: f64 = 1e6;

    #[new]
    #[pyo3(signature = (values, name = "time", *, sources, follow = None))]
    fn new(
        values: &Bound<'_, PyAny>,
        name: &str,
        sources: Vec<Source>,
        follow: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Times> {
        let column = Column::new(name, values)?;
        let place = Place::of(&sources, follow, column.len(), name)?;
        Ok(Times { column: Arc::new(column), place, name: name.to_owned() })
    }

    /// Newest time that is known.
    #[getter]
    fn value(&self) -> PyResult<i64> {
        self.current()
    }

    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    fn __len__(&self) -> usize {
        self.place.count()
    }

    fn __int__(&self) -> PyResult<i64> {
        self.current()
    }

    fn __bool__(&self) -> PyResult<bool> {
        let name = &self.name;
        Err(PyTypeError::new_err(format!("{name} is neither true nor false: compare it with a time")))
    }

    fn __getitem__<'py>(&self, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = index.py();
        if let Some(slice) = as_slice(index) {
            return seen(py, &self.column, self.place.count(), "i8")?.get_item(slice);
        }
        let row = self.place.row(index.extract()?, &self.name)?;
        Ok(self.column.get(row).into_pyobject(py)?.into_any())
    }

    /// Return the times up to now as a read-only numpy array, without copying.
    #[pyo3(signature = (dtype = None, copy = None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        as_asked(seen(py, &self.column, self.place.count(), "i8")?, dtype, copy)
    }

    fn __richcmp__(&self, other: Other<'_>, operator: CompareOp) -> PyResult<bool> {
        Ok(operator.matches(self.current()?.cmp(&other.current()?)))
    }

    fn __sub__(&self, other: Other<'_>) -> PyResult<i64> {
        Ok(self.current()? - other.current()?)
    }

    fn __rsub__(&self, other: Other<'_>) -> PyResult<i64> {
        Ok(other.current()? - self.current()?)
    }

    /// Return itself: it holds nothing that could be changed.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __repr__(&self) -> String {
        let count = self.place.count();
        match self.current() {
            Ok(value) => format!("<Times {} = {value}, {count} in all>", self.name),
            Err(_) => format!("<Times {}, none yet>", self.name),
        }
    }
}
