//! What has been seen of a column: all that an array made of it can reach.

use std::any::Any;
use std::sync::Arc;

use pyo3::buffer::Element;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PySlice;

use crate::column::Column;

/// The first values of a column, as read-only bytes.
#[pyclass(frozen, module = "eyas._kernel")]
struct Seen {
    address: usize,
    bytes: ffi::Py_ssize_t,
    /// The column, which keeps the memory alive.
    _column: Arc<dyn Any + Send + Sync>,
}

/// Return the first values of a column as an array whose base is no more than that.
pub fn seen<'py, T: Element + 'static>(
    py: Python<'py>,
    column: &Arc<Column<T>>,
    count: usize,
    kind: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let numpy = py.import("numpy")?;
    if count == 0 {
        return numpy.call_method1("empty", (0, kind));
    }
    assert!(count <= column.len());
    let bytes = (count * std::mem::size_of::<T>()) as ffi::Py_ssize_t;
    let seen = Seen { address: column.address() as usize, bytes, _column: column.clone() };
    numpy.call_method1("frombuffer", (Bound::new(py, seen)?, kind))
}

/// Return an array as `__array__` has to: of another type or copied, where that is asked for.
pub fn as_asked<'py>(
    array: Bound<'py, PyAny>,
    dtype: Option<Bound<'py, PyAny>>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut array = array;
    if let Some(dtype) = dtype {
        array = array.call_method1("astype", (dtype,))?;
    }
    if copy == Some(true) {
        array = array.call_method0("copy")?;
    }
    Ok(array)
}

/// Return an index as a slice, None where it is something else.
pub fn as_slice<'a, 'py>(index: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, PySlice>> {
    index.cast::<PySlice>().ok()
}

#[pymethods]
impl Seen {
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: std::ffi::c_int,
    ) -> PyResult<()> {
        let seen = slf.get();
        let address = seen.address as *mut std::ffi::c_void;
        // SAFETY: the column holds at least so many bytes and lives as long as this object, which the
        // view keeps alive; the memory is handed out read-only.
        let filled = unsafe { ffi::PyBuffer_FillInfo(view, slf.as_ptr(), address, seen.bytes, 1, flags) };
        if filled == -1 {
            return Err(PyErr::fetch(slf.py()));
        }
        Ok(())
    }
}
