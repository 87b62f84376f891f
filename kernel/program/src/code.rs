//! A program, read from the bytes that `eyas/compiled/` writes.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::str::from_utf8;

use crate::codes::{Function, LevelKind, Look, Op, Say, Verb};
use crate::value::Value;

/// The first bytes of a program: its kind and the version of its form.
pub const MAGIC: &[u8; 8] = b"eyasprg1";
/// No register: what is not said.
pub const NONE: u16 = u16::MAX;
const REGISTERS_MAX: usize = 60_000;

/// One step: what it does, and with which registers.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub op: Op,
    pub a: u16,
    pub b: u16,
    pub c: u16,
}

/// One step of the watch.
#[derive(Clone, Copy, Debug)]
pub struct Glance {
    pub look: Look,
    pub a: u16,
    pub b: u16,
    pub c: u16,
}

/// An order as a program says it: which register holds what.
#[derive(Clone, Debug)]
pub struct Asking {
    pub verb: Verb,
    /// The ticket that is added to.
    pub ticket: u16,
    pub said: Vec<(Say, u16)>,
    /// A ladder of targets: a level, and its share where one is said.
    pub rungs: Option<Vec<(u16, u16)>>,
}

/// A program.
#[derive(Clone, Debug)]
pub struct Program {
    /// What registers hold at first; the bound ones come first among them.
    pub registers: Vec<Value>,
    /// How many of them are bound: given from outside before a run.
    pub bound: usize,
    pub texts: Vec<String>,
    pub steps: Vec<Step>,
    pub asks: Vec<Asking>,
    pub watch: Vec<Glance>,
    /// How many rows of floats and of bits the watch needs.
    pub rows: (usize, usize),
}

impl Program {
    /// Read a program; None where the bytes are none.
    pub fn read(bytes: &[u8]) -> Option<Program> {
        let mut rest = Reader(bytes.strip_prefix(MAGIC)?);
        let bound = rest.count()?;
        let mut registers = alloc::vec![Value::Unset; bound];
        let texts = rest.list(|rest| {
            let length = rest.count()?;
            from_utf8(rest.take(length)?).ok().map(ToString::to_string)
        })?;
        registers.extend(rest.list(Reader::value)?);
        let free = rest.count()?;
        if registers.len() + free > REGISTERS_MAX {
            return None;
        }
        registers.resize(registers.len() + free, Value::Unset);
        let steps = rest.list(|rest| {
            let [op, a, b, c] = rest.four()?;
            Some(Step { op: Op::of(op)?, a, b, c })
        })?;
        let asks = rest.list(Reader::asking)?;
        let watch = rest.list(|rest| {
            let [look, a, b, c] = rest.four()?;
            Some(Glance { look: Look::of(look)?, a, b, c })
        })?;
        let rows = (rest.count()?, rest.count()?);
        let program = Program { registers, bound, texts, steps, asks, watch, rows };
        (rest.0.is_empty() && program.is_sound()).then_some(program)
    }

    /// Return whether it needs functions that not every host computes to the same last bit.
    pub fn is_portable(&self) -> bool {
        self.steps.iter().all(|step| match step.op {
            Op::Power => false,
            Op::Function => !matches!(
                Function::of(step.c),
                Some(Function::Exp | Function::Log | Function::Log2 | Function::Log10)
            ),
            _ => true,
        })
    }

    /// Return whether it ends, and jumps and points within itself: the machine indexes without asking twice.
    fn is_sound(&self) -> bool {
        let register = |place: u16| (place as usize) < self.registers.len();
        let jumps = self.steps.iter().all(|step| match step.op {
            Op::Jump | Op::JumpIf | Op::JumpUnless => (step.a as usize) < self.steps.len(),
            Op::Ask => (step.b as usize) < self.asks.len(),
            Op::Level => LevelKind::of(step.c).is_some(),
            Op::Function => Function::of(step.c).is_some(),
            _ => true,
        });
        let asks = self.asks.iter().all(|ask| {
            let rungs = ask.rungs.iter().flatten();
            ask.said.iter().all(|said| register(said.1))
                && (ask.verb != Verb::Add || register(ask.ticket))
                && rungs.into_iter().all(|rung| register(rung.0) && (rung.1 == NONE || register(rung.1)))
        });
        let (rows, bits) = self.rows;
        let small = rows <= 4096 && bits <= 4096;
        matches!(self.steps.last(), Some(Step { op: Op::End, .. })) && jumps && asks && small
    }
}

/// Bytes that are read from their beginning.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        if count > self.0.len() {
            return None;
        }
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(taken)
    }

    fn short(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    fn four(&mut self) -> Option<[u16; 4]> {
        Some([self.short()?, self.short()?, self.short()?, self.short()?])
    }

    fn count(&mut self) -> Option<usize> {
        self.short().map(usize::from)
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        (0..count).map(|_| read(self)).collect()
    }

    /// Read a constant: its kind and eight bytes.
    fn value(&mut self) -> Option<Value> {
        let kind = self.short()?;
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Some(match kind {
            0 => Value::None,
            1 => Value::Bool(bytes[0] != 0),
            2 => Value::Int(i64::from_le_bytes(bytes)),
            3 => Value::Float(f64::from_le_bytes(bytes)),
            4 => Value::Text(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])),
            _ => return None,
        })
    }

    fn asking(&mut self) -> Option<Asking> {
        let verb = Verb::of(self.short()?)?;
        let ticket = self.short()?;
        let said = self.list(|rest| Some((Say::of(rest.short()?)?, rest.short()?)))?;
        let has_rungs = self.short()? != 0;
        let rungs = self.list(|rest| Some((rest.short()?, rest.short()?)))?;
        Some(Asking { verb, ticket, said, rungs: has_rungs.then_some(rungs) })
    }
}
