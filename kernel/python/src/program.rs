//! Compiled strategies: programs bound to the columns of a run, and the loop that they decide in.

use std::sync::{Arc, Mutex, PoisonError};

use eyas_kernel::stretch::Stretch;
use eyas_program::code::Program;
use eyas_program::codes::{BarField, Function, LevelKind, Op, LISTS};
use eyas_program::column::{Bars, Column as Seen};
use eyas_program::fault::{Fault, Kind};
use eyas_program::machine::{vocabulary, Machine, Sight};
use eyas_program::value::Value;
use pyo3::buffer::Element;
use pyo3::exceptions::{
    PyAttributeError, PyIndexError, PyOverflowError, PyRuntimeError, PyTypeError, PyUnboundLocalError,
    PyValueError, PyZeroDivisionError,
};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyString};

use crate::account::Account;
use crate::column::Column;
use crate::history::History;
use crate::pump::Curve;
use crate::quick::{self, Decide, Stopped};
use crate::series::{LookAheadError, Series};
use crate::signals::{stopped_at, BLOCK_BARS};
use crate::times::Times;

/// One strategy's `on_bar` as a program, before anything is bound to it.
#[pyclass(frozen, module = "eyas._kernel")]
pub struct ProgramCode {
    program: Arc<Program>,
    /// The program's own texts, and then the words of the kernel.
    texts: Arc<Vec<String>>,
    bytes: Vec<u8>,
}

#[pymethods]
impl ProgramCode {
    #[new]
    fn new(data: &[u8]) -> PyResult<ProgramCode> {
        let program = Program::read(data)
            .ok_or_else(|| PyValueError::new_err("these bytes are no program of this version of eyas"))?;
        let words = vocabulary().map(str::to_owned);
        let texts = Arc::new(program.texts.iter().cloned().chain(words).collect());
        Ok(ProgramCode { program: Arc::new(program), texts, bytes: data.to_vec() })
    }

    /// Whether every host comes to the same last bit.
    #[getter]
    fn is_portable(&self) -> bool {
        self.program.is_portable()
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.bytes)
    }

    fn __len__(&self) -> usize {
        self.program.steps.len()
    }
}

/// Return the lists of names that a program is written in, by the name of the list.
pub fn lists(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let named = PyDict::new(py);
    for (name, names) in LISTS {
        named.set_item(*name, names.to_vec())?;
    }
    Ok(named)
}

/// A program bound to one run: what its first registers hold, and columns, kept alive by their owners.
#[pyclass(frozen, module = "eyas._kernel")]
pub struct BoundProgram {
    program: Arc<Program>,
    history: Py<History>,
    values: Vec<Value>,
    /// Series and times of the values, in the order of their numbers.
    series: Vec<Py<Series>>,
    times: Vec<Py<Times>>,
    texts: Arc<Vec<String>>,
    /// Whether it looks at when bars close, and a column that the bars do not have, where it asks for one.
    closes: bool,
    absent: Vec<f64>,
    watches: bool,
    /// What its registers held when it was last pumped up to somewhere.
    left: Mutex<Option<(usize, Vec<Value>)>>,
}

#[pymethods]
impl BoundProgram {
    /// Bind values (numbers, texts, None, series, times, levels) to the first registers of a program.
    ///
    /// With `watches` false it is asked on every bar: slower, and the same.
    #[new]
    #[pyo3(signature = (code, history, values, *, watches = true))]
    fn new(
        py: Python<'_>,
        code: &ProgramCode,
        history: Py<History>,
        values: Vec<Bound<'_, PyAny>>,
        watches: bool,
    ) -> PyResult<BoundProgram> {
        let program = code.program.clone();
        if values.len() != program.bound {
            let (is, needed) = (values.len(), program.bound);
            return Err(PyValueError::new_err(format!("{is} values are bound to a program of {needed}")));
        }
        let reads = |field: BarField| {
            program.steps.iter().any(|step| step.op == Op::BarField && step.b == field as u16)
        };
        let own = history.get();
        // An order that is good till a time looks at it too.
        let closes = reads(BarField::CloseTime) || !program.asks.is_empty();
        let rare = reads(BarField::Given) || reads(BarField::Funding);
        let absent = if rare { vec![f64::NAN; own.len()] } else { Vec::new() };
        let mut bound = BoundProgram {
            program,
            history,
            values: Vec::new(),
            series: Vec::new(),
            times: Vec::new(),
            texts: code.texts.clone(),
            closes,
            absent,
            watches,
            left: Mutex::new(None),
        };
        for value in &values {
            let value = bound.value_of(py, value)?;
            bound.values.push(value);
        }
        Ok(bound)
    }
}

