//! Price, quantity, money: scaled integers and the one rounding rule.
//!
//! A price is whole units of 10^-p, a quantity whole units of 10^-(16 - p), so that a price times a
//! quantity is money at 16 decimals, exactly. A rate (a fee, a fraction, a leverage) has 12 decimals.
//! The one rounding rule is half to even. Floats come in and go out here and nowhere else.

use alloc::format;
use alloc::string::String;

use crate::refusal::Refusal;

pub const MONEY_DECIMALS: u32 = 16;
pub const RATE_DECIMALS: u32 = 12;
pub const RATE_ONE: i64 = 1_000_000_000_000;

/// The largest price and the largest quantity: far enough from the edge of `i64` that no sum or
/// product of the kernel can leave `i128`.
pub const UNITS_MAX: i64 = i64::MAX / 4;

/// The largest cash with which an account still opens tickets.
pub const MONEY_MAX: i128 = 10_000_000_000_000_000_000_000_000_000_000_000_000;

/// How many decimals an instrument's prices keep; its quantities keep the rest of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    price_decimals: u32,
}

impl Default for Scale {
    fn default() -> Scale {
        Scale { price_decimals: 8 }
    }
}

impl Scale {
    /// Return the scale with that many price decimals (0 to 16), or None.
    pub fn new(price_decimals: u32) -> Option<Scale> {
        (price_decimals <= MONEY_DECIMALS).then_some(Scale { price_decimals })
    }

    pub fn price_decimals(&self) -> u32 {
        self.price_decimals
    }

    pub fn quantity_decimals(&self) -> u32 {
        MONEY_DECIMALS - self.price_decimals
    }

    /// Turn a float into a price: a number, above zero, within range.
    pub fn price(&self, value: f64) -> Result<i64, Refusal> {
        match from_float(value, self.price_decimals) {
            None if value.is_nan() => Err(Refusal::PriceMustBeANumber),
            None if value > 0.0 => Err(Refusal::PriceMustBeInRange),
            None => Err(Refusal::PriceMustBePositive),
            Some(price) if price <= 0 => Err(Refusal::PriceMustBePositive),
            Some(price) => Ok(price),
        }
    }

    /// Turn a float into a quantity: a number, above zero, within range.
    pub fn quantity(&self, value: f64) -> Result<i64, Refusal> {
        match from_float(value, self.quantity_decimals()) {
            None if value.is_nan() => Err(Refusal::QuantityMustBeANumber),
            None if value > 0.0 => Err(Refusal::QuantityMustBeInRange),
            None => Err(Refusal::QuantityMustBePositive),
            // More than nothing, but less than the last decimal.
            Some(0) if value > 0.0 => Err(Refusal::QuantityMustReachStep),
            Some(quantity) if quantity <= 0 => Err(Refusal::QuantityMustBePositive),
            Some(quantity) => Ok(quantity),
        }
    }
}

/// Return 10^decimals for 0 to 18 decimals.
pub const fn power_of_ten(decimals: u32) -> i64 {
    POWERS[decimals as usize]
}

const POWERS: [i64; 19] = {
    let mut powers = [1; 19];
    let mut decimals = 1;
    while decimals < powers.len() {
        powers[decimals] = powers[decimals - 1] * 10;
        decimals += 1;
    }
    powers
};

/// Divide and round half to even; the divisor is positive.
pub fn divide(dividend: i128, divisor: i128) -> i128 {
    let (whole, rest) = divided(dividend, divisor);
    half_to_even(whole, rest, divisor)
}

/// Return a quotient rounded down and its rest; the divisor is positive. Half the bits divide in a tenth of the time.
fn divided(dividend: i128, divisor: i128) -> (i128, i128) {
    if dividend as i64 as i128 == dividend && divisor as i64 as i128 == divisor {
        let (dividend, divisor) = (dividend as i64, divisor as i64);
        return (dividend.div_euclid(divisor) as i128, dividend.rem_euclid(divisor) as i128);
    }
    let whole = dividend / divisor;
    match dividend - whole * divisor {
        rest if rest < 0 => (whole - 1, rest + divisor),
        rest => (whole, rest),
    }
}

/// Round a whole number and the rest that is still to be divided.
fn half_to_even(whole: i128, rest: i128, divisor: i128) -> i128 {
    let above = rest > divisor - rest || (rest == divisor - rest && whole & 1 == 1);
    whole + above as i128
}

