//! What the random markets of the other laws reach: a law that nothing ever tests says nothing.

mod market;

use std::collections::BTreeMap;

use eyas_kernel::order::OrderKind;
use eyas_kernel::record::{Cause, EventKind, Phase};
use eyas_kernel::rules::{all_rules, Rules};
use eyas_kernel::Refusal;
use market::extreme::extremes;
use market::play::{scenarios, Scenario};
use market::rules::TRIED;
use market::searching;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

const CASES: usize = 4_000;

/// Count what the events of random scenarios are, each beginning anew from the same seed.
fn seen(scenarios: impl Strategy<Value = Scenario>) -> BTreeMap<String, usize> {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(searching(1), seed);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..CASES {
        let scenario = scenarios.new_tree(&mut runner).expect("a scenario can be made").current();
        for event in scenario.play().expect("the laws hold").events {
            let mut count =
                |title: &str, name: &str| *seen.entry(format!("{title} {name}")).or_insert(0) += 1;
            count("kind", event.kind.name());
            count("cause", event.cause.name());
            count("phase", event.phase.name());
            count("refusal", event.refusal.name());
            if event.kind == EventKind::Filled {
                count("fills of", event.order_kind.name());
            }
        }
    }
    seen
}

/// What only bars, words, floats or rules that no random scenario has can provoke: other laws do.
const ELSEWHERE: &[Refusal] = &[
    Refusal::MatchingMustBeElsewhere,
    Refusal::RulesMustBePossible,
    Refusal::OrderMustBeReadable,
    Refusal::QuantityMustBeANumber,
    Refusal::QuantityMustBePositive,
    Refusal::FractionMustBeAboveZeroToOne,
    Refusal::PriceMustBeANumber,
    Refusal::PriceMustBePositive,
    Refusal::LevelMustBeANumber,
    Refusal::MoneyMustStayInRange,
    Refusal::LadderMustShareWhole,
    Refusal::CloseMustBeMarketOrder,
    Refusal::SideMustMatchTicket,
    Refusal::BracketMustComeWithEntry,
    Refusal::BarMustBeInRange,
    Refusal::BarMustHoldItsPrices,
    Refusal::BarMustBeLater,
    Refusal::BarMustHaveVolume,
    Refusal::BarMustStayInside,
];

#[test]
fn the_search_reaches_every_outcome() {
    let seen = seen(scenarios(|_| true));
    let names = |title: &str, names: Vec<&'static str>| -> Vec<String> {
        names.into_iter().map(|name| format!("{title} {name}")).collect()
    };
    let mut missing = names("kind", EventKind::ALL.iter().map(|kind| kind.name()).collect());
    missing.extend(names("cause", Cause::ALL.iter().map(|cause| cause.name()).collect()));
    missing.extend(names("phase", Phase::ALL.iter().map(|phase| phase.name()).collect()));
    missing.extend(names("fills of", OrderKind::ALL.iter().map(|kind| kind.name()).collect()));
    let provoked = Refusal::ALL.iter().filter(|refusal| !ELSEWHERE.contains(refusal));
    missing.extend(names("refusal", provoked.map(|refusal| refusal.name()).collect()));
    missing.retain(|name| !seen.contains_key(name));
    println!("{seen:#?}");
    assert!(missing.is_empty(), "{CASES} cases never reach {missing:#?}");
}

#[test]
fn the_search_at_the_edge_trades_too() {
    let seen = seen(extremes());
    println!("{seen:#?}");
    for name in
        ["kind filled", "kind charged", "cause stop_loss", "cause reduce", "refusal money_must_stay_in_range"]
    {
        let count = seen.get(name).copied().unwrap_or(0);
        assert!(count > 50, "{CASES} cases at the edge reach {name} {count} times");
    }
}

#[test]
fn every_rule_is_tried() {
    let tried: Vec<&str> = TRIED.iter().map(|(name, _)| *name).collect();
    let named: Vec<&str> = all_rules().map(|(name, _)| *name).collect();
    assert_eq!(tried, named);
    for (name, values) in TRIED.iter().filter(|rule| rule.0 != "margin_call" && rule.0 != "slippage_ticks") {
        for value in *values {
            let needed: &[(&str, &str)] = match *name {
                "leverage" => &[("account", "margin")],
                _ => &[],
            };
            let pairs: Vec<(&str, &str)> = needed.iter().copied().chain([(*name, *value)]).collect();
            assert_eq!(Rules::default().set_all(&pairs), Ok(()), "{name}={value}");
        }
    }
}
