//! The verbs: submit, cancel, amend, advance, apply, finish. An account is what its journal says it is.

use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::book::{Book, Waiting};
use crate::guard::Guard;
use crate::limits::Limits;
use crate::number::{Scale, MONEY_MAX};
use crate::order::OrderKind;
use crate::position::Ticket;
use crate::record::{Bar, Cause, Event, EventKind, Phase};
use crate::refusal::Refusal;
use crate::rules::{EndPolicy, Matching, Rules};
use crate::save::charges;
use crate::terms::Terms;

/// Money in one currency, and the instrument whose price turns it into the account's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
    pub cash: i128,
    /// None for the account's own currency.
    pub priced_by: Option<u32>,
}

/// One person's money in one market of some instruments.
#[derive(Clone, Debug)]
pub struct Account {
    pub(crate) rules: Rules,
    pub(crate) books: Vec<Book>,
    /// The first purse is the account's own currency.
    pub(crate) purses: Vec<Purse>,
    /// Index of the last step of the clock, -1 before the first; its opening time and when it was known.
    pub(crate) step: i64,
    pub(crate) time_ns: i64,
    pub(crate) clock_ns: i64,
    /// When the fill of a venue happened that is being accounted for.
    pub(crate) venue_ns: i64,
    pub(crate) phase: Phase,
    /// Counts the turns of the matching: bars, and the finer bars inside them.
    pub(crate) turn: u64,
    pub(crate) finished: bool,
    /// Orders and tickets of all books.
    pub(crate) live: usize,
    pub(crate) events: Vec<Event>,
    pub(crate) next_seq: u64,
    pub(crate) last_order: u64,
    /// The bars after which something was held, and those on which a path had to be assumed.
    pub(crate) bars_held: u64,
    pub(crate) ambiguous_bars: u64,
    pub(crate) guard: Guard,
    /// Orders that filled completely since the last step: they can still trigger others.
    pub(crate) filled_now: Vec<u64>,
    /// Orders that were just triggered: instrument and number.
    /// Whether any order has ever waited for another: spares the search for those.
    pub(crate) triggers: bool,
    pub(crate) released: Vec<(usize, u64)>,
    /// Cancels that are on their way: order, bar of its instrument, time.
    pub(crate) cancels: Vec<(u64, i64, i64)>,
    /// Whether holding anything can cost something at any close.
    pub(crate) charges_always: bool,
    /// Whether any limit was set.
    pub(crate) limited: bool,
    /// Entries that compete in one phase, and the instruments that a bar can touch; kept to spare allocations.
    pub(crate) turns: Vec<(Reverse<i64>, usize, usize)>,
    pub(crate) active: Vec<usize>,
}

impl Account {
    /// Open an account of one instrument at a time with its first cash, above zero and within range.
    pub fn new(rules: Rules, cash: i128, time_ns: i64) -> Result<Account, Refusal> {
        Account::with_instruments(rules, &[rules.terms], cash, time_ns)
    }

    /// Open an account of several instruments, each with its own terms.
    pub fn with_instruments(
        rules: Rules,
        terms: &[Terms],
        cash: i128,
        time_ns: i64,
    ) -> Result<Account, Refusal> {
        if cash <= 0 || cash > MONEY_MAX {
            return Err(Refusal::MoneyMustStayInRange);
        }
        if terms.is_empty() || terms.len() > u32::MAX as usize {
            return Err(Refusal::RulesMustBePossible);
        }
        for own in terms {
            let rules = Rules { terms: *own, ..rules };
            rules.check().map_err(|_| Refusal::RulesMustBePossible)?;
            Scale::new(own.price_decimals).ok_or(Refusal::RulesMustBePossible)?;
        }
        let mut account = Account {
            books: (0..).zip(terms).map(|(place, terms)| Book::new(*terms, place, time_ns)).collect(),
            purses: Vec::new(),
            rules,
            step: -1,
            time_ns,
            clock_ns: time_ns,
            venue_ns: time_ns,
            phase: Phase::Start,
            turn: 0,
            finished: false,
            live: 0,
            events: Vec::new(),
            next_seq: 0,
            last_order: 0,
            bars_held: 0,
            ambiguous_bars: 0,
            guard: Guard::new(cash),
            filled_now: Vec::new(),
            triggers: false,
            released: Vec::new(),
            cancels: Vec::new(),
            charges_always: false,
            limited: rules.limits != Limits::default(),
            turns: Vec::new(),
            active: Vec::new(),
        };
        account.charges_always = charges(&account.books);
        account.guard.watches_days =
            rules.limits.daily_loss_max.is_some() || rules.limits.daily_loss_share_max.is_some();
        account.open_purses(cash)?;
        account.push(Event { cash, ..account.event(0, EventKind::Transferred) });
        Ok(account)
    }

