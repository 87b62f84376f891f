//! The kernel's account for Python: it converts, calls, converts back.

use eyas_kernel::ask::Unasked;
use eyas_kernel::number::{parse, to_float, MONEY_DECIMALS};
use eyas_kernel::order::{Intent, Side};
use eyas_kernel::request::Request;
use eyas_kernel::{self as kernel, record, Refusal};
use eyas_program::amend;
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::amounts;
use crate::event::Event;
use crate::finer::{Feeds, Finer};
use crate::pump::{advance, Source};
use crate::rules::{rules_of, terms_of, Pairs};
use crate::ticket::{tickets_of, Ticket, WaitingOrder};
use crate::wish::{add_levels, add_options, side_of, size_of, wish, Named};

/// A bar as a row: instrument, time, close_time, open, high, low, close, volume, given, funding.
type Row = (u32, i64, i64, f64, f64, f64, f64, f64, f64, f64);

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

fn refused(refusal: Refusal) -> PyErr {
    PyValueError::new_err(refusal.name().replace('_', " "))
}

#[pymethods]
impl Account {
    /// Open an account: rules as (name, text) pairs, cash as decimal text, the time in nanoseconds.
    ///
    /// `instruments` holds, for each, the terms that it has of its own beside those of the rules.
    #[new]
    #[pyo3(signature = (cash, rules = Vec::new(), *, time = 0, instruments = None))]
    fn new(cash: &str, rules: Pairs, time: i64, instruments: Option<Vec<Pairs>>) -> PyResult<Account> {
        let units = parse(cash, MONEY_DECIMALS).filter(|units| *units > 0);
        let units = units.ok_or_else(|| {
            PyValueError::new_err(format!("cash is {cash}, but must be a number above 0 and in range"))
        })?;
        let read = rules_of(&rules)?;
        let terms = instruments.map_or(Ok(vec![read.terms]), |own| terms_of(&rules, &own))?;
        let inner = kernel::Account::with_instruments(read, &terms, units, time).map_err(refused)?;
        Ok(Account { inner, held: false, pumped: false, opening_cash: to_float(units, MONEY_DECIMALS) })
    }

    /// Return an account that stands where this one does, and goes its own way from here.
    fn copy(&self) -> Account {
        let inner = self.inner.clone();
        Account { inner, held: self.held, pumped: false, opening_cash: self.opening_cash }
    }

