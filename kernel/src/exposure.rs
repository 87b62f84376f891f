//! How much was held at every step, long and short, at the closes: a fold of the journal, in floats for the eye.

use alloc::vec::Vec;

use crate::excursions::enters;
use crate::number::to_float;
use crate::prices::Columns;
use crate::record::{Event, EventKind};

/// Folds the `Filled` events of a journal, in order, into what is held after the decision of every step.
#[derive(Debug)]
pub struct Exposure<'a> {
    columns: &'a [Columns<'a>],
    held: Vec<Held>,
    long: &'a mut [f64],
    short: &'a mut [f64],
}

/// What is held of an instrument, and from which step on that is not yet written.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    long: i128,
    short: i128,
    from: usize,
}

impl<'a> Exposure<'a> {
    /// Return the fold over some instruments; it adds money to what `long` and `short` hold, a place a step.
    pub fn onto(columns: &'a [Columns<'a>], long: &'a mut [f64], short: &'a mut [f64]) -> Exposure<'a> {
        Exposure { columns, held: alloc::vec![Held::default(); columns.len()], long, short }
    }

    pub fn take(&mut self, event: &Event) {
        let instrument = event.instrument as usize;
        if event.kind != EventKind::Filled || instrument >= self.held.len() {
            return;
        }
        self.write(instrument, event.bar.max(0) as usize);
        let held = &mut self.held[instrument];
        let quantity = event.quantity as i128;
        match enters(event) == (quantity > 0) {
            true => held.long += quantity,
            false => held.short -= quantity,
        }
    }

    /// Write what is still held, to the last step.
    pub fn end(mut self) {
        for instrument in 0..self.held.len() {
            self.write(instrument, usize::MAX);
        }
    }

    /// Write what was held up to a step.
    fn write(&mut self, instrument: usize, end: usize) {
        let own = &self.columns[instrument];
        let count = self.long.len().min(self.short.len());
        let held = &mut self.held[instrument];
        let (first, end) = (held.from, end.min(count));
        held.from = first.max(end);
        if first >= end || (held.long == 0 && held.short == 0) {
            return;
        }
        let decimals = own.scale.quantity_decimals();
        let (long, short) = (to_float(held.long, decimals), to_float(held.short, decimals));
        let pricing = own.priced_by.and_then(|place| self.columns.get(place));
        let steps = first..end;
        let places = self.long[steps.clone()].iter_mut().zip(&mut self.short[steps.clone()]);
        if own.steps.is_none() && pricing.is_none() && end <= own.close.len() {
            for ((longs, shorts), close) in places.zip(&own.close[steps]) {
                *longs += long * close;
                *shorts += short * close;
            }
            return;
        }
        let mut price = Marks::from(own, first);
        let mut rate = pricing.map(|pricing| Marks::from(pricing, first));
        for ((longs, shorts), step) in places.zip(first as i64..) {
            let mark = price.at(step).unwrap_or(0.0) * rate.as_mut().map_or(1.0, |rate| rate.at_all(step));
            *longs += long * mark;
            *shorts += short * mark;
        }
    }
}

/// The last close of an instrument at steps that follow each other.
struct Marks<'a> {
    columns: &'a Columns<'a>,
    row: i64,
}

impl<'a> Marks<'a> {
    fn from(columns: &'a Columns<'a>, step: usize) -> Marks<'a> {
        Marks { columns, row: columns.row_at(step as i64) }
    }

    /// Return the close at a step, None before the first.
    fn at(&mut self, step: i64) -> Option<f64> {
        let last = self.columns.close.len() as i64 - 1;
        while self.row < last && self.columns.step_of(self.row + 1) <= step {
            self.row += 1;
        }
        self.columns.close.get(usize::try_from(self.row).ok()?).copied()
    }

    /// Return the close at a step, before the first that one.
    fn at_all(&mut self, step: i64) -> f64 {
        self.at(step).or_else(|| self.columns.close.first().copied()).unwrap_or(1.0)
    }
}

/// Divide what was held by what the account was worth: NaN where that was nothing or less.
pub fn share_of(equity: &[f64], held: &mut [f64]) {
    for (held, equity) in held.iter_mut().zip(equity) {
        *held = if *equity > 0.0 { *held / equity } else { f64::NAN };
    }
}
