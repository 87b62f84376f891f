// Test kernel.wasm in Node: node kernel/wasm/test.mjs [build/kernel.wasm]
// Without an argument the file is that of EYAS_WASM, else build/kernel.wasm.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Account, History, Kernel, KernelError, decimalText } from "./kernel.mjs";
import { columnsOf, random } from "./market.mjs";
import { Differs, run } from "./scenario.mjs";
import { Malformed, read } from "./spec.mjs";

const LARGEST_BYTES = 100_000;
const SPEC = new URL("../../spec/", import.meta.url);
const USUAL = fileURLToPath(new URL("../../build/kernel.wasm", import.meta.url));
const PATH = process.argv[2] ?? process.env.EYAS_WASM ?? USUAL;

if (!existsSync(PATH)) {
  console.error(`There is no ${PATH}: build it with make wasm, or name another file.`);
  process.exit(1);
}
const BYTES = readFileSync(PATH);
const kernel = await Kernel.load(BYTES);

describe("the pages of spec/", () => {
  const pages = readdirSync(SPEC).filter((page) => page.endsWith(".md"));
  for (const page of pages.sort()) {
    for (const scenario of read(page, readFileSync(new URL(page, SPEC), "utf8"))) {
      test(`${page}:${scenario.line} ${scenario.title}`, () => run(kernel, scenario));
    }
  }
});

describe("the runner of spec/", () => {
  const right = [
    "### One trade", "Rules: fee_rate=0.001", "Cash: 1000", "Figures: trades=1 max_drawdown=0", "",
    "| bar | open | high | low | close | ask | journal | equity |", "|-|-|-|-|-|-|-|-|",
    "| start | | | | | buy 2 take_profit distance 5 | submitted 1 +2 | 1000 |",
    "| 0 | 100 | 102 | 99 | 101 | | open: filled 1 +2 at 100 fee 0.2 | 1001.8 |",
    "| 1 | 101 | 106 | 101 | 104 | | range: filled of 1 -2 at 105 fee 0.21 profit 10 take_profit; "
      + "range: closed of 1 +2 at 105 from 100 fee 0.41 profit 9.59 take_profit | 1009.59 |",
    "| refused 1 | 100 | 101 | 99 | 100 | | bar_must_be_later | 1009.59 |",
    "| end | | | | | fill 1 1 at 100 refused | | 1009.59 |",
  ].join("\n");
  /** @param {string} page */
  const runPage = (page) => read("planted.md", page).forEach((scenario) => run(kernel, scenario));

  test("takes a page that is right", () => runPage(right));

  /** @type {[string, string, RegExp][]} */
  const wrong = [
    ["0.21 profit", "0.22 profit", /:10: journal differs\n {2}expected:\n {4}! range: filled of 1 -2 .*\n {6}range/],
    ["| 1001.8 |", "| 1001.80 |", /:9: equity differs/], ["submitted 1 +2", "submitted 2 +2", /:8: journal differs/],
    ["from 100 fee", "from 101 fee", /:10: journal differs/], [" take_profit; r", "; r", /:10: journal differs/],
    ["open: filled", "range: filled", /:9: journal differs/], ["| submitted 1 +2 |", "| |", /:8: journal differs/],
    ["trades=1", "trades=2", /:1: trades differs/], ["must_be_later", "must_be_in_range", /:11: journal differs/],
    ["at 100 refused", "at 100", /:12: fill 1 1 at 100: the fill was not taken/],
  ];
  for (const [so, otherwise, sentence] of wrong) {
    test(`sees that the kernel does not do «${otherwise}»`, () => {
      assert.ok(right.includes(so));
      assert.throws(() => runPage(right.replace(so, otherwise)), (error) => {
        assert.ok(error instanceof Differs, String(error));
        assert.match(error.message, sentence);
        return true;
      });
    });
  }

  /** @type {[string, string, RegExp][]} */
  const malformed = [
    ["| equity |", "| worth |", /:6: columns are/], ["buy 2", "bye 2", /:8: nobody can ask bye/],
    ["buy 2", "buy", /:8: take_profit is no number/], ["distance 5", "distance 5 now", /:8: now cannot stand/],
    ["buy 2", "buy 2e0", /:8: 2e0 is no number/], ["| 0 | 100", "| 2 | 100", /:9: row 2 after 0 bars/],
    ["### One", "#### One", /no scenario/], ["trades=1", "trade=1", /:1: there is no figure trade/],
    ["fee_rate=", "fee=", /:1: there is no rule called fee/], ["Cash: 1000", "Cash: 0", /:1: cash is 0/],
    ["| 1001.8 |", "|", /:9: 7 cells for 8 columns/], ["| end |", "\n| end |", /:1: 2 tables under one heading/],
    ["fee_rate=0.001", "fee_rate", /:2: fee_rate is not name=value/], ["| 102 |", "| 1O2 |", /:9: 1O2 is no price/],
    ["| 102 |", "| |", /:9:  is no price/], ["| end | |", "| end | 1 |", /:12: row end after 2 bars/],
    ["|-|-|", "| bar |-|", /:6: a table needs a line of dashes/],
  ];
  for (const [readable, otherwise, sentence] of malformed) {
    test(`refuses to read «${otherwise}»`, () => {
      assert.ok(right.includes(readable));
      assert.throws(() => runPage(right.replace(readable, otherwise)), (error) => {
        assert.ok(error instanceof Malformed, String(error));
        assert.match(error.message, sentence);
        return true;
      });
    });
  }
});

