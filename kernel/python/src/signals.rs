//! The loops over arrays of signals: no call of Python from the first bar to the last.

use std::cmp::Ordering;

use eyas_kernel::order::Side;
use eyas_kernel::request::{BracketWish, LevelWish, Request, SizeWish};
use pyo3::buffer::Element;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::account::Account;
use crate::clock::Clock;
use crate::column::Column;
use crate::feed::{Feed, Step};
use crate::history::History;
use crate::pump::{advance, Curve, Source, BATCH_BARS};
use crate::wish::size_of;

/// What is asked for one instrument, as Python gives it: each column has one value a bar, or one for all.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Columns<'py> {
    /// Above 0 to open a long, below 0 to open a short.
    entries: Bound<'py, PyAny>,
    /// Not 0 to close every ticket of the instrument first.
    exits: Bound<'py, PyAny>,
    size_name: String,
    sizes: Bound<'py, PyAny>,
    /// Fractions of the entry; NaN is no level.
    stop_loss: Bound<'py, PyAny>,
    take_profit: Bound<'py, PyAny>,
    /// Which entries come first when cash is scarce; NaN comes last.
    rank: Bound<'py, PyAny>,
}

/// A column with one value a bar, or one for all.
struct Each<T: Element>(Column<T>);

impl<T: Element> Each<T> {
    fn new(name: &str, values: &Bound<'_, PyAny>, count: usize) -> PyResult<Each<T>> {
        let column = Column::new(name, values)?;
        if column.len() != count && column.len() != 1 {
            return Err(PyValueError::new_err(format!(
                "{name} has {} values for {count} bars",
                column.len()
            )));
        }
        Ok(Each(column))
    }

    #[inline]
    fn get(&self, row: usize) -> T {
        self.0.get(if self.0.len() == 1 { 0 } else { row })
    }
}

/// What is asked for one instrument.
pub struct Asked {
    instrument: u32,
    entries: Each<i8>,
    exits: Each<i8>,
    size_name: String,
    sizes: Each<f64>,
    stop_loss: Each<f64>,
    take_profit: Each<f64>,
    rank: Each<f64>,
}

impl Asked {
    fn new(columns: &Columns<'_>, history: &History) -> PyResult<Asked> {
        let count = history.len();
        size_of(&columns.size_name, 1.0)?;
        Ok(Asked {
            instrument: history.instrument(),
            entries: Each::new("entries", &columns.entries, count)?,
            exits: Each::new("exits", &columns.exits, count)?,
            size_name: columns.size_name.clone(),
            sizes: Each::new("sizes", &columns.sizes, count)?,
            stop_loss: Each::new("stop_loss", &columns.stop_loss, count)?,
            take_profit: Each::new("take_profit", &columns.take_profit, count)?,
            rank: Each::new("rank", &columns.rank, count)?,
        })
    }

    #[inline]
    pub fn exits(&self, row: usize) -> bool {
        self.exits.get(row) != 0
    }

    /// Close every ticket of the instrument.
    fn exit(&self, market: &mut eyas_kernel::Account) {
        let tickets = &market.books()[self.instrument as usize].tickets;
        let numbers: Vec<u64> = tickets.iter().map(|ticket| ticket.number).collect();
        for ticket in numbers {
            // A refusal is data: it is in the journal.
            let _ = market.request(&Request::close(ticket, SizeWish::Fraction(1.0)));
        }
    }

    #[inline]
    pub fn enters(&self, row: usize) -> bool {
        self.entries.get(row) != 0
    }

    fn rank(&self, row: usize) -> f64 {
        let rank = self.rank.get(row);
        if rank.is_nan() {
            f64::NEG_INFINITY
        } else {
            rank
        }
    }

    /// Open a ticket as a bar's entry says, with that bar's size and levels.
    fn enter(&self, market: &mut eyas_kernel::Account, row: usize) -> PyResult<()> {
        let side = if self.entries.get(row) > 0 { Side::Buy } else { Side::Sell };
        let _ = market.request(&Request {
            instrument: self.instrument,
            bracket: bracket_of(self.stop_loss.get(row), self.take_profit.get(row)),
            rank: self.rank(row),
            ..Request::market(side, size_of(&self.size_name, self.sizes.get(row))?)
        });
        Ok(())
    }
}

/// Return a stop and a target at fractions of the entry; NaN for none.
fn bracket_of(stop_loss: f64, take_profit: f64) -> BracketWish {
    let mut bracket = BracketWish::default();
    if !stop_loss.is_nan() {
        bracket.stop_loss = LevelWish::Fraction(stop_loss);
    }
    if !take_profit.is_nan() {
        bracket.rungs.push((LevelWish::Fraction(take_profit), 1.0));
    }
    bracket
}

