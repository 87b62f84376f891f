//! One pass over columns, to check bars or to find the few rows that are worth a closer look.
//!
//! What is found wrong is only told as such: Python looks again, and says which row it is and why.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::column::Column;
use crate::shared::shared;

/// Rows that stay in the fastest cache while everything is done with them.
const PIECE: usize = 512;

/// Return whether each time is later than the one before.
#[pyfunction]
pub fn is_rising(time: &Bound<'_, PyAny>) -> PyResult<bool> {
    let time = Column::<i64>::new("time", time)?;
    Ok(time.read(|time| {
        if time.len() < 2 {
            return true;
        }
        shared(time.len() - 1, 1, |first, end| rises(&time[first..end + 1])).into_iter().all(|rising| rising)
    }))
}

fn rises(time: &[i64]) -> bool {
    time.windows(2).fold(true, |rising, pair| rising & (pair[1] > pair[0]))
}

/// Return the smallest and the largest of some numbers; NaN counts as neither. Infinities where there are none.
#[pyfunction]
pub fn extremes(values: &Bound<'_, PyAny>) -> PyResult<(f64, f64)> {
    let values = Column::<f64>::new("values", values)?;
    Ok(values.read(|values| {
        let found = shared(values.len(), 1, |first, end| extremes_of(&values[first..end]));
        found.into_iter().fold(NEITHER, |all, one| (least(all.0, one.0), most(all.1, one.1)))
    }))
}

const NEITHER: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

fn least(one: f64, two: f64) -> f64 {
    if two < one {
        two
    } else {
        one
    }
}

fn most(one: f64, two: f64) -> f64 {
    if two > one {
        two
    } else {
        one
    }
}

fn extremes_of(values: &[f64]) -> (f64, f64) {
    // Several at a time, or each comparison would wait for the one before.
    let (mut low, mut high) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
    let pieces = values.chunks_exact(8);
    let rest = pieces.remainder();
    for piece in pieces {
        for place in 0..8 {
            low[place] = least(low[place], piece[place]);
            high[place] = most(high[place], piece[place]);
        }
    }
    let all = low.into_iter().zip(high).fold(NEITHER, |all, one| (least(all.0, one.0), most(all.1, one.1)));
    rest.iter().fold(all, |all, value| (least(all.0, *value), most(all.1, *value)))
}

/// Return the median of how far some ratios are from one, of those that are at all; 0 where none is.
///
/// They are `over[over_from + n * stride] / under[n * stride]` for n below `count`.
#[pyfunction]
pub fn median_apart(
    over: &Bound<'_, PyAny>,
    under: &Bound<'_, PyAny>,
    over_from: usize,
    stride: usize,
    count: usize,
) -> PyResult<f64> {
    let (over, under) = (Column::<f64>::new("over", over)?, Column::<f64>::new("under", under)?);
    let rows = (0..count).map(|place| place * stride);
    let apart = rows.map(|row| (over.get(row + over_from) / under.get(row) - 1.0).abs());
    // Numbers above zero are in the order of their bits.
    let mut sizes: Vec<u64> = apart.filter(|size| *size > 0.0).map(f64::to_bits).collect();
    let Some(middle) = sizes.len().checked_sub(1).map(|last| last.div_ceil(2)) else { return Ok(0.0) };
    let is_even = sizes.len() % 2 == 0;
    let (lower, upper, _) = sizes.select_nth_unstable(middle);
    let upper = f64::from_bits(*upper);
    match lower.iter().max() {
        Some(lower) if is_even => Ok((f64::from_bits(*lower) + upper) / 2.0),
        _ => Ok(upper),
    }
}

/// What prices and volumes can be: more than the first, up to the others.
struct Limits {
    smallest_price: f64,
    largest_price: f64,
    largest_volume: f64,
}

