//! An account with its equity column, and the loop that feeds it.

use eyas_kernel::number::{parse, to_float, MONEY_DECIMALS};
use eyas_kernel::request::Request;
use eyas_kernel::rules::{RuleError, Rules, RULES};
use eyas_kernel::{Account, Fill, Refusal};

use crate::failure::Failure;
use crate::history::History;

/// One account, and what it was worth after each bar.
pub struct Session {
    pub account: Account,
    pub opening_cash: f64,
    equity: Vec<f64>,
}

impl Session {
    /// Open an account: the first line is its cash, every other one `name=text` of a rule.
    pub fn new(text: &str, time_ns: i64) -> Result<Session, Failure> {
        let mut lines = text.lines();
        let cash = lines.next().unwrap_or("");
        let pairs: Vec<(&str, &str)> = lines.map(|line| line.split_once('=').unwrap_or((line, ""))).collect();
        let units = parse(cash, MONEY_DECIMALS).filter(|units| *units > 0);
        let units = units.ok_or_else(|| {
            Failure::misuse(format!("cash is {cash}, but must be a number above 0 and in range"))
        })?;
        let account = Account::new(rules_of(&pairs)?, units, time_ns);
        let account = account.map_err(|refusal| Failure::refused("", refusal))?;
        Ok(Session { account, opening_cash: to_float(units, MONEY_DECIMALS), equity: Vec::new() })
    }

    /// Submit a request; a refusal is data and in the journal. Return the order's number.
    pub fn request(&mut self, request: &Request) -> f64 {
        let _ = self.account.request(request);
        self.account.last_order() as f64
    }

    /// Account for a fill by somebody else's market: lines of price, quantity and fee.
    pub fn apply(&mut self, order: u64, text: &str, time_ns: i64) -> Result<i32, Failure> {
        let scale = self.account.scale();
        let mut lines = text.lines();
        let mut read = |name: &str, decimals: u32| {
            let line = lines.next().unwrap_or("");
            parse(line, decimals).ok_or_else(|| Failure::misuse(format!("{name} is {line}, not a number")))
        };
        let small = |units: i128| {
            i64::try_from(units).map_err(|_| Failure::refused("", Refusal::QuantityMustBeInRange))
        };
        let fill = Fill {
            time_ns,
            order,
            price: small(read("price", scale.price_decimals())?)?,
            quantity: small(read("quantity", scale.quantity_decimals())?)?,
            fee: read("fee", MONEY_DECIMALS)?,
        };
        Ok(self.account.apply(&fill).is_ok() as i32)
    }

    /// Take the bars from `first` up to `last` (exclusive); return how many events came of them.
    pub fn run(&mut self, history: &History, first: usize, last: usize) -> Result<i32, Failure> {
        if first > last || last > history.len() {
            let bars = history.len();
            return Err(Failure::misuse(format!(
                "there are no bars {first} to {last} in a history of {bars} bars"
            )));
        }
        let scale = self.account.scale();
        let before = self.account.events().len();
        self.equity.reserve(last - first);
        for row in first..last {
            self.mark();
            let taken = self.account.advance(&history.bar(row, scale));
            taken.map_err(|refusal| Failure::refused(&format!("bar {row} is refused: "), refusal))?;
        }
        Ok((self.account.events().len() - before) as i32)
    }

    /// Write down what the account is worth on its bar; what is decided on the bar still counts.
    fn mark(&mut self) {
        let index = self.account.bar_index();
        if index < 0 {
            return;
        }
        let worth = to_float(self.account.equity(), MONEY_DECIMALS);
        match self.equity.get_mut(index as usize) {
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
                let unknown = pairs.iter().find(|pair| RULES.iter().all(|rule| rule.0 != pair.0));
                format!("there is no rule called {}", unknown.map_or("", |pair| pair.0))
            }
            RuleError::Value { name, allowed } => {
                let text = pairs.iter().find(|pair| pair.0 == name).map_or("", |pair| pair.1);
                format!("{name} is {text}, but must be {allowed}")
            }
            RuleError::Impossible(why) => why.to_owned(),
        })
    })?;
    Ok(rules)
}
