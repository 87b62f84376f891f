//! One scenario on its way through the kernel, and the text of what came of it.

use eyas_kernel::metrics::{CurveFigures, TradeFigures};
use eyas_kernel::number::{parse, to_float, to_text, MONEY_DECIMALS};
use eyas_kernel::record::{Bar, Event, EventKind, Phase};
use eyas_kernel::Account;

use super::ask::{ask, float, units, Through};
use super::folds::fold;
use super::market::{bars_of, open, opening_ns};
use super::tables::{Row, Scenario, Step};
use super::written::{compare, written, Moment};

const SECOND_NS: i64 = 1_000_000_000;

/// Run a scenario; the error says where and how the kernel differs, or what cannot be read.
pub fn run(scenario: &Scenario, through: Through) -> Result<(), String> {
    let mut run = Run::new(scenario, through)?;
    for step in &scenario.steps {
        run.step(step)?;
    }
    run.figures()
}

struct Run<'a> {
    scenario: &'a Scenario,
    through: Through,
    account: Account,
    /// Every event so far; the account keeps none.
    events: Vec<Event>,
    /// Every bar so far, with its step.
    bars: Vec<(i64, Bar)>,
    /// What goes without saying of the events of a row.
    phase: Phase,
    time_ns: i64,
    /// When the last bar has closed.
    clock_ns: i64,
    curve: Vec<f64>,
}

