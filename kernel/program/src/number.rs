//! Python's numbers where Rust's differ: floors, remainders, powers, rounding, whole numbers divided.

use alloc::format;

use crate::codes::Function;
use crate::fault::{Done, Fault, Kind};
use crate::value::Value;

/// Functions that every host computes by its own means: `Function` by its number; None is the power a ** b.
pub type Mathematics = fn(Option<Function>, f64, f64) -> f64;

const EXACT_INTEGER: u64 = 1 << 53;

pub fn too_large() -> Fault {
    Fault::new(
        Kind::Overflow,
        "a whole number left the range of 64 bits, which compiled strategies keep to: use floats, or \
         engine=\"python\"",
    )
}

/// Return the float without its fraction.
pub fn trunc(value: f64) -> f64 {
    // From 2^52 on every float is whole.
    if value.abs_() < 4_503_599_627_370_496.0 {
        let whole = value as i64 as f64;
        if whole == 0.0 && value.is_sign_negative() {
            -0.0
        } else {
            whole
        }
    } else {
        value
    }
}

pub fn floor(value: f64) -> f64 {
    let whole = trunc(value);
    if whole > value {
        whole - 1.0
    } else {
        whole
    }
}

/// The absolute value, which core has only since Rust 1.85.
pub trait Absolute {
    fn abs_(self) -> Self;
}

impl Absolute for f64 {
    #[inline]
    fn abs_(self) -> f64 {
        f64::from_bits(self.to_bits() & !(1 << 63))
    }
}

/// Return a float as a whole number; NaN, infinities and what needs more than 64 bits are errors.
pub fn whole(value: f64) -> Done<i64> {
    if value.is_nan() {
        return Err(Fault::new(Kind::Value, "cannot convert float NaN to integer"));
    }
    if value.is_infinite() {
        return Err(Fault::new(Kind::Overflow, "cannot convert float infinity to integer"));
    }
    let value = trunc(value);
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value) {
        return Err(too_large());
    }
    Ok(value as i64)
}

/// Return the quotient rounded down and the remainder of the divisor's sign.
pub fn divided(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest == 0.0 {
        rest = signed(0.0, b);
    } else if (b < 0.0) != (rest < 0.0) {
        rest += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (signed(0.0, a / b), rest);
    }
    let mut lower = floor(quotient);
    if quotient - lower > 0.5 {
        lower += 1.0;
    }
    (lower, rest)
}

fn signed(value: f64, sign: f64) -> f64 {
    f64::from_bits((value.to_bits() & !(1 << 63)) | (sign.to_bits() & (1 << 63)))
}

/// Return the remainder of the divisor's sign, as `%` of floats does.
pub fn remainder(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        signed(0.0, b)
    } else if (b < 0.0) != (rest < 0.0) {
        rest + b
    } else {
        rest
    }
}

/// Return the quotient of whole numbers, rounded once.
pub fn true_divided(a: i64, b: i64) -> f64 {
    let (top, bottom) = (a.unsigned_abs(), b.unsigned_abs());
    if top <= EXACT_INTEGER && bottom <= EXACT_INTEGER {
        return a as f64 / b as f64;
    }
    // As many bits as fit, and one that says whether anything is left: rounding then sees all that matters.
    let shift = u128::from(top).leading_zeros() - 1;
    let (wide, bottom) = (u128::from(top) << shift, u128::from(bottom));
    let quotient = (wide / bottom) | u128::from(wide % bottom != 0);
    let scale = f64::from_bits((1023 - u64::from(shift)) << 52);
    let value = quotient as f64 * scale;
    if (a < 0) != (b < 0) {
        -value
    } else {
        value
    }
}

/// Return a ** b of whole numbers: whole where b is not below zero.
pub fn whole_power(a: i64, b: i64, mathematics: Mathematics) -> Done<Value> {
    if b < 0 {
        return power(a as f64, b as f64, mathematics).map(Value::Float);
    }
    if let (-1..=1, _) | (_, 0) = (a, b) {
        let odd = b % 2 == 1;
        return Ok(Value::Int(if b == 0 || (a == -1 && !odd) { 1 } else { a }));
    }
    let exponent = u32::try_from(b).map_err(|_| too_large())?;
    a.checked_pow(exponent).map(Value::Int).ok_or_else(too_large)
}