impl BoundProgram {
    /// Return what a value of Python's is in a register.
    fn value_of(&mut self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<Value> {
        if value.is_none() {
            return Ok(Value::None);
        }
        if let Ok(series) = value.cast_exact::<Series>() {
            self.check(series.get().whole().1.followed_rows())?;
            if series.get().whole().1.followed_rows().is_none()
                && series.get().whole().0.len() != self.history.get().len()
            {
                return Err(PyValueError::new_err("a series of another run is bound"));
            }
            self.series.push(series.clone().unbind());
            return Ok(Value::Series(self.series.len() as u32 - 1));
        }
        if let Ok(times) = value.cast_exact::<Times>() {
            self.check(times.get().whole().1.followed_rows())?;
            self.times.push(times.clone().unbind());
            return Ok(Value::Times(self.times.len() as u32 - 1));
        }
        if let Ok(value) = value.cast_exact::<PyBool>() {
            return Ok(Value::Bool(value.is_true()));
        }
        if value.cast_exact::<PyInt>().is_ok() {
            return Ok(Value::Int(value.extract()?));
        }
        if let Ok(value) = value.cast_exact::<PyFloat>() {
            return Ok(Value::Float(value.value()));
        }
        if let Ok(text) = value.cast_exact::<PyString>() {
            return Ok(Value::Text(self.number_of(text.extract()?)));
        }
        if value.is(py.get_type::<BoundProgram>()) {
            return Ok(Value::Unset);
        }
        if let Ok((kind, at)) = value.extract::<(String, f64)>() {
            if let Some(place) = LevelKind::NAMES.iter().position(|name| *name == kind) {
                return Ok(Value::Level(LevelKind::ALL[place], at));
            }
        }
        Err(PyTypeError::new_err(format!("a {} cannot be bound", value.get_type().name()?)))
    }

    fn number_of(&mut self, text: String) -> u32 {
        let found = self.texts.iter().position(|known| *known == text);
        found.unwrap_or_else(|| {
            Arc::make_mut(&mut self.texts).push(text);
            self.texts.len() - 1
        }) as u32
    }

    fn check(&self, rows: Option<&Column<i64>>) -> PyResult<()> {
        match rows {
            Some(rows) if rows.len() != self.history.get().len() => {
                Err(PyValueError::new_err("a series of another run is bound"))
            }
            _ => Ok(()),
        }
    }
}

/// Return a column for as long as its owner lives.
///
/// # Safety
///
/// The owner of the column must outlive what is returned, and nobody may write to it meanwhile.
unsafe fn lasting<T: Element>(column: &Column<T>) -> &'static [T] {
    std::slice::from_raw_parts(column.address() as *const T, column.len())
}

/// A bound program that runs: it needs no interpreter, and may go to another thread.
pub struct Running {
    machine: Machine<'static>,
    watches: bool,
    /// What ended it, where something did.
    pub fault: Option<Fault>,
    /// It keeps every column alive.
    _owner: Py<BoundProgram>,
}

impl Running {
    /// Return a program at its beginning: each has its own state.
    pub fn of(py: Python<'_>, owner: &Py<BoundProgram>) -> Running {
        let bound = owner.get();
        let own = bound.history.get();
        // SAFETY: the columns belong to the series, times and history that `owner` holds, and to `owner` itself,
        // which is frozen; it lives as long as what is made here. A run's columns are written by nobody.
        let sight = unsafe {
            Sight {
                floats: bound.series.iter().map(|series| seen_series(series.get())).collect(),
                times: bound.times.iter().map(|times| seen_times(times.get())).collect(),
                bars: Bars {
                    floats: own.floats().map(|column| match column {
                        Some(column) => lasting(column),
                        None => std::slice::from_raw_parts(bound.absent.as_ptr(), bound.absent.len()),
                    }),
                    time: lasting(own.opens()),
                    close_time: match own.closes() {
                        Some(column) => lasting(column),
                        None if bound.closes => {
                            let closes = own.closes_made();
                            std::slice::from_raw_parts(closes.as_ptr(), closes.len())
                        }
                        None => &[],
                    },
                },
                texts: bound.texts.clone(),
                bar: 0,
            }
        };
        Running {
            machine: Machine::new(bound.program.clone(), &bound.values, sight, mathematics),
            watches: bound.watches,
            fault: None,
            _owner: owner.clone_ref(py),
        }
    }
}