    /// Give every currency a purse.
    fn open_purses(&mut self, cash: i128) -> Result<(), Refusal> {
        self.purses.push(Purse { cash, priced_by: None });
        for place in 0..self.books.len() {
            let priced_by = self.books[place].terms.currency;
            if let Some(instrument) = priced_by {
                // The instrument that prices a currency trades in the account's own.
                let pricing = self.books.get(instrument as usize).ok_or(Refusal::RulesMustBePossible)?;
                if pricing.terms.currency.is_some() {
                    return Err(Refusal::RulesMustBePossible);
                }
            }
            let known = self.purses.iter().position(|purse| purse.priced_by == priced_by);
            self.books[place].purse = known.unwrap_or(self.purses.len()) as u32;
            if known.is_none() {
                self.purses.push(Purse { cash: 0, priced_by });
            }
        }
        Ok(())
    }

    /// Take back an order that waits; a refused cancel changes nothing and is recorded. Under latency the
    /// cancel is on its way first, and is refused if a fill is faster (R31).
    pub fn cancel(&mut self, number: u64) -> Result<(), Refusal> {
        let found = self.find_order(number);
        let delayed = self.rules.market.latency_bars > 0 || self.rules.market.latency_ms > 0;
        match found {
            Some(instrument) if delayed && !self.finished => {
                let book = &self.books[instrument];
                let bar = book.index + self.rules.market.latency_bars as i64;
                let time_ns = self.clock_ns.saturating_add(self.rules.market.latency_ms);
                self.cancels.push((number, bar, time_ns));
                Ok(())
            }
            _ => self.cancel_now(number),
        }
    }

    pub(crate) fn cancel_now(&mut self, number: u64) -> Result<(), Refusal> {
        match self.find_order(number) {
            Some(instrument) => {
                let place = self.books[instrument].orders.iter().position(|waiting| waiting.number == number);
                self.books[instrument].changed = true;
                self.drop_order(instrument, place.unwrap_or(0), Cause::Request);
                self.forget_changed();
                Ok(())
            }
            None => {
                self.refuse(0, number, OrderKind::None, Refusal::OrderMustBeWaiting);
                Err(Refusal::OrderMustBeWaiting)
            }
        }
    }

    /// Move money in or out; what leaves must be free.
    pub fn transfer(&mut self, money: i128) -> Result<(), Refusal> {
        if self.finished {
            self.warn(0, 0, 0, Refusal::RunMustBeOpen);
            return Err(Refusal::RunMustBeOpen);
        }
        let after = self.purses[0].cash.checked_add(money).filter(|cash| cash.abs() <= MONEY_MAX);
        let covered = money > 0 || self.free_cash().saturating_add(money) >= 0;
        match after.filter(|_| covered && money != 0) {
            Some(cash) => {
                self.purses[0].cash = cash;
                self.guard.transferred(money);
                self.push(Event { cash: money, ..self.event(0, EventKind::Transferred) });
                Ok(())
            }
            None => {
                self.warn(0, 0, 0, Refusal::CashMustCoverOrder);
                Err(Refusal::CashMustCoverOrder)
            }
        }
    }

    /// End the run (R14): cancel what waits, close what is held if the rules say so. Idempotent.
    pub fn finish(&mut self) -> &[Event] {
        let first = self.events.len();
        if !self.finished {
            self.phase = Phase::End;
            self.turn += 1;
            for instrument in 0..self.books.len() {
                self.cancel_all(instrument, Cause::EndOfData);
            }
            for instrument in 0..self.books.len() {
                self.close_at_end(instrument, Cause::EndOfData);
            }
            self.finished = true;
        }
        &self.events[first..]
    }

