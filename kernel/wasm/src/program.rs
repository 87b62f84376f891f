//! Compiled strategies: programs that a host wrote elsewhere, bound to columns, deciding between bars.

use std::sync::Arc;

use eyas_kernel::Field;
use eyas_program::code;
use eyas_program::codes::{BarField, Function, LevelKind, Op};
use eyas_program::column::Column;
use eyas_program::machine::{vocabulary, Machine, Sight};
use eyas_program::value::Value;

use crate::failure::Failure;
use crate::history::History;
use crate::session::Session;

/// As many rows as there are bits in an answer of `Machine::asking`.
const ASKED_AT_ONCE: usize = 64;
/// What is bound to a program, by its code in the input.
pub const BOUND: [&str; 9] = ["unset", "none", "bool", "int", "float", "text", "level", "series", "times"];

/// A program with what it is bound to and what its registers held when it was last run.
pub struct Program {
    program: Arc<code::Program>,
    values: Vec<Value>,
    series: Vec<Kept<f64>>,
    times: Vec<Kept<i64>>,
    texts: Vec<String>,
    /// The bar after the last that it ran on, and its registers then.
    left: Option<(usize, Vec<Value>)>,
}

/// A column that is the program's own; with `follow` it has rows of its own, of which that says for each bar which is
/// the newest known.
struct Kept<T> {
    values: Vec<T>,
    follow: Option<Vec<i64>>,
    title: String,
}

impl<T: Copy> Kept<T> {
    fn seen(&self) -> Column<'_, T> {
        Column { values: &self.values, follow: self.follow.as_deref(), title: self.title.clone() }
    }

    /// Return whether it says something of each bar, up to rows that it has.
    fn is_of(&self, bars: usize) -> bool {
        self.follow.as_ref().map_or(self.values.len(), Vec::len) == bars
    }
}

impl Program {
    /// Read a program and what is bound to it. The input has integers and floats of 8 bytes, texts and bytes after
    /// their lengths: the program, then for each value its code of `BOUND` and itself. A level is the name of its kind
    /// and a float; a column its title, its length, itself, and the length and rows of what it follows (length -1 for
    /// nothing).
    pub fn new(bytes: &[u8]) -> Result<Program, Failure> {
        let damaged = || Failure::misuse("these bytes are no program of this version of eyas".to_owned());
        let mut rest = Input(bytes);
        let program = rest.bytes().and_then(code::Program::read).ok_or_else(damaged)?;
        if !program.is_portable() {
            let why =
                "the program needs powers or logarithms, whose last digit differs from machine to machine: \
                       it runs in Python alone";
            return Err(Failure::misuse(why.to_owned()));
        }
        let mut texts = program.texts.clone();
        texts.extend(vocabulary().map(str::to_owned));
        let bound = program.bound;
        let (series, times) = (Vec::new(), Vec::new());
        let mut made =
            Program { program: Arc::new(program), values: Vec::new(), series, times, texts, left: None };
        for _ in 0..bound {
            let value = made.value(&mut rest).ok_or_else(damaged)?;
            made.values.push(value);
        }
        if rest.0.is_empty() {
            Ok(made)
        } else {
            Err(damaged())
        }
    }

    fn value(&mut self, rest: &mut Input<'_>) -> Option<Value> {
        Some(match *BOUND.get(usize::try_from(rest.whole()?).ok()?)? {
            "unset" => Value::Unset,
            "none" => Value::None,
            "bool" => Value::Bool(rest.whole()? != 0),
            "int" => Value::Int(rest.whole()?),
            "float" => Value::Float(rest.float()?),
            "text" => {
                let text = rest.text()?;
                let known = self.texts.iter().position(|one| *one == text);
                Value::Text(known.unwrap_or_else(|| {
                    self.texts.push(text);
                    self.texts.len() - 1
                }) as u32)
            }
            "level" => {
                let name = rest.text()?;
                let place = LevelKind::NAMES.iter().position(|kind| *kind == name)?;
                Value::Level(LevelKind::ALL[place], rest.float()?)
            }
            "series" => {
                self.series.push(rest.column(Input::float)?);
                Value::Series(self.series.len() as u32 - 1)
            }
            _ => {
                self.times.push(rest.column(Input::whole)?);
                Value::Times(self.times.len() as u32 - 1)
            }
        })
    }

    /// Take the bars from `first` up to `last` (exclusive) and decide on them; return how many events came of them. It
    /// goes on where `first` is where it was left, and otherwise begins. Where it fails the account stands at that bar.
    pub fn run(
        &mut self,
        session: &mut Session,
        history: &History,
        first: usize,
        last: usize,
    ) -> Result<i32, Failure> {
        history.check(first, last)?;
        let bars = history.len();
        if !self.series.iter().all(|one| one.is_of(bars)) || !self.times.iter().all(|one| one.is_of(bars)) {
            return Err(Failure::misuse(format!("a column of the program is not of {bars} bars")));
        }
        let before = session.account.events().len();
        let absent = vec![f64::NAN; if self.reads_what_is_rare() { bars } else { 0 }];
        let sight = Sight {
            floats: self.series.iter().map(Kept::seen).collect(),
            times: self.times.iter().map(Kept::seen).collect(),
            bars: history.seen(&absent),
            texts: Arc::new(self.texts.clone()),
            bar: 0,
        };
        let mut machine = Machine::new(self.program.clone(), &self.values, sight, mathematics);
        if let Some((_, registers)) = self.left.take().filter(|left| left.0 == first) {
            machine.registers = registers;
        }
        let mut asking = 0;
        for row in first..last {
            let bit = (row - first) % ASKED_AT_ONCE;
            if bit == 0 {
                asking = machine.asking(row, ASKED_AT_ONCE.min(last - row));
            }
            session.take(history, row)?;
            if asking >> bit & 1 == 1 {
                machine.decide(&mut session.account, row).map_err(|fault| {
                    Failure::misuse(format!("bar {row}: {}: {}", fault.kind.name(), fault.text))
                })?;
            }
        }
        self.left = Some((last, machine.registers));
        Ok((session.account.events().len() - before) as i32)
    }

    fn reads_what_is_rare(&self) -> bool {
        let rare = [BarField::Given as u16, BarField::Funding as u16];
        self.program.steps.iter().any(|step| step.op == Op::BarField && rare.contains(&step.b))
    }
}

/// What the machine's floats leave to the host: of portable programs the root alone, which every machine rounds alike.
fn mathematics(_: Option<Function>, value: f64, _: f64) -> f64 {
    value.sqrt()
}

/// Bytes that are read from their beginning.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn whole(&mut self) -> Option<i64> {
        i64::take(&mut self.0)
    }

    fn float(&mut self) -> Option<f64> {
        self.whole().map(|bits| f64::from_bits(bits as u64))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.whole()?).ok()?;
        if length > self.0.len() {
            return None;
        }
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    fn column<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Kept<T>> {
        let title = self.text()?;
        let length = usize::try_from(self.whole()?).ok().filter(|length| length * 8 <= self.0.len())?;
        let values = (0..length).map(|_| read(self)).collect::<Option<_>>()?;
        let followed = self.whole()?;
        let follow = match usize::try_from(followed) {
            Ok(length) if length * 8 <= self.0.len() => {
                Some((0..length).map(|_| self.whole()).collect::<Option<_>>()?)
            }
            Ok(_) => return None,
            Err(_) => None,
        };
        Some(Kept { values, follow, title })
    }
}
