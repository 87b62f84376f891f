//! What a fill of an order does: enter, add, close, reduce. What it moves is booked in `booking.rs`.

use crate::account::Account;
use crate::book::Waiting;
use crate::booking::Trade;
use crate::bracket::{plan, Bracket, Plan};
use crate::costs::{fee, fill_price};
use crate::number::{to_step, MONEY_MAX, UNITS_MAX};
use crate::order::{Intent, OrderKind, Size, TimeInForce};
use crate::position::{Opening, Ticket};
use crate::record::{Cause, Event, EventKind, Phase};
use crate::refusal::Refusal;
use crate::rules::{AccountKind, Averaging, Holding};
use crate::touch::Touch;

/// What an execution traded, and what of the order is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traded {
    pub filled: i64,
    pub left: i64,
}

impl Account {
    /// Execute a waiting order at a price before costs; one that may not be filled is refused as a whole
    /// and gone (R5).
    pub(crate) fn execute(&mut self, instrument: usize, place: usize, touch: Touch) {
        let waiting = self.books[instrument].orders[place];
        self.books[instrument].changed = true;
        if touch.only_triggers {
            return self.trigger(instrument, place);
        }
        if self.offered(instrument, i64::MAX) == 0 {
            // Nothing can fill, so nothing is decided: neither what fits nor how much (R5, R23, R30).
            return self.wait_on(instrument, place);
        }
        match self.trade(instrument, &waiting, touch) {
            Ok(traded) => self.settle(instrument, place, traded),
            Err(refusal) => self.refuse_order(instrument, place, refusal),
        }
    }

    /// Turn a stop-limit that was touched into a limit order, from the next bar on (R21).
    fn trigger(&mut self, instrument: usize, place: usize) {
        let book = &mut self.books[instrument];
        let index = book.index;
        let waiting = &mut book.orders[place];
        waiting.touched = true;
        waiting.from_bar = index;
        let (order, price, order_kind) = (waiting.number, waiting.order.limit, waiting.order.kind);
        let quantity = waiting.order.side.sign() * waiting.remaining;
        let event = self.event(instrument, EventKind::Triggered);
        self.push(Event { order, price, quantity, order_kind, ..event });
    }

    /// Do with an order what follows from what it has traded.
    fn settle(&mut self, instrument: usize, place: usize, traded: Traded) {
        let waiting = &mut self.books[instrument].orders[place];
        waiting.traded |= traded.filled > 0;
        waiting.remaining = traded.left;
        waiting.order.size = Size::Quantity(traded.left);
        waiting.done |= traded.left == 0;
        let (number, group) = (waiting.number, waiting.group);
        let (intent, side) = (waiting.order.intent, waiting.order.side.sign());
        if traded.filled > 0 {
            self.guard.filled();
            self.cancel_partners(group, number);
        }
        if traded.left == 0 {
            self.complete(number);
            return;
        }
        if intent == Intent::Reduce && self.reducible(instrument, side) == 0 {
            return self.drop_order(instrument, place, Cause::TicketClosed);
        }
        self.wait_on(instrument, place);
    }

