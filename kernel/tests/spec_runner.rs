//! The runner of the tables in `spec/` sees wrong ones.

mod common;

use common::ask::Through;
use common::run::run;
use common::tables::read;

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

fn outcome(text: &str, through: Through) -> Result<(), String> {
    read("page.md", text)?.iter().try_for_each(|scenario| run(scenario, through))
}

#[test]
fn right_tables_pass() {
    for through in [Through::Words, Through::Floats, Through::Saved] {
        assert_eq!(outcome(RIGHT, through), Ok(()));
        assert_eq!(outcome(MORE, through), Ok(()));
    }
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
    ("Figures: trades=1", "Folds: mae.1=-2 mfe.1=11", "page.md:1: mfe.1 differs"),
    ("Figures: trades=1", "Folds: mfe.2=10", "page.md:1: no fold says mfe.2"),
    ("Figures: trades=1", "Folds: mfe=10", "page.md:1: no fold says mfe"),
    ("Figures: trades=1", "Folds: long.9=0", "page.md:1: no fold says long.9"),
    ("trades=1", "trade=1", "page.md:1: there is no figure trade"),
    ("fee_rate=0.001", "fee=0.001", "page.md:1: Unknown"),
    ("Cash: 1000", "Cash: 0", "page.md:1: money_must_stay_in_range"),
    ("Rules: fee_rate=0.001", "Rules: fee_rate", "page.md:2: Rules: fee_rate is not name=value"),
    ("### A ticket", "## A ticket", "page.md: no scenario"),
    ("| 0 | 100", "| 2 | 100", "page.md:9: row 2 after 0 bars"),
    ("| 0 | 100 | 102", "| 0 | 100 | ", "page.md:9: \"\" is no number"),
    ("| end | | |", "| end | 1 | |", "page.md:12: row end after 2 bars"),
    ("| buy 2 ", "| bye 2 ", "page.md:8: nobody can ask \"bye 2 take_profit 105\""),
    ("buy 2 take", "buy 2 up 9 take", "page.md:8: up cannot stand there"),
    ("buy 2 take", "buy 2e0 take", "page.md:8: 2e0 is no number"),
    ("| journal |", "| events |", "page.md:6: columns are"),
    ("| 1001.8 |", "|", "page.md:9: 7 cells for 8 columns"),
    ("|-----|--", "| bar |--", "page.md:6: a table needs a line of dashes"),
    ("| end |", "\n| end |", "page.md:13: columns are"),
    ("Figures: trades=1\n", SECOND, "page.md:1: 2 tables under one heading"),
];

const MORE: &str = "\
### Two instruments, finer bars
Rules: fee_rate=0.001 price_decimals=4
Instrument: fee_rate=0
Instrument:
Figures: ambiguous_bars=0

| bar | instrument | time | length | open | high | low | close | volume | given | funding | ask | journal | equity | margin_level |
|-----|------------|------|--------|------|------|-----|-------|--------|-------|---------|-----|---------|--------|--------------|
| 0 | 0 | 1 | 2 | 100 | 101 | 99 | 100 | 5 | 100.5 | | buy 1 | submitted 1 +1 | | |
| 0 | 1 | 2 | 1 | 50 | 51 | 49 | 50 | | | 0 | buy 2 on 1; save | submitted 2 +2 instrument 1 | 10000 | inf |
| 1.1 | 0 | | | 100 | 101 | 99 | 100 | | | | | | | |
| 1.2 | 0 | | | 100 | 101 | 99 | 101 | | | | | | | |
| 1.1 | 1 | 4 | 1 | 50 | 53 | 49 | 52 | | | | | | | |
| 1 | 0 | 3 | 2 | 100 | 101 | 99 | 101 | 5 | | | | open: filled 1 +1 at 100; open: filled 2 +2 at 50 fee 0.1 time 240000000000 instrument 1 | | |
| 1 | 1 | 4 | 1 | 50 | 53 | 49 | 52 | 5 | | |  | | 10004.9 | 48.80439024390244 |
| 2 | 0 | 5 | 2 | 101 | 103 | 100 | 102 | 5 | | | cancel 7 | refused 7 order_must_be_waiting | | |
| 2 | 1 | | | - | | | | | | | | | 10005.9 | 48.57233009708738 |
";

/// Each change of the table with more columns, and what the runner must say about it.
const WRONG_MORE: &[(&str, &str, &str)] = &[
    ("Instrument:\n", "Instrument: tie=target\n", "page.md:1: tie is no term of an instrument"),
    ("Instrument:\n", "Instrument: fee\n", "page.md:4: Instrument: fee is not name=value"),
    ("Instrument:\n", "", "page.md:8: there is no instrument 1"),
    ("+2 instrument 1", "+2", "page.md:10: journal differs"),
    ("time 240000000000 instrument 1", "instrument 1", "page.md:14: journal differs"),
    ("| 10004.9 |", "| 10004.8 |", "page.md:15: equity differs"),
    ("48.80439", "48.80438", "page.md:15: margin_level differs"),
    ("| submitted 1 +1 | | |", "| submitted 1 +1 | 10000 | |", "page.md:9: amounts stand in the last row"),
    ("| 0 | 1 | 2 | 1 |", "| 0 | 0 | 2 | 1 |", "page.md:10: row 0 after 1 bars"),
    ("| 0 | 1 | 2 | 1 |", "| 0 | x | 2 | 1 |", "page.md:10: x is no number of an instrument"),
    ("| 1.2 | 0 |", "| 1.3 | 0 |", "page.md:12: row 1.3 after 1 bars"),
    ("| 1.2 | 0 |", "| 1.2 | 1 |", "page.md:12: row 1.2 after 1 bars"),
    ("| 1.1 | 1 |", "| 2.1 | 1 |", "page.md:14: row 1 after 1 bars"),
    ("| 5 | 100.5 |", "| five | 100.5 |", "page.md:9: \"five\" is no number"),
    ("| given | funding |", "| funding | given |", "page.md:7: columns are"),
    ("| equity | margin_level |", "| equity | equity |", "page.md:7: columns are"),
    ("| 2 | 1 | | | - |", "| 2 | 1 | | | |", "page.md:17: row 2 after 3 bars"),
    ("ambiguous_bars=0", "ambiguous_bars=1", "page.md:1: ambiguous_bars differs"),
];

#[test]
fn wrong_tables_fail() {
    for (table, changes) in [(RIGHT, WRONG), (MORE, WRONG_MORE)] {
        for (right, wrong, why) in changes {
            assert!(table.contains(right), "{right} does not stand in the table");
            let said = outcome(&table.replacen(right, wrong, 1), Through::Floats).expect_err(wrong);
            assert!(said.starts_with(why), "{right} -> {wrong} says\n{said}\nnot\n{why}");
        }
    }
}
