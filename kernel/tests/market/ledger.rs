//! A second bookkeeping, from the journal alone: what every event must be, and what the account must be after it.

use std::collections::HashMap;

use eyas_kernel::account::Account;
use eyas_kernel::book::Book;
use eyas_kernel::number::{multiply_divide, power_of_ten, RATE_ONE};
use eyas_kernel::order::OrderKind;
use eyas_kernel::record::{Cause, Event, EventKind, Phase};
use eyas_kernel::rules::{AccountKind, FillAt, Gap, MarketRules, Matching};
use proptest::prelude::*;

/// What the journal has said so far.
#[derive(Debug)]
pub struct Ledger {
    next_seq: u64,
    /// Cash of every purse.
    purses: Vec<i128>,
    /// What is held of every instrument.
    net: Vec<i64>,
    /// What was filled on the last bar of every instrument, but for those that had to leave.
    filled: Vec<(i64, i64)>,
    /// What is marked at before the first bar: the price of a venue's last fill.
    marks: Vec<i64>,
    /// What every ticket has earned and paid, before its entries and after its exits.
    earned: HashMap<u64, i128>,
    /// The limit of every order that has one.
    limits: HashMap<u64, i64>,
}

/// Return whether somebody had to leave whatever the volume.
fn is_forced(event: &Event) -> bool {
    let causes = [Cause::MarginCall, Cause::Liquidation, Cause::EndOfData, Cause::Delisted];
    causes.contains(&event.cause)
}

/// Return whether a fill may lie outside its bar: at a level that was gapped, or at a price that was said.
fn may_lie_outside(rules: &MarketRules, event: &Event) -> bool {
    let said = |at: FillAt| matches!(at, FillAt::SignalPrice | FillAt::GivenPrice);
    let at_market = event.phase == Phase::Decision || event.cause == Cause::TimeLimit;
    let decided = at_market && (said(rules.market_fill) || said(rules.exit_fill));
    rules.gap == Gap::Level || rules.matching == Matching::Elsewhere || decided
}

impl Ledger {
    pub fn new(account: &Account) -> Ledger {
        let instruments = account.books().len();
        Ledger {
            next_seq: 0,
            purses: vec![0; account.purses().len()],
            net: vec![0; instruments],
            filled: vec![(-1, 0); instruments],
            marks: vec![0; instruments],
            earned: HashMap::new(),
            limits: HashMap::new(),
        }
    }

    /// Take in new events, and check each.
    pub fn take(&mut self, events: &[Event], account: &Account) -> Result<(), TestCaseError> {
        for event in events {
            self.take_one(event, account)
                .map_err(|error| TestCaseError::fail(format!("{error}\n  at {event:?}")))?;
        }
        Ok(())
    }

    fn take_one(&mut self, event: &Event, account: &Account) -> Result<(), TestCaseError> {
        prop_assert_eq!(event.seq, self.next_seq, "the journal has no gaps");
        self.next_seq += 1;
        prop_assert!((event.instrument as usize) < account.books().len() || event.kind == EventKind::Refused);
        let moves = [EventKind::Transferred, EventKind::Filled, EventKind::Charged];
        prop_assert!(
            event.cash == 0 || moves.contains(&event.kind),
            "only fills, charges, transfers move cash"
        );
        match event.kind {
            EventKind::Transferred => self.purses[0] += event.cash,
            EventKind::Submitted | EventKind::Amended => self.note_limit(event),
            EventKind::Filled => self.take_fill(event, account)?,
            EventKind::Charged => {
                prop_assert_eq!(event.cash, -event.fee);
                self.move_cash(event, account);
            }
            EventKind::Closed => {
                let earned = self.earned.remove(&event.ticket).unwrap_or(0);
                prop_assert_eq!(event.profit, earned, "a trade earned what its fills and charges moved");
            }
            _ => {}
        }
        Ok(())
    }

    fn move_cash(&mut self, event: &Event, account: &Account) {
        let book = &account.books()[event.instrument as usize];
        self.purses[book.purse as usize] += event.cash;
        *self.earned.entry(event.ticket).or_insert(0) += event.profit - event.fee;
    }

    fn note_limit(&mut self, event: &Event) {
        match event.order_kind {
            OrderKind::Limit => self.limits.insert(event.order, event.price),
            OrderKind::StopLimit | OrderKind::LimitIfTouched => {
                self.limits.insert(event.order, event.reference)
            }
            _ => None,
        };
    }

