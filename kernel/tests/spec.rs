//! Runs every table of `spec/` through the kernel, and provokes what no table can.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::ask::{ask, Through};
use common::run::run;
use common::tables::{read, Scenario};
use eyas_kernel::ask::Unasked;
use eyas_kernel::order::{Intent, Order, OrderKind, Side, Size};
use eyas_kernel::record::{Cause, EventKind};
use eyas_kernel::rules::*;
use eyas_kernel::terms::Terms;
use eyas_kernel::{Account, Bar, Fill, Refusal, Rules};

/// The pages of a folder, by name; those of `golden/` are named after it too.
fn pages_in(folder: &str, before: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).expect("spec/ is there") {
        let path = entry.expect("spec/ can be read").path();
        if path.extension().map_or(false, |extension| extension == "md") {
            let name = path.file_name().expect("a file has a name").to_string_lossy();
            pages.push((format!("{before}{name}"), fs::read_to_string(&path).expect("a page can be read")));
        }
    }
    pages.sort();
    pages
}

/// The pages that somebody has thought out.
fn pages() -> Vec<(String, String)> {
    pages_in("../spec", "")
}

/// The runs that `tools/golden.py` has recorded: they prove no rule, but every host must reproduce them.
fn recorded() -> Vec<(String, String)> {
    pages_in("../spec/golden", "golden/")
}

/// The scenarios of pages that can be read; `run_all` fails on one that cannot.
fn scenarios_of(pages: &[(String, String)]) -> Vec<Scenario> {
    pages.iter().flat_map(|(page, text)| read(page, text).unwrap_or_default()).collect()
}

fn scenarios() -> Vec<Scenario> {
    scenarios_of(&pages())
}

fn run_all(through: Through) {
    let pages: Vec<_> = pages().into_iter().chain(recorded()).collect();
    let mut failures: Vec<String> = pages.iter().filter_map(|(page, text)| read(page, text).err()).collect();
    let scenarios = scenarios_of(&pages);
    failures.extend(
        scenarios.iter().filter_map(|scenario| {
            run(scenario, through).err().map(|why| format!("{}\n{why}", scenario.title))
        }),
    );
    let (wrong, all) = (failures.len(), scenarios.len());
    assert!(failures.is_empty(), "{wrong} of {all} scenarios differ\n\n{}", failures.join("\n\n"));
}

#[test]
fn a_page_is_recorded_for_each_preset_and_a_portfolio() {
    let recorded = recorded();
    let names: Vec<&str> = recorded.iter().map(|page| page.0.as_str()).collect();
    let all = ["default", "desk", "hawk", "kline", "lifecycle", "portfolio", "stream"];
    assert_eq!(names, all.map(|name| format!("golden/{name}.md")));
}

#[test]
fn the_kernel_does_what_the_pages_say() {
    run_all(Through::Words);
}

#[test]
fn orders_of_floats_do_what_the_pages_say() {
    run_all(Through::Floats);
}

#[test]
fn saving_and_loading_before_everything_changes_nothing() {
    run_all(Through::Saved);
}

fn rules_used() -> BTreeSet<(String, String)> {
    let all =
        |scenario: Scenario| scenario.rules.into_iter().chain(scenario.instruments.into_iter().flatten());
    scenarios().into_iter().flat_map(all).collect()
}

/// Every journal of the pages, word by word.
fn words(scenarios: Vec<Scenario>) -> BTreeSet<String> {
    let rows = scenarios.into_iter().flat_map(|scenario| scenario.steps).flat_map(|step| step.rows);
    let journals: Vec<String> = rows.filter_map(|row| row.journal).collect();
    journals.iter().flat_map(|journal| journal.split([' ', ';'])).map(str::to_owned).collect()
}