describe("the file", () => {
  test(`is smaller than ${LARGEST_BYTES} bytes`, () => {
    assert.ok(BYTES.length < LARGEST_BYTES, `${BYTES.length} bytes`);
  });

  test("imports nothing", () => {
    assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(BYTES)), []);
  });

  test("describes its events without a gap", () => {
    const account = new Account(kernel, 1);
    const width = (kernel.layouts.get("event") ?? []).reduce((sum, field) => sum + field.width, 0);
    assert.equal(account.journal().length, width);
    account.free();
  });
});

describe("a run without host calls", () => {
  test("of a million bars in chunks leaves the same journal and equity as stepping", () => {
    const bars = 1_000_000;
    const history = new History(kernel, columnsOf(random(7), bars));
    /** Asked before the bars of these indices. @type {[number, (account: Account) => unknown][]} */
    const asked = [
      [0, (account) => account.open("buy", ["quantity", 3], { kind: ["limit", 90], takeProfit: ["fraction", 0.1] })],
      [1, (account) => account.open("buy", ["fraction", 0.5])],
      [250_000, (account) => account.open("sell", ["quantity", 2], { stopLoss: ["distance", 40] })],
      [500_001, (account) => account.tickets().forEach((ticket) => account.close(ticket.number, ["fraction", 0.3]))],
      [999_999, (account) => account.open("buy", ["notional", 100])],
      [bars, () => undefined],
    ];
    const rules = { fee_rate: 0.001, slippage: 0.0005 };
    const stepped = new Account(kernel, 10_000, rules);
    const run = new Account(kernel, 10_000, rules);
    let next = 0;
    for (const [bar, ask] of asked) {
      for (; next < bar; next += 1) stepped.step(history, next);
      run.run(history, run.barCount, bar);
      ask(stepped);
      ask(run);
    }
    assert.equal(stepped.barCount, bars);
    assert.equal(stepped.finish(), run.finish());
    assert.ok(stepped.eventCount > 10);
    assert.equal(Buffer.compare(stepped.journal(), run.journal()), 0);
    const curve = stepped.equity().slice();
    assert.equal(curve.length, bars);
    assert.ok(curve.filter((worth, bar) => worth !== curve[bar - 1]).length > bars / 2);
    assert.equal(Buffer.compare(new Uint8Array(curve.buffer), new Uint8Array(run.equity().slice().buffer)), 0);
    assert.equal(curve[bars - 1], run.amount("equity"));
    [stepped, run, history].forEach((each) => each.free());
  });

  test("stops at a bar that is refused, says which, and keeps what came before", () => {
    const columns = columnsOf(random(3), 5);
    columns.low[3] = NaN;
    const history = new History(kernel, columns);
    const account = new Account(kernel, 100);
    const refused = { refusal: "bar_must_be_in_range", message: /^bar 3 is refused: bar must be in range$/ };
    assert.throws(() => account.run(history), refused);
    assert.equal(account.barCount, 3);
    assert.equal(account.equity().length, 3);
    [account, history].forEach((each) => each.free());
  });
});

