//! The dozen figures that both a report and the page print, from the curve and the closed trades.

use crate::record::{Event, EventKind};

/// What an equity curve says. Fractions are fractions; a figure that needs more than there is, is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveFigures {
    /// Last equity over first cash, less one.
    pub total_return: f64,
    /// The deepest fall below the highest equity so far, as a fraction of it.
    pub max_drawdown: f64,
    /// The longest stretch of bars below the highest equity so far.
    pub max_drawdown_bars: u64,
    /// Mean and standard deviation (n - 1) of the bars' returns.
    pub return_mean: f64,
    pub return_deviation: f64,
}

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
    pub best: i128,
    pub worst: i128,
    pub refused: u64,
}

impl CurveFigures {
    /// Fold a curve that starts from `cash`: one equity a bar.
    pub fn of(cash: f64, equity: &[f64]) -> CurveFigures {
        let (mut peak, mut deepest, mut below, mut longest) = (cash, 0.0, 0_u64, 0_u64);
        // Welford's running mean and variance (Knuth, volume 2, 4.2.2).
        let (mut count, mut mean, mut square) = (0.0, 0.0, 0.0);
        let mut before = cash;
        for &now in equity {
            if now >= peak {
                peak = now;
                below = 0;
            } else {
                below += 1;
                longest = longest.max(below);
                let fall = (peak - now) / peak;
                deepest = if fall > deepest { fall } else { deepest };
            }
            if before > 0.0 {
                let change = (now - before) / before;
                count += 1.0;
                let away = change - mean;
                mean += away / count;
                square += away * (change - mean);
            }
            before = now;
        }
        CurveFigures {
            total_return: (before - cash) / cash,
            max_drawdown: deepest,
            max_drawdown_bars: longest,
            return_mean: if count > 0.0 { mean } else { f64::NAN },
            return_deviation: if count > 1.0 { square_root(square / (count - 1.0)) } else { f64::NAN },
        }
    }

    /// Return mean over deviation, scaled to a year (Sharpe 1994, risk-free rate 0); NaN when flat.
    pub fn sharpe(&self, bars_per_year: f64) -> f64 {
        if self.return_deviation > 0.0 {
            return self.return_mean / self.return_deviation * square_root(bars_per_year);
        }
        f64::NAN
    }
}

impl TradeFigures {
    /// Fold a journal.
    pub fn of(events: &[Event]) -> TradeFigures {
        let mut figures = TradeFigures::default();
        for event in events {
            match event.kind {
                EventKind::Closed => figures.add(event.profit),
                EventKind::Filled => figures.fees += event.fee,
                EventKind::Refused => figures.refused += 1,
                _ => {}
            }
        }
        figures
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