    /// Let what volume has left of an order wait on, or cancel it where it must not wait (R23).
    fn wait_on(&mut self, instrument: usize, place: usize) {
        let waiting = &self.books[instrument].orders[place];
        let at_once = matches!(waiting.order.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
        if at_once {
            self.drop_order(instrument, place, Cause::NotFilledAtOnce);
        } else {
            // A touched stop's remainder is a market order from the next open on.
            let waiting = &mut self.books[instrument].orders[place];
            waiting.at_market |= matches!(
                waiting.kind(),
                OrderKind::Stop | OrderKind::TrailingStop | OrderKind::MarketIfTouched
            );
            waiting.touched |= matches!(waiting.order.kind, OrderKind::StopLimit | OrderKind::LimitIfTouched);
        }
    }

    fn trade(&mut self, instrument: usize, waiting: &Waiting, touch: Touch) -> Result<Traded, Refusal> {
        let order = &waiting.order;
        let first_open = self.phase == Phase::Open && waiting.first_bar == self.books[instrument].index;
        if order.post_only && first_open {
            return Err(Refusal::PostOnlyMustRest);
        }
        match order.intent {
            Intent::Close => self.trade_close(instrument, waiting, touch),
            Intent::Reduce => self.trade_reduce(instrument, waiting, touch),
            Intent::Open if self.rules.market.holding == Holding::Net => {
                self.trade_net(instrument, waiting, touch)
            }
            Intent::Open | Intent::Add => self.enter(instrument, waiting, touch, None),
        }
    }

    fn trade_close(&mut self, instrument: usize, waiting: &Waiting, touch: Touch) -> Result<Traded, Refusal> {
        let book = &self.books[instrument];
        let place = book.ticket(waiting.order.ticket).ok_or(Refusal::TicketMustBeOpen)?;
        let ticket = &book.tickets[place];
        let held = ticket.quantity;
        let total = if waiting.traded {
            waiting.remaining.min(held)
        } else {
            self.closing_quantity(instrument, held, ticket.direction, waiting.order.size, touch)?
        };
        if self.is_all_or_nothing(instrument, waiting, total) {
            return Ok(Traded { filled: 0, left: total });
        }
        let filled =
            self.exit(instrument, place, total, touch.reference, touch.kind, Cause::Close, Some(waiting));
        Ok(Traded { filled, left: total - filled })
    }

    /// Close the oldest tickets of the other side (R24).
    fn trade_reduce(
        &mut self,
        instrument: usize,
        waiting: &Waiting,
        touch: Touch,
    ) -> Result<Traded, Refusal> {
        let direction = -waiting.order.side.sign();
        let held = self.reducible(instrument, waiting.order.side.sign());
        if held == 0 {
            return Err(Refusal::TicketMustBeOpen);
        }
        let wanted = match waiting.order.size {
            Size::Quantity(_) => waiting.remaining,
            size => self.closing_quantity(instrument, held, direction, size, touch)?,
        };
        if self.is_all_or_nothing(instrument, waiting, wanted.min(held)) {
            return Ok(Traded { filled: 0, left: wanted });
        }
        let mut left = wanted;
        for place in 0..self.books[instrument].tickets.len() {
            let ticket = &self.books[instrument].tickets[place];
            let part = left.min(ticket.quantity);
            if ticket.direction != direction || part == 0 {
                continue;
            }
            let filled =
                self.exit(instrument, place, part, touch.reference, touch.kind, Cause::Reduce, Some(waiting));
            left -= filled;
            if filled < part {
                break;
            }
        }
        Ok(Traded { filled: wanted - left, left })
    }

    /// Return how much a reduce-only order of a side could close.
    pub(crate) fn reducible(&self, instrument: usize, side: i64) -> i64 {
        let opposite = self.books[instrument].tickets.iter().filter(|ticket| ticket.direction != side);
        opposite.map(|ticket| ticket.quantity).sum()
    }

    /// Return how much of what is held a close takes: more than is held closes all (R24, R29, R30).
    pub(crate) fn closing_quantity(
        &self,
        instrument: usize,
        held: i64,
        direction: i64,
        size: Size,
        touch: Touch,
    ) -> Result<i64, Refusal> {
        let wanted = match size {
            Size::Quantity(quantity) => quantity as i128,
            Size::Notional(money) => {
                let price = self.exit_price(instrument, direction, touch.reference, touch.kind, held);
                money / price as i128
            }
            Size::Fraction(rate) => self.share_of(held, rate) as i128,
        };
        if wanted >= held as i128 {
            return Ok(held);
        }
        match size {
            Size::Notional(_) => self.step_down(instrument, wanted),
            _ => self.stepped(instrument, wanted as i64).map(|quantity| quantity.min(held)),
        }
    }

    /// Return how much of a quantity the bar's volume still offers, in whole steps (R23).
    pub(crate) fn offered(&self, instrument: usize, quantity: i64) -> i64 {
        let book = &self.books[instrument];
        if book.available >= quantity {
            return quantity;
        }
        to_step(book.available, book.terms.quantity_step, false)
    }

    /// Return whether an order must fill at once as a whole, and cannot.
    pub(crate) fn is_all_or_nothing(&self, instrument: usize, waiting: &Waiting, total: i64) -> bool {
        waiting.order.time_in_force == TimeInForce::Fok && self.offered(instrument, total) < total
    }

    pub(crate) fn reentry_blocked(&self, instrument: usize) -> bool {
        let book = &self.books[instrument];
        !self.rules.market.reentry_same_bar && book.closed_index == book.index && book.index >= 0
    }

    /// Return the place of the ticket that an entry joins, None for a new one; or why it may not enter (R5).
    fn admit(
        &self,
        instrument: usize,
        waiting: &Waiting,
        reference: i64,
        flips: bool,
    ) -> Result<Option<usize>, Refusal> {
        let book = &self.books[instrument];
        let order = &waiting.order;
        let direction = order.side.sign();
        if order.intent == Intent::Add {
            let place = book.ticket(order.ticket).ok_or(Refusal::TicketMustBeOpen)?;
            let ticket = &book.tickets[place];
            if ticket.direction != direction {
                return Err(Refusal::SideMustMatchTicket);
            }
            if !waiting.traded && !improves(self.rules.market.averaging, ticket, reference) {
                return Err(Refusal::AddMustImproveEntry);
            }
            return Ok(Some(place));
        }
        let net = self.rules.market.holding == Holding::Net;
        let joins = if net { book.tickets.iter().position(|ticket| ticket.quantity > 0) } else { None };
        let joins = joins.or_else(|| book.ticket(waiting.number));
        if joins.is_some() {
            return Ok(joins);
        }
        if !flips && self.reentry_blocked(instrument) {
            return Err(Refusal::ReentryMustWaitForNextBar);
        }
        self.admit_short(direction)?;
        let market = &self.rules.market;
        let open: usize = match market.tickets_max {
            Some(_) => self.books.iter().map(|book| book.open_tickets()).sum(),
            None => 0,
        };
        let within = |most: Option<u32>, open: usize| most.map_or(true, |most| open < most as usize);
        if !within(market.tickets_max, open) || !within(market.tickets_per_symbol_max, book.open_tickets()) {
            return Err(Refusal::TicketsMustStayWithinLimit);
        }
        Ok(None)
    }

    pub(crate) fn admit_short(&self, direction: i64) -> Result<(), Refusal> {
        let market = &self.rules.market;
        if direction < 0 && !(market.short && market.account != AccountKind::Cash) {
            return Err(Refusal::ShortMustBeAllowed);
        }
        Ok(())
    }

    /// Fill an entry at a price before costs, or say why not; a refusal changes nothing (R5). `rest` is what
    /// a net order opens after it has closed the position.
    pub(crate) fn enter(
        &mut self,
        instrument: usize,
        waiting: &Waiting,
        touch: Touch,
        rest: Option<i64>,
    ) -> Result<Traded, Refusal> {
        let order = &waiting.order;
        let direction = order.side.sign();
        let Touch { reference, kind, .. } = touch;
        let joins = self.admit(instrument, waiting, reference, rest.is_some())?;
        let terms = &self.books[instrument].terms;
        let kinds = self.rules.market.slippage_on;
        let volume = self.books[instrument].bar.volume;
        let price_of = |quantity: i64| {
            fill_price(terms, kinds, kind, direction, reference, quantity, volume)
                .ok_or(Refusal::PriceMustBeInRange)
        };
        // Where the price depends on the quantity, the quantity comes first.
        let steady = terms.slippage_volume == 0;
        let bare = joins.is_some() || order.bracket == Bracket::NONE;
        let mut levels = None;
        if steady && joins.is_none() {
            let alone = price_of(0)?;
            if !bare {
                levels = Some(plan(&order.bracket, direction, alone, reference)?);
            }
        }
        let total = match rest {
            Some(rest) => rest,
            None if waiting.traded => waiting.remaining,
            None => self.entry_quantity(instrument, order, touch)?,
        };
        let part = self.offered(instrument, total);
        if part == 0 || self.is_all_or_nothing(instrument, waiting, total) {
            return Ok(Traded { filled: 0, left: total });
        }
        let price = price_of(part)?;
        if levels.is_none() && !bare {
            levels = Some(plan(&order.bracket, direction, price, reference)?);
        }
        let book = &self.books[instrument];
        let in_range = self.purses.iter().all(|purse| purse.cash.abs() <= MONEY_MAX);
        if part > UNITS_MAX - book.gross_quantity || !in_range {
            return Err(Refusal::MoneyMustStayInRange);
        }
        let notional = part as i128 * price as i128;
        let paid = fee(terms, kind, part, notional, rest.is_none());
        self.check_cover(instrument, reference, notional, paid)?;
        let trade = Trade {
            order: waiting.number,
            order_kind: order.kind,
            price,
            reference,
            quantity: part,
            fee: paid,
            time_ns: book.bar.time_ns,
        };
        let plan = levels.as_ref().unwrap_or(&Plan::NONE);
        let mut ticket = self.ticket_before(instrument, joins, waiting, plan, &trade);
        self.enter_ticket(instrument, &mut ticket, &trade)?;
        let average = order.intent == Intent::Add || (joins.is_some() && ticket.number != waiting.number);
        self.open(instrument, joins, &ticket, trade, if average { Cause::Average } else { Cause::Entry });
        Ok(Traded { filled: part, left: total - part })
    }

    /// Return the ticket that an entry joins, or a new one.
    fn ticket_before(
        &self,
        instrument: usize,
        joins: Option<usize>,
        waiting: &Waiting,
        plan: &Plan,
        trade: &Trade,
    ) -> Ticket {
        if let Some(place) = joins {
            return self.books[instrument].tickets[place];
        }
        let (direction, opening) = (waiting.order.side.sign(), self.opening(instrument));
        Ticket::new(waiting.number, direction, trade.price, plan, &waiting.order.bracket, opening)
    }

    /// Enter into a ticket; one whose own margin is lost already is refused (R27).
    fn enter_ticket(&self, instrument: usize, ticket: &mut Ticket, trade: &Trade) -> Result<(), Refusal> {
        ticket.enter(trade.quantity, trade.price, trade.reference, trade.fee);
        ticket.liquidation = self.liquidation_of(instrument, ticket)?;
        if ticket.liquidation != 0 && ticket.direction * (trade.reference - ticket.liquidation) <= 0 {
            return Err(Refusal::LiquidationMustBeBeyondPrice);
        }
        Ok(())
    }

    fn opening(&self, instrument: usize) -> Opening {
        let book = &self.books[instrument];
        Opening {
            bar: self.step,
            index: book.index,
            turn: self.turn,
            phase: self.phase,
            time_ns: book.bar.time_ns,
            known_ns: if self.phase == Phase::Decision { self.clock_ns } else { book.bar.time_ns },
        }
    }
}

/// Return whether a price admits one more entry into a ticket (R28).
fn improves(averaging: Averaging, ticket: &Ticket, reference: i64) -> bool {
    let (direction, price) = (ticket.direction as i128, reference as i128);
    match averaging {
        Averaging::Any => true,
        Averaging::Effective => direction * (ticket.reference_cost - price * ticket.quantity as i128) > 0,
        Averaging::Extreme => direction * (ticket.extreme as i128 - price) > 0,
    }
}
