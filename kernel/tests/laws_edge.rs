//! Numbers at the edge: refusals by name, and never an overflow.

mod market;

use eyas_kernel::account::Account;
use eyas_kernel::bracket::Level;
use eyas_kernel::number::{MONEY_MAX, RATE_ONE, UNITS_MAX};
use eyas_kernel::order::{Intent, Order, Side, Size};
use eyas_kernel::record::{Bar, Fill, NO_RATE};
use eyas_kernel::rules::Rules;
use market::extreme::extremes;
use market::ledger::Ledger;
use market::play::scenarios;
use market::{searching, MINUTE, MONEY, WHOLE};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn rules(pairs: &[(&str, &str)]) -> Rules {
    let mut rules = Rules::default();
    rules.set_all(pairs).expect("the rules are possible");
    rules
}

/// Return a bar that stands still at a price.
fn still(instrument: u32, minute: i64, price: i64) -> Bar {
    let time_ns = minute * MINUTE;
    let (open, high, low, close) = (price, price, price, price);
    let (volume, given, funding) = (UNITS_MAX, 0, NO_RATE);
    Bar { time_ns, close_ns: time_ns, open, high, low, close, volume, given, funding, instrument }
}

fn order(side: Side, quantity: i64) -> Order {
    Order::market(0, side, Size::Quantity(quantity))
}

/// Check that cash is what the journal says, and forget the journal.
fn noted(account: &mut Account, ledger: &mut Ledger) {
    let events = account.take_events();
    ledger.take(&events, account).expect("every event is sound");
    ledger.check(account).expect("the account is what its journal says");
}

#[test]
fn a_position_may_be_turned_over_for_ever() {
    for holding in ["net", "tickets"] {
        let mut account = Account::new(rules(&[("holding", holding)]), MONEY_MAX, 0).expect("it opens");
        let mut ledger = Ledger::new(&account);
        for minute in 1..40 {
            account.advance(&[still(0, minute, 1)], &[]).expect("it can have happened");
            let held = account.net_quantity();
            // All but one unit leaves and comes back, so that one ticket lives through it all.
            let wish =
                if held > 1 { order(Side::Sell, held - 1) } else { order(Side::Buy, UNITS_MAX - held) };
            let wish = match account.tickets().next() {
                Some(ticket) if holding == "tickets" => {
                    let intent = if held > 1 { Intent::Close } else { Intent::Add };
                    Order { ticket: ticket.number, intent, ..wish }
                }
                _ => wish,
            };
            // It may be refused by name.
            let _ = account.submit(wish);
            noted(&mut account, &mut ledger);
        }
        account.finish();
        noted(&mut account, &mut ledger);
        assert_eq!(account.cash(), MONEY_MAX, "nothing was earned at a price that stood still");
    }
}

#[test]
fn forty_instruments_may_hold_the_largest_positions() {
    let rules = rules(&[("leverage", "1000000")]);
    let mut account =
        Account::with_instruments(rules, &vec![rules.terms; 40], MONEY_MAX, 0).expect("it opens");
    let mut ledger = Ledger::new(&account);
    for minute in 1..6 {
        let bars: Vec<Bar> = (0..40).map(|instrument| still(instrument, minute, UNITS_MAX)).collect();
        account.advance(&bars, &[]).expect("they can have happened");
        noted(&mut account, &mut ledger);
        for instrument in 0..40 {
            let side = if instrument % 2 == 0 { Side::Buy } else { Side::Sell };
            let _ = account.submit(Order::market(instrument, side, Size::Quantity(UNITS_MAX / 2)));
        }
        noted(&mut account, &mut ledger);
    }
    assert!(account.tickets().count() > 10, "much is held");
    account.finish();
    noted(&mut account, &mut ledger);
}

#[test]
fn funding_may_be_charged_for_ever() {
    for (name, value) in [("funding_rate", "0.999999999999"), ("borrow_rate", "0.999999999999")] {
        let rules = rules(&[(name, value), ("leverage", "1000000")]);
        let mut account = Account::new(rules, MONEY_MAX, 0).expect("it opens");
        let mut ledger = Ledger::new(&account);
        let side = if name == "funding_rate" { Side::Buy } else { Side::Sell };
        account.submit(order(side, UNITS_MAX)).expect("it can be asked for");
        for minute in 1..200 {
            let _ = account.advance(&[still(0, minute, UNITS_MAX)], &[]);
            noted(&mut account, &mut ledger);
        }
    }
}

#[test]
fn a_bar_may_bring_any_funding() {
    for funding in [i64::MAX, i64::MIN + 1, RATE_ONE, -RATE_ONE] {
        let mut account = Account::new(rules(&[("leverage", "1000")]), MONEY_MAX, 0).expect("it opens");
        let mut ledger = Ledger::new(&account);
        account.submit(order(Side::Buy, UNITS_MAX)).expect("it can be asked for");
        for minute in 1..100 {
            // A rate that nobody can pay may be refused by name.
            let _ = account.advance(&[Bar { funding, ..still(0, minute, 1_000_000_000_000) }], &[]);
            noted(&mut account, &mut ledger);
        }
    }
}

#[test]
fn venues_may_report_any_fee() {
    let mut account = Account::new(rules(&[("matching", "elsewhere")]), MONEY_MAX, 0).expect("it opens");
    let mut ledger = Ledger::new(&account);
    account.advance(&[still(0, 1, WHOLE)], &[]).expect("it can have happened");
    for fee in [MONEY_MAX, -MONEY_MAX, i128::MAX, i128::MIN, 1] {
        for quantity in [1, UNITS_MAX, i64::MAX, i64::MIN, 0] {
            let number = account.submit(order(Side::Buy, UNITS_MAX)).expect("it can be asked for");
            let _ = account.apply(&Fill { time_ns: i64::MAX, order: number, price: WHOLE, quantity, fee });
            let _ = account.apply(&Fill { time_ns: i64::MIN, order: number, price: i64::MIN, quantity, fee });
            noted(&mut account, &mut ledger);
        }
    }
}

