//! Python's arithmetic on values: whole numbers stay whole, a series is its value now.

use alloc::format;

use crate::codes::{Function, Op};
use crate::fault::{Done, Fault, Kind};
use crate::machine::Sight;
use crate::number::{self, Absolute, Mathematics};
use crate::value::Value;

fn sign_of(op: Op) -> &'static str {
    match op {
        Op::Add => "+",
        Op::Subtract => "-",
        Op::Multiply => "*",
        Op::Divide => "/",
        Op::FloorDivide => "//",
        Op::Remainder => "%",
        _ => "** or pow()",
    }
}

fn unsupported(op: Op, a: Value, b: Value) -> Fault {
    match (a, b) {
        (Value::Text(_), Value::Text(_) | Value::Int(_)) | (Value::Int(_), Value::Text(_))
            if op != Op::Add =>
        {
            return Fault::wrong_type("a compiled strategy compares texts, and makes none");
        }
        (Value::Text(_), Value::Text(_)) => {
            return Fault::wrong_type("a compiled strategy compares texts, and makes none");
        }
        (Value::Text(_), _) if op == Op::Add => {
            let text = format!("can only concatenate str (not \"{}\") to str", b.class());
            return Fault::wrong_type(text);
        }
        _ => {}
    }
    let text =
        format!("unsupported operand type(s) for {}: '{}' and '{}'", sign_of(op), a.class(), b.class());
    Fault::wrong_type(text)
}

/// Return a op b.
#[inline]
pub fn binary(op: Op, a: Value, b: Value, sight: &Sight<'_>, mathematics: Mathematics) -> Done<Value> {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => floats(op, a, b, mathematics),
        (Value::Series(_), _) | (_, Value::Series(_)) => with_series(op, a, b, sight),
        (Value::Times(_), _) | (_, Value::Times(_)) => with_times(op, a, b, sight),
        _ => match (a.whole(), b.whole()) {
            (Some(a), Some(b)) => wholes(op, a, b, mathematics),
            _ => match (a.float(), b.float()) {
                (Some(a), Some(b)) => floats(op, a, b, mathematics),
                _ => Err(unsupported(op, a, b)),
            },
        },
    }
}

fn floats(op: Op, a: f64, b: f64, mathematics: Mathematics) -> Done<Value> {
    let zero = |text: &str| Err(Fault::new(Kind::ZeroDivision, text));
    Ok(Value::Float(match op {
        Op::Add => a + b,
        Op::Subtract => a - b,
        Op::Multiply => a * b,
        Op::Divide if b == 0.0 => return zero("float division by zero"),
        Op::Divide => a / b,
        Op::FloorDivide if b == 0.0 => return zero("float floor division by zero"),
        Op::FloorDivide => number::divided(a, b).0,
        Op::Remainder if b == 0.0 => return zero("float modulo"),
        Op::Remainder => number::remainder(a, b),
        _ => number::power(a, b, mathematics)?,
    }))
}

fn wholes(op: Op, a: i64, b: i64, mathematics: Mathematics) -> Done<Value> {
    let zero = |text: &str| Err(Fault::new(Kind::ZeroDivision, text));
    let result = match op {
        Op::Add => a.checked_add(b),
        Op::Subtract => a.checked_sub(b),
        Op::Multiply => a.checked_mul(b),
        Op::Divide if b == 0 => return zero("division by zero"),
        Op::Divide => return Ok(Value::Float(number::true_divided(a, b))),
        Op::FloorDivide if b == 0 => return zero("integer division or modulo by zero"),
        Op::Remainder if b == 0 => return zero("integer modulo by zero"),
        Op::FloorDivide => a.checked_div(b).map(|quotient| {
            // Rust rounds towards zero, Python down.
            quotient - ((a % b != 0) && ((a < 0) != (b < 0))) as i64
        }),
        Op::Remainder => {
            a.checked_rem(b).map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
        }
        _ => return number::whole_power(a, b, mathematics),
    };
    // The one remainder that Rust cannot say is that of the least number by -1.
    match (op, result) {
        (Op::Remainder, None) => Ok(Value::Int(0)),
        _ => result.map(Value::Int).ok_or_else(number::too_large),
    }
}

