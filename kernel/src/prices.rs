//! The bars of an instrument as columns, asked for the highest and the lowest of many rows at once.

use alloc::vec::Vec;
use core::ops::Range;

use crate::number::{from_float, Scale};

/// How many rows, or blocks of the level below, a block has.
const BLOCK: usize = 64;
const LEVELS: usize = 3;
const LANES: usize = 8;

/// The bars of one instrument, for folds of a journal; only bars that the account has taken.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    pub open: &'a [f64],
    pub high: &'a [f64],
    pub low: &'a [f64],
    pub close: &'a [f64],
    pub scale: Scale,
    /// At which step of the clock each was taken; None where every step has one.
    pub steps: Option<&'a [i64]>,
    /// The instrument whose price turns its money into the account's; None where it is the account's own.
    pub priced_by: Option<usize>,
}

impl Columns<'_> {
    /// Return the last row that was taken up to a step; -1 when none was.
    pub fn row_at(&self, step: i64) -> i64 {
        match self.steps {
            None => step.min(self.close.len() as i64 - 1),
            Some(steps) => steps.partition_point(|taken| *taken <= step) as i64 - 1,
        }
    }

    /// Return at which step a row was taken.
    pub fn step_of(&self, row: i64) -> i64 {
        match (self.steps, usize::try_from(row)) {
            (Some(steps), Ok(row)) => steps.get(row).copied().unwrap_or(i64::MAX),
            _ => row,
        }
    }

    /// Return a price in the kernel's units.
    pub fn units(&self, price: f64) -> i64 {
        from_float(price, self.scale.price_decimals()).unwrap_or(0)
    }
}

/// The highest of any rows of a column, found block by block: floats rise as the units do that they stand for.
#[derive(Clone, Debug)]
pub struct Peaks<'a> {
    rows: &'a [f64],
    /// -1 for a column whose lowest is looked for.
    sign: f64,
    /// The highest of every block of rows, then of every block of those.
    blocks: [Vec<f64>; LEVELS - 1],
}

impl<'a> Peaks<'a> {
    pub fn highest_of(rows: &'a [f64]) -> Peaks<'a> {
        Peaks::of(rows, 1.0)
    }

    pub fn lowest_of(rows: &'a [f64]) -> Peaks<'a> {
        Peaks::of(rows, -1.0)
    }

    fn of(rows: &'a [f64], sign: f64) -> Peaks<'a> {
        let first: Vec<f64> = rows.chunks(BLOCK).map(|some| most(some, sign)).collect();
        let second = first.chunks(BLOCK).map(|some| most(some, 1.0)).collect();
        Peaks { rows, sign, blocks: [first, second] }
    }

    /// Return the price furthest out in some rows, of which there is at least one.
    pub fn furthest(&self, rows: Range<usize>) -> f64 {
        self.sign * self.search(0, rows)
    }

    fn search(&self, level: usize, places: Range<usize>) -> f64 {
        let (first, last) = ((places.start + BLOCK - 1) / BLOCK, places.end / BLOCK);
        if level + 1 == LEVELS || first >= last {
            return match level {
                0 => most(&self.rows[places], self.sign),
                _ => most(&self.blocks[level - 1][places], 1.0),
            };
        }
        let head = self.search(level, places.start..first * BLOCK);
        let whole = self.search(level + 1, first..last);
        let tail = self.search(level, last * BLOCK..places.end);
        higher(higher(head, whole), tail)
    }

    /// Return the first of some rows for which something holds of its price, and if it holds of any, of the furthest.
    pub fn first(&self, rows: Range<usize>, holds: impl Fn(f64) -> bool) -> Option<usize> {
        let mut row = rows.start;
        while row < rows.end {
            let block = row / BLOCK;
            if row % BLOCK == 0 && row + BLOCK <= rows.end && !holds(self.sign * self.blocks[0][block]) {
                row += BLOCK;
            } else if holds(self.rows[row]) {
                return Some(row);
            } else {
                row += 1;
            }
        }
        None
    }
}

fn higher(one: f64, other: f64) -> f64 {
    if other > one {
        other
    } else {
        one
    }
}

/// Return the highest of some values with a sign, below all numbers when there is none.
fn most(values: &[f64], sign: f64) -> f64 {
    let whole = values.chunks_exact(LANES);
    let rest = whole.remainder();
    let mut lanes = [f64::NEG_INFINITY; LANES];
    for some in whole {
        for (lane, value) in lanes.iter_mut().zip(some) {
            *lane = higher(*lane, sign * value);
        }
    }
    let all = lanes.iter().fold(f64::NEG_INFINITY, |all, lane| higher(all, *lane));
    rest.iter().fold(all, |all, value| higher(all, sign * value))
}
