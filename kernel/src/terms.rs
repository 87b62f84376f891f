//! What holds for one instrument: its decimals, steps, costs and liquidity.

use crate::names::rules;
use crate::number::{Scale, MONEY_DECIMALS, RATE_ONE};
use crate::reading::*;

rules! {
    /// The terms on which one instrument trades. Rules of these names can be given as a table by instrument.
    pub struct Terms;
    table TERMS;
    /// What a taker pays of the traded money.
    fee_rate: i64 = 0, |text, _| rate(text, 0, RATE_ONE - 1), "a fraction of the traded money, at least 0 and below 1 (0.001 is 0.1 %)";
    maker_fee_rate: Option<i64> = None, |text, _| optional(text, |text| rate(text, 1 - RATE_ONE, RATE_ONE - 1)), "none, or a fraction above -1 and below 1 (negative is a rebate)";
    fee_fixed: i128 = 0, |text, _| money(text), "money for each fill, at least 0 and at most 2e10";
    /// Money for each unit, with the decimals of prices: a price for trading.
    fee_per_unit: i64 = 0, |text, decimals| price(text, decimals), "money for each unit traded, at least 0 and in the range of prices";
    fee_minimum: i128 = 0, |text, _| money(text), "money for each fill, at least 0 and at most 2e10";
    spread: i64 = 0, |text, decimals| price(text, decimals), "a width in price units, at least 0 and in the range of prices";
    spread_rate: i64 = 0, |text, _| rate(text, 0, RATE_ONE - 1), "a fraction of the price, at least 0 and below 1";
    slippage: i64 = 0, |text, _| rate(text, 0, RATE_ONE - 1), "a fraction of the price, at least 0 and below 1";
    slippage_ticks: u32 = 0, |text, _| whole(text, 1_000_000), "a whole number of ticks, at most 1000000";
    /// The slippage of a fill that takes the bar's whole volume; a smaller one slips in proportion.
    slippage_volume: i64 = 0, |text, _| rate(text, 0, RATE_ONE - 1), "a fraction of the price for the bar's whole volume, at least 0 and below 1";
    quantity_step: i64 = 0, |text, decimals| quantity(text, decimals), "a quantity in range, 0 for no step";
    price_tick: i64 = 0, |text, decimals| price(text, decimals), "a price in range, 0 for no tick";
    /// The share of each bar's volume that can be filled.
    fill_volume: Option<i64> = None, |text, _| optional(text, |text| rate(text, 1, RATE_ONE)), "none, or a share of the bar's volume, above 0 and at most 1";
    /// What a long pays a short at every close, where the bar does not say.
    funding_rate: i64 = 0, |text, _| rate(text, 1 - RATE_ONE, RATE_ONE - 1), "a fraction of the position for each bar, above -1 and below 1";
    /// What a short pays at every close.
    borrow_rate: i64 = 0, |text, _| rate(text, 0, RATE_ONE - 1), "a fraction of the position for each bar, at least 0 and below 1";
    /// The number of the instrument whose price turns this one's money into the account's; none for the account's own.
    currency: Option<u32> = None, |text, _| optional(text, |text| whole(text, 1_000_000)), "none, or the number of the instrument that prices the currency";
    price_decimals: u32 = 8, |text, _| whole(text, MONEY_DECIMALS), "a whole number from 0 to 16";
}

impl Terms {
    pub fn scale(&self) -> Scale {
        Scale::new(self.price_decimals).unwrap_or_default()
    }

    /// Return whether fills depend on the volume of their bar: in what they cost, or in how much can fill.
    pub fn depends_on_volume(&self) -> bool {
        self.fill_volume.is_some() || self.slippage_volume != 0
    }
}
