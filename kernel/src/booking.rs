//! Every change of money: what enters and leaves a ticket, and how it is written down.

use crate::account::Account;
use crate::book::Waiting;
use crate::costs::{fee, fill_price, FillKind};
use crate::number::UNITS_MAX;
use crate::order::{Intent, OrderKind};
use crate::position::Ticket;
use crate::record::{Cause, Event, EventKind, Phase};
use crate::rules::{AccountKind, MarginMode};

/// The terms of one execution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trade {
    pub order: u64,
    pub order_kind: OrderKind,
    pub price: i64,
    pub reference: i64,
    pub quantity: i64,
    pub fee: i128,
    pub time_ns: i64,
}

impl Account {
    /// Put an entry into the books: a new ticket, or more of one.
    pub(crate) fn open(
        &mut self,
        instrument: usize,
        joins: Option<usize>,
        ticket: &Ticket,
        trade: Trade,
        cause: Cause,
    ) {
        let cost = trade.quantity as i128 * trade.price as i128;
        let book = &mut self.books[instrument];
        match joins {
            Some(place) => book.tickets[place] = *ticket,
            None => {
                book.tickets.push(*ticket);
                self.live += 1;
            }
        }
        let book = &mut self.books[instrument];
        book.gross_quantity += trade.quantity;
        let change = Change {
            signed: ticket.direction * trade.quantity,
            signed_basis: ticket.direction as i128 * cost,
            basis: cost,
            profit: 0,
        };
        let levels = (ticket.stop_loss, ticket.take_profit());
        self.book(instrument, ticket.number, levels, change, &trade, cause);
    }

    /// Return the price at which a holding leaves. An exit is never refused: where costs would move the price
    /// out of range, it is the worst in range.
    pub(crate) fn exit_price(
        &self,
        instrument: usize,
        direction: i64,
        reference: i64,
        kind: FillKind,
        quantity: i64,
    ) -> i64 {
        let book = &self.books[instrument];
        let kinds = self.rules.market.slippage_on;
        let price = fill_price(&book.terms, kinds, kind, -direction, reference, quantity, book.bar.volume);
        price.unwrap_or(if direction > 0 { 1 } else { UNITS_MAX })
    }

