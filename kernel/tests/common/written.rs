//! Events as text, and the comparison of texts.

use eyas_kernel::number::{to_text, Scale, MONEY_DECIMALS};
use eyas_kernel::order::OrderKind;
use eyas_kernel::record::{Cause, Event, EventKind, Phase};
use eyas_kernel::Refusal;

/// What goes without saying of an event.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub phase: Phase,
    pub bar: i64,
    pub time_ns: i64,
    pub seq: u64,
}

/// The kinds of order that their `submitted` names; the others go without saying.
const NAMED: [OrderKind; 4] =
    [OrderKind::StopLimit, OrderKind::LimitIfTouched, OrderKind::MarketIfTouched, OrderKind::TrailingStop];

/// Write an event, leaving out what goes without saying.
pub fn written(event: &Event, now: &Moment, scale: Scale) -> String {
    let price = |value: i64| to_text(value as i128, scale.price_decimals());
    let quantity = to_text(event.quantity as i128, scale.quantity_decimals());
    let money = |value: i128| to_text(value, MONEY_DECIMALS);
    let ticket = if event.ticket == event.order { 0 } else { event.ticket };
    let is_fill = event.kind == EventKind::Filled;
    let cause = match (is_fill || event.kind == EventKind::Submitted, ticket) {
        (false, _) => Cause::None,
        (true, 0) => Cause::Entry,
        (true, _) => Cause::Close,
    };
    let says_kind = event.kind == EventKind::Submitted && NAMED.contains(&event.order_kind);
    let says_levels = event.kind == EventKind::Amended && event.ticket != 0;
    let say = |said: bool, text: String| Some(text).filter(|_| said);
    let is_paid = is_fill || event.kind == EventKind::Charged;
    let usual_cash = if is_paid { event.profit - event.fee } else { 0 };
    let usual_reference = if is_fill { event.price } else { 0 };
    let sign = if event.quantity > 0 { "+" } else { "" };
    let parts = [
        say(event.phase != now.phase, format!("{}:", event.phase.name())),
        say(true, event.kind.name().to_owned()),
        say(says_kind, event.order_kind.name().to_owned()),
        say(event.order != 0, event.order.to_string()),
        say(ticket != 0, format!("of {ticket}")),
        say(event.quantity != 0, format!("{sign}{quantity}")),
        say(event.price != 0, format!("at {}", price(event.price))),
        say(event.reference != usual_reference, format!("from {}", price(event.reference))),
        say(says_levels && event.stop_loss != 0, format!("stop {}", price(event.stop_loss))),
        say(says_levels && event.take_profit != 0, format!("target {}", price(event.take_profit))),
        say(event.fee != 0, format!("fee {}", money(event.fee))),
        say(event.profit != 0, format!("profit {}", money(event.profit))),
        say(event.cash != usual_cash, format!("cash {}", money(event.cash))),
        say(event.cause != cause, event.cause.name().to_owned()),
        say(event.refusal != Refusal::None, event.refusal.name().to_owned()),
        say(event.bar != now.bar, format!("bar {}", event.bar)),
        say(event.time_ns != now.time_ns, format!("time {}", event.time_ns)),
        say(event.seq != now.seq, format!("seq {}", event.seq)),
        say(event.instrument != 0, format!("instrument {}", event.instrument)),
    ];
    parts.into_iter().flatten().collect::<Vec<String>>().join(" ")
}

/// Compare two texts; the error has an event a line, with what differs marked.
pub fn compare(place: &str, what: &str, expected: &str, got: &str) -> Result<(), String> {
    if expected == got {
        return Ok(());
    }
    let marked = |text: &str, other: &str| {
        let same: Vec<&str> = other.split("; ").collect();
        let line = |part: &str| {
            let mark = if same.contains(&part) { ' ' } else { '!' };
            format!("\n    {mark} {}", if part.is_empty() { "(nothing)" } else { part })
        };
        text.split("; ").map(line).collect::<String>()
    };
    let (wanted, came) = (marked(expected, got), marked(got, expected));
    Err(format!("{place}: {what} differs\n  expected:{wanted}\n  got:{came}"))
}
