//! Every name with its code, declared once: the exports look here, and a host reads `description`.

use eyas_kernel::book::{Book, Waiting};
use eyas_kernel::metrics::{CurveFigures, TradeFigures};
use eyas_kernel::number::{to_float, to_text, MONEY_DECIMALS};
use eyas_kernel::order::{OrderKind, Side, Size, TimeInForce};
use eyas_kernel::position::Ticket;
use eyas_kernel::record::{Cause, EventKind, Phase};
use eyas_kernel::rules::all_rules;
use eyas_kernel::{Account, Event, Refusal};

use crate::history::COLUMNS;
use crate::program::BOUND;
use crate::session::Session;

/// Rows of a table; a row's code is its place.
type Table<T> = &'static [(&'static str, T)];

/// What an amount is: units with their decimals, or a plain number.
pub enum Amount {
    Units(i128, u32),
    Number(f64),
}

impl Amount {
    pub fn float(&self) -> f64 {
        match self {
            Amount::Units(units, decimals) => to_float(*units, *decimals),
            Amount::Number(number) => *number,
        }
    }

    pub fn text(&self) -> String {
        match self {
            Amount::Units(units, decimals) => to_text(*units, *decimals),
            Amount::Number(number) => number.to_string(),
        }
    }
}

fn money(units: i128) -> Amount {
    Amount::Units(units, MONEY_DECIMALS)
}

pub const AMOUNTS: Table<fn(&Account) -> Amount> = &[
    ("cash", |account| money(account.cash())),
    ("equity", |account| money(account.equity())),
    ("free_cash", |account| money(account.free_cash())),
    ("used_margin", |account| money(account.used_margin())),
    ("open_profit", |account| money(account.open_profit())),
    ("position", |account| {
        Amount::Units(account.net_quantity() as i128, account.scale().quantity_decimals())
    }),
    ("margin_level", |account| Amount::Number(account.margin_level())),
    ("ambiguous_bars", |account| Amount::Number(account.ambiguous_bars() as f64)),
];

/// What a host sees of an open ticket, in units; the open profit is that at the last close.
pub const TICKET_FIELDS: Table<fn(&Book, &Ticket) -> i128> = &[
    ("number", |_, ticket| ticket.number as i128),
    ("instrument", |book, _| book.instrument() as i128),
    ("direction", |_, ticket| ticket.direction as i128),
    ("quantity", |_, ticket| ticket.quantity as i128),
    ("entry_price", |_, ticket| ticket.entry_price() as i128),
    ("stop_loss", |_, ticket| ticket.stop_loss as i128),
    ("take_profit", |_, ticket| ticket.take_profit() as i128),
    ("liquidation_price", |_, ticket| ticket.liquidation as i128),
    ("open_profit", |book, ticket| ticket.open_profit(book.bar.close)),
    ("opened_bar", |_, ticket| ticket.opened_bar as i128),
    ("opened_ns", |_, ticket| ticket.opened_ns as i128),
];

/// What a host sees of an order that waits; its side and the kind that was asked for are codes, a quantity of 0 is not
/// stated.
pub const WAITING_FIELDS: Table<fn(&Waiting) -> i128> = &[
    ("number", |waiting| waiting.number as i128),
    ("instrument", |waiting| waiting.order.instrument as i128),
    ("side", |waiting| waiting.order.side.code() as i128),
    ("kind", |waiting| waiting.order.kind.code() as i128),
    ("price", |waiting| waiting.price as i128),
    ("limit", |waiting| waiting.order.limit as i128),
    ("quantity", |waiting| match waiting.order.size {
        Size::Quantity(_) => waiting.remaining as i128,
        _ => 0,
    }),
    ("ticket", |waiting| waiting.order.ticket as i128),
];

