//! Many runs over the same bars, in threads, without Python: the way of a sweep.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::stretch::Stretch;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::account::Account;
use crate::clock::Clock;
use crate::column::Column;
use crate::figures::{figures_of, Tally, COUNT};
use crate::history::History;
use crate::program::{BoundProgram, Running};
use crate::pump::Source;
use crate::quick::{self, Decide, Stopped};
use crate::signals::{run_steps, Asked, Columns};

/// Bars are turned into the kernel's once for some trials, which then take them one trial after the other.
const BLOCK_BARS: usize = 2_048;
const TOGETHER: usize = 8;
/// The curves of trials that run together take no more than this.
const CURVES_BYTES_MAX: usize = 32 << 20;

/// How long a run may take to see that it is to stop.
const ASKING: Duration = Duration::from_millis(50);

/// Stops trials that run in another thread: `Stop().set()`.
#[pyclass(frozen, module = "eyas._kernel")]
#[derive(Default)]
pub struct Stop {
    is_set: AtomicBool,
    /// What a signal's handler raised meanwhile.
    raised: Mutex<Option<PyErr>>,
}

#[pymethods]
impl Stop {
    #[new]
    fn new() -> Stop {
        Stop::default()
    }

    fn set(&self) {
        self.is_set.store(true, Ordering::Relaxed);
    }
}

/// Whether to go on, as one thread sees it; that of the caller lets Python handle signals, such as Ctrl-C.
struct Watch<'a> {
    stop: &'a Stop,
    asked: Option<Cell<Instant>>,
}

impl Watch<'_> {
    fn is_over(&self) -> bool {
        if let Some(asked) = self.asked.as_ref().filter(|asked| asked.get().elapsed() > ASKING) {
            if let Err(error) = Python::attach(|py| py.check_signals()) {
                *lock(&self.stop.raised) = Some(error);
                self.stop.set();
            }
            asked.set(Instant::now());
        }
        self.stop.is_set.load(Ordering::Relaxed)
    }
}

/// What decides in a trial.
enum Asks {
    Arrays(Asked),
    Program(Box<Running>),
    Several(Vec<Option<Asked>>),
}

/// The same, as Python gives it.
#[derive(FromPyObject)]
pub enum Given<'py> {
    Program(Py<BoundProgram>),
    Arrays(Columns<'py>),
    Several(Vec<Option<Columns<'py>>>),
}

/// What time comes from in all trials.
#[derive(Clone, Copy)]
enum Ground<'a> {
    One(&'a History),
    Several(&'a Clock),
}

impl Ground<'_> {
    fn len(&self) -> usize {
        match self {
            Ground::One(history) => history.len(),
            Ground::Several(clock) => clock.len(),
        }
    }
}

impl Decide for Asks {
    #[inline(always)]
    fn asking(&mut self, market: &eyas_kernel::Account, first: usize, count: usize) -> u64 {
        match self {
            Asks::Arrays(asked) => asked.asking(first, count),
            Asks::Program(running) => running.asking(market, first, count),
            Asks::Several(_) => 0,
        }
    }

    fn decide(&mut self, market: &mut eyas_kernel::Account, row: usize) -> Result<(), String> {
        match self {
            Asks::Arrays(asked) => {
                asked.ask(market, row);
                Ok(())
            }
            Asks::Program(running) => running.decide(market, row),
            Asks::Several(_) => Ok(()),
        }
    }
}

/// Where a run ended early, whether its bar is at fault (or the strategy), and why.
type Failure = (usize, bool, String);
/// The same, with the place of the trial.
type Failed = (usize, usize, bool, String);

/// One run: its account, what decides in it, its equity; and what ended it early, if anything.
struct Trial {
    market: eyas_kernel::Account,
    opening_cash: f64,
    asks: Asks,
    tally: Tally,
    failed: Option<Failure>,
}

/// What a trial came to: its figures in the order of `figures::NAMES`, its journal's SHA-256.
struct Outcome {
    figures: [f64; COUNT],
    digest: [u8; 32],
    failed: Option<Failure>,
}

impl Trial {
    /// Take bars, which are those of rows `first` on, and record the equity of each in `curve`.
    fn take(&mut self, bars: &Stretch, first: usize, curve: &mut [f64]) {
        if self.failed.is_none() {
            let done = quick::run_stretch(&mut self.market, bars, first, &mut self.asks, curve);
            self.failed = done.err().map(told);
            self.tell();
        }
    }

    /// Take all steps of several instruments.
    fn take_steps(&mut self, clock: &Clock, curve: &mut [f64]) {
        if let Asks::Several(asked) = &self.asks {
            self.failed = run_steps(&mut self.market, clock, asked, curve).err().map(told);
            self.tell();
        }
    }

    /// Take down what has happened, and forget it: a list of events that grows costs more than its hash.
    fn tell(&mut self) {
        self.tally.take(self.market.events());
        self.market.discard_events();
    }

    fn finish(mut self, curve: &mut [f64], bars_per_year: f64) -> Outcome {
        if self.failed.is_none() {
            self.market.finish();
            if let Some(last) = curve.last_mut() {
                *last = to_float(self.market.equity(), MONEY_DECIMALS);
            }
        }
        self.tell();
        Outcome {
            figures: figures_of(&self.market, &self.tally, self.opening_cash, curve, bars_per_year),
            digest: self.tally.digest(),
            failed: self.failed,
        }
    }
}

fn told(stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Bar(row, refusal) => (row, true, refusal.name().replace('_', " ")),
        Stopped::Decision(row, text) => (row, false, text),
    }
}

