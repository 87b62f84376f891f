//! What a program asks of tickets and orders that are there: close, cancel, amend, move.

use alloc::format;
use alloc::vec::Vec;

use eyas_kernel::request::{Request, SizeWish};
use eyas_kernel::Account;

use crate::amend;
use crate::codes::LevelKind;
use crate::fault::{Done, Fault};
use crate::machine::Machine;
use crate::text;
use crate::value::Value;
use crate::words::{given, number, one_of, shown};

impl Machine<'_> {
    /// Close a ticket, or all of them, and return the orders' numbers.
    pub fn close(&mut self, ticket: Value, sizes: [Value; 2], market: &mut Account) -> Done<Value> {
        let numbers: Vec<u64> = match given(ticket) {
            None => {
                market.tickets().filter(|ticket| ticket.quantity > 0).map(|ticket| ticket.number).collect()
            }
            Some(one) => alloc::vec![self.number_of(one)?],
        };
        let size = match one_of(&["quantity", "fraction"], &sizes, &self.sight)? {
            Some((0, value)) => SizeWish::Quantity(value),
            Some((_, value)) => SizeWish::Fraction(value),
            None => SizeWish::Fraction(1.0),
        };
        let first = self.seen.numbers.len();
        for number in numbers {
            let _ = market.request(&Request::close(number, size));
            self.seen.numbers.push(market.last_order());
        }
        Ok(Value::Numbers(first as u32, (self.seen.numbers.len() - first) as u32))
    }

    /// Take back a waiting order, or all of them.
    pub fn cancel(&mut self, order: Value, market: &mut Account) -> Done<Value> {
        let numbers: Vec<u64> = match given(order) {
            None => market.orders().filter(|order| !order.done).map(|order| order.number).collect(),
            Some(one) => alloc::vec![self.number_of(one)?],
        };
        for number in numbers {
            let _ = market.cancel(number);
        }
        Ok(order)
    }

    /// Change a waiting order in place.
    pub fn amend(&mut self, order: Value, values: [Value; 3], market: &mut Account) -> Done<Value> {
        let names = ["price", "limit", "quantity"];
        let [price, limit, quantity] = self.changes("amend", names, values)?;
        let number = self.number_of(order)?;
        Ok(Value::Bool(amend::order(market, number, price, limit, quantity)))
    }

    /// Move the levels of an open ticket to prices.
    pub fn move_levels(&mut self, ticket: Value, wanted: [Value; 2], market: &mut Account) -> Done<Value> {
        let mut values = wanted;
        for value in &mut values {
            if let Value::Level(kind, at) = *value {
                if kind != LevelKind::Price {
                    return Err(Fault::usage(format!(
                        "the levels of an open ticket are prices: give a number or eyas.at(…), not {}",
                        shown(*value, &self.sight)
                    )));
                }
                *value = Value::Float(at);
            }
        }
        let names = ["stop_loss", "take_profit"];
        let [stop, target] = self.changes("move", names, values)?;
        let number = self.number_of(ticket)?;
        for (place, price) in [stop, target].iter().enumerate() {
            let is_level = matches!(wanted[place], Value::Level(..));
            if let (Some(price), false) = (price, is_level) {
                check_not_a_fraction(market, number, (names[place], *price))?;
            }
        }
        Ok(Value::Bool(amend::ticket(market, number, stop, target)))
    }

    fn changes<const N: usize>(
        &self,
        verb: &str,
        names: [&str; N],
        values: [Value; N],
    ) -> Done<[Option<f64>; N]> {
        let mut found = [None; N];
        for (place, value) in values.iter().enumerate() {
            if given(*value).is_some() {
                found[place] = Some(number(names[place], *value, &self.sight)?);
            }
        }
        if found.iter().all(Option::is_none) {
            return Err(Fault::usage(format!("{} needs something to change: {}", verb, names.join(", "))));
        }
        Ok(found)
    }
}

/// Refuse what is a fraction in `buy`, and here would be a price far from any.
fn check_not_a_fraction(market: &Account, ticket: u64, (name, price): (&str, f64)) -> Done<()> {
    if !(price > 0.0 && price < 1.0) {
        return Ok(());
    }
    let held = market.find_ticket(ticket).filter(|(_, ticket)| ticket.quantity > 0);
    let entry = held.map(|(place, ticket)| {
        let decimals = market.books()[place].scale.price_decimals();
        eyas_kernel::number::to_float(ticket.entry_price() as i128, decimals)
    });
    match entry {
        Some(entry) if price < entry / 10.0 => Err(Fault::usage(format!(
            "{}={} would be a price, for a ticket that was entered at {}: the levels of an open ticket are prices; \
             if it is meant, write eyas.at({})",
            name,
            text::float(price),
            text::short(entry),
            text::float(price)
        ))),
        _ => Ok(()),
    }
}
