//! The loops over history. They move time and hand events on; they decide nothing.
//!
//! `eyas/session.py` holds the same loop in Python; a test proves that the journals are equal.

use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::order::Side;
use eyas_kernel::record::EventKind;
use eyas_kernel::request::{KindWish, LevelWish, Request, SizeWish};
use pyo3::buffer::Element;
use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::account::{size_of, Account};
use crate::column::Column;
use crate::event::Event;
use crate::history::History;

create_exception!(eyas._kernel, BarError, PyValueError, "Say that the kernel refused a bar, and why.");

/// More events than this from one bar's hooks mean that a hook answers its own events for ever.
const EVENTS_PER_BAR_MAX: usize = 100_000;

/// The strategy's methods that want events of a kind, by the kind's code.
struct Hooks(Vec<Option<Py<PyAny>>>);

impl Hooks {
    fn new(hooks: &Bound<'_, PyDict>) -> PyResult<Hooks> {
        let last = EventKind::ALL.iter().map(|kind| kind.code()).max().unwrap_or(0) as usize;
        let mut found: Vec<Option<Py<PyAny>>> = (0..=last).map(|_| None).collect();
        for (name, hook) in hooks {
            let name: String = name.extract()?;
            let kind = EventKind::from_name(&name)
                .ok_or_else(|| PyValueError::new_err(format!("there are no events called {name}")))?;
            found[kind.code() as usize] = Some(hook.unbind());
        }
        Ok(Hooks(found))
    }

    /// Hand on every event from `seen` on, also those that the hooks bring about. Return how many there are now.
    fn deliver(&self, account: &Bound<'_, Account>, mut seen: usize) -> PyResult<usize> {
        let first = seen;
        loop {
            let event = match account.borrow().inner.events().get(seen) {
                None => return Ok(seen),
                Some(event) => *event,
            };
            seen += 1;
            if seen - first > EVENTS_PER_BAR_MAX {
                return Err(PyRuntimeError::new_err(
                    "one bar brought more than 100,000 events: a hook answers its own events for ever",
                ));
            }
            if let Some(hook) = &self.0[event.kind.code() as usize] {
                let scale = account.borrow().inner.scale();
                hook.call1(account.py(), (Event::new(&event, scale),))?;
            }
        }
    }
}

/// Run bars `first` to `last` (exclusive): match, tell, decide, record.
///
/// `equity` receives one float a bar. `on_bar` is called with each bar, or never when it is None;
/// `hooks` maps kinds of event ("filled", "refused", …) to callables. `delivered` is how many
/// events were handed on before; the new count is returned.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn pump(
    account: &Bound<'_, Account>,
    history: &Bound<'_, History>,
    equity: &Bound<'_, PyAny>,
    on_bar: Option<&Bound<'_, PyAny>>,
    hooks: &Bound<'_, PyDict>,
    first: usize,
    last: usize,
    delivered: usize,
) -> PyResult<usize> {
    let mut curve = Curve::new(equity)?;
    let hooks = Hooks::new(hooks)?;
    let history_length = history.get().len();
    if last > history_length || last > curve.column.len() {
        return Err(PyValueError::new_err(format!("there are {history_length} bars, not {last}")));
    }
    if std::mem::replace(&mut account.borrow_mut().pumped, true) {
        return Err(PyRuntimeError::new_err("the account is in a run already"));
    }
    let bars = Bars { account, history: history.get(), on_bar, hooks: &hooks };
    let seen = (first..last).try_fold(delivered, |seen, index| bars.take(index, seen, &mut curve));
    account.borrow_mut().pumped = false;
    seen
}

/// What stays the same from bar to bar.
struct Bars<'a, 'py> {
    account: &'a Bound<'py, Account>,
    history: &'a History,
    on_bar: Option<&'a Bound<'py, PyAny>>,
    hooks: &'a Hooks,
}

