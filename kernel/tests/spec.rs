//! Runs every table of `spec/` through the kernel, and sees that the runner sees wrong ones.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::ask::Through;
use common::run::run;
use common::tables::{read, Scenario};
use eyas_kernel::number::MONEY_DECIMALS;
use eyas_kernel::order::{Intent, Order, OrderKind, Side, Size};
use eyas_kernel::record::EventKind;
use eyas_kernel::rules::{AccountKind, BracketFrom, EndPolicy, FillAt, Gap, Matching, Rounding, Tie, RULES};
use eyas_kernel::{Account, Fill, Refusal, Rules};

fn pages() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).expect("spec/ is there") {
        let path = entry.expect("spec/ can be read").path();
        if path.extension().map_or(false, |extension| extension == "md") {
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            pages.push((name, fs::read_to_string(&path).expect("a page can be read")));
        }
    }
    pages.sort();
    pages
}

fn scenarios() -> Vec<Scenario> {
    let read_page = |(page, text): &(String, String)| read(page, text).unwrap_or_else(|why| panic!("{why}"));
    pages().iter().flat_map(read_page).collect()
}

fn run_all(through: Through) {
    let scenarios = scenarios();
    let failures: Vec<String> = scenarios
        .iter()
        .filter_map(|scenario| run(scenario, through).err().map(|why| format!("{}\n{why}", scenario.title)))
        .collect();
    let (wrong, all) = (failures.len(), scenarios.len());
    assert!(failures.is_empty(), "{wrong} of {all} scenarios differ\n\n{}", failures.join("\n\n"));
}

#[test]
fn the_kernel_does_what_the_pages_say() {
    run_all(Through::Floats);
}

#[test]
fn orders_of_integers_do_what_the_pages_say() {
    run_all(Through::Integers);
}

fn rules_used() -> BTreeSet<(String, String)> {
    scenarios().into_iter().flat_map(|scenario| scenario.rules).collect()
}

#[test]
fn every_rule_stands_in_a_scenario() {
    let used: BTreeSet<String> = rules_used().into_iter().map(|rule| rule.0).collect();
    let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.0.to_owned()).collect();
    assert_eq!(used, rules);
}

#[test]
fn every_named_value_of_a_rule_stands_in_a_scenario() {
    let mut used = rules_used();
    // What the default is stands in every scenario that does not change it.
    let defaults = ["market_fill=next_open", "bracket_from=auto", "gap=open", "tie=stop", "account=margin"];
    let more = ["exit_fill=next_open", "rounding=down", "matching=here"];
    used.extend(defaults.iter().chain(&more).filter_map(|rule| rule.split_once('=')).map(|(name, value)| {
        let (name, value) = (name.to_owned(), value.to_owned());
        let mut rules = Rules::default();
        rules.set_all(&[(&name, &value)]).unwrap();
        assert_eq!(rules, Rules::default(), "{name}={value} is the default");
        (name, value)
    }));
    macro_rules! all_used {
        ($($rule:literal $kind:ident),+) => { $(
            for value in $kind::ALL {
                let rule = ($rule.to_owned(), value.name().to_owned());
                assert!(used.contains(&rule), "no scenario has {rule:?}");
            }
        )+ };
    }
    all_used!("market_fill" FillAt, "exit_fill" FillAt, "bracket_from" BracketFrom, "gap" Gap, "tie" Tie);
    all_used!("account" AccountKind, "rounding" Rounding, "end_policy" EndPolicy, "matching" Matching);
}

/// The names that `spec/refusals.md` lists as provoked elsewhere: "- `name`: …".
fn exempt(page: &str) -> BTreeSet<&str> {
    page.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next()).collect()
}

#[test]
fn every_refusal_stands_in_a_scenario() {
    let (page, text) = pages().into_iter().find(|page| page.0 == "refusals.md").expect("the page is there");
    let journals: Vec<String> = read(&page, &text)
        .unwrap()
        .into_iter()
        .flat_map(|scenario| scenario.rows)
        .filter_map(|row| row.journal)
        .collect();
    let provoked: BTreeSet<&str> = journals.iter().flat_map(|journal| journal.split([' ', ';'])).collect();
    let mut expected: BTreeSet<&str> = Refusal::ALL.iter().map(|refusal| refusal.name()).collect();
    expected.remove(Refusal::None.name());
    let elsewhere = exempt(&text);
    let known =
        [Refusal::CloseMustBeMarketOrder, Refusal::MatchingMustBeElsewhere, Refusal::RulesMustBePossible];
    assert_eq!(elsewhere, known.iter().map(|refusal| refusal.name()).collect());
    let named: BTreeSet<&str> = expected.iter().copied().filter(|name| provoked.contains(name)).collect();
    assert_eq!(named, &expected - &elsewhere);
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
    for rules in [Rules { leverage: 0, ..Rules::default() }, Rules { price_decimals: 17, ..Rules::default() }]
    {
        let refusal = Account::new(rules, 10_i128.pow(20), 0).err();
        assert_eq!(refusal, Some(Refusal::RulesMustBePossible));
    }
}

