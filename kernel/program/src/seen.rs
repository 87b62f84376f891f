//! Tickets and orders as they stood when the program asked for them.

use alloc::format;
use alloc::vec::Vec;

use eyas_kernel::book::Waiting;
use eyas_kernel::number::{to_float, Scale, MONEY_DECIMALS};
use eyas_kernel::order::Size;
use eyas_kernel::position::Ticket;
use eyas_kernel::Account;

use crate::codes::{AccountField, Field};
use crate::fault::{Done, Fault, Kind};
use crate::machine::Sight;
use crate::value::Value;

/// What was seen on this bar; values point into it.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    tickets: Vec<(Ticket, u32, Scale, i64)>,
    orders: Vec<(Waiting, u32, Scale)>,
    pub numbers: Vec<u64>,
}

fn money(units: i128) -> Value {
    Value::Float(to_float(units, MONEY_DECIMALS))
}

impl Seen {
    pub fn forget(&mut self) {
        self.tickets.clear();
        self.orders.clear();
        self.numbers.clear();
    }

    /// See every open ticket.
    fn see_tickets(&mut self, market: &Account) -> Value {
        let first = self.tickets.len();
        for book in market.books() {
            let held = book.tickets.iter().filter(|ticket| ticket.quantity > 0);
            self.tickets.extend(held.map(|ticket| (*ticket, book.instrument(), book.scale, book.bar.close)));
        }
        Value::Tickets(first as u32, (self.tickets.len() - first) as u32)
    }

    /// See every order that waits.
    fn see_orders(&mut self, market: &Account) -> Value {
        let first = self.orders.len();
        for book in market.books() {
            let waits = book.orders.iter().filter(|waiting| !waiting.done);
            self.orders.extend(waits.map(|waiting| (*waiting, book.instrument(), book.scale)));
        }
        Value::Orders(first as u32, (self.orders.len() - first) as u32)
    }

    /// Return the number of a ticket or order that was seen.
    pub fn number_of(&self, value: Value) -> Option<u64> {
        match value {
            Value::Ticket(place) => Some(self.tickets[place as usize].0.number),
            Value::Order(place) => Some(self.orders[place as usize].0.number),
            _ => None,
        }
    }

    /// Return what the account says.
    pub fn account(&mut self, field: AccountField, market: &Account) -> Value {
        let count = |market: &Account| market.tickets().filter(|ticket| ticket.quantity > 0).count() as i64;
        let position =
            |market: &Account| to_float(market.net_quantity() as i128, market.scale().quantity_decimals());
        match field {
            AccountField::Cash => money(market.cash()),
            AccountField::Equity => money(market.equity()),
            AccountField::FreeCash => money(market.free_cash()),
            AccountField::UsedMargin => money(market.used_margin()),
            AccountField::MarginLevel => Value::Float(market.margin_level()),
            AccountField::OpenProfit => money(market.open_profit()),
            AccountField::Position => Value::Float(position(market)),
            AccountField::AmbiguousBars => Value::Int(market.ambiguous_bars() as i64),
            AccountField::TicketCount => Value::Int(count(market)),
            AccountField::BarIndex => Value::Int(market.bar_index()),
            AccountField::EventCount => Value::Int(market.next_seq() as i64),
            AccountField::Tickets => self.see_tickets(market),
            AccountField::WaitingOrders => self.see_orders(market),
            AccountField::IsFlat => Value::Bool(count(market) == 0),
            AccountField::IsLong => Value::Bool(position(market) > 0.0),
            AccountField::IsShort => Value::Bool(position(market) < 0.0),
        }
    }

    /// Return a field of a value.
    pub fn field(&self, value: Value, field: Field, sight: &Sight<'_>) -> Done<Value> {
        let found = match value {
            Value::Ticket(place) => self.ticket_field(place, field, sight),
            Value::Order(place) => self.order_field(place, field, sight),
            Value::Series(number) if field == Field::Value => {
                Some(Value::Float(sight.floats[number as usize].now(sight.bar)))
            }
            Value::Times(number) if field == Field::Value => {
                Some(Value::Int(sight.times[number as usize].now(sight.bar)?))
            }
            Value::Level(_, at) if field == Field::Value => Some(Value::Float(at)),
            _ => None,
        };
        found.ok_or_else(|| {
            let class = value.class().rsplit('.').next().unwrap_or("");
            let text = format!("'{}' object has no attribute '{}'", class, field.name());
            Fault::new(Kind::Attribute, text)
        })
    }

