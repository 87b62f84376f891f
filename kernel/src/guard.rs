//! What the limits of `limits.rs` remember, and how they judge an order.

use alloc::vec::Vec;

use crate::account::Account;
use crate::book::DAY_NS;
use crate::costs::{fill_price, FillKind};
use crate::names::Field;
use crate::number::{add_up, at_rate, multiply_divide, RATE_ONE, UNITS_MAX};
use crate::order::{Order, OrderKind, Size};
use crate::record::{Bar, Cause, Event, EventKind};
use crate::refusal::Refusal;
use crate::rules::{FillAt, Holding};

const MINUTE_NS: i64 = 60_000_000_000;

/// What was so far, as far as a limit asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Whether a limit of a day's loss was set.
    pub(crate) watches_days: bool,
    day: i64,
    day_equity: i128,
    losses: u32,
    errors: u32,
    halted_until_ns: i64,
    /// When the last orders were asked for.
    asked_ns: Vec<i64>,
}

impl Guard {
    pub fn new(cash: i128) -> Guard {
        Guard {
            watches_days: false,
            day: i64::MIN,
            day_equity: cash,
            losses: 0,
            errors: 0,
            halted_until_ns: i64::MIN,
            asked_ns: Vec::new(),
        }
    }

    pub(crate) fn filled(&mut self) {
        self.errors = 0;
    }

    /// Return the first and the last moment of the day that is watched; no moment before the first day.
    pub(crate) fn day_range(&self) -> (i64, i64) {
        match self.day.checked_mul(DAY_NS) {
            Some(from_ns) => (from_ns, from_ns.saturating_add(DAY_NS - 1)),
            None => (i64::MAX, i64::MIN),
        }
    }

    /// Money that came in or went out is no profit of the day.
    pub(crate) fn transferred(&mut self, money: i128) {
        self.day_equity += money;
    }
}

impl Account {
    /// Begin a new UTC day with what the account was worth at the end of the last.
    pub(crate) fn guard_day(&mut self, bars: &[Bar]) {
        let day = bars.iter().map(|bar| bar.close_ns).max().unwrap_or(self.clock_ns).div_euclid(DAY_NS);
        if day != self.guard.day {
            self.guard.day = day;
            self.guard.day_equity = self.equity();
        }
    }

    /// Note how a trade ended; too many losses in a row trip the breaker.
    pub(crate) fn note_loss(&mut self, profit: i128) {
        if profit >= 0 {
            self.guard.losses = if profit > 0 { 0 } else { self.guard.losses };
            return;
        }
        self.guard.losses = self.guard.losses.saturating_add(1);
        if self.rules.limits.consecutive_losses_max.map_or(false, |most| self.guard.losses >= most) {
            self.guard.losses = 0;
            self.halt(Cause::Losses);
        }
    }

    /// Note that something outside failed: a request, a connection; too many in a row trip the breaker.
    pub fn record_error(&mut self) {
        self.guard.errors = self.guard.errors.saturating_add(1);
        if self.rules.limits.consecutive_errors_max.map_or(false, |most| self.guard.errors >= most) {
            self.guard.errors = 0;
            self.halt(Cause::Errors);
        }
    }

    fn halt(&mut self, cause: Cause) {
        let cooldown = self.rules.limits.breaker_cooldown_s;
        self.guard.halted_until_ns = self.clock_ns.saturating_add(cooldown);
        self.push(Event { cause, ..self.event(0, EventKind::Halted) });
    }

    /// Check an entry against the limits, in their order; closes are never held back.
    pub(crate) fn check_limits(&mut self, order: &Order) -> Result<(), Refusal> {
        let free = !self.limited && self.guard.halted_until_ns == i64::MIN;
        if free || order.closes() || self.only_reduces(order) {
            return Ok(());
        }
        if self.clock_ns < self.guard.halted_until_ns {
            return Err(Refusal::BreakerMustBeClosed);
        }
        self.check_sizes(order)?;
        self.check_day()?;
        let limits = &self.rules.limits;
        let orders: usize = match limits.open_orders_max {
            Some(_) => self.books.iter().map(|book| book.orders.len()).sum(),
            None => 0,
        };
        if limits.open_orders_max.map_or(false, |most| orders >= most as usize) {
            return Err(Refusal::OrdersMustStayWithinLimit);
        }
        self.check_near_market(order)?;
        self.check_leverage(order)?;
        self.check_minute()?;
        let book = &self.books[order.instrument as usize];
        let cooling = limits.stop_loss_cooldown_s > 0
            && book.stopped_ns != i64::MIN
            && self.clock_ns < book.stopped_ns.saturating_add(limits.stop_loss_cooldown_s);
        if cooling {
            return Err(Refusal::StopLossMustCoolDown);
        }
        self.check_slippage(order)?;
        if let Some(most) = limits.orders_per_minute_max {
            if self.guard.asked_ns.len() >= most as usize {
                self.guard.asked_ns.remove(0);
            }
            self.guard.asked_ns.push(self.clock_ns);
        }
        Ok(())
    }

