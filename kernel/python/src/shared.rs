//! Work on many rows, shared with a second thread if one comes by.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

/// Fewer rows than these are not worth a second thread.
const LONG: usize = 1 << 17;
/// Rows that a thread takes at a time, about.
const PART: usize = 1 << 14;

/// What two threads have to do: each takes the next part that is left.
struct Parts {
    next: AtomicUsize,
    done: AtomicUsize,
    failed: AtomicBool,
    count: usize,
    length: usize,
    /// Lives until all parts are done, and is not looked at after that.
    work: *const (dyn Fn(usize, usize) + Sync),
}

// SAFETY: what `work` points to may be called from any thread (it is Sync), and only by who has taken a part;
// `shared` does not return before every part that was taken is done.
unsafe impl Send for Parts {}
unsafe impl Sync for Parts {}

impl Parts {
    /// Take parts until none is left.
    fn take(&self) {
        loop {
            let first = self.next.fetch_add(self.length, Ordering::Relaxed);
            if first >= self.count {
                return;
            }
            // SAFETY: a part was taken, so `shared` waits for it.
            let work = unsafe { &*self.work };
            let end = self.count.min(first + self.length);
            if catch_unwind(AssertUnwindSafe(|| work(first, end))).is_err() {
                self.failed.store(true, Ordering::Relaxed);
            }
            self.done.fetch_add(1, Ordering::Release);
        }
    }
}

/// Return how many processors there are; the system is asked once, since it reads files to know.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, |cores| cores.get()))
}

/// Do something with some rows, with many a part at a time on two threads; return what that gave, in order.
///
/// All but the last part end at a multiple of `unit`. Nobody waits for a second thread that gets no processor:
/// what it has not taken the first one does, so that on a busy machine this is no slower than a plain loop.
pub fn shared<R: Send>(count: usize, unit: usize, work: impl Fn(usize, usize) -> R + Sync) -> Vec<R> {
    if count < LONG || cores() < 2 {
        return vec![work(0, count)];
    }
    let length = (PART / unit).max(1) * unit;
    let found = Mutex::new(Vec::new());
    let keep = |first: usize, end: usize| {
        let result = work(first, end);
        found.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((first, result));
    };
    let keep: &(dyn Fn(usize, usize) + Sync) = &keep;
    // SAFETY: only the lifetime changes; see `Parts`.
    let keep: &'static (dyn Fn(usize, usize) + Sync) = unsafe { std::mem::transmute(keep) };
    let parts = Arc::new(Parts {
        next: AtomicUsize::new(0),
        done: AtomicUsize::new(0),
        failed: AtomicBool::new(false),
        count,
        length,
        work: keep,
    });
    let theirs = parts.clone();
    // Where no thread can be had, there is one all the same.
    let _ = thread::Builder::new().spawn(move || theirs.take());
    parts.take();
    while parts.done.load(Ordering::Acquire) < count.div_ceil(length) {
        thread::yield_now();
    }
    assert!(!parts.failed.load(Ordering::Relaxed), "a part of the rows could not be worked on");
    let mut found = found.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    found.sort_by_key(|(first, _)| *first);
    found.into_iter().map(|(_, result)| result).collect()
}
