//! Spread and slippage move the price of a fill; fees are money for it.

use crate::number::{
    divide, multiply_divide, multiply_divide_add, multiply_divide_twice, RATE_ONE, UNITS_MAX,
};
use crate::rules::FillKinds;
use crate::terms::Terms;

/// What kind of fill it is, for costs: see R7 and R26.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillKind {
    /// Market and if-touched orders, time limits, margin calls, the end of the data.
    Market,
    /// Stop orders, stop losses, trailing stops, liquidations.
    Stop,
    /// Limit orders and take profits: the maker of the trade.
    Limit,
}

impl FillKinds {
    pub fn has(&self, kind: FillKind) -> bool {
        match kind {
            FillKind::Market => self.market,
            FillKind::Stop => self.stop,
            FillKind::Limit => self.limit,
        }
    }
}

/// Return the price after costs: (reference ± spread / 2 ± ticks) · (1 ± slippage), rounded once (R7);
/// `sign` is 1 for a purchase and -1 for a sale. Slippage grows with the share of the bar's volume where the
/// terms say so. None when it leaves the range of prices.
pub fn fill_price(
    terms: &Terms,
    kinds: FillKinds,
    kind: FillKind,
    sign: i64,
    reference: i64,
    quantity: i64,
    volume: i64,
) -> Option<i64> {
    let steady = terms.spread == 0 && terms.spread_rate == 0 && terms.slippage_ticks == 0;
    let slips = terms.slippage != 0 || terms.slippage_volume != 0;
    if !kinds.has(kind) || (steady && !slips) {
        return Some(reference);
    }
    let mut slippage = terms.slippage;
    if terms.slippage_volume != 0 {
        // A fill on a bar without volume is as if it took all of one.
        let share = match volume > 0 {
            true => multiply_divide(terms.slippage_volume as i128, quantity, volume)?,
            false => terms.slippage_volume as i128,
        };
        slippage = i64::try_from(share + slippage as i128).ok()?;
    }
    let ticks = terms.slippage_ticks as i128 * terms.price_tick as i128;
    let twice = 2 * reference as i128 + sign as i128 * (terms.spread as i128 + 2 * ticks);
    let factor = RATE_ONE.checked_add(sign * slippage)?;
    // Two costs that each take more than the whole price must not make a price together.
    if twice <= 0 || factor <= 0 {
        return None;
    }
    let price = if terms.spread_rate == 0 {
        let product = twice.checked_mul(factor as i128)?;
        divide(product, 2 * RATE_ONE as i128)
    } else {
        let share = sign as i128 * reference as i128 * terms.spread_rate as i128;
        let wide = twice.checked_mul(RATE_ONE as i128)? + share;
        multiply_divide_twice(wide, factor, RATE_ONE, 2 * RATE_ONE)?
    };
    (price > 0 && price <= UNITS_MAX as i128).then_some(price as i64)
}

/// Return the fee of a fill: its rate and its parts by fill and by unit, at least the minimum, rounded once to the
/// unit of money (R12). `whole` is false for the second fill of one execution, which pays no fixed part again.
pub fn fee(terms: &Terms, kind: FillKind, quantity: i64, notional: i128, whole: bool) -> i128 {
    let by_unit = terms.fee_per_unit as i128 * quantity as i128;
    let fixed = if whole { terms.fee_fixed } else { 0 };
    let fee = multiply_divide_add(notional, fee_rate(terms, kind), RATE_ONE, fixed + by_unit);
    let fee = fee.expect("a rate below one keeps money in range");
    if whole && terms.fee_minimum > 0 {
        return fee.max(terms.fee_minimum);
    }
    fee
}

/// Return the rate that a kind of fill pays: limits and targets are makers, all others takers (R26).
pub fn fee_rate(terms: &Terms, kind: FillKind) -> i64 {
    match (kind, terms.maker_fee_rate) {
        (FillKind::Limit, Some(rate)) => rate,
        _ => terms.fee_rate,
    }
}