    fn take_fill(&mut self, event: &Event, account: &Account) -> Result<(), TestCaseError> {
        let market = &account.rules().market;
        let book = &account.books()[event.instrument as usize];
        self.move_cash(event, account);
        self.marks[event.instrument as usize] = event.price;
        self.net[event.instrument as usize] += event.quantity;
        prop_assert!(event.quantity != 0 && event.price > 0 && event.reference > 0);
        let traded = event.quantity as i128 * event.price as i128;
        match market.account {
            AccountKind::Margin => prop_assert_eq!(event.cash, event.profit - event.fee),
            AccountKind::Cash => prop_assert_eq!(event.cash, -traded - event.fee),
            AccountKind::Collateral => {}
        }
        if !may_lie_outside(market, event) {
            let inside = event.reference >= book.bar.low && event.reference <= book.bar.high;
            prop_assert!(inside, "a fill lies inside its bar: {} to {}", book.bar.low, book.bar.high);
        }
        if let (Some(limit), Matching::Here) = (self.limits.get(&event.order), market.matching) {
            let within =
                if event.quantity > 0 { event.reference <= *limit } else { event.reference >= *limit };
            prop_assert!(within, "a fill keeps the limit {limit} of its order");
        }
        self.take_volume(event, book)
    }

    fn take_volume(&mut self, event: &Event, book: &Book) -> Result<(), TestCaseError> {
        let filled = &mut self.filled[event.instrument as usize];
        if filled.0 != book.index {
            *filled = (book.index, 0);
        }
        if let (Some(share), false) = (book.terms.fill_volume, is_forced(event)) {
            filled.1 += event.quantity.abs();
            let offered = book.bar.volume as i128 * share as i128 / RATE_ONE as i128;
            prop_assert!(filled.1 as i128 <= offered, "{} of {offered} offered are filled", filled.1);
        }
        Ok(())
    }

    /// Check that the account is what its journal and its open tickets say, to the last digit.
    pub fn check(&self, account: &Account) -> Result<(), TestCaseError> {
        let cash: Vec<i128> = account.purses().iter().map(|purse| purse.cash).collect();
        prop_assert_eq!(&cash, &self.purses, "cash is the sum of what moved it");
        let net: Vec<i64> = account.books().iter().map(|book| book.net_quantity).collect();
        prop_assert_eq!(&net, &self.net, "what is held is the sum of the fills");
        prop_assert_eq!(account.equity(), self.worth(account), "equity is cash plus what is held");
        prop_assert_eq!(account.next_seq(), self.next_seq);
        for book in account.books() {
            let sum =
                |of: fn(&eyas_kernel::position::Ticket) -> i128| book.tickets.iter().map(of).sum::<i128>();
            prop_assert_eq!(book.net_quantity as i128, sum(|held| (held.direction * held.quantity) as i128));
            prop_assert_eq!(book.gross_quantity as i128, sum(|held| held.quantity as i128));
            prop_assert_eq!(book.gross_cost, sum(|held| held.cost));
            prop_assert_eq!(book.net_cost, sum(|held| held.direction as i128 * held.cost));
            prop_assert!(book.tickets.iter().all(|held| held.quantity > 0));
        }
        let gone: Vec<u64> = account.orders().filter(|order| order.done).map(|order| order.number).collect();
        prop_assert!(gone.is_empty(), "orders {gone:?} are done, and still listed as waiting");
        Ok(())
    }

    /// Return what an account is worth, by the definition of its kind, ticket by ticket.
    fn worth(&self, account: &Account) -> i128 {
        let kind = account.rules().market.account;
        let mut worth = 0;
        for (place, purse) in account.purses().iter().enumerate() {
            let mut own = purse.cash;
            for book in account.books().iter().filter(|book| book.purse as usize == place) {
                let early = self.marks[book.instrument() as usize];
                let mark = if book.index < 0 { early } else { book.bar.close };
                for ticket in &book.tickets {
                    let value = ticket.quantity as i128 * mark as i128;
                    let direction = ticket.direction as i128;
                    own += match kind {
                        AccountKind::Margin => direction * (value - ticket.cost),
                        AccountKind::Cash => direction * value,
                        AccountKind::Collateral => ticket.cost + direction * (value - ticket.cost),
                    };
                }
            }
            worth += match purse.priced_by {
                None => own,
                Some(instrument) => {
                    let pricing = &account.books()[instrument as usize];
                    let one = power_of_ten(pricing.scale.price_decimals());
                    multiply_divide(own, pricing.bar.close, one).expect("random money can be converted")
                }
            };
        }
        worth
    }
}