    /// Take as much of `quantity` out of a ticket as volume offers, at a price before costs; return how much.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn exit(
        &mut self,
        instrument: usize,
        place: usize,
        quantity: i64,
        reference: i64,
        kind: FillKind,
        cause: Cause,
        order: Option<&Waiting>,
    ) -> i64 {
        // Whoever has to leave leaves, whatever the volume (R23).
        let forced =
            matches!(cause, Cause::MarginCall | Cause::Liquidation | Cause::EndOfData | Cause::Delisted);
        let part = if forced { quantity } else { self.offered(instrument, quantity) };
        if part > 0 {
            let trade = self.exit_trade(instrument, place, part, reference, kind, order);
            self.close(instrument, place, trade, cause);
        }
        part
    }

    pub(crate) fn exit_trade(
        &self,
        instrument: usize,
        place: usize,
        quantity: i64,
        reference: i64,
        kind: FillKind,
        order: Option<&Waiting>,
    ) -> Trade {
        let book = &self.books[instrument];
        let direction = book.tickets[place].direction;
        let price = self.exit_price(instrument, direction, reference, kind, quantity);
        let notional = quantity as i128 * price as i128;
        Trade {
            order: order.map_or(0, |waiting| waiting.number),
            order_kind: order.map_or(OrderKind::None, |waiting| waiting.order.kind),
            price,
            reference,
            quantity,
            fee: fee(&book.terms, kind, quantity, notional, true),
            time_ns: self.event(instrument, EventKind::Filled).time_ns,
        }
    }

    pub(crate) fn close(&mut self, instrument: usize, place: usize, trade: Trade, cause: Cause) {
        let proceeds = trade.quantity as i128 * trade.price as i128;
        let book = &mut self.books[instrument];
        book.changed = true;
        let ticket = &mut book.tickets[place];
        let basis = ticket.release(trade.quantity);
        let profit = ticket.profit_of(proceeds, basis);
        ticket.exit_proceeds = ticket.exit_proceeds.saturating_add(proceeds);
        ticket.profit += profit;
        ticket.fees += trade.fee;
        let (number, left) = (ticket.number, ticket.quantity);
        book.gross_quantity -= trade.quantity;
        let change = Change {
            signed: -ticket.direction * trade.quantity,
            signed_basis: -ticket.direction as i128 * basis,
            basis: -basis,
            profit,
        };
        self.book(instrument, number, (0, 0), change, &trade, cause);
        if left == 0 {
            self.retire(instrument, place, &trade, cause);
        } else if self.rules.market.margin_mode == MarginMode::Isolated {
            self.reckon_liquidation(instrument, place);
        }
    }

    /// Move money: the one place where a fill changes cash. Stop and target are written down with an entry.
    fn book(
        &mut self,
        instrument: usize,
        ticket: u64,
        (stop_loss, take_profit): (i64, i64),
        change: Change,
        trade: &Trade,
        cause: Cause,
    ) {
        let kind = self.rules.market.account;
        let book = &mut self.books[instrument];
        let purse = &mut self.purses[book.purse as usize];
        let before = purse.cash + book.value(kind, trade.price);
        let cash = match kind {
            AccountKind::Margin => change.profit - trade.fee,
            AccountKind::Cash => -(change.signed as i128 * trade.price as i128) - trade.fee,
            AccountKind::Collateral => change.profit - change.basis - trade.fee,
        };
        purse.cash += cash;
        book.net_quantity += change.signed;
        book.net_cost += change.signed_basis;
        book.gross_cost += change.basis;
        if book.available != i64::MAX {
            book.available = (book.available - trade.quantity).max(0);
        }
        // Trading at a price cannot change what we are worth at that price, except by the fee.
        let after = purse.cash + book.value(kind, trade.price);
        assert_eq!(after, before - trade.fee, "a fill conserves money");
        self.push(Event {
            time_ns: trade.time_ns,
            order: trade.order,
            ticket,
            price: trade.price,
            reference: trade.reference,
            quantity: change.signed,
            fee: trade.fee,
            profit: change.profit,
            cash,
            stop_loss,
            take_profit,
            cause,
            order_kind: trade.order_kind,
            ..self.event(instrument, EventKind::Filled)
        });
    }

    /// Write down the trade that an empty ticket has become, and cancel what waited for it (R23, R24).
    fn retire(&mut self, instrument: usize, place: usize, trade: &Trade, cause: Cause) {
        let ticket = &self.books[instrument].tickets[place];
        let (number, side, profit) = (ticket.number, -ticket.direction, ticket.profit - ticket.fees);
        let closed = Event {
            time_ns: trade.time_ns,
            order: trade.order,
            ticket: number,
            price: ticket.exit_price(),
            reference: ticket.entry_price(),
            quantity: ticket.direction * ticket.entered.min(i64::MAX as i128) as i64,
            fee: ticket.fees,
            profit,
            cause,
            order_kind: trade.order_kind,
            ..self.event(instrument, EventKind::Closed)
        };
        self.push(closed);
        self.books[instrument].closed_index = self.books[instrument].index;
        let none_left = self.reducible(instrument, side) == 0;
        // Its own partners are cancelled as such, right after.
        let executing = self.books[instrument].orders.iter().find(|waiting| waiting.number == trade.order);
        let group = executing.map_or(0, |waiting| waiting.group);
        for place in 0..self.books[instrument].orders.len() {
            let waiting = &self.books[instrument].orders[place];
            let gone = match waiting.order.intent {
                Intent::Close => waiting.order.ticket == number,
                Intent::Open => waiting.number == number,
                Intent::Reduce => none_left && waiting.order.side.sign() == side && !waiting.held,
                Intent::Add => waiting.traded && waiting.order.ticket == number,
            };
            // A venue may be asked for more than the ticket held: the rest of that close goes too.
            let rest = self.phase == Phase::Venue && waiting.remaining > trade.quantity;
            let partner = group != 0 && waiting.group == group;
            if gone && !waiting.done && !partner && (waiting.number != trade.order || rest) {
                self.cancel_with(instrument, place, trade.time_ns);
            }
        }
        self.note_loss(profit);
    }

    /// Cancel an order whose ticket has closed, at the time of that.
    fn cancel_with(&mut self, instrument: usize, place: usize, time_ns: i64) {
        let waiting = &mut self.books[instrument].orders[place];
        waiting.done = true;
        let (order, order_kind, cause) = (waiting.number, waiting.order.kind, Cause::TicketClosed);
        let event = self.event(instrument, EventKind::Cancelled);
        self.push(Event { time_ns, order, order_kind, cause, ..event });
        self.orphan(order);
    }

    /// Close every ticket of an instrument at its last close, as fills at the market with costs.
    pub(crate) fn close_all(&mut self, instrument: usize, cause: Cause) {
        for place in 0..self.books[instrument].tickets.len() {
            let book = &self.books[instrument];
            let (quantity, close) = (book.tickets[place].quantity, book.bar.close);
            if quantity > 0 {
                self.exit(instrument, place, quantity, close, FillKind::Market, cause, None);
            }
        }
        self.forget(instrument);
    }
}

/// What an execution changes in a book.
#[derive(Clone, Copy, Debug)]
struct Change {
    /// Quantity and cost with the sign of the direction, and cost without.
    signed: i64,
    signed_basis: i128,
    basis: i128,
    profit: i128,
}
