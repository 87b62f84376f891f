//! Numbers as Python writes them, for sentences.

use alloc::format;
use alloc::string::{String, ToString};

/// Return a float as Python's repr does: the shortest text that reads back as the same number.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let scientific = format!("{:e}", value);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value == 0.0 || (-4..16).contains(&exponent) {
        let text = format!("{}", value);
        return if text.contains('.') { text } else { text + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{}{:02}", digits, sign, exponent.abs())
}

/// Return a float with at most six digits, as Python's `:g` does.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return float(value);
    }
    let scientific = format!("{:.5e}", value);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value == 0.0 || (-4..6).contains(&exponent) {
        let decimals = if value == 0.0 { 0 } else { (5 - exponent).max(0) as usize };
        return trimmed(&format!("{:.*}", decimals, value)).to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{}{:02}", trimmed(digits), sign, exponent.abs())
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

/// Return a float as a whole percentage, as Python's `:.0%` does.
pub fn percent(value: f64) -> String {
    format!("{:.0}%", value * 100.0)
}
