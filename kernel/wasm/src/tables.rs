//! Every name with its code, declared once: the exports look here, and a host reads `description`.

use eyas_kernel::account::Waiting;
use eyas_kernel::metrics::{CurveFigures, TradeFigures};
use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::order::{Intent, OrderKind, Side, Size};
use eyas_kernel::position::Ticket;
use eyas_kernel::record::{Cause, EventKind, Phase};
use eyas_kernel::request::{KindWish, LevelWish, SizeWish};
use eyas_kernel::rules::RULES;
use eyas_kernel::{Account, Event, Refusal};

use crate::history::COLUMNS;
use crate::session::Session;

/// Rows of a table; a row's code is its place.
type Table<T> = &'static [(&'static str, T)];

pub const SIDES: Table<Side> = &[("buy", Side::Buy), ("sell", Side::Sell)];

pub const KINDS: Table<fn(f64) -> KindWish> =
    &[("market", |_| KindWish::Market), ("limit", KindWish::Limit), ("stop", KindWish::Stop)];

pub const SIZES: Table<fn(f64) -> SizeWish> =
    &[("quantity", SizeWish::Quantity), ("notional", SizeWish::Notional), ("fraction", SizeWish::Fraction)];

pub const LEVELS: Table<fn(f64) -> LevelWish> = &[
    ("none", |_| LevelWish::None),
    ("price", LevelWish::Price),
    ("distance", LevelWish::Distance),
    ("fraction", LevelWish::Fraction),
];

/// Units with their decimals.
type Amount = fn(&Account) -> (i128, u32);

pub const AMOUNTS: Table<Amount> = &[
    ("cash", |account| (account.cash(), MONEY_DECIMALS)),
    ("equity", |account| (account.equity(), MONEY_DECIMALS)),
    ("free_cash", |account| (account.free_cash(), MONEY_DECIMALS)),
    ("used_margin", |account| (account.used_margin(), MONEY_DECIMALS)),
    ("position", |account| (account.net_quantity() as i128, account.scale().quantity_decimals())),
];

/// What a host sees of an open ticket, in units; the open profit is that at a close.
pub const TICKET_FIELDS: Table<fn(&Ticket, i64) -> i128> = &[
    ("number", |ticket, _| ticket.number as i128),
    ("direction", |ticket, _| ticket.direction as i128),
    ("quantity", |ticket, _| ticket.quantity as i128),
    ("entry_price", |ticket, _| ticket.entry_price() as i128),
    ("stop_loss", |ticket, _| ticket.stop_loss as i128),
    ("take_profit", |ticket, _| ticket.take_profit as i128),
    ("open_profit", |ticket, close| ticket.open_profit(close)),
    ("opened_bar", |ticket, _| ticket.opened_bar as i128),
    ("opened_ns", |ticket, _| ticket.opened_ns as i128),
];

/// What a host sees of an order that waits; side and kind are codes, a quantity of 0 is not stated.
pub const WAITING_FIELDS: Table<fn(&Waiting) -> i128> = &[
    ("number", |waiting| waiting.number as i128),
    ("side", |waiting| code_of(SIDES, |side| *side == waiting.order.side)),
    ("kind", |waiting| match waiting.order.kind {
        OrderKind::Market => 0,
        OrderKind::Limit(_) => 1,
        OrderKind::Stop(_) => 2,
    }),
    ("price", |waiting| match waiting.order.kind {
        OrderKind::Market => 0,
        OrderKind::Limit(price) | OrderKind::Stop(price) => price as i128,
    }),
    ("quantity", |waiting| match waiting.order.size {
        Size::Quantity(_) => waiting.remaining as i128,
        _ => 0,
    }),
    ("ticket", |waiting| match waiting.order.intent {
        Intent::Close { ticket } => ticket as i128,
        Intent::Open { .. } => 0,
    }),
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
];

fn code_of<T>(table: Table<T>, is: impl Fn(&T) -> bool) -> i128 {
    table.iter().position(|row| is(&row.1)).map_or(-1, |code| code as i128)
}

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
    RULES.iter().for_each(|(name, allowed)| line(&mut text, &["rule", name, allowed]));
    EventKind::ALL.iter().for_each(|value| coded(&mut text, "event_kind", value.code(), value.name()));
    Phase::ALL.iter().for_each(|value| coded(&mut text, "phase", value.code(), value.name()));
    Cause::ALL.iter().for_each(|value| coded(&mut text, "cause", value.code(), value.name()));
    Refusal::ALL.iter().for_each(|value| coded(&mut text, "refusal", value.code(), value.name()));
    let tables = [
        ("column", COLUMNS.to_vec()),
        ("side", names_of(SIDES)),
        ("kind", names_of(KINDS)),
        ("size", names_of(SIZES)),
        ("level", names_of(LEVELS)),
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
