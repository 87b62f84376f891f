//! An account with its equity column, and the loop that feeds it.

use eyas_kernel::ask::Unasked;
use eyas_kernel::number::{parse, to_float, MONEY_DECIMALS};
use eyas_kernel::rules::{all_rules, RuleError, Rules};
use eyas_kernel::save::LoadError;
use eyas_kernel::terms::TERMS;
use eyas_kernel::{Account, Bar, Field};

use crate::failure::Failure;
use crate::history::History;

/// One account, and what it was worth after each bar.
pub struct Session {
    pub account: Account,
    pub opening_cash: f64,
    equity: Vec<f64>,
    /// The bar of the first of them: that on which a loaded account was saved.
    first_bar: usize,
}

/// Numbers in a row of `Session::advance`, each of eight bytes.
const ROW: usize = 10;

impl Session {
    /// Open an account: the first line is its cash, every other one `name=text` of a rule. After a line
    /// `instrument` they are the terms of one instrument, beside what all have.
    pub fn new(text: &str, time_ns: i64) -> Result<Session, Failure> {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let mut parts = vec![Vec::new()];
        for line in rest.lines() {
            match line.split_once('=') {
                Some(pair) => parts[..].last_mut().unwrap().push(pair),
                None if line == "instrument" => parts.push(Vec::new()),
                None => return Err(Failure::misuse(format!("{line} is no rule"))),
            }
        }
        let units = parse(first, MONEY_DECIMALS).filter(|units| *units > 0);
        let units = units.ok_or_else(|| {
            Failure::misuse(format!("cash is {first}, but must be a number above 0 and in range"))
        })?;
        let rules = rules_of(&parts[0])?;
        let mut terms = Vec::new();
        for own in &parts[1..] {
            if let Some((name, _)) = own.iter().find(|pair| TERMS.iter().all(|term| term.0 != pair.0)) {
                return Err(Failure::misuse(format!("{name} is no term of an instrument")));
            }
            // All are read anew: with other decimals the prices among the rules are other units.
            terms.push(rules_of(&[&parts[0][..], own].concat())?.terms);
        }
        if terms.is_empty() {
            terms.push(rules.terms);
        }
        let account = Account::with_instruments(rules, &terms, units, time_ns);
        let account = account.map_err(|refusal| Failure::refused("", refusal))?;
        let opening_cash = to_float(units, MONEY_DECIMALS);
        Ok(Session { account, opening_cash, equity: Vec::new(), first_bar: 0 })
    }

    /// Go on with an account that was saved; its curve begins anew.
    pub fn load(bytes: &[u8]) -> Result<Session, Failure> {
        let account = Account::load(bytes).map_err(|error| {
            Failure::misuse(match error {
                LoadError::Foreign => "these bytes are no saved account of eyas".to_owned(),
                LoadError::Version(version) => {
                    format!("the account was saved by version {version}, which this one cannot read")
                }
                LoadError::Damaged => "the saved account is damaged".to_owned(),
            })
        })?;
        let opening_cash = to_float(account.equity(), MONEY_DECIMALS);
        let first_bar = account.bar_index().max(0) as usize;
        Ok(Session { account, opening_cash, equity: Vec::new(), first_bar })
    }

    /// Do what words ask; a refusal is data and in the journal. Return the number of the last order.
    pub fn ask(&mut self, text: &str) -> Result<f64, Failure> {
        match self.account.ask(text) {
            Ok(_) | Err(Unasked::Refused(_)) => Ok(self.account.last_order() as f64),
            Err(Unasked::Unreadable) => Err(Failure::misuse(format!("nobody can ask {text}"))),
        }
    }

    /// Take one step of the clock: rows of ten numbers, the last `finer` of which lie inside the others.
    pub fn advance(&mut self, bytes: &[u8], finer: usize) -> Result<i32, Failure> {
        let rows: Vec<Bar> = bytes.chunks_exact(8 * ROW).map(|row| self.bar_of(row)).collect();
        if bytes.len() % (8 * ROW) != 0 || finer > rows.len() {
            return Err(Failure::misuse("a row is ten numbers of eight bytes".to_owned()));
        }
        self.mark();
        let (bars, inside) = rows.split_at(rows.len() - finer);
        let taken = self.account.advance(bars, inside).map(|events| events.len() as i32);
        taken.map_err(|refusal| Failure::refused("the step is refused: ", refusal))
    }

    fn bar_of(&self, row: &[u8]) -> Bar {
        let mut rest = row;
        let mut word = || i64::take(&mut rest).unwrap_or(0);
        let instrument = f64::from_bits(word() as u64) as u32;
        let (time_ns, close_ns) = (word(), word());
        let floats = [(); 7].map(|()| f64::from_bits(word() as u64));
        let [open, high, low, close, volume, given, funding] = floats;
        let scale = self.account.scale_of(instrument);
        let bar = Bar::from_floats(time_ns, [open, high, low, close], volume, scale);
        Bar { close_ns, instrument, ..bar.with_given(given, funding, scale) }
    }

    /// Take the bars from `first` up to `last` (exclusive); return how many events came of them.
    pub fn run(&mut self, history: &History, first: usize, last: usize) -> Result<i32, Failure> {
        history.check(first, last)?;
        let before = self.account.events().len();
        self.equity.reserve(last - first);
        for row in first..last {
            self.take(history, row)?;
        }
        Ok((self.account.events().len() - before) as i32)
    }

    /// Take one bar.
    #[inline]
    pub fn take(&mut self, history: &History, row: usize) -> Result<(), Failure> {
        self.mark();
        let taken = self.account.advance(&[history.bar(row, self.account.scale())], &[]);
        taken.map_err(|refusal| Failure::refused(&format!("bar {row} is refused: "), refusal))?;
        Ok(())
    }

    /// Write down what the account is worth on its bar; what is decided on the bar still counts.
    fn mark(&mut self) {
        let index = self.account.bar_index();
        if index < 0 {
            return;
        }
        let worth = to_float(self.account.equity(), MONEY_DECIMALS);
        match self.equity.get_mut(index as usize - self.first_bar) {
            Some(known) => *known = worth,
            None => self.equity.push(worth),
        }
    }

    /// Return what the account was worth after each bar, up to now.
    pub fn curve(&mut self) -> &[f64] {
        self.mark();
        &self.equity
    }
}

fn rules_of(pairs: &[(&str, &str)]) -> Result<Rules, Failure> {
    let mut rules = Rules::default();
    let set = rules.set_all(pairs);
    set.map_err(|error| {
        Failure::misuse(match error {
            RuleError::Unknown => {
                let unknown = pairs.iter().find(|pair| all_rules().all(|rule| rule.0 != pair.0));
                format!("there is no rule called {}", unknown.map_or("", |pair| pair.0))
            }
            RuleError::Value { name, allowed } => {
                let text = pairs.iter().rev().find(|pair| pair.0 == name).map_or("", |pair| pair.1);
                format!("{name} is {text}, but must be {allowed}")
            }
            RuleError::Impossible(why) => why.to_owned(),
        })
    })?;
    Ok(rules)
}
