//! How what happens is written down, and how orders end.

use crate::account::Account;
use crate::order::OrderKind;
use crate::record::{Cause, Event, EventKind, Phase};
use crate::refusal::Refusal;

impl Account {
    /// Return an empty event of this moment.
    pub(crate) fn event(&self, instrument: usize, kind: EventKind) -> Event {
        let book = self.books.get(instrument);
        let now = book.filter(|book| book.step == self.step && self.step >= 0);
        Event {
            seq: 0,
            time_ns: match self.phase {
                Phase::Venue => self.venue_ns,
                _ => now.map_or(self.time_ns, |book| book.bar.time_ns),
            },
            bar: self.step,
            order: 0,
            ticket: 0,
            price: 0,
            reference: 0,
            quantity: 0,
            fee: 0,
            profit: 0,
            cash: 0,
            stop_loss: 0,
            take_profit: 0,
            instrument: instrument as u32,
            kind,
            phase: self.phase,
            cause: Cause::None,
            refusal: Refusal::None,
            order_kind: OrderKind::None,
        }
    }

    /// Append to the journal, without gaps.
    pub(crate) fn push(&mut self, mut event: Event) {
        event.seq = self.next_seq;
        self.events.push(event);
        self.next_seq += 1;
    }

    pub(crate) fn refuse(&mut self, instrument: usize, order: u64, order_kind: OrderKind, refusal: Refusal) {
        self.push(Event { order, order_kind, refusal, ..self.event(instrument, EventKind::Refused) });
    }

    /// Write down that something was not done, or was done though a stricter rule would not.
    pub(crate) fn warn(&mut self, instrument: usize, order: u64, ticket: u64, refusal: Refusal) {
        self.push(Event { order, ticket, refusal, ..self.event(instrument, EventKind::Warned) });
    }

    /// Refuse what could not even become an order; it bears a number all the same (R35).
    pub(crate) fn refuse_unread(&mut self, instrument: u32, refusal: Refusal) -> Result<u64, Refusal> {
        self.last_order += 1;
        self.refuse(instrument as usize, self.last_order, OrderKind::None, refusal);
        Err(refusal)
    }

    /// Cancel a waiting order, and those that waited for it. It is forgotten by `Book::forget`.
    pub(crate) fn drop_order(&mut self, instrument: usize, place: usize, cause: Cause) {
        let waiting = &mut self.books[instrument].orders[place];
        waiting.done = true;
        let (order, order_kind) = (waiting.number, waiting.order.kind);
        self.push(Event { order, order_kind, cause, ..self.event(instrument, EventKind::Cancelled) });
        self.orphan(order);
    }

    /// Refuse a waiting order, and cancel those that waited for it.
    pub(crate) fn refuse_order(&mut self, instrument: usize, place: usize, refusal: Refusal) {
        let waiting = &mut self.books[instrument].orders[place];
        waiting.done = true;
        let (order, kind) = (waiting.number, waiting.order.kind);
        self.refuse(instrument, order, kind, refusal);
        self.orphan(order);
    }

    /// Forget what is done in a book, and keep count of what lives.
    pub(crate) fn forget(&mut self, instrument: usize) {
        let book = &mut self.books[instrument];
        let before = book.tickets.len() + book.orders.len();
        book.forget();
        self.live -= before - (book.tickets.len() + book.orders.len());
    }

    pub(crate) fn cancel_all(&mut self, instrument: usize, cause: Cause) {
        for place in 0..self.books[instrument].orders.len() {
            if !self.books[instrument].orders[place].done {
                self.drop_order(instrument, place, cause);
            }
        }
        self.forget(instrument);
    }
}