    /// Ask for a new ticket. Return the order's number, whether it is taken or refused.
    #[pyo3(signature = (
        side, size, kind = ("market".to_owned(), 0.0), *,
        stop_loss = None, take_profit = None, instrument = 0, options = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn open(
        &mut self,
        side: &str,
        size: Named,
        kind: Named,
        stop_loss: Option<Named>,
        take_profit: Option<Named>,
        instrument: u32,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<u64> {
        let mut request = Request { instrument, ..wish(side_of(side)?, &size, &kind)? };
        add_levels(&mut request, stop_loss, take_profit)?;
        self.request(request, options)
    }

    /// Ask to enter once more into a ticket, on its side. Return the order's number, taken or refused.
    #[pyo3(signature = (ticket, size, kind = ("market".to_owned(), 0.0), options = None))]
    fn add(
        &mut self,
        ticket: u64,
        size: Named,
        kind: Named,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<u64> {
        let request = wish(Side::Buy, &size, &kind)?;
        self.request(Request { intent: Intent::Add, ticket, ..request }, options)
    }

    /// Ask to close a ticket, whole or in part. Return the order's number, taken or refused.
    #[pyo3(signature = (ticket, size = ("fraction".to_owned(), 1.0)))]
    fn close(&mut self, ticket: u64, size: Named) -> PyResult<u64> {
        let _ = self.inner.request(&Request::close(ticket, size_of(&size.0, size.1)?));
        Ok(self.inner.last_order())
    }

    /// Take back a waiting order. Return whether it still waited.
    fn cancel(&mut self, order: u64) -> bool {
        self.inner.cancel(order).is_ok()
    }

    /// Change the price, limit or quantity of a waiting order in place. Return whether it was changed.
    #[pyo3(signature = (order, *, price = None, limit = None, quantity = None))]
    fn amend(&mut self, order: u64, price: Option<f64>, limit: Option<f64>, quantity: Option<f64>) -> bool {
        amend::order(&mut self.inner, order, price, limit, quantity)
    }

    /// Set the stop and target of an open ticket to prices, 0 for none. Return whether they were set.
    #[pyo3(signature = (ticket, *, stop_loss = None, take_profit = None))]
    fn amend_ticket(&mut self, ticket: u64, stop_loss: Option<f64>, take_profit: Option<f64>) -> bool {
        amend::ticket(&mut self.inner, ticket, stop_loss, take_profit)
    }

    /// Move money in (or out, below 0), as decimal text. Return whether it was moved.
    fn transfer(&mut self, money: &str) -> PyResult<bool> {
        let units = parse(money, MONEY_DECIMALS)
            .ok_or_else(|| PyValueError::new_err(format!("money is {money}, not a number")))?;
        Ok(self.inner.transfer(units).is_ok())
    }

    /// Say that an instrument has no further bars. Return how many events came of it.
    fn delist(&mut self, instrument: u32) -> PyResult<usize> {
        self.check_idle()?;
        Ok(self.inner.delist(instrument).map_or(0, <[_]>::len))
    }

    /// Note that something outside failed; too many errors in a row trip the breaker.
    fn record_error(&mut self) {
        self.inner.record_error();
    }

    /// Account for what somebody else's market filled; money as decimal text. Return whether it was taken.
    #[pyo3(signature = (order, price, quantity, fee = "0", *, time))]
    fn apply(&mut self, order: u64, price: &str, quantity: &str, fee: &str, time: i64) -> PyResult<bool> {
        self.check_idle()?;
        let instrument = self.inner.find_order(order).unwrap_or(0);
        let scale = self.inner.scale_of(instrument as u32);
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

    /// Do what words ask, such as "buy 10 limit 99" or "close 1". Return the number of the order, taken or
    /// refused, and 0 where there is none.
    fn ask(&mut self, text: &str) -> PyResult<u64> {
        if matches!(text.split_whitespace().next(), Some("fill" | "delist")) {
            self.check_idle()?;
        }
        let before = self.inner.last_order();
        match self.inner.ask(text) {
            Ok(number) => Ok(number),
            Err(Unasked::Refused(_)) => Ok(match self.inner.last_order() {
                last if last > before => last,
                _ => 0,
            }),
            Err(Unasked::Unreadable) => Err(PyValueError::new_err(format!("cannot read the ask {text:?}"))),
        }
    }

    /// Return the complete state as bytes; the journal is not part of it.
    fn save<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.save())
    }

    /// Return the account that was saved as bytes. Its events begin after those that were saved,
    /// and its figures with what it is worth now.
    #[staticmethod]
    fn load(data: &[u8]) -> PyResult<Account> {
        let inner = kernel::Account::load(data).map_err(amounts::unloaded)?;
        let opening_cash = to_float(inner.equity(), MONEY_DECIMALS);
        Ok(Account { inner, held: false, pumped: false, opening_cash })
    }

    /// Keep the moving of time to a session: while held, `advance`, `finish`, `delist` and `apply` raise.
    fn hold(&mut self) {
        self.held = true;
    }

    /// Let `advance`, `finish`, `delist` and `apply` work again.
    fn release(&mut self) {
        self.held = false;
    }

    /// Take the bar that is now in a history, or the bars that are now on a clock, with the finer bars
    /// inside them. Return how many events came of it.
    #[pyo3(signature = (history, finer = None))]
    fn advance(&mut self, history: Source, finer: Option<Finer>) -> PyResult<usize> {
        self.check_idle()?;
        let market = &mut self.inner;
        let (now, bars): (i64, Vec<record::Bar>) = match &history {
            Source::History(one) => (one.get().now(), one.get().kernel_now(market).into_iter().collect()),
            Source::Clock(clock) => {
                let bars = clock.get().current().filter_map(|history| history.kernel_now(market));
                (clock.get().now(), bars.collect())
            }
        };
        let index = usize::try_from(now)
            .map_err(|_| PyValueError::new_err("the history stands before its first bar"))?;
        let (mut feeds, mut inside) = (Feeds::new(finer.as_ref()), Vec::new());
        for bar in &bars {
            feeds.take(market, bar, &mut inside);
        }
        self.take(&bars, &inside, index)
    }

    /// Take one step of bars as rows: instrument, time, close_time, open, high, low, close, volume, given,
    /// funding; NaN is unknown. `finer` are the bars inside them. Return how many events came of it.
    #[pyo3(signature = (rows, finer = Vec::new()))]
    fn advance_rows(&mut self, rows: Vec<Row>, finer: Vec<Row>) -> PyResult<usize> {
        self.check_idle()?;
        let bars: Vec<record::Bar> = rows.iter().map(|row| self.bar_of(row)).collect();
        let inside: Vec<record::Bar> = finer.iter().map(|row| self.bar_of(row)).collect();
        self.take(&bars, &inside, (self.inner.bar_index() + 1) as usize)
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
    fn equity(&self) -> f64 {
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

    /// Equity over used margin; infinite when nothing is held on margin.
    #[getter]
    fn margin_level(&self) -> f64 {
        self.inner.margin_level()
    }

    /// Profit of all open tickets at the last close, before the fees of closing.
    #[getter]
    fn open_profit(&self) -> f64 {
        to_float(self.inner.open_profit(), MONEY_DECIMALS)
    }

    /// Sum of all tickets of the first instrument: above zero long, below zero short.
    #[getter]
    fn position(&self) -> f64 {
        to_float(self.inner.net_quantity() as i128, self.inner.scale().quantity_decimals())
    }

    /// Return the sum of all tickets of an instrument.
    fn position_of(&self, instrument: u32) -> PyResult<f64> {
        self.check_instrument(instrument)?;
        let units = self.inner.net_quantity_of(instrument);
        Ok(to_float(units as i128, self.inner.scale_of(instrument).quantity_decimals()))
    }

    /// On how many bars the outcome depended on a path that had to be assumed.
    #[getter]
    fn ambiguous_bars(&self) -> u64 {
        self.inner.ambiguous_bars()
    }

    /// Open tickets, by instrument, oldest first.
    #[getter]
    fn tickets(&self) -> Vec<Ticket> {
        Ticket::all(&self.inner)
    }

    /// How many tickets are open.
    #[getter]
    fn ticket_count(&self) -> usize {
        self.inner.books().iter().map(|book| tickets_of(book).count()).sum()
    }

    /// Orders that wait for a price, by instrument, oldest first.
    #[getter]
    fn waiting_orders(&self) -> Vec<WaitingOrder> {
        WaitingOrder::all(&self.inner)
    }

    /// Index of the last step taken, -1 before the first.
    #[getter]
    fn bar_index(&self) -> i64 {
        self.inner.bar_index()
    }

    /// How many events there have been, which is the number of the next.
    #[getter]
    fn event_count(&self) -> u64 {
        self.inner.next_seq()
    }

    /// Return the events from a number on; those before a `load` are gone.
    #[pyo3(signature = (first = 0))]
    fn events(&self, first: u64) -> Vec<Event> {
        let scale = |event: &record::Event| self.inner.scale_of(event.instrument);
        self.events_from(first).iter().map(|event| Event::new(event, scale(event))).collect()
    }

    /// Return an amount as exact decimal text: cash, equity, free_cash, used_margin, open_profit, the
    /// position of an instrument; and margin_level, which is a float.
    #[pyo3(signature = (name, instrument = 0))]
    fn exact(&self, name: &str, instrument: u32) -> PyResult<String> {
        self.check_instrument(instrument)?;
        amounts::exact(&self.inner, name, instrument)
    }

    /// Return the journal as bytes: one record of EVENT_FIELDS after another.
    fn journal<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        amounts::journal(py, self.inner.events())
    }

    /// Return what the closed trades say, as floats by name.
    fn trade_figures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        amounts::trade_figures(py, &self.inner, self.opening_cash)
    }

    fn __repr__(&self) -> String {
        format!("<Account cash={} equity={} position={}>", self.cash(), self.equity(), self.position())
    }
}

impl Account {
    /// The cash that the account was opened with.
    pub fn opening_cash(&self) -> f64 {
        self.opening_cash
    }