    /// Check an order that was changed against the limits of what it may trade.
    pub(crate) fn check_amounts(&self, order: &Order) -> Result<(), Refusal> {
        if order.closes() || self.only_reduces(order) {
            return Ok(());
        }
        self.check_sizes(order)?;
        self.check_near_market(order)?;
        self.check_leverage(order)?;
        self.check_slippage(order)
    }

    /// Return whether an order can only make a net position smaller.
    fn only_reduces(&self, order: &Order) -> bool {
        let held = match self.rules.market.holding {
            Holding::Net => self.reducible(order.instrument as usize, order.side.sign()),
            Holding::Tickets => 0,
        };
        match order.size {
            Size::Quantity(quantity) => quantity <= held,
            // On the other side a share is one of the position.
            Size::Fraction(_) => held > 0,
            Size::Notional(_) => false,
        }
    }

    /// Return the money that an order would trade for, in the account's currency, by its own or the last price.
    fn wanted(&self, order: &Order) -> i128 {
        let book = &self.books[order.instrument as usize];
        let price = self.expected(order);
        let money = match order.size {
            Size::Quantity(quantity) => quantity as i128 * price as i128,
            Size::Notional(money) => money,
            Size::Fraction(rate) => return at_rate(self.free_cash(), rate).unwrap_or(i128::MAX / 8),
        };
        self.converted(money, book.purse as usize)
    }

    /// Return the price that an order is taken to trade at: its own where that counts (R25), else the last close.
    fn expected(&self, order: &Order) -> i64 {
        let at = self.fill_at(order);
        let counts =
            order.kind != OrderKind::Market || matches!(at, FillAt::SignalPrice | FillAt::GivenPrice);
        if counts && order.price != 0 {
            return order.price;
        }
        self.books[order.instrument as usize].bar.close
    }

    /// Return the traded money of what an instrument holds, in the account's currency.
    fn exposure_of(&self, instrument: usize) -> i128 {
        let book = &self.books[instrument];
        self.converted(book.gross_quantity as i128 * book.bar.close as i128, book.purse as usize)
    }

    fn exposure(&self) -> i128 {
        add_up((0..self.books.len()).map(|instrument| self.exposure_of(instrument)))
    }

    fn check_sizes(&self, order: &Order) -> Result<(), Refusal> {
        let limits = &self.rules.limits;
        let sized = limits.order_notional_max.is_some()
            || limits.position_notional_max.is_some()
            || limits.position_share_max.is_some()
            || limits.exposure_max.is_some()
            || limits.exposure_share_max.is_some();
        let wanted = if sized { self.wanted(order) } else { 0 };
        let above = |most: Option<i128>, money: i128| most.map_or(false, |most| money > most);
        let above_share = |most: Option<i64>, money: i128| {
            most.map_or(false, |rate| at_rate(self.equity(), rate).map_or(false, |most| money > most))
        };
        if above(limits.order_notional_max, wanted) {
            return Err(Refusal::OrderMustStayWithinNotional);
        }
        let position =
            if sized { self.exposure_of(order.instrument as usize).saturating_add(wanted) } else { 0 };
        if above(limits.position_notional_max, position) || above_share(limits.position_share_max, position) {
            return Err(Refusal::PositionMustStayWithinNotional);
        }
        let book = &self.books[order.instrument as usize];
        if let Some(most) = limits.positions_max {
            let held = self.books.iter().filter(|book| book.gross_quantity > 0).count();
            if book.gross_quantity == 0 && held >= most as usize {
                return Err(Refusal::PositionsMustStayWithinLimit);
            }
        }
        let exposure = if sized { self.exposure().saturating_add(wanted) } else { 0 };
        if above(limits.exposure_max, exposure) || above_share(limits.exposure_share_max, exposure) {
            return Err(Refusal::ExposureMustStayWithinLimit);
        }
        Ok(())
    }

