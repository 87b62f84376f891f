//! The account and the bars that a scenario asks for.

use eyas_kernel::number::{parse, MONEY_DECIMALS, RATE_DECIMALS};
use eyas_kernel::terms::{Terms, TERMS};
use eyas_kernel::{Account, Bar, Rules};

use super::ask::units;
use super::tables::{Row, Scenario, Step};

const MINUTE_NS: i64 = 60_000_000_000;

/// Open the account that a scenario asks for.
pub fn open(scenario: &Scenario) -> Result<Account, String> {
    let read = |pairs: &[(String, String)]| {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, text)| (&**name, &**text)).collect();
        let mut rules = Rules::default();
        rules.set_all(&pairs).map(|()| rules).map_err(|error| format!("{error:?} in {pairs:?}"))
    };
    let is_term = |name: &str| TERMS.iter().any(|term| term.0 == name);
    let rules = read(&scenario.rules)?;
    let cash = parse(&scenario.cash, MONEY_DECIMALS).unwrap_or(0);
    let mut terms: Vec<Terms> = Vec::new();
    for pairs in &scenario.instruments {
        if let Some((name, _)) = pairs.iter().find(|(name, _)| !is_term(name)) {
            return Err(format!("{name} is no term of an instrument"));
        }
        // The terms of the rules are read once more, with the decimals that this instrument has.
        let common = scenario.rules.iter().filter(|(name, _)| is_term(name));
        let own: Vec<(String, String)> = common.chain(pairs).cloned().collect();
        terms.push(read(&own)?.terms);
    }
    let account = match terms.is_empty() {
        true => Account::new(rules, cash, 0),
        false => Account::with_instruments(rules, &terms, cash, 0),
    };
    account.map_err(|refusal| refusal.name().to_owned())
}

/// Return the bars of a step, and the finer bars inside them in the order in which they close.
pub fn bars_of(account: &Account, step: &Step) -> Result<(Vec<Bar>, Vec<Bar>), String> {
    let mut bars = Vec::new();
    let mut all_finer = Vec::new();
    for row in step.rows.iter().filter(|row| !row.is_missing()) {
        let bar = bar_of(account, row, opening_ns(step, row)?, 0)?;
        let finer: Vec<&Row> = step.finer.iter().filter(|finer| finer.instrument == row.instrument).collect();
        // Bars come a minute apart where none says how long it lasts.
        let length_ns = if bar.close_ns > bar.time_ns { bar.close_ns - bar.time_ns } else { MINUTE_NS };
        for (place, row) in (0..).zip(&finer) {
            let at = |part: i64| bar.time_ns + length_ns * part / finer.len() as i64;
            all_finer.push(bar_of(account, row, at(place), at(place + 1) - at(place))?);
        }
        bars.push(bar);
    }
    if all_finer.len() < step.finer.len() {
        return Err("a finer bar is inside no bar".to_owned());
    }
    all_finer.sort_by_key(|bar| (bar.close_ns, bar.instrument));
    Ok((bars, all_finer))
}

/// Return when the bar of a row opens, also when it has none: a minute after the one before if it does not say.
pub fn opening_ns(step: &Step, row: &Row) -> Result<i64, String> {
    let number: i64 = step.name.trim_start_matches("refused ").parse().map_err(|_| step.name.clone())?;
    minutes(&row.time, (number + 1) * MINUTE_NS)
}

/// Read minutes as nanoseconds.
fn minutes(text: &str, usual_ns: i64) -> Result<i64, String> {
    match text {
        "" => Ok(usual_ns),
        // A thousand-millionth of a minute is 60 ns.
        _ => units(text, 9)?.checked_mul(60).ok_or_else(|| format!("{text} minutes are too many")),
    }
}

/// Return the bar of a row, given what its time and its length are when it says nothing of them.
fn bar_of(account: &Account, row: &Row, time_ns: i64, length_ns: i64) -> Result<Bar, String> {
    if row.instrument as usize >= account.books().len() {
        return Err(format!("there is no instrument {}", row.instrument));
    }
    let scale = account.scale_of(row.instrument);
    let decimals = scale.price_decimals();
    let price = |place: usize| units(&row.prices[place], decimals);
    let optional = |text: &str, decimals: u32, usual: i64| match text {
        "" | "nan" => Ok(usual),
        _ => units(text, decimals),
    };
    let time_ns = minutes(&row.time, time_ns)?;
    let bar = Bar {
        time_ns,
        close_ns: time_ns + minutes(&row.length, length_ns)?,
        open: price(0)?,
        high: price(1)?,
        low: price(2)?,
        close: price(3)?,
        volume: optional(&row.volume, scale.quantity_decimals(), -1)?,
        given: 0,
        funding: 0,
        instrument: row.instrument,
    };
    let unknown = bar.with_given(f64::NAN, f64::NAN, scale);
    Ok(Bar {
        given: optional(&row.given, decimals, unknown.given)?,
        funding: optional(&row.funding, RATE_DECIMALS, unknown.funding)?,
        ..bar
    })
}