/// Return a * b / c rounded half to even, or None when the result leaves `i128`; c is positive.
pub fn multiply_divide(a: i128, b: i64, c: i64) -> Option<i128> {
    multiply_divide_add(a, b, c, 0)
}

/// Return a * b / c + d, rounded once.
pub fn multiply_divide_add(a: i128, b: i64, c: i64, d: i128) -> Option<i128> {
    if b == 0 {
        return Some(d);
    }
    let (whole, rest) = match a.checked_mul(b as i128) {
        Some(_) if b == c => (a, 0),
        Some(product) => divided(product, c as i128),
        None => wide_divide(a, b, c as u128)?,
    };
    Some(half_to_even(whole.checked_add(d)?, rest, c as i128))
}

/// Return a * b / c / d rounded once, half to even; c and d are positive.
pub fn multiply_divide_twice(a: i128, b: i64, c: i64, d: i64) -> Option<i128> {
    let (first, first_rest) = match a.checked_mul(b as i128) {
        Some(product) => divided(product, c as i128),
        None => wide_divide(a, b, c as u128)?,
    };
    let (whole, rest) = divided(first, d as i128);
    Some(half_to_even(whole, rest * c as i128 + first_rest, c as i128 * d as i128))
}

/// Return a * b / c rounded down, and the rest, where a * b has up to 192 bits.
fn wide_divide(a: i128, b: i64, divisor: u128) -> Option<(i128, i128)> {
    let (magnitude, factor) = (a.unsigned_abs(), b.unsigned_abs() as u128);
    let low = (magnitude & LOW) * factor;
    let high = (magnitude >> 64) * factor + (low >> 64);
    if (high >> 64) / divisor != 0 {
        return None;
    }
    let upper = ((high >> 64) % divisor) << 64 | (high & LOW);
    let lower = (upper % divisor) << 64 | (low & LOW);
    let rest = (lower % divisor) as i128;
    let whole = i128::try_from(((upper / divisor) << 64) + lower / divisor).ok()?;
    Some(match ((a < 0) != (b < 0), rest) {
        (false, rest) => (whole, rest),
        (true, 0) => (-whole, 0),
        (true, rest) => (-whole - 1, divisor as i128 - rest),
    })
}

const LOW: u128 = u64::MAX as u128;

/// Return the sum of money; more than `i128` holds, which no real account comes near, stays the most that it holds.
pub fn add_up(money: impl Iterator<Item = i128>) -> i128 {
    money.fold(0, i128::saturating_add)
}

/// Multiply money by a rate and round once.
pub fn at_rate(money: i128, rate: i64) -> Option<i128> {
    multiply_divide(money, rate, RATE_ONE)
}

/// Adding and taking away 1.5 * 2^52 leaves a float of below 2^51 rounded half to even.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
const EXACT: f64 = 2_251_799_813_685_248.0;

/// Turn many floats into scaled units as `from_float` does, and return whether that could be done for
/// all: false when one is no number or needs the longer way, and then no result counts. Inlined, so that a
/// host can let it use what its processor has: the numbers are the same.
#[inline(always)]
pub fn from_floats(values: &[f64], decimals: u32, units: &mut [i64]) -> bool {
    let factor = power_of_ten(decimals) as f64;
    let mut within = true;
    for (value, units) in values.iter().zip(units) {
        let scaled = value * factor;
        within &= scaled < EXACT && scaled > -EXACT;
        // From 2^52 to 2^53 neighbouring floats, and so their bits, are one apart.
        *units = (scaled + ROUNDER).to_bits().wrapping_sub(ROUNDER.to_bits()) as i64;
    }
    within
}

/// Turn a float into scaled units, half to even; None when it is not a number or too large.
pub fn from_float(value: f64, decimals: u32) -> Option<i64> {
    let scaled = value * power_of_ten(decimals) as f64;
    if scaled < EXACT && scaled > -EXACT {
        return Some(((scaled + ROUNDER) - ROUNDER) as i64);
    }
    let limit = UNITS_MAX as f64;
    if scaled < limit && scaled > -limit {
        let units = shortest_units(if value < 0.0 { -value } else { value }, decimals) as i64;
        return (units <= UNITS_MAX).then_some(if value < 0.0 { -units } else { units });
    }
    None
}