pub fn power(a: f64, b: f64, mathematics: Mathematics) -> Done<f64> {
    if a == 0.0 && b < 0.0 {
        return Err(Fault::new(Kind::ZeroDivision, "0.0 cannot be raised to a negative power"));
    }
    if a < 0.0 && a.is_finite() && b.is_finite() && trunc(b) != b {
        let text = "a number below zero to a fraction is a complex number: compiled strategies have none";
        return Err(Fault::wrong_type(text));
    }
    let result = mathematics(None, a, b);
    if result.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(Fault::new(Kind::Overflow, "(34, 'Numerical result out of range')"));
    }
    Ok(result)
}

/// Return a float rounded to a whole number, half to even.
pub fn round_whole(value: f64) -> Done<i64> {
    let lower = floor(value);
    let part = value - lower;
    let up = part > 0.5 || (part == 0.5 && remainder(lower, 2.0) == 1.0);
    whole(if up { lower + 1.0 } else { lower })
}

/// Return a float rounded to some digits after the point, half to even of its exact value.
pub fn round_digits(value: f64, digits: i64) -> Done<f64> {
    if !value.is_finite() || digits > 323 || value == 0.0 {
        return Ok(value);
    }
    if !(0..=22).contains(&digits) {
        let text = format!("compiled strategies round to 0 to 22 digits, not {}", digits);
        return Err(Fault::new(Kind::Value, text));
    }
    // Every float has an end in decimals; at most 1,074 of them.
    let text = format!("{:.1080}", value.abs_());
    let cut = text.find('.').unwrap_or(0) + 1 + digits as usize;
    let (kept, rest) = text.split_at(cut);
    let half = rest.bytes().next().map_or(0, |first| first.cmp(&b'5') as i8);
    let beyond = rest.bytes().skip(1).any(|digit| digit != b'0');
    let odd = kept.bytes().rev().find(u8::is_ascii_digit).map_or(false, |digit| digit % 2 == 1);
    let up = half > 0 || (half == 0 && (beyond || odd));
    let rounded: f64 = raised(kept, up).parse().unwrap_or(value);
    if rounded.is_infinite() {
        return Err(Fault::new(Kind::Overflow, "rounded value too large to represent"));
    }
    Ok(signed(rounded, value))
}

/// Return decimal text with its last digit raised by one, or as it is.
fn raised(text: &str, up: bool) -> alloc::string::String {
    let mut bytes = text.as_bytes().to_vec();
    let mut carry = up;
    for byte in bytes.iter_mut().rev() {
        if carry && byte.is_ascii_digit() {
            carry = *byte == b'9';
            *byte = if carry { b'0' } else { *byte + 1 };
        }
    }
    let digits = alloc::string::String::from_utf8(bytes).unwrap_or_default();
    if carry {
        format!("1{}", digits)
    } else {
        digits
    }
}

/// Return a function of a float.
pub fn function(function: Function, value: f64, mathematics: Mathematics) -> Done<Value> {
    let domain = || Err(Fault::new(Kind::Value, "math domain error"));
    Ok(match function {
        Function::Floor => Value::Int(whole(floor(value))?),
        Function::Ceil => Value::Int(whole(-floor(-value))?),
        Function::Trunc => Value::Int(whole(value)?),
        Function::Fabs => Value::Float(value.abs_()),
        Function::IsNan => Value::Bool(value.is_nan()),
        Function::IsInf => Value::Bool(value.is_infinite()),
        Function::IsFinite => Value::Bool(value.is_finite()),
        Function::Sqrt if value < 0.0 => return domain(),
        Function::Log | Function::Log2 | Function::Log10 if value <= 0.0 => return domain(),
        _ => {
            let result = mathematics(Some(function), value, 0.0);
            if result.is_infinite() && value.is_finite() {
                return Err(Fault::new(Kind::Overflow, "math range error"));
            }
            Value::Float(result)
        }
    })
}
