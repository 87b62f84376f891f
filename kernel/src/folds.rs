//! Reads a journal's bytes again, for those who fold it: excursions, what was paid, exposure.

use crate::names::Field;
use crate::record::{Event, EventKind};

/// Show every event of some kinds to `take`, in order. None when the bytes are no journal, or no longer one.
pub fn each_event(bytes: &[u8], kinds: &[EventKind], mut take: impl FnMut(&Event)) -> Option<()> {
    let before = Event::FIELDS.iter().take_while(|field| field.0 != "kind");
    let kind_at: usize = before.map(|field| field.2).sum();
    let rows = bytes.chunks_exact(Event::SIZE);
    if !rows.remainder().is_empty() {
        return None;
    }
    for mut row in rows {
        // Most events are of other kinds, and need not be read.
        if kinds.iter().any(|kind| kind.code() == row[kind_at]) {
            take(&Event::take(&mut row)?);
        }
    }
    Some(())
}
