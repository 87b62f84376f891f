//! The loops over arrays of signals: no call of Python from the first bar to the last.

use std::cmp::Ordering;

use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::order::Side;
use eyas_kernel::request::{BracketWish, LevelWish, Request, SizeWish};
use eyas_kernel::stretch::Stretch;
use pyo3::buffer::Element;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::account::Account;
use crate::clock::Clock;
use crate::column::Column;
use crate::feed::{Feed, Step};
use crate::history::History;
use crate::pump::{bar_refused, Curve, Source};
use crate::quick::{self, Decide, Stopped, ASKED_AT_ONCE};
use crate::wish::size_kind;

/// Bars are turned into the kernel's some at a time, as many as stay in the first cache.
pub const BLOCK_BARS: usize = 512;

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
    size: fn(f64) -> SizeWish,
    sizes: Each<f64>,
    stop_loss: Each<f64>,
    take_profit: Each<f64>,
    rank: Each<f64>,
}

impl Asked {
    pub fn new(columns: &Columns<'_>, history: &History) -> PyResult<Asked> {
        let count = history.len();
        Ok(Asked {
            instrument: history.instrument(),
            entries: Each::new("entries", &columns.entries, count)?,
            exits: Each::new("exits", &columns.exits, count)?,
            size: size_kind(&columns.size_name)?,
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

    /// Return a bit for each row on which something is asked.
    pub fn asking(&self, first: usize, count: usize) -> u64 {
        let each = self.entries.0.len() > 1 && self.exits.0.len() > 1;
        if !each {
            let asks = |row: usize| (self.exits(row) | self.enters(row)) as u64;
            return (0..count).fold(0, |bits, bit| bits | asks(first + bit) << bit);
        }
        // SAFETY: nobody writes to the columns while they run, and what holds them outlives this.
        let (entries, exits) =
            unsafe { (self.entries.0.rows(first..first + count), self.exits.0.rows(first..first + count)) };
        bits_of(entries, exits)
    }

    #[inline]
    pub fn enters(&self, row: usize) -> bool {
        self.entries.get(row) != 0
    }

    /// Ask for what a row says: exits first.
    pub fn ask(&self, market: &mut eyas_kernel::Account, row: usize) {
        if self.exits(row) {
            self.exit(market);
        }
        if self.enters(row) {
            self.enter(market, row);
        }
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
    fn enter(&self, market: &mut eyas_kernel::Account, row: usize) {
        let side = if self.entries.get(row) > 0 { Side::Buy } else { Side::Sell };
        let _ = market.request(&Request {
            instrument: self.instrument,
            bracket: bracket_of(self.stop_loss.get(row), self.take_profit.get(row)),
            rank: self.rank(row),
            ..Request::market(side, (self.size)(self.sizes.get(row)))
        });
    }
}

/// Return a bit for each place, 64 at most, at which either is not 0.
fn bits_of(entries: &[i8], exits: &[i8]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let mut either = [0_u8; ASKED_AT_ONCE];
    for (either, (entry, exit)) in either.iter_mut().zip(entries.iter().zip(exits)) {
        *either = (entry | exit) as u8;
    }
    either.chunks_exact(8).enumerate().fold(0, |bits, (place, eight)| {
        let mut word = [0; 8];
        word.copy_from_slice(eight);
        let either = u64::from_le_bytes(word);
        // The high bit of each byte that is not 0, and those eight side by side.
        let high = (((either & LOW) + LOW) | either) & !LOW;
        bits | ((high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * place)
    })
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
    let (mut stretch, mut signals) = (Stretch::default(), Arrays(asked));
    for start in (0..count).step_by(BLOCK_BARS) {
        let rows = start..count.min(start + BLOCK_BARS);
        history.stretch(rows.clone(), scale, &mut stretch);
        // SAFETY: the interpreter is held, and nobody else writes to the curve.
        let equity = unsafe { curve.column.rows_written(rows.clone()) };
        let done = quick::run_stretch(market, &stretch, start, &mut signals, equity);
        history.seek(rows.end as i64 - 1);
        done.map_err(|stopped| stopped_at(history, stopped))?;
    }
    Ok(())
}

/// Return the error that says where a loop ended early; now is that row.
pub fn stopped_at(history: &History, stopped: Stopped) -> PyErr {
    match stopped {
        Stopped::Bar(row, refusal) => {
            history.seek(row as i64);
            bar_refused(row, refusal)
        }
        Stopped::Decision(row, text) => {
            history.seek(row as i64);
            PyValueError::new_err(text)
        }
    }
}

/// Arrays decide for one instrument; None asks for nothing.
struct Arrays<'a>(Option<&'a Asked>);

impl Decide for Arrays<'_> {
    fn asking(&mut self, _: &eyas_kernel::Account, first: usize, count: usize) -> u64 {
        self.0.map_or(0, |asked| asked.asking(first, count))
    }

    fn decide(&mut self, market: &mut eyas_kernel::Account, row: usize) -> Result<(), String> {
        if let Some(asked) = self.0 {
            asked.ask(market, row);
        }
        Ok(())
    }
}

/// Run the steps of several instruments.
fn steps(
    market: &mut eyas_kernel::Account,
    clock: &Clock,
    asked: &[Option<Asked>],
    curve: &mut Curve,
) -> PyResult<()> {
    // SAFETY: the interpreter is held, and nobody else writes to the curve.
    let equity = unsafe { curve.column.rows_written(0..clock.len()) };
    let done = run_steps(market, clock, asked, equity);
    let (last, done) = match done {
        Ok(()) => (clock.len() - 1, Ok(())),
        Err(Stopped::Bar(index, refusal)) => (index, Err(bar_refused(index, refusal))),
        Err(Stopped::Decision(index, text)) => (index, Err(PyValueError::new_err(text))),
    };
    // Nobody looks at now before: it may lag behind until the loop is left.
    clock.walk(last).step();
    done
}

/// Run the steps of several instruments, whose clock stays where it is; `curve` has room for each.
pub fn run_steps(
    market: &mut eyas_kernel::Account,
    clock: &Clock,
    asked: &[Option<Asked>],
    curve: &mut [f64],
) -> Result<(), Stopped> {
    let mut feeds = Vec::new();
    for (history, asked) in clock.histories().zip(asked) {
        feeds.push(Feed::new(history, asked.as_ref(), market.scale_of(history.instrument())));
    }
    let (mut step, mut entering) = (Step::default(), Vec::new());
    let (mut units, mut value) = (0, 0.0);
    for (index, equity) in curve.iter_mut().enumerate().take(clock.len()) {
        step.take(&mut feeds);
        market.advance(&step.bars, &[]).map_err(|refusal| Stopped::Bar(index, refusal))?;
        decide(market, asked, &step.asked, &mut entering);
        if index + 1 < clock.len() {
            for instrument in &step.ended {
                let _ = market.delist(*instrument);
            }
        }
        // Most steps of most runs change nothing.
        let now = market.equity();
        if now != units || index == 0 {
            units = now;
            value = to_float(now, MONEY_DECIMALS);
        }
        *equity = value;
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
) {
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
            asked.enter(market, *row);
        }
    }
}
