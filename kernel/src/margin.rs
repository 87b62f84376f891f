//! What covers what: worth, free cash, cover of an entry, the margin call, liquidation.

use crate::account::Account;
use crate::book::Book;
use crate::costs::{fee, fee_rate, FillKind};
use crate::number::{
    add_up, at_rate, multiply_divide, multiply_divide_twice, power_of_ten, to_float, MONEY_DECIMALS,
    MONEY_MAX, RATE_ONE, UNITS_MAX,
};
use crate::position::Ticket;
use crate::refusal::Refusal;
use crate::rules::{AccountKind, MarginMode};
use crate::terms::Terms;

/// Parts of a price unit in the search for a liquidation price.
const PARTS: i64 = 1_000_000;

impl Book {
    /// Return what the tickets are worth at a price, beside the cash that paid for them.
    #[inline]
    pub fn value(&self, kind: AccountKind, price: i64) -> i128 {
        let held = self.net_quantity as i128 * price as i128;
        match kind {
            AccountKind::Margin => held - self.net_cost,
            AccountKind::Cash => held,
            AccountKind::Collateral => held - self.net_cost + self.gross_cost,
        }
    }
}

impl Account {
    /// Return what the account is worth, exact: cash plus what is held, at the last closes.
    #[inline]
    pub fn equity(&self) -> i128 {
        if self.purses.len() == 1 {
            if self.live == 0 {
                return self.purses[0].cash;
            }
            let kind = self.rules.market.account;
            let held = self.books.iter().filter(|book| book.gross_quantity != 0);
            return self.purses[0].cash.saturating_add(add_up(held.map(|book| book.value(kind, book.mark))));
        }
        self.worth_with(usize::MAX, 0)
    }

    /// Return what the account is worth with one instrument marked at a price, all others at their closes.
    pub(crate) fn worth_with(&self, instrument: usize, price: i64) -> i128 {
        let kind = self.rules.market.account;
        let mut worth: i128 = 0;
        for (place, purse) in self.purses.iter().enumerate() {
            let mut own = purse.cash;
            for (number, book) in self.books.iter().enumerate() {
                if book.purse as usize == place && book.gross_quantity != 0 {
                    let mark = if number == instrument { price } else { book.mark };
                    own = own.saturating_add(book.value(kind, mark));
                }
            }
            worth = worth.saturating_add(self.converted(own, place));
        }
        worth
    }

    /// Turn money of a purse into the account's own, rounded once.
    pub(crate) fn converted(&self, money: i128, purse: usize) -> i128 {
        match self.purses[purse].priced_by {
            None => money,
            Some(instrument) => self.at_price_of(money, instrument),
        }
    }

    fn at_price_of(&self, money: i128, instrument: u32) -> i128 {
        let pricing = &self.books[instrument as usize];
        let one = power_of_ten(pricing.scale.price_decimals());
        // Before its first bar a currency has no price and nothing was traded in it. More than any account can
        // hold stays more than that.
        let beyond = MONEY_MAX.saturating_mul(8) * money.signum();
        multiply_divide(money, pricing.mark, one).unwrap_or(beyond).clamp(-8 * MONEY_MAX, 8 * MONEY_MAX)
    }

    /// Return whether the currency that an instrument trades in has a price by now.
    pub(crate) fn is_priced(&self, instrument: usize) -> bool {
        let priced_by = self.purses[self.books[instrument].purse as usize].priced_by;
        priced_by.map_or(true, |pricing| self.books[pricing as usize].index >= 0)
    }

    /// Turn the account's money into that of a purse, rounded down.
    pub(crate) fn converted_back(&self, money: i128, purse: usize) -> Option<i128> {
        match self.purses[purse].priced_by {
            None => Some(money),
            Some(instrument) => {
                let pricing = &self.books[instrument as usize];
                let one = power_of_ten(pricing.scale.price_decimals());
                let close = pricing.mark;
                if close == 0 {
                    return None;
                }
                let nearest = multiply_divide(money, one, close)?;
                Some(if self.converted(nearest, purse) > money { nearest - 1 } else { nearest })
            }
        }
    }

