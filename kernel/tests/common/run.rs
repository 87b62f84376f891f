//! One scenario on its way through the kernel, and the text of what came of it.

use eyas_kernel::metrics::{CurveFigures, TradeFigures};
use eyas_kernel::number::{parse, to_float, to_text, MONEY_DECIMALS};
use eyas_kernel::record::{Cause, Event, EventKind, Phase};
use eyas_kernel::{Account, Bar, Refusal, Rules};

use super::ask::{ask, float, units, Through};
use super::tables::{Row, Scenario};

const MINUTE_NS: i64 = 60_000_000_000;
const SECOND_NS: i64 = 1_000_000_000;

/// Run a scenario; the error says where and how the kernel differs, or what cannot be read.
pub fn run(scenario: &Scenario, through: Through) -> Result<(), String> {
    let mut run = Run::new(scenario, through)?;
    for row in &scenario.rows {
        run.row(row)?;
    }
    run.figures()
}

struct Run<'a> {
    scenario: &'a Scenario,
    through: Through,
    account: Account,
    /// What goes without saying of the events of a row.
    phase: Phase,
    time_ns: i64,
    seq: u64,
    curve: Vec<f64>,
}

impl<'a> Run<'a> {
    fn new(scenario: &'a Scenario, through: Through) -> Result<Run<'a>, String> {
        let whole = |what: String| format!("{}:{}: {what}", scenario.page, scenario.line);
        let mut rules = Rules::default();
        let pairs: Vec<(&str, &str)> = scenario.rules.iter().map(|(name, text)| (&**name, &**text)).collect();
        rules.set_all(&pairs).map_err(|error| whole(format!("{error:?} in {pairs:?}")))?;
        let cash = parse(&scenario.cash, MONEY_DECIMALS).unwrap_or(0);
        let account = Account::new(rules, cash, 0).map_err(|refusal| whole(refusal.name().to_owned()))?;
        let mut run =
            Run { scenario, through, account, phase: Phase::Start, time_ns: 0, seq: 0, curve: Vec::new() };
        let opened = run.take().join("; ");
        let expected = format!("transferred cash {}", to_text(cash, MONEY_DECIMALS));
        compare(&whole(String::new()), "the opening", &expected, &opened)?;
        Ok(run)
    }

    fn row(&mut self, row: &Row) -> Result<(), String> {
        let place = format!("{}:{}", self.scenario.page, row.line);
        let mut got = self.come(row).map_err(|why| format!("{place}: {why}"))?;
        for text in row.ask.split(';').map(str::trim).filter(|text| !text.is_empty()) {
            let (usual, later) = (self.time_ns, self.time_ns + SECOND_NS);
            let filled = ask(&mut self.account, text, self.through, later);
            let filled = filled.map_err(|why| format!("{place}: {why} in the ask {text:?}"))?;
            self.time_ns = if filled { later } else { usual };
            got.extend(self.take());
            self.time_ns = usual;
        }
        if let Some(journal) = &row.journal {
            compare(&place, "journal", journal, &got.join("; "))?;
        }
        for (name, expected) in &row.amounts {
            compare(&place, name, expected, &self.amount(name))?;
        }
        let by_journal: i128 = self.account.events().iter().map(|event| event.cash).sum();
        compare(&place, "cash by the journal", &to_text(by_journal, MONEY_DECIMALS), &self.amount("cash"))?;
        if row.bar.parse::<u32>().is_ok() {
            self.curve.push(to_float(self.account.equity(), MONEY_DECIMALS));
        }
        Ok(())
    }

    /// Let the bar or the end come, and return what is written of it.
    fn come(&mut self, row: &Row) -> Result<Vec<String>, String> {
        if row.has_prices() {
            let bar = self.bar(row)?;
            if row.bar.starts_with("refused") {
                let got =
                    self.account.advance(&bar).map(|_| "taken").unwrap_or_else(|refusal| refusal.name());
                return Ok(vec![got.to_owned()]);
            }
            self.phase = Phase::Decision;
            self.time_ns = bar.time_ns;
            self.account
                .advance(&bar)
                .map_err(|refusal| format!("the bar is refused: {}", refusal.name()))?;
        } else if row.bar == "end" {
            self.phase = Phase::End;
            self.account.finish();
            if let Some(last) = self.curve.last_mut() {
                *last = to_float(self.account.equity(), MONEY_DECIMALS);
            }
        }
        Ok(self.take())
    }

    fn bar(&self, row: &Row) -> Result<Bar, String> {
        let decimals = self.account.scale().price_decimals();
        let price = |place: usize| units(&row.prices[place], decimals);
        let number: i64 = row.bar.trim_start_matches("refused ").parse().map_err(|_| row.bar.clone())?;
        Ok(Bar {
            time_ns: (number + 1) * MINUTE_NS,
            open: price(0)?,
            high: price(1)?,
            low: price(2)?,
            close: price(3)?,
            volume: 10_i64.pow(self.account.scale().quantity_decimals()),
            instrument: 0,
        })
    }

    fn amount(&self, name: &str) -> String {
        let money = match name {
            "equity" => self.account.equity(),
            "cash" => self.account.cash(),
            "free_cash" => self.account.free_cash(),
            "used_margin" => self.account.used_margin(),
            _ => {
                let decimals = self.account.scale().quantity_decimals();
                return to_text(self.account.net_quantity() as i128, decimals);
            }
        };
        to_text(money, MONEY_DECIMALS)
    }

    /// Return the events since the last call, written.
    fn take(&mut self) -> Vec<String> {
        let first = self.seq as usize;
        let mut texts = Vec::new();
        for place in first..self.account.events().len() {
            texts.push(self.written(&self.account.events()[place]));
            self.seq += 1;
        }
        texts
    }

    /// Write an event, leaving out what goes without saying.
    fn written(&self, event: &Event) -> String {
        let scale = self.account.scale();
        let price = |value: i64| to_text(value as i128, scale.price_decimals());
        let quantity = to_text(event.quantity as i128, scale.quantity_decimals());
        let money = |value: i128| to_text(value, MONEY_DECIMALS);
        let ticket = if event.ticket == event.order { 0 } else { event.ticket };
        let is_fill = event.kind == EventKind::Filled;
        let cause = match (is_fill || event.kind == EventKind::Submitted, ticket) {
            (false, _) => Cause::None,
            (true, 0) => Cause::Entry,
            (true, _) => Cause::Close,
        };
        let say = |said: bool, text: String| Some(text).filter(|_| said);
        let usual_cash = if is_fill { event.profit - event.fee } else { 0 };
        let usual_reference = if is_fill { event.price } else { 0 };
        let sign = if event.quantity > 0 { "+" } else { "" };
        let parts = [
            say(event.phase != self.phase, format!("{}:", event.phase.name())),
            say(true, event.kind.name().to_owned()),
            say(event.order != 0, event.order.to_string()),
            say(ticket != 0, format!("of {ticket}")),
            say(event.quantity != 0, format!("{sign}{quantity}")),
            say(event.price != 0, format!("at {}", price(event.price))),
            say(event.reference != usual_reference, format!("from {}", price(event.reference))),
            say(event.fee != 0, format!("fee {}", money(event.fee))),
            say(event.profit != 0, format!("profit {}", money(event.profit))),
            say(event.cash != usual_cash, format!("cash {}", money(event.cash))),
            say(event.cause != cause, event.cause.name().to_owned()),
            say(event.refusal != Refusal::None, event.refusal.name().to_owned()),
            say(event.bar != self.account.bar_index(), format!("bar {}", event.bar)),
            say(event.time_ns != self.time_ns, format!("time {}", event.time_ns)),
            say(event.seq != self.seq, format!("seq {}", event.seq)),
            say(event.instrument != 0, format!("instrument {}", event.instrument)),
        ];
        parts.into_iter().flatten().collect::<Vec<String>>().join(" ")
    }

    fn figures(&self) -> Result<(), String> {
        let place = format!("{}:{}", self.scenario.page, self.scenario.line);
        let figures = &self.scenario.figures;
        let per_year = figures.iter().find(|figure| figure.0 == "bars_per_year");
        let per_year = per_year.map_or(Ok(f64::NAN), |figure| float(&figure.1))?;
        for (name, text) in figures.iter().filter(|figure| figure.0 != "bars_per_year") {
            let got =
                self.figure(name, per_year).ok_or_else(|| format!("{place}: there is no figure {name}"))?;
            let stated = float(text)?;
            let near = (stated - got).abs() <= 1e-12 * stated.abs();
            if !(near || stated == got || (stated.is_nan() && got.is_nan())) {
                compare(&place, name, text, &format!("{got:?}"))?;
            }
        }
        Ok(())
    }

    fn figure(&self, name: &str, bars_per_year: f64) -> Option<f64> {
        let trades = TradeFigures::of(self.account.events());
        let opening = to_float(parse(&self.scenario.cash, MONEY_DECIMALS)?, MONEY_DECIMALS);
        let curve = CurveFigures::of(opening, &self.curve);
        let money = |units: i128| to_float(units, MONEY_DECIMALS);
        Some(match name {
            "opening_cash" => opening,
            "bars_held" => self.account.bars_held() as f64,
            "trades" => trades.trades as f64,
            "wins" => trades.wins as f64,
            "losses" => trades.losses as f64,
            "refused" => trades.refused as f64,
            "net_profit" => money(trades.net_profit),
            "gross_profit" => money(trades.gross_profit),
            "gross_loss" => money(trades.gross_loss),
            "fees" => money(trades.fees),
            "best" => money(trades.best),
            "worst" => money(trades.worst),
            "win_rate" => trades.win_rate(),
            "profit_factor" => trades.profit_factor(),
            "total_return" => curve.total_return,
            "max_drawdown" => curve.max_drawdown,
            "max_drawdown_bars" => curve.max_drawdown_bars as f64,
            "sharpe" => curve.sharpe(bars_per_year),
            _ => return None,
        })
    }
}

/// Compare two texts; the error has an event a line, with what differs marked.
fn compare(place: &str, what: &str, expected: &str, got: &str) -> Result<(), String> {
    if expected == got {
        return Ok(());
    }
    let marked = |text: &str, other: &str| {
        let same: Vec<&str> = other.split("; ").collect();
        let line = |part: &str| {
            let mark = if same.contains(&part) { ' ' } else { '!' };
            format!("\n    {mark} {}", if part.is_empty() { "(nothing)" } else { part })
        };
        text.split("; ").map(line).collect::<String>()
    };
    let (wanted, came) = (marked(expected, got), marked(got, expected));
    Err(format!("{place}: {what} differs\n  expected:{wanted}\n  got:{came}"))
}
