// Run a random strategy over random bars, for tests/test_wasm_parity.py, which does the same in Python:
// node kernel/wasm/parity.mjs build/kernel.wasm < markets.json
//
// The input is a list of markets (seed, bars, cash, rules); for each the output has what CPython must have too.

import { readFileSync } from "node:fs";

import { Account, History, Kernel } from "./kernel.mjs";
import { columnsOf, random } from "./market.mjs";

/** @typedef {import("./kernel.mjs").Named} Named */

/**
 * Decide on one bar, by what the account says.
 * @param {Account} account @param {(bound: number) => number} below @param {number} close
 */
function decide(account, below, close) {
  const tickets = account.tickets();
  const waiting = account.waitingOrders();
  const wish = below(10);
  const side = below(2) === 0 ? "buy" : "sell";
  const away = side === "buy" ? 1 : -1;
  const sizes = /** @type {Named[]} */ ([
    ["quantity", below(2_000) / 100], ["notional", below(3_000)], ["fraction", below(110) / 100],
    ["quantity", account.amount("free_cash") / close / 3],
  ]);
  const size = sizes[below(4)];
  const level = below(500) / 100;
  const stops = /** @type {(Named | null)[]} */ ([
    null, ["distance", level], ["fraction", level / 100], ["price", close - away * level],
  ]);
  const targets = /** @type {(Named | null)[]} */ ([
    null, ["distance", level], ["fraction", level / 50], ["price", close + away * level],
  ]);
  const levels = { stopLoss: stops[below(4)], takeProfit: targets[below(4)] };
  const price = close + (below(400) - 200) / 100;
  if (wish === 0) account.open(side, size, levels);
  else if (wish === 1) account.open(side, size, { kind: ["limit", price], ...levels });
  else if (wish === 2) account.open(side, size, { kind: ["stop", price], ...levels });
  else if (wish === 3 && tickets.length > 0) account.close(tickets[below(tickets.length)].number, size);
  else if (wish === 4 && tickets.length > 0) account.close(tickets[0].number);
  else if (wish === 5 && waiting.length > 0) account.cancel(waiting[below(waiting.length)].number);
  else if (wish === 6 && account.amount("equity") < account.amount("cash")) account.cancel(below(50));
}

/** Fill one waiting order, as a venue would. @param {Account} account @param {(bound: number) => number} below */
function fill(account, below) {
  const waiting = account.waitingOrders();
  if (waiting.length === 0) return;
  const { number } = waiting[below(waiting.length)];
  const [price, quantity, fee] = [90, 0, -1].map((least) => `${least + below(4)}.${10 + below(90)}`);
  account.apply(number, { price, quantity, fee, time: BigInt(account.barCount) * 60_000_000_000n + 1_000_000_000n });
}

/** @param {Kernel} kernel @param {{seed: number, bars: number, cash: string, rules: Record<string, string>}} market */
function play(kernel, { seed, bars, cash, rules }) {
  const below = random(seed);
  const columns = columnsOf(below, bars);
  const history = new History(kernel, columns);
  const account = new Account(kernel, cash, rules);
  for (let bar = 0; bar < bars; bar += 1) {
    account.step(history, bar);
    if (rules.matching === "elsewhere") fill(account, below);
    decide(account, below, columns.close[bar]);
  }
  account.finish();
  const equity = account.equity().slice();
  const figures = { ...account.tradeFigures(), ...account.curveFigures(525_600) };
  return {
    journal: Buffer.from(account.journal()).toString("base64"),
    equity: Buffer.from(equity.buffer).toString("base64"),
    exact: Object.fromEntries(kernel.table("amount").map(([, name]) => [name, account.exact(name)])),
    // As text, because JSON has neither NaN nor Infinity.
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, String(value)])),
  };
}

const kernel = await Kernel.load(readFileSync(process.argv[2]));
const markets = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(markets.map((/** @type {any} */ market) => play(kernel, market))));
