// Run random strategies over random bars, for tests/test_wasm_parity.py, which does the same in Python:
// node kernel/wasm/parity.mjs build/kernel.wasm < markets.json
//
// The input is a list of markets (seed, bars, cash, rules; where asks are said, those and the terms of each
// instrument); for each the output has what CPython must have too.

import { readFileSync } from "node:fs";

import { Account, History, Kernel } from "./kernel.mjs";
import { columnsOf, random } from "./market.mjs";

/** @typedef {import("./kernel.mjs").Bar} Bar */
/** @typedef {import("./kernel.mjs").Named} Named */
/**
 * What Python asks to be run; the asks are words with holes, such as "close {ticket} fraction {share}".
 * @typedef {{seed: number, bars: number, cash: string, rules: Record<string, string>, asks?: string[],
 *   instruments?: Record<string, string>[]}} Market
 */
/** @typedef {ReturnType<typeof columnsOf>} Columns */

const MINUTE_NS = 60_000_000_000n;
/** An account that is asked in words is saved every so many bars, the first time after some. */
const SAVED = { every: 499, after: 137 };

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

/**
 * Trade one instrument in numbers.
 * @param {Kernel} kernel @param {Market} market
 */
function playNumbers(kernel, { seed, bars, cash, rules }) {
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
  return told(kernel, account, [account.journal()], account.equity(), []);
}

/**
 * Trade some instruments in words, and save the account on the way.
 * @param {Kernel} kernel @param {Market} market
 */
function playWords(kernel, { seed, bars, cash, rules, asks = [], instruments = [] }) {
  const below = random(seed);
  const all = Array.from({ length: instruments.length || 1 }, () => columnsOf(below, bars));
  let account = new Account(kernel, cash, rules, 0n, instruments);
  /** @type {Uint8Array[]} */
  const journals = [];
  /** @type {number[]} */
  const equity = [];
  const seen = [];
  for (let bar = 0; bar < bars; bar += 1) {
    const trades = all.map((_, place) => place === 0 || below(8) > 0);
    const rows = all.flatMap((columns, place) => (trades[place] ? rowOf(columns, place, bar, below) : []));
    account.advance(rows, below(2) === 0 ? [...rows.map(rising), ...rows.map(falling)] : []);
    if (bar % SAVED.every === SAVED.after) {
      journals.push(account.journal());
      equity.push(...account.equity().slice(0, -1));
      const saved = account;
      account = Account.load(kernel, saved.save());
      saved.free();
    }
    for (let count = below(3); count > 0; count -= 1) {
      const place = below(all.length);
      account.ask(words(asks[below(asks.length)], account, below, place, Math.round(all[place].close[bar] * 100)));
    }
    if (below(20) === 0) seen.push(sightOf(kernel, account));
  }
  if (all.length > 1) ["buy 0.1 limit 1 on 1", "delist 1"].forEach((text) => account.ask(text));
  account.finish();
  return told(kernel, account, [...journals, account.journal()], [...equity, ...account.equity()], seen);
}

/**
 * Return the bar of an instrument, which is known half a minute after it opens.
 * @param {Columns} columns @param {number} instrument @param {number} bar @param {(bound: number) => number} below
 * @returns {Bar}
 */
function rowOf({ time, open, high, low, close, volume }, instrument, bar, below) {
  return {
    instrument, time: time[bar], closeTime: time[bar] + MINUTE_NS / 2n,
    open: open[bar], high: high[bar], low: low[bar], close: close[bar], volume: volume[bar],
    given: below(4) === 0 ? NaN : (open[bar] + close[bar]) / 2,
    funding: below(16) > 0 ? NaN : (below(200) - 100) / 100_000,
  };
}

/** Return the first half of a bar, in which it rises. @param {Bar} bar @returns {Bar} */
function rising(bar) {
  const { time, closeTime = time, open, close } = bar;
  const middle = (open + close) / 2;
  return { ...bar, closeTime: (time + closeTime) / 2n, low: Math.min(open, middle), close: middle };
}

/** Return the second half of a bar, in which it falls. @param {Bar} bar @returns {Bar} */
function falling(bar) {
  const { time, closeTime = time, open, close } = bar;
  const middle = (open + close) / 2;
  return { ...bar, time: (time + closeTime) / 2n, open: middle, high: Math.max(middle, close) };
}

/**
 * Fill the holes of words, from left to right.
 * @param {string} text @param {Account} account @param {(bound: number) => number} below
 * @param {number} instrument @param {number} cents its last close
 */
function words(text, account, below, instrument, cents) {
  /** @param {{number: number}[]} all @returns {string} */
  const one = (all) => String(all.length > 0 ? all[below(all.length)].number : below(50));
  /** @type {Record<string, () => string>} */
  const holes = {
    side: () => (below(2) === 0 ? "buy" : "sell"),
    quantity: () => hundredths(below(1_500) + 1),
    money: () => String(below(2_000) + 1),
    price: () => hundredths(cents + below(400) - 200),
    above: () => hundredths(cents + below(250)),
    under: () => hundredths(cents - below(250)),
    distance: () => hundredths(below(250) + 1),
    rate: () => `0.0${hundredths(below(250) + 1).replace(".", "")}`,
    share: () => hundredths(below(99) + 1),
    few: () => String(below(6) + 1),
    time: () => String(account.barCount * 60 + below(400)),
    ticket: () => one(account.tickets()),
    order: () => one(account.waitingOrders()),
    on: () => `on ${instrument}`,
    instrument: () => String(instrument),
  };
  return text.replace(/\{(\w+)\}/g, (_, name) => holes[name]());
}

/** @param {number} whole @returns {string} */
function hundredths(whole) {
  return `${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
}

/** Return what a host sees of an account. @param {Kernel} kernel @param {Account} account */
function sightOf(kernel, account) {
  /** @param {string | null} text @returns {number | null} */
  const float = (text) => (text === null ? null : Number(text));
  return {
    exact: exactOf(kernel, account),
    tickets: account.tickets().map((ticket) => [
      ticket.number, ticket.instrument, ticket.direction, float(ticket.quantity), float(ticket.entry_price),
      float(ticket.stop_loss), float(ticket.take_profit), float(ticket.liquidation_price), ticket.opened_bar,
    ]),
    waiting: account.waitingOrders().map((waiting) => [
      waiting.number, waiting.instrument, waiting.side, waiting.kind, float(waiting.price), float(waiting.limit),
      float(waiting.quantity), waiting.ticket,
    ]),
  };
}

/** @param {Kernel} kernel @param {Account} account @returns {Record<string, string>} */
function exactOf(kernel, account) {
  return Object.fromEntries(kernel.table("amount").map(([, name]) => [name, account.exact(name)]));
}

/**
 * Return what is to be compared.
 * @param {Kernel} kernel @param {Account} account @param {Uint8Array[]} journals @param {ArrayLike<number>} equity
 * @param {unknown[]} seen
 */
function told(kernel, account, journals, equity, seen) {
  const figures = { ...account.tradeFigures(), ...account.curveFigures(525_600) };
  return {
    journal: Buffer.concat(journals).toString("base64"),
    equity: Buffer.from(Float64Array.from(equity).buffer).toString("base64"),
    exact: exactOf(kernel, account),
    seen,
    // As text, because JSON has neither NaN nor Infinity.
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, String(value)])),
  };
}

const kernel = await Kernel.load(readFileSync(process.argv[2]));
/** @type {Market[]} */
const markets = JSON.parse(readFileSync(0, "utf8"));
const played = markets.map((market) => (market.asks ? playWords(kernel, market) : playNumbers(kernel, market)));
process.stdout.write(JSON.stringify(played));
