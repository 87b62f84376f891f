//! What an equity curve says, in one pass over it.

use crate::metrics::square_root;

/// A run is looked at in this many stretches of equal length, so that what it earned in some of them can be
/// held against what it earned in others.
pub const BLOCKS: usize = 16;

/// Returns are ratios near one, less one: what scatters less than this is the rounding of a float.
const NOISE: f64 = 1e-14;

const CHUNK: usize = 64;
const LANES: usize = 4;
const WIDE: usize = 8;

/// The returns of one stretch of a run: how many, their sum, the sum of their squares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Block {
    pub count: f64,
    pub sum: f64,
    pub squares: f64,
}

/// What an equity curve says. Fractions are fractions; a figure that needs more than there is, is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveFigures {
    /// Last equity over first cash, less one.
    pub total_return: f64,
    /// The deepest fall below the highest equity so far, as a fraction of it.
    pub max_drawdown: f64,
    /// The longest stretch of bars below the highest equity so far.
    pub max_drawdown_bars: u64,
    /// How many bars have a return: those after an equity above zero.
    pub returns: f64,
    /// Mean and standard deviation (n - 1) of the bars' returns.
    pub return_mean: f64,
    pub return_deviation: f64,
    /// Root of the mean square of the returns, those above zero taken as zero (Sortino and van der Meer 1991).
    pub downside_deviation: f64,
    /// Sums of the returns' cubes and fourth powers.
    pub cubes: f64,
    pub fourths: f64,
    /// Of n bars, block b has those from b·n/16 to (b + 1)·n/16.
    pub blocks: [Block; BLOCKS],
}

impl CurveFigures {
    /// Fold a curve that starts from `cash`: one equity a bar. Inlined, so that a host can let it use what its
    /// processor has: lanes are added up in one order, whatever the width of its registers.
    #[inline(always)]
    pub fn of(cash: f64, equity: &[f64]) -> CurveFigures {
        let mut falls = Falls { peak: cash, low: cash, row: 0, peak_row: 0, deepest: 0.0, longest: 0 };
        let mut moments = Moments::default();
        let mut blocks = [Block::default(); BLOCKS];
        let mut before = cash;
        for (number, block) in blocks.iter_mut().enumerate() {
            let rows = equity.len() * number / BLOCKS..equity.len() * (number + 1) / BLOCKS;
            for chunk in equity[rows].chunks(CHUNK) {
                falls.take(chunk);
                moments.take(before, chunk, block);
                before = chunk[chunk.len() - 1];
            }
        }
        falls.end();
        let Moments { count, mean, away, downside, cubes, fourths } = moments;
        let root_of = |sum: f64, over: f64| if over > 0.0 { square_root(sum / over) } else { f64::NAN };
        CurveFigures {
            total_return: (before - cash) / cash,
            max_drawdown: falls.deepest,
            max_drawdown_bars: falls.longest,
            returns: count,
            return_mean: if count > 0.0 { mean } else { f64::NAN },
            return_deviation: root_of(away, count - 1.0),
            downside_deviation: root_of(downside, count),
            cubes,
            fourths,
            blocks,
        }
    }

    /// Return mean over deviation, scaled to a year (Sharpe 1994, risk-free rate 0); NaN when the returns do not differ.
    pub fn sharpe(&self, bars_per_year: f64) -> f64 {
        scaled(self.return_mean, self.return_deviation, bars_per_year)
    }

    /// Return mean over downside deviation, scaled to a year; NaN when nothing was lost.
    pub fn sortino(&self, bars_per_year: f64) -> f64 {
        scaled(self.return_mean, self.downside_deviation, bars_per_year)
    }

    /// Return the deviation of the returns, scaled to a year.
    pub fn volatility(&self, bars_per_year: f64) -> f64 {
        self.return_deviation * square_root(bars_per_year)
    }
}

fn scaled(mean: f64, deviation: f64, bars_per_year: f64) -> f64 {
    if deviation > NOISE {
        return mean / deviation * square_root(bars_per_year);
    }
    f64::NAN
}

/// How far equity fell below its highest, and for how long.
struct Falls {
    peak: f64,
    /// The lowest since the peak.
    low: f64,
    /// How many bars have been taken, and at which of them the peak was (0: before the first).
    row: u64,
    peak_row: u64,
    deepest: f64,
    longest: u64,
}

