//! Random wishes, and how they are put to an account: tickets and orders are named by their place.

use std::fmt;

use eyas_kernel::account::Account;
use eyas_kernel::ask::Unasked;
use eyas_kernel::number::Scale;
use eyas_kernel::order::{Intent, Order, Side, Size};
use eyas_kernel::record::Fill;
use eyas_kernel::Refusal;
use proptest::option;
use proptest::prelude::*;

use super::orders::{orders, prices, sizes};
use super::words::{price, quantity, words};
use super::{MONEY, WHOLE};

#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // There are a few of them, and most are orders.
pub enum Ask {
    /// An order; the places of its ticket, its partner and its parent; whether it is asked for in words.
    Order {
        order: Order,
        ticket: usize,
        other: Option<usize>,
        after: Option<usize>,
        in_words: bool,
    },
    /// Close the n-th open ticket, whole or in part.
    Close {
        ticket: usize,
        size: Size,
    },
    /// Cancel the n-th waiting order.
    Cancel {
        order: usize,
    },
    Amend {
        order: usize,
        price: Option<i64>,
        limit: Option<i64>,
        quantity: Option<i64>,
    },
    Levels {
        ticket: usize,
        stop_loss: Option<i64>,
        take_profit: Option<i64>,
    },
    Transfer {
        money: i128,
    },
    Delist {
        instrument: u32,
    },
    Error,
    /// Fill so many quarters of the n-th waiting order, as a venue.
    Fill {
        order: usize,
        quarters: i64,
        price: i64,
        fee: i128,
    },
}

impl fmt::Debug for Ask {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ask::Order { order, ticket, other, after, in_words } => {
                let text = words(order, Scale::default());
                let spoken = if *in_words { ", in words" } else { "" };
                write!(out, "{{{text}; at places: ticket {ticket} other {other:?} after {after:?}{spoken}}}")
            }
            Ask::Close { ticket, size } => write!(out, "{{close at {ticket}: {size:?}}}"),
            Ask::Cancel { order } => write!(out, "{{cancel at {order}}}"),
            Ask::Amend { order, price, limit, quantity } => {
                write!(out, "{{amend at {order}: {price:?} {limit:?} {quantity:?}}}")
            }
            Ask::Levels { ticket, stop_loss, take_profit } => {
                write!(out, "{{levels at {ticket}: {stop_loss:?} {take_profit:?}}}")
            }
            Ask::Transfer { money } => write!(out, "{{transfer {money}}}"),
            Ask::Delist { instrument } => write!(out, "{{delist {instrument}}}"),
            Ask::Error => write!(out, "{{error}}"),
            Ask::Fill { order, quarters, price, fee } => {
                write!(out, "{{fill at {order}: {quarters}/4 at {price} fee {fee}}}")
            }
        }
    }
}

pub fn asks() -> impl Strategy<Value = Ask> {
    let partner = || option::weighted(0.12, 0_usize..4);
    let order = (orders(), 0_usize..3, partner(), partner(), any::<bool>());
    let none_or = || prop_oneof![1 => Just(0), 3 => prices()];
    prop_oneof![
        16 => order.prop_map(|(order, ticket, other, after, in_words)| {
            Ask::Order { order, ticket, other, after, in_words }
        }),
        3 => (0_usize..4, sizes()).prop_map(|(ticket, size)| Ask::Close { ticket, size }),
        1 => (0_usize..4).prop_map(|order| Ask::Cancel { order }),
        1 => (0_usize..4, option::of(prices()), option::weighted(0.2, prices()), option::of(1..=50 * WHOLE))
            .prop_map(|(order, price, limit, quantity)| Ask::Amend { order, price, limit, quantity }),
        1 => (0_usize..3, option::of(none_or()), option::of(none_or()))
            .prop_map(|(ticket, stop_loss, take_profit)| Ask::Levels { ticket, stop_loss, take_profit }),
        1 => (-5_000_i128..=5_000).prop_map(|whole| Ask::Transfer { money: whole * MONEY }),
        1 => prop_oneof![
            6 => Just(Ask::Error), 1 => (0_u32..4).prop_map(|instrument| Ask::Delist { instrument })
        ],
        3 => (0_usize..4, 1_i64..=5, prices(), -2_i128..=3).prop_map(|(order, quarters, price, fee)| {
            Ask::Fill { order, quarters, price, fee: fee * MONEY / 3 }
        }),
    ]
}

/// A number that no order ever has.
const NOBODY: u64 = 1_000_000;

/// Return the number of the order that waits at a place; where none waits None, but for one place.
fn order_at(account: &Account, place: usize) -> Option<u64> {
    let count = account.orders().count();
    let nobody = (place == 0).then_some(NOBODY);
    account.orders().nth(place % count.max(1)).map(|waiting| waiting.number).or(nobody)
}