/// Take prices (open, high, low, close) and, if there are five columns, volumes: write each of the `sources`
/// into its target, if it has one, and return whether no row can be wrong.
///
/// A row that may be right after rounding is told as wrong: Python looks again.
#[pyfunction]
pub fn take_bars(
    sources: Vec<Bound<'_, PyAny>>,
    targets: Vec<Option<Bound<'_, PyAny>>>,
    limits: (f64, f64, f64),
) -> PyResult<bool> {
    let from: Vec<Column<f64>> =
        sources.iter().map(|values| Column::new("a column", values)).collect::<PyResult<_>>()?;
    let into: Vec<Option<Column<f64>>> = targets
        .iter()
        .map(|target| target.as_ref().map(|values| Column::writable("a target", values)).transpose())
        .collect::<PyResult<_>>()?;
    let count = from.first().map_or(0, Column::len);
    let even = from.iter().chain(into.iter().flatten()).all(|column| column.len() == count);
    if !even || !(4..=5).contains(&from.len()) || into.len() != from.len() {
        return Err(PyValueError::new_err(
            "prices, and volumes if any, have one length, and a target or none",
        ));
    }
    let (smallest_price, largest_price, largest_volume) = limits;
    let limits = Limits { smallest_price, largest_price, largest_volume };
    let found = shared(count, PIECE, |first, end| take(&from, &into, first, end, &limits));
    Ok(found.into_iter().all(|right| right))
}

fn take(
    from: &[Column<f64>],
    into: &[Option<Column<f64>>],
    first: usize,
    end: usize,
    limits: &Limits,
) -> bool {
    let mut right = true;
    for start in (first..end).step_by(PIECE) {
        let rows = start..end.min(start + PIECE);
        let mut columns: [&[f64]; 5] = [&[]; 5];
        for (place, (source, target)) in from.iter().zip(into).enumerate() {
            // SAFETY: the rows exist; no other thread has these rows, and the interpreter is held.
            columns[place] = unsafe { source.rows(rows.clone()) };
            if let Some(target) = target {
                unsafe { target.rows_written(rows.clone()) }.copy_from_slice(columns[place]);
            }
        }
        let [open, high, low, close, volume] = columns;
        right &= prices_are_right(open, high, low, close, limits);
        right &=
            volume.iter().fold(true, |right, one| right & (*one >= 0.0) & (*one <= limits.largest_volume));
    }
    right
}

/// Return whether no price can be wrong: a NaN fails every comparison.
fn prices_are_right(open: &[f64], high: &[f64], low: &[f64], close: &[f64], limits: &Limits) -> bool {
    let count = open.len();
    let (high, low, close) = (&high[..count], &low[..count], &close[..count]);
    let mut right = true;
    for row in 0..count {
        let inside = (low[row] <= open[row]) & (open[row] <= high[row]);
        let inside = inside & (low[row] <= close[row]) & (close[row] <= high[row]);
        right &= inside & (low[row] > limits.smallest_price) & (high[row] <= limits.largest_price);
    }
    right
}

/// What is unusual: how far a close is from the one before, and a high from its low, both as ratios.
#[derive(Clone, Copy)]
struct Unusual {
    step: i64,
    move_least: f64,
    range_least: f64,
    block: usize,
    near_zero: f64,
}

/// The rows of one share, in the order of `Scan` (eyas/data/quality/scan.py).
type Rows = [Vec<i64>; 6];

/// Return the rows that are worth a closer look, as 64-bit integers in bytes: those whose next bar is not one
/// `step` away, that moved, that are wide, the same as the one before, without volume, and the first rows of
/// blocks with prices that may be near zero.
///
/// `limits` are the least move and the least range (high over low), the length of a block, and how many times
/// its lowest price the highest may be.
#[pyfunction]
pub fn scan_bars<'py>(
    py: Python<'py>,
    time: &Bound<'_, PyAny>,
    prices: (Bound<'_, PyAny>, Bound<'_, PyAny>, Bound<'_, PyAny>),
    volume: Option<&Bound<'_, PyAny>>,
    step: i64,
    limits: (f64, f64, usize, f64),
) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let time = Column::<i64>::new("time", time)?;
    let high = Column::<f64>::new("high", &prices.0)?;
    let low = Column::<f64>::new("low", &prices.1)?;
    let close = Column::<f64>::new("close", &prices.2)?;
    let volume = volume.map(|values| Column::<f64>::new("volume", values)).transpose()?;
    let count = time.len();
    let even = [&high, &low, &close].into_iter().chain(&volume).all(|column| column.len() == count);
    let (move_least, range_least, block, near_zero) = limits;
    if !even || block == 0 {
        return Err(PyValueError::new_err("all columns must have the same length, and a block a row"));
    }
    let unusual = Unusual { step, move_least, range_least, block, near_zero };
    let found = time.read(|time| {
        high.read(|high| {
            low.read(|low| {
                close.read(|close| {
                    let columns = (time, high, low, close);
                    let idle = |volume: &[f64]| look(columns, Some(volume), &unusual);
                    match &volume {
                        Some(volume) => volume.read(idle),
                        None => look(columns, None, &unusual),
                    }
                })
            })
        })
    });
    Ok((0..6)
        .map(|place| {
            let rows = found.iter().flat_map(|share| share[place].iter());
            let bytes: Vec<u8> = rows.flat_map(|row| row.to_ne_bytes()).collect();
            PyBytes::new(py, &bytes)
        })
        .collect())
}

