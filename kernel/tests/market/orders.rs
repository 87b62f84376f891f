//! Random orders of every kind with every option.

use eyas_kernel::bracket::{Bracket, Breakeven, Level, Rung, Trail};
use eyas_kernel::number::RATE_ONE;
use eyas_kernel::order::{Intent, Order, OrderKind, Side, Size, TimeInForce};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{MINUTE, MONEY, WHOLE};

/// Prices on a coarse grid, so that touches, ties and gaps happen often.
pub fn prices() -> impl Strategy<Value = i64> {
    prop_oneof![
        9 => (90_i64..=110).prop_map(|whole| whole * WHOLE),
        1 => 9_000_000_000_i64..=11_000_000_000
    ]
}

pub fn sizes() -> impl Strategy<Value = Size> {
    prop_oneof![
        12 => (1_i64..=500).prop_map(|tenths| Size::Quantity(tenths * WHOLE / 10)),
        2 => (1_i64..=50 * WHOLE).prop_map(Size::Quantity),
        2 => (1_i128..=10_000).prop_map(|whole| Size::Notional(whole * MONEY)),
        1 => (1..=RATE_ONE).prop_map(Size::Fraction),
        2 => (1_i64..=4).prop_map(|quarters| Size::Fraction(quarters * RATE_ONE / 4)),
    ]
}

fn levels() -> impl Strategy<Value = Level> {
    prop_oneof![
        2 => prices().prop_map(Level::Price),
        4 => (1_i64..=12).prop_map(|whole| Level::Distance(whole * WHOLE)),
        2 => (1_i64..=20).prop_map(|percent| Level::Fraction(percent * RATE_ONE / 100)),
        1 => (1..=RATE_ONE / 5).prop_map(Level::Fraction),
        1 => (1_i64..=12).prop_map(|quarters| Level::Risk(quarters * RATE_ONE / 4)),
    ]
}

fn maybe(levels: impl Strategy<Value = Level>) -> impl Strategy<Value = Level> {
    prop_oneof![Just(Level::None), levels]
}

fn ladders() -> impl Strategy<Value = Vec<(Level, i64)>> {
    let share = select(vec![RATE_ONE, RATE_ONE / 2, RATE_ONE / 4, 333_333_333_333, 1]);
    // Rungs that rise by themselves, so that most ladders are possible.
    vec((1_i64..=4, share), 0..4).prop_map(|steps| {
        let mut far = 0;
        let rung = |(step, share): (i64, i64)| {
            far += step;
            (Level::Distance(far * WHOLE), share)
        };
        steps.into_iter().map(rung).collect()
    })
}

fn brackets() -> impl Strategy<Value = Bracket> {
    let rungs = prop_oneof![2 => ladders(), 1 => levels().prop_map(|level| vec![(level, RATE_ONE)])];
    let trails = prop_oneof![
        3 => Just((Level::None, Level::None)),
        1 => (levels(), maybe(levels()))
    ];
    let evens = prop_oneof![
        4 => Just((Level::None, Level::None, 0_u8)),
        1 => (levels(), maybe(levels())).prop_map(|(trigger, offset)| (trigger, offset, 0)),
        1 => (maybe(levels()), 1_u8..3).prop_map(|(offset, rung)| (Level::None, offset, rung)),
    ];
    let limits = prop_oneof![4 => Just((0, 0)), 1 => (1_u32..5, Just(0)), 1 => (Just(0), 1_i64..400)];
    (maybe(levels()), rungs, trails, evens, limits).prop_map(|(stop_loss, rungs, trail, even, limit)| {
        let mut bracket = Bracket {
            stop_loss,
            trail: Trail { distance: trail.0, trigger: trail.1 },
            breakeven: Breakeven { trigger: even.0, offset: even.1, after_rung: even.2 },
            bars: limit.0,
            time_ns: limit.1 * MINUTE / 60,
            ..Bracket::NONE
        };
        for (place, (level, share)) in rungs.into_iter().enumerate() {
            bracket.rungs[place] = Rung { level, share };
        }
        bracket
    })
}

fn sides() -> impl Strategy<Value = Side> {
    select(vec![Side::Buy, Side::Sell])
}

/// How an order trades: its kind, price, limit and trailing distance, whatever it needs of them.
fn manners() -> impl Strategy<Value = (OrderKind, i64, i64, Level)> {
    let trail = prop_oneof![
        (1_i64..=12).prop_map(|whole| Level::Distance(whole * WHOLE)),
        (1_i64..=8).prop_map(|percent| Level::Fraction(percent * RATE_ONE / 100))
    ];
    let touched = select(vec![OrderKind::StopLimit, OrderKind::LimitIfTouched]);
    let resting = select(vec![OrderKind::Limit, OrderKind::Stop, OrderKind::MarketIfTouched]);
    prop_oneof![
        5 => Just((OrderKind::Market, 0, 0, Level::None)),
        2 => prices().prop_map(|price| (OrderKind::Market, price, 0, Level::None)),
        5 => (resting, prices()).prop_map(|(kind, price)| (kind, price, 0, Level::None)),
        2 => (touched, prices(), prices()).prop_map(|(kind, price, limit)| (kind, price, limit, Level::None)),
        1 => trail.prop_map(|trail| (OrderKind::TrailingStop, 0, 0, trail)),
    ]
}

/// How long an order waits: its time in force, the second of its end, and its number of bars.
fn lives() -> impl Strategy<Value = (TimeInForce, i64, u32)> {
    prop_oneof![
        10 => Just((TimeInForce::Gtc, 0, 0)),
        1 => select(vec![TimeInForce::Day, TimeInForce::Ioc, TimeInForce::Fok]).prop_map(|life| (life, 0, 0)),
        1 => (0_i64..2_000).prop_map(|second| (TimeInForce::Gtd, second, 0)),
        1 => (1_u32..5).prop_map(|bars| (TimeInForce::Gtc, 0, bars)),
    ]
}

/// An order, its ticket and partners not yet chosen.
pub fn orders() -> impl Strategy<Value = Order> {
    let intents = prop_oneof![
        8 => Just(Intent::Open), 1 => Just(Intent::Add), 1 => Just(Intent::Reduce), 2 => Just(Intent::Close)
    ];
    let bracket = prop_oneof![1 => Just(Bracket::NONE), 2 => brackets()];
    let extras = (prop::bool::weighted(0.05), prop_oneof![4 => Just(0_i64), 1 => -3_i64..=3]);
    (0_u32..3, sides(), intents, manners(), sizes(), bracket, lives(), extras).prop_map(
        |(instrument, side, intent, manner, size, bracket, life, (post_only, rank))| {
            let (kind, price, limit, trail) = manner;
            let entry = intent == Intent::Open;
            // Only a market order closes a ticket; a stated price says nothing else about it.
            let kind = if intent == Intent::Close { OrderKind::Market } else { kind };
            Order {
                intent,
                kind,
                price: if intent == Intent::Close && limit != 0 { 0 } else { price },
                limit: if intent == Intent::Close { 0 } else { limit },
                trail: if intent == Intent::Close { Level::None } else { trail },
                bracket: if entry { bracket } else { Bracket::NONE },
                time_in_force: life.0,
                until_ns: if life.0 == TimeInForce::Gtd { life.1 * MINUTE / 60 } else { 0 },
                bars: life.2,
                post_only: post_only && kind == OrderKind::Limit,
                rank: rank * RATE_ONE / 2,
                ..Order::market(instrument, side, size)
            }
        },
    )
}
