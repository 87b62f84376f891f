//! One instrument of an account: its bar, its tickets, the orders that wait for it.

use alloc::vec::Vec;

use crate::bracket::{trailed, Level};
use crate::names::{record, Field};
use crate::number::{Scale, RATE_ONE, UNITS_MAX};
use crate::order::{Order, OrderKind, Side};
use crate::position::Ticket;
use crate::record::{Bar, NO_RATE};
use crate::terms::Terms;
use crate::watch::Watch;

pub const DAY_NS: i64 = 86_400_000_000_000;

record! {
    /// An order that waits for a price.
    pub struct Waiting {
        pub number: u64,
        pub order: Order,
        /// What is left of a stated quantity.
        pub remaining: i64,
        /// The bar in whose decision it was submitted, or during which another order submitted it.
        pub submitted_bar: i64,
        /// It can trade on bars after this one, and no earlier than this time.
        pub from_bar: i64,
        pub from_ns: i64,
        /// The first bar on which it could trade, -1 before that, and the UTC day of that bar.
        pub first_bar: i64,
        pub first_day: i64,
        /// Where a trailing stop stands, else the order's own price; the best price of a trailing stop.
        pub price: i64,
        pub best: i64,
        /// Orders of one group cancel each other; 0 for none.
        pub group: u64,
        /// It waits for the order that triggers it.
        pub held: bool,
        /// A part of it has been filled.
        pub traded: bool,
        /// Its trigger was touched: it is a limit order now.
        pub touched: bool,
        /// It is a market order now: what volume left of a touched stop.
        pub at_market: bool,
        pub done: bool,
    }
}

impl Waiting {
    /// Return what kind of order it is by now.
    pub fn kind(&self) -> OrderKind {
        match self.order.kind {
            _ if self.at_market => OrderKind::Market,
            OrderKind::StopLimit | OrderKind::LimitIfTouched if self.touched => OrderKind::Limit,
            kind => kind,
        }
    }

    /// Return its limit or stop by now.
    pub fn level(&self) -> i64 {
        if self.touched {
            return self.order.limit;
        }
        self.price
    }

    /// Let a trailing stop begin at a price; other orders stay as they are.
    pub fn begin_trailing(&mut self, price: i64) {
        if self.order.kind == OrderKind::TrailingStop {
            let (distance, rate) = trail_of(self.order.trail);
            self.best = price;
            self.price = trailed(-self.order.side.sign(), price, distance, rate).unwrap_or(price);
        }
    }

    /// Return whether a price must rise to reach it.
    pub fn waits_above(&self) -> bool {
        let far = matches!(self.kind(), OrderKind::Stop | OrderKind::StopLimit | OrderKind::TrailingStop);
        (self.order.side == Side::Buy) == far
    }
}

/// One instrument of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    pub terms: Terms,
    pub scale: Scale,
    /// The purse that its money goes through: 0 is the account's own currency.
    pub purse: u32,
    /// Its last bar, and the finer bar inside it that is being walked through.
    pub bar: Bar,
    pub now: Bar,
    /// Whether what is walked through ends the bar.
    pub ends: bool,
    /// The price at which it is worth something by now: its last close, once that is known; before, the one before
    /// that, so that nothing inside a bar is decided by how another bar will close.
    pub mark: i64,
    /// How many bars it has had, less one, and the step of the clock of the last.
    pub index: i64,
    pub step: i64,
    pub delisted: bool,
    pub tickets: Vec<Ticket>,
    pub orders: Vec<Waiting>,
    /// Sums over the open tickets: signed quantity, quantity without sign, signed cost, cost without sign.
    pub net_quantity: i64,
    pub gross_quantity: i64,
    pub net_cost: i128,
    pub gross_cost: i128,
    /// What is left of the bar's volume for fills.
    pub available: i64,
    /// The last bar on which a ticket closed completely, -1 for none (R3).
    pub closed_index: i64,
    /// The last bar on which a path had to be assumed, -1 for none.
    pub ambiguous_index: i64,
    /// When a stop loss last acted.
    pub stopped_ns: i64,
    pub watch: Watch,
    /// Whether `watch` is out of date.
    pub changed: bool,
}

impl Book {
    pub fn new(terms: Terms, instrument: u32, time_ns: i64) -> Book {
        let bar = Bar {
            time_ns,
            close_ns: time_ns,
            open: 0,
            high: 0,
            low: 0,
            close: 0,
            volume: 0,
            given: 0,
            funding: NO_RATE,
            instrument,
        };
        Book {
            terms,
            scale: terms.scale(),
            purse: 0,
            bar,
            now: bar,
            ends: true,
            mark: 0,
            index: -1,
            step: -1,
            delisted: false,
            tickets: Vec::new(),
            orders: Vec::new(),
            net_quantity: 0,
            gross_quantity: 0,
            net_cost: 0,
            gross_cost: 0,
            available: i64::MAX,
            closed_index: -1,
            ambiguous_index: -1,
            stopped_ns: i64::MIN,
            watch: Watch::NOTHING,
            changed: false,
        }
    }

