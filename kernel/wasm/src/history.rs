//! The columns of one instrument. The host writes them in place; any number of accounts may read them.

use eyas_kernel::number::Scale;
use eyas_kernel::Bar;
use eyas_program::column::Bars;

use crate::failure::Failure;

/// The columns in the order of their codes: times in whole nanoseconds, all others floats. Those from `RARE` on are
/// there once a host has asked where they lie.
pub const COLUMNS: [&str; 9] =
    ["time", "open", "high", "low", "close", "volume", "close_time", "given", "funding"];
const RARE: usize = 6;
/// Which of the floats a column is.
const FLOATS: [Option<usize>; 9] =
    [None, Some(0), Some(1), Some(2), Some(3), Some(4), None, Some(5), Some(6)];

/// One instrument's bars as a host has them.
pub struct History {
    bars: usize,
    time: Vec<i64>,
    /// Empty where bars are known as they open.
    close_time: Vec<i64>,
    /// Open, high, low, close and volume; given and funding, empty where no bar has any.
    floats: [Vec<f64>; 7],
}

impl History {
    /// Make a history of zeros.
    pub fn new(bars: usize) -> Result<History, Failure> {
        let mut history =
            History { bars, time: Vec::new(), close_time: Vec::new(), floats: Default::default() };
        (0..RARE).try_for_each(|column| history.make(column))?;
        Ok(history)
    }

    pub fn len(&self) -> usize {
        self.bars
    }

    fn make(&mut self, column: usize) -> Result<(), Failure> {
        let bars = self.bars;
        match FLOATS[column] {
            Some(place) => fill(&mut self.floats[place], bars),
            None if column == 0 => fill(&mut self.time, bars),
            None => fill(&mut self.close_time, bars),
        }
    }

    /// Return where a column lies.
    pub fn column(&mut self, column: usize) -> *mut u64 {
        if column >= COLUMNS.len() || self.make(column).is_err() {
            return std::ptr::null_mut();
        }
        match FLOATS[column] {
            Some(place) => self.floats[place].as_mut_ptr().cast(),
            None if column == 0 => self.time.as_mut_ptr().cast(),
            None => self.close_time.as_mut_ptr().cast(),
        }
    }

    /// Fail unless there are the bars from `first` up to `last` (exclusive).
    pub fn check(&self, first: usize, last: usize) -> Result<(), Failure> {
        let bars = self.bars;
        if first <= last && last <= bars {
            return Ok(());
        }
        Err(Failure::misuse(format!("there are no bars {first} to {last} in a history of {bars} bars")))
    }

    /// Return the kernel's bar, on an account's scale.
    #[inline]
    pub fn bar(&self, row: usize, scale: Scale) -> Bar {
        let [open, high, low, close, volume, given, funding] = &self.floats;
        let prices = [open[row], high[row], low[row], close[row]];
        let mut bar = Bar::from_floats(self.time[row], prices, volume[row], scale);
        if let Some(closes) = self.close_time.get(row) {
            bar.close_ns = *closes;
        }
        if given.is_empty() && funding.is_empty() {
            return bar;
        }
        let rare = |column: &Vec<f64>| column.get(row).copied().unwrap_or(f64::NAN);
        bar.with_given(rare(given), rare(funding), scale)
    }

    /// Return the columns as a program sees them; `absent` stands for floats that no bar has.
    pub fn seen<'a>(&'a self, absent: &'a [f64]) -> Bars<'a> {
        let mut floats: [&[f64]; 7] = [absent; 7];
        for (seen, own) in floats.iter_mut().zip(&self.floats).filter(|pair| !pair.1.is_empty()) {
            *seen = own;
        }
        let close_time = if self.close_time.is_empty() { &self.time } else { &self.close_time };
        Bars { floats, time: &self.time, close_time }
    }
}

fn fill<T: Default + Clone>(column: &mut Vec<T>, bars: usize) -> Result<(), Failure> {
    let room = column.try_reserve_exact(bars - column.len());
    room.map_err(|_| Failure::misuse(format!("there is no memory for {bars} bars")))?;
    column.resize(bars, T::default());
    Ok(())
}
