//! A random scenario on its way through the kernel.

use std::fmt;

use eyas_kernel::account::Account;
use eyas_kernel::number::{to_text, MONEY_DECIMALS};
use eyas_kernel::record::{Bar, Event, EventKind, Phase};
use eyas_kernel::rules::{Matching, Rules};
use eyas_kernel::terms::Terms;
use eyas_kernel::Field;
use proptest::collection::vec;
use proptest::prelude::*;

use super::asks::{asks, put, Ask};
use super::bars::{paces, raws, Raw};
use super::ledger::Ledger;
use super::rules::markets;
use super::MONEY;

/// The bars of one step of the clock, and what is asked after it.
#[derive(Clone)]
pub struct Row {
    pub bars: Vec<Bar>,
    pub finer: Vec<Bar>,
    pub asks: Vec<Ask>,
}

#[derive(Clone)]
pub struct Scenario {
    pub rules: Rules,
    pub terms: Vec<Terms>,
    pub cash: i128,
    pub rows: Vec<Row>,
}

/// A case is shown as short as it can be: rules that differ from their defaults, bars, wishes in words.
impl fmt::Debug for Scenario {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = Rules { terms: self.terms[0], ..self.rules };
        writeln!(
            out,
            "cash {}; {}",
            to_text(self.cash, MONEY_DECIMALS),
            differing(&rules, &Rules::default())
        )?;
        for (place, terms) in self.terms.iter().enumerate().skip(1) {
            writeln!(out, "instrument {place}: {}", differing(&Rules { terms: *terms, ..rules }, &rules))?;
        }
        self.rows.iter().try_for_each(|row| writeln!(out, "{row:?}"))
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, bars) in [("bar", &self.bars), ("finer", &self.finer)] {
            for bar in bars {
                let Bar { instrument, time_ns, close_ns, open, high, low, close, .. } = *bar;
                let Bar { volume, given, funding, .. } = *bar;
                write!(out, "{name} {instrument} [{time_ns} {close_ns}] {open} {high} {low} {close}")?;
                write!(out, " volume {volume} given {given} funding {funding}; ")?;
            }
        }
        write!(out, "asks {:?}", self.asks)
    }
}

/// Return the fields of some rules that differ from those of others.
fn differing(rules: &Rules, others: &Rules) -> String {
    let (ours, theirs) = (format!("{rules:?}"), format!("{others:?}"));
    let fields = ours.split(", ").zip(theirs.split(", ")).filter(|(ours, theirs)| ours != theirs);
    fields.map(|(ours, _)| ours).collect::<Vec<&str>>().join(", ")
}

/// Where the journal ended and what the account was worth, after a step or a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub events: usize,
    pub equity: i128,
}

/// What came of a scenario.
#[derive(Debug)]
pub struct Run {
    pub account: Account,
    pub events: Vec<Event>,
    /// A mark after every step and after every wish; the places of those after a row.
    pub marks: Vec<Mark>,
    pub rows: Vec<usize>,
}

impl Run {
    /// Return the journal as bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.events.iter().for_each(|event| event.put(&mut bytes));
        bytes
    }
}

/// Return scenarios of up to three instruments under the rules that are tried.
pub fn scenarios(tried: fn(&str) -> bool) -> impl Strategy<Value = Scenario> {
    let row = (vec(raws(), 3), vec(asks(), 0..4));
    let cash =
        prop_oneof![8 => Just(10_000 * MONEY), 1 => 1..=10_i128.pow(37), 1 => Just(100_000_000 * MONEY)];
    // Two instruments out of three times one: what only several can show needs no more.
    let count = prop_oneof![3 => Just(1_usize), 1 => Just(2), 2 => Just(3)];
    (markets(tried), cash, count, paces(), vec(row, 1..20)).prop_map(
        |((rules, terms), cash, count, paces, raws)| {
            let mut terms = terms[..count].to_vec();
            let last = count as u32;
            for own in &mut terms {
                // More money than there is would not fit when a currency is dear.
                own.currency = own.currency.filter(|pricing| *pricing < last && cash < 10_i128.pow(26));
            }
            let known = terms.iter().any(|own| own.fill_volume.is_some() || own.slippage_volume != 0);
            let mut rows = Vec::new();
            for (index, (raws, asks)) in raws.into_iter().enumerate() {
                rows.push(row_of(&raws[..count], index as i64, known, &paces, asks));
            }
            Scenario { rules, terms, cash, rows }
        },
    )
}

/// The first row has no bars: it is what is asked before there is any.
fn row_of(raws: &[Raw], minute: i64, known: bool, paces: &[super::bars::Pace], asks: Vec<Ask>) -> Row {
    let mut row = Row { bars: Vec::new(), finer: Vec::new(), asks };
    for (instrument, raw) in raws.iter().enumerate().filter(|_| minute > 0) {
        if let Some(mut bar) = raw.bar(instrument, minute, paces[instrument]) {
            bar.volume = if known { bar.volume.max(0) } else { bar.volume };
            row.finer.extend(raw.inside(&bar));
            row.bars.push(bar);
        }
    }
    row
}

