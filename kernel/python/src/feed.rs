//! The bars of several instruments step by step, and on which of them an array of signals asks for something.

use eyas_kernel::number::Scale;
use eyas_kernel::record;

use crate::history::History;
use crate::pump::BATCH_BARS;
use crate::signals::Asked;

// A batch has a bit for each of its bars.
const _: () = assert!(BATCH_BARS <= u64::BITS as usize);

/// The bars of one of several instruments and what is asked on them, prepared some at a time.
pub struct Feed<'a> {
    history: &'a History,
    asked: Option<&'a Asked>,
    scale: Scale,
    batch: Vec<record::Bar>,
    /// A bit for each bar of the batch on which something is asked.
    asking: u64,
    /// The next bar: its place in the batch, and its row.
    place: usize,
    row: usize,
}

impl<'a> Feed<'a> {
    pub fn new(history: &'a History, asked: Option<&'a Asked>, scale: Scale) -> Feed<'a> {
        let batch = Vec::with_capacity(BATCH_BARS);
        let mut feed = Feed { history, asked, scale, batch, asking: 0, place: 0, row: 0 };
        feed.refill();
        feed
    }

    fn refill(&mut self) {
        let rows = self.row..self.history.len().min(self.row + BATCH_BARS);
        self.asking = self.asked.map_or(0, |asked| asked.asking(rows.start, rows.len()));
        self.history.kernel_bars(rows, self.scale, &mut self.batch);
        self.place = 0;
    }

    /// Return when the next bar closes, later than everything when there is none.
    #[inline]
    fn closes(&self) -> i64 {
        self.batch.get(self.place).map_or(i64::MAX, |bar| bar.close_ns)
    }

    /// Take the next bar, which exists, and return whether anything is asked on it.
    #[inline]
    fn take(&mut self, bars: &mut Vec<record::Bar>) -> bool {
        bars.push(self.batch[self.place]);
        let asks = self.asking >> self.place & 1 == 1;
        self.row += 1;
        self.place += 1;
        if self.place == self.batch.len() {
            self.refill();
        }
        asks
    }

    fn is_over(&self) -> bool {
        self.batch.is_empty()
    }
}

/// What a step brings.
#[derive(Default)]
pub struct Step {
    pub bars: Vec<record::Bar>,
    /// What is asked on its bars, each with the row of its bar.
    pub asked: Vec<(usize, usize)>,
    /// The instruments that have had their last bar.
    pub ended: Vec<u32>,
}

impl Step {
    /// Take every bar that closes at the earliest time.
    pub fn take(&mut self, feeds: &mut [Feed<'_>]) {
        self.bars.clear();
        self.asked.clear();
        self.ended.clear();
        let time = feeds.iter().map(Feed::closes).min();
        for (place, feed) in feeds.iter_mut().enumerate() {
            if Some(feed.closes()) != time {
                continue;
            }
            if feed.take(&mut self.bars) {
                self.asked.push((place, feed.row - 1));
            }
            if feed.is_over() {
                self.ended.push(feed.history.instrument());
            }
        }
    }
}
