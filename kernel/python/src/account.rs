//! The kernel's account for Python: it converts, calls, converts back.

use eyas_kernel::metrics::TradeFigures;
use eyas_kernel::number::{parse, to_float, to_text, MONEY_DECIMALS};
use eyas_kernel::order::Side;
use eyas_kernel::request::{KindWish, LevelWish, Request, SizeWish};
use eyas_kernel::rules::{RuleError, Rules, RULES};
use eyas_kernel::{self as kernel, record, Refusal};
use pyo3::exceptions::{PyAttributeError, PyKeyError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::event::{Event, Ticket, WaitingOrder};
use crate::history::History;
use crate::pump::bar_refused;

/// Hold one person's money in one market.
#[pyclass(module = "eyas._kernel")]
pub struct Account {
    pub inner: kernel::Account,
    /// Whether a session has kept the moving of time to itself.
    held: bool,
    /// Whether a pump is running.
    pub pumped: bool,
    opening_cash: f64,
}

/// Read rules from names and texts; the sentence of an error names the rule and what it may be.
pub fn rules_of(pairs: &[(String, String)]) -> PyResult<Rules> {
    let mut rules = Rules::default();
    let borrowed: Vec<(&str, &str)> =
        pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    if let Some((name, _)) = borrowed.iter().find(|pair| !RULES.iter().any(|rule| rule.0 == pair.0)) {
        return Err(PyKeyError::new_err((*name).to_owned()));
    }
    rules.set_all(&borrowed).map_err(|error| match error {
        RuleError::Unknown => PyKeyError::new_err("unknown rule"),
        RuleError::Value { name, allowed } => {
            let text = borrowed.iter().find(|pair| pair.0 == name).map_or("", |pair| pair.1);
            PyValueError::new_err(format!("{name} is {text}, but must be {allowed}"))
        }
        RuleError::Impossible(why) => PyValueError::new_err(why),
    })?;
    Ok(rules)
}

/// Check rules given as (name, text) pairs. Raise KeyError for an unknown name, else ValueError.
#[pyfunction]
pub fn check_rules(rules: Vec<(String, String)>) -> PyResult<()> {
    rules_of(&rules).map(|_| ())
}

fn refused(refusal: Refusal) -> PyErr {
    PyValueError::new_err(refusal.name().replace('_', " "))
}

pub fn size_of(name: &str, value: f64) -> PyResult<SizeWish> {
    match name {
        "quantity" => Ok(SizeWish::Quantity(value)),
        "notional" => Ok(SizeWish::Notional(value)),
        "fraction" => Ok(SizeWish::Fraction(value)),
        _ => Err(PyValueError::new_err(format!("a size is a quantity, notional or fraction, not {name}"))),
    }
}

fn kind_of(name: &str, price: f64) -> PyResult<KindWish> {
    match name {
        "market" => Ok(KindWish::Market),
        "limit" => Ok(KindWish::Limit(price)),
        "stop" => Ok(KindWish::Stop(price)),
        _ => Err(PyValueError::new_err(format!("an order is a market, limit or stop order, not {name}"))),
    }
}

fn level_of(level: Option<(String, f64)>) -> PyResult<LevelWish> {
    let Some((name, value)) = level else { return Ok(LevelWish::None) };
    match name.as_str() {
        "price" => Ok(LevelWish::Price(value)),
        "distance" => Ok(LevelWish::Distance(value)),
        "fraction" => Ok(LevelWish::Fraction(value)),
        _ => Err(PyValueError::new_err(format!("a level is a price, distance or fraction, not {name}"))),
    }
}

#[pymethods]
impl Account {
    /// Open an account: rules as (name, text) pairs, cash as decimal text, the time in nanoseconds.
    #[new]
    #[pyo3(signature = (cash, rules = Vec::new(), *, time = 0))]
    fn new(cash: &str, rules: Vec<(String, String)>, time: i64) -> PyResult<Account> {
        let units = parse(cash, MONEY_DECIMALS).filter(|units| *units > 0);
        let units = units.ok_or_else(|| {
            PyValueError::new_err(format!("cash is {cash}, but must be a number above 0 and in range"))
        })?;
        let inner = kernel::Account::new(rules_of(&rules)?, units, time).map_err(refused)?;
        Ok(Account { inner, held: false, pumped: false, opening_cash: to_float(units, MONEY_DECIMALS) })
    }

    /// Ask for a new ticket. Return the order's number, whether it is taken or refused.
    #[pyo3(signature = (side, size, kind = ("market".to_owned(), 0.0), *, stop_loss = None, take_profit = None))]
    fn open(
        &mut self,
        side: &str,
        size: (String, f64),
        kind: (String, f64),
        stop_loss: Option<(String, f64)>,
        take_profit: Option<(String, f64)>,
    ) -> PyResult<u64> {
        let request = Request::Open {
            side: Side::from_name(side)
                .ok_or_else(|| PyValueError::new_err(format!("a side is buy or sell, not {side}")))?,
            kind: kind_of(&kind.0, kind.1)?,
            size: size_of(&size.0, size.1)?,
            stop_loss: level_of(stop_loss)?,
            take_profit: level_of(take_profit)?,
        };
        // A refusal is data: it is in the journal, under this number.
        let _ = self.inner.request(&request);
        Ok(self.inner.last_order())
    }

    /// Ask to close a ticket, whole or in part. Return the order's number, taken or refused.
    #[pyo3(signature = (ticket, size = ("fraction".to_owned(), 1.0)))]
    fn close(&mut self, ticket: u64, size: (String, f64)) -> PyResult<u64> {
        let _ = self.inner.request(&Request::Close { ticket, size: size_of(&size.0, size.1)? });
        Ok(self.inner.last_order())
    }

    /// Take back a waiting order. Return whether it still waited.
    fn cancel(&mut self, order: u64) -> bool {
        self.inner.cancel(order).is_ok()
    }

    /// Account for what somebody else's market filled; money as decimal text. Return whether it was taken.
    #[pyo3(signature = (order, price, quantity, fee = "0", *, time))]
    fn apply(&mut self, order: u64, price: &str, quantity: &str, fee: &str, time: i64) -> PyResult<bool> {
        self.check_idle()?;
        let scale = self.inner.scale();
        let read = |name: &str, text: &str, decimals: u32| {
            parse(text, decimals)
                .ok_or_else(|| PyValueError::new_err(format!("{name} is {text}, not a number")))
        };
        let small = |units: i128| i64::try_from(units).map_err(|_| refused(Refusal::QuantityMustBeInRange));
        let fill = record::Fill {
            time_ns: time,
            order,
            price: small(read("price", price, scale.price_decimals())?)?,
            quantity: small(read("quantity", quantity, scale.quantity_decimals())?)?,
            fee: read("fee", fee, MONEY_DECIMALS)?,
        };
        Ok(self.inner.apply(&fill).is_ok())
    }

    /// Keep the moving of time to a session: while held, `advance`, `finish` and `apply` raise.
    fn hold(&mut self) {
        self.held = true;
    }

    /// Let `advance`, `finish` and `apply` work again.
    fn release(&mut self) {
        self.held = false;
    }

    /// Take the bar that is now in a history. Return how many events came of it.
    fn advance(&mut self, history: &History) -> PyResult<usize> {
        self.check_idle()?;
        let now = history.now();
        let index = usize::try_from(now)
            .map_err(|_| PyValueError::new_err("the history stands before its first bar"))?;
        let bar = history.kernel_bar(index, self.inner.scale());
        self.inner.advance(&bar).map(<[_]>::len).map_err(|refusal| bar_refused(index, refusal))
    }

    /// End the run: cancel what waits, close what is held if the rules say so.
    fn finish(&mut self) -> PyResult<usize> {
        self.check_idle()?;
        Ok(self.inner.finish().len())
    }

    /// Cash, without open profit.
    #[getter]
    fn cash(&self) -> f64 {
        to_float(self.inner.cash(), MONEY_DECIMALS)
    }

    /// What the account is worth at the last close.
    #[getter]
    pub fn equity(&self) -> f64 {
        to_float(self.inner.equity(), MONEY_DECIMALS)
    }

    /// Money that entries may still use, at the last close.
    #[getter]
    fn free_cash(&self) -> f64 {
        to_float(self.inner.free_cash(), MONEY_DECIMALS)
    }

    /// Margin that open tickets tie up, at the last close.
    #[getter]
    fn used_margin(&self) -> f64 {
        to_float(self.inner.used_margin(), MONEY_DECIMALS)
    }

    /// Sum of all tickets: above zero long, below zero short.
    #[getter]
    fn position(&self) -> f64 {
        to_float(self.inner.net_quantity() as i128, self.inner.scale().quantity_decimals())
    }

    /// Open tickets, oldest first.
    #[getter]
    fn tickets(&self) -> Vec<Ticket> {
        let (close, scale) = (self.inner.bar().close, self.inner.scale());
        self.inner.tickets().iter().map(|ticket| Ticket::new(ticket, close, scale)).collect()
    }

    /// How many tickets are open.
    #[getter]
    fn ticket_count(&self) -> usize {
        self.inner.tickets().len()
    }

    /// Orders that wait for a price, oldest first.
    #[getter]
    fn waiting_orders(&self) -> Vec<WaitingOrder> {
        let scale = self.inner.scale();
        self.inner.orders().iter().map(|waiting| WaitingOrder::new(waiting, scale)).collect()
    }

    /// Index of the last bar taken, -1 before the first.
    #[getter]
    fn bar_index(&self) -> i64 {
        self.inner.bar_index()
    }

    /// How many events there are.
    #[getter]
    fn event_count(&self) -> usize {
        self.inner.events().len()
    }

    /// Return the events from a place on.
    #[pyo3(signature = (first = 0))]
    fn events(&self, first: usize) -> Vec<Event> {
        let scale = self.inner.scale();
        self.inner.events().iter().skip(first).map(|event| Event::new(event, scale)).collect()
    }

    /// Return an amount as exact decimal text: cash, equity, free_cash, used_margin or position.
    fn exact(&self, name: &str) -> PyResult<String> {
        let account = &self.inner;
        Ok(match name {
            "cash" => to_text(account.cash(), MONEY_DECIMALS),
            "equity" => to_text(account.equity(), MONEY_DECIMALS),
            "free_cash" => to_text(account.free_cash(), MONEY_DECIMALS),
            "used_margin" => to_text(account.used_margin(), MONEY_DECIMALS),
            "position" => to_text(account.net_quantity() as i128, account.scale().quantity_decimals()),
            _ => return Err(PyAttributeError::new_err(format!("an account has no exact {name}"))),
        })
    }

    /// Return the journal as bytes: one record of EVENT_FIELDS after another.
    fn journal<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let events = self.inner.events();
        // Written in place: a journal can be large, and is not held twice on its way out.
        PyBytes::new_with(py, events.len() * record::Event::SIZE, |bytes| {
            let mut one = Vec::with_capacity(record::Event::SIZE);
            for (event, place) in events.iter().zip(bytes.chunks_exact_mut(record::Event::SIZE)) {
                one.clear();
                event.put(&mut one);
                place.copy_from_slice(&one);
            }
            Ok(())
        })
    }

    /// Return what the closed trades say, as floats by name.
    fn trade_figures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let figures = TradeFigures::of(self.inner.events());
        let money = |units: i128| to_float(units, MONEY_DECIMALS);
        let named = PyDict::new(py);
        named.set_item("opening_cash", self.opening_cash)?;
        named.set_item("bars_held", self.inner.bars_held())?;
        named.set_item("trades", figures.trades)?;
        named.set_item("wins", figures.wins)?;
        named.set_item("losses", figures.losses)?;
        named.set_item("refused", figures.refused)?;
        named.set_item("net_profit", money(figures.net_profit))?;
        named.set_item("gross_profit", money(figures.gross_profit))?;
        named.set_item("gross_loss", money(figures.gross_loss))?;
        named.set_item("fees", money(figures.fees))?;
        named.set_item("best", money(figures.best))?;
        named.set_item("worst", money(figures.worst))?;
        named.set_item("win_rate", figures.win_rate())?;
        named.set_item("profit_factor", figures.profit_factor())?;
        Ok(named)
    }

    fn __repr__(&self) -> String {
        format!("<Account cash={} equity={} position={}>", self.cash(), self.equity(), self.position())
    }
}

impl Account {
    fn check_idle(&self) -> PyResult<()> {
        if self.held || self.pumped {
            return Err(PyRuntimeError::new_err(
                "time is moved by the run: a strategy can neither advance, nor finish, nor apply fills",
            ));
        }
        Ok(())
    }
}