impl<'a> Run<'a> {
    fn new(scenario: &'a Scenario, through: Through) -> Result<Run<'a>, String> {
        let place = format!("{}:{}", scenario.page, scenario.line);
        let account = open(scenario).map_err(|why| format!("{place}: {why}"))?;
        let (phase, events, curve) = (Phase::Start, Vec::new(), Vec::new());
        let bars = Vec::new();
        let mut run = Run { scenario, through, account, events, bars, phase, time_ns: 0, clock_ns: 0, curve };
        let opened = run.take(None).join("; ");
        let cash = parse(&scenario.cash, MONEY_DECIMALS).unwrap_or(0);
        let expected = format!("transferred cash {}", to_text(cash, MONEY_DECIMALS));
        compare(&place, "the opening", &expected, &opened).map(|()| run)
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        let at = |row: &Row| format!("{}:{}", self.scenario.page, row.line);
        let (first, last) = (at(&step.rows[0]), at(&step.rows[step.rows.len() - 1]));
        let mut got = self.come(step).map_err(|why| format!("{first}: {why}"))?;
        for row in &step.rows {
            let place = format!("{}:{}", self.scenario.page, row.line);
            if step.is_taken() {
                self.time_ns = opening_ns(step, row).map_err(|why| format!("{place}: {why}"))?;
            }
            for text in row.ask.split(';').map(str::trim).filter(|text| !text.is_empty()) {
                got.extend(self.ask(text).map_err(|why| format!("{place}: {why} in the ask {text:?}"))?);
            }
            if let Some(expected) = &row.journal {
                compare(&place, "journal", expected, &got.join("; "))?;
            }
            got.clear();
        }
        self.amounts(&last, &step.rows[step.rows.len() - 1])?;
        if step.is_taken() {
            self.curve.push(to_float(self.account.equity(), MONEY_DECIMALS));
        }
        Ok(())
    }

    fn amounts(&self, place: &str, row: &Row) -> Result<(), String> {
        for (name, expected) in &row.amounts {
            if name == "margin_level" {
                self.near(place, name, expected, self.account.margin_level())?;
            } else {
                compare(place, name, expected, &self.amount(name))?;
            }
        }
        if self.scenario.instruments.iter().flatten().any(|(name, _)| name == "currency") {
            return Ok(());
        }
        let cash: i128 = self.events.iter().map(|event| event.cash).sum();
        compare(place, "cash by the journal", &to_text(cash, MONEY_DECIMALS), &self.amount("cash"))
    }

    /// Save the account and go on with the one that the bytes load.
    fn save(&mut self) -> Result<(), String> {
        let bytes = self.account.save();
        self.account =
            Account::load(&bytes).map_err(|error| format!("{error:?} on loading what was saved"))?;
        if self.account.save() == bytes {
            return Ok(());
        }
        Err("the loaded account saves other bytes".to_owned())
    }

    /// Ask for one thing, and return what is written of it.
    fn ask(&mut self, text: &str) -> Result<Vec<String>, String> {
        if text == "save" {
            return self.save().map(|()| Vec::new());
        }
        if self.through == Through::Saved {
            self.save()?;
        }
        if !text.starts_with("fill ") {
            ask(&mut self.account, text, self.through)?;
            return Ok(self.take(None));
        }
        let (wanted, text) = match text.strip_suffix(" refused") {
            Some(text) => (false, text.to_owned()),
            None => (true, text.to_owned()),
        };
        let (text, time_ns) = match text.split_once(" time ") {
            Some((_, seconds)) => (text.clone(), units(seconds, 0)?.saturating_mul(SECOND_NS)),
            None => (format!("{text} time {}", self.clock_ns / SECOND_NS + 1), self.clock_ns + SECOND_NS),
        };
        ask(&mut self.account, &text, self.through)?;
        let first = self.events.len();
        let written = self.take(Some(time_ns));
        let taken = self.events[first..].iter().any(|event| event.kind == EventKind::Filled);
        if taken != wanted {
            return Err(format!("the fill was {}taken", if taken { "" } else { "not " }));
        }
        Ok(written)
    }

    /// Let the bars or the end come, and return what is written of it.
    fn come(&mut self, step: &Step) -> Result<Vec<String>, String> {
        if self.through == Through::Saved {
            self.save()?;
        }
        if step.rows[0].has_prices() {
            let (bars, finer) = bars_of(&self.account, step)?;
            if step.name.starts_with("refused") {
                let taken = self.account.advance(&bars, &finer).map(|_| "taken");
                return Ok(vec![taken.unwrap_or_else(|refusal| refusal.name()).to_owned()]);
            }
            self.phase = Phase::Decision;
            self.time_ns = opening_ns(step, &step.rows[0])?;
            self.clock_ns = bars.iter().map(|bar| bar.close_ns).max().unwrap_or(0);
            self.account
                .advance(&bars, &finer)
                .map_err(|refusal| format!("the bar is refused: {}", refusal.name()))?;
            self.bars.extend(bars.iter().map(|bar| (self.account.bar_index(), *bar)));
        } else if step.name == "end" {
            self.phase = Phase::End;
            self.account.finish();
            if let Some(last) = self.curve.last_mut() {
                *last = to_float(self.account.equity(), MONEY_DECIMALS);
            }
        }
        Ok(self.take(None))
    }

    fn amount(&self, name: &str) -> String {
        let money = match name {
            "equity" => self.account.equity(),
            "cash" => self.account.cash(),
            "free_cash" => self.account.free_cash(),
            "used_margin" => self.account.used_margin(),
            "open_profit" => self.account.open_profit(),
            _ => {
                let decimals = self.account.scale_of(0).quantity_decimals();
                return to_text(self.account.net_quantity() as i128, decimals);
            }
        };
        to_text(money, MONEY_DECIMALS)
    }

    /// Take the events since the last call, and return them written; those of a venue's fill have its time.
    fn take(&mut self, time_ns: Option<i64>) -> Vec<String> {
        let mut texts = Vec::new();
        for event in self.account.take_events() {
            let now = Moment {
                phase: self.phase,
                bar: self.account.bar_index(),
                time_ns: time_ns.unwrap_or(self.time_ns),
                seq: self.events.len() as u64,
            };
            texts.push(written(&event, &now, self.account.scale_of(event.instrument)));
            self.events.push(event);
        }
        texts
    }

    fn figures(&self) -> Result<(), String> {
        let place = format!("{}:{}", self.scenario.page, self.scenario.line);
        let figures = &self.scenario.figures;
        let per_year = figures.iter().find(|figure| figure.0 == "bars_per_year");
        let per_year = per_year.map_or(Ok(f64::NAN), |figure| float(&figure.1))?;
        for (name, text) in figures.iter().filter(|figure| figure.0 != "bars_per_year") {
            let got =
                self.figure(name, per_year).ok_or_else(|| format!("{place}: there is no figure {name}"))?;
            self.near(&place, name, text, got)?;
        }
        for (name, text) in &self.scenario.folds {
            let got = fold(name, &self.account, &self.bars, &self.events, &self.curve);
            self.near(&place, name, text, got.ok_or_else(|| format!("{place}: no fold says {name}"))?)?;
        }
        Ok(())
    }

    /// Compare a float with its text, to 12 digits.
    fn near(&self, place: &str, name: &str, text: &str, got: f64) -> Result<(), String> {
        let stated = float(text).map_err(|why| format!("{place}: {why}"))?;
        let near = stated.is_finite() && (stated - got).abs() <= 1e-12 * stated.abs();
        if near || stated == got || (stated.is_nan() && got.is_nan()) {
            return Ok(());
        }
        compare(place, name, text, &format!("{got:?}"))
    }

    fn figure(&self, name: &str, bars_per_year: f64) -> Option<f64> {
        let trades = TradeFigures::of(&self.events);
        let opening = to_float(parse(&self.scenario.cash, MONEY_DECIMALS)?, MONEY_DECIMALS);
        let curve = CurveFigures::of(opening, &self.curve);
        let money = |units: i128| to_float(units, MONEY_DECIMALS);
        Some(match name {
            "ambiguous_bars" => self.account.ambiguous_bars() as f64,
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
            "sortino" => curve.sortino(bars_per_year),
            "volatility" => curve.volatility(bars_per_year),
            _ => return None,
        })
    }
}
