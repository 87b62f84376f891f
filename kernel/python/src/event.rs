//! What Python sees of the journal.

use eyas_kernel::number::{to_float, Scale, MONEY_DECIMALS};
use eyas_kernel::record;
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
    /// Number of its instrument.
    pub instrument: u32,
    /// Stop and next target of the ticket after the event, 0 for none.
    pub stop_loss: f64,
    pub take_profit: f64,
    /// What kind of order it was; "none" for exits without one.
    pub order_kind: &'static str,
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
            instrument: event.instrument,
            stop_loss: price(event.stop_loss),
            take_profit: price(event.take_profit),
            order_kind: event.order_kind.name(),
        }
    }
}

#[pymethods]
impl Event {
    fn __repr__(&self) -> String {
        let why = if self.refusal == "none" { self.cause } else { self.refusal };
        let on =
            if self.instrument == 0 { String::new() } else { format!(" instrument={}", self.instrument) };
        format!(
            "<Event {} {} ({why}){on} bar={} order={} ticket={} quantity={} price={}>",
            self.seq, self.kind, self.bar, self.order, self.ticket, self.quantity, self.price
        )
    }
}