describe("memory", () => {
  test("that grows keeps what was there, and views taken after it are good", async () => {
    const own = await Kernel.load(BYTES);
    const first = new History(own, columnsOf(random(1), 1_000));
    const account = new Account(own, 1_000);
    account.open("buy", ["quantity", 1]);
    account.run(first);
    const before = { journal: account.journal(), equity: account.equity().slice(), buffer: own.exports.memory.buffer };
    const second = new History(own, columnsOf(random(2), 300_000));
    assert.notEqual(own.exports.memory.buffer, before.buffer);
    assert.equal(before.buffer.byteLength, 0);
    assert.deepEqual(account.journal(), before.journal);
    assert.deepEqual(account.equity().slice(), before.equity);
    const other = new Account(own, 1_000);
    other.run(second);
    assert.equal(other.equity().length, 300_000);
  });

  test("that is given back is used again", async () => {
    const own = await Kernel.load(BYTES);
    const sizes = new Set();
    for (let turn = 0; turn < 50; turn += 1) {
      const history = new History(own, columnsOf(random(turn), 5_000));
      const account = new Account(own, 1_000);
      for (let bar = 0; bar < 100; bar += 1) {
        account.open("buy", ["quantity", 1]);
        account.step(history, bar);
      }
      account.run(history, 100);
      [account, history].forEach((each) => each.free());
      if (turn > 0) sizes.add(own.exports.memory.buffer.byteLength);
    }
    assert.equal(sizes.size, 1);
  });

  test("of one history is never that of another", async () => {
    const own = await Kernel.load(BYTES);
    const below = random(9);
    /** @type {History[]} */
    const kept = [];
    /** @param {History} history @returns {Float64Array} */
    const closes = (history) => new Float64Array(own.exports.memory.buffer, history.column("close"), history.length);
    for (let turn = 0; turn < 2_000; turn += 1) {
      const bars = below(2) === 0 ? below(40) : below(3_000);
      const history = new History(own, columnsOf(random(turn), bars));
      closes(history).fill(history.handle);
      kept.push(history);
      if (below(3) > 0) kept.splice(below(kept.length), 1).forEach((gone) => gone.free());
    }
    assert.ok(kept.length > 300);
    for (const history of kept) assert.ok(closes(history).every((close) => close === history.handle));
  });

  test("that is too short for a history is said so", () => {
    assert.throws(() => kernel.ask("history_new", 2 ** 30), /there is no memory for 1073741824 bars/);
  });
});

