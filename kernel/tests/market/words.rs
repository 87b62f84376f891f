//! Orders written as the words that ask for them.

use std::fmt::Write;

use eyas_kernel::bracket::Level;
use eyas_kernel::number::{to_text, Scale, MONEY_DECIMALS, RATE_DECIMALS};
use eyas_kernel::order::{Intent, Order, OrderKind, Side, Size, TimeInForce};

const SECOND_DECIMALS: u32 = 9;

fn rate(units: i64) -> String {
    to_text(units as i128, RATE_DECIMALS)
}

pub fn price(units: i64, scale: Scale) -> String {
    to_text(units as i128, scale.price_decimals())
}

pub fn quantity(units: i64, scale: Scale) -> String {
    to_text(units as i128, scale.quantity_decimals())
}

fn level(level: Level, scale: Scale) -> String {
    match level {
        Level::None => String::new(),
        Level::Price(units) => price(units, scale),
        Level::Distance(units) => format!("distance {}", price(units, scale)),
        Level::Fraction(units) => format!("fraction {}", rate(units)),
        Level::Risk(units) => format!("risk {}", rate(units)),
    }
}

fn size(size: Size, scale: Scale) -> String {
    match size {
        Size::Quantity(units) => quantity(units, scale),
        Size::Notional(money) => format!("notional {}", to_text(money, MONEY_DECIMALS)),
        Size::Fraction(units) => format!("fraction {}", rate(units)),
    }
}

fn kind(order: &Order, scale: Scale) -> String {
    let (first, second) = (price(order.price, scale), price(order.limit, scale));
    match order.kind {
        OrderKind::None => " none".to_owned(),
        OrderKind::Market if order.price == 0 => String::new(),
        OrderKind::Market => format!(" at {first}"),
        OrderKind::Limit => format!(" limit {first}"),
        OrderKind::Stop => format!(" stop {first}"),
        OrderKind::StopLimit => format!(" stop {first} limit {second}"),
        OrderKind::MarketIfTouched => format!(" touch {first}"),
        OrderKind::LimitIfTouched => format!(" touch {first} limit {second}"),
        OrderKind::TrailingStop => format!(" trail {}", level(order.trail, scale)),
    }
}

fn bracket(text: &mut String, order: &Order, scale: Scale) -> std::fmt::Result {
    let bracket = &order.bracket;
    if bracket.stop_loss != Level::None {
        write!(text, " stop_loss {}", level(bracket.stop_loss, scale))?;
    }
    for rung in bracket.rungs.iter().filter(|rung| rung.level != Level::None) {
        write!(text, " take_profit {} share {}", level(rung.level, scale), rate(rung.share))?;
    }
    if bracket.trail.distance != Level::None {
        write!(text, " trailing {}", level(bracket.trail.distance, scale))?;
        if bracket.trail.trigger != Level::None {
            write!(text, " from {}", level(bracket.trail.trigger, scale))?;
        }
    }
    let even = &bracket.breakeven;
    if even.after_rung > 0 {
        write!(text, " breakeven rung {}", even.after_rung)?;
    } else if even.trigger != Level::None {
        write!(text, " breakeven {}", level(even.trigger, scale))?;
    }
    if even.offset != Level::None && (even.after_rung > 0 || even.trigger != Level::None) {
        write!(text, " offset {}", level(even.offset, scale))?;
    }
    if bracket.bars > 0 {
        write!(text, " leave_after {}", bracket.bars)?;
    }
    if bracket.time_ns > 0 {
        write!(text, " leave_after_s {}", to_text(bracket.time_ns as i128, SECOND_DECIMALS))?;
    }
    Ok(())
}

fn life(text: &mut String, order: &Order) -> std::fmt::Result {
    match order.time_in_force {
        TimeInForce::Gtc => {}
        TimeInForce::Gtd => {
            write!(text, " until {}", to_text(order.until_ns as i128, SECOND_DECIMALS))?;
        }
        TimeInForce::Day | TimeInForce::Ioc | TimeInForce::Fok => {
            write!(text, " {}", order.time_in_force.name())?;
        }
    }
    if order.bars > 0 {
        write!(text, " for {}", order.bars)?;
    }
    for (word, number) in [("other", order.other), ("after", order.after)] {
        if number != 0 {
            write!(text, " {word} {number}")?;
        }
    }
    if order.rank != 0 {
        write!(text, " rank {}", rate(order.rank))?;
    }
    Ok(())
}

/// Return the words that ask for an order.
pub fn words(order: &Order, scale: Scale) -> String {
    let side = match order.side {
        Side::Buy => "buy".to_owned(),
        Side::Sell => "sell".to_owned(),
    };
    let verb = match order.intent {
        Intent::Open | Intent::Reduce => side,
        Intent::Add => format!("add {}", order.ticket),
        Intent::Close => format!("close {}", order.ticket),
    };
    let mut text = format!("{verb} {}{}", size(order.size, scale), kind(order, scale));
    bracket(&mut text, order, scale).and_then(|()| life(&mut text, order)).expect("a text takes all words");
    if order.post_only {
        text.push_str(" post_only");
    }
    if order.intent == Intent::Reduce {
        text.push_str(" reduce_only");
    }
    if order.instrument != 0 && matches!(order.intent, Intent::Open | Intent::Reduce) {
        text.push_str(&format!(" on {}", order.instrument));
    }
    text
}
