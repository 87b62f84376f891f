//! How the values of rules are read from text; None when a text is no such value.

use crate::number::{parse, MONEY_DECIMALS, RATE_DECIMALS, UNITS_MAX};
use crate::rules::FillKinds;

pub fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

pub fn optional<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text == "none" {
        return Some(None);
    }
    read(text).map(Some)
}

pub fn whole(text: &str, most: u32) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|number| plain && *number <= most)
}

pub fn whole_above_zero(text: &str) -> Option<u32> {
    whole(text, u32::MAX).filter(|number| *number > 0)
}

/// Read a number of milliseconds as nanoseconds.
pub fn milliseconds(text: &str) -> Option<i64> {
    within(kept(text, 6)?, 1_000_000_000_000_000_000).map(|nanoseconds| nanoseconds as i64)
}

/// Read a number of seconds as nanoseconds.
pub fn seconds(text: &str) -> Option<i64> {
    within(kept(text, 9)?, 1_000_000_000_000_000_000).map(|nanoseconds| nanoseconds as i64)
}

pub fn rate(text: &str, least: i64, most: i64) -> Option<i64> {
    let value = kept(text, RATE_DECIMALS)?;
    (value >= least as i128 && value <= most as i128).then_some(value as i64)
}

/// Read a number that must not vanish by rounding.
pub fn kept(text: &str, decimals: u32) -> Option<i128> {
    let mantissa = text.split(['e', 'E']).next()?;
    let vanishes = mantissa.bytes().any(|digit| matches!(digit, b'1'..=b'9'));
    parse(text, decimals).filter(|value| *value != 0 || !vanishes)
}

pub fn within(value: i128, most: i128) -> Option<i128> {
    (value >= 0 && value <= most).then_some(value)
}

/// Read money from 0 to 2e10 (`fee_fixed` and the like).
pub fn money(text: &str) -> Option<i128> {
    within(kept(text, MONEY_DECIMALS)?, UNITS_MAX as i128 * 10_i128.pow(8))
}

pub fn money_above_zero(text: &str) -> Option<i128> {
    money(text).filter(|money| *money > 0)
}

pub fn price(text: &str, decimals: u32) -> Option<i64> {
    within(kept(text, decimals)?, UNITS_MAX as i128).map(|value| value as i64)
}

pub fn quantity(text: &str, decimals: u32) -> Option<i64> {
    price(text, MONEY_DECIMALS - decimals)
}

pub fn fill_kinds(text: &str) -> Option<FillKinds> {
    let mut kinds = FillKinds { market: false, stop: false, limit: false };
    if text == "none" {
        return Some(kinds);
    }
    for name in text.split('+') {
        match name {
            "market" => kinds.market = true,
            "stop" => kinds.stop = true,
            "limit" => kinds.limit = true,
            _ => return None,
        }
    }
    Some(kinds)
}
