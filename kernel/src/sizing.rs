//! Sizes that are decided at the fill: money to trade for, a share of the free cash (R29, R30).

use crate::account::Account;
use crate::costs::{fee, fee_rate, fill_price};
use crate::number::{at_rate, divide, multiply_divide, to_step, RATE_ONE, UNITS_MAX};
use crate::order::{Order, Size};
use crate::refusal::Refusal;
use crate::rules::Rounding;
use crate::touch::Touch;

impl Account {
    /// Return how many units an entry trades at its fill price.
    pub(crate) fn entry_quantity(
        &self,
        instrument: usize,
        order: &Order,
        touch: Touch,
    ) -> Result<i64, Refusal> {
        match order.size {
            Size::Quantity(quantity) => Ok(quantity),
            Size::Notional(money) => {
                let most = self.largest(instrument, order, touch, |notional, _| notional <= money, money);
                let most = most.ok_or(Refusal::PriceMustBeInRange)?;
                if most > UNITS_MAX {
                    return Err(Refusal::QuantityMustBeInRange);
                }
                self.step_down(instrument, most as i128)
            }
            Size::Fraction(rate) => self.affordable(instrument, order, touch, rate),
        }
    }

    /// Return the largest quantity whose price and fee fit into a share of the free cash.
    fn affordable(&self, instrument: usize, order: &Order, touch: Touch, rate: i64) -> Result<i64, Refusal> {
        let free = self.free_cash_with(instrument, touch.reference);
        let budget = at_rate(free, rate).ok_or(Refusal::MoneyMustStayInRange)?;
        let purse = self.books[instrument].purse as usize;
        let budget = self.converted_back(budget, purse).ok_or(Refusal::PriceMustBeKnown)?;
        let terms = &self.books[instrument].terms;
        let spendable = budget - terms.fee_fixed;
        if spendable <= 0 {
            return Err(self.uncovered());
        }
        let with_fee = RATE_ONE + fee_rate(terms, touch.kind);
        let about = multiply_divide(spendable, RATE_ONE, with_fee).ok_or(Refusal::MoneyMustStayInRange)?;
        let fits = |notional: i128, quantity: i64| {
            notional + fee(terms, touch.kind, quantity, notional, true) <= budget
        };
        let most = self.largest(instrument, order, touch, fits, about).ok_or(Refusal::PriceMustBeInRange)?;
        if most > UNITS_MAX {
            return Err(Refusal::QuantityMustBeInRange);
        }
        if most <= 0 {
            return Err(self.uncovered());
        }
        Ok(most)
    }

    /// Return the largest quantity in whole steps that `fits` (given its traded money and itself), starting the
    /// search near `about` of money; above `UNITS_MAX` when that is too small, None when it has no price.
    fn largest(
        &self,
        instrument: usize,
        order: &Order,
        touch: Touch,
        fits: impl Fn(i128, i64) -> bool,
        about: i128,
    ) -> Option<i64> {
        let book = &self.books[instrument];
        let kinds = self.rules.market.slippage_on;
        let sign = order.side.sign();
        let price_of = |quantity: i64| {
            fill_price(&book.terms, kinds, touch.kind, sign, touch.reference, quantity, book.bar.volume)
        };
        let unit = book.terms.quantity_step.max(1);
        let alone = price_of(0)?;
        // A sale that slips by more than half its price brings in less the more it sells.
        let fits = |units: i64| {
            let quantity = units * unit;
            let price = price_of(quantity).filter(|price| *price >= alone / 2);
            price.map_or(false, |price| fits(quantity as i128 * price as i128, quantity))
        };
        let first = about / alone as i128 / unit as i128;
        let most = UNITS_MAX / unit;
        if first > most as i128 {
            return Some(i64::MAX);
        }
        let (mut low, mut high) = bracketing(first as i64, most, &fits);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if fits(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(low * unit)
    }

    /// Return a share of a quantity, rounded as the rules say (R29).
    pub(crate) fn share_of(&self, quantity: i64, rate: i64) -> i64 {
        let product = quantity as i128 * rate as i128;
        let share = match self.rules.market.rounding {
            Rounding::Down => product / RATE_ONE as i128,
            Rounding::Nearest => divide(product, RATE_ONE as i128),
        };
        share.min(UNITS_MAX as i128) as i64
    }

    pub(crate) fn step_down(&self, instrument: usize, quantity: i128) -> Result<i64, Refusal> {
        if quantity > UNITS_MAX as i128 {
            return Err(Refusal::QuantityMustBeInRange);
        }
        match to_step(quantity as i64, self.books[instrument].terms.quantity_step, false) {
            0 => Err(Refusal::QuantityMustReachStep),
            stepped => Ok(stepped),
        }
    }

    /// Return a quantity rounded to the step as the rules say; zero is refused (R29).
    pub(crate) fn stepped(&self, instrument: usize, quantity: i64) -> Result<i64, Refusal> {
        let nearest = self.rules.market.rounding == Rounding::Nearest;
        match to_step(quantity, self.books[instrument].terms.quantity_step, nearest) {
            0 => Err(Refusal::QuantityMustReachStep),
            stepped => Ok(stepped),
        }
    }
}

/// Return a number that fits (or 0) and a larger one that does not, near a first guess.
fn bracketing(first: i64, most: i64, fits: &impl Fn(i64) -> bool) -> (i64, i64) {
    let mut reach = 1;
    if first > 0 && !fits(first) {
        let mut high = first;
        loop {
            let low = (high - reach).max(0);
            if low == 0 || fits(low) {
                return (low, high);
            }
            high = low;
            reach *= 2;
        }
    }
    let mut low = first.max(0);
    loop {
        let high = low.saturating_add(reach).min(most + 1);
        if high > most || !fits(high) {
            return (low, high);
        }
        low = high;
        reach = reach.saturating_mul(2);
    }
}