/// Run trials over the bars of one instrument or the steps of several, each from its own account as it stands (which
/// stays as it is).
///
/// `asked` has what decides in each: columns as for `pump_signals`, of several a list of them, or a program. Return the figures of all (float64,
/// in rows of `TRIAL_FIGURES`), their journals' digests (32 bytes each), and (place, bar, whether the bar is at
/// fault, why) for each that failed. It ends at once with what Ctrl-C raises, or when another thread sets `stop`.
#[pyfunction]
#[pyo3(signature = (source, accounts, asked, *, bars_per_year, threads = 1, stop = None))]
pub fn run_trials<'py>(
    py: Python<'py>,
    source: Source,
    accounts: Vec<Py<Account>>,
    asked: Vec<Given<'py>>,
    bars_per_year: f64,
    threads: usize,
    stop: Option<Py<Stop>>,
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>, Vec<Failed>)> {
    if accounts.len() != asked.len() {
        return Err(PyValueError::new_err("there must be an account for each trial"));
    }
    let ground = match &source {
        Source::History(history) => Ground::One(history.get()),
        Source::Clock(clock) => Ground::Several(clock.get()),
    };
    let mut trials = Vec::with_capacity(accounts.len());
    for (account, given) in accounts.iter().zip(&asked) {
        let account = account.borrow(py);
        let asks = match (given, ground) {
            (Given::Program(bound), Ground::One(_)) => Asks::Program(Box::new(Running::of(py, bound))),
            (Given::Arrays(columns), Ground::One(history)) => Asks::Arrays(Asked::new(columns, history)?),
            (Given::Several(columns), Ground::Several(clock)) => Asks::Several(all_asked(columns, clock)?),
            _ => return Err(PyValueError::new_err("what is asked for does not fit the source")),
        };
        trials.push(Trial {
            market: account.inner.clone(),
            opening_cash: account.opening_cash(),
            asks,
            tally: Tally::new(),
            failed: None,
        });
    }
    let stop = match stop {
        Some(given) => given,
        None => Py::new(py, Stop::default())?,
    };
    let stop = stop.get();
    let outcomes = py.detach(|| in_threads(ground, trials, bars_per_year, threads, stop));
    if stop.is_set.load(Ordering::Relaxed) {
        let raised = lock(&stop.raised).take();
        return Err(raised.unwrap_or_else(|| PyRuntimeError::new_err("the trials were stopped")));
    }
    Ok(packed(py, outcomes))
}

