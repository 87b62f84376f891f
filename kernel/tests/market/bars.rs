//! Random bars: several instruments of equal and differing lengths, with gaps in time, and finer bars inside.

use eyas_kernel::record::{Bar, NO_RATE};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{MINUTE, WHOLE};

/// A bar before it has a time and a place.
#[derive(Clone, Debug)]
pub struct Raw {
    /// In tenths of what the market swings.
    pub prices: [i64; 4],
    pub volume: i64,
    pub given: Option<i64>,
    pub funding: Option<i64>,
    /// Finer bars inside, their prices as eighths of the range.
    pub finer: Vec<[i64; 4]>,
    pub missing: bool,
    /// One unit off the grid on which orders lie, so that what is only nearly touched is not.
    pub nudge: i64,
}

/// How an instrument swings, in tenths of a whole, and how many minutes its bars take.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub swing: i64,
    pub minutes: i64,
}

pub fn paces() -> impl Strategy<Value = Vec<Pace>> {
    let swings = select(vec![10, 10, 2, 40, 1]);
    let pace = (swings, select(vec![0, 0, 0, 1, 3])).prop_map(|(swing, minutes)| Pace { swing, minutes });
    vec(pace, 3)
}

pub fn raws() -> impl Strategy<Value = Raw> {
    let tenths = || 0_i64..=20;
    let prices = (tenths(), tenths(), tenths(), tenths()).prop_map(|(a, b, c, d)| [a, b, c, d]);
    let volumes = prop_oneof![
        1 => Just(-1_i64), 1 => Just(0), 1 => 0..=100_i64, 8 => (1_i64..=300).prop_map(|whole| whole * WHOLE)
    ];
    let given = option::weighted(0.3, 0_i64..=20);
    let rates = select(vec![0, 100_000_000, -100_000_000, 300_000_001, -500_000_000_000]);
    let eighths = || 0_i64..=8;
    let inside = (eighths(), eighths(), eighths(), eighths()).prop_map(|(a, b, c, d)| [a, b, c, d]);
    let finer = prop_oneof![5 => Just(Vec::new()), 1 => vec(inside, 1..4)];
    let missing = (prop::bool::weighted(0.1), select(vec![0, 0, 0, 0, 0, 1, -1]));
    (prices, volumes, given, option::weighted(0.1, rates), finer, missing).prop_map(
        |(prices, volume, given, funding, finer, (missing, nudge))| Raw {
            prices,
            volume,
            given,
            funding,
            finer,
            missing,
            nudge,
        },
    )
}

fn shaped(prices: [i64; 4], bar: Bar) -> Bar {
    let (high, low) = (prices.iter().max(), prices.iter().min());
    Bar { open: prices[1], close: prices[2], high: *high.unwrap_or(&1), low: *low.unwrap_or(&1), ..bar }
}

impl Raw {
    /// Return the bar of an instrument that closes at a minute, if it closes there.
    pub fn bar(&self, instrument: usize, minute: i64, pace: Pace) -> Option<Bar> {
        if self.missing || (pace.minutes > 0 && minute % pace.minutes != 0) {
            return None;
        }
        let price = |tenth: i64| 100 * WHOLE + (tenth - 10) * pace.swing * WHOLE / 10 + self.nudge;
        let blank = Bar {
            time_ns: (minute - pace.minutes) * MINUTE,
            close_ns: minute * MINUTE,
            open: 0,
            high: 0,
            low: 0,
            close: 0,
            volume: self.volume,
            given: self.given.map_or(0, price),
            funding: self.funding.unwrap_or(NO_RATE),
            instrument: instrument as u32,
        };
        Some(shaped(self.prices.map(price), blank))
    }

    /// Return the finer bars inside a bar.
    pub fn inside(&self, bar: &Bar) -> Vec<Bar> {
        let price = |eighth: i64| bar.low + (bar.high - bar.low) * eighth / 8;
        let at = |place: usize| Bar {
            time_ns: bar.time_ns + place as i64,
            close_ns: bar.time_ns + place as i64,
            given: 0,
            funding: NO_RATE,
            ..*bar
        };
        self.finer.iter().enumerate().map(|(place, raw)| shaped(raw.map(price), at(place))).collect()
    }
}