#[test]
fn a_close_must_be_a_market_order() {
    let cash = 10_i128.pow(MONEY_DECIMALS) * 1000;
    let mut account = Account::new(Rules::default(), cash, 0).unwrap();
    let (kind, size) = (OrderKind::Limit(100), Size::Quantity(1));
    let order = Order { side: Side::Sell, kind, size, intent: Intent::Close { ticket: 1 } };
    assert_eq!(account.submit(order), Err(Refusal::CloseMustBeMarketOrder));
    let last = account.events().last().unwrap();
    assert_eq!((last.kind, last.refusal), (EventKind::Refused, Refusal::CloseMustBeMarketOrder));
    assert_eq!((account.cash(), account.orders().len()), (cash, 0));
}

const RIGHT: &str = "\
### A ticket
Rules: fee_rate=0.001
Cash: 1000
Figures: trades=1

| bar | open | high | low | close | ask | journal | equity |
|-----|------|------|-----|-------|-----|---------|--------|
| start | | | | | buy 2 take_profit 105 | submitted 1 +2 | 1000 |
| 0 | 100 | 102 | 99 | 101 | | open: filled 1 +2 at 100 fee 0.2 | 1001.8 |
| 1 | 101 | 106 | 101 | 104 | | range: filled of 1 -2 at 105 fee 0.21 profit 10 take_profit; range: closed of 1 +2 at 105 from 100 fee 0.41 profit 9.59 take_profit | 1009.59 |
| refused 1 | 100 | 101 | 99 | 100 | | bar_must_be_later | 1009.59 |
| end | | | | | fill 1 1 at 100 refused | | 1009.59 |
";

fn outcome(text: &str) -> Result<(), String> {
    read("page.md", text)?.iter().try_for_each(|scenario| run(scenario, Through::Floats))
}

#[test]
fn a_right_table_passes() {
    assert_eq!(outcome(RIGHT), Ok(()));
}

const SECOND: &str = "\
| ask | open | high | low | close | journal |
|-----|------|------|-----|-------|---------|
| buy 1 | 1 | 1 | 1 | 1 | open: filled 1 +1 at 1 |
";

/// Each change of the right table, and what the runner must say about it.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "at 100 fee 0.2 ",
        "at 100 fee 0.3 ",
        "page.md:9: journal differs\n  expected:\n    ! open: filled 1 +2 at 100 fee 0.3",
    ),
    ("open: filled 1", "range: filled 1", "page.md:9: journal differs"),
    ("submitted 1 +2", "submitted 2 +2", "page.md:8: journal differs"),
    ("9.59 take_profit |", "9.59 stop_loss |", "page.md:10: journal differs"),
    ("; range: closed", "; range: Closed", "page.md:10: journal differs"),
    ("| open: filled 1 +2 at 100 fee 0.2 |", "| |", "page.md:9: journal differs"),
    ("| 1001.8 |", "| 1001.80 |", "page.md:9: equity differs"),
    ("bar_must_be_later", "bar_must_be_in_range", "page.md:11: journal differs"),
    ("at 100 refused", "at 100", "page.md:12: the fill was not taken"),
    ("trades=1", "trades=2", "page.md:1: trades differs"),
    ("trades=1", "trade=1", "page.md:1: there is no figure trade"),
    ("fee_rate=0.001", "fee=0.001", "page.md:1: Unknown"),
    ("Cash: 1000", "Cash: 0", "page.md:1: money_must_stay_in_range"),
    ("Rules: fee_rate=0.001", "Rules: fee_rate", "page.md:2: Rules: fee_rate is not name=value"),
    ("### A ticket", "## A ticket", "page.md: no scenario"),
    ("| 0 | 100", "| 2 | 100", "page.md:9: row 2 after 0 bars"),
    ("| 0 | 100 | 102", "| 0 | 100 | ", "page.md:9: \"\" is no number"),
    ("| end | | |", "| end | 1 | |", "page.md:12: row end after 2 bars"),
    ("| buy 2 ", "| bye 2 ", "page.md:8: nobody can ask bye"),
    ("buy 2 take", "buy 2 at 9 take", "page.md:8: at cannot stand there"),
    ("buy 2 take", "buy 2e0 take", "page.md:8: 2e0 is no number"),
    ("| journal |", "| events |", "page.md:6: columns are"),
    ("| 1001.8 |", "|", "page.md:9: 7 cells for 8 columns"),
    ("|-----|--", "| bar |--", "page.md:6: a table needs a line of dashes"),
    ("| end |", "\n| end |", "page.md:13: columns are"),
    ("Figures: trades=1\n", SECOND, "page.md:1: 2 tables under one heading"),
];

#[test]
fn wrong_tables_fail() {
    for (right, wrong, why) in WRONG {
        assert!(RIGHT.contains(right), "{right} does not stand in the table");
        let said = outcome(&RIGHT.replacen(right, wrong, 1)).expect_err(wrong);
        assert!(said.starts_with(why), "{right} -> {wrong} says\n{said}\nnot\n{why}");
    }
}
