//! What a fill does to tickets and cash, and how it is written down. Every change of money is here.

use crate::account::{Account, Waiting};
use crate::costs::{fee, fill_price, FillKind};
use crate::number::{multiply_divide, MONEY_MAX, RATE_ONE, UNITS_MAX};
use crate::order::{Intent, Order, Size};
use crate::position::{levels, Ticket};
use crate::record::{Cause, Event, EventKind, Fill, Phase};
use crate::refusal::Refusal;
use crate::rules::AccountKind;

impl Account {
    /// Fill a waiting order, or refuse it as a whole; either way it waits no longer.
    pub(crate) fn fill_or_refuse(&mut self, waiting: &Waiting, reference: i64, kind: FillKind) {
        if let Err(refusal) = self.fill(waiting, reference, kind) {
            self.refuse(waiting.number, refusal);
        }
    }

    /// Fill an order at a price before costs, or say why not; a refusal changes nothing (R5).
    pub(crate) fn fill(&mut self, waiting: &Waiting, reference: i64, kind: FillKind) -> Result<(), Refusal> {
        match waiting.order.intent {
            Intent::Open { .. } => self.enter(waiting.number, &waiting.order, reference, kind),
            Intent::Close { ticket } => {
                let held = self.tickets.iter().position(|held| held.number == ticket && held.quantity > 0);
                let place = held.ok_or(Refusal::TicketMustBeOpen)?;
                let quantity = self.close_quantity(&self.tickets[place], waiting.order.size, reference)?;
                self.exit(place, quantity, reference, kind, Cause::Close, waiting.number);
                // On its way through the waiting orders `matching` forgets empty tickets itself.
                if self.phase == Phase::Decision {
                    self.forget_empty_tickets();
                }
                Ok(())
            }
        }
    }

    /// Return how much of a ticket a close takes: more than is left closes all (R24, R29, R30).
    fn close_quantity(&self, ticket: &Ticket, size: Size, reference: i64) -> Result<i64, Refusal> {
        let wanted = match size {
            Size::Quantity(quantity) => quantity as i128,
            Size::Notional(money) => money / self.exit_price(ticket, reference, FillKind::Market) as i128,
            Size::Fraction(rate) => {
                multiply_divide(ticket.quantity as i128, rate, RATE_ONE).unwrap_or(i128::MAX)
            }
        };
        if wanted >= ticket.quantity as i128 {
            return Ok(ticket.quantity);
        }
        match size {
            Size::Notional(_) => self.step_down(wanted),
            _ => self.stepped(wanted as i64).map(|quantity| quantity.min(ticket.quantity)),
        }
    }

    /// Return the price at which a ticket leaves. An exit is never refused: a price that costs would move
    /// out of range stays where it is.
    fn exit_price(&self, ticket: &Ticket, reference: i64, kind: FillKind) -> i64 {
        fill_price(&self.rules, kind, -ticket.direction, reference).unwrap_or(reference)
    }

    pub(crate) fn reentry_blocked(&self) -> bool {
        !self.rules.reentry_same_bar && self.closed_bar == self.bar_index
    }

    fn enter(&mut self, number: u64, order: &Order, reference: i64, kind: FillKind) -> Result<(), Refusal> {
        let direction = order.side.sign();
        if self.reentry_blocked() {
            return Err(Refusal::ReentryMustWaitForNextBar);
        }
        if direction < 0 && !(self.rules.short && self.rules.account == AccountKind::Margin) {
            return Err(Refusal::ShortMustBeAllowed);
        }
        if self.rules.tickets_max.map_or(false, |most| self.open_tickets() >= most as usize) {
            return Err(Refusal::TicketsMustStayWithinLimit);
        }
        let price = fill_price(&self.rules, kind, direction, reference).ok_or(Refusal::PriceMustBeInRange)?;
        let brackets = match order.intent {
            Intent::Open { stop_loss, take_profit } => {
                levels(direction, stop_loss, take_profit, price, reference)?
            }
            Intent::Close { .. } => (0, 0),
        };
        let quantity = self.entry_quantity(order.size, reference, price, kind)?;
        if quantity > UNITS_MAX - self.gross_quantity || self.cash.abs() > MONEY_MAX {
            return Err(Refusal::MoneyMustStayInRange);
        }
        let notional = quantity as i128 * price as i128;
        let fee = fee(&self.rules, kind, notional);
        self.check_cover(reference, notional, fee)?;
        let trade = Trade { order: number, price, reference, quantity, fee, time_ns: self.bar.time_ns };
        self.open(direction, brackets, trade);
        Ok(())
    }