    fn ticket_field(&self, place: u32, field: Field, sight: &Sight<'_>) -> Option<Value> {
        let (ticket, instrument, scale, close) = &self.tickets[place as usize];
        let price = |units: i64| Value::Float(to_float(units as i128, scale.price_decimals()));
        let level = |units: i64| if units == 0 { Value::None } else { price(units) };
        Some(match field {
            Field::Number => Value::Int(ticket.number as i64),
            Field::Instrument => Value::Int(*instrument as i64),
            Field::Direction => sight.word(if ticket.direction > 0 { "long" } else { "short" }),
            Field::Quantity => Value::Float(to_float(ticket.quantity as i128, scale.quantity_decimals())),
            Field::EntryPrice => price(ticket.entry_price()),
            Field::StopLoss => level(ticket.stop_loss),
            Field::StopCause => sight.word(ticket.stop_cause.name()),
            Field::TakeProfit => level(ticket.take_profit()),
            Field::Trailing => Value::Bool(ticket.trail_distance != 0 || ticket.trail_rate != 0),
            Field::Highest => price(ticket.highest),
            Field::Lowest => price(ticket.lowest),
            Field::LiquidationPrice => level(ticket.liquidation),
            Field::OpenProfit => money(ticket.open_profit(*close)),
            Field::RealisedProfit => money(ticket.profit),
            Field::Fees => money(ticket.fees),
            Field::OpenedBar => Value::Int(ticket.opened_bar),
            Field::OpenedTime => Value::Int(ticket.opened_ns),
            _ => return None,
        })
    }

    fn order_field(&self, place: u32, field: Field, sight: &Sight<'_>) -> Option<Value> {
        let (waiting, instrument, scale) = &self.orders[place as usize];
        let order = &waiting.order;
        let price = |units: i64| match units {
            0 => Value::None,
            _ => Value::Float(to_float(units as i128, scale.price_decimals())),
        };
        Some(match field {
            Field::Number => Value::Int(waiting.number as i64),
            Field::Instrument => Value::Int(*instrument as i64),
            Field::Side => sight.word(order.side.name()),
            Field::Kind => sight.word(order.kind.name()),
            Field::Intent => sight.word(order.intent.name()),
            Field::Price => price(waiting.price),
            Field::Limit => price(order.limit),
            Field::Quantity => match order.size {
                Size::Quantity(_) => {
                    Value::Float(to_float(waiting.remaining as i128, scale.quantity_decimals()))
                }
                _ => Value::None,
            },
            Field::Ticket => Value::Int(order.ticket as i64),
            Field::TimeInForce => sight.word(order.time_in_force.name()),
            Field::Held => Value::Bool(waiting.held),
            _ => return None,
        })
    }

    /// Return a value of a list, a series or the times, by an index.
    pub fn item(&self, value: Value, index: Value, sight: &Sight<'_>) -> Done<Value> {
        let place = index.whole().ok_or_else(|| {
            let class = index.class();
            Fault::wrong_type(match value {
                Value::Series(_) | Value::Times(_) => {
                    format!("'{}' object cannot be interpreted as an integer", class)
                }
                _ => format!("list indices must be integers or slices, not {}", class),
            })
        })?;
        let within = |first: u32, count: u32| {
            let row = if place < 0 { place.saturating_add(count as i64) } else { place };
            match row >= 0 && row < count as i64 {
                true => Ok(first + row as u32),
                false => Err(Fault::new(Kind::Index, "list index out of range")),
            }
        };
        match value {
            Value::Series(number) => sight.floats[number as usize].item(place, sight.bar).map(Value::Float),
            Value::Times(number) => sight.times[number as usize].item(place, sight.bar).map(Value::Int),
            Value::Tickets(first, count) => within(first, count).map(Value::Ticket),
            Value::Orders(first, count) => within(first, count).map(Value::Order),
            Value::Numbers(first, count) => {
                within(first, count).map(|row| Value::Int(self.numbers[row as usize] as i64))
            }
            _ => Err(Fault::wrong_type(format!("'{}' object is not subscriptable", value.class()))),
        }
    }
}
