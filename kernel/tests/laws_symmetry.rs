//! Laws of symmetry: upside down, ten times as much, asked in words, with one more instrument to look at.

mod market;

use eyas_kernel::bracket::Level;
use eyas_kernel::number::RATE_ONE;
use eyas_kernel::order::{Intent, Order, OrderKind, Size};
use eyas_kernel::record::{Bar, Event, EventKind, NO_RATE};
use eyas_kernel::rules::Tie;
use market::asks::Ask;
use market::change::{each_level, mirrored};
use market::play::{scenarios, Run, Scenario};
use market::{searching, MONEY};
use proptest::prelude::*;

/// Rules under which a market and its mirror image are the same: nothing that is a share of a price.
fn are_symmetric(name: &str) -> bool {
    let shares = ["rate", "slippage", "spread", "margin", "notional", "exposure", "leverage", "share"];
    let sides = ["account", "short", "currency", "price_deviation_max"];
    !shares.iter().any(|part| name.contains(part)) && !sides.contains(&name)
}

/// Rules that know no fixed amount, neither of money nor of units, and leave sums exact.
fn are_scalable(name: &str) -> bool {
    let amounts = ["fixed", "minimum", "step", "volume", "notional", "exposure_max", "daily_loss_max"];
    let inexact = ["slippage", "spread", "currency", "decimals", "holding", "price_tick", "margin_mode"];
    !amounts.iter().chain(&inexact).any(|part| name.contains(part))
}

fn upside_down(event: &Event) -> Event {
    Event {
        price: mirrored(event.price),
        reference: mirrored(event.reference),
        stop_loss: mirrored(event.stop_loss),
        take_profit: mirrored(event.take_profit),
        quantity: -event.quantity,
        ..*event
    }
}

fn tenfold(event: &Event) -> Event {
    Event {
        quantity: 10 * event.quantity,
        fee: 10 * event.fee,
        profit: 10 * event.profit,
        cash: 10 * event.cash,
        ..*event
    }
}

/// Units that can be quartered seven times, and still be money for any rate at any price of the grid.
fn divisible(quantity: i64) -> i64 {
    (1 + quantity.rem_euclid(4)) * 100_000 * 16_384
}

fn in_quarters(size: Size) -> Size {
    let (Size::Quantity(units) | Size::Fraction(units)) = size else {
        return Size::Fraction(RATE_ONE);
    };
    Size::Fraction([RATE_ONE / 4, RATE_ONE / 2, RATE_ONE][units.rem_euclid(3) as usize])
}

fn on_grid(price: i64) -> i64 {
    price / 10_000_000 * 10_000_000
}

/// Return an order whose sums stay exact when they are shared out.
fn exact(order: &Order) -> Order {
    let level = |level: Level| match level {
        Level::Price(price) => Level::Price(on_grid(price)),
        level => level,
    };
    let mut order = each_level(order, level);
    order.size = match (order.intent, order.size) {
        (Intent::Close, size) => in_quarters(size),
        (_, Size::Quantity(units) | Size::Fraction(units)) => Size::Quantity(divisible(units)),
        (_, Size::Notional(money)) => Size::Quantity(divisible((money / MONEY) as i64)),
    };
    if order.intent == Intent::Reduce {
        order.intent = Intent::Open;
    }
    for rung in order.bracket.rungs.iter_mut().filter(|rung| rung.level != Level::None) {
        rung.share = if rung.share == RATE_ONE { RATE_ONE } else { RATE_ONE / 2 };
    }
    Order { price: on_grid(order.price), limit: on_grid(order.limit), ..order }
}

fn ten_times(scenario: &Scenario) -> Scenario {
    let order = |order: &Order| match order.size {
        Size::Quantity(units) => Order { size: Size::Quantity(10 * units), ..*order },
        _ => *order,
    };
    let ask = |ask: &mut Ask| match ask {
        Ask::Transfer { money } => *money *= 10,
        Ask::Fill { fee, .. } => *fee *= 10,
        _ => {}
    };
    let more = scenario.clone().with_orders(order).with_asks(ask);
    Scenario { cash: 10 * scenario.cash, ..more }
}

fn compare(ours: &Run, theirs: &Run, change: impl Fn(&Event) -> Event) -> Result<(), TestCaseError> {
    for (one, other) in ours.events.iter().zip(&theirs.events) {
        prop_assert_eq!(change(one), *other);
    }
    prop_assert_eq!(ours.events.len(), theirs.events.len());
    Ok(())
}

/// Show one more instrument, at times at which a bar is there anyway.
fn with_one_more(scenario: &Scenario) -> Scenario {
    let mut more = scenario.clone();
    more.terms.push(scenario.rules.terms);
    let (last, mut time_ns) = (scenario.terms.len() as u32, i64::MIN);
    for row in more.rows.iter_mut().filter(|row| !row.bars.is_empty()) {
        let latest = row.bars.iter().max_by_key(|bar| bar.time_ns).copied().expect("there is one");
        if latest.time_ns > time_ns {
            time_ns = latest.time_ns;
            row.bars.push(Bar { instrument: last, funding: NO_RATE, ..latest });
        }
    }
    more
}

