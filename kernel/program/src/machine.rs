//! The loop over a program's steps, and what it sees of the run.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use eyas_kernel::order::{Intent, OrderKind, TimeInForce};
use eyas_kernel::record::Cause;
use eyas_kernel::Account;

use crate::arithmetic;
use crate::code::{Program, Step};
use crate::codes::{AccountField, BarField, Field, Function, LevelKind, Op};
use crate::column::{Bars, Column};
use crate::compare;
use crate::fault::{Done, Fault, Kind};
use crate::number::Mathematics;
use crate::seen::Seen;
use crate::value::Value;
use crate::watch::Watch;
use crate::words;

/// Steps back on one bar: a loop that takes more is taken for one that never ends.
const TURNS_MAX: u32 = 10_000_000;

/// What a program sees of the run: columns up to a bar, and texts.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    pub floats: Vec<Column<'a, f64>>,
    pub times: Vec<Column<'a, i64>>,
    pub bars: Bars<'a>,
    pub texts: Arc<Vec<String>>,
    /// The bar that is now.
    pub bar: usize,
}

/// Return every word that the kernel says of tickets and orders: a host gives each a number among the texts.
pub fn vocabulary() -> impl Iterator<Item = &'static str> {
    let causes = Cause::ALL.iter().map(|cause| cause.name());
    let kinds = OrderKind::ALL.iter().map(|kind| kind.name());
    let intents = Intent::ALL.iter().map(|intent| intent.name());
    let lifetimes = TimeInForce::ALL.iter().map(|lifetime| lifetime.name());
    ["long", "short", "buy", "sell"]
        .iter()
        .copied()
        .chain(causes)
        .chain(kinds)
        .chain(intents)
        .chain(lifetimes)
}

impl Sight<'_> {
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }

    /// Return a word of the vocabulary.
    pub fn word(&self, word: &str) -> Value {
        let found = self.texts.iter().position(|text| text == word);
        Value::Text(found.map_or(u32::MAX, |place| place as u32))
    }

    /// Return a number or what a series is now.
    #[inline]
    pub fn number(&self, value: Value) -> Option<f64> {
        match value {
            Value::Series(number) => Some(self.floats[number as usize].now(self.bar)),
            other => other.float(),
        }
    }

    /// Return a whole number or what times are now.
    pub fn time(&self, value: Value) -> Done<Option<i64>> {
        match value {
            Value::Times(number) => self.times[number as usize].now(self.bar).map(Some),
            other => Ok(other.whole()),
        }
    }

    fn last_two(&self, value: Value) -> Done<Option<(f64, f64)>> {
        match value {
            Value::Series(number) => Ok(self.floats[number as usize].last_two(self.bar)),
            other => match other.float() {
                Some(number) => Ok(Some((number, number))),
                None => Err(Fault::wrong_type(format!(
                    "argument 'other': must be real number, not {}",
                    other.class()
                ))),
            },
        }
    }

    fn crossed(&self, op: Op, a: Value, b: Value) -> Done<bool> {
        if !matches!(a, Value::Series(_)) {
            let name = if op == Op::CrossedAbove { "crossed_above" } else { "crossed_below" };
            let text = format!("'{}' object has no attribute '{}'", a.class(), name);
            return Err(Fault::new(Kind::Attribute, text));
        }
        Ok(match (self.last_two(a)?, self.last_two(b)?) {
            (Some((a, b)), Some((c, d))) if op == Op::CrossedAbove => a <= c && b > d,
            (Some((a, b)), Some((c, d))) => a >= c && b < d,
            _ => false,
        })
    }

    #[inline]
    fn bar_field(&self, field: BarField) -> Value {
        match field {
            BarField::Time => Value::Int(self.bars.time[self.bar]),
            BarField::CloseTime => Value::Int(self.bars.close_time[self.bar]),
            BarField::Index => Value::Int(self.bar as i64),
            BarField::Instrument => Value::Int(0),
            BarField::Symbol => Value::None,
            price => Value::Float(self.bars.floats[price as usize][self.bar]),
        }
    }
}