    /// Return the events from a number on.
    pub fn events_from(&self, first: u64) -> &[record::Event] {
        let events = self.inner.events();
        let gone = self.inner.next_seq() - events.len() as u64;
        &events[(first.saturating_sub(gone) as usize).min(events.len())..]
    }

    fn request(&mut self, mut request: Request, options: Option<&Bound<'_, PyDict>>) -> PyResult<u64> {
        if let Some(options) = options {
            add_options(&mut request, options)?;
        }
        // A refusal is data: it is in the journal, under this number.
        let _ = self.inner.request(&request);
        Ok(self.inner.last_order())
    }

    fn take(&mut self, bars: &[record::Bar], inside: &[record::Bar], index: usize) -> PyResult<usize> {
        let before = self.inner.next_seq();
        advance(&mut self.inner, bars, inside, index)?;
        Ok((self.inner.next_seq() - before) as usize)
    }

    fn bar_of(&self, row: &Row) -> record::Bar {
        let (instrument, time, close_time, open, high, low, close, volume, given, funding) = *row;
        let scale = self.inner.scale_of(instrument);
        let bar = record::Bar::from_floats(time, [open, high, low, close], volume, scale);
        record::Bar { close_ns: close_time, instrument, ..bar.with_given(given, funding, scale) }
    }

    fn check_instrument(&self, instrument: u32) -> PyResult<()> {
        let count = self.inner.books().len();
        if (instrument as usize) < count {
            return Ok(());
        }
        let text = format!("there is no instrument {instrument}: the account has {count}");
        Err(PyIndexError::new_err(text))
    }

    fn check_idle(&self) -> PyResult<()> {
        if self.held || self.pumped {
            return Err(PyRuntimeError::new_err(
                "time is moved by the run: a strategy can neither advance, nor finish, nor delist, \
                 nor apply fills",
            ));
        }
        Ok(())
    }
}
