//! What Python sees of open tickets and waiting orders.

use eyas_kernel::book::{Book, Waiting};
use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::{order, position};
use pyo3::prelude::*;

/// One open ticket: its entries with their own stop, targets and time limit.
#[pyclass(frozen, get_all, module = "eyas._kernel")]
pub struct Ticket {
    /// The number of the order that opened it.
    pub number: u64,
    /// Number of its instrument.
    pub instrument: u32,
    /// "long" or "short".
    pub direction: &'static str,
    pub quantity: f64,
    /// Average price paid, costs included.
    pub entry_price: f64,
    /// Price of the stop, None without one.
    pub stop_loss: Option<f64>,
    /// What put the stop where it is: stop_loss, trailing_stop or breakeven.
    pub stop_cause: &'static str,
    /// Price of the next target, None without one.
    pub take_profit: Option<f64>,
    /// Whether its stop follows the best price.
    pub trailing: bool,
    /// The highest and lowest price since it opened, on the bars that could move it.
    pub highest: f64,
    pub lowest: f64,
    /// Where its own margin is lost, None where it is not.
    pub liquidation_price: Option<f64>,
    /// Profit at the last close, before the fees of closing.
    pub open_profit: f64,
    /// Profit of what has been closed, before fees; fees and charges so far.
    pub realised_profit: f64,
    pub fees: f64,
    /// Index of the step on which it opened.
    pub opened_bar: i64,
    /// When it opened, in nanoseconds since 1970 UTC.
    pub opened_time: i64,
}

impl Ticket {
    pub fn new(ticket: &position::Ticket, book: &Book) -> Ticket {
        let price = |units: i64| to_float(units as i128, book.scale.price_decimals());
        let level = |units: i64| (units != 0).then(|| price(units));
        let money = |units: i128| to_float(units, MONEY_DECIMALS);
        Ticket {
            number: ticket.number,
            instrument: book.instrument(),
            direction: if ticket.direction > 0 { "long" } else { "short" },
            quantity: to_float(ticket.quantity as i128, book.scale.quantity_decimals()),
            entry_price: price(ticket.entry_price()),
            stop_loss: level(ticket.stop_loss),
            stop_cause: ticket.stop_cause.name(),
            take_profit: level(ticket.take_profit()),
            trailing: ticket.trail_distance != 0 || ticket.trail_rate != 0,
            highest: price(ticket.highest),
            lowest: price(ticket.lowest),
            liquidation_price: level(ticket.liquidation),
            open_profit: money(ticket.open_profit(book.bar.close)),
            realised_profit: money(ticket.profit),
            fees: money(ticket.fees),
            opened_bar: ticket.opened_bar,
            opened_time: ticket.opened_ns,
        }
    }

    /// Return the open tickets of an account, by instrument and age.
    pub fn all(account: &eyas_kernel::Account) -> Vec<Ticket> {
        let open = |book| tickets_of(book).map(move |ticket| Ticket::new(ticket, book));
        account.books().iter().flat_map(open).collect()
    }
}

/// Return what is held: a ticket that a hook has just closed is forgotten only when its bar ends.
pub fn tickets_of(book: &Book) -> impl Iterator<Item = &position::Ticket> {
    book.tickets.iter().filter(|ticket| ticket.quantity > 0)
}

#[pymethods]
impl Ticket {
    fn __repr__(&self) -> String {
        let on =
            if self.instrument == 0 { String::new() } else { format!(" instrument={}", self.instrument) };
        format!("<Ticket {}{on} {} {} at {}>", self.number, self.direction, self.quantity, self.entry_price)
    }
}

/// One order that waits for a price.
#[pyclass(frozen, get_all, module = "eyas._kernel")]
pub struct WaitingOrder {
    pub number: u64,
    /// Number of its instrument.
    pub instrument: u32,
    /// "buy" or "sell".
    pub side: &'static str,
    /// What kind of order was asked for, one of ORDER_KINDS.
    pub kind: &'static str,
    /// "open", "close", "add" or "reduce".
    pub intent: &'static str,
    /// Its limit, stop or trigger, where a trailing stop stands; None for a market order.
    pub price: Option<f64>,
    /// The limit of an order that has both, else None.
    pub limit: Option<f64>,
    /// What is left of a stated quantity, None when the size is decided at the fill.
    pub quantity: Option<f64>,
    /// The ticket that it closes or adds to, 0 for none.
    pub ticket: u64,
    /// "gtc", "gtd", "day", "ioc" or "fok".
    pub time_in_force: &'static str,
    /// Whether it waits for another order to be filled.
    pub held: bool,
}

impl WaitingOrder {
    pub fn new(waiting: &Waiting, book: &Book) -> WaitingOrder {
        let order = &waiting.order;
        let price = |units: i64| (units != 0).then(|| to_float(units as i128, book.scale.price_decimals()));
        let stated = matches!(order.size, order::Size::Quantity(_));
        WaitingOrder {
            number: waiting.number,
            instrument: book.instrument(),
            side: order.side.name(),
            kind: order.kind.name(),
            intent: order.intent.name(),
            price: price(waiting.price),
            limit: price(order.limit),
            quantity: stated.then(|| to_float(waiting.remaining as i128, book.scale.quantity_decimals())),
            ticket: order.ticket,
            time_in_force: order.time_in_force.name(),
            held: waiting.held,
        }
    }

    /// Return the waiting orders of an account, by instrument and age.
    pub fn all(account: &eyas_kernel::Account) -> Vec<WaitingOrder> {
        let waits = |book| orders_of(book).map(move |waiting| WaitingOrder::new(waiting, book));
        account.books().iter().flat_map(waits).collect()
    }
}

/// Return what waits: an order that is done is forgotten only when its bar ends.
fn orders_of(book: &Book) -> impl Iterator<Item = &Waiting> {
    book.orders.iter().filter(|waiting| !waiting.done)
}

#[pymethods]
impl WaitingOrder {
    fn __repr__(&self) -> String {
        let on =
            if self.instrument == 0 { String::new() } else { format!(" instrument={}", self.instrument) };
        let price = self.price.map_or(String::new(), |price| format!(" {price}"));
        format!("<WaitingOrder {}{on} {} {}{price}>", self.number, self.side, self.kind)
    }
}
