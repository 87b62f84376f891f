//! What covers what: free cash, cover of an entry, sizes decided at the fill, the margin call.

use crate::account::Account;
use crate::costs::{fee, fee_rate, FillKind};
use crate::number::{at_rate, multiply_divide, to_step, RATE_ONE, UNITS_MAX};
use crate::order::Size;
use crate::refusal::Refusal;
use crate::rules::{AccountKind, Rounding};

impl Account {
    /// Return the margin that all tickets tie up at a price; hedged tickets add up (R13).
    pub fn used_margin_at(&self, price: i64) -> i128 {
        match self.rules.account {
            AccountKind::Cash => 0,
            AccountKind::Margin => self.margin_for(self.gross_quantity as i128 * price as i128),
        }
    }

    fn margin_for(&self, notional: i128) -> i128 {
        if self.rules.leverage == RATE_ONE {
            return notional;
        }
        // A leverage below 10^-6 on the largest notional could leave i128: nothing covers that.
        multiply_divide(notional, RATE_ONE, self.rules.leverage).unwrap_or(i128::MAX / 4)
    }

    /// Return the money that an entry may still use at a price, marked at that price.
    pub fn free_cash_at(&self, price: i64) -> i128 {
        match self.rules.account {
            AccountKind::Cash => self.cash,
            AccountKind::Margin => self.allowed_margin_at(price) - self.used_margin_at(price),
        }
    }

    fn allowed_margin_at(&self, price: i64) -> i128 {
        let equity = self.worth_at(price);
        // A cap is at most 1, so its share of equity stays in range.
        at_rate(equity, self.rules.margin_cap).unwrap_or(equity)
    }

    /// Check that an entry of `notional` plus `fee` is covered; everything else is marked at the
    /// order's price before costs (R5, R13).
    pub(crate) fn check_cover(&self, reference: i64, notional: i128, fee: i128) -> Result<(), Refusal> {
        match self.rules.account {
            AccountKind::Cash if notional + fee > self.cash => Err(Refusal::CashMustCoverOrder),
            AccountKind::Cash => Ok(()),
            AccountKind::Margin => {
                let held = self.gross_quantity as i128 * reference as i128;
                let needed = self.margin_for(held + notional) + fee;
                if needed > self.allowed_margin_at(reference) {
                    return Err(Refusal::MarginMustCoverOrder);
                }
                Ok(())
            }
        }
    }

    /// Return how many units an entry trades at its fill price (R29, R30).
    pub(crate) fn entry_quantity(
        &self,
        size: Size,
        reference: i64,
        price: i64,
        kind: FillKind,
    ) -> Result<i64, Refusal> {
        let budget = match size {
            Size::Quantity(quantity) => return Ok(quantity),
            Size::Notional(money) => return self.step_down(money / price as i128),
            Size::Fraction(rate) => {
                at_rate(self.free_cash_at(reference), rate).ok_or(Refusal::MoneyMustStayInRange)?
            }
        };
        let uncovered = match self.rules.account {
            AccountKind::Cash => Refusal::CashMustCoverOrder,
            AccountKind::Margin => Refusal::MarginMustCoverOrder,
        };
        let spendable = budget - self.rules.fee_fixed;
        if spendable <= 0 {
            return Err(uncovered);
        }
        let with_fee = RATE_ONE + fee_rate(&self.rules, kind);
        let affordable =
            multiply_divide(spendable, RATE_ONE, with_fee).ok_or(Refusal::MoneyMustStayInRange)?;
        let whole = affordable / price as i128;
        if whole > UNITS_MAX as i128 {
            return Err(Refusal::QuantityMustBeInRange);
        }
        let mut quantity = to_step(whole as i64, self.rules.quantity_step, false);
        let fits = |quantity: i64| {
            let notional = quantity as i128 * price as i128;
            notional + fee(&self.rules, kind, notional) <= budget
        };
        // Rounding can leave the first guess one unit too large or too small.
        let unit = self.rules.quantity_step.max(1);
        while quantity > 0 && !fits(quantity) {
            quantity -= unit;
        }
        while quantity < UNITS_MAX - unit && fits(quantity + unit) {
            quantity += unit;
        }
        if quantity <= 0 {
            return Err(uncovered);
        }
        Ok(quantity)
    }

    pub(crate) fn step_down(&self, quantity: i128) -> Result<i64, Refusal> {
        if quantity > UNITS_MAX as i128 {
            return Err(Refusal::QuantityMustBeInRange);
        }
        match to_step(quantity as i64, self.rules.quantity_step, false) {
            0 => Err(Refusal::QuantityMustReachStep),
            stepped => Ok(stepped),
        }
    }

    /// Return a quantity rounded to the step as the rules say; zero is refused (R29).
    pub(crate) fn stepped(&self, quantity: i64) -> Result<i64, Refusal> {
        let nearest = self.rules.rounding == Rounding::Nearest;
        match to_step(quantity, self.rules.quantity_step, nearest) {
            0 => Err(Refusal::QuantityMustReachStep),
            stepped => Ok(stepped),
        }
    }

    /// Return whether equity has fallen to the margin call at a price (R13).
    pub(crate) fn margin_called_at(&self, price: i64) -> bool {
        match self.rules.margin_call {
            None => false,
            Some(level) => {
                let used = self.used_margin_at(price);
                used > 0 && self.worth_at(price) <= at_rate(used, level).unwrap_or(i128::MAX)
            }
        }
    }
}
