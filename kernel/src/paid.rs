//! What trading cost beside its fees, and how much was traded: a fold of the journal.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::names::record;
use crate::record::{Cause, Event, EventKind};

record! {
    fixed
    /// What one ticket, or one instrument as a whole (ticket 0), has traded and paid, as money of its currency.
    pub struct Paid {
        pub ticket: u64,
        /// Traded money: purchases and sales, at the prices of the fills.
        pub bought: i128,
        pub sold: i128,
        /// What spread and slippage took: by how much fills were worse than the prices before them.
        pub slippage: i128,
        /// Fees of the fills.
        pub fees: i128,
        /// Funding and borrowing; below 0 where it was received.
        pub funding: i128,
        pub borrowing: i128,
        pub instrument: u32,
    }
}

record! {
    fixed
    /// One fill: the money it traded (a sale is negative), and what spread and slippage took of it.
    pub struct FillCost {
        pub notional: i128,
        pub slippage: i128,
    }
}

/// Folds the events of a journal, in order: `Filled`, `Charged` and `Closed`.
#[derive(Debug, Default)]
pub struct Payments {
    open: BTreeMap<u64, Paid>,
    trades: Vec<Paid>,
    totals: BTreeMap<u32, Paid>,
    fills: Vec<FillCost>,
}

impl FillCost {
    /// Return what a fill cost. One without a price before its costs, as of another market, says nothing of them.
    pub fn of(fill: &Event) -> FillCost {
        let quantity = fill.quantity as i128;
        let moved = if fill.reference == 0 { 0 } else { fill.price as i128 - fill.reference as i128 };
        FillCost { notional: fill.price as i128 * quantity, slippage: moved * quantity }
    }
}

impl Payments {
    pub fn take(&mut self, event: &Event) {
        match event.kind {
            EventKind::Filled => {
                let cost = FillCost::of(event);
                self.fills.push(cost);
                self.add(event, |paid| paid.fill(&cost, event.fee));
            }
            EventKind::Charged => self.add(event, |paid| paid.charge(event.cause, event.fee)),
            EventKind::Closed => {
                let (ticket, instrument) = (event.ticket, event.instrument);
                let none = Paid { ticket, instrument, ..Paid::NOTHING };
                self.trades.push(self.open.remove(&ticket).unwrap_or(none));
            }
            _ => {}
        }
    }

    /// Return a row for every closed ticket, in order of closing.
    pub fn trades(&self) -> &[Paid] {
        &self.trades
    }

    /// Return a row for every instrument that traded, by number, tickets that are still open included.
    pub fn totals(&self) -> Vec<Paid> {
        self.totals.values().copied().collect()
    }

    /// Return a row for every fill, in order of the journal.
    pub fn fills(&self) -> &[FillCost] {
        &self.fills
    }

    fn add(&mut self, event: &Event, change: impl Fn(&mut Paid)) {
        let (ticket, instrument) = (event.ticket, event.instrument);
        change(self.open.entry(ticket).or_insert(Paid { ticket, instrument, ..Paid::NOTHING }));
        change(self.totals.entry(instrument).or_insert(Paid { instrument, ..Paid::NOTHING }));
    }
}

impl Paid {
    const NOTHING: Paid =
        Paid { ticket: 0, bought: 0, sold: 0, slippage: 0, fees: 0, funding: 0, borrowing: 0, instrument: 0 };

    fn fill(&mut self, cost: &FillCost, fee: i128) {
        if cost.notional > 0 {
            self.bought = self.bought.saturating_add(cost.notional);
        } else {
            self.sold = self.sold.saturating_sub(cost.notional);
        }
        self.slippage = self.slippage.saturating_add(cost.slippage);
        self.fees = self.fees.saturating_add(fee);
    }

    fn charge(&mut self, cause: Cause, owed: i128) {
        let sum = if cause == Cause::Borrow { &mut self.borrowing } else { &mut self.funding };
        *sum = sum.saturating_add(owed);
    }
}
