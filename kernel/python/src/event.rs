//! What Python sees of the journal and of open tickets.

use eyas_kernel::number::{to_float, Scale, MONEY_DECIMALS};
use eyas_kernel::{order, position, record};
use pyo3::prelude::*;

/// One line of the journal: floats for the eye; the journal keeps the exact integers.
#[pyclass(frozen, get_all, module = "eyas._kernel")]
pub struct Event {
    pub seq: u64,
    /// The event's own time in nanoseconds since 1970 UTC.
    pub time: i64,
    pub bar: i64,
    pub kind: &'static str,
    pub phase: &'static str,
    pub cause: &'static str,
    /// Why not, or "none".
    pub refusal: &'static str,
    pub order: u64,
    pub ticket: u64,
    pub price: f64,
    pub reference: f64,
    pub quantity: f64,
    pub fee: f64,
    pub profit: f64,
    pub cash: f64,
}

impl Event {
    pub fn new(event: &record::Event, scale: Scale) -> Event {
        let price = |units: i64| to_float(units as i128, scale.price_decimals());
        Event {
            seq: event.seq,
            time: event.time_ns,
            bar: event.bar,
            kind: event.kind.name(),
            phase: event.phase.name(),
            cause: event.cause.name(),
            refusal: event.refusal.name(),
            order: event.order,
            ticket: event.ticket,
            price: price(event.price),
            reference: price(event.reference),
            quantity: to_float(event.quantity as i128, scale.quantity_decimals()),
            fee: to_float(event.fee, MONEY_DECIMALS),
            profit: to_float(event.profit, MONEY_DECIMALS),
            cash: to_float(event.cash, MONEY_DECIMALS),
        }
    }
}

#[pymethods]
impl Event {
    fn __repr__(&self) -> String {
        let why = if self.refusal == "none" { self.cause } else { self.refusal };
        format!(
            "<Event {} {} ({why}) bar={} order={} ticket={} quantity={} price={}>",
            self.seq, self.kind, self.bar, self.order, self.ticket, self.quantity, self.price
        )
    }
}

/// One open ticket: an entry with its own stop and target.
#[pyclass(frozen, get_all, module = "eyas._kernel")]
pub struct Ticket {
    /// The number of the order that opened it.
    pub number: u64,
    /// "long" or "short".
    pub direction: &'static str,
    pub quantity: f64,
    /// Average price paid, costs included.
    pub entry_price: f64,
    /// Price of the stop, None without one.
    pub stop_loss: Option<f64>,
    /// Price of the target, None without one.
    pub take_profit: Option<f64>,
    /// Profit at the last close, before the fees of closing.
    pub open_profit: f64,
    /// Index of the bar on which it opened.
    pub opened_bar: i64,
    /// When it opened, in nanoseconds since 1970 UTC.
    pub opened_time: i64,
}

impl Ticket {
    pub fn new(ticket: &position::Ticket, close: i64, scale: Scale) -> Ticket {
        let price = |units: i64| to_float(units as i128, scale.price_decimals());
        Ticket {
            number: ticket.number,
            direction: if ticket.direction > 0 { "long" } else { "short" },
            quantity: to_float(ticket.quantity as i128, scale.quantity_decimals()),
            entry_price: price(ticket.entry_price()),
            stop_loss: (ticket.stop_loss != 0).then(|| price(ticket.stop_loss)),
            take_profit: (ticket.take_profit != 0).then(|| price(ticket.take_profit)),
            open_profit: to_float(ticket.open_profit(close), MONEY_DECIMALS),
            opened_bar: ticket.opened_bar,
            opened_time: ticket.opened_ns,
        }
    }
}

#[pymethods]
impl Ticket {
    fn __repr__(&self) -> String {
        format!("<Ticket {} {} {} at {}>", self.number, self.direction, self.quantity, self.entry_price)
    }
}

/// One order that waits for a price.
#[pyclass(frozen, get_all, module = "eyas._kernel")]
pub struct WaitingOrder {
    pub number: u64,
    /// "buy" or "sell".
    pub side: &'static str,
    /// "market", "limit" or "stop".
    pub kind: &'static str,
    /// The limit or stop, None for a market order.
    pub price: Option<f64>,
    /// What is left of a stated quantity, None when the size is decided at the fill.
    pub quantity: Option<f64>,
    /// The ticket that it closes, 0 for an entry.
    pub ticket: u64,
}

impl WaitingOrder {
    pub fn new(waiting: &eyas_kernel::account::Waiting, scale: Scale) -> WaitingOrder {
        let (kind, price) = match waiting.order.kind {
            order::OrderKind::Market => ("market", None),
            order::OrderKind::Limit(price) => ("limit", Some(price)),
            order::OrderKind::Stop(price) => ("stop", Some(price)),
        };
        let stated = matches!(waiting.order.size, order::Size::Quantity(_));
        WaitingOrder {
            number: waiting.number,
            side: waiting.order.side.name(),
            kind,
            price: price.map(|units| to_float(units as i128, scale.price_decimals())),
            quantity: stated.then(|| to_float(waiting.remaining as i128, scale.quantity_decimals())),
            ticket: match waiting.order.intent {
                order::Intent::Close { ticket } => ticket,
                order::Intent::Open { .. } => 0,
            },
        }
    }
}

#[pymethods]
impl WaitingOrder {
    fn __repr__(&self) -> String {
        let price = self.price.map_or(String::new(), |price| format!(" {price}"));
        format!("<WaitingOrder {} {} {}{price}>", self.number, self.side, self.kind)
    }
}