impl Scenario {
    pub fn open(&self) -> Account {
        Account::with_instruments(self.rules, &self.terms, self.cash, 0).expect("the account can be opened")
    }

    /// Run to the end, checking after every step and every wish.
    pub fn play(&self) -> Result<Run, TestCaseError> {
        self.play_with(|_| {})
    }

    /// Run to the end, with something done to the account before every step and every wish.
    pub fn play_with(&self, before: impl FnMut(&mut Account)) -> Result<Run, TestCaseError> {
        self.play_watched(before, |_, _| Ok(()))
    }

    /// Run to the end, with something done before every step and every wish, and something looked at after it.
    pub fn play_watched(
        &self,
        mut before: impl FnMut(&mut Account),
        mut after: impl FnMut(&Account, &[Event]) -> Result<(), TestCaseError>,
    ) -> Result<Run, TestCaseError> {
        let account = self.open();
        let mut ledger = Ledger::new(&account);
        let mut run = Run { account, events: Vec::new(), marks: Vec::new(), rows: Vec::new() };
        run.mark(&mut ledger, &mut after)?;
        for row in &self.rows {
            if !row.bars.is_empty() {
                before(&mut run.account);
                let first = run.events.len();
                let stepped = run.advance(row)?;
                run.mark(&mut ledger, &mut after)?;
                if stepped {
                    check_margin_call(&run.account, &run.events[first..])?;
                }
            }
            for ask in &row.asks {
                before(&mut run.account);
                run.ask(ask)?;
                run.mark(&mut ledger, &mut after)?;
            }
            run.rows.push(run.marks.len() - 1);
        }
        before(&mut run.account);
        run.account.finish();
        run.mark(&mut ledger, &mut after)?;
        prop_assert!(run.account.orders().next().is_none(), "no order waits after the end");
        for ask in &self.rows[0].asks {
            run.ask(ask)?;
            run.mark(&mut ledger, &mut after)?;
        }
        prop_assert!(run.account.orders().next().is_none(), "nothing can be asked for after the end");
        Ok(run)
    }
}

impl Run {
    /// Take a step, if any of its instruments is still listed; return whether there was one.
    fn advance(&mut self, row: &Row) -> Result<bool, TestCaseError> {
        let delisted = |bar: &&Bar| !self.account.books()[bar.instrument as usize].delisted;
        let listed: Vec<Bar> = row.bars.iter().filter(delisted).copied().collect();
        let inside: Vec<Bar> = row.finer.iter().filter(delisted).copied().collect();
        if !listed.is_empty() {
            let answer = self.account.advance(&listed, &inside).map(|_| ());
            prop_assert_eq!(answer, Ok(()), "the bars {:?} can have happened", listed);
        }
        Ok(!listed.is_empty())
    }

    /// Ask for something; what is refused changes nothing but the journal.
    fn ask(&mut self, ask: &Ask) -> Result<(), TestCaseError> {
        let before = (self.account.purses().to_vec(), held(&self.account), self.account.equity());
        if put(&mut self.account, ask).is_err() {
            // A net order that was refused its other side has closed the position all the same (R22).
            let reduced = self.account.events().iter().any(|event| event.kind == EventKind::Filled);
            let after = (self.account.purses().to_vec(), held(&self.account), self.account.equity());
            prop_assert!(reduced || before == after, "a refusal of {ask:?} changes nothing");
        }
        Ok(())
    }

    fn mark(
        &mut self,
        ledger: &mut Ledger,
        after: &mut impl FnMut(&Account, &[Event]) -> Result<(), TestCaseError>,
    ) -> Result<(), TestCaseError> {
        let events = self.account.take_events();
        ledger.take(&events, &self.account)?;
        ledger.check(&self.account)?;
        after(&self.account, &events)?;
        self.events.extend(events);
        self.marks.push(Mark { events: self.events.len(), equity: self.account.equity() });
        Ok(())
    }
}

/// Return every ticket and every waiting order, but for whom an order knows: a refused partner leaves its number.
fn held(account: &Account) -> (Vec<eyas_kernel::position::Ticket>, Vec<eyas_kernel::book::Waiting>) {
    let alone = |order: &eyas_kernel::book::Waiting| eyas_kernel::book::Waiting { group: 0, ..*order };
    (account.tickets().copied().collect(), account.orders().filter(|order| !order.done).map(alone).collect())
}

/// After a bar nothing is held that the margin call would have closed at its close.
fn check_margin_call(account: &Account, events: &[Event]) -> Result<(), TestCaseError> {
    let decided = events.iter().any(|event| event.phase == Phase::Decision);
    let here = account.rules().market.matching == Matching::Here;
    if let (Some(level), false, true) = (account.rules().market.margin_call, decided, here) {
        let used = account.used_margin();
        let least = eyas_kernel::number::at_rate(used, level).expect("random money is in range");
        prop_assert!(used == 0 || account.equity() > least, "the margin call closes what is not covered");
    }
    Ok(())
}
