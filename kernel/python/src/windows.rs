//! The two loops under nearly all indicators: means over windows, and averages that remember.
//!
//! Every sum is made of the same additions in the same order as in eyas/indicators/_windows.py and
//! _recursion.py, so that results agree with those of one bar at a time to the last bit.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::column::Column;
use crate::shared::shared;

/// Windows that are summed at a time.
const CHUNK: usize = 2048;
/// Values in a block of `decay`, and blocks that take each step together.
const LENGTH: usize = 64;
const TOGETHER: usize = 8;

/// Write the mean of every window of `period` values into `result`, NaN where there is none yet.
#[pyfunction]
pub fn window_means(values: &Bound<'_, PyAny>, period: usize, result: &Bound<'_, PyAny>) -> PyResult<()> {
    let (values, result) =
        (Column::<f64>::new("values", values)?, Column::<f64>::writable("result", result)?);
    if values.len() != result.len() || period == 0 {
        return Err(PyValueError::new_err("values and result need one length, and a window a value"));
    }
    let count = values.len();
    shared(count, period, |first, end| {
        // SAFETY: the rows exist, no other thread writes to these, and nobody writes to the values.
        let (values, result) = unsafe { (values.rows(0..count), result.rows_written(first..end)) };
        let warm = (period - 1).clamp(first, end);
        result[..warm - first].fill(f64::NAN);
        let mut buffers = (Vec::new(), Vec::new());
        for start in (warm..end).step_by(CHUNK.max(period)) {
            let stop = end.min(start + CHUNK.max(period));
            let means = &mut result[start - first..stop - first];
            sums(&values[start + 1 - period..stop], period, &mut buffers, means);
            let divisor = period as f64;
            means.iter_mut().for_each(|mean| *mean /= divisor);
        }
    });
    Ok(())
}

/// Write the sum of every window of `values` into `whole`: sums of 1, 2, 4 … values, joined to a period.
fn sums(values: &[f64], period: usize, buffers: &mut (Vec<f64>, Vec<f64>), whole: &mut [f64]) {
    let count = whole.len();
    let (doubled, next) = (&mut buffers.0, &mut buffers.1);
    doubled.clear();
    doubled.extend_from_slice(values);
    let (mut covered, mut length) = (0, 1);
    loop {
        if period & length != 0 {
            let newer = &doubled[covered..covered + count];
            if covered == 0 {
                whole.copy_from_slice(newer);
            } else {
                whole.iter_mut().zip(newer).for_each(|(sum, newer)| *sum += newer);
            }
            covered += length;
        }
        if covered == period {
            return;
        }
        next.clear();
        next.extend(doubled.iter().zip(&doubled[length..]).map(|(older, newer)| older + newer));
        std::mem::swap(doubled, next);
        length *= 2;
    }
}

/// Two sums over each of some windows: of the values, and of what goes with them.
#[derive(Default)]
struct Pairs {
    sums: Vec<f64>,
    others: Vec<f64>,
}

/// Join a sum and its other with those of the windows right after, given both lengths.
trait Join: Sync {
    /// Return what turns both others, and both sums, into the other of the whole.
    fn joined(&self, older: (f64, f64), newer: (f64, f64)) -> f64;
    /// Return the same for other lengths.
    fn of(older: usize, newer: usize) -> Self;
    /// Return the other of a window of one value.
    fn alone(value: f64) -> f64;
}

/// Squared deviations from the mean (Chan, Golub and LeVeque 1979).
struct Deviations {
    older: Division,
    newer: Division,
    share: f64,
}

/// A division by a whole number; by a power of two as a multiplication, which gives the same.
struct Division {
    by: f64,
    inverse: Option<f64>,
}

impl Division {
    fn new(by: usize) -> Division {
        Division { by: by as f64, inverse: by.is_power_of_two().then(|| 1.0 / by as f64) }
    }

    #[inline(always)]
    fn of(&self, value: f64) -> f64 {
        match self.inverse {
            Some(inverse) => value * inverse,
            None => value / self.by,
        }
    }
}

impl Join for Deviations {
    #[inline(always)]
    fn joined(&self, older: (f64, f64), newer: (f64, f64)) -> f64 {
        let apart = self.older.of(older.0) - self.newer.of(newer.0);
        older.1 + newer.1 + apart * apart * self.share
    }

    fn of(older: usize, newer: usize) -> Deviations {
        let share = (older * newer) as f64 / (older + newer) as f64;
        Deviations { older: Division::new(older), newer: Division::new(newer), share }
    }

    /// Zero, but NaN stays NaN.
    #[allow(clippy::eq_op)]
    fn alone(value: f64) -> f64 {
        value - value
    }
}

/// Sums with weights from 1: after n older values the newer weigh n more each.
struct Weighted(f64);

impl Join for Weighted {
    #[inline(always)]
    fn joined(&self, older: (f64, f64), newer: (f64, f64)) -> f64 {
        older.1 + newer.1 + newer.0 * self.0
    }

    fn of(older: usize, _: usize) -> Weighted {
        Weighted(older as f64)
    }

    fn alone(value: f64) -> f64 {
        value
    }
}

impl Pairs {
    /// Take over what windows of one value give.
    fn begin<J: Join>(&mut self, values: &[f64]) {
        self.sums.clear();
        self.sums.extend_from_slice(values);
        self.others.clear();
        self.others.extend(values.iter().map(|value| J::alone(*value)));
    }

