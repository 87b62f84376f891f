//! Garbage is refused by name and moves nothing; numbers at the edge of what can be said never panic.

mod market;

use eyas_kernel::account::Account;
use eyas_kernel::ask::Unasked;
use eyas_kernel::order::{Intent, OrderKind, Side, TimeInForce};
use eyas_kernel::record::{Bar, EventKind, NO_RATE};
use eyas_kernel::request::{BracketWish, LevelWish, Request, SizeWish};
use eyas_kernel::rules::Rules;
use market::ledger::Ledger;
use market::play::scenarios;
use market::{searching, MINUTE, MONEY, WHOLE};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const WORDS: &[&str] = &[
    "buy",
    "sell",
    "add",
    "close",
    "cancel",
    "amend",
    "levels",
    "transfer",
    "delist",
    "error",
    "fill",
    "at",
    "limit",
    "stop",
    "touch",
    "trail",
    "stop_loss",
    "take_profit",
    "share",
    "trailing",
    "from",
    "breakeven",
    "rung",
    "offset",
    "leave_after",
    "leave_after_s",
    "day",
    "ioc",
    "fok",
    "until",
    "for",
    "post_only",
    "reduce_only",
    "other",
    "after",
    "rank",
    "on",
    "notional",
    "fraction",
    "distance",
    "risk",
    "price",
    "quantity",
    "none",
    "fee",
    "time",
    "save",
    "x",
];

fn numbers() -> impl Strategy<Value = String> {
    let odd = vec![
        "nan",
        "inf",
        "-inf",
        "-0",
        "1e99",
        "-1e99",
        "1e-99",
        "1e38",
        "-1e22",
        "1.7e22",
        "9223372036854775807",
        "é",
        "-9223372036854775808",
        "18446744073709551615",
        "4294967296",
        "92233720368.54775807",
        "9223372.036854775807",
        "17014118346046923173168.7303715884105727",
        "-17014118346046923173168.7303715884105728",
        "23058430092",
        "1e",
        "23058430092.13693951",
        "0.00000001",
        "0.000000000001",
        ".",
        "+1",
        "1_000",
        "00",
        "170141183460469231731687",
    ];
    prop_oneof![
        6 => (0_u32..12).prop_map(|number| number.to_string()),
        4 => (90_u32..=110).prop_map(|number| number.to_string()),
        2 => (0_u32..1_000).prop_map(|number| format!("0.{number}")),
        2 => select(odd).prop_map(str::to_owned),
        1 => any::<f64>().prop_map(|number| format!("{number:e}")),
        1 => any::<i64>().prop_map(|number| number.to_string()),
    ]
}

/// Return words in any order, most of which begin as a wish does.
fn sentences() -> impl Strategy<Value = String> {
    let word = || prop_oneof![3 => select(WORDS).prop_map(str::to_owned), 3 => numbers()];
    let begun = (select(&WORDS[..11]), numbers(), vec(word(), 0..8))
        .prop_map(|(verb, number, words)| format!("{verb} {number} {}", words.join(" ")));
    let option = (select(&WORDS[12..37]), numbers()).prop_map(|(word, number)| format!("{word} {number}"));
    let optioned = (select(&WORDS[..2]), numbers(), vec(option, 0..5))
        .prop_map(|(side, number, options)| format!("{side} {number} {}", options.join(" ")));
    let filled = (0_u32..9, numbers(), numbers(), numbers(), numbers()).prop_map(
        |(order, units, price, fee, time)| format!("fill {order} {units} at {price} fee {fee} time {time}"),
    );
    prop_oneof![4 => begun, 4 => optioned, 1 => filled, 1 => vec(word(), 0..6).prop_map(|words| words.join(" ")), 1 => ".{0,40}"]
}

fn floats() -> impl Strategy<Value = f64> {
    let odd =
        vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 5e-324, 1e308, -1e308, 2.305843e18, 1.0];
    prop_oneof![any::<f64>(), any::<u64>().prop_map(f64::from_bits), select(odd), 1e-9..3e10, 90.0..110.0]
}

fn levels() -> impl Strategy<Value = LevelWish> {
    (0..6, floats()).prop_map(|(name, value)| match name {
        0 => LevelWish::Price(value),
        1 => LevelWish::Distance(value),
        2 => LevelWish::Fraction(value),
        3 => LevelWish::Risk(value),
        _ => LevelWish::None,
    })
}