    /// Open a ticket, or add to it when a venue fills its order in parts.
    fn open(&mut self, direction: i64, (stop_loss, take_profit): (i64, i64), trade: Trade) {
        let cost = trade.quantity as i128 * trade.price as i128;
        match self.tickets.iter_mut().find(|ticket| ticket.number == trade.order) {
            Some(ticket) => {
                ticket.quantity += trade.quantity;
                ticket.cost += cost;
                ticket.entered += trade.quantity;
                ticket.entry_cost += cost;
                ticket.fees += trade.fee;
            }
            None => self.tickets.push(Ticket {
                number: trade.order,
                direction,
                quantity: trade.quantity,
                cost,
                stop_loss,
                take_profit,
                opened_bar: self.bar_index,
                opened_phase: self.phase,
                opened_ns: trade.time_ns,
                entered: trade.quantity,
                entry_cost: cost,
                exit_proceeds: 0,
                profit: 0,
                fees: trade.fee,
            }),
        }
        let signed = direction * trade.quantity;
        let ticket = trade.order;
        self.book(signed, direction as i128 * cost, 0, &trade, ticket, Cause::Entry);
        self.gross_quantity += trade.quantity;
    }

    /// Take `quantity` out of a ticket at a price before costs.
    pub(crate) fn exit(
        &mut self,
        place: usize,
        quantity: i64,
        reference: i64,
        kind: FillKind,
        cause: Cause,
        order: u64,
    ) {
        let price = self.exit_price(&self.tickets[place], reference, kind);
        let fee = fee(&self.rules, kind, quantity as i128 * price as i128);
        let trade = Trade { order, price, reference, quantity, fee, time_ns: self.bar.time_ns };
        self.close(place, trade, cause);
    }

    fn close(&mut self, place: usize, trade: Trade, cause: Cause) {
        let proceeds = trade.quantity as i128 * trade.price as i128;
        let ticket = &mut self.tickets[place];
        let basis = ticket.release(trade.quantity);
        let profit = ticket.profit_of(proceeds, basis);
        ticket.exit_proceeds += proceeds;
        ticket.profit += profit;
        ticket.fees += trade.fee;
        let ticket = *ticket;
        let signed = -ticket.direction * trade.quantity;
        self.gross_quantity -= trade.quantity;
        self.book(signed, -ticket.direction as i128 * basis, profit, &trade, ticket.number, cause);
        if ticket.quantity == 0 {
            self.retire(&ticket, &trade, cause);
        }
    }

    /// Move money: the one place where cash changes after the start.
    fn book(
        &mut self,
        signed: i64,
        signed_basis: i128,
        profit: i128,
        trade: &Trade,
        ticket: u64,
        cause: Cause,
    ) {
        let worth = self.worth_at(trade.price);
        let change = match self.rules.account {
            AccountKind::Margin => profit - trade.fee,
            AccountKind::Cash => -(signed as i128 * trade.price as i128) - trade.fee,
        };
        self.cash += change;
        self.net_quantity += signed;
        self.net_cost += signed_basis;
        // Trading at a price cannot change what we are worth at that price, except by the fee.
        assert_eq!(self.worth_at(trade.price), worth - trade.fee, "a fill conserves money");
        self.push(Event {
            time_ns: trade.time_ns,
            order: trade.order,
            ticket,
            price: trade.price,
            reference: trade.reference,
            quantity: signed,
            fee: trade.fee,
            profit,
            cash: change,
            cause,
            ..self.event(EventKind::Filled)
        });
    }

    /// Write down the trade that an empty ticket has become, and cancel its queued closes (R24).
    fn retire(&mut self, ticket: &Ticket, trade: &Trade, cause: Cause) {
        self.push(Event {
            time_ns: trade.time_ns,
            order: trade.order,
            ticket: ticket.number,
            price: ticket.exit_price(),
            reference: ticket.entry_price(),
            quantity: ticket.direction * ticket.entered,
            fee: ticket.fees,
            profit: ticket.profit - ticket.fees,
            cause,
            ..self.event(EventKind::Closed)
        });
        self.closed_bar = self.bar_index;
        for place in 0..self.orders.len() {
            let waiting = self.orders[place];
            let of_ticket = waiting.order.intent == Intent::Close { ticket: ticket.number };
            // A venue may be asked for more than the ticket held: the rest of that close goes too.
            let rest = self.phase == Phase::Venue && waiting.remaining > trade.quantity;
            if of_ticket && !waiting.done && (waiting.number != trade.order || rest) {
                self.orders[place].done = true;
                let (time_ns, order, cause) = (trade.time_ns, waiting.number, Cause::TicketClosed);
                self.push(Event { time_ns, order, cause, ..self.event(EventKind::Cancelled) });
            }
        }
    }