/// Return the units with the most zeros at their end that the float stands for: a product this large has
/// lost digits, and 0.69 must not become 0.6899999999999999. From 2^51 units on, below 2^61.
fn shortest_units(value: f64, decimals: u32) -> u128 {
    const ONE: u64 = 1 << 52;
    let exponent = (value.to_bits() >> 52) as i32 - 1075;
    let mantissa = (value.to_bits() & (ONE - 1) | ONE) as u128;
    // In units of 2^-shift; the float stands for all that is nearer to it than to its neighbours.
    let power = (power_of_ten(decimals) as u128) << exponent.max(0);
    let shift = 1 - exponent.min(0);
    let exact = 2 * mantissa * power;
    let (low, high) = (((exact - power - 1) >> shift) + 1, (exact + power) >> shift);
    let nearest = |step: u128| ((exact >> shift) + step / 2) / step * step;
    let step = (1..=18).rev().map(|zeros| power_of_ten(zeros) as u128).find(|step| high / step * step >= low);
    match step {
        Some(step) if (low..=high).contains(&nearest(step)) => nearest(step),
        Some(step) => high / step * step,
        None => (exact + (1 << (shift - 1))) >> shift,
    }
}

/// Turn a float into money, to a millionth; None when it is not a number or beyond 10^20.
pub fn money_from_float(value: f64) -> Option<i128> {
    const MILLIONTH: i128 = 10_000_000_000;
    match from_float(value, 6) {
        Some(units) => Some(units as i128 * MILLIONTH),
        None if value < 1e20 && value > -1e20 => Some((value * 1e6) as i128 * MILLIONTH),
        None => None,
    }
}

/// Turn scaled units into a float for the eye: within two units of its last place.
#[inline]
pub fn to_float(units: i128, decimals: u32) -> f64 {
    nearest(units) / power_of_ten(decimals) as f64
}

/// Return the float that is nearest to whole units, as `as` does: up to 2^100 as two parts that are exact in
/// floats, whose sum is rounded once.
#[inline]
fn nearest(units: i128) -> f64 {
    const LOW: u32 = 48;
    let reach = 1_i64 << 36;
    let top = (units >> 64) as i64;
    if top >= reach || top < -reach {
        return units as f64;
    }
    let low = units as i64 & ((1 << LOW) - 1);
    (units >> LOW) as i64 as f64 * (1_i64 << LOW) as f64 + low as f64
}

/// Write scaled units as exact decimal text without trailing zeros, such as "-0.05".
pub fn to_text(units: i128, decimals: u32) -> String {
    let one = power_of_ten(decimals) as u128;
    let (whole, part) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    let sign = if units < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{part:0width$}", width = decimals as usize);
    String::from(text.trim_end_matches('0').trim_end_matches('.'))
}

/// Read decimal text such as "0.001", "-3" or "1e-05" into scaled units, half to even.
pub fn parse(text: &str, decimals: u32) -> Option<i128> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + part.len() == 0 || exponent.unsigned_abs() > 99 {
        return None;
    }
    let mut units: i128 = digits(0, whole.as_bytes())?;
    let kept = part.len().min(36);
    units = digits(units, &part.as_bytes()[..kept])?;
    let mut shift = decimals as i32 + exponent - kept as i32;
    // Digits beyond those that are kept can only decide whether a half is a half.
    if digits_follow(&part.as_bytes()[kept..])? {
        units = units.checked_mul(10)?.checked_add(1)?;
        shift -= 1;
    }
    let scaled = if shift >= 0 {
        units.checked_mul(10_i128.checked_pow(shift as u32)?)?
    } else {
        // A divisor beyond 10^38 leaves less than half a unit of anything that fits.
        10_i128.checked_pow(shift.unsigned_abs()).map_or(0, |divisor| divide(units, divisor))
    };
    Some(if negative { -scaled } else { scaled })
}

/// Append decimal digits to a number.
fn digits(start: i128, text: &[u8]) -> Option<i128> {
    text.iter().try_fold(start, |units, digit| {
        let value = digit.is_ascii_digit().then(|| (digit - b'0') as i128)?;
        units.checked_mul(10)?.checked_add(value)
    })
}

/// Return whether any of these digits is above zero; None when one is no digit.
fn digits_follow(text: &[u8]) -> Option<bool> {
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().any(|digit| *digit != b'0'))
}

/// Return the largest multiple of `step` up to `units` (or the nearest one); a step of 0 is no step.
pub fn to_step(units: i64, step: i64, nearest: bool) -> i64 {
    if step == 0 {
        return units;
    }
    if nearest {
        return divide(units as i128, step as i128) as i64 * step;
    }
    units - units % step
}
