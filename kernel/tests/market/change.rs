//! The same scenario in another form: every wish and every level through one function.

use eyas_kernel::bracket::Level;
use eyas_kernel::number::{multiply_divide, RATE_ONE};
use eyas_kernel::order::{Order, Side};
use eyas_kernel::record::Bar;

use super::asks::Ask;
use super::play::Scenario;
use super::WHOLE;

/// Prices are mirrored here.
pub const MIDDLE: i64 = 100 * WHOLE;

pub fn mirrored(price: i64) -> i64 {
    if price == 0 {
        return 0;
    }
    2 * MIDDLE - price
}

/// Return a level as a price or a distance: a fraction is that of the middle.
fn plain(level: Level) -> Level {
    match level {
        Level::Fraction(rate) => {
            let far = multiply_divide(MIDDLE as i128, rate, RATE_ONE).expect("a small number");
            Level::Distance((far as i64 / 10_000_000).max(1) * 10_000_000)
        }
        level => level,
    }
}

/// Change every level of an order.
pub fn each_level(order: &Order, change: impl Fn(Level) -> Level) -> Order {
    let mut order = *order;
    order.trail = change(order.trail);
    let bracket = &mut order.bracket;
    bracket.stop_loss = change(bracket.stop_loss);
    bracket.rungs.iter_mut().for_each(|rung| rung.level = change(rung.level));
    bracket.trail.distance = change(bracket.trail.distance);
    bracket.trail.trigger = change(bracket.trail.trigger);
    bracket.breakeven.trigger = change(bracket.breakeven.trigger);
    bracket.breakeven.offset = change(bracket.breakeven.offset);
    order
}

impl Scenario {
    /// Change every order that is asked for.
    pub fn with_orders(mut self, change: impl Fn(&Order) -> Order) -> Scenario {
        for ask in self.rows.iter_mut().flat_map(|row| &mut row.asks) {
            if let Ask::Order { order, .. } = ask {
                *order = change(order);
            }
        }
        self
    }

    /// Change every wish.
    pub fn with_asks(mut self, change: impl Fn(&mut Ask)) -> Scenario {
        self.rows.iter_mut().flat_map(|row| &mut row.asks).for_each(change);
        self
    }

    pub fn with_bars(mut self, change: impl Fn(&Bar) -> Bar) -> Scenario {
        for row in &mut self.rows {
            row.bars.iter_mut().chain(&mut row.finer).for_each(|bar| *bar = change(bar));
        }
        self
    }

    /// Let levels stand as prices and distances alone.
    pub fn with_plain_levels(self) -> Scenario {
        self.with_orders(|order| each_level(order, plain))
    }

    /// Turn the market upside down: every price, every side.
    pub fn mirrored(&self) -> Scenario {
        let level = |level: Level| match level {
            Level::Price(price) => Level::Price(mirrored(price)),
            level => level,
        };
        let order = |order: &Order| Order {
            side: if order.side == Side::Buy { Side::Sell } else { Side::Buy },
            price: mirrored(order.price),
            limit: mirrored(order.limit),
            ..each_level(order, level)
        };
        let bar = |bar: &Bar| Bar {
            open: mirrored(bar.open),
            high: mirrored(bar.low),
            low: mirrored(bar.high),
            close: mirrored(bar.close),
            given: mirrored(bar.given),
            ..*bar
        };
        let asked = |ask: &mut Ask| match ask {
            Ask::Amend { price, limit, .. } => {
                *price = price.map(mirrored);
                *limit = limit.map(mirrored);
            }
            Ask::Levels { stop_loss, take_profit, .. } => {
                *stop_loss = stop_loss.map(mirrored);
                *take_profit = take_profit.map(mirrored);
            }
            Ask::Fill { price, .. } => *price = mirrored(*price),
            _ => {}
        };
        self.clone().with_orders(order).with_bars(bar).with_asks(asked)
    }
}
