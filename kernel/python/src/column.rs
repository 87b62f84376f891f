//! A column of numbers that Python owns, read or written in place.

use std::ptr::NonNull;

use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// A contiguous one-dimensional buffer, held for as long as this lives.
pub struct Column<T: Element> {
    items: NonNull<[T]>,
    _buffer: PyBuffer<T>,
}

// SAFETY: the memory belongs to `_buffer`, which keeps it in place and may move between threads;
// it is only touched while the interpreter is held.
unsafe impl<T: Element> Send for Column<T> {}
unsafe impl<T: Element> Sync for Column<T> {}

impl<T: Element> Column<T> {
    pub fn new(name: &str, values: &Bound<'_, PyAny>) -> PyResult<Column<T>> {
        let buffer =
            PyBuffer::<T>::get(values).map_err(|error| PyTypeError::new_err(format!("{name}: {error}")))?;
        if buffer.dimensions() != 1 {
            return Err(PyValueError::new_err(format!("{name} must have one dimension")));
        }
        let items = buffer.as_slice_ptr();
        let items = items.ok_or_else(|| PyValueError::new_err(format!("{name} must be contiguous")))?;
        Ok(Column { items, _buffer: buffer })
    }

    pub fn writable(name: &str, values: &Bound<'_, PyAny>) -> PyResult<Column<T>> {
        let column = Column::new(name, values)?;
        if column._buffer.readonly() {
            return Err(PyValueError::new_err(format!("{name} must be writable")));
        }
        Ok(column)
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Return the value of a row that exists.
    #[inline]
    pub fn get(&self, row: usize) -> T {
        assert!(row < self.len());
        // SAFETY: the row was checked; the buffer is contiguous and alive.
        unsafe { *self.items.cast::<T>().add(row).as_ptr() }
    }

    #[inline]
    pub fn set(&self, row: usize, value: T) {
        assert!(row < self.len() && !self._buffer.readonly());
        // SAFETY: the row was checked; the buffer is contiguous, alive and writable.
        unsafe { *self.items.cast::<T>().add(row).as_ptr() = value }
    }

    pub fn address(&self) -> *mut std::ffi::c_void {
        self.items.cast().as_ptr()
    }

    /// Return some rows that exist.
    ///
    /// # Safety
    ///
    /// While they are used the interpreter must be held, and nobody may write to them.
    pub unsafe fn rows(&self, rows: std::ops::Range<usize>) -> &[T] {
        &self.items.as_ref()[rows]
    }

    /// Return some rows of a column that is writable, to be written.
    ///
    /// # Safety
    ///
    /// While they are used the interpreter must be held, and nobody else may have them.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn rows_written(&self, rows: std::ops::Range<usize>) -> &mut [T] {
        assert!(rows.start <= rows.end && rows.end <= self.len() && !self._buffer.readonly());
        let first = self.items.cast::<T>().add(rows.start).as_ptr();
        std::slice::from_raw_parts_mut(first, rows.len())
    }

    /// Read all values in place, without Python in between.
    pub fn read<R>(&self, read: impl FnOnce(&[T]) -> R) -> R {
        // SAFETY: the buffer is contiguous and alive; nobody writes to it before this returns, because
        // the interpreter is held.
        read(unsafe { self.items.as_ref() })
    }
}