impl Falls {
    #[inline(always)]
    fn take(&mut self, equity: &[f64]) {
        // Of these the order does not matter: one loop for each, so that each has a register of lanes to itself.
        let mut most = [f64::NEG_INFINITY; WIDE];
        in_lanes(equity, |most, value| if value > most { value } else { most }, &mut most);
        if most.iter().all(|most| *most < self.peak) {
            let mut least = [f64::INFINITY; WIDE];
            in_lanes(equity, |least, value| if value < least { value } else { least }, &mut least);
            self.low = least.iter().fold(self.low, |low, least| if *least < low { *least } else { low });
            self.row += equity.len() as u64;
            return;
        }
        for now in equity {
            self.row += 1;
            if *now >= self.peak {
                self.close(self.row - 1);
                self.peak = *now;
                self.low = *now;
                self.peak_row = self.row;
            } else if *now < self.low {
                self.low = *now;
            }
        }
    }

    /// End the stretch below a peak with a bar.
    fn close(&mut self, last: u64) {
        self.longest = self.longest.max(last - self.peak_row);
        if self.low < self.peak {
            let fall = (self.peak - self.low) / self.peak;
            self.deepest = if fall > self.deepest { fall } else { self.deepest };
        }
    }

    fn end(&mut self) {
        self.close(self.row);
    }
}

/// Sums over the returns, chunk by chunk; `away` is that of squares about the mean, chunks being merged as in Chan,
/// Golub and LeVeque (1979).
#[derive(Default)]
struct Moments {
    count: f64,
    mean: f64,
    away: f64,
    downside: f64,
    cubes: f64,
    fourths: f64,
}

impl Moments {
    #[inline(always)]
    fn take(&mut self, before: f64, equity: &[f64], block: &mut Block) {
        if before > 0.0 && equity[0] == before && every(equity, |now| now == before) {
            block.count += equity.len() as f64;
            return self.merge(equity.len() as f64, 0.0, 0.0);
        }
        let mut returns = [0.0; CHUNK];
        let count = returns_of(before, equity, &mut returns);
        if count == 0 {
            return;
        }
        let returns = &returns[..count];
        let mut sums = [[0.0; LANES]; 5];
        let lower = |value: f64| if value < 0.0 { value } else { 0.0 };
        in_lanes(returns, |sum, value| sum + value, &mut sums[0]);
        in_lanes(returns, |sum, value| sum + value * value, &mut sums[1]);
        in_lanes(returns, |sum, value| sum + lower(value) * lower(value), &mut sums[2]);
        in_lanes(returns, |sum, value| sum + value * value * value, &mut sums[3]);
        in_lanes(returns, |sum, value| sum + (value * value) * (value * value), &mut sums[4]);
        let [sum, squares, downside, cubes, fourths] = sums.map(total);
        let number = count as f64;
        let mean = sum / number;
        let mut away = [0.0; LANES];
        in_lanes(returns, |sum, value| sum + (value - mean) * (value - mean), &mut away);
        block.count += number;
        block.sum += sum;
        block.squares += squares;
        self.downside += downside;
        self.cubes += cubes;
        self.fourths += fourths;
        self.merge(number, mean, total(away));
    }

    fn merge(&mut self, count: f64, mean: f64, away: f64) {
        let all = self.count + count;
        let apart = mean - self.mean;
        self.away += away + apart * apart * (self.count * count / all);
        self.mean += apart * (count / all);
        self.count = all;
    }
}

/// Put the returns of the bars that follow an equity above zero into a list, and say how many they are.
#[inline(always)]
fn returns_of(before: f64, equity: &[f64], returns: &mut [f64; CHUNK]) -> usize {
    let mut last = before;
    if before > 0.0 && every(equity, |now| now > 0.0) {
        returns[0] = (equity[0] - before) / before;
        let pairs = equity.iter().zip(&equity[1..]);
        for (change, (last, now)) in returns[1..].iter_mut().zip(pairs) {
            *change = (now - last) / last;
        }
        return equity.len();
    }
    let mut count = 0;
    for now in equity {
        if last > 0.0 {
            returns[count] = (now - last) / last;
            count += 1;
        }
        last = *now;
    }
    count
}

/// Hand values out to lanes in turn, each of which takes in what it is given: all at once, as long as there are
/// enough values.
#[inline(always)]
fn in_lanes<const N: usize>(values: &[f64], take: impl Fn(f64, f64) -> f64, lanes: &mut [f64; N]) {
    let whole = values.chunks_exact(N);
    let rest = whole.remainder();
    for some in whole {
        for (lane, value) in lanes.iter_mut().zip(some) {
            *lane = take(*lane, *value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane = take(*lane, *value);
    }
}

/// Return whether something holds of all values, without a branch for each.
#[inline(always)]
fn every(values: &[f64], holds: impl Fn(f64) -> bool) -> bool {
    values.iter().fold(true, |all, value| all & holds(*value))
}

fn total(lanes: [f64; LANES]) -> f64 {
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}