/// Take groups of trials in turn, in some threads; return their outcomes in the order of the trials.
fn in_threads(
    ground: Ground<'_>,
    trials: Vec<Trial>,
    bars_per_year: f64,
    threads: usize,
    stop: &Stop,
) -> Vec<Outcome> {
    let count = trials.len();
    let threads = threads.clamp(1, count.max(1));
    // Few trials are shared out among all threads.
    let share = count.div_ceil(threads).clamp(1, TOGETHER);
    let together = (CURVES_BYTES_MAX / (8 * ground.len()).max(1)).clamp(1, share);
    let mut groups: Vec<Mutex<Vec<Trial>>> = Vec::new();
    let mut trials = trials.into_iter();
    loop {
        let group: Vec<Trial> = trials.by_ref().take(together).collect();
        if group.is_empty() {
            break;
        }
        groups.push(Mutex::new(group));
    }
    let outcomes: Mutex<Vec<(usize, Vec<Outcome>)>> = Mutex::new(Vec::with_capacity(groups.len()));
    let next = AtomicUsize::new(0);
    let work = |watch: Watch<'_>| {
        let mut curves = vec![0.0; together.min(count) * ground.len()];
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(group) = groups.get(number) else { return };
            let group = std::mem::take(&mut *lock(group));
            let found = run_group(ground, group, &mut curves, bars_per_year, &watch);
            if watch.is_over() {
                return;
            }
            lock(&outcomes).push((number, found));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.clamp(1, groups.len().max(1)) {
            scope.spawn(|| work(Watch { stop, asked: None }));
        }
        work(Watch { stop, asked: Some(Cell::new(Instant::now())) });
    });
    let mut found = outcomes.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    found.sort_by_key(|(number, _)| *number);
    let outcomes: Vec<Outcome> = found.into_iter().flat_map(|(_, group)| group).collect();
    debug_assert!(outcomes.len() == count || stop.is_set.load(Ordering::Relaxed));
    outcomes
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Run some trials over all bars; `curves` has room for the curve of each.
fn run_group(
    ground: Ground<'_>,
    mut group: Vec<Trial>,
    curves: &mut [f64],
    bars_per_year: f64,
    watch: &Watch<'_>,
) -> Vec<Outcome> {
    let count = ground.len();
    match ground {
        Ground::One(history) => take_blocks(history, &mut group, curves, watch),
        Ground::Several(clock) => {
            for (trial, curve) in group.iter_mut().zip(curves.chunks_mut(count)) {
                if watch.is_over() {
                    return Vec::new();
                }
                trial.take_steps(clock, curve);
            }
        }
    }
    if watch.is_over() {
        return Vec::new();
    }
    let ended = group.into_iter().zip(curves.chunks_mut(count));
    ended.map(|(trial, curve)| trial.finish(curve, bars_per_year)).collect()
}

/// Run some trials over the bars of one instrument: each block is turned into the kernel's once for all of them.
fn take_blocks(history: &History, group: &mut [Trial], curves: &mut [f64], watch: &Watch<'_>) {
    let count = history.len();
    let Some(first) = group.first() else { return };
    let scale = first.market.scale_of(history.instrument());
    let mut block = Stretch::default();
    for start in (0..count).step_by(BLOCK_BARS) {
        if watch.is_over() {
            return;
        }
        let end = count.min(start + BLOCK_BARS);
        history.stretch(start..end, scale, &mut block);
        for (trial, curve) in group.iter_mut().zip(curves.chunks_mut(count)) {
            trial.take(&block, start, &mut curve[start..end]);
        }
    }
}

fn all_asked(columns: &[Option<Columns<'_>>], clock: &Clock) -> PyResult<Vec<Option<Asked>>> {
    let pairs: Vec<_> = columns.iter().zip(clock.histories()).collect();
    if pairs.len() != columns.len() || pairs.len() != clock.histories().count() {
        return Err(PyValueError::new_err("there must be columns, or None, for each instrument"));
    }
    let asked = |(columns, history): (&Option<Columns<'_>>, &History)| {
        columns.as_ref().map(|columns| Asked::new(columns, history)).transpose()
    };
    pairs.into_iter().map(asked).collect()
}

fn packed<'py>(
    py: Python<'py>,
    outcomes: Vec<Outcome>,
) -> (Bound<'py, PyBytes>, Bound<'py, PyBytes>, Vec<Failed>) {
    let figures: Vec<u8> =
        outcomes.iter().flat_map(|one| one.figures.iter().flat_map(|figure| figure.to_le_bytes())).collect();
    let digests: Vec<u8> = outcomes.iter().flat_map(|one| one.digest).collect();
    let failed = outcomes.into_iter().enumerate().filter_map(|(place, one)| {
        let (row, is_bar, text) = one.failed?;
        Some((place, row, is_bar, text))
    });
    let failed = failed.collect();
    (PyBytes::new(py, &figures), PyBytes::new(py, &digests), failed)
}

/// Return the figures of one finished run as floats in the order of `TRIAL_FIGURES`; `equity` has one a step.
#[pyfunction]
pub fn trial_figures(account: &Account, equity: &Bound<'_, PyAny>, bars_per_year: f64) -> PyResult<Vec<f64>> {
    let equity = Column::<f64>::new("equity", equity)?;
    let mut tally = Tally::new();
    tally.take(account.inner.events());
    let cash = account.opening_cash();
    Ok(equity.read(|curve| figures_of(&account.inner, &tally, cash, curve, bars_per_year)).to_vec())
}
