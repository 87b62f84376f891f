// Tables that are right, and what is to be seen when a part of them is not: they test the runner of spec/.

/** What a part of a table becomes, and the sentence that must come of it. @typedef {[string, string, RegExp]} Change */

/** One instrument and the usual columns. */
const ONE = [
  "### One trade", "Rules: fee_rate=0.001", "Cash: 1000", "Figures: trades=1 max_drawdown=0", "",
  "| bar | open | high | low | close | ask | journal | equity |", "|-|-|-|-|-|-|-|-|",
  "| start | | | | | buy 2 take_profit distance 5 | submitted 1 +2 | 1000 |",
  "| 0 | 100 | 102 | 99 | 101 | | open: filled 1 +2 at 100 fee 0.2 | 1001.8 |",
  "| 1 | 101 | 106 | 101 | 104 | | range: filled of 1 -2 at 105 fee 0.21 profit 10 take_profit; "
    + "range: closed of 1 +2 at 105 from 100 fee 0.41 profit 9.59 take_profit | 1009.59 |",
  "| refused 1 | 100 | 101 | 99 | 100 | | bar_must_be_later | 1009.59 |",
  "| end | | | | | fill 1 1 at 100 refused | | 1009.59 |",
].join("\n");

/** Two instruments, finer bars, an account that is saved, and columns that may be left out. */
const MORE = [
  "### Two instruments, finer bars", "Rules: fee_rate=0.001 price_decimals=4", "Instrument: fee_rate=0", "Instrument:",
  "Figures: ambiguous_bars=0", "",
  "| bar | instrument | time | length | open | high | low | close | volume | given | funding | ask | journal | equity "
    + "| margin_level |", "|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|",
  "| 0 | 0 | 1 | 2 | 100 | 101 | 99 | 100 | 5 | 100.5 | | buy 1 | submitted 1 +1 | | |",
  "| 0 | 1 | 2 | 1 | 50 | 51 | 49 | 50 | | | 0 | buy 2 on 1; save | submitted 2 +2 instrument 1 | 10000 | inf |",
  "| 1.1 | 0 | | | 100 | 101 | 99 | 100 | | | | | | | |",
  "| 1.2 | 0 | | | 100 | 101 | 99 | 101 | | | | | | | |",
  "| 1.1 | 1 | 4 | 1 | 50 | 53 | 49 | 52 | | | | | | | |",
  "| 1 | 0 | 3 | 2 | 100 | 101 | 99 | 101 | 5 | | | | open: filled 1 +1 at 100; "
    + "open: filled 2 +2 at 50 fee 0.1 time 240000000000 instrument 1 | | |",
  "| 1 | 1 | 4 | 1 | 50 | 53 | 49 | 52 | 5 | | | levels 1 stop_loss 95 | amended of 1 stop 95 time 180000000000 "
    + "| 10004.9 | 48.80439024390244 |",
  "| 2 | 0 | 5 | 2 | 101 | 103 | 100 | 102 | 5 | | | buy 1 stop 104 limit 105 | submitted stop_limit 3 +1 at 104 from "
    + "105 | | |",
  "| 2 | 1 | | | - | | | | | | | | | 10005.9 | 48.57233009708738 |",
].join("\n");

/** Where the kernel does not do what the table says. @type {[table: string, changes: Change[]][]} */
export const DIFFERENT = [
  [ONE, [
    ["0.21 profit", "0.22 profit", /:10: journal differs\n {2}expected:\n {4}! range: filled of 1 -2 .*\n {6}range/],
    ["| 1001.8 |", "| 1001.80 |", /:9: equity differs/], ["submitted 1 +2", "submitted 2 +2", /:8: journal differs/],
    ["from 100 fee", "from 101 fee", /:10: journal differs/], [" take_profit; r", "; r", /:10: journal differs/],
    ["open: filled", "range: filled", /:9: journal differs/], ["| submitted 1 +2 |", "| |", /:8: journal differs/],
    ["trades=1", "trades=2", /:1: trades differs/], ["must_be_later", "must_be_in_range", /:11: journal differs/],
    ["at 100 refused", "at 100", /:12: fill 1 1 at 100: the fill was not taken/],
    ["| 1 | 101 | 106 |", "| 1 | 101 | 100 |", /:10: the bar differs\n.*\n.* taken\n.*\n.* bar_must_hold_its_prices/],
  ]],
  [MORE, [
    ["+2 instrument 1", "+2", /:10: journal differs/], ["48.80439", "48.80438", /:15: margin_level differs/],
    ["time 240000000000 instrument 1", "instrument 1", /:14: journal differs/],
    ["| 10004.9 |", "| 10004.8 |", /:15: equity differs/], ["| inf |", "| 9 |", /:10: margin_level differs/],
    ["48.80439024390244", "inf", /:15: margin_level differs/], ["stop 95", "stop 94", /:15: journal differs/],
    ["ambiguous_bars=0", "ambiguous_bars=1", /:1: ambiguous_bars differs/],
    ["submitted stop_limit", "submitted", /:16: journal differs/], ["from 105", "from 104", /:16: journal differs/],
    ["| 1.2 | 0 | | | 100 | 101 |", "| 1.2 | 0 | | | 100 | 102 |", /:14: the bar differs[^]*bar_must_stay_inside/],
  ]],
];