/// Return the number of the ticket at a place; where none is open None, but for one place.
fn ticket_at(account: &Account, place: usize) -> Option<u64> {
    let count = account.tickets().count();
    let nobody = (place == 0).then_some(NOBODY);
    account.tickets().nth(place % count.max(1)).map(|ticket| ticket.number).or(nobody)
}

/// Return the order that a wish comes to, as things stand.
pub fn settled(account: &Account, ask: &Ask) -> Option<Order> {
    let (mut order, ticket) = match ask {
        Ask::Order { order, ticket, other, after, .. } => {
            let mut order = *order;
            order.instrument %= account.books().len() as u32;
            order.other = other.and_then(|place| order_at(account, place)).unwrap_or(0);
            order.after = after.and_then(|place| order_at(account, place)).unwrap_or(0);
            (order, *ticket)
        }
        Ask::Close { ticket, size } => {
            (Order { intent: Intent::Close, ..Order::market(0, Side::Sell, *size) }, *ticket)
        }
        _ => return None,
    };
    if matches!(order.intent, Intent::Close | Intent::Add) {
        order.ticket = match ticket_at(account, ticket) {
            Some(number) => number,
            None if order.intent == Intent::Close => return None,
            None => return Some(Order { intent: Intent::Open, ..order }),
        };
        order.side = if order.intent == Intent::Close { Side::Sell } else { Side::Buy };
        order.instrument = 0;
        if let Some((instrument, held)) = account.find_ticket(order.ticket) {
            order.instrument = instrument as u32;
            let buys = (held.direction > 0) == (order.intent == Intent::Add);
            order.side = if buys { Side::Buy } else { Side::Sell };
        }
    }
    Some(order)
}

/// Ask an account for something.
pub fn put(account: &mut Account, ask: &Ask) -> Result<(), Unasked> {
    if let Some(order) = settled(account, ask) {
        if matches!(ask, Ask::Order { in_words: true, .. }) {
            let text = words(&order, account.scale_of(order.instrument));
            let answer = account.ask(&text).map(|_| ());
            assert!(answer != Err(Unasked::Unreadable), "{text:?} cannot be read");
            return answer;
        }
        return account.submit(order).map(|_| ()).map_err(Unasked::from);
    }
    let answer = match ask {
        Ask::Order { .. } | Ask::Close { .. } => Ok(()),
        Ask::Transfer { money } => account.transfer(*money),
        Ask::Delist { instrument } => account.delist(*instrument).map(|_| ()),
        Ask::Error => {
            account.record_error();
            Ok(())
        }
        Ask::Levels { ticket, stop_loss, take_profit } => match ticket_at(account, *ticket) {
            Some(number) => return levels(account, number, *stop_loss, *take_profit),
            None => Ok(()),
        },
        Ask::Cancel { order } => order_at(account, *order).map_or(Ok(()), |number| account.cancel(number)),
        Ask::Amend { order, price, limit, quantity } => match order_at(account, *order) {
            Some(number) => return amend(account, number, [*price, *limit], *quantity),
            None => Ok(()),
        },
        Ask::Fill { order, quarters, price, fee } => {
            order_at(account, *order).map_or(Ok(()), |number| apply(account, number, *quarters, *price, *fee))
        }
    };
    answer.map_err(Unasked::from)
}

fn amend(
    account: &mut Account,
    number: u64,
    prices: [Option<i64>; 2],
    units: Option<i64>,
) -> Result<(), Unasked> {
    let scale = account.scale_of(account.find_order(number).unwrap_or(0) as u32);
    let said =
        |word: &str, text: Option<String>| text.map_or(String::new(), |text| format!(" {word} {text}"));
    let [first, limit] = prices.map(|units| units.map(|units| price(units, scale)));
    let (first, limit) = (said("price", first), said("limit", limit));
    let quantity = said("quantity", units.map(|units| quantity(units, scale)));
    account.ask(&format!("amend {number}{first}{limit}{quantity}")).map(|_| ())
}

fn levels(
    account: &mut Account,
    ticket: u64,
    stop_loss: Option<i64>,
    take_profit: Option<i64>,
) -> Result<(), Unasked> {
    let instrument = account.find_ticket(ticket).map_or(0, |(instrument, _)| instrument);
    let scale = account.scale_of(instrument as u32);
    let mut text = format!("levels {ticket}");
    for (word, level) in [("stop_loss", stop_loss), ("take_profit", take_profit)] {
        match level {
            None => {}
            Some(0) => text.push_str(&format!(" {word} none")),
            Some(units) => text.push_str(&format!(" {word} {}", price(units, scale))),
        }
    }
    account.ask(&text).map(|_| ())
}

fn apply(account: &mut Account, number: u64, quarters: i64, price: i64, fee: i128) -> Result<(), Refusal> {
    let left =
        account.orders().find(|waiting| waiting.number == number).map_or(4, |waiting| waiting.remaining);
    let quantity = (left / 4).saturating_mul(quarters).max(1);
    let time_ns = account.bar().close_ns;
    account.apply(&Fill { time_ns, order: number, price, quantity, fee }).map(|_| ())
}