/// A program with what it is bound to, ready to decide on one bar after another.
#[derive(Clone)]
pub struct Machine<'a> {
    pub program: Arc<Program>,
    pub registers: Vec<Value>,
    pub sight: Sight<'a>,
    pub seen: Seen,
    mathematics: Mathematics,
    watch: Watch,
}

impl fmt::Debug for Machine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Machine").field("registers", &self.registers).finish_non_exhaustive()
    }
}

impl<'a> Machine<'a> {
    /// Bind a program: `values` are what its first registers hold, texts numbered as in `sight.texts`, which
    /// begin with the program's own.
    pub fn new(
        program: Arc<Program>,
        values: &[Value],
        sight: Sight<'a>,
        mathematics: Mathematics,
    ) -> Machine<'a> {
        let mut registers = program.registers.clone();
        registers[..program.bound].copy_from_slice(&values[..program.bound]);
        let watch = Watch::new(program.rows);
        Machine { program, registers, sight, seen: Seen::default(), mathematics, watch }
    }

    /// Return a bit for each of at most 64 rows: whether the program could do anything on it.
    #[inline(always)]
    pub fn asking(&mut self, first: usize, count: usize) -> u64 {
        let all = if count >= 64 { u64::MAX } else { (1 << count) - 1 };
        all & self.watch.look(&self.program.watch, &self.registers, &self.sight, (first, count))
    }

    /// Decide on a bar that the market has just taken.
    pub fn decide(&mut self, market: &mut Account, bar: usize) -> Done<()> {
        self.sight.bar = bar;
        self.seen.forget();
        let program = self.program.clone();
        let (mut place, mut turns) = (0, 0);
        loop {
            let step = program.steps[place];
            place += 1;
            let target = match step.op {
                Op::End => return Ok(()),
                Op::Jump => step.a as usize,
                Op::JumpIf if self.truth(step.b)? => step.a as usize,
                Op::JumpUnless if !self.truth(step.b)? => step.a as usize,
                Op::JumpIf | Op::JumpUnless => continue,
                Op::Move => {
                    self.registers[step.a as usize] = self.registers[step.b as usize];
                    continue;
                }
                _ => {
                    self.step(&program, step, market)?;
                    continue;
                }
            };
            turns += (target < place) as u32;
            if turns > TURNS_MAX {
                let text = "a loop on one bar took more than 10,000,000 turns: compiled strategies end there";
                return Err(Fault::new(Kind::Runtime, text));
            }
            place = target;
        }
    }

    #[inline]
    fn truth(&self, register: u16) -> Done<bool> {
        compare::truth(self.registers[register as usize], &self.sight)
    }

    #[inline]
    fn at(&self, register: u16) -> Value {
        self.registers[register as usize]
    }

    #[inline]
    fn step(&mut self, program: &Program, step: Step, market: &mut Account) -> Done<()> {
        let value = match step.op {
            Op::Add
            | Op::Subtract
            | Op::Multiply
            | Op::Divide
            | Op::FloorDivide
            | Op::Remainder
            | Op::Power => {
                arithmetic::binary(step.op, self.at(step.b), self.at(step.c), &self.sight, self.mathematics)?
            }
            Op::Less | Op::LessEqual | Op::Equal | Op::NotEqual | Op::Greater | Op::GreaterEqual => {
                Value::Bool(compare::compare(step.op, self.at(step.b), self.at(step.c), &self.sight)?)
            }
            Op::Not => Value::Bool(!self.truth(step.b)?),
            Op::Truth => Value::Bool(self.truth(step.b)?),
            Op::CrossedAbove | Op::CrossedBelow => {
                Value::Bool(self.sight.crossed(step.op, self.at(step.b), self.at(step.c))?)
            }
            Op::BarField => self.sight.bar_field(known(BarField::of(step.b))?),
            Op::AccountField => self.seen.account(known(AccountField::of(step.b))?, market),
            Op::Item => self.seen.item(self.at(step.b), self.at(step.c), &self.sight)?,
            Op::Field => self.seen.field(self.at(step.b), known(Field::of(step.c))?, &self.sight)?,
            _ => self.rarer(program, step, market)?,
        };
        self.registers[step.a as usize] = value;
        Ok(())
    }

    #[inline(never)]
    fn rarer(&mut self, program: &Program, step: Step, market: &mut Account) -> Done<Value> {
        let (a, b) = (self.at(step.a), step.b);
        Ok(match step.op {
            Op::NeedLocal | Op::NeedAttribute => self.needed(step)?,
            Op::Keep => match self.at(b) {
                Value::Ticket(_)
                | Value::Order(_)
                | Value::Tickets(..)
                | Value::Orders(..)
                | Value::Numbers(..) => {
                    let text =
                        "a compiled strategy keeps no ticket, order or list from bar to bar: keep its number";
                    return Err(Fault::new(Kind::Runtime, text));
                }
                value => value,
            },
            Op::Is => Value::Bool(compare::same(self.at(b), self.at(step.c))),
            Op::IsNot => Value::Bool(!compare::same(self.at(b), self.at(step.c))),
            Op::Least | Op::Most => {
                let (kept, other) = (self.at(b), self.at(step.c));
                let op = if step.op == Op::Least { Op::Less } else { Op::Greater };
                if compare::compare(op, other, kept, &self.sight)? {
                    other
                } else {
                    kept
                }
            }
            Op::Negative | Op::Positive | Op::Absolute | Op::Float | Op::Whole => {
                arithmetic::unary(step.op, self.at(b), &self.sight)?
            }
            Op::Round => arithmetic::round(self.at(b), self.at(step.c), &self.sight)?,
            Op::Function => {
                let function = known(Function::of(step.c))?;
                arithmetic::function(function, self.at(b), &self.sight, self.mathematics)?
            }
            Op::Length => Value::Int(self.length(self.at(b))?),
            Op::Level => {
                let kind = known(LevelKind::of(step.c))?;
                let name = match kind {
                    LevelKind::Price => "a price",
                    LevelKind::Distance => "a distance",
                    _ => "a multiple of the risk",
                };
                Value::Level(kind, words::number(name, self.at(b), &self.sight)?)
            }
            Op::Countable => match a.whole() {
                Some(_) => a,
                None => {
                    let text = format!("'{}' object cannot be interpreted as an integer", a.class());
                    return Err(Fault::wrong_type(text));
                }
            },
            Op::Ask => self.ask(&program.asks[b as usize], market)?,
            Op::Close => self.close(self.at(b), [self.at(step.c), self.at(step.c + 1)], market)?,
            Op::Cancel => self.cancel(a, market)?,
            Op::Amend => {
                let given = [self.at(step.c), self.at(step.c + 1), self.at(step.c + 2)];
                self.amend(self.at(b), given, market)?
            }
            _ => self.move_levels(self.at(b), [self.at(step.c), self.at(step.c + 1)], market)?,
        })
    }

    fn needed(&self, step: Step) -> Done<Value> {
        let value = self.at(step.a);
        if value != Value::Unset {
            return Ok(value);
        }
        let name = self.sight.text(step.b as u32);
        Err(match step.op {
            Op::NeedLocal => Fault::new(
                Kind::UnboundLocal,
                format!("cannot access local variable '{}' where it is not associated with a value", name),
            ),
            _ => Fault::new(Kind::Attribute, name.to_owned()),
        })
    }

    fn length(&self, value: Value) -> Done<i64> {
        match value {
            Value::Series(number) => Ok(self.sight.floats[number as usize].count(self.sight.bar)),
            Value::Times(number) => Ok(self.sight.times[number as usize].count(self.sight.bar)),
            Value::Tickets(_, count) | Value::Orders(_, count) | Value::Numbers(_, count) => Ok(count as i64),
            Value::Text(number) => Ok(self.sight.text(number).chars().count() as i64),
            Value::Level(..) => Ok(2),
            _ => Err(Fault::wrong_type(format!("object of type '{}' has no len()", value.class()))),
        }
    }
}

/// Return a name that the program's writer knows, or say that it comes from another version.
fn known<T>(code: Option<T>) -> Done<T> {
    code.ok_or_else(|| Fault::new(Kind::Runtime, "the program was written by another version of eyas"))
}