    /// Return all cash as money of the account's own currency.
    fn all_cash(&self) -> i128 {
        if self.purses.len() == 1 {
            return self.purses[0].cash;
        }
        add_up((0..self.purses.len()).map(|place| self.converted(self.purses[place].cash, place)))
    }

    /// Return the traded money for which margin is set aside, with one instrument marked at a price (R13);
    /// under isolated margin what the tickets cost (R27).
    fn margined(&self, instrument: usize, price: i64) -> i128 {
        let isolated = self.rules.market.margin_mode == MarginMode::Isolated;
        let mut sum: i128 = 0;
        for (number, book) in self.books.iter().enumerate() {
            if book.gross_quantity == 0 {
                continue;
            }
            let mark = if number == instrument { price } else { book.mark };
            let money = if isolated { book.gross_cost } else { book.gross_quantity as i128 * mark as i128 };
            sum = sum.saturating_add(self.converted(money, book.purse as usize));
        }
        sum
    }

    fn margin_for(&self, notional: i128) -> i128 {
        let leverage = self.rules.market.leverage;
        if leverage == RATE_ONE {
            return notional;
        }
        // Leverage is at least 1, so margin is no larger than what it is for.
        multiply_divide(notional, RATE_ONE, leverage).unwrap_or(notional)
    }

    fn used_margin_with(&self, instrument: usize, price: i64) -> i128 {
        match self.rules.market.account {
            AccountKind::Cash | AccountKind::Collateral => 0,
            AccountKind::Margin => self.margin_for(self.margined(instrument, price)),
        }
    }

    /// Return the margin that all tickets tie up; hedged tickets add up (R13).
    pub fn used_margin(&self) -> i128 {
        self.used_margin_with(usize::MAX, 0)
    }

    /// Return equity over used margin; infinite when nothing is held on margin.
    pub fn margin_level(&self) -> f64 {
        match self.used_margin() {
            0 => f64::INFINITY,
            used => to_float(self.equity(), MONEY_DECIMALS) / to_float(used, MONEY_DECIMALS),
        }
    }

    /// Return the profit of all open tickets at the last closes, before the fees of closing.
    pub fn open_profit(&self) -> i128 {
        let profit = |book: &Book| book.value(AccountKind::Margin, book.mark);
        let held = self.books.iter().filter(|book| book.gross_quantity != 0);
        add_up(held.map(|book| self.converted(profit(book), book.purse as usize)))
    }

    pub fn free_cash(&self) -> i128 {
        self.free_cash_with(usize::MAX, 0)
    }

    /// Return the money that an entry may still use, with one instrument marked at a price.
    pub(crate) fn free_cash_with(&self, instrument: usize, price: i64) -> i128 {
        match self.rules.market.account {
            AccountKind::Cash | AccountKind::Collateral => self.all_cash(),
            AccountKind::Margin => self
                .allowed_margin(instrument, price)
                .saturating_sub(self.used_margin_with(instrument, price)),
        }
    }

    fn allowed_margin(&self, instrument: usize, price: i64) -> i128 {
        let equity = self.worth_with(instrument, price);
        // A cap is at most 1, so its share of equity stays in range.
        at_rate(equity, self.rules.market.margin_cap).unwrap_or(equity)
    }

    /// Check that an entry of `notional` plus `fee` is covered; everything else is marked at the
    /// order's price before costs (R5, R13).
    pub(crate) fn check_cover(
        &self,
        instrument: usize,
        reference: i64,
        notional: i128,
        fee: i128,
    ) -> Result<(), Refusal> {
        let purse = self.books[instrument].purse as usize;
        let covered = match self.rules.market.account {
            AccountKind::Cash | AccountKind::Collateral => {
                self.converted(notional + fee, purse) <= self.all_cash()
            }
            AccountKind::Margin => {
                let own = self.converted(notional, purse);
                let held = self.margined(instrument, reference);
                let needed = self.margin_for(held.saturating_add(own));
                needed.saturating_add(self.converted(fee, purse))
                    <= self.allowed_margin(instrument, reference)
            }
        };
        if covered {
            return Ok(());
        }
        Err(self.uncovered())
    }

