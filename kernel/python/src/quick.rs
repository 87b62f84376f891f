//! The loop without Python in it: bars of one instrument, and something that decides on some of them.

use std::ops::Range;

use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::stretch::Stretch;
use eyas_kernel::Account;

use crate::widest::widest;

/// As many rows as there are bits in an answer of `Decide::asking`.
pub const ASKED_AT_ONCE: usize = u64::BITS as usize;

/// What decides between bars without Python: arrays of signals, or a compiled program.
pub trait Decide {
    /// Return a bit for each of these rows, ASKED_AT_ONCE at most: whether something may be asked in its
    /// decision. What is known of later rows decides nothing; a row without its bit is never asked.
    fn asking(&mut self, market: &Account, first: usize, count: usize) -> u64;

    /// Decide on a row whose bar the market has just taken.
    fn decide(&mut self, market: &mut Account, row: usize) -> Result<(), String>;
}

/// Why a loop ended early, and on which row.
pub enum Stopped {
    /// The kernel refused the bar.
    Bar(usize, eyas_kernel::Refusal),
    /// What decides failed.
    Decision(usize, String),
}

widest! {
    /// Take bars, which are those of rows `first` on: match, decide, and record the equity of each in `curve`. They
    /// are in columns that are judged once, however many runs take them.
    pub fn run_stretch[D: Decide](
        market: &mut Account,
        bars: &Stretch,
        first: usize,
        decide: &mut D,
        curve: &mut [f64],
    ) -> Result<(), Stopped> {
        let count = bars.len().min(curve.len());
        let (mut place, mut asked_until, mut asking) = (0, 0, 0);
        while place < count {
            if place == asked_until {
                asked_until = count.min(place + ASKED_AT_ONCE);
                asking = decide.asking(market, first + place, asked_until - place);
            }
            // Up to the next row that may ask for something, and with it.
            let ahead = asking.trailing_zeros() as usize;
            let end = asked_until.min(place + ahead + 1);
            take(market, bars, place..end, first, curve)?;
            let row = first + end - 1;
            if place + ahead < asked_until {
                decide.decide(market, row).map_err(|text| Stopped::Decision(row, text))?;
                curve[end - 1] = to_float(market.equity(), MONEY_DECIMALS);
            }
            asking = asking.checked_shr((end - place) as u32).unwrap_or(0);
            place = end;
        }
        Ok(())
    }
}

/// Take bars on which nobody decides.
#[inline(always)]
fn take(
    market: &mut Account,
    bars: &Stretch,
    places: Range<usize>,
    first: usize,
    curve: &mut [f64],
) -> Result<(), Stopped> {
    let mut place = places.start;
    while place < places.end {
        place += market.pass_stretch(bars, place..places.end, &mut curve[place..places.end]);
        if place < places.end {
            let row = first + place;
            market.advance(&[bars.bar(place)], &[]).map_err(|refusal| Stopped::Bar(row, refusal))?;
            curve[place] = to_float(market.equity(), MONEY_DECIMALS);
            place += 1;
        }
    }
    Ok(())
}
