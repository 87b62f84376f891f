//! Random rules: every rule by its name, with values that are worth trying.

use eyas_kernel::rules::Rules;
use eyas_kernel::terms::{Terms, TERMS};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// What each rule is tried with beside its default, in the order of `all_rules`.
pub const TRIED: &[(&str, &[&str])] = &[
    ("market_fill", &["close", "signal_price", "given_price", "same_open", "close"]),
    ("exit_fill", &["close", "signal_price", "given_price", "same_open", "close"]),
    ("bracket_from", &["fill_bar", "after_fill"]),
    ("time_exit", &["first"]),
    ("bracket_price", &["close"]),
    ("gap", &["level"]),
    ("tie", &["target", "nearest_to_open", "open_high_low", "finer_bars"]),
    ("stop_trigger", &["close", "given_price"]),
    ("target_trigger", &["close", "given_price"]),
    ("trail_update", &["before"]),
    ("reentry_same_bar", &["no"]),
    ("holding", &["net"]),
    ("short", &["no"]),
    ("tickets_max", &["1", "2", "5"]),
    ("tickets_per_symbol_max", &["1", "2"]),
    ("account", &["cash", "collateral"]),
    ("margin_mode", &["isolated"]),
    ("leverage", &["3", "25", "1.7", "1000000"]),
    ("margin_cap", &["0.5", "0.8", "0.000000000001"]),
    ("margin_call", &["1", "0.5", "1000", "0.000000000001"]),
    ("slippage_on", &["market+stop+limit", "none", "limit", "stop"]),
    ("rounding", &["nearest"]),
    ("latency_bars", &["1", "2"]),
    ("latency_ms", &["1", "60000", "90000"]),
    ("averaging", &["effective", "extreme"]),
    ("end_policy", &["mark_only"]),
    ("price_check", &["warn", "off"]),
    ("matching", &["here", "here", "here", "elsewhere"]),
    ("fee_rate", &["0.001", "0.0006000001", "0.999999999999"]),
    ("maker_fee_rate", &["0", "0.0002000001", "-0.0001", "-0.999999999999"]),
    ("fee_fixed", &["1", "0.0000000000000001", "0.35", "20000000000"]),
    ("fee_per_unit", &["0.01", "0.00000001", "3"]),
    ("fee_minimum", &["1", "0.0000000000000001", "5"]),
    ("spread", &["0.1", "0.00000001", "3"]),
    ("spread_rate", &["0.0001", "0.000000000001", "0.3"]),
    ("slippage", &["0.0001", "0.01", "0.000000000001", "0.999999999999"]),
    ("slippage_ticks", &["1", "3"]),
    ("slippage_volume", &["0.1", "0.01", "0.999999999999"]),
    ("quantity_step", &["0.00000001", "0.1", "1", "0.7"]),
    ("price_tick", &["0.00000001", "0.5", "1"]),
    ("fill_volume", &["1", "0.1", "0.25", "0.000000000001"]),
    ("funding_rate", &["0.0001", "-0.0003000001", "0.5"]),
    ("borrow_rate", &["0.0001", "0.0003000001", "0.5"]),
    ("currency", &["0", "1", "2"]),
    ("price_decimals", &["8", "8", "2", "12"]),
    ("order_notional_max", &["1000", "100000"]),
    ("position_notional_max", &["1000", "5000"]),
    ("position_share_max", &["0.3", "2"]),
    ("positions_max", &["1", "2"]),
    ("exposure_max", &["1000", "5000"]),
    ("exposure_share_max", &["0.3", "2"]),
    ("daily_loss_max", &["1", "500"]),
    ("daily_loss_share_max", &["0.01", "1"]),
    ("open_orders_max", &["1", "3"]),
    ("price_deviation_max", &["0.01", "0.05"]),
    ("slippage_max", &["0.001", "0.05"]),
    ("leverage_max", &["0.5", "3"]),
    ("orders_per_minute_max", &["1", "3"]),
    ("stop_loss_cooldown_s", &["60", "600"]),
    ("consecutive_losses_max", &["1", "3"]),
    ("consecutive_errors_max", &["1", "3"]),
    ("breaker_cooldown_s", &["0", "60", "1000000000"]),
];

/// Which value of each rule is tried: 0 for its default.
type Choice = Vec<u8>;

fn choices(count: usize) -> impl Strategy<Value = Choice> {
    // As many rules at their default as leave room for trades; sometimes nearly all are.
    let few = prop_oneof![14 => Just(0_u8), 1 => 1_u8..=12];
    let some = prop_oneof![5 => Just(0_u8), 1 => 1_u8..=12];
    prop_oneof![2 => vec(few, count), 3 => vec(some, count)]
}

/// Set what was chosen, as far as it can be together with what was set before.
fn chosen(mut rules: Rules, choice: &[u8], tried: impl Fn(&str) -> bool) -> Rules {
    for ((name, values), choice) in TRIED.iter().zip(choice) {
        if *choice > 0 && tried(name) {
            let mut next = rules;
            let value = values[(*choice as usize - 1) % values.len()];
            if next.set_all(&[(*name, value)]).is_ok() {
                rules = next;
            }
        }
    }
    rules
}

fn is_term(name: &str) -> bool {
    TERMS.iter().any(|(term, _)| *term == name)
}

/// The scale is set first, since other rules are scaled by it; a currency only makes sense with several instruments.
fn of_all(choice: &[u8], tried: impl Fn(&str) -> bool) -> Rules {
    let scaled = chosen(Rules::default(), choice, |name| name == "price_decimals" && tried(name));
    chosen(scaled, choice, |name| name != "price_decimals" && name != "currency" && tried(name))
}

/// Return rules, and as many terms as there are to be instruments.
pub fn markets(tried: fn(&str) -> bool) -> impl Strategy<Value = (Rules, Vec<Terms>)> {
    let others = (choices(TRIED.len()), choices(TRIED.len()));
    // What needs two rules at once is rare by chance.
    let calls = select(vec!["1", "0.5", "1000"]);
    let called = prop_oneof![9 => Just(None), 1 => calls.prop_map(Some)];
    (choices(TRIED.len()), others, 0_u8..5, called).prop_map(
        move |(first, (second, third), differ, called)| {
            let mut rules = of_all(&first, tried);
            if let (Some(level), true) = (called, tried("margin_call")) {
                let mut called = rules;
                let pairs = [("leverage", "25"), ("margin_mode", "cross"), ("margin_call", level)];
                if called.set_all(&pairs).is_ok() {
                    rules = called;
                }
            }
            let mut terms = vec![rules.terms; 3];
            if differ > 2 {
                for (place, choice) in [(1, second), (2, third)] {
                    let scaled = chosen(rules, &choice, |name| name == "price_decimals" && tried(name));
                    let own =
                        chosen(scaled, &choice, |name| is_term(name) && name != "currency" && tried(name));
                    terms[place] = own.terms;
                }
            }
            if differ == 4 && tried("currency") {
                terms[1].currency = Some(0);
            }
            (rules, terms)
        },
    )
}