    pub fn instrument(&self) -> u32 {
        self.bar.instrument
    }

    /// Return when its last bar opened, before everything when it has had none.
    #[inline]
    pub fn last_ns(&self) -> i64 {
        if self.index < 0 {
            return i64::MIN;
        }
        self.bar.time_ns
    }

    /// Take the next bar.
    #[inline]
    pub fn take(&mut self, bar: &Bar, step: i64) {
        if self.index < 0 {
            self.mark = bar.open;
        }
        self.bar = *bar;
        self.now = *bar;
        self.index += 1;
        self.step = step;
        if let Some(share) = self.terms.fill_volume {
            let offered = bar.volume as i128 * share as i128 / RATE_ONE as i128;
            self.available = offered as i64;
        }
    }

    /// Forget orders that wait no longer and tickets that hold nothing. Never while they are walked through.
    pub fn forget(&mut self) {
        self.tickets.retain(|ticket| ticket.quantity > 0);
        self.orders.retain(|waiting| !waiting.done);
        self.changed = true;
    }

    pub fn open_tickets(&self) -> usize {
        self.tickets.iter().filter(|ticket| ticket.quantity > 0).count()
    }

    /// Return the place of an open ticket.
    pub fn ticket(&self, number: u64) -> Option<usize> {
        self.tickets.iter().position(|held| held.number == number && held.quantity > 0)
    }
}

/// Return whether a ticket that was read can have been written.
fn is_sound(ticket: &Ticket) -> bool {
    let prices = [
        ticket.stop_loss,
        ticket.liquidation,
        ticket.extreme,
        ticket.highest,
        ticket.lowest,
        ticket.even_price,
        ticket.trail_distance,
        ticket.risk,
    ];
    let in_range = |units: &i64| (0..=UNITS_MAX).contains(units);
    let quantities = [ticket.quantity];
    ticket.quantity > 0
        && ticket.entered >= ticket.quantity as i128
        && matches!(ticket.direction, 1 | -1)
        && ticket.rung as usize <= ticket.rungs.len()
        && prices.iter().chain(&ticket.rungs).chain(&quantities).all(in_range)
        && ticket.trail_rate >= 0
        && ticket.cost.unsigned_abs() <= u128::MAX >> 1
        && ticket.entry_cost.unsigned_abs() <= u128::MAX >> 1
}

/// The distance and the rate of a trailing stop order.
pub fn trail_of(level: Level) -> (i64, i64) {
    match level {
        Level::Fraction(rate) => (0, rate),
        Level::Distance(distance) => (distance, 0),
        _ => (0, 0),
    }
}

impl Field for Book {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.terms.put(bytes);
        self.purse.put(bytes);
        self.bar.put(bytes);
        self.mark.put(bytes);
        self.index.put(bytes);
        self.step.put(bytes);
        self.delisted.put(bytes);
        self.tickets.put(bytes);
        self.orders.put(bytes);
        self.available.put(bytes);
        self.closed_index.put(bytes);
        self.ambiguous_index.put(bytes);
        self.stopped_ns.put(bytes);
    }

    fn take(bytes: &mut &[u8]) -> Option<Book> {
        let terms = Terms::take(bytes)?;
        let purse = Field::take(bytes)?;
        let bar = Bar::take(bytes)?;
        let mark = Field::take(bytes)?;
        let mut book = Book { purse, bar, now: bar, mark, ..Book::new(terms, bar.instrument, 0) };
        book.index = Field::take(bytes)?;
        book.step = Field::take(bytes)?;
        book.delisted = Field::take(bytes)?;
        book.tickets = Field::take(bytes)?;
        book.orders = Field::take(bytes)?;
        book.available = Field::take(bytes)?;
        book.closed_index = Field::take(bytes)?;
        book.ambiguous_index = Field::take(bytes)?;
        book.stopped_ns = Field::take(bytes)?;
        book.changed = true;
        // The sums are what the tickets say, so no saved state can contradict itself.
        for ticket in &book.tickets {
            if !is_sound(ticket) {
                return None;
            }
            book.gross_quantity = book.gross_quantity.checked_add(ticket.quantity)?;
            book.net_quantity += ticket.direction * ticket.quantity;
            book.gross_cost = book.gross_cost.checked_add(ticket.cost)?;
            book.net_cost += ticket.direction as i128 * ticket.cost;
        }
        Some(book)
    }
}
