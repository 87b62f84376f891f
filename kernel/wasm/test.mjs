// Test kernel.wasm in Node: node kernel/wasm/test.mjs [build/kernel.wasm]
// Without an argument the file is that of EYAS_WASM, else build/kernel.wasm.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Account, History, Kernel, KernelError, decimalText } from "./kernel.mjs";
import { columnsOf, random } from "./market.mjs";
import { DIFFERENT, UNREADABLE } from "./planted.mjs";
import { run } from "./scenario.mjs";
import { Malformed, read } from "./spec.mjs";
import { testPrograms } from "./test_program.mjs";
import { Differs } from "./written.mjs";

const LARGEST_BYTES = 430_000;
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
  const pages = readdirSync(SPEC, { recursive: true }).filter((page) => page.endsWith(".md"));
  for (const page of pages.sort()) {
    for (const scenario of read(page, readFileSync(new URL(page, SPEC), "utf8"))) {
      test(`${page}:${scenario.line} ${scenario.title}`, () => run(kernel, scenario));
    }
  }
});

describe("the runner of spec/", () => {
  /** @param {string} page */
  const runPage = (page) => read("planted.md", page).forEach((scenario) => run(kernel, scenario));

  for (const [table] of DIFFERENT) {
    test(`takes a page that is right: ${table.split("\n")[0]}`, () => runPage(table));
  }

  const kinds = /** @type {const} */ ([["sees", DIFFERENT, Differs], ["refuses to read", UNREADABLE, Malformed]]);
  for (const [what, tables, kind] of kinds) {
    for (const [table, changes] of tables) {
      for (const [so, otherwise, sentence] of changes) {
        test(`${what} «${otherwise}»`, () => {
          assert.ok(table.includes(so));
          assert.throws(() => runPage(table.replace(so, otherwise)), (error) => {
            assert.ok(error instanceof kind, String(error));
            assert.match(error.message, sentence);
            return true;
          });
        });
      }
    }
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
  /** @param {Uint8Array} bytes @param {number} finer @returns {number} */
  const advance = (bytes, finer) => {
    kernel.inputBytes(bytes);
    return kernel.ask("advance", account.handle, finer);
  };
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
    ["words to a freed account", () => freed.ask("buy 1"), /^account \d+ was freed$/],
    ["an unknown side", () => account.open(/** @type {any} */ ("hold"), ["quantity", 1]), /^nobody can ask hold 1/],
    ["an unknown size", () => account.open("buy", ["lots", 1]), /^nobody can ask buy lots 1/],
    ["more that cannot be read", () => account.open("buy", ["quantity", 1], { more: "please" }), /buy 1 please$/],
    ["a term that is none", () => new Account(kernel, 1, {}, 0n, [{ gap: "open" }]), /^gap is no term of an instrume/],
    ["a currency without a price", () => new Account(kernel, 1, { currency: 1 }), /^rules must be possible$/],
    ["bytes that are no account", () => Account.load(kernel, new Uint8Array(9)), /^these bytes are no saved account/],
    ["bytes of half an account", () => Account.load(kernel, account.save().slice(0, -1)), /^the saved .* is damaged$/],
    ["a row and a byte", () => advance(new Uint8Array(81), 0), /^a row is ten numbers of eight bytes$/],
    ["more finer rows than rows", () => advance(new Uint8Array(80), 2), /^a row is ten numbers of eight bytes$/],
    ["an unknown amount", () => account.exact("wealth"), /^amount is one of cash, equity/],
    ["an unknown code", () => kernel.ask("exact", account.handle, 77), /^77 is no code of the table amount$/],
    ["a price in words", () => account.apply(1, { price: "x", quantity: 1, time: 0n }), /^nobody can ask fill 1 1 at/],
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
    number: 1, instrument: 0, direction: "long", quantity: "1.5", entry_price: "100", stop_loss: "90",
    take_profit: null, liquidation_price: null, open_profit: "0", opened_bar: 0, opened_ns: 60n,
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

test("an isolated ticket and a stop-limit order are told with all their prices", () => {
  const rules = { margin_mode: "isolated", leverage: 10, latency_bars: 1 };
  const account = new Account(kernel, 1_000, rules, 0n, [{}, { price_decimals: 2, quantity_step: 0.5 }]);
  const bar = { instrument: 1, open: 50, high: 51, low: 49, close: 50.5 };
  account.open("buy", ["quantity", 4], { instrument: 1, more: "leave_after 9" });
  assert.equal(account.ask("sell 3 stop 45.25 limit 45 reduce_only on 1"), 2);
  assert.equal(account.cancel(7), false);
  for (const minute of [1n, 2n]) account.advance([{ ...bar, time: minute, closeTime: minute + 1n }]);
  const { units, ...ticket } = account.tickets()[0];
  assert.deepEqual(ticket, {
    number: 1, instrument: 1, direction: "long", quantity: "4", entry_price: "50", stop_loss: null, take_profit: null,
    liquidation_price: "45", open_profit: "2", opened_bar: 1, opened_ns: 2n,
  });
  assert.equal(units.liquidation_price, 4_500n);
  const { units: _, ...waiting } = account.waitingOrders()[0];
  assert.deepEqual(waiting, {
    number: 2, instrument: 1, side: "sell", kind: "stop_limit", price: "45.25", limit: "45", quantity: "3", ticket: 0,
  });
  assert.equal(account.cancel(2), true);
  assert.equal(account.waitingOrders().length, 1);
  assert.equal(account.exact("margin_level"), "50.1");
  account.free();
});

test("the terms of the rules hold for an instrument with other decimals", () => {
  const account = new Account(kernel, 1_000, { spread: 1, price_decimals: 4 }, 0n, [{ price_decimals: 2 }, {}]);
  const bar = { open: 50, high: 51, low: 49, close: 50 };
  ["buy 1", "buy 1 on 1"].forEach((words) => account.ask(words));
  account.advance([{ ...bar, time: 1n }, { ...bar, instrument: 1, time: 1n }]);
  assert.deepEqual(account.tickets().map((ticket) => ticket.entry_price), ["50.5", "50.5"]);
  assert.deepEqual(account.tickets().map((ticket) => ticket.units.entry_price), [5_050n, 505_000n]);
  account.free();
});

test("numbers beyond any range are refused, not misread", () => {
  const account = new Account(kernel, 1_000);
  const wishes = /** @type {[number, string][]} */ ([
    [1e-9, "quantity_must_reach_step"], [1e35, "quantity_must_be_in_range"], [NaN, "quantity_must_be_a_number"],
    [-1e35, "quantity_must_be_positive"], [-Infinity, "quantity_must_be_positive"], [1e19, "quantity_must_be_in_range"],
  ]);
  for (const [wish, refusal] of wishes) {
    account.open("buy", ["quantity", wish]);
    assert.equal(account.events(account.eventCount - 1)[0].refusal, refusal, String(wish));
  }
  account.free();
});

describe("an account that was saved", () => {
  const columns = columnsOf(random(21), 400);
  const history = new History(kernel, columns);
  /** @param {Account} account @param {number} bar */
  const ask = (account, bar) => {
    if (bar % 7 === 0) account.ask(`buy 3 limit ${columns.close[bar]} stop_loss distance 2 take_profit risk 1`);
    if (bar % 31 === 0) account.ask("sell fraction 0.2 trailing fraction 0.01");
  };
  /** @param {Account} account @param {number} first @param {number} last */
  const trade = (account, first, last) => {
    for (let bar = first; bar < last; bar += 1) {
      account.step(history, bar);
      ask(account, bar);
    }
  };
  const whole = new Account(kernel, 1_000, { fee_rate: 0.001, fill_volume: 0.5 });
  trade(whole, 0, 200);
  const bytes = whole.save();
  const before = whole.eventCount;
  trade(whole, 200, 400);
  whole.finish();

  test("goes on as if it had not been, and its journal and curve begin there", () => {
    const loaded = Account.load(kernel, bytes);
    assert.deepEqual(Buffer.from(loaded.save()), Buffer.from(bytes));
    assert.equal(loaded.eventCount, 0);
    assert.equal(loaded.equity().length, 1);
    assert.equal(loaded.equity()[0], loaded.amount("equity"));
    trade(loaded, 200, 400);
    loaded.finish();
    assert.ok(loaded.eventCount > 100 && before > 100);
    assert.deepEqual(loaded.events(), whole.events(before));
    assert.deepEqual(Array.from(loaded.equity()), Array.from(whole.equity().slice(199)));
    assert.deepEqual(loaded.tradeFigures().bars_held, whole.tradeFigures().bars_held);
    assert.equal(loaded.barCount, 400);
    loaded.free();
  });

  test("is not loaded when a bit of it is another", () => {
    for (let place = 0; place < bytes.length; place += 97) {
      const damaged = bytes.slice();
      damaged[place] ^= 4;
      assert.throws(() => Account.load(kernel, damaged), { name: "KernelError", message: /saved/ }, `byte ${place}`);
    }
  });

  test("can be saved before its first bar", () => {
    const first = new Account(kernel, 1_000);
    const loaded = Account.load(kernel, first.save());
    assert.equal(loaded.equity().length, 0);
    loaded.run(history);
    assert.equal(loaded.equity().length, 400);
    [first, loaded].forEach((each) => each.free());
  });
});

testPrograms(kernel);

test("whole units become decimal text", () => {
  const cases = /** @type {[bigint, number, string][]} */ ([
    [0n, 16, "0"], [-5n, 2, "-0.05"], [150n, 2, "1.5"], [100n, 2, "1"], [-7n, 0, "-7"], [10n ** 20n, 16, "10000"],
  ]);
  for (const [units, decimals, text] of cases) assert.equal(decimalText(units, decimals), text);
});