describe("misuse gets a sentence", () => {
  const history = new History(kernel, columnsOf(random(5), 10));
  const account = new Account(kernel, 1_000);
  const freed = new Account(kernel, 1_000);
  freed.free();
  const gone = new History(kernel, columnsOf(random(5), 10));
  gone.free();
  /** @type {[string, () => unknown, RegExp][]} */
  const cases = [
    ["cash 0", () => new Account(kernel, 0), /^cash is 0, but must be a number above 0 and in range$/],
    ["cash -1", () => new Account(kernel, -1), /^cash is -1, but must be/],
    ["cash that is no number", () => new Account(kernel, "much"), /^cash is much, but must be/],
    ["cash beyond the kernel's range", () => new Account(kernel, "1e22"), /^money must stay in range$/],
    ["cash beyond any range", () => new Account(kernel, "1e30"), /^cash is 1e30, but must be .* in range$/],
    ["an unknown rule", () => new Account(kernel, 1, { fees: 1 }), /^there is no rule called fees$/],
    ["a rule's wrong value", () => new Account(kernel, 1, { fee_rate: 1 }), /^fee_rate is 1, but must be a fraction/],
    ["a rule set to nothing", () => new Account(kernel, 1, { gap: undefined }), /^gap is undefined, but must be open/],
    ["rules that cannot be", () => new Account(kernel, 1, { account: "cash", leverage: 2 }), /^leverage other than 1/],
    ["an account that was freed", () => freed.step(history, 0), /^account \d+ was freed$/],
    ["an amount of a freed account", () => freed.amount("cash"), /^account \d+ was freed$/],
    ["an account freed twice", () => freed.free(), /^account \d+ was freed$/],
    ["an account that never was", () => kernel.ask("finish", 999_999), /^there is no account 999999: \d+ were/],
    ["a history that was freed", () => account.step(gone, 0), /^history \d+ was freed$/],
    ["a bar beyond the end", () => account.step(history, 10), /^there are no bars 10 to 11 in a history of 10 bars$/],
    ["a negative bar", () => account.step(history, -1), /^there are no bars \d+ to 0 in a history of 10 bars$/],
    ["bars backwards", () => account.run(history, 5, 2), /^there are no bars 5 to 2 in a history of 10 bars$/],
    ["an unknown side", () => account.open(/** @type {any} */ ("hold"), ["quantity", 1]), /^side is one of buy, sell/],
    ["an unknown size", () => account.open("buy", ["lots", 1]), /^size is one of quantity, notional, fraction, not l/],
    ["an unknown amount", () => account.exact("wealth"), /^amount is one of cash, equity/],
    ["an unknown code", () => kernel.ask("exact", account.handle, 77), /^77 is no code of the table amount$/],
    ["a price in words", () => account.apply(1, { price: "x", quantity: 1, time: 0n }), /^price is x, not a number$/],
    ["columns of two lengths", () => new History(kernel, { ...columnsOf(random(1), 3), low: [1] }), /^low has 1 val/],
  ];
  for (const [name, misuse, sentence] of cases) {
    test(name, () => {
      assert.throws(misuse, (error) => {
        assert.ok(error instanceof KernelError, String(error));
        assert.match(error.message, sentence);
        return true;
      });
    });
  }

  test("and the account works on", () => {
    assert.equal(account.run(history), 0);
    assert.equal(account.exact("equity"), "1000");
  });

  test("a history of another kernel", async () => {
    const own = await Kernel.load(BYTES);
    assert.throws(() => new Account(own, 1).run(history), /another kernel's memory/);
  });
});

test("a kernel that panics says why, once and for all", async () => {
  const own = await Kernel.load(BYTES);
  const account = new Account(own, 1);
  const sentence = /^the kernel has stopped, .* this panic is on purpose \(.*src\/lib\.rs:\d+\)$/;
  assert.throws(() => own.call("panic_on_purpose"), { name: "KernelError", message: sentence });
  assert.throws(() => account.exact("cash"), { name: "KernelError", message: sentence });
  assert.equal(new Account(kernel, 1).exact("cash"), "1");
});

test("tickets and waiting orders are told as they are", () => {
  const account = new Account(kernel, "1000.5", { fee_fixed: "0.25", short: true });
  const flat = { open: [100, 100], high: [101, 110], low: [99, 99], close: [100, 104], volume: [1, 1] };
  const history = new History(kernel, { time: [60n, 120n], ...flat });
  account.open("buy", ["quantity", 1.5], { stopLoss: ["distance", 10] });
  account.open("sell", ["notional", 50], { kind: ["limit", 120.25], takeProfit: ["price", 100] });
  const [first, second] = account.waitingOrders();
  assert.deepEqual([first.kind, first.side, first.price, first.quantity], ["market", "buy", null, "1.5"]);
  assert.deepEqual([second.kind, second.side, second.price, second.quantity], ["limit", "sell", "120.25", null]);
  assert.equal(account.step(history, 0), 1);
  const { units, ...ticket } = account.tickets()[0];
  assert.deepEqual(ticket, {
    number: 1, direction: "long", quantity: "1.5", entry_price: "100", stop_loss: "90", take_profit: null,
    open_profit: "0", opened_bar: 0, opened_ns: 60n,
  });
  assert.equal(units.stop_loss, 9_000_000_000n);
  account.step(history, 1);
  assert.equal(account.tickets()[0].open_profit, "6");
  assert.equal(account.amount("equity"), 1006.25);
  assert.equal(account.cancel(second.number), true);
  assert.equal(account.cancel(second.number), false);
  assert.deepEqual(account.waitingOrders(), []);
  const last = account.events(account.eventCount - 1)[0];
  assert.deepEqual([last.kind, last.refusal, last.order], ["refused", "order_must_be_waiting", 2]);
  assert.equal(account.tradeFigures().opening_cash, 1000.5);
  [account, history].forEach((each) => each.free());
});

test("whole units become decimal text", () => {
  const cases = /** @type {[bigint, number, string][]} */ ([
    [0n, 16, "0"], [-5n, 2, "-0.05"], [150n, 2, "1.5"], [100n, 2, "1"], [-7n, 0, "-7"], [10n ** 20n, 16, "10000"],
  ]);
  for (const [units, decimals, text] of cases) assert.equal(decimalText(units, decimals), text);
});
