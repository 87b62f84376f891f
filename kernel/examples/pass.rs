//! What bars cost that are passed many at once, and what a round trip costs among them:
//! `cargo run --release --example pass [WAY EVERY BARS]`.
//!
//! A way is `advance` (bar by bar), `pass`, or `stretch` (judged once before). One unit is bought and sold again
//! once in `EVERY` bars, held for half of them; 0 for never. Without arguments every case is timed, a line of
//! JSON each; with them that one runs once in silence, for a tool that counts instructions.

use std::time::Instant;

use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::order::Side;
use eyas_kernel::record::{Bar, NO_RATE};
use eyas_kernel::request::{Request, SizeWish};
use eyas_kernel::stretch::Stretch;
use eyas_kernel::{Account, Rules};

const PRICE: i64 = 100 * 100_000_000;
const MONEY: i128 = 1_000_000 * 10_i128.pow(16);
const ROUNDS: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [way, every, bars] = arguments.as_slice() {
        let number = |text: &String| text.parse().expect("a whole number");
        let bars = market(number(bars));
        let stretch = if way == "stretch" { Stretch::of(&bars) } else { Stretch::default() };
        std::process::exit((run(way, &bars, &stretch, number(every)) == 0.0) as i32);
    }
    let bars = market(10_000);
    let stretch = Stretch::of(&bars);
    for way in ["advance", "pass", "stretch"] {
        for every in [0, 70] {
            let time = |_| {
                let start = Instant::now();
                assert!(run(way, &bars, &stretch, every) > 0.0, "equity was recorded");
                start.elapsed().as_nanos() as f64 / bars.len() as f64
            };
            let least = (0..ROUNDS).map(time).fold(f64::INFINITY, f64::min);
            println!(r#"{{"way": "{way}", "every": {every}, "min_ns": {least:.2}}}"#);
        }
    }
}

/// Take all bars, with the equity after each; return the last.
fn run(way: &str, bars: &[Bar], stretch: &Stretch, every: usize) -> f64 {
    let mut account = Account::new(Rules::default(), MONEY, 0).expect("cash in range");
    let mut curve = vec![0.0; bars.len()];
    let mut place = 0;
    while place < bars.len() {
        let asked = if every == 0 { usize::MAX } else { (place / (every / 2) + 1) * (every / 2) };
        let end = asked.min(bars.len());
        while place < end {
            place += match way {
                "pass" => account.pass(&bars[place..end], &mut curve[place..end]),
                "stretch" => account.pass_stretch(stretch, place..end, &mut curve[place..end]),
                _ => 0,
            };
            if place < end {
                account.advance(&bars[place..=place], &[]).expect("a sound bar");
                curve[place] = to_float(account.equity(), MONEY_DECIMALS);
                place += 1;
            }
        }
        let held = account.tickets().next().map(|ticket| ticket.number);
        let request = match held {
            Some(ticket) => Request::close(ticket, SizeWish::Fraction(1.0)),
            None => Request::market(Side::Buy, SizeWish::Quantity(1.0)),
        };
        if every > 0 {
            account.request(&request).expect("a sound order");
            account.discard_events();
        }
    }
    curve[bars.len() - 1]
}

/// Return bars that swing around the first price.
fn market(count: usize) -> Vec<Bar> {
    let swing = |index: usize| (index as i64 * 7_919 % 1_000) * 100_000;
    let bar = |index: usize| {
        let (open, close, time_ns) = (PRICE + swing(index), PRICE + swing(index + 1), 1 + index as i64);
        let (high, low) = (open.max(close) + 1_000_000, open.min(close) - 1_000_000);
        let (volume, given, funding) = (0, 0, NO_RATE);
        Bar { time_ns, close_ns: time_ns, open, high, low, close, volume, given, funding, instrument: 0 }
    };
    (0..count).map(bar).collect()
}
