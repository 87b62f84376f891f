//! The dozen figures that both a report and the page print, from the curve and the closed trades.

use crate::record::{Event, EventKind};

pub use crate::curve::{Block, CurveFigures, BLOCKS};

/// What the closed trades say. Money is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TradeFigures {
    pub trades: u64,
    pub wins: u64,
    pub losses: u64,
    /// Sums of the profits above and below zero, net of fees.
    pub gross_profit: i128,
    pub gross_loss: i128,
    pub net_profit: i128,
    pub fees: i128,
    /// Funding and borrowing.
    pub charges: i128,
    pub best: i128,
    pub worst: i128,
    pub refused: u64,
}

impl TradeFigures {
    /// Fold a journal.
    pub fn of(events: &[Event]) -> TradeFigures {
        let mut figures = TradeFigures::default();
        figures.take(events);
        figures
    }

    /// Add events that follow those taken before.
    pub fn take(&mut self, events: &[Event]) {
        for event in events {
            match event.kind {
                EventKind::Closed => self.add(event.profit),
                EventKind::Filled => self.fees += event.fee,
                EventKind::Charged => self.charges += event.fee,
                EventKind::Refused => self.refused += 1,
                _ => {}
            }
        }
    }

    fn add(&mut self, profit: i128) {
        let first = self.trades == 0;
        self.trades += 1;
        self.net_profit += profit;
        self.best = if first { profit } else { self.best.max(profit) };
        self.worst = if first { profit } else { self.worst.min(profit) };
        if profit > 0 {
            self.wins += 1;
            self.gross_profit += profit;
        } else if profit < 0 {
            self.losses += 1;
            self.gross_loss -= profit;
        }
    }

    /// Return the share of trades that earned something; NaN without trades.
    pub fn win_rate(&self) -> f64 {
        ratio(self.wins as f64, self.trades as f64)
    }

    /// Return gross profit over gross loss; infinite without a loss, NaN without trades.
    pub fn profit_factor(&self) -> f64 {
        if self.gross_loss == 0 && self.gross_profit > 0 {
            return f64::INFINITY;
        }
        ratio(self.gross_profit as f64, self.gross_loss as f64)
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 {
        return f64::NAN;
    }
    part / whole
}

/// Return the square root by Newton's method: plain arithmetic, so equal on every host.
pub fn square_root(value: f64) -> f64 {
    if value == 0.0 || value == f64::INFINITY {
        return value;
    }
    if value < 0.0 || value.is_nan() {
        return f64::NAN;
    }
    if value < f64::MIN_POSITIVE {
        // 2^108 lifts a number that is too small for all its digits; its root falls by 2^54.
        return square_root(value * 324_518_553_658_426_726_783_156_020_576_256.0) / 18_014_398_509_481_984.0;
    }
    // Halving the exponent gives a first guess within a factor of 1.5; each step doubles its digits.
    let mut root = f64::from_bits((value.to_bits() >> 1) + 0x1FF8_0000_0000_0000);
    for _ in 0..6 {
        root = 0.5 * (root + value / root);
    }
    root
}
