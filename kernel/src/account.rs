//! The verbs: submit, cancel, advance, apply, finish. An account is what its journal says it is.

use alloc::vec::Vec;

use crate::costs::FillKind;
use crate::number::{Scale, MONEY_MAX, RATE_ONE, UNITS_MAX};
use crate::order::{Intent, Level, Order, OrderKind, Size};
use crate::position::Ticket;
use crate::record::{Bar, Cause, Event, EventKind, Fill, Phase};
use crate::refusal::Refusal;
use crate::rules::{AccountKind, EndPolicy, FillAt, Matching, Rules};

/// An order that waits for a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub number: u64,
    pub order: Order,
    /// What is left of a stated quantity; a venue may fill it in parts.
    pub remaining: i64,
    pub(crate) done: bool,
}

/// One person's money in one market.
#[derive(Clone, Debug)]
pub struct Account {
    pub(crate) rules: Rules,
    pub(crate) scale: Scale,
    pub(crate) bar: Bar,
    pub(crate) bar_index: i64,
    pub(crate) phase: Phase,
    pub(crate) finished: bool,
    pub(crate) cash: i128,
    /// Sums over the open tickets: signed quantity, quantity without sign, signed cost.
    pub(crate) net_quantity: i64,
    pub(crate) gross_quantity: i64,
    pub(crate) net_cost: i128,
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) orders: Vec<Waiting>,
    pub(crate) events: Vec<Event>,
    pub(crate) next_seq: u64,
    pub(crate) last_order: u64,
    /// The last bar on which a ticket closed completely, -1 for none (R3).
    pub(crate) closed_bar: i64,
    /// The bars after which something was held.
    pub(crate) bars_held: u64,
}

impl Account {
    /// Open an account at a time with its first cash, which must be above zero and within range.
    pub fn new(rules: Rules, cash: i128, time_ns: i64) -> Result<Account, Refusal> {
        if cash <= 0 || cash > MONEY_MAX {
            return Err(Refusal::MoneyMustStayInRange);
        }
        rules.check().map_err(|_| Refusal::RulesMustBePossible)?;
        let scale = Scale::new(rules.price_decimals).ok_or(Refusal::RulesMustBePossible)?;
        let nothing = Bar { time_ns, open: 0, high: 0, low: 0, close: 0, volume: 0, instrument: 0 };
        let mut account = Account {
            scale,
            rules,
            bar: nothing,
            bar_index: -1,
            phase: Phase::Start,
            finished: false,
            cash: 0,
            net_quantity: 0,
            gross_quantity: 0,
            net_cost: 0,
            tickets: Vec::new(),
            orders: Vec::new(),
            events: Vec::new(),
            next_seq: 0,
            last_order: 0,
            closed_bar: -1,
            bars_held: 0,
        };
        account.cash = cash;
        account.push(Event { cash, ..account.event(EventKind::Transferred) });
        Ok(account)
    }

    /// Ask for an order. Return its number, or why not; refused orders bear a number too (R35).
    /// An order that fills in the decision fills before this returns.
    pub fn submit(&mut self, order: Order) -> Result<u64, Refusal> {
        self.last_order += 1;
        let number = self.last_order;
        let order = match self.check_form(order) {
            Ok(order) => order,
            Err(refusal) => {
                self.refuse(number, refusal);
                return Err(refusal);
            }
        };
        let remaining = match order.size {
            Size::Quantity(quantity) => quantity,
            _ => 0,
        };
        let waiting = Waiting { number, order, remaining, done: false };
        let price = match order.kind {
            OrderKind::Market => 0,
            OrderKind::Limit(price) | OrderKind::Stop(price) => price,
        };
        let (ticket, cause) = match order.intent {
            Intent::Open { .. } => (0, Cause::Entry),
            Intent::Close { ticket } => (ticket, Cause::Close),
        };
        let quantity = order.side.sign() * remaining;
        self.push(Event {
            order: number,
            ticket,
            price,
            quantity,
            cause,
            ..self.event(EventKind::Submitted)
        });
        if self.fills_in_decision(&order) {
            return self.fill(&waiting, self.bar.close, FillKind::Market).map(|_| number).map_err(
                |refusal| {
                    self.refuse(number, refusal);
                    refusal
                },
            );
        }
        self.orders.push(waiting);
        Ok(number)
    }

    fn fills_in_decision(&self, order: &Order) -> bool {
        let fill_at = match order.intent {
            Intent::Open { .. } => self.rules.market_fill,
            Intent::Close { .. } => self.rules.exit_fill,
        };
        order.kind == OrderKind::Market && fill_at == FillAt::Close && self.rules.matching == Matching::Here
    }