#[test]
fn money_may_be_moved_in_any_amount() {
    let mut account = Account::new(rules(&[("margin_cap", "0.5")]), 10_000 * MONEY, 0).expect("it opens");
    let mut ledger = Ledger::new(&account);
    for (minute, price) in [(1, 100), (2, 100), (3, 300)] {
        account.advance(&[still(0, minute, price * WHOLE)], &[]).expect("it can have happened");
        if minute == 1 {
            account.submit(order(Side::Buy, 50 * WHOLE)).expect("it can be asked for");
        }
        noted(&mut account, &mut ledger);
    }
    assert!(account.free_cash() < 0, "more is held than may be");
    for money in [i128::MIN, i128::MAX, -MONEY_MAX, MONEY_MAX, 0, 1, -1] {
        let _ = account.transfer(money);
        noted(&mut account, &mut ledger);
    }
}

#[test]
fn the_clock_may_stand_anywhere() {
    let pairs =
        [("latency_ms", "1000000000000"), ("daily_loss_max", "1"), ("stop_loss_cooldown_s", "1000000000")];
    for time_ns in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 3] {
        let mut account = Account::new(rules(&pairs), 10_000 * MONEY, time_ns).expect("it opens");
        let mut ledger = Ledger::new(&account);
        for later in 1..4 {
            let moved = Bar { time_ns: time_ns + later, close_ns: i64::MAX, ..still(0, 0, 100 * WHOLE) };
            account.advance(&[moved], &[]).expect("it can have happened");
            for text in [
                "buy 1 day stop_loss 99.9 leave_after_s 9000000000",
                "sell 1 until 9000000000 limit 1",
                "error",
            ] {
                let _ = account.ask(text);
            }
            noted(&mut account, &mut ledger);
        }
    }
}

fn integers() -> impl Strategy<Value = i64> {
    let edges = vec![0, 1, -1, i64::MIN, i64::MAX, UNITS_MAX, -UNITS_MAX, RATE_ONE, -RATE_ONE, UNITS_MAX + 1];
    prop_oneof![3 => (90_i64..=110).prop_map(|whole| whole * WHOLE), 2 => select(edges), 1 => any::<i64>()]
}

/// Put any number into one field of an order, as no reader of words or floats would.
fn spoil(order: &mut Order, field: u8, units: i64) {
    let bracket = &mut order.bracket;
    match field {
        0 => order.price = units,
        1 => order.limit = units,
        2 => order.rank = units,
        3 => order.until_ns = units,
        4 => order.bars = units as u32,
        5 => order.size = Size::Quantity(units),
        6 => order.size = Size::Notional(units as i128 * units as i128),
        7 => order.size = Size::Fraction(units),
        8 => bracket.bars = units as u32,
        9 => bracket.time_ns = units,
        10 => bracket.breakeven.after_rung = units as u8,
        11 => bracket.rungs[0].share = units,
        12 => (order.ticket, order.other) = (units as u64 % 5, units as u64 / 5 % 5),
        _ => {
            let kinds = [Level::Price, Level::Distance, Level::Fraction, Level::Risk];
            let level = kinds[field as usize / 8 % 4](units);
            match field % 8 {
                0 => order.trail = level,
                1 => bracket.stop_loss = level,
                2 => bracket.rungs[0].level = level,
                3 => bracket.rungs[1].level = level,
                4 => bracket.trail.distance = level,
                5 => bracket.trail.trigger = level,
                6 => bracket.breakeven.trigger = level,
                _ => bracket.breakeven.offset = level,
            }
        }
    }
}

fn orders() -> impl Strategy<Value = Order> {
    (market::orders::orders(), vec((0_u8..80, integers()), 0..3)).prop_map(|(mut order, spoilt)| {
        spoilt.iter().for_each(|(field, units)| spoil(&mut order, *field, *units));
        order
    })
}

proptest! {
    #![proptest_config(searching(3_000))]

    /// The second bookkeeping holds at the edge of the numbers, and nothing overflows.
    #[test]
    fn numbers_at_the_edge_keep_the_laws(scenario in extremes()) {
        scenario.play()?;
    }

    #[test]
    fn any_order_is_done_or_refused(scenario in scenarios(|_| true), wishes in vec((orders(), integers(), integers()), 1..12)) {
        let mut account = scenario.open();
        let mut ledger = Ledger::new(&account);
        let prices = [100, 103, 97, 98, 110, 90, 101];
        for (minute, (wish, first, second)) in wishes.iter().enumerate() {
            let _ = account.submit(*wish);
            let number = account.last_order();
            let _ = account.amend(number, Some(*first), None, Some(*second));
            let _ = account.amend_ticket(number, Some(*second), Some(*first));
            let events = account.take_events();
            ledger.take(&events, &account)?;
            ledger.check(&account)?;
            let bars: Vec<Bar> = (0..account.books().len() as u32)
                .map(|instrument| still(instrument, 1 + minute as i64, prices[minute % prices.len()] * WHOLE))
                .collect();
            let _ = account.advance(&bars, &[]);
            let events = account.take_events();
            ledger.take(&events, &account)?;
            ledger.check(&account)?;
        }
    }
}