/// # Safety
///
/// As for `lasting`.
unsafe fn seen_series(series: &Series) -> Seen<'static, f64> {
    let (column, place) = series.whole();
    let follow = place.followed_rows().map(|rows| lasting(rows));
    Seen { values: lasting(column), follow, title: series.title_said().to_owned() }
}

/// # Safety
///
/// As for `lasting`.
unsafe fn seen_times(times: &Times) -> Seen<'static, i64> {
    let (column, place) = times.whole();
    let follow = place.followed_rows().map(|rows| lasting(rows));
    Seen { values: lasting(column), follow, title: times.title_said().to_owned() }
}

/// What the machine's floats leave to the host: the same library that Python's own functions call.
fn mathematics(function: Option<Function>, a: f64, b: f64) -> f64 {
    match function {
        None => a.powf(b),
        Some(Function::Exp) => a.exp(),
        Some(Function::Log) => a.ln(),
        Some(Function::Log2) => a.log2(),
        Some(Function::Log10) => a.log10(),
        Some(_) => a.sqrt(),
    }
}

impl Decide for Running {
    #[inline(always)]
    fn asking(&mut self, _: &eyas_kernel::Account, first: usize, count: usize) -> u64 {
        if self.watches {
            self.machine.asking(first, count)
        } else {
            u64::MAX >> (quick::ASKED_AT_ONCE - count)
        }
    }

    fn decide(&mut self, market: &mut eyas_kernel::Account, row: usize) -> Result<(), String> {
        self.machine.decide(market, row).map_err(|fault| {
            let text = format!("{}: {}", fault.kind.name(), fault.text);
            self.fault = Some(fault);
            text
        })
    }
}

/// Return a fault as the exception that it would have been in Python.
fn raised(py: Python<'_>, fault: Fault) -> PyErr {
    let text = fault.text;
    match fault.kind {
        Kind::Attribute => PyAttributeError::new_err(text),
        Kind::Index => PyIndexError::new_err(text),
        Kind::LookAhead => LookAheadError::new_err(text),
        Kind::Overflow => PyOverflowError::new_err(text),
        Kind::Runtime => PyRuntimeError::new_err(text),
        Kind::Type => PyTypeError::new_err(text),
        Kind::UnboundLocal => PyUnboundLocalError::new_err(text),
        Kind::Value => PyValueError::new_err(text),
        Kind::ZeroDivision => PyZeroDivisionError::new_err(text),
        Kind::Usage => {
            let made = || py.import("eyas.errors")?.getattr("UsageError")?.call1((text,));
            made().map_or_else(|error| error, PyErr::from_value)
        }
    }
}

/// Run bars `first` to `last` (exclusive) of one instrument on a program, which goes on with the state in which the
/// bar before `first` left it, and otherwise begins.
///
/// `equity` receives one float a bar. What Python would have raised is raised, after the bar on which it was.
#[pyfunction]
pub fn pump_program(
    py: Python<'_>,
    account: &Bound<'_, Account>,
    source: &Bound<'_, History>,
    equity: &Bound<'_, PyAny>,
    bound: &Bound<'_, BoundProgram>,
    first: usize,
    last: usize,
) -> PyResult<()> {
    let history = source.get();
    let curve = Curve::new(equity)?;
    if last > history.len() || last > curve.column.len() || !bound.get().history.is(source) {
        return Err(PyValueError::new_err(format!("there are no {last} bars that the program is bound to")));
    }
    let mut running = Running::of(py, &bound.clone().unbind());
    let left = || bound.get().left.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, registers)) = left().take().filter(|left| left.0 == first) {
        running.machine.registers = registers;
    }
    let market = &mut account.borrow_mut().inner;
    let scale = market.scale_of(history.instrument());
    let mut stretch = Stretch::default();
    for start in (first..last).step_by(BLOCK_BARS) {
        let rows = start..last.min(start + BLOCK_BARS);
        history.stretch(rows.clone(), scale, &mut stretch);
        // SAFETY: the interpreter is held, and nobody else writes to the curve.
        let equity = unsafe { curve.column.rows_written(rows.clone()) };
        let done = quick::run_stretch(market, &stretch, start, &mut running, equity);
        history.seek(rows.end as i64 - 1);
        if let Err(stopped) = done {
            return Err(ended(py, history, stopped, running.fault.take()));
        }
        py.check_signals()?;
    }
    *left() = Some((last, running.machine.registers));
    Ok(())
}

fn ended(py: Python<'_>, history: &History, stopped: Stopped, fault: Option<Fault>) -> PyErr {
    if let (Stopped::Decision(row, _), Some(fault)) = (&stopped, fault) {
        history.seek(*row as i64);
        return raised(py, fault);
    }
    stopped_at(history, stopped)
}