    pub(crate) fn uncovered(&self) -> Refusal {
        match self.rules.market.account {
            AccountKind::Cash | AccountKind::Collateral => Refusal::CashMustCoverOrder,
            AccountKind::Margin => Refusal::MarginMustCoverOrder,
        }
    }

    /// Return whether equity has fallen to the margin call (R13).
    pub(crate) fn margin_called(&self) -> bool {
        match self.rules.market.margin_call {
            None => false,
            Some(level) => {
                let used = self.used_margin();
                used > 0 && self.equity() <= at_rate(used, level).unwrap_or(i128::MAX)
            }
        }
    }

    /// Find out anew where a ticket's own margin is lost.
    pub(crate) fn reckon_liquidation(&mut self, instrument: usize, place: usize) {
        let ticket = self.books[instrument].tickets[place];
        let liquidation = self.liquidation_of(instrument, &ticket).unwrap_or(0);
        self.books[instrument].tickets[place].liquidation = liquidation;
    }

    /// Return where closing the rest of a ticket loses exactly its own margin (R27); 0 for nowhere.
    pub(crate) fn liquidation_of(&self, instrument: usize, ticket: &Ticket) -> Result<i64, Refusal> {
        if self.rules.market.margin_mode == MarginMode::Cross {
            return Ok(0);
        }
        let terms = &self.books[instrument].terms;
        let margin = self.margin_for(ticket.entry_cost);
        let direction = ticket.direction as i128;
        // What closing must bring in, before its own fee by rate, fixed and by unit.
        let lost = direction * ticket.cost - ticket.profit + ticket.fees - margin;
        let parts = terms.fee_fixed + terms.fee_per_unit as i128 * ticket.quantity as i128;
        let rate = fee_rate(terms, FillKind::Stop);
        // A million parts of a price unit are kept on the way, so that the result is rounded once.
        let solve = |money: i128, rate: i64| {
            let divisor = RATE_ONE - ticket.direction * rate;
            multiply_divide_twice(direction * money, RATE_ONE * PARTS, divisor, ticket.quantity)
        };
        let most = UNITS_MAX as i128 * PARTS as i128;
        let mut fill = solve(lost + parts, rate).ok_or(Refusal::MoneyMustStayInRange)?;
        if terms.fee_minimum > 0 && fill > 0 && fill <= most {
            let notional = fill / PARTS as i128 * ticket.quantity as i128;
            let plain = Terms { fee_minimum: 0, ..*terms };
            if fee(&plain, FillKind::Stop, ticket.quantity, notional, true) < terms.fee_minimum {
                fill = solve(lost + terms.fee_minimum, 0).ok_or(Refusal::MoneyMustStayInRange)?;
            }
        }
        if fill <= 0 || fill > most {
            return Ok(0);
        }
        let price = self.before_costs(instrument, ticket.direction, fill).unwrap_or(0);
        Ok(if price > 0 && price <= UNITS_MAX as i128 { price as i64 } else { 0 })
    }

    /// Return the price before costs at which a ticket's stop would fill at `fill`, given in parts of a unit.
    fn before_costs(&self, instrument: usize, direction: i64, fill: i128) -> Option<i128> {
        let terms = &self.books[instrument].terms;
        if !self.rules.market.slippage_on.stop {
            return multiply_divide(fill, 1, PARTS);
        }
        let unslipped = multiply_divide(fill, RATE_ONE, RATE_ONE - direction * terms.slippage)?;
        let ticks = terms.slippage_ticks as i128 * terms.price_tick as i128;
        let away = direction as i128 * (terms.spread as i128 + 2 * ticks);
        let twice = 2 * unslipped + away * PARTS as i128;
        multiply_divide_twice(twice, RATE_ONE, 2 * RATE_ONE - direction * terms.spread_rate, PARTS)
    }
}