/// A series does the four operations with numbers and series, on floats: nothing there is an error.
fn with_series(op: Op, a: Value, b: Value, sight: &Sight<'_>) -> Done<Value> {
    let (left, right) = match (sight.number(a), sight.number(b)) {
        (Some(left), Some(right)) => (left, right),
        _ => return Err(unsupported(op, a, b)),
    };
    Ok(Value::Float(match op {
        Op::Add => left + right,
        Op::Subtract => left - right,
        Op::Multiply => left * right,
        Op::Divide => left / right,
        _ => return Err(unsupported(op, a, b)),
    }))
}

fn with_times(op: Op, a: Value, b: Value, sight: &Sight<'_>) -> Done<Value> {
    match (op, sight.time(a)?, sight.time(b)?) {
        (Op::Subtract, Some(a), Some(b)) => a.checked_sub(b).map(Value::Int).ok_or_else(number::too_large),
        _ => Err(unsupported(op, a, b)),
    }
}

/// Return an operation of one value.
pub fn unary(op: Op, value: Value, sight: &Sight<'_>) -> Done<Value> {
    let bad =
        |what: &str| Err(Fault::wrong_type(format!("bad operand type for {}: '{}'", what, value.class())));
    if let (Some(whole), false) = (value.whole(), op == Op::Float) {
        let result = match op {
            Op::Negative => whole.checked_neg(),
            Op::Absolute => whole.checked_abs(),
            _ => Some(whole),
        };
        return result.map(Value::Int).ok_or_else(number::too_large);
    }
    match op {
        Op::Whole => match value {
            Value::Float(value) => number::whole(value).map(Value::Int),
            Value::Times(_) => Ok(sight.time(value)?.map_or(Value::None, Value::Int)),
            _ => Err(Fault::wrong_type(format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                value.class()
            ))),
        },
        Op::Positive if matches!(value, Value::Series(_)) => bad("unary +"),
        _ => match (op, sight.number(value)) {
            (Op::Negative, Some(value)) => Ok(Value::Float(-value)),
            (Op::Absolute, Some(value)) => Ok(Value::Float(value.abs_())),
            (Op::Positive | Op::Float, Some(value)) => Ok(Value::Float(value)),
            (Op::Negative, None) => bad("unary -"),
            (Op::Positive, None) => bad("unary +"),
            (Op::Absolute, None) => bad("abs()"),
            _ => Err(Fault::wrong_type(format!(
                "float() argument must be a string or a real number, not '{}'",
                value.class()
            ))),
        },
    }
}

/// Return a value rounded: to digits, or to a whole number where they are None.
pub fn round(value: Value, digits: Value, sight: &Sight<'_>) -> Done<Value> {
    let places = match (digits, digits.whole()) {
        (Value::None, _) => None,
        (_, Some(places)) => Some(places),
        _ => {
            let class = digits.class();
            return Err(Fault::wrong_type(format!("'{}' object cannot be interpreted as an integer", class)));
        }
    };
    match (value.whole(), sight.number(value), places) {
        (Some(whole), _, None) => Ok(Value::Int(whole)),
        (Some(whole), _, Some(places)) if places >= 0 => Ok(Value::Int(whole)),
        (None, Some(number), None) => number::round_whole(number).map(Value::Int),
        (None, Some(number), Some(places)) => number::round_digits(number, places).map(Value::Float),
        (Some(_), _, _) => Err(Fault::new(Kind::Value, "compiled strategies round no whole number to tens")),
        _ => {
            let text = format!("type {} doesn't define __round__ method", value.class());
            Err(Fault::wrong_type(text))
        }
    }
}

/// Return a function of a value.
pub fn function(
    function: Function,
    value: Value,
    sight: &Sight<'_>,
    mathematics: Mathematics,
) -> Done<Value> {
    if let (Function::Floor | Function::Ceil | Function::Trunc, Some(whole)) = (function, value.whole()) {
        return Ok(Value::Int(whole));
    }
    match sight.number(value) {
        Some(number) => number::function(function, number, mathematics),
        None => Err(Fault::wrong_type(format!("must be real number, not {}", value.class()))),
    }
}