proptest! {
    #![proptest_config(searching(2_500))]

    #[test]
    fn a_market_upside_down_is_the_same_market(scenario in scenarios(are_symmetric)) {
        let quantity = |order: &Order| match (order.intent, order.size) {
            (Intent::Close, Size::Fraction(_)) => *order,
            (_, Size::Quantity(_)) => *order,
            (_, Size::Fraction(units)) => Order { size: Size::Quantity(1 + units / 1_000), ..*order },
            (_, Size::Notional(money)) => Order { size: Size::Quantity(1 + (money / 1_000_000_000) as i64), ..*order },
        };
        // There are no prices below zero, though there are any above: no level may come so far.
        let near = |level: Level| match level {
            Level::Risk(multiple) => Level::Risk(multiple.min(RATE_ONE)),
            level => level,
        };
        let levelled = scenario.with_plain_levels().with_orders(|order| each_level(order, near));
        let mut plain = levelled.with_orders(quantity);
        plain.cash = 1_000_000_000 * MONEY;
        if plain.rules.market.tie == Tie::OpenHighLow {
            // A bar that closes where it opened goes low first, whichever way it is held.
            plain.rules.market.tie = Tie::Stop;
        }
        let plain = plain.with_asks(|ask| if let Ask::Close { size, .. } = ask {
            if let Size::Notional(money) = size {
                *size = Size::Quantity(1 + (*money / 1_000_000_000) as i64);
            }
        });
        // Funding is a share of the price.
        let mut plain = plain.with_bars(|bar| Bar { funding: NO_RATE, ..*bar });
        // What a venue fills before the first bar has no close to be marked at.
        let mut seen = vec![false; plain.terms.len()];
        for row in &mut plain.rows {
            row.bars.iter().for_each(|bar| seen[bar.instrument as usize] = true);
            row.asks.retain(|ask| !matches!(ask, Ask::Fill { .. }) || seen.iter().all(|seen| *seen));
        }
        let (one, other) = (plain.play()?, plain.mirrored().play()?);
        compare(&one, &other, upside_down)?;
        prop_assert_eq!(one.marks, other.marks);
    }

    #[test]
    fn ten_times_as_much_is_ten_times_the_result(scenario in scenarios(are_scalable)) {
        let exactly = scenario.with_plain_levels().with_orders(exact).with_asks(|ask| match ask {
            Ask::Amend { price, limit, quantity, .. } => {
                (*price, *limit, *quantity) = (price.map(on_grid), limit.map(on_grid), None);
            }
            Ask::Levels { stop_loss, take_profit, .. } => {
                *stop_loss = stop_loss.map(on_grid);
                *take_profit = take_profit.map(on_grid);
            }
            Ask::Close { size, .. } => *size = in_quarters(*size),
            Ask::Fill { price, fee, .. } => (*price, *fee) = (on_grid(*price), 0),
            _ => {}
        });
        let exactly = exactly.with_bars(|bar| Bar {
            open: on_grid(bar.open),
            high: on_grid(bar.high),
            low: on_grid(bar.low),
            close: on_grid(bar.close),
            given: on_grid(bar.given),
            ..*bar
        });
        let plain = Scenario { cash: 10_000 * MONEY, ..exactly };
        let (one, other) = (plain.play()?, ten_times(&plain).play()?);
        compare(&one, &other, tenfold)?;
        for (ours, theirs) in one.marks.iter().zip(&other.marks) {
            prop_assert_eq!(10 * ours.equity, theirs.equity);
        }
    }

    #[test]
    fn words_say_the_same_as_orders(scenario in scenarios(|_| true)) {
        let say = |words: bool| move |ask: &mut Ask| if let Ask::Order { in_words, .. } = ask { *in_words = words };
        let (said, given) = (scenario.clone().with_asks(say(true)), scenario.with_asks(say(false)));
        let (said, given) = (said.play()?, given.play()?);
        // Words that are refused while they are read have not become an order of any kind.
        let same = |event: &Event| match event.kind {
            EventKind::Refused => Event { order_kind: OrderKind::None, ..*event },
            _ => *event,
        };
        let given = Run { events: given.events.iter().map(same).collect(), ..given };
        compare(&said, &given, same)?;
        prop_assert_eq!(said.marks, given.marks);
    }

    #[test]
    fn an_instrument_that_is_never_traded_changes_nothing(scenario in scenarios(|_| true)) {
        let count = scenario.terms.len() as u32;
        let mut known = scenario.with_orders(|order| Order { instrument: order.instrument % count, ..*order });
        // A step that only the new instrument has would be one step more.
        known.rows.iter_mut().for_each(|row| row.asks.retain(|ask| !matches!(ask, Ask::Delist { .. })));
        let (one, other) = (known.play()?, with_one_more(&known).play()?);
        compare(&one, &other, |event| *event)?;
        prop_assert_eq!(one.marks, other.marks);
    }
}