impl Bars<'_, '_> {
    /// Take one bar; return how many events have been handed on.
    #[inline]
    fn take(&self, index: usize, mut seen: usize, curve: &mut Curve) -> PyResult<usize> {
        // Python must find the account free, so it is held only between its calls.
        let count = {
            let market = &mut self.account.borrow_mut().inner;
            advance(market, self.history, index)?;
            market.events().len()
        };
        if count > seen {
            seen = self.hooks.deliver(self.account, seen)?;
        }
        if let Some(on_bar) = self.on_bar {
            on_bar.call1((Py::new(on_bar.py(), self.history.bar(index))?,))?;
        }
        let (count, units) = {
            let market = &self.account.borrow().inner;
            (market.events().len(), market.equity())
        };
        if count == seen {
            curve.record(units, index);
        } else {
            seen = self.hooks.deliver(self.account, seen)?;
            curve.record(self.account.borrow().inner.equity(), index);
        }
        Ok(seen)
    }
}

/// Return the error that names a bar that the kernel refuses.
pub fn bar_refused(index: usize, refusal: eyas_kernel::Refusal) -> PyErr {
    BarError::new_err(format!("bar {index}: {}", refusal.name().replace('_', " ")))
}

#[inline]
fn advance(market: &mut eyas_kernel::Account, history: &History, index: usize) -> PyResult<()> {
    history.seek(index);
    match market.advance(&history.kernel_bar(index, market.scale())) {
        Ok(_) => Ok(()),
        Err(refusal) => Err(bar_refused(index, refusal)),
    }
}

/// The equity column, which remembers its last value: most bars of most runs change nothing.
struct Curve {
    column: Column<f64>,
    units: i128,
    value: f64,
}

impl Curve {
    fn new(equity: &Bound<'_, PyAny>) -> PyResult<Curve> {
        Ok(Curve { column: Column::writable("equity", equity)?, units: 0, value: 0.0 })
    }

    #[inline]
    fn record(&mut self, units: i128, index: usize) {
        if units != self.units {
            self.units = units;
            self.value = to_float(units, MONEY_DECIMALS);
        }
        self.column.set(index, self.value);
    }
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
    fn get(&self, index: usize) -> T {
        self.0.get(if self.0.len() == 1 { 0 } else { index })
    }
}

/// Run the whole history on arrays: on bar i, close every ticket when `exits[i]` is not 0, then
/// open one long (`entries[i]` above 0) or short (below 0) with that bar's size and levels.
///
/// Each column has one value a bar, or one for all. In `stop_loss` and `take_profit`, fractions of the
/// entry, NaN is no level.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn pump_signals(
    account: &Bound<'_, Account>,
    history: &Bound<'_, History>,
    equity: &Bound<'_, PyAny>,
    entries: &Bound<'_, PyAny>,
    exits: &Bound<'_, PyAny>,
    size_name: &str,
    sizes: &Bound<'_, PyAny>,
    stop_loss: &Bound<'_, PyAny>,
    take_profit: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let mut curve = Curve::new(equity)?;
    let count = curve.column.len();
    let entries = Each::<i8>::new("entries", entries, count)?;
    let exits = Each::<i8>::new("exits", exits, count)?;
    let sizes = Each::<f64>::new("sizes", sizes, count)?;
    let stop_loss = Each::<f64>::new("stop_loss", stop_loss, count)?;
    let take_profit = Each::<f64>::new("take_profit", take_profit, count)?;
    let columns = history.get();
    if count > columns.len() {
        return Err(PyValueError::new_err(format!("there are {} bars, not {count}", columns.len())));
    }
    let market = &mut account.borrow_mut().inner;
    for index in 0..count {
        advance(market, columns, index)?;
        if exits.get(index) != 0 {
            close_all(market);
        }
        let entry = entries.get(index);
        if entry != 0 {
            // A refusal is data: it is in the journal.
            let _ = market.request(&Request::Open {
                side: if entry > 0 { Side::Buy } else { Side::Sell },
                kind: KindWish::Market,
                size: size_of(size_name, sizes.get(index))?,
                stop_loss: fraction(stop_loss.get(index)),
                take_profit: fraction(take_profit.get(index)),
            });
        }
        curve.record(market.equity(), index);
    }
    Ok(())
}

fn close_all(market: &mut eyas_kernel::Account) {
    let numbers: Vec<u64> = market.tickets().iter().map(|ticket| ticket.number).collect();
    for ticket in numbers {
        let _ = market.request(&Request::Close { ticket, size: SizeWish::Fraction(1.0) });
    }
}

fn fraction(value: f64) -> LevelWish {
    if value.is_nan() {
        return LevelWish::None;
    }
    LevelWish::Fraction(value)
}
