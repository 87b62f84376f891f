//! Python's comparisons and truth.

use alloc::format;
use core::cmp::Ordering;

use crate::codes::Op;
use crate::fault::{Done, Fault};
use crate::machine::Sight;
use crate::number::trunc;
use crate::value::Value;

const EXACT: i64 = 1 << 53;

/// Return how a whole number compares with a float, exactly; None with NaN.
fn whole_and_float(whole: i64, float: f64) -> Option<Ordering> {
    if (-EXACT..=EXACT).contains(&whole) || float.is_nan() {
        return (whole as f64).partial_cmp(&float);
    }
    if float >= 9_223_372_036_854_775_808.0 {
        return Some(Ordering::Less);
    }
    if float < -9_223_372_036_854_775_808.0 {
        return Some(Ordering::Greater);
    }
    let lower = trunc(float);
    Some(whole.cmp(&(lower as i64)).then_with(|| lower.partial_cmp(&float).unwrap_or(Ordering::Equal)))
}

fn holds(op: Op, order: Option<Ordering>) -> bool {
    match (op, order) {
        (Op::NotEqual, order) => order != Some(Ordering::Equal),
        (_, None) => false,
        (Op::Less, Some(order)) => order == Ordering::Less,
        (Op::LessEqual, Some(order)) => order != Ordering::Greater,
        (Op::Greater, Some(order)) => order == Ordering::Greater,
        (Op::GreaterEqual, Some(order)) => order != Ordering::Less,
        (_, Some(order)) => order == Ordering::Equal,
    }
}

/// Return whether a op b.
#[inline]
pub fn compare(op: Op, a: Value, b: Value, sight: &Sight<'_>) -> Done<bool> {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => Ok(holds(op, a.partial_cmp(&b))),
        (Value::Int(a), Value::Int(b)) => Ok(holds(op, Some(a.cmp(&b)))),
        (Value::Series(_), _) | (_, Value::Series(_)) => match (sight.number(a), sight.number(b)) {
            (Some(left), Some(right)) => Ok(holds(op, left.partial_cmp(&right))),
            _ => unlike(op, a, b),
        },
        (Value::Times(_), _) | (_, Value::Times(_)) => match (sight.time(a)?, sight.time(b)?) {
            (Some(left), Some(right)) => Ok(holds(op, Some(left.cmp(&right)))),
            _ => unlike(op, a, b),
        },
        _ => match (a.whole(), b.whole(), a.float(), b.float()) {
            (Some(a), Some(b), ..) => Ok(holds(op, Some(a.cmp(&b)))),
            (Some(a), _, _, Some(b)) => Ok(holds(op, whole_and_float(a, b))),
            (_, Some(b), Some(a), _) => Ok(holds(op, whole_and_float(b, a).map(Ordering::reverse))),
            (_, _, Some(a), Some(b)) => Ok(holds(op, a.partial_cmp(&b))),
            _ => unlike(op, a, b),
        },
    }
}

/// Compare what is no number: the same or not, and nothing else.
fn unlike(op: Op, a: Value, b: Value) -> Done<bool> {
    let sign = match op {
        Op::Equal => return Ok(a == b),
        Op::NotEqual => return Ok(a != b),
        Op::Less => "<",
        Op::LessEqual => "<=",
        Op::Greater => ">",
        _ => ">=",
    };
    Err(Fault::wrong_type(format!(
        "'{}' not supported between instances of '{}' and '{}'",
        sign,
        a.class(),
        b.class()
    )))
}

/// Return whether two values are one and the same thing: for None, True and False.
pub fn same(a: Value, b: Value) -> bool {
    match (a, b) {
        (Value::Bool(_), Value::Int(_)) | (Value::Int(_), Value::Bool(_)) => false,
        _ => a == b,
    }
}

/// Return whether a value counts as true.
#[inline]
pub fn truth(value: Value, sight: &Sight<'_>) -> Done<bool> {
    Ok(match value {
        Value::Bool(value) => value,
        Value::Unset | Value::None => false,
        Value::Int(value) => value != 0,
        Value::Float(value) => value != 0.0,
        Value::Text(number) => !sight.text(number).is_empty(),
        Value::Tickets(_, count) | Value::Orders(_, count) | Value::Numbers(_, count) => count > 0,
        Value::Level(..) | Value::Ticket(_) | Value::Order(_) => true,
        Value::Series(number) => {
            let title = sight.floats[number as usize].named();
            let text = format!("{} is neither true nor false: compare it with a number or a series", title);
            return Err(Fault::wrong_type(text));
        }
        Value::Times(number) => {
            let title = &sight.times[number as usize].title;
            let text = format!("{} is neither true nor false: compare it with a time", title);
            return Err(Fault::wrong_type(text));
        }
    })
}
