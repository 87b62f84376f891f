//! The columns of one instrument. The host writes them in place; any number of accounts may read them.

use eyas_kernel::number::Scale;
use eyas_kernel::Bar;

use crate::failure::Failure;

/// The columns in the order of their codes: the time in whole nanoseconds, then floats.
pub const COLUMNS: [&str; 6] = ["time", "open", "high", "low", "close", "volume"];

/// One instrument's bars as a host has them.
pub struct History {
    bars: usize,
    /// The bits of all columns, one column after the other.
    words: Vec<u64>,
}

impl History {
    /// Make a history of zeros.
    pub fn new(bars: usize) -> Result<History, Failure> {
        let mut words = Vec::new();
        let count = bars.saturating_mul(COLUMNS.len());
        let room = words.try_reserve_exact(count);
        room.map_err(|_| Failure::misuse(format!("there is no memory for {bars} bars")))?;
        words.resize(count, 0);
        Ok(History { bars, words })
    }

    pub fn len(&self) -> usize {
        self.bars
    }

    /// Return where a column lies.
    pub fn column(&mut self, column: usize) -> *mut u64 {
        match column < COLUMNS.len() {
            true => self.words[self.bars * column..].as_mut_ptr(),
            false => std::ptr::null_mut(),
        }
    }

    /// Return the kernel's bar, on an account's scale.
    #[inline]
    pub fn bar(&self, row: usize, scale: Scale) -> Bar {
        let word = |column: usize| self.words[self.bars * column + row];
        let prices = [1, 2, 3, 4].map(|column| f64::from_bits(word(column)));
        Bar::from_floats(word(0) as i64, prices, f64::from_bits(word(5)), scale)
    }
}
