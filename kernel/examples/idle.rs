//! What a bar costs the kernel when nothing happens on it: `cargo run --release --example idle [CASE COUNT BARS]`.
//!
//! Without arguments every case is timed, a line of JSON each. With a case, how many orders, tickets or
//! instruments, and how many bars, that one runs once in silence, for a tool that counts instructions.

use std::time::Instant;

use eyas_kernel::bracket::{Bracket, Level};
use eyas_kernel::order::{Order, OrderKind, Side, Size};
use eyas_kernel::record::{Bar, NO_RATE};
use eyas_kernel::{Account, Rules};

const PRICE: i64 = 100 * 100_000_000;
const MONEY: i128 = 10_000_000_000 * 10_i128.pow(16);
const ROUNDS: usize = 7;

/// How many different bars there are: few enough to stay in the first cache, as a bar just converted does.
const BARS: usize = 256;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [case, count, bars] = arguments.as_slice() {
        let number = |text: &String| text.parse().expect("a whole number");
        let mut account = opened(case, number(count));
        std::process::exit((run(&mut account, &market(), number(bars)) == 0) as i32);
    }
    for (case, count, bars) in [
        ("idle", 0, 5_000_000),
        ("orders", 1, 1_000_000),
        ("orders", 10, 1_000_000),
        ("orders", 100, 1_000_000),
        ("orders", 10_000, 1_000_000),
        ("tickets", 1, 1_000_000),
        ("tickets", 10, 1_000_000),
        ("tickets", 100, 1_000_000),
        ("tickets", 10_000, 1_000_000),
        ("trailing", 1, 1_000_000),
        ("trailing", 100, 100_000),
        ("instruments", 10, 1_000_000),
        ("instruments", 1_000, 1_000_000),
        ("held", 1_000, 1_000_000),
        ("awake", 1, 1_000_000),
        ("awake", 10, 1_000_000),
        ("awake", 100, 100_000),
        ("awake", 10_000, 1_000),
    ] {
        time(case, count, bars);
    }
}

fn time(case: &str, count: usize, bars: usize) {
    let market = market();
    let mut nanoseconds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let mut account = opened(case, count);
            let start = Instant::now();
            let sum = run(&mut account, &market, bars);
            let elapsed = start.elapsed().as_nanos() as f64 / bars as f64;
            assert!(sum != 0, "equity was read after every step");
            elapsed
        })
        .collect();
    nanoseconds.sort_by(f64::total_cmp);
    let (min, median) = (nanoseconds[0], nanoseconds[ROUNDS / 2]);
    println!(
        r#"{{"case": "{case}", "count": {count}, "bars": {bars}, "min_ns": {min:.2}, "median_ns": {median:.2}}}"#
    );
}

/// Take bars, one of each instrument in a step, and read the equity after each step, as a pump does.
fn run(account: &mut Account, market: &[Bar], bars: usize) -> i128 {
    let events = account.events().len();
    let instruments = account.books().len();
    let mut sum = 0;
    if instruments == 1 {
        for index in 0..bars {
            let time_ns = 2 + index as i64;
            let bar = Bar { time_ns, close_ns: time_ns, ..market[index % BARS] };
            account.advance(&[bar], &[]).expect("a sound bar");
            sum += account.equity();
        }
    } else {
        let mut step = vec![market[0]; instruments];
        for index in 0..bars / instruments {
            let time_ns = 2 + index as i64;
            for (instrument, bar) in (0..).zip(&mut step) {
                *bar = Bar { time_ns, close_ns: time_ns, instrument, ..market[index % BARS] };
            }
            account.advance(&step, &[]).expect("sound bars");
            sum += account.equity();
        }
    }
    assert_eq!(account.events().len(), events, "nothing happened");
    sum
}

/// Return bars that swing a little around the first price.
fn market() -> Vec<Bar> {
    let swing = |index: usize| (index as i64 * 7_919 % 1_000) * 100_000;
    (0..BARS)
        .map(|index| {
            let (open, close) = (PRICE + swing(index), PRICE + swing(index + 1));
            let (high, low) = (open.max(close) + 1_000_000, open.min(close) - 1_000_000);
            // No volume, so that an order at the market waits under fill_volume: the case `awake`.
            let (volume, given, funding) = (0, 0, NO_RATE);
            Bar { time_ns: 0, close_ns: 0, open, high, low, close, volume, given, funding, instrument: 0 }
        })
        .collect()
}

/// Return an account with orders that wait far from the market, with tickets whose levels lie there (some of
/// them follow), with many instruments, of which some are held, or with orders that see every bar, because one
/// of them waits at the market.
fn opened(case: &str, count: usize) -> Account {
    let instruments = if matches!(case, "instruments" | "held") { count } else { 1 };
    let mut rules = Rules::default();
    if case == "awake" {
        rules.set_all(&[("fill_volume", "1")]).expect("a share of the volume");
    }
    let terms = vec![rules.terms; instruments];
    let mut account = Account::with_instruments(rules, &terms, MONEY, 0).expect("cash in range");
    let far = Level::Fraction(500_000_000_000);
    let asked = if case == "instruments" { 1 } else { count };
    for place in 0..asked {
        let instrument = if case == "held" { place as u32 } else { 0 };
        let order = Order::market(instrument, Side::Buy, Size::Quantity(100_000_000));
        let mut bracket = Bracket::of(far, far);
        if case == "trailing" {
            bracket.trail.distance = Level::Distance(PRICE / 2);
        }
        let order = match case {
            "idle" => break,
            "awake" if place == 0 => order,
            "orders" | "awake" => Order { kind: OrderKind::Limit, price: PRICE / 2, ..order },
            "tickets" | "trailing" | "held" | "instruments" => Order { bracket, ..order },
            other => {
                panic!("cases are idle, orders, tickets, trailing, instruments, held and awake, not {other}")
            }
        };
        account.submit(order).expect("a sound order");
    }
    let first: Vec<Bar> = (0..)
        .zip(&terms)
        .map(|(instrument, _)| Bar { time_ns: 1, close_ns: 1, instrument, ..market()[0] })
        .collect();
    account.advance(&first, &[]).expect("sound bars");
    let held = account.orders().count() + account.tickets().count();
    assert_eq!(held, if case == "idle" { 0 } else { asked }, "all wait, or all are held");
    account
}
