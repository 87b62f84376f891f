//! Where one column crosses another, for all rows at once.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::column::Column;
use crate::widest::widest;

/// Write for each row whether `values` rose above `other` (a column, or one level) since the row before, as
/// `Series.crossed_above` says of one row; with `below`, whether they fell below it. The first row crosses
/// nothing, nor does a row beside a NaN.
#[pyfunction]
pub fn crossed(
    values: &Bound<'_, PyAny>,
    other: &Bound<'_, PyAny>,
    below: bool,
    result: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let (values, other) = (Column::<f64>::new("values", values)?, Column::<f64>::new("other", other)?);
    let result = Column::<i8>::writable("result", result)?;
    let count = values.len();
    if result.len() != count || (other.len() != count && other.len() != 1) {
        return Err(PyValueError::new_err("values, other and result need one length"));
    }
    let level = (other.len() == 1 && count != 1).then(|| vec![other.get(0); count]);
    values.read(|values| {
        other.read(|other| {
            let other = level.as_deref().unwrap_or(other);
            // SAFETY: the rows exist, and nobody else reads or writes them while the interpreter is held.
            let result = unsafe { result.rows_written(0..count) };
            match below {
                false => rises(values, other, result),
                true => falls(values, other, result),
            }
        });
    });
    Ok(())
}

widest! {
    fn rises[](values: &[f64], other: &[f64], result: &mut [i8]) -> () {
        fill(values, other, result, |a, b| a <= b, |a, b| a > b)
    }
}

widest! {
    fn falls[](values: &[f64], other: &[f64], result: &mut [i8]) -> () {
        fill(values, other, result, |a, b| a >= b, |a, b| a < b)
    }
}

#[inline(always)]
fn fill(
    values: &[f64],
    other: &[f64],
    result: &mut [i8],
    before: impl Fn(f64, f64) -> bool,
    now: impl Fn(f64, f64) -> bool,
) {
    let count = result.len();
    let Some((first, rest)) = result.split_first_mut() else { return };
    *first = 0;
    let (values, other) = (&values[..count], &other[..count]);
    let befores = values.iter().zip(other);
    let nows = values[1..].iter().zip(&other[1..]);
    for (crossed, ((a, b), (c, d))) in rest.iter_mut().zip(befores.zip(nows)) {
        *crossed = (before(*a, *b) & now(*c, *d)) as i8;
    }
}
