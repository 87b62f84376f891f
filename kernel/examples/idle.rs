//! What a bar costs the kernel when nothing happens on it: `cargo run --release --example idle [CASE COUNT BARS]`.
//!
//! Without arguments every case is timed, a line of JSON each. With a case, how many orders or tickets,
//! and how many bars, that one runs once in silence, for a tool that counts instructions.

use std::time::Instant;

use eyas_kernel::order::{Intent, Level, Order, OrderKind, Side, Size};
use eyas_kernel::{Account, Bar, Rules};

const PRICE: i64 = 100 * 100_000_000;
const MONEY: i128 = 10_000_000_000 * 10_i128.pow(16);
const ROUNDS: usize = 15;

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
        ("idle", 0, 1_000_000),
        ("orders", 1, 1_000_000),
        ("orders", 10, 200_000),
        ("orders", 100, 20_000),
        ("tickets", 1, 1_000_000),
        ("tickets", 10, 200_000),
        ("tickets", 100, 20_000),
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
            assert!(sum != 0, "equity was read after every bar");
            elapsed
        })
        .collect();
    nanoseconds.sort_by(f64::total_cmp);
    let (min, median) = (nanoseconds[0], nanoseconds[ROUNDS / 2]);
    println!(
        r#"{{"case": "{case}", "count": {count}, "bars": {bars}, "min_ns": {min:.2}, "median_ns": {median:.2}}}"#
    );
}

/// Take bars and read the equity after each, as a pump does.
fn run(account: &mut Account, market: &[Bar], bars: usize) -> i128 {
    let events = account.events().len();
    let mut sum = 0;
    for index in 0..bars {
        let bar = Bar { time_ns: 2 + index as i64, ..market[index % BARS] };
        account.advance(&bar).expect("a sound bar");
        sum += account.equity();
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
            Bar { time_ns: 0, open, high, low, close, volume: 100_000_000, instrument: 0 }
        })
        .collect()
}

/// Return an account with orders that wait far from the market, or with tickets whose levels lie there.
fn opened(case: &str, count: usize) -> Account {
    let mut account = Account::new(Rules::default(), MONEY, 0).expect("cash in range");
    let far = Level::Fraction(500_000_000_000);
    for _ in 0..count {
        let (kind, stop_loss, take_profit) = match case {
            "orders" => (OrderKind::Limit(PRICE / 2), Level::None, Level::None),
            "tickets" => (OrderKind::Market, far, far),
            other => panic!("cases are idle, orders and tickets, not {other}"),
        };
        let intent = Intent::Open { stop_loss, take_profit };
        account
            .submit(Order { side: Side::Buy, kind, size: Size::Quantity(100_000_000), intent })
            .expect("a sound order");
    }
    let first = Bar { time_ns: 1, ..market()[0] };
    account.advance(&first).expect("a sound bar");
    assert_eq!(account.orders().len() + account.tickets().len(), count, "all wait, or all are held");
    account
}