    fn check_day(&self) -> Result<(), Refusal> {
        let limits = &self.rules.limits;
        if limits.daily_loss_max.is_none() && limits.daily_loss_share_max.is_none() {
            return Ok(());
        }
        let loss = self.guard.day_equity.saturating_sub(self.equity());
        let share = limits.daily_loss_share_max.and_then(|rate| at_rate(self.guard.day_equity, rate));
        let reached = |most: Option<i128>| most.map_or(false, |most| loss >= most);
        if reached(limits.daily_loss_max) || reached(share) {
            return Err(Refusal::LossMustStayWithinDay);
        }
        Ok(())
    }

    /// Check that a limit price is near the market; without a market it is not (four-seeds 2.5).
    fn check_near_market(&self, order: &Order) -> Result<(), Refusal> {
        let close = self.books[order.instrument as usize].bar.close;
        let price = match order.kind {
            OrderKind::Limit => order.price,
            OrderKind::StopLimit | OrderKind::LimitIfTouched => order.limit,
            _ => return Ok(()),
        };
        match self.rules.limits.price_deviation_max {
            Some(rate) => {
                let most = at_rate(close as i128, rate).unwrap_or(0);
                if close == 0 || ((price - close).abs() as i128) > most {
                    return Err(Refusal::PriceMustStayNearMarket);
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn check_leverage(&self, order: &Order) -> Result<(), Refusal> {
        if let Some(rate) = self.rules.limits.leverage_max {
            let most = at_rate(self.equity(), rate).unwrap_or(i128::MAX);
            if self.exposure().saturating_add(self.wanted(order)) > most {
                return Err(Refusal::LeverageMustStayWithinLimit);
            }
        }
        Ok(())
    }

    fn check_minute(&self) -> Result<(), Refusal> {
        if let Some(most) = self.rules.limits.orders_per_minute_max {
            let since = self.clock_ns.saturating_sub(MINUTE_NS);
            let recent = self.guard.asked_ns.iter().filter(|asked| **asked > since).count();
            if recent >= most as usize {
                return Err(Refusal::OrdersMustStayWithinMinute);
            }
        }
        Ok(())
    }

    /// Check that the costs of the market would not move a market or stop order further than wanted.
    fn check_slippage(&self, order: &Order) -> Result<(), Refusal> {
        let most = match self.rules.limits.slippage_max {
            Some(most) => most,
            None => return Ok(()),
        };
        let kind = match order.kind {
            OrderKind::Market | OrderKind::MarketIfTouched => FillKind::Market,
            OrderKind::Stop | OrderKind::TrailingStop => FillKind::Stop,
            _ => return Ok(()),
        };
        let book = &self.books[order.instrument as usize];
        let reference = self.expected(order);
        let quantity = match order.size {
            Size::Quantity(quantity) => quantity,
            // About: the exact quantity depends on the price.
            _ if reference == 0 => 0,
            _ => (self.wanted(order) / reference as i128).clamp(0, UNITS_MAX as i128) as i64,
        };
        let kinds = self.rules.market.slippage_on;
        let sign = order.side.sign();
        let price = fill_price(&book.terms, kinds, kind, sign, reference, quantity, book.bar.volume);
        let moved = price.map_or(i64::MAX as i128, |price| (price as i128 - reference as i128).abs());
        let allowed = multiply_divide(reference as i128, most, RATE_ONE).unwrap_or(0);
        if moved > allowed {
            return Err(Refusal::SlippageMustStayWithinLimit);
        }
        Ok(())
    }
}

impl Field for Guard {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.watches_days.put(bytes);
        self.day.put(bytes);
        self.day_equity.put(bytes);
        self.losses.put(bytes);
        self.errors.put(bytes);
        self.halted_until_ns.put(bytes);
        self.asked_ns.put(bytes);
    }

    fn take(bytes: &mut &[u8]) -> Option<Guard> {
        Some(Guard {
            watches_days: Field::take(bytes)?,
            day: Field::take(bytes)?,
            day_equity: Field::take(bytes)?,
            losses: Field::take(bytes)?,
            errors: Field::take(bytes)?,
            halted_until_ns: Field::take(bytes)?,
            asked_ns: Field::take(bytes)?,
        })
    }
}