type Columns<'a> = (&'a [i64], &'a [f64], &'a [f64], &'a [f64]);

fn look(columns: Columns<'_>, volume: Option<&[f64]>, unusual: &Unusual) -> Vec<Rows> {
    shared(columns.0.len(), unusual.block, |first, end| {
        let mut rows = Rows::default();
        for start in (first..end).step_by(unusual.block) {
            look_at_block(columns, volume, start, end.min(start + unusual.block), unusual, &mut rows);
        }
        rows
    })
}

// A test is written so that a NaN is looked at.
#[allow(clippy::neg_cmp_op_on_partial_ord)]
/// Look at one block: a quick test for each piece of it, and the exact one only where that says something.
fn look_at_block(
    (time, high, low, close): Columns<'_>,
    volume: Option<&[f64]>,
    first: usize,
    end: usize,
    unusual: &Unusual,
    rows: &mut Rows,
) {
    let (lowest, highest) = (extremes_of(&low[first..end]).0, extremes_of(&high[first..end]).1);
    if lowest * unusual.near_zero < highest {
        rows[5].push(first as i64);
    }
    for start in (first..end).step_by(128) {
        let stop = end.min(start + 128);
        if start > 0 {
            let before = &time[start - 1..stop - 1];
            let even = time[start..stop].iter().zip(before);
            if even.fold(false, |odd, (now, before)| odd | (now.wrapping_sub(*before) != unusual.step)) {
                let odd = (start..stop).filter(|row| time[*row].wrapping_sub(time[*row - 1]) != unusual.step);
                rows[0].extend(odd.map(|row| row as i64 - 1));
            }
            moves(high, low, close, (start, stop), unusual, rows);
        } else if stop > 1 {
            let odd = (1..stop).filter(|row| time[*row].wrapping_sub(time[*row - 1]) != unusual.step);
            rows[0].extend(odd.map(|row| row as i64 - 1));
            moves(high, low, close, (1, stop), unusual, rows);
        }
        let near = unusual.range_least * (1.0 - 1e-12);
        let range = high[start..stop].iter().zip(&low[start..stop]);
        // What is not clearly within is looked at.
        if range.fold(false, |wide, (high, low)| wide | !(*high <= *low * near)) {
            let wide = (start..stop).filter(|row| high[*row] / low[*row] > unusual.range_least);
            rows[2].extend(wide.map(|row| row as i64));
        }
        if let Some(volume) = volume {
            if volume[start..stop].iter().fold(false, |idle, one| idle | (*one == 0.0)) {
                rows[4].extend((start..stop).filter(|row| volume[*row] == 0.0).map(|row| row as i64));
            }
        }
    }
}

#[allow(clippy::neg_cmp_op_on_partial_ord)]
/// Find the closes that are far from the one before, and the bars that are as the one before.
fn moves(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    (start, stop): (usize, usize),
    unusual: &Unusual,
    rows: &mut Rows,
) {
    let far = unusual.move_least * (1.0 - 1e-9);
    let pairs = close[start..stop].iter().zip(&close[start - 1..stop - 1]);
    // Without a division; those near a limit are looked at.
    let worth = pairs.fold(false, |worth, (now, before)| {
        let away = (now - before).abs();
        worth | !((away < before * far) & (away > before * 1e-15))
    });
    if !worth {
        return;
    }
    for row in start..stop {
        let change = close[row] / close[row - 1];
        if change == 1.0 && high[row] == high[row - 1] && low[row] == low[row - 1] {
            rows[3].push(row as i64);
        }
        if (change - 1.0).abs() > unusual.move_least {
            rows[1].push(row as i64);
        }
    }
}