    /// Check what can be known when an order is submitted, and round its quantity (R5, R29).
    fn check_form(&self, order: Order) -> Result<Order, Refusal> {
        if self.finished {
            return Err(Refusal::RunMustBeOpen);
        }
        let size = match order.size {
            Size::Quantity(quantity) if quantity <= 0 => return Err(Refusal::QuantityMustBePositive),
            Size::Quantity(quantity) if quantity > UNITS_MAX => return Err(Refusal::QuantityMustBeInRange),
            Size::Quantity(quantity) => Size::Quantity(self.stepped(quantity)?),
            Size::Notional(money) if money <= 0 => return Err(Refusal::QuantityMustBePositive),
            Size::Notional(money) if money > MONEY_MAX => return Err(Refusal::QuantityMustBeInRange),
            Size::Fraction(rate) if rate <= 0 || rate > RATE_ONE => {
                return Err(Refusal::FractionMustBeAboveZeroToOne)
            }
            _ if self.rules.matching == Matching::Elsewhere => return Err(Refusal::QuantityMustBeGiven),
            size => size,
        };
        match order.kind {
            OrderKind::Limit(price) | OrderKind::Stop(price) => self.check_price(price)?,
            OrderKind::Market if self.bar_index < 0 && self.fills_in_decision(&order) => {
                return Err(Refusal::PriceMustBeKnown)
            }
            OrderKind::Market => {}
        }
        match order.intent {
            Intent::Close { ticket } => {
                if order.kind != OrderKind::Market {
                    return Err(Refusal::CloseMustBeMarketOrder);
                }
                if !self.tickets.iter().any(|held| held.number == ticket && held.quantity > 0) {
                    return Err(Refusal::TicketMustBeOpen);
                }
            }
            Intent::Open { stop_loss, take_profit } => self.check_levels(&order, stop_loss, take_profit)?,
        }
        Ok(Order { size, ..order })
    }

    fn check_price(&self, price: i64) -> Result<(), Refusal> {
        match price {
            price if price <= 0 => Err(Refusal::PriceMustBePositive),
            price if price > UNITS_MAX => Err(Refusal::PriceMustBeInRange),
            price if self.rules.price_tick > 0 && price % self.rules.price_tick != 0 => {
                Err(Refusal::PriceMustBeOnTick)
            }
            _ => Ok(()),
        }
    }

    /// Levels are checked at the fill; here only against a price that is already known (R5).
    fn check_levels(&self, order: &Order, stop_loss: Level, take_profit: Level) -> Result<(), Refusal> {
        for level in [stop_loss, take_profit] {
            if let Level::Price(price) = level {
                self.check_price(price)?;
            }
        }
        let known = match order.kind {
            OrderKind::Limit(price) | OrderKind::Stop(price) => price,
            OrderKind::Market => return Ok(()),
        };
        crate::position::levels(order.side.sign(), stop_loss, take_profit, known, known).map(|_| ())
    }

    /// Take back an order that waits; a refused cancel changes nothing and is recorded.
    pub fn cancel(&mut self, number: u64) -> Result<(), Refusal> {
        match self.orders.iter().position(|waiting| waiting.number == number && !waiting.done) {
            Some(place) => {
                self.orders.remove(place);
                self.push(Event { order: number, cause: Cause::Request, ..self.event(EventKind::Cancelled) });
                Ok(())
            }
            None => {
                self.refuse(number, Refusal::OrderMustBeWaiting);
                Err(Refusal::OrderMustBeWaiting)
            }
        }
    }

    /// Account for a fill by somebody else's market: no check of cover, the venue has decided.
    pub fn apply(&mut self, fill: &Fill) -> Result<&[Event], Refusal> {
        if self.rules.matching == Matching::Here {
            return Err(Refusal::MatchingMustBeElsewhere);
        }
        let first = self.events.len();
        let place = self.orders.iter().position(|waiting| waiting.number == fill.order);
        let place = place.ok_or(Refusal::OrderMustBeWaiting)?;
        self.take_venue_fill(place, fill)?;
        Ok(&self.events[first..])
    }

    /// End the run (R14): cancel what waits, close what is held if the rules say so. Idempotent.
    pub fn finish(&mut self) -> &[Event] {
        let first = self.events.len();
        if !self.finished {
            self.phase = Phase::End;
            self.cancel_all(Cause::EndOfData);
            if self.rules.end_policy == EndPolicy::CloseLast && self.rules.matching == Matching::Here {
                self.close_all(Cause::EndOfData);
            }
            self.finished = true;
        }
        &self.events[first..]
    }

    /// Return what the account is worth, exact, at a price: cash plus what is held.
    pub fn worth_at(&self, price: i64) -> i128 {
        let held = self.net_quantity as i128 * price as i128;
        match self.rules.account {
            AccountKind::Cash => self.cash + held,
            AccountKind::Margin => self.cash + held - self.net_cost,
        }
    }

    pub fn equity(&self) -> i128 {
        self.worth_at(self.bar.close)
    }

    pub fn cash(&self) -> i128 {
        self.cash
    }

    pub fn free_cash(&self) -> i128 {
        self.free_cash_at(self.bar.close)
    }

    pub fn used_margin(&self) -> i128 {
        self.used_margin_at(self.bar.close)
    }

    /// The sum of all tickets: above zero long, below zero short.
    pub fn net_quantity(&self) -> i64 {
        self.net_quantity
    }

    pub fn tickets(&self) -> &[Ticket] {
        &self.tickets
    }

    pub fn orders(&self) -> &[Waiting] {
        &self.orders
    }

    /// Every event since the start, or since the host last took them.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Hand over the events so far; sequence numbers go on.
    pub fn take_events(&mut self) -> Vec<Event> {
        core::mem::take(&mut self.events)
    }

    pub fn last_order(&self) -> u64 {
        self.last_order
    }

    pub fn bar(&self) -> &Bar {
        &self.bar
    }

    pub fn bar_index(&self) -> i64 {
        self.bar_index
    }

    pub fn bars_held(&self) -> u64 {
        self.bars_held
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn scale(&self) -> Scale {
        self.scale
    }
}