/** What cannot be read. @type {[table: string, changes: Change[]][]} */
export const UNREADABLE = [
  [ONE, [
    ["| equity |", "| worth |", /:6: columns are/], ["buy 2", "bye 2", /:8: nobody can ask bye 2 take/],
    ["buy 2", "buy", /:8: nobody can ask buy take/], ["distance 5", "distance 5 now", /:8: nobody can ask .* 5 now$/],
    ["buy 2", "buy 2e", /:8: nobody can ask buy 2e /], ["| 0 | 100", "| 2 | 100", /:9: row 2 after 0 bars/],
    ["### One", "#### One", /no scenario/], ["trades=1", "trade=1", /:1: there is no figure trade/],
    ["fee_rate=", "fee=", /:1: there is no rule called fee/], ["Cash: 1000", "Cash: 0", /:1: cash is 0/],
    ["| 1001.8 |", "|", /:9: 7 cells for 8 columns/], ["| end |", "\n| end |", /:1: 2 tables under one heading/],
    ["fee_rate=0.001", "fee_rate", /:2: Rules: fee_rate is not name=value/],
    ["fee_rate=0.001", "", /:2: Rules: {2}is not name=value/], ["| 102 |", "| 1O2 |", /:9: 1O2 is no number/],
    ["| 102 |", "| |", /:9: {2}is no number/], ["| end | |", "| end | 1 |", /:12: row end after 2 bars/],
    ["|-|-|", "| bar |-|", /:6: a table needs a line of dashes/], ["trades=1", "trades=l", /:1: trades=l is no number/],
    ["at 100 refused", "at 100 time 1.5 refused", /:12: 1.5 is no whole number in the ask/],
  ]],
  [MORE, [
    ["Instrument:\n", "Instrument: tie=target\n", /:1: tie is no term of an instrument/],
    ["Instrument:\n", "Instrument: fee\n", /:4: Instrument: fee is not name=value/],
    ["Instrument:\n", "", /:9: there is no instrument 1/], ["| 1.2 | 0 |", "| 1.3 | 0 |", /:12: row 1.3 after 1 bars/],
    ["| submitted 1 +1 | | |", "| submitted 1 +1 | 10000 | |", /:9: amounts stand in the last row of a step/],
    ["| 0 | 1 | 2 | 1 |", "| 0 | 0 | 2 | 1 |", /:10: row 0 after 1 bars/],
    ["| 0 | 1 | 2 | 1 |", "| 0 | x | 2 | 1 |", /:10: x is no number of an instrument/],
    ["| 1.2 | 0 |", "| 1.2 | 1 |", /:12: row 1.2 after 1 bars/], ["| 1.1 | 1 |", "| 2.1 | 1 |", /:14: row 1 after 1 b/],
    ["| 5 | 100.5 |", "| five | 100.5 |", /:9: five is no number/], ["| 0 | 0 | 1 |", "| 0 | 0 | l |", /:9: l is no n/],
    ["| given | funding |", "| funding | given |", /:7: columns are/], ["| 2 | 0 |", "| end | 0 |", /:16: row end aft/],
    ["| equity | margin_level |", "| equity | equity |", /:7: columns are/],
    ["| 2 | 1 | | | - |", "| 2 | 1 | | | |", /:17: row 2 after 3 bars/], ["| 48.57", "| +48.57", /:17: margin_level=/],
    ["| 1.1 | 1 |", "| 1.1 | 2 |", /:11: a finer bar is inside no bar/],
  ]],
];