    /// Forget closed tickets, and what was cancelled with them. Never while orders are walked through.
    pub(crate) fn forget_empty_tickets(&mut self) {
        if self.tickets.iter().any(|ticket| ticket.quantity == 0) {
            self.tickets.retain(|ticket| ticket.quantity > 0);
            self.orders.retain(|waiting| !waiting.done);
        }
    }

    fn open_tickets(&self) -> usize {
        self.tickets.iter().filter(|ticket| ticket.quantity > 0).count()
    }

    pub(crate) fn cancel_all(&mut self, cause: Cause) {
        for waiting in core::mem::take(&mut self.orders) {
            if !waiting.done {
                self.cancelled(waiting.number, cause);
            }
        }
    }

    /// Close every ticket at the close of the bar, as fills at the market with costs.
    pub(crate) fn close_all(&mut self, cause: Cause) {
        for place in 0..self.tickets.len() {
            let quantity = self.tickets[place].quantity;
            if quantity > 0 {
                self.exit(place, quantity, self.bar.close, FillKind::Market, cause, 0);
            }
        }
        self.forget_empty_tickets();
    }

    /// Account for what a venue filled of a waiting order.
    pub(crate) fn take_venue_fill(&mut self, place: usize, fill: &Fill) -> Result<(), Refusal> {
        let waiting = self.orders[place];
        let in_range = fill.price > 0 && fill.price <= UNITS_MAX && fill.fee.abs() <= MONEY_MAX;
        if !in_range || self.cash.abs() > MONEY_MAX {
            return Err(Refusal::MoneyMustStayInRange);
        }
        if fill.quantity <= 0 || fill.quantity > waiting.remaining {
            return Err(Refusal::QuantityMustBeInRange);
        }
        let trade = Trade {
            order: fill.order,
            price: fill.price,
            reference: fill.price,
            quantity: fill.quantity,
            fee: fill.fee,
            time_ns: fill.time_ns,
        };
        let before = self.phase;
        self.phase = Phase::Venue;
        let done = self.book_venue_fill(&waiting, trade);
        self.phase = before;
        done?;
        if let Some(left) = self.orders.iter_mut().find(|left| left.number == fill.order) {
            left.remaining -= fill.quantity;
            left.done |= left.remaining == 0;
        }
        self.orders.retain(|left| !left.done);
        self.forget_empty_tickets();
        Ok(())
    }

    fn book_venue_fill(&mut self, waiting: &Waiting, trade: Trade) -> Result<(), Refusal> {
        match waiting.order.intent {
            Intent::Open { stop_loss, take_profit } => {
                if trade.quantity > UNITS_MAX - self.gross_quantity {
                    return Err(Refusal::MoneyMustStayInRange);
                }
                let direction = waiting.order.side.sign();
                // The venue has filled: a level on the wrong side of its price cannot stand.
                let brackets = levels(direction, stop_loss, take_profit, trade.price, trade.price);
                self.open(direction, brackets.unwrap_or((0, 0)), trade);
            }
            Intent::Close { ticket } => {
                let held = |held: &Ticket| held.number == ticket && held.quantity >= trade.quantity;
                let place = self.tickets.iter().position(held).ok_or(Refusal::TicketMustBeOpen)?;
                self.close(place, trade, Cause::Close);
            }
        }
        Ok(())
    }

    fn cancelled(&mut self, number: u64, cause: Cause) {
        self.push(Event { order: number, cause, ..self.event(EventKind::Cancelled) });
    }

    pub(crate) fn refuse(&mut self, number: u64, refusal: Refusal) {
        self.push(Event { order: number, refusal, ..self.event(EventKind::Refused) });
    }

    /// Return an empty event of this moment.
    pub(crate) fn event(&self, kind: EventKind) -> Event {
        Event {
            seq: 0,
            time_ns: self.bar.time_ns,
            bar: self.bar_index,
            order: 0,
            ticket: 0,
            price: 0,
            reference: 0,
            quantity: 0,
            fee: 0,
            profit: 0,
            cash: 0,
            instrument: self.bar.instrument,
            kind,
            phase: self.phase,
            cause: Cause::None,
            refusal: Refusal::None,
        }
    }

    /// Append to the journal, without gaps.
    pub(crate) fn push(&mut self, event: Event) {
        self.events.push(Event { seq: self.next_seq, ..event });
        self.next_seq += 1;
    }
}

/// The terms of one execution.
#[derive(Clone, Copy)]
struct Trade {
    order: u64,
    price: i64,
    reference: i64,
    quantity: i64,
    fee: i128,
    time_ns: i64,
}
