//! Fills by somebody else's market: no check of cover, the venue has decided.

use crate::account::Account;
use crate::book::Waiting;
use crate::booking::Trade;
use crate::bracket::{plan, Plan};
use crate::number::{MONEY_MAX, UNITS_MAX};
use crate::order::Intent;
use crate::position::{Opening, Ticket};
use crate::record::{Cause, Event, EventKind, Fill, Phase};
use crate::refusal::Refusal;
use crate::rules::{Holding, Matching};

impl Account {
    /// Account for a fill by somebody else's market. One that cannot be is refused and recorded as a warning.
    pub fn apply(&mut self, fill: &Fill) -> Result<&[Event], Refusal> {
        if self.rules.market.matching == Matching::Here {
            return Err(Refusal::MatchingMustBeElsewhere);
        }
        let first = self.events.len();
        let before = self.phase;
        self.phase = Phase::Venue;
        self.venue_ns = fill.time_ns;
        let done = self.take_fill(fill);
        if let Err(refusal) = done {
            let instrument = self.find_order(fill.order).unwrap_or(0);
            let event = self.event(instrument, EventKind::Warned);
            self.push(Event { order: fill.order, time_ns: fill.time_ns, refusal, ..event });
        }
        self.phase = before;
        done.map(|()| &self.events[first..])
    }

    fn take_fill(&mut self, fill: &Fill) -> Result<(), Refusal> {
        let instrument = self.find_order(fill.order).ok_or(Refusal::OrderMustBeWaiting)?;
        let book = &self.books[instrument];
        let found = book.orders.iter().position(|waiting| waiting.number == fill.order);
        let place = found.ok_or(Refusal::OrderMustBeWaiting)?;
        let waiting = book.orders[place];
        if waiting.held {
            return Err(Refusal::OrderMustBeWaiting);
        }
        let in_range =
            fill.price > 0 && fill.price <= UNITS_MAX && fill.fee.unsigned_abs() <= MONEY_MAX as u128;
        if !in_range || self.purses.iter().any(|purse| purse.cash.abs() > MONEY_MAX) {
            return Err(Refusal::MoneyMustStayInRange);
        }
        if fill.quantity <= 0 || fill.quantity > waiting.remaining {
            return Err(Refusal::QuantityMustBeInRange);
        }
        let trade = Trade {
            order: fill.order,
            order_kind: waiting.order.kind,
            price: fill.price,
            reference: fill.price,
            quantity: fill.quantity,
            fee: fill.fee,
            time_ns: fill.time_ns,
        };
        match waiting.order.intent {
            Intent::Close => self.venue_closes(instrument, &waiting, trade)?,
            Intent::Reduce => self.venue_reduces(instrument, &waiting, trade, Cause::Reduce)?,
            Intent::Open | Intent::Add => self.venue_enters(instrument, &waiting, trade)?,
        }
        let book = &mut self.books[instrument];
        if book.index < 0 {
            // Before the first bar nothing else says what it is worth.
            book.mark = fill.price;
        }
        self.guard.filled();
        self.cancel_partners(waiting.group, waiting.number);
        let left = &mut self.books[instrument].orders[place];
        left.remaining -= fill.quantity;
        left.traded = true;
        if left.remaining == 0 {
            left.done = true;
            self.complete(fill.order);
        }
        self.released.clear();
        for instrument in 0..self.books.len() {
            self.forget(instrument);
        }
        Ok(())
    }

    fn venue_closes(&mut self, instrument: usize, waiting: &Waiting, trade: Trade) -> Result<(), Refusal> {
        let book = &self.books[instrument];
        let place = book.ticket(waiting.order.ticket).ok_or(Refusal::TicketMustBeOpen)?;
        if book.tickets[place].quantity < trade.quantity {
            return Err(Refusal::TicketMustBeOpen);
        }
        self.close(instrument, place, trade, Cause::Close);
        Ok(())
    }

    /// Close the oldest tickets of the other side; the first fill bears the fee.
    fn venue_reduces(
        &mut self,
        instrument: usize,
        waiting: &Waiting,
        trade: Trade,
        cause: Cause,
    ) -> Result<(), Refusal> {
        let side = waiting.order.side.sign();
        if self.reducible(instrument, side) < trade.quantity {
            return Err(Refusal::TicketMustBeOpen);
        }
        let (mut left, mut fee) = (trade.quantity, trade.fee);
        for place in 0..self.books[instrument].tickets.len() {
            let ticket = &self.books[instrument].tickets[place];
            let part = left.min(ticket.quantity);
            if ticket.direction != side && part > 0 {
                self.close(instrument, place, Trade { quantity: part, fee, ..trade }, cause);
                left -= part;
                fee = 0;
            }
        }
        Ok(())
    }

    fn venue_enters(
        &mut self,
        instrument: usize,
        waiting: &Waiting,
        mut trade: Trade,
    ) -> Result<(), Refusal> {
        let side = waiting.order.side.sign();
        if self.rules.market.holding == Holding::Net {
            let reduced = self.reducible(instrument, side).min(trade.quantity);
            if reduced > 0 {
                let part = Trade { quantity: reduced, ..trade };
                self.venue_reduces(instrument, waiting, part, Cause::Close)?;
                trade.quantity -= reduced;
                trade.fee = 0;
            }
            if trade.quantity == 0 {
                return Ok(());
            }
        }
        let book = &self.books[instrument];
        if trade.quantity > UNITS_MAX - book.gross_quantity {
            return Err(Refusal::MoneyMustStayInRange);
        }
        let net = self.rules.market.holding == Holding::Net;
        let into = if waiting.order.intent == Intent::Add { waiting.order.ticket } else { waiting.number };
        let joins = match net {
            true => book.tickets.iter().position(|ticket| ticket.quantity > 0),
            false => book.ticket(into),
        };
        if joins.is_none() && waiting.order.intent == Intent::Add {
            return Err(Refusal::TicketMustBeOpen);
        }
        let mut ticket = match joins {
            Some(place) => book.tickets[place],
            None => {
                // The venue has filled: a level on the wrong side of its price cannot stand.
                let levels = plan(&waiting.order.bracket, side, trade.price, trade.price);
                let opening = Opening {
                    bar: self.step,
                    index: book.index,
                    turn: self.turn,
                    phase: Phase::Venue,
                    time_ns: trade.time_ns,
                    known_ns: trade.time_ns,
                };
                let levels = levels.unwrap_or(Plan::NONE);
                Ticket::new(into, side, trade.price, &levels, &waiting.order.bracket, opening)
            }
        };
        ticket.enter(trade.quantity, trade.price, trade.reference, trade.fee);
        ticket.liquidation = self.liquidation_of(instrument, &ticket).unwrap_or(0);
        let cause = if ticket.number == waiting.number { Cause::Entry } else { Cause::Average };
        self.open(instrument, joins, &ticket, trade, cause);
        Ok(())
    }
}
