//! Scenarios at the edge of the numbers: prices and quantities of one unit and of the largest, money to match.

use eyas_kernel::bracket::Level;
use eyas_kernel::number::{MONEY_MAX, RATE_ONE, UNITS_MAX};
use eyas_kernel::order::{Order, Size};
use eyas_kernel::record::{Bar, NO_RATE};
use proptest::prelude::*;

use super::asks::Ask;
use super::change::each_level;
use super::play::{scenarios, Scenario};

/// Return a number from 1 to the largest, near either end more often than not.
fn edge(seed: i64) -> i64 {
    let small = 1 + seed.unsigned_abs() as i64 % 7;
    match (seed / 7).rem_euclid(6) {
        0 => small,
        1 => UNITS_MAX + 1 - small,
        2 => UNITS_MAX / 2 + small,
        3 => 3_037_000_499 + small,
        4 => small * 100_000_000,
        _ => 1 + seed.wrapping_mul(6_364_136_223_846_793_005).rem_euclid(UNITS_MAX),
    }
}

fn rate(seed: i64) -> i64 {
    [1, RATE_ONE / 2, RATE_ONE - 1, RATE_ONE, 3 * RATE_ONE, UNITS_MAX][seed.rem_euclid(6) as usize]
}

fn level(level: Level) -> Level {
    match level {
        Level::None => Level::None,
        Level::Price(units) => Level::Price(edge(units / 31)),
        Level::Distance(units) => Level::Distance(edge(units / 31)),
        Level::Fraction(units) => Level::Fraction(rate(units / 31)),
        Level::Risk(units) => Level::Risk(rate(units / 31)),
    }
}

fn size(size: Size) -> Size {
    match size {
        Size::Quantity(units) => Size::Quantity(edge(units / 31)),
        Size::Notional(money) => match money.rem_euclid(4) {
            0 => Size::Notional(MONEY_MAX),
            1 => Size::Notional(1),
            _ => Size::Notional(
                edge((money % 1_000_003) as i64) as i128 * edge((money / 7 % 1_000_003) as i64) as i128,
            ),
        },
        Size::Fraction(units) => Size::Fraction([1, RATE_ONE / 2, RATE_ONE][units.rem_euclid(3) as usize]),
    }
}

fn order(order: &Order) -> Order {
    let price = |units: i64| if units == 0 { 0 } else { edge(units / 31) };
    Order {
        price: price(order.price),
        limit: price(order.limit),
        size: size(order.size),
        ..each_level(order, level)
    }
}

/// `wild` bars jump from one end to the other; the others stay where they begin.
fn bar(wild: bool, bar: &Bar) -> Bar {
    let seed = |units: i64| if wild { units / 31 } else { bar.instrument as i64 * 91 };
    let mut prices = [bar.open, bar.high, bar.low, bar.close].map(|units| edge(seed(units)) - wild as i64);
    prices.iter_mut().for_each(|price| *price = (*price).max(1));
    let (high, low) = (prices.iter().max(), prices.iter().min());
    Bar {
        open: prices[0],
        close: prices[3],
        high: *high.unwrap_or(&1),
        low: *low.unwrap_or(&1),
        volume: if bar.volume <= 0 { bar.volume } else { edge(bar.volume / 31) },
        given: if bar.given == 0 { 0 } else { edge(bar.given / 31) },
        funding: if bar.funding == NO_RATE { NO_RATE } else { bar.funding },
        ..*bar
    }
}

/// Return scenarios whose numbers all lie at some edge.
pub fn extremes() -> impl Strategy<Value = Scenario> {
    let cash = prop_oneof![Just(MONEY_MAX), Just(1_i128), Just(MONEY_MAX / 2), Just(UNITS_MAX as i128)];
    (scenarios(|name| name != "currency"), cash, any::<bool>()).prop_map(|(scenario, cash, wild)| {
        let mut extreme = scenario.with_orders(order).with_bars(|whole| bar(wild, whole));
        extreme.rows.iter_mut().for_each(|row| row.finer.clear());
        let extreme = extreme.with_asks(|ask| match ask {
            Ask::Close { size: wanted, .. } => *wanted = size(*wanted),
            Ask::Amend { price, limit, quantity, .. } => {
                for units in [price, limit, quantity] {
                    *units = units.map(|units| edge(units / 31));
                }
            }
            Ask::Levels { stop_loss, take_profit, .. } => {
                for units in [stop_loss, take_profit] {
                    *units = units.map(|units| if units == 0 { 0 } else { edge(units / 31) });
                }
            }
            Ask::Transfer { money } => *money *= 1_000_000_000_000_000_000,
            Ask::Fill { price, fee, .. } => {
                *price = edge(*price / 31);
                *fee *= 1_000_000_000_000_000_000;
            }
            _ => {}
        });
        Scenario { cash, ..extreme }
    })
}
