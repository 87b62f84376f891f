//! Random markets for the laws: rules, bars, wishes, and a run that checks itself after every step.
//! PROPTEST_CASES says how long to search, PROPTEST_RNG_SEED where to begin.
#![allow(dead_code)] // Each program of laws uses a part of this.

pub mod asks;
pub mod bars;
pub mod change;
pub mod extreme;
pub mod ledger;
pub mod orders;
pub mod play;
pub mod rules;
pub mod words;

use std::time::{SystemTime, UNIX_EPOCH};

use proptest::test_runner::{Config, RngSeed};

pub const MINUTE: i64 = 60_000_000_000;
/// A whole unit of a price or of a quantity, at 8 decimals each, and of money.
pub const WHOLE: i64 = 100_000_000;
pub const MONEY: i128 = 10_000_000_000_000_000;

/// Search through so many cases unless PROPTEST_CASES says otherwise, beginning anew each time.
pub fn searching(cases: u32) -> Config {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
    let seed = number("PROPTEST_RNG_SEED").unwrap_or_else(now);
    // Shown beside a failure: it finds the same case again. The smallest case is shown too, so no file is kept.
    eprintln!("PROPTEST_RNG_SEED={seed}");
    Config {
        cases: number("PROPTEST_CASES").map_or(cases, |cases| cases as u32),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Config::default()
    }
}
