//! A ticket: one entry with its own stop and target. A net position is the sum of tickets.

use crate::number::{divide, multiply_divide, RATE_ONE, UNITS_MAX};
use crate::order::Level;
use crate::record::Phase;
use crate::refusal::Refusal;

/// An open ticket. All that it knows of money is exact sums: an average is for display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The number of the order that opened it.
    pub number: u64,
    /// 1 for long, -1 for short.
    pub direction: i64,
    /// What is still held, always positive.
    pub quantity: i64,
    /// Exact sum of price times quantity of what is still held.
    pub cost: i128,
    /// Stop and target as prices; 0 for none.
    pub stop_loss: i64,
    pub take_profit: i64,
    pub opened_bar: i64,
    pub opened_phase: Phase,
    pub opened_ns: i64,
    /// Sums over its whole life, for the trade that it becomes.
    pub entered: i64,
    pub entry_cost: i128,
    pub exit_proceeds: i128,
    pub profit: i128,
    pub fees: i128,
}

impl Ticket {
    /// Take out `quantity` and return its share of the cost: exact sums in, one rounding (R12).
    pub fn release(&mut self, quantity: i64) -> i128 {
        assert!(quantity > 0 && quantity <= self.quantity, "a ticket gives up what it holds");
        let basis = if quantity == self.quantity {
            self.cost
        } else {
            // A share of the cost is no larger than the cost.
            multiply_divide(self.cost, quantity, self.quantity).unwrap_or(self.cost)
        };
        self.quantity -= quantity;
        self.cost -= basis;
        basis
    }

    /// Return the profit of selling (or buying back) at proceeds what was bought (or sold) at basis.
    pub fn profit_of(&self, proceeds: i128, basis: i128) -> i128 {
        self.direction as i128 * (proceeds - basis)
    }

    /// Return the average price of all that was entered, for display only.
    pub fn entry_price(&self) -> i64 {
        divide(self.entry_cost, self.entered as i128) as i64
    }

    /// Return the average price of all that has left, for display only; 0 when nothing has.
    pub fn exit_price(&self) -> i64 {
        let left = self.entered - self.quantity;
        if left == 0 {
            return 0;
        }
        divide(self.exit_proceeds, left as i128) as i64
    }

    /// Return the open profit at a price.
    pub fn open_profit(&self, price: i64) -> i128 {
        self.profit_of(price as i128 * self.quantity as i128, self.cost)
    }
}

/// Turn stop and target into prices, and check that both lie beyond the price before costs (R9, R10).
pub fn levels(
    direction: i64,
    stop_loss: Level,
    take_profit: Level,
    fill: i64,
    reference: i64,
) -> Result<(i64, i64), Refusal> {
    let stop = price_of(stop_loss, fill, -direction).ok_or(Refusal::StopMustBeBeyondPrice)?;
    let target = price_of(take_profit, fill, direction).ok_or(Refusal::TargetMustBeBeyondPrice)?;
    if stop != 0 && direction * (reference - stop) <= 0 {
        return Err(Refusal::StopMustBeBeyondPrice);
    }
    if target != 0 && direction * (target - reference) <= 0 {
        return Err(Refusal::TargetMustBeBeyondPrice);
    }
    Ok((stop, target))
}

/// Return where a level stands, 0 for none; `away` is 1 when it lies above the fill.
fn price_of(level: Level, fill: i64, away: i64) -> Option<i64> {
    let price = match level {
        Level::None => return Some(0),
        Level::Price(price) => price as i128,
        Level::Distance(distance) => fill as i128 + (away * distance) as i128,
        Level::Fraction(rate) => {
            divide(fill as i128 * (RATE_ONE as i128 + (away as i128 * rate as i128)), RATE_ONE as i128)
        }
    };
    (price > 0 && price <= UNITS_MAX as i128).then_some(price as i64)
}
