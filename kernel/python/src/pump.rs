//! The loops over history. They move time and hand events on; they decide nothing.
//!
//! `eyas/session.py` holds the same loop in Python; a test proves that the journals are equal.

use eyas_kernel::number::{to_float, Scale, MONEY_DECIMALS};
use eyas_kernel::record;
use eyas_kernel::record::EventKind;
use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::account::Account;
use crate::clock::{Clock, Walk};
use crate::column::Column;
use crate::event::Event;
use crate::finer::{Feeds, Finer};
use crate::history::{Cursor, History};

create_exception!(eyas._kernel, BarError, PyValueError, "Say that the kernel refused a bar, and why.");

/// More events than this from one bar's hooks mean that a hook answers its own events for ever.
const EVENTS_PER_BAR_MAX: u64 = 100_000;

/// Bars are turned into the kernel's some at a time: reading right behind writing would wait for each.
pub const BATCH_BARS: usize = 64;

/// What time comes from: one instrument, or several on one clock.
#[derive(FromPyObject)]
pub enum Source {
    History(Py<History>),
    Clock(Py<Clock>),
}

impl Source {
    /// Return how many steps it has.
    pub fn len(&self) -> usize {
        match self {
            Source::History(history) => history.get().len(),
            Source::Clock(clock) => clock.get().len(),
        }
    }

    /// Return where it stands, shared with whoever watches it.
    pub fn cursor(&self) -> Cursor {
        match self {
            Source::History(history) => history.get().cursor_shared(),
            Source::Clock(clock) => clock.get().cursor_shared(),
        }
    }
}

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

    /// Hand on every event from `seen` on, also those that the hooks bring about.
    /// Return how many there are now.
    fn deliver(&self, account: &Bound<'_, Account>, mut seen: u64) -> PyResult<u64> {
        let first = seen;
        loop {
            let (event, scale) = {
                let account = account.borrow();
                match account.events_from(seen).first() {
                    None => return Ok(seen),
                    Some(event) => (*event, account.inner.scale_of(event.instrument)),
                }
            };
            seen += 1;
            if seen - first > EVENTS_PER_BAR_MAX {
                return Err(PyRuntimeError::new_err(
                    "one bar brought more than 100,000 events: a hook answers its own events for ever",
                ));
            }
            if let Some(hook) = &self.0[event.kind.code() as usize] {
                hook.call1(account.py(), (Event::new(&event, scale),))?;
            }
        }
    }
}

/// Run bars (of a clock: steps) `first` to `last` (exclusive): match, tell, decide, record.
///
/// `equity` receives one float a step. `on_bar` is called with each bar, then `on_step` with the number of
/// the step; `hooks` maps kinds of event ("filled", "refused", …) to callables. An instrument of a clock
/// that has had its last bar while others go on is delisted, and `on_ended` called with its number.
/// `delivered` is how many events were handed on before; the new count is returned.
#[pyfunction]
#[pyo3(signature = (
    account, source, equity, on_bar, hooks, first, last, delivered, *,
    finer = None, on_step = None, on_ended = None,
))]
#[allow(clippy::too_many_arguments)]
pub fn pump(
    account: &Bound<'_, Account>,
    source: Source,
    equity: &Bound<'_, PyAny>,
    on_bar: Option<&Bound<'_, PyAny>>,
    hooks: &Bound<'_, PyDict>,
    first: usize,
    last: usize,
    delivered: u64,
    finer: Option<Finer>,
    on_step: Option<&Bound<'_, PyAny>>,
    on_ended: Option<&Bound<'_, PyAny>>,
) -> PyResult<u64> {
    let curve = Curve::new(equity)?;
    let hooks = Hooks::new(hooks)?;
    let length = source.len();
    let what = if matches!(source, Source::History(_)) { "bars" } else { "steps" };
    if last > length || last > curve.column.len() {
        return Err(PyValueError::new_err(format!("there are {length} {what}, not {last}")));
    }
    if std::mem::replace(&mut account.borrow_mut().pumped, true) {
        return Err(PyRuntimeError::new_err("the account is in a run already"));
    }
    let feeds = Feeds::new(finer.as_ref());
    let (inside, seen) = (Vec::new(), delivered);
    let mut run = Run { account, on_bar, on_step, on_ended, hooks: &hooks, feeds, inside, curve, seen };
    let done = match &source {
        Source::History(history) => run.bars(history.get(), first, last),
        Source::Clock(clock) => run.steps(clock.get(), first, last),
    };
    account.borrow_mut().pumped = false;
    done.map(|()| run.seen)
}

/// What stays the same from step to step, and how far it is.
struct Run<'a, 'py> {
    account: &'a Bound<'py, Account>,
    on_bar: Option<&'a Bound<'py, PyAny>>,
    on_step: Option<&'a Bound<'py, PyAny>>,
    on_ended: Option<&'a Bound<'py, PyAny>>,
    hooks: &'a Hooks,
    feeds: Feeds<'a>,
    /// The finer bars inside the step that is taken.
    inside: Vec<record::Bar>,
    curve: Curve,
    /// How many events have been handed on.
    seen: u64,
}

impl Run<'_, '_> {
    fn bars(&mut self, history: &History, first: usize, last: usize) -> PyResult<()> {
        let scale = self.account.borrow().inner.scale_of(history.instrument());
        let mut bars = Vec::with_capacity(BATCH_BARS);
        for start in (first..last).step_by(BATCH_BARS) {
            history.kernel_bars(start..last.min(start + BATCH_BARS), scale, &mut bars);
            for (place, bar) in bars.iter().enumerate() {
                self.take_bar(history, start + place, bar)?;
            }
        }
        Ok(())
    }