/// Run a whole history, or all steps of a clock, on arrays: in the decision of a step first the exits of all
/// its instruments, then the entries by rank (higher first), then by instrument. An instrument that has had
/// its last bar while others go on is delisted.
///
/// `asked` has what is asked for each instrument in order, None for nothing; `equity` receives one float a
/// step.
#[pyfunction]
pub fn pump_signals(
    account: &Bound<'_, Account>,
    source: Source,
    equity: &Bound<'_, PyAny>,
    asked: Vec<Option<Columns<'_>>>,
) -> PyResult<()> {
    let (histories, count): (Vec<&History>, usize) = match &source {
        Source::History(history) => (vec![history.get()], history.get().len()),
        Source::Clock(clock) => (clock.get().histories().collect(), clock.get().len()),
    };
    let mut curve = Curve::new(equity)?;
    if asked.len() != histories.len() || curve.column.len() != count {
        return Err(PyValueError::new_err(format!(
            "{} instruments in {count} steps need as many in asked and in equity, not {} and {}",
            histories.len(),
            asked.len(),
            curve.column.len()
        )));
    }
    let wishes = asked
        .iter()
        .zip(&histories)
        .map(|(columns, history)| columns.as_ref().map(|columns| Asked::new(columns, history)).transpose());
    let asked: Vec<Option<Asked>> = wishes.collect::<PyResult<_>>()?;
    let market = &mut account.borrow_mut().inner;
    match &source {
        Source::History(history) => bars(market, history.get(), asked[0].as_ref(), &mut curve),
        Source::Clock(clock) => steps(market, clock.get(), &asked, &mut curve),
    }
}

/// Run the bars of one instrument.
fn bars(
    market: &mut eyas_kernel::Account,
    history: &History,
    asked: Option<&Asked>,
    curve: &mut Curve,
) -> PyResult<()> {
    let (count, scale) = (history.len(), market.scale_of(history.instrument()));
    let mut bars = Vec::with_capacity(BATCH_BARS);
    for start in (0..count).step_by(BATCH_BARS) {
        history.kernel_bars(start..count.min(start + BATCH_BARS), scale, &mut bars);
        for (place, bar) in bars.iter().enumerate() {
            let row = start + place;
            history.seek(row as i64);
            advance(market, std::slice::from_ref(bar), &[], row)?;
            if let Some(asked) = asked {
                if asked.exits(row) {
                    asked.exit(market);
                }
                if asked.enters(row) {
                    asked.enter(market, row)?;
                }
            }
            curve.record(market.equity(), row);
        }
    }
    Ok(())
}

/// Run the steps of several instruments.
fn steps(
    market: &mut eyas_kernel::Account,
    clock: &Clock,
    asked: &[Option<Asked>],
    curve: &mut Curve,
) -> PyResult<()> {
    let mut feeds = Vec::new();
    for (history, asked) in clock.histories().zip(asked) {
        feeds.push(Feed::new(history, asked.as_ref(), market.scale_of(history.instrument())));
    }
    let (mut step, mut entering) = (Step::default(), Vec::new());
    for index in 0..clock.len() {
        step.take(&mut feeds);
        let done = advance(market, &step.bars, &[], index)
            .and_then(|()| decide(market, asked, &step.asked, &mut entering));
        if done.is_err() || index + 1 == clock.len() {
            // Nobody looks at now before: it may lag behind until the loop is left.
            clock.walk(index).step();
            done?;
        } else {
            for instrument in &step.ended {
                let _ = market.delist(*instrument);
            }
        }
        curve.record(market.equity(), index);
    }
    Ok(())
}

/// Ask for what the bars of a step want, each by its instrument's place and its row: exits first, then entries
/// by rank, then by instrument.
fn decide(
    market: &mut eyas_kernel::Account,
    asked: &[Option<Asked>],
    asking: &[(usize, usize)],
    entering: &mut Vec<(f64, usize, usize)>,
) -> PyResult<()> {
    entering.clear();
    for (place, row) in asking.iter().copied() {
        if let Some(asked) = &asked[place] {
            if asked.exits(row) {
                asked.exit(market);
            }
            if asked.enters(row) {
                entering.push((asked.rank(row), place, row));
            }
        }
    }
    // Stable: of equal ranks the lower instrument stays first.
    entering.sort_by(|first, second| second.0.partial_cmp(&first.0).unwrap_or(Ordering::Equal));
    for (_, place, row) in entering.iter() {
        if let Some(asked) = &asked[*place] {
            asked.enter(market, *row)?;
        }
    }
    Ok(())
}