    /// Join windows with those that begin `length` later, into windows of twice the length.
    fn double<J: Join>(&self, length: usize, next: &mut Pairs) {
        let join = J::of(length, length);
        let count = self.sums.len() - length;
        let (older, newer) = (&self.sums[..count], &self.sums[length..]);
        let (older_others, newer_others) = (&self.others[..count], &self.others[length..]);
        next.others.clear();
        next.others.extend((0..count).map(|place| {
            join.joined((older[place], older_others[place]), (newer[place], newer_others[place]))
        }));
        next.sums.clear();
        next.sums.extend(older.iter().zip(newer).map(|(older, newer)| older + newer));
    }

    /// Join these windows, of `covered` values, with those of `length` values that begin right after each.
    fn extend<J: Join>(&mut self, covered: usize, doubled: &Pairs, length: usize, count: usize) {
        let (newer, newer_others) = (&doubled.sums[covered..covered + count], &doubled.others[covered..]);
        if covered == 0 {
            self.sums.clear();
            self.sums.extend_from_slice(newer);
            self.others.clear();
            self.others.extend_from_slice(&newer_others[..count]);
            return;
        }
        let join = J::of(covered, length);
        let newer_others = &newer_others[..count];
        for (place, (sum, other)) in self.sums.iter_mut().zip(&mut self.others).enumerate() {
            *other = join.joined((*sum, *other), (newer[place], newer_others[place]));
            *sum += newer[place];
        }
    }
}

/// Write for each window what goes with its sum, NaN where there is no window yet.
fn fold<J: Join>(values: &Bound<'_, PyAny>, period: usize, result: &Bound<'_, PyAny>) -> PyResult<()> {
    let (values, result) =
        (Column::<f64>::new("values", values)?, Column::<f64>::writable("result", result)?);
    if values.len() != result.len() || period == 0 {
        return Err(PyValueError::new_err("values and result need one length, and a window a value"));
    }
    let count = values.len();
    shared(count, period, |first, end| {
        // SAFETY: the rows exist, no other thread writes to these, and nobody writes to the values.
        let (values, result) = unsafe { (values.rows(0..count), result.rows_written(first..end)) };
        let warm = (period - 1).clamp(first, end);
        result[..warm - first].fill(f64::NAN);
        let (mut doubled, mut next, mut whole) = (Pairs::default(), Pairs::default(), Pairs::default());
        for start in (warm..end).step_by(CHUNK.max(period)) {
            let stop = end.min(start + CHUNK.max(period));
            doubled.begin::<J>(&values[start + 1 - period..stop]);
            let (mut covered, mut length) = (0, 1);
            while covered < period {
                if period & length != 0 {
                    whole.extend::<J>(covered, &doubled, length, stop - start);
                    covered += length;
                }
                if covered < period {
                    doubled.double::<J>(length, &mut next);
                    std::mem::swap(&mut doubled, &mut next);
                    length *= 2;
                }
            }
            result[start - first..stop - first].copy_from_slice(&whole.others);
        }
    });
    Ok(())
}

/// Write the sum of the squared deviations from its mean of every window into `result`.
#[pyfunction]
pub fn window_deviations(
    values: &Bound<'_, PyAny>,
    period: usize,
    result: &Bound<'_, PyAny>,
) -> PyResult<()> {
    fold::<Deviations>(values, period, result)
}

/// Write the sum of every window into `result`, the newest value `period` times and the oldest once.
#[pyfunction]
pub fn window_weighted(values: &Bound<'_, PyAny>, period: usize, result: &Bound<'_, PyAny>) -> PyResult<()> {
    fold::<Weighted>(values, period, result)
}

/// Write y[i] = keep * y[i - 1] + take * values[i] into `result`, where y before the first is `seed`.
///
/// `result` may be `values` itself.
#[pyfunction]
pub fn decay(
    values: &Bound<'_, PyAny>,
    keep: f64,
    take: f64,
    seed: f64,
    result: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let (values, result) =
        (Column::<f64>::new("values", values)?, Column::<f64>::writable("result", result)?);
    let count = values.len();
    if count != result.len() {
        return Err(PyValueError::new_err("values and result must have the same length"));
    }
    let mut fading = [keep; LENGTH];
    for step in 1..LENGTH {
        fading[step] = fading[step - 1] * keep;
    }
    let mut carry = seed;
    let mut blocks = [[0.0; TOGETHER]; LENGTH];
    for start in (0..count).step_by(LENGTH * TOGETHER) {
        let rows = start..count.min(start + LENGTH * TOGETHER);
        // SAFETY: the rows exist and the interpreter is held; they are copied before any is written.
        let part = unsafe { values.rows(rows.clone()) };
        for (step, row) in blocks.iter_mut().enumerate() {
            for (block, value) in row.iter_mut().enumerate() {
                *value = part.get(block * LENGTH + step).map_or(0.0, |given| given * take);
            }
        }
        // As if each block had started from zero …
        for step in 1..LENGTH {
            let before = blocks[step - 1];
            for (now, before) in blocks[step].iter_mut().zip(before) {
                *now += before * keep;
            }
        }
        // … and then what the block before has left, which fades.
        let mut carries = [0.0; TOGETHER];
        for (block, own) in carries.iter_mut().enumerate() {
            *own = carry;
            if block * LENGTH < rows.len() {
                carry = fading[LENGTH - 1] * carry + blocks[LENGTH - 1][block];
            }
        }
        let written = unsafe { result.rows_written(rows) };
        for (block, written) in written.chunks_mut(LENGTH).enumerate() {
            for (step, value) in written.iter_mut().enumerate() {
                *value = blocks[step][block] + fading[step] * carries[block];
            }
        }
    }
    Ok(())
}