#[test]
fn every_rule_stands_in_a_scenario() {
    let used: BTreeSet<String> = rules_used().into_iter().map(|rule| rule.0).collect();
    let missing: Vec<&str> = all_rules().map(|rule| rule.0).filter(|name| !used.contains(*name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "no scenario has these");
}

#[test]
fn every_named_value_of_a_rule_stands_in_a_scenario() {
    let used = rules_used();
    let mut missing = Vec::new();
    let mut see = |rule: &str, value: &str| {
        // What the default is stands in every scenario that does not change it.
        let mut rules = Rules::default();
        let is_default = rules.set_all(&[(rule, value)]).is_ok() && rules == Rules::default();
        if !is_default && !used.contains(&(rule.to_owned(), value.to_owned())) {
            missing.push(format!("{rule}={value}"));
        }
    };
    macro_rules! all_seen {
        ($($rule:literal $kind:ident),+) => { $(
            $kind::ALL.iter().for_each(|value| see($rule, value.name()));
        )+ };
    }
    all_seen!("market_fill" FillAt, "exit_fill" FillAt, "bracket_from" BracketFrom, "time_exit" TimeExit);
    all_seen!("bracket_price" BracketPrice, "gap" Gap, "tie" Tie, "trail_update" TrailUpdate);
    all_seen!("stop_trigger" Trigger, "target_trigger" Trigger, "holding" Holding, "account" AccountKind);
    all_seen!("margin_mode" MarginMode, "rounding" Rounding, "averaging" Averaging);
    all_seen!("end_policy" EndPolicy, "price_check" PriceCheck, "matching" Matching);
    for rule in ["reentry_same_bar", "short"] {
        ["yes", "no"].iter().for_each(|value| see(rule, value));
    }
    assert_eq!(missing, Vec::<String>::new(), "no scenario has these");
}

#[test]
fn every_kind_of_event_and_every_cause_stands_in_a_scenario() {
    let words = words(scenarios());
    let kinds = EventKind::ALL.iter().map(|kind| kind.name());
    // These go without saying where they are usual.
    let causes = Cause::ALL.iter().filter(|cause| ![Cause::None, Cause::Entry].contains(cause));
    let orders = [OrderKind::StopLimit, OrderKind::LimitIfTouched, OrderKind::MarketIfTouched];
    let orders = orders.iter().chain(&[OrderKind::TrailingStop]).map(|kind| kind.name());
    let all = kinds.chain(causes.map(|cause| cause.name())).chain(orders);
    let missing: Vec<&str> = all.filter(|name| !words.contains(*name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "no scenario has these");
}

/// The names that `spec/refusals.md` lists as provoked elsewhere: "- `name`: …".
fn exempt(page: &str) -> BTreeSet<&str> {
    page.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next()).collect()
}

#[test]
fn every_refusal_stands_in_a_scenario_and_on_its_page() {
    let (_, text) = pages().into_iter().find(|page| page.0 == "refusals.md").expect("the page is there");
    let elsewhere = exempt(&text);
    let known = [
        Refusal::CloseMustBeMarketOrder,
        Refusal::MatchingMustBeElsewhere,
        Refusal::OrderMustBeReadable,
        Refusal::RulesMustBePossible,
        Refusal::SideMustMatchTicket,
    ];
    // Each of these is provoked below.
    assert!(elsewhere.is_subset(&known.iter().map(|refusal| refusal.name()).collect()), "{elsewhere:?}");
    let provoked = words(scenarios());
    let names =
        Refusal::ALL.iter().filter(|refusal| **refusal != Refusal::None).map(|refusal| refusal.name());
    let stands = |name: &str| provoked.contains(name) != elsewhere.contains(name) && text.contains(name);
    let missing: Vec<&str> = names.filter(|name| !stands(name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "no scenario has these, or refusals.md has no word of them");
}

#[test]
fn a_market_of_its_own_takes_no_fill_of_a_venue() {
    let mut account = Account::new(Rules::default(), 10_i128.pow(20), 0).expect("cash");
    let fill = Fill { time_ns: 1, order: 1, price: 1, quantity: 1, fee: 0 };
    assert_eq!(account.apply(&fill).err(), Some(Refusal::MatchingMustBeElsewhere));
    assert_eq!(account.events().len(), 1);
}

#[test]
fn rules_must_be_possible_for_an_account() {
    let mut low = Rules::default();
    low.market.leverage = 0;
    let mut fine = Rules::default();
    fine.terms.price_decimals = 17;
    for rules in [low, fine] {
        let refusal = Account::new(rules, 10_i128.pow(20), 0).err();
        assert_eq!(refusal, Some(Refusal::RulesMustBePossible));
    }
    let priced = |by| Terms { currency: Some(by), ..Terms::default() };
    for terms in [vec![], vec![priced(1)], vec![priced(1), priced(0)]] {
        let refusal = Account::with_instruments(Rules::default(), &terms, 10_i128.pow(20), 0).err();
        assert_eq!(refusal, Some(Refusal::RulesMustBePossible));
    }
}

#[test]
fn a_close_must_be_a_market_order() {
    let mut account = Account::new(Rules::default(), 10_i128.pow(20), 0).expect("cash");
    let (intent, kind, price) = (Intent::Close, OrderKind::Limit, 100);
    let order = Order { intent, ticket: 1, kind, price, ..Order::market(0, Side::Sell, Size::Quantity(1)) };
    assert_eq!(account.submit(order), Err(Refusal::CloseMustBeMarketOrder));
    let last = account.events().last().unwrap();
    assert_eq!((last.kind, last.refusal), (EventKind::Refused, Refusal::CloseMustBeMarketOrder));
    assert_eq!(account.orders().count(), 0);
}

#[test]
fn an_order_must_be_of_a_kind() {
    let mut account = Account::new(Rules::default(), 10_i128.pow(20), 0).expect("cash");
    let kind = OrderKind::None;
    let order = Order { kind, ..Order::market(0, Side::Buy, Size::Quantity(1)) };
    assert_eq!(account.submit(order), Err(Refusal::OrderMustBeReadable));
    let last = account.events().last().unwrap();
    assert_eq!((last.kind, last.refusal), (EventKind::Refused, Refusal::OrderMustBeReadable));
    assert_eq!(account.orders().count(), 0);
}

#[test]
fn the_side_of_a_close_or_an_add_must_match_its_ticket() {
    let mut rules = Rules::default();
    rules.market.market_fill = FillAt::Close;
    let mut account = Account::new(rules, 10_i128.pow(20), 0).expect("cash");
    let bar = Bar::from_floats(1, [100.0; 4], 1.0, account.scale());
    account.advance(&[bar], &[]).expect("a bar");
    let market = Order::market(0, Side::Buy, Size::Quantity(1));
    let ticket = account.submit(market).expect("a ticket");
    for (intent, side) in [(Intent::Close, Side::Buy), (Intent::Add, Side::Sell)] {
        let refused = account.submit(Order { intent, side, ticket, ..market });
        assert_eq!(refused, Err(Refusal::SideMustMatchTicket));
        let last = account.events().last().unwrap();
        assert_eq!((last.kind, last.refusal), (EventKind::Refused, Refusal::SideMustMatchTicket));
        assert_eq!((account.net_quantity(), account.orders().count()), (1, 0));
    }
}

#[test]
fn words_that_cannot_be_read_change_nothing() {
    let mut account = Account::new(Rules::default(), 10_i128.pow(20), 0).expect("cash");
    let before = account.save();
    for text in [
        "",
        "bye 1",
        "buy",
        "buy x",
        "buy 1 up 9",
        "buy 1 limit",
        "buy 1 stop_loss risk",
        "buy 1 on",
        "buy 1 on x",
        "buy 0 bye",
        "sell 1 for 1.5",
        "add",
        "close x",
        "cancel",
        "cancel 1 2",
        "amend 1 colour 5",
        "levels 1 up 2",
        "fill 1 1 100",
        "fill 1 1 at 100 in 5",
        "transfer",
        "transfer x",
        "delist x",
        "error 1",
    ] {
        assert_eq!(account.ask(text), Err(Unasked::Unreadable), "{text}");
    }
    assert_eq!((account.save(), account.events().len()), (before, 1));
}

#[test]
fn words_and_floats_refuse_for_the_same_reason() {
    let wrong = [
        "buy nan limit nan",
        "buy 0 limit -1",
        "buy -1 limit 0 stop_loss nan",
        "buy 1 limit 0 stop_loss nan",
        "buy 1 stop 0 limit nan",
        "buy inf stop nan take_profit 0",
        "buy 1 trail nan stop_loss -1",
        "buy 0 trail -1",
        "buy fraction 2 stop_loss nan take_profit -1",
        "buy 1 stop_loss -1 take_profit nan",
        "buy 1 take_profit nan trailing -1",
        "buy 1 stop_loss nan trailing -1",
        "buy 1 trailing nan breakeven 0",
        "buy 1 trailing nan from distance 2",
        "buy 1 trailing 5 from distance nan",
        "buy 1 breakeven 0 offset distance 1",
        "buy 1 take_profit 0 share 0.5",
        "buy 1 take_profit 105 share nan",
        "buy 1 stop_loss 0 on 7",
        "buy nan on 7",
        "buy 1 on 7",
        "close 9 nan",
        "add 9 0 limit nan",
        "add 9 1",
    ];
    let mut different = Vec::new();
    for (text, finished) in wrong.iter().flat_map(|text| [(text, false), (text, true)]) {
        let [words, floats] = [Through::Words, Through::Floats].map(|through| {
            let mut account = Account::new(Rules::default(), 10_i128.pow(20), 0).expect("cash");
            if finished {
                account.finish();
            }
            ask(&mut account, text, through)
                .map(|()| account.take_events().pop().map_or("taken", |event| event.refusal.name()))
                .unwrap_or("unreadable")
        });
        if words != floats || !words.contains("_must_") {
            different.push(format!("{text:?}, finished {finished}: {words} in words, {floats} in floats"));
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}
