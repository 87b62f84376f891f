//! Spread and slippage move the price of a fill; fees are money for it.

use crate::number::{divide, multiply_divide_add, RATE_ONE, UNITS_MAX};
use crate::rules::Rules;

/// What kind of fill it is, for costs: see R7 and R26.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillKind {
    /// Market orders, margin calls, the end of the data.
    Market,
    /// Stop orders and stop losses.
    Stop,
    /// Limit orders and take profits: the maker of the trade.
    Limit,
}

/// Return the price after costs: (reference ± spread / 2) · (1 ± slippage), rounded once (R7);
/// `sign` is 1 for a purchase and -1 for a sale. None when it leaves the range of prices.
pub fn fill_price(rules: &Rules, kind: FillKind, sign: i64, reference: i64) -> Option<i64> {
    let applies = match kind {
        FillKind::Market => rules.slippage_on.market,
        FillKind::Stop => rules.slippage_on.stop,
        FillKind::Limit => rules.slippage_on.limit,
    };
    if !applies || (rules.spread == 0 && rules.slippage == 0) {
        return Some(reference);
    }
    let twice = 2 * reference as i128 + (sign * rules.spread) as i128;
    let factor = (RATE_ONE + sign * rules.slippage) as i128;
    let price = divide(twice * factor, 2 * RATE_ONE as i128);
    (price > 0 && price <= UNITS_MAX as i128).then_some(price as i64)
}

/// Return the fee of a fill: its rate and the fixed part, rounded once to the unit of money (R12).
pub fn fee(rules: &Rules, kind: FillKind, notional: i128) -> i128 {
    let fee = multiply_divide_add(notional, fee_rate(rules, kind), RATE_ONE, rules.fee_fixed);
    fee.expect("a rate below one keeps money in range")
}

/// Return the rate that a kind of fill pays: limits and targets are makers, all others takers (R26).
pub fn fee_rate(rules: &Rules, kind: FillKind) -> i64 {
    match (kind, rules.maker_fee_rate) {
        (FillKind::Limit, Some(rate)) => rate,
        _ => rules.fee_rate,
    }
}