pub const TRADE_FIGURES: Table<fn(&Session, &TradeFigures) -> f64> = &[
    ("opening_cash", |session, _| session.opening_cash),
    ("bars_held", |session, _| session.account.bars_held() as f64),
    ("trades", |_, figures| figures.trades as f64),
    ("wins", |_, figures| figures.wins as f64),
    ("losses", |_, figures| figures.losses as f64),
    ("refused", |_, figures| figures.refused as f64),
    ("net_profit", |_, figures| to_float(figures.net_profit, MONEY_DECIMALS)),
    ("gross_profit", |_, figures| to_float(figures.gross_profit, MONEY_DECIMALS)),
    ("gross_loss", |_, figures| to_float(figures.gross_loss, MONEY_DECIMALS)),
    ("fees", |_, figures| to_float(figures.fees, MONEY_DECIMALS)),
    ("best", |_, figures| to_float(figures.best, MONEY_DECIMALS)),
    ("worst", |_, figures| to_float(figures.worst, MONEY_DECIMALS)),
    ("win_rate", |_, figures| figures.win_rate()),
    ("profit_factor", |_, figures| figures.profit_factor()),
];

pub const CURVE_FIGURES: Table<fn(&CurveFigures, f64) -> f64> = &[
    ("total_return", |figures, _| figures.total_return),
    ("max_drawdown", |figures, _| figures.max_drawdown),
    ("max_drawdown_bars", |figures, _| figures.max_drawdown_bars as f64),
    ("sharpe", |figures, bars_per_year| figures.sharpe(bars_per_year)),
    ("sortino", |figures, bars_per_year| figures.sortino(bars_per_year)),
    ("volatility", |figures, bars_per_year| figures.volatility(bars_per_year)),
];

/// Return every table as text: a line for each row, its words parted by tabs.
///
/// `event`, `ticket` and `waiting` are layouts (name, type, width in bytes); `rule` tells what a rule
/// may be; all others pair a code with a name.
pub fn description() -> String {
    let mut text = String::new();
    for (name, kind, width) in Event::FIELDS {
        line(&mut text, &["event", name, kind, &width.to_string()]);
    }
    for (table, names) in [("ticket", names_of(TICKET_FIELDS)), ("waiting", names_of(WAITING_FIELDS))] {
        names.iter().for_each(|name| line(&mut text, &[table, name, "i128", "16"]));
    }
    all_rules().for_each(|(name, allowed)| line(&mut text, &["rule", name, allowed]));
    EventKind::ALL.iter().for_each(|value| coded(&mut text, "event_kind", value.code(), value.name()));
    Phase::ALL.iter().for_each(|value| coded(&mut text, "phase", value.code(), value.name()));
    Cause::ALL.iter().for_each(|value| coded(&mut text, "cause", value.code(), value.name()));
    Refusal::ALL.iter().for_each(|value| coded(&mut text, "refusal", value.code(), value.name()));
    OrderKind::ALL.iter().for_each(|value| coded(&mut text, "order_kind", value.code(), value.name()));
    Side::ALL.iter().for_each(|value| coded(&mut text, "side", value.code(), value.name()));
    TimeInForce::ALL.iter().for_each(|value| coded(&mut text, "time_in_force", value.code(), value.name()));
    let tables = [
        ("column", COLUMNS.to_vec()),
        ("bound", BOUND.to_vec()),
        ("amount", names_of(AMOUNTS)),
        ("trade_figure", names_of(TRADE_FIGURES)),
        ("curve_figure", names_of(CURVE_FIGURES)),
    ];
    for (table, names) in tables {
        names.iter().zip(0_u8..).for_each(|(name, code)| coded(&mut text, table, code, name));
    }
    text
}

fn names_of<T>(table: Table<T>) -> Vec<&'static str> {
    table.iter().map(|row| row.0).collect()
}

fn coded(text: &mut String, table: &str, code: u8, name: &str) {
    line(text, &[table, &code.to_string(), name]);
}

fn line(text: &mut String, words: &[&str]) {
    for word in words {
        text.push_str(word);
        text.push('\t');
    }
    text.pop();
    text.push('\n');
}