fn requests() -> impl Strategy<Value = Request> {
    let size = (0..3, floats()).prop_map(|(name, value)| match name {
        0 => SizeWish::Quantity(value),
        1 => SizeWish::Notional(value),
        _ => SizeWish::Fraction(value),
    });
    let rungs = vec((levels(), floats()), 0..10);
    let bracket = (levels(), rungs, (levels(), levels()), (levels(), levels()), any::<(u8, u32, i64)>())
        .prop_map(|(stop_loss, rungs, trail, breakeven, (breakeven_after_rung, bars, time_ns))| {
            BracketWish { stop_loss, rungs, trail, breakeven, breakeven_after_rung, bars, time_ns }
        });
    let bracket = prop_oneof![2 => Just(BracketWish::default()), 1 => bracket];
    let names = (
        select(vec![Side::Buy, Side::Sell]),
        select(OrderKind::ALL),
        select(Intent::ALL),
        select(TimeInForce::ALL),
    );
    let prices = (option::of(floats()), option::of(floats()), levels(), floats());
    let rest = (
        0_u32..4,
        0_u64..9,
        any::<(i64, u32, bool)>(),
        prop_oneof![3 => Just((0, 0)), 1 => (0_u64..9, 0_u64..9)],
    );
    (names, size, prices, bracket, rest).prop_map(|(names, size, prices, bracket, rest)| Request {
        instrument: rest.0,
        side: names.0,
        kind: names.1,
        intent: names.2,
        size,
        price: prices.0,
        limit: prices.1,
        trail: prices.2,
        ticket: rest.1,
        bracket,
        time_in_force: names.3,
        until_ns: rest.2 .0,
        bars: rest.2 .1,
        post_only: rest.2 .2,
        other: rest.3 .0,
        after: rest.3 .1,
        rank: prices.3,
    })
}

fn bar(minute: i64, prices: (i64, i64, i64)) -> Bar {
    let (high, low) = (prices.0.max(prices.1).max(prices.2), prices.0.min(prices.1).min(prices.2));
    let (open, close, time_ns) = (prices.0 * WHOLE, prices.1 * WHOLE, minute * MINUTE);
    let (high, low, volume) = (high * WHOLE, low * WHOLE, 100 * WHOLE);
    Bar {
        time_ns,
        close_ns: time_ns,
        open,
        high,
        low,
        close,
        volume,
        given: 0,
        funding: NO_RATE,
        instrument: 0,
    }
}

fn bars() -> impl Strategy<Value = (i64, i64, i64)> {
    (90_i64..=110, 90_i64..=110, 90_i64..=110)
}

fn opened(scenario: &market::play::Scenario) -> (Account, Ledger) {
    let account = scenario.open();
    let ledger = Ledger::new(&account);
    (account, ledger)
}

fn note(account: &mut Account, ledger: &mut Ledger) -> Result<(), TestCaseError> {
    let taken = account.take_events();
    ledger.take(&taken, account)?;
    ledger.check(account)
}

proptest! {
    #![proptest_config(searching(3_000))]

    #[test]
    fn any_words_are_done_or_refused(scenario in scenarios(|_| true), texts in vec((sentences(), bars()), 1..25)) {
        let (mut account, mut ledger) = opened(&scenario);
        for (minute, (text, prices)) in texts.iter().enumerate() {
            let (before, cash) = (account.save(), account.purses().to_vec());
            match account.ask(text) {
                Err(Unasked::Unreadable) => prop_assert_eq!(account.save(), before, "{} cannot be read", text),
                Err(Unasked::Refused(_)) => {
                    let filled = account.events().iter().any(|event| event.kind == EventKind::Filled);
                    prop_assert!(filled || account.purses() == cash, "a refusal of {text:?} moves no money");
                }
                Ok(_) => {}
            }
            note(&mut account, &mut ledger)?;
            let _ = account.advance(&[bar(1 + minute as i64, *prices)], &[]);
            note(&mut account, &mut ledger)?;
        }
    }

    #[test]
    fn any_floats_are_an_order_or_refused(scenario in scenarios(|_| true), requests in vec((requests(), bars()), 1..15)) {
        let (mut account, mut ledger) = opened(&scenario);
        for (minute, (request, prices)) in requests.iter().enumerate() {
            let number = account.last_order();
            let answer = account.request(request);
            prop_assert_eq!(account.last_order(), number + 1, "a refused request has a number too");
            if answer.is_err() {
                let refused = account.events().iter().any(|event| event.kind == EventKind::Refused);
                prop_assert!(refused, "a refusal is written down");
            }
            note(&mut account, &mut ledger)?;
            let _ = account.advance(&[bar(1 + minute as i64, *prices)], &[]);
            note(&mut account, &mut ledger)?;
        }
    }

    #[test]
    fn a_wrong_bar_changes_nothing(fields in any::<([i64; 9], u32)>(), tame: bool, prices in vec(bars(), 1..5)) {
        let ([time_ns, close_ns, open, high, low, close, volume, given, funding], instrument) = fields;
        let wrong = Bar { time_ns, close_ns, open, high, low, close, volume, given, funding, instrument };
        // Half of them are wrong in a few fields only.
        let last = bar(prices.len() as i64, prices[0]);
        let wrong = if tame { Bar { time_ns, volume, instrument: instrument % 3, ..last } } else { wrong };
        let mut account = Account::new(Rules::default(), 10_000 * MONEY, 0).expect("it opens");
        for (minute, prices) in prices.iter().enumerate() {
            account.ask("buy 1 stop_loss distance 5").expect("it can be asked for");
            account.advance(&[bar(1 + minute as i64, *prices)], &[]).expect("it can have happened");
        }
        let before = account.save();
        if account.advance(&[wrong], &[]).is_err() {
            prop_assert_eq!(account.save(), before);
        } else {
            prop_assert!(wrong.check().is_ok() && time_ns > last.time_ns);
        }
        let before = account.save();
        let (inside, later) = (bar(90, (100, 101, 99)), Bar { time_ns, close_ns, open, high, low, close, ..wrong });
        if account.advance(&[inside], &[later]).is_err() {
            prop_assert_eq!(account.save(), before);
        }
    }
}
