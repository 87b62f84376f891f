//! The limits that a person sets on themselves, checked when an entry is submitted, in simulated time.

use crate::names::rules;
use crate::number::RATE_ONE;
use crate::reading::*;

rules! {
    /// The limits of entries; closes and reduce-only orders are never held back.
    pub struct Limits;
    table LIMITS;
    order_notional_max: Option<i128> = None, |text, _| optional(text, money_above_zero), "none, or money above 0";
    position_notional_max: Option<i128> = None, |text, _| optional(text, money_above_zero), "none, or money above 0";
    position_share_max: Option<i64> = None, |text, _| optional(text, |text| rate(text, 1, 1_000_000 * RATE_ONE)), "none, or a fraction of equity above 0";
    positions_max: Option<u32> = None, |text, _| optional(text, whole_above_zero), "none, or a whole number above 0";
    exposure_max: Option<i128> = None, |text, _| optional(text, money_above_zero), "none, or money above 0";
    exposure_share_max: Option<i64> = None, |text, _| optional(text, |text| rate(text, 1, 1_000_000 * RATE_ONE)), "none, or a fraction of equity above 0";
    daily_loss_max: Option<i128> = None, |text, _| optional(text, money_above_zero), "none, or money above 0";
    daily_loss_share_max: Option<i64> = None, |text, _| optional(text, |text| rate(text, 1, RATE_ONE)), "none, or a fraction of the day's first equity, above 0 and at most 1";
    open_orders_max: Option<u32> = None, |text, _| optional(text, whole_above_zero), "none, or a whole number above 0";
    price_deviation_max: Option<i64> = None, |text, _| optional(text, |text| rate(text, 1, RATE_ONE)), "none, or a fraction of the market price, above 0 and at most 1";
    slippage_max: Option<i64> = None, |text, _| optional(text, |text| rate(text, 1, RATE_ONE)), "none, or a fraction of the price, above 0 and at most 1";
    leverage_max: Option<i64> = None, |text, _| optional(text, |text| rate(text, 1, 1_000_000 * RATE_ONE)), "none, or a number above 0, at most 1000000";
    orders_per_minute_max: Option<u32> = None, |text, _| optional(text, |text| whole(text, 1_000_000).filter(|number| *number > 0)), "none, or a whole number above 0, at most 1000000";
    stop_loss_cooldown_s: i64 = 0, |text, _| seconds(text), "seconds, at least 0 and at most 1e9";
    consecutive_losses_max: Option<u32> = None, |text, _| optional(text, whole_above_zero), "none, or a whole number above 0";
    consecutive_errors_max: Option<u32> = None, |text, _| optional(text, whole_above_zero), "none, or a whole number above 0";
    breaker_cooldown_s: i64 = 1_800_000_000_000, |text, _| seconds(text), "seconds, at least 0 and at most 1e9";
}