    /// Say that an instrument has no further bars: its orders are cancelled, its tickets closed if the rules
    /// say so, and further orders for it are refused.
    pub fn delist(&mut self, instrument: u32) -> Result<&[Event], Refusal> {
        let place = instrument as usize;
        match self.books.get(place) {
            Some(book) if !book.delisted => {}
            _ => return Err(Refusal::InstrumentMustBeListed),
        }
        let first = self.events.len();
        let before = self.phase;
        self.phase = Phase::End;
        self.cancel_all(place, Cause::Delisted);
        self.close_at_end(place, Cause::Delisted);
        self.books[place].delisted = true;
        self.phase = before;
        self.forget_changed();
        Ok(&self.events[first..])
    }

    fn close_at_end(&mut self, instrument: usize, cause: Cause) {
        let market = &self.rules.market;
        if market.end_policy == EndPolicy::CloseLast && market.matching == Matching::Here {
            self.close_all(instrument, cause);
        }
    }

    /// Return the cash in the account's own currency; other currencies have purses of their own.
    pub fn cash(&self) -> i128 {
        self.purses[0].cash
    }

    /// Every purse: the account's own currency first.
    pub fn purses(&self) -> &[Purse] {
        &self.purses
    }

    /// The sum of all tickets of the first instrument: above zero long, below zero short.
    pub fn net_quantity(&self) -> i64 {
        self.books[0].net_quantity
    }

    /// The sum of all tickets of an instrument.
    pub fn net_quantity_of(&self, instrument: u32) -> i64 {
        self.books.get(instrument as usize).map_or(0, |book| book.net_quantity)
    }

    /// Every open ticket, by instrument and age.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> + '_ {
        self.books.iter().flat_map(|book| book.tickets.iter())
    }

    /// Every waiting order, by instrument and age.
    pub fn orders(&self) -> impl Iterator<Item = &Waiting> + '_ {
        self.books.iter().flat_map(|book| book.orders.iter())
    }

    pub fn books(&self) -> &[Book] {
        &self.books
    }

    /// Return where an open ticket is.
    pub fn find_ticket(&self, number: u64) -> Option<(usize, &Ticket)> {
        self.books.iter().enumerate().find_map(|(instrument, book)| {
            book.ticket(number).map(|place| (instrument, &book.tickets[place]))
        })
    }

    /// Return the instrument of an order that waits.
    pub fn find_order(&self, number: u64) -> Option<usize> {
        let waits = |waiting: &Waiting| waiting.number == number && !waiting.done;
        self.books.iter().position(|book| book.orders.iter().any(waits))
    }

    /// Every event since the start, or since the host last took them.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Hand over the events so far; sequence numbers go on.
    pub fn take_events(&mut self) -> Vec<Event> {
        core::mem::take(&mut self.events)
    }

    /// Forget the events so far, and keep their memory for those to come; sequence numbers go on.
    pub fn discard_events(&mut self) {
        self.events.clear();
    }

    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    pub fn last_order(&self) -> u64 {
        self.last_order
    }

    /// The last bar of the first instrument.
    pub fn bar(&self) -> &Bar {
        &self.books[0].bar
    }

    /// Index of the last step of the clock, -1 before the first.
    pub fn bar_index(&self) -> i64 {
        self.step
    }

    pub fn bars_held(&self) -> u64 {
        self.bars_held
    }

    /// On how many bars the outcome depended on a path that had to be assumed.
    pub fn ambiguous_bars(&self) -> u64 {
        self.ambiguous_bars
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The scale of the first instrument.
    pub fn scale(&self) -> Scale {
        self.books[0].scale
    }

    /// The scale of an instrument; that of the first where there is no such instrument.
    pub fn scale_of(&self, instrument: u32) -> Scale {
        self.books.get(instrument as usize).unwrap_or(&self.books[0]).scale
    }
}
