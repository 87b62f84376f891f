//! What a run comes to, as numbers in a row: the figures of its curve and of its trades, and its digest.

use eyas_kernel::metrics::{CurveFigures, TradeFigures, BLOCKS};
use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::record::Event;
use eyas_kernel::{Account, Field, Fixed};
use sha2::{Digest, Sha256};

use crate::widest::widest;

/// The figures of a row in order; after them come, for each of 16 stretches of the run, how many returns it has,
/// their sum and the sum of their squares.
pub const NAMES: [&str; SINGLE] = [
    "equity_final",
    "total_return",
    "max_drawdown",
    "max_drawdown_bars",
    "bars",
    "return_mean",
    "volatility",
    "sharpe",
    "sortino",
    "sum3",
    "sum4",
    "trades",
    "win_rate",
    "profit_factor",
    "net_profit",
    "best_trade",
    "worst_trade",
    "fees",
    "charges",
    "refused",
    "bars_held",
    "ambiguous_bars",
];
const SINGLE: usize = 22;
const EVENTS_AT_ONCE: usize = 64;
pub const COUNT: usize = SINGLE + 3 * BLOCKS;

/// What a run's events come to, taken some at a time.
pub struct Tally {
    trades: TradeFigures,
    hasher: Sha256,
    bytes: Box<[u8]>,
}

impl Tally {
    pub fn new() -> Tally {
        Tally {
            trades: TradeFigures::default(),
            hasher: Sha256::new(),
            bytes: vec![0; EVENTS_AT_ONCE * Event::SIZE].into(),
        }
    }

    /// Take events that follow those taken before.
    pub fn take(&mut self, events: &[Event]) {
        self.trades.take(events);
        for some in events.chunks(EVENTS_AT_ONCE) {
            let mut place = &mut self.bytes[..];
            for event in some {
                place = event.lay(place);
            }
            self.hasher.update(&self.bytes[..some.len() * Event::SIZE]);
        }
    }

    /// Return the SHA-256 of the journal's bytes, as `Journal.digest` does.
    pub fn digest(self) -> [u8; 32] {
        self.hasher.finalize().into()
    }
}

widest! {
    /// Return what a curve that starts from `cash` says.
    pub fn shape_of[](cash: f64, curve: &[f64]) -> CurveFigures {
        CurveFigures::of(cash, curve)
    }
}

/// Return the figures of a run that has ended, or stopped where its curve does.
pub fn figures_of(
    account: &Account,
    tally: &Tally,
    opening_cash: f64,
    curve: &[f64],
    bars_per_year: f64,
) -> [f64; COUNT] {
    let shape = shape_of(opening_cash, curve);
    let trades = &tally.trades;
    let money = |units: i128| to_float(units, MONEY_DECIMALS);
    let single = [
        curve.last().copied().unwrap_or(opening_cash),
        shape.total_return,
        shape.max_drawdown,
        shape.max_drawdown_bars as f64,
        shape.returns,
        shape.return_mean,
        shape.volatility(bars_per_year),
        shape.sharpe(bars_per_year),
        shape.sortino(bars_per_year),
        shape.cubes,
        shape.fourths,
        trades.trades as f64,
        trades.win_rate(),
        trades.profit_factor(),
        money(trades.net_profit),
        money(trades.best),
        money(trades.worst),
        money(trades.fees),
        money(trades.charges),
        trades.refused as f64,
        account.bars_held() as f64,
        account.ambiguous_bars() as f64,
    ];
    let mut figures = [0.0; COUNT];
    figures[..SINGLE].copy_from_slice(&single);
    for (place, block) in figures[SINGLE..].chunks_exact_mut(3).zip(&shape.blocks) {
        place.copy_from_slice(&[block.count, block.sum, block.squares]);
    }
    figures
}
