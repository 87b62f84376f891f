//! The finer bars inside the bars of a run.

use eyas_kernel::record;
use pyo3::prelude::*;

use crate::history::History;

/// What a caller gives: the finer bars of one instrument, or of each.
#[derive(FromPyObject)]
pub enum Finer {
    One(Py<History>),
    Each(Vec<Option<Py<History>>>),
}

/// The finer bars of every instrument that has any, each with the row up to which they have been taken.
pub struct Feeds<'a>(Vec<(&'a History, Option<usize>)>);

impl<'a> Feeds<'a> {
    pub fn new(finer: Option<&'a Finer>) -> Feeds<'a> {
        let found = match finer {
            None => Vec::new(),
            Some(Finer::One(one)) => vec![(one.get(), None)],
            Some(Finer::Each(each)) => each.iter().flatten().map(|one| (one.get(), None)).collect(),
        };
        Feeds(found)
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Append the finer bars that open inside a bar. Bars come in order, so only the first is searched for.
    pub fn take(&mut self, account: &eyas_kernel::Account, bar: &record::Bar, inside: &mut Vec<record::Bar>) {
        let scale = account.scale_of(bar.instrument);
        let feed = self.0.iter_mut().find(|(history, _)| history.instrument() == bar.instrument);
        let Some((history, next)) = feed else { return };
        let mut row = next.unwrap_or_else(|| history.first_from(bar.time_ns));
        while row < history.len() && history.time(row) < bar.close_ns {
            if history.time(row) >= bar.time_ns {
                inside.push(history.kernel_bar(row, scale));
            }
            row += 1;
        }
        *next = Some(row);
    }
}
