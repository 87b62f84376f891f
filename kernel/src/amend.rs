//! Changing what waits or is held, in place: orders, and the levels of tickets (R33).

use crate::account::Account;
use crate::book::Waiting;
use crate::number::RATE_ONE;
use crate::order::{OrderKind, Size};
use crate::record::{Cause, Event, EventKind};
use crate::refusal::Refusal;
use crate::rules::Holding;

impl Account {
    /// Change the price, limit or quantity of an order that waits, in place (its number and turn stay).
    pub fn amend(
        &mut self,
        number: u64,
        price: Option<i64>,
        limit: Option<i64>,
        quantity: Option<i64>,
    ) -> Result<(), Refusal> {
        let checked = self.check_amend(number, price, limit, quantity);
        let (instrument, amended) = match checked {
            Ok(found) => found,
            Err(refusal) => {
                let instrument = self.find_order(number).unwrap_or(0);
                self.warn(instrument, number, 0, refusal);
                return Err(refusal);
            }
        };
        let book = &mut self.books[instrument];
        book.changed = true;
        if let Some(waiting) = book.orders.iter_mut().find(|waiting| waiting.number == number) {
            *waiting = amended;
        }
        self.push(Event {
            order: number,
            ticket: amended.order.ticket,
            price: amended.price,
            reference: amended.order.limit,
            quantity: amended.order.side.sign() * amended.remaining,
            order_kind: amended.order.kind,
            ..self.event(instrument, EventKind::Amended)
        });
        Ok(())
    }

    fn check_amend(
        &self,
        number: u64,
        price: Option<i64>,
        limit: Option<i64>,
        quantity: Option<i64>,
    ) -> Result<(usize, Waiting), Refusal> {
        let instrument = self.find_order(number).ok_or(Refusal::OrderMustBeWaiting)?;
        let found = self.books[instrument].orders.iter().find(|waiting| waiting.number == number);
        let mut amended = *found.ok_or(Refusal::OrderMustBeWaiting)?;
        let before = amended.remaining;
        let order = &mut amended.order;
        if let Some(price) = price {
            if order.kind == OrderKind::Market || order.kind == OrderKind::TrailingStop {
                return Err(Refusal::AmendmentMustSuitOrder);
            }
            order.price = price;
            amended.price = price;
        }
        if let Some(limit) = limit {
            if !matches!(order.kind, OrderKind::StopLimit | OrderKind::LimitIfTouched) {
                return Err(Refusal::AmendmentMustSuitOrder);
            }
            order.limit = limit;
        }
        if let Some(quantity) = quantity {
            order.size = Size::Quantity(quantity);
            order.size = self.check_size(order)?;
            if let Size::Quantity(stepped) = order.size {
                amended.remaining = stepped;
            }
        }
        self.check_prices(order)?;
        self.check_bracket(order)?;
        if price.is_some() || limit.is_some() || amended.remaining > before {
            self.check_amounts(&amended.order)?;
        }
        // A bar that had opened before cannot fill at what was asked for later.
        amended.from_ns = amended.from_ns.max(self.clock_ns);
        Ok((instrument, amended))
    }

    /// Set stop and target of an open ticket (R33): None leaves one as it is, 0 takes it away. A new target
    /// takes the place of all that are left.
    pub fn amend_ticket(
        &mut self,
        number: u64,
        stop_loss: Option<i64>,
        take_profit: Option<i64>,
    ) -> Result<(), Refusal> {
        if let Err(refusal) = self.check_ticket_levels(number, stop_loss, take_profit) {
            let instrument = self.find_ticket(number).map_or(0, |(instrument, _)| instrument);
            self.warn(instrument, 0, number, refusal);
            return Err(refusal);
        }
        let (instrument, _) = self.find_ticket(number).ok_or(Refusal::TicketMustBeOpen)?;
        let book = &mut self.books[instrument];
        book.changed = true;
        let place = book.ticket(number).ok_or(Refusal::TicketMustBeOpen)?;
        let ticket = &mut book.tickets[place];
        if let Some(stop) = stop_loss {
            ticket.stop_loss = stop;
            ticket.stop_cause = Cause::StopLoss;
        }
        if let Some(target) = take_profit {
            // Targets that were reached stay counted: a break-even after a rung is earned for good.
            let next = (ticket.rung as usize).min(ticket.rungs.len() - 1);
            ticket.rung = next as u8;
            ticket.rungs[next..].iter_mut().for_each(|rung| *rung = 0);
            ticket.rungs[next] = target;
            ticket.shares[next] = RATE_ONE;
            ticket.rung_left = 0;
        }
        let (stop_loss, take_profit) = (ticket.stop_loss, ticket.take_profit());
        let event = self.event(instrument, EventKind::Amended);
        self.push(Event { ticket: number, stop_loss, take_profit, ..event });
        Ok(())
    }

    fn check_ticket_levels(
        &self,
        number: u64,
        stop_loss: Option<i64>,
        take_profit: Option<i64>,
    ) -> Result<(), Refusal> {
        if self.finished {
            return Err(Refusal::RunMustBeOpen);
        }
        let (instrument, ticket) = self.find_ticket(number).ok_or(Refusal::TicketMustBeOpen)?;
        if self.rules.market.holding == Holding::Net {
            return Err(Refusal::NetMustHaveNoBracket);
        }
        let close = self.books[instrument].bar.close;
        let levels = [
            (stop_loss, -ticket.direction, Refusal::StopMustBeBeyondPrice),
            (take_profit, ticket.direction, Refusal::TargetMustBeBeyondPrice),
        ];
        for (level, side, wrong) in levels {
            if let Some(price) = level.filter(|price| *price != 0) {
                self.check_price(instrument, price)?;
                if side * (price - close) <= 0 {
                    return Err(wrong);
                }
            }
        }
        Ok(())
    }
}