    /// Take one bar of a lone instrument.
    #[inline]
    fn take_bar(&mut self, history: &History, index: usize, bar: &record::Bar) -> PyResult<()> {
        // Python must find the account free, so it is held only between its calls.
        let count = {
            let market = &mut self.account.borrow_mut().inner;
            history.seek(index as i64);
            if !self.feeds.is_empty() {
                self.inside.clear();
                self.feeds.take(market, bar, &mut self.inside);
            }
            advance(market, std::slice::from_ref(bar), &self.inside, index)?;
            let count = market.next_seq();
            if self.on_bar.is_none() && self.on_step.is_none() && count == self.seen {
                self.curve.record(market.equity(), index);
                return Ok(());
            }
            count
        };
        if count > self.seen {
            self.deliver()?;
        }
        self.tell(history, index)
    }

    /// Tell of a bar that has been taken, let the strategy decide, and record the equity.
    #[inline]
    fn tell(&mut self, history: &History, index: usize) -> PyResult<()> {
        if let Some(on_bar) = self.on_bar {
            let py = on_bar.py();
            on_bar.call1((Py::new(py, history.bar(py, index))?,))?;
        }
        if let Some(on_step) = self.on_step {
            self.deliver()?;
            on_step.call1((index,))?;
        }
        let (count, units) = {
            let market = &self.account.borrow().inner;
            (market.next_seq(), market.equity())
        };
        if count == self.seen {
            self.curve.record(units, index);
            return Ok(());
        }
        self.deliver()?;
        self.record(index);
        Ok(())
    }

    fn steps(&mut self, clock: &Clock, first: usize, last: usize) -> PyResult<()> {
        let mut walk = clock.walk(first);
        let scales = self.scales(&walk);
        let mut bars = Vec::new();
        for index in first..last {
            walk.step();
            self.advance_step(&walk, &scales, index, &mut bars)?;
            self.deliver()?;
            self.decide(&walk, index)?;
            self.end_some(&walk)?;
            self.record(index);
        }
        Ok(())
    }

    fn scales(&self, walk: &Walk<'_>) -> Vec<Scale> {
        let market = &self.account.borrow().inner;
        walk.histories.iter().map(|history| market.scale_of(history.instrument())).collect()
    }

    fn advance_step(
        &mut self,
        walk: &Walk<'_>,
        scales: &[Scale],
        index: usize,
        bars: &mut Vec<record::Bar>,
    ) -> PyResult<()> {
        let market = &mut self.account.borrow_mut().inner;
        bars.clear();
        self.inside.clear();
        for place in &walk.taken {
            let bar = walk.histories[*place].kernel_bar(walk.rows[*place] - 1, scales[*place]);
            if !self.feeds.is_empty() {
                self.feeds.take(market, &bar, &mut self.inside);
            }
            bars.push(bar);
        }
        advance(market, bars, &self.inside, index)
    }

    /// Let the strategy decide on a step of several instruments.
    fn decide(&mut self, walk: &Walk<'_>, index: usize) -> PyResult<()> {
        if let Some(on_bar) = self.on_bar {
            let py = on_bar.py();
            for place in &walk.taken {
                let bar = walk.histories[*place].bar(py, walk.rows[*place] - 1);
                on_bar.call1((Py::new(py, bar)?,))?;
                self.deliver()?;
            }
        }
        if let Some(on_step) = self.on_step {
            on_step.call1((index,))?;
            self.deliver()?;
        }
        Ok(())
    }

    /// Delist the instruments that have had their last bar, though others go on.
    fn end_some(&mut self, walk: &Walk<'_>) -> PyResult<()> {
        for place in &walk.taken {
            if walk.is_ended(*place) {
                let instrument = walk.histories[*place].instrument();
                // One that the strategy has delisted before is delisted already.
                let _ = self.account.borrow_mut().inner.delist(instrument);
                self.deliver()?;
                if let Some(on_ended) = self.on_ended {
                    on_ended.call1((instrument,))?;
                    self.deliver()?;
                }
            }
        }
        Ok(())
    }

    fn deliver(&mut self) -> PyResult<()> {
        self.seen = self.hooks.deliver(self.account, self.seen)?;
        Ok(())
    }

    fn record(&mut self, index: usize) {
        let units = self.account.borrow().inner.equity();
        self.curve.record(units, index);
    }
}

/// Return the error that names a bar that the kernel refuses.
pub fn bar_refused(index: usize, refusal: eyas_kernel::Refusal) -> PyErr {
    BarError::new_err(format!("bar {index}: {}", refusal.name().replace('_', " ")))
}

#[inline]
pub fn advance(
    market: &mut eyas_kernel::Account,
    bars: &[record::Bar],
    inside: &[record::Bar],
    index: usize,
) -> PyResult<()> {
    match market.advance(bars, inside) {
        Ok(_) => Ok(()),
        Err(refusal) => Err(bar_refused(index, refusal)),
    }
}

/// The equity column, which remembers its last value: most bars of most runs change nothing.
pub struct Curve {
    pub column: Column<f64>,
    units: i128,
    value: f64,
}

impl Curve {
    pub fn new(equity: &Bound<'_, PyAny>) -> PyResult<Curve> {
        Ok(Curve { column: Column::writable("equity", equity)?, units: 0, value: 0.0 })
    }

    #[inline]
    pub fn record(&mut self, units: i128, index: usize) {
        if units != self.units {
            self.units = units;
            self.value = to_float(units, MONEY_DECIMALS);
        }
        self.column.set(index, self.value);
    }
}
