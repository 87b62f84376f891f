// Run a scenario of `spec/` through the kernel, and compare what came of it with what the page says.

import { Account, History, KernelError, decimalText } from "./kernel.mjs";
import { Malformed, hasPrices } from "./spec.mjs";

/** @typedef {import("./kernel.mjs").Event} Event */
/** @typedef {import("./kernel.mjs").Kernel} Kernel */
/** @typedef {import("./kernel.mjs").Named} Named */
/** @typedef {import("./spec.mjs").Row} Row */
/** @typedef {import("./spec.mjs").Scenario} Scenario */

const MINUTE_NS = 60_000_000_000n;
const SECOND_NS = 1_000_000_000n;
const FIGURE_PRECISION = 1e-12;
const SIZES = ["notional", "fraction"];
const LEVELS = ["distance", "fraction"];

/** Say that the kernel does not do what a page says. */
export class Differs extends Error {}

/** Run a scenario, or throw what differs or cannot be read. @param {Kernel} kernel @param {Scenario} scenario */
export function run(kernel, scenario) {
  const running = new Run(kernel, scenario);
  try {
    scenario.rows.forEach((row) => running.row(row));
    running.compareCurve();
    running.compareFigures();
  } finally {
    running.account.free();
    running.history.free();
  }
}

/** One scenario on its way through the kernel. */
class Run {
  /** @param {Kernel} kernel @param {Scenario} scenario */
  constructor(kernel, scenario) {
    this.scenario = scenario;
    this.history = new History(kernel, columnsOf(scenario));
    try {
      this.account = new Account(kernel, scenario.cash, Object.fromEntries(scenario.rules));
    } catch (error) {
      throw error instanceof KernelError ? this.malformed(scenario.line, error.message) : error;
    }
    /** How many rows of the history have come. */
    this.place = 0;
    /** What goes without saying of the events of a row. */
    this.now = { phase: "start", bar: -1, time: 0n, seq: 0 };
    this.cash = 0n;
    /** @type {number[]} what the account was worth after each bar */
    this.curve = [];
    const opening = this.take().join("; ");
    compare(this.where(scenario.line), "the first event", `transferred cash ${decimalText(this.cash, 16)}`, opening);
  }

  /** @param {number} line @returns {string} */
  where(line) {
    return `spec/${this.scenario.page}:${line}`;
  }

  /** @param {number} line @param {string} what @returns {Malformed} */
  malformed(line, what) {
    return new Malformed(this.scenario.page, line, what);
  }

  /** Return the events since the last call, written. @returns {string[]} */
  take() {
    return this.account.events(this.now.seq).map((event) => {
      const text = written(event, this.now);
      this.now.seq += 1;
      this.cash += event.units.cash;
      return text;
    });
  }

  /** Run one row and compare. @param {Row} row */
  row(row) {
    const where = this.where(row.line);
    const got = this.come(row);
    for (const text of row.ask.split(";").map((part) => part.trim()).filter(Boolean)) {
      const usual = this.now.time;
      this.now.time = this.ask(text, row);
      got.push(...this.take());
      this.now.time = usual;
    }
    if (row.journal !== null) compare(where, "journal", row.journal, got.join("; "));
    for (const [name, text] of row.amounts) compare(where, name, text, this.account.exact(name));
    compare(where, "cash by the journal", decimalText(this.cash, 16), this.account.exact("cash"));
    if (/^\d+$/.test(row.bar)) this.curve.push(this.account.amount("equity"));
  }

  /** Let the bar or the end come, and return what is written of it. @param {Row} row @returns {string[]} */
  come(row) {
    if (hasPrices(row)) {
      this.place += 1;
      if (row.bar.startsWith("refused")) return [this.refusal()];
      this.now = { ...this.now, phase: "decision", bar: this.now.bar + 1, time: timeOf(row) };
      this.account.step(this.history, this.place - 1);
    } else if (row.bar === "end") {
      this.now.phase = "end";
      this.account.finish();
      if (this.curve.length > 0) this.curve[this.curve.length - 1] = this.account.amount("equity");
    }
    return this.take();
  }

  /** Give a bar that must not be taken, and return why it was not. @returns {string} */
  refusal() {
    try {
      this.account.step(this.history, this.place - 1);
    } catch (error) {
      if (error instanceof KernelError && error.refusal !== null) return error.refusal;
      throw error;
    }
    return "taken";
  }

  /** Ask for one thing, and return the time that its events must have. @param {string} text @param {Row} row */
  ask(text, row) {
    const words = new Words(text, (what) => this.malformed(row.line, `${what} in the ask "${text}"`));
    const verb = words.next();
    if (verb === "buy" || verb === "sell") this.open(verb, words);
    else if (verb === "close") {
      const ticket = words.count();
      const size = words.rest.length > 0 ? words.named("quantity", SIZES) : undefined;
      words.end();
      this.account.close(ticket, size);
    } else if (verb === "cancel") {
      const order = words.count();
      words.end();
      this.account.cancel(order);
    } else if (verb === "fill") return this.fill(words, `${this.where(row.line)}: ${text}`);
    else throw words.wrong(`nobody can ask ${verb}`);
    return this.now.time;
  }

  /** @param {"buy" | "sell"} side @param {Words} words */
  open(side, words) {
    const size = words.named("quantity", SIZES);
    const kind = words.skip("limit", "stop");
    /** @type {Named | undefined} */
    const order = kind ? [kind, words.number()] : undefined;
    const stopLoss = words.skip("stop_loss") ? words.named("price", LEVELS) : null;
    const takeProfit = words.skip("take_profit") ? words.named("price", LEVELS) : null;
    words.end();
    this.account.open(side, size, { kind: order, stopLoss, takeProfit });
  }

  /** @param {Words} words @param {string} what @returns {bigint} */
  fill(words, what) {
    const order = words.count();
    const quantity = words.next();
    if (words.next() !== "at") throw words.wrong("at is missing");
    const price = words.next();
    const fee = words.skip("fee") ? words.next() : "0";
    const refused = words.skip("refused") !== null;
    words.end();
    const time = this.now.time + SECOND_NS;
    const taken = this.account.apply(order, { price, quantity, fee, time });
    if (taken === refused) throw new Differs(`${what}: the fill was ${taken ? "" : "not "}taken`);
    return time;
  }

  /** Compare the kernel's own equity column with the amounts after each bar. */
  compareCurve() {
    compare(this.where(this.scenario.line), "equity column", this.curve.join("; "), this.account.equity().join("; "));
  }

  /** Compare the figures of the report. */
  compareFigures() {
    const wanted = new Map(this.scenario.figures);
    const barsPerYear = number(wanted.get("bars_per_year") ?? "nan");
    wanted.delete("bars_per_year");
    const figures = { ...this.account.tradeFigures(), ...this.account.curveFigures(barsPerYear ?? NaN) };
    for (const [name, text] of wanted) {
      const value = number(text);
      if (!(name in figures)) throw this.malformed(this.scenario.line, `there is no figure ${name}`);
      if (value === null) throw this.malformed(this.scenario.line, `${name}=${text} is no number`);
      const near = Math.abs(value - figures[name]) <= FIGURE_PRECISION * Math.abs(value);
      if (!near) compare(this.where(this.scenario.line), name, String(value), String(figures[name]));
    }
  }
}

/** @param {Scenario} scenario */
function columnsOf(scenario) {
  const rows = scenario.rows.filter(hasPrices);
  const [open, high, low, close] = [0, 1, 2, 3].map((column) =>
    rows.map((row) => {
      const price = number(row.prices[column]);
      if (price === null) throw new Malformed(scenario.page, row.line, `${row.prices[column]} is no price`);
      return price;
    }),
  );
  return { time: rows.map(timeOf), open, high, low, close, volume: rows.map(() => 1) };
}

/** @param {Row} row @returns {bigint} */
function timeOf(row) {
  return (BigInt(row.bar.replace("refused ", "")) + 1n) * MINUTE_NS;
}

/** @param {string} word @returns {number | null} */
function number(word) {
  if (word === "nan") return NaN;
  if (word === "inf" || word === "-inf") return word === "inf" ? Infinity : -Infinity;
  return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : null;
}

/** The words of one ask, taken from the front. */
class Words {
  /** @param {string} text @param {(what: string) => Malformed} wrong */
  constructor(text, wrong) {
    this.rest = text.split(/\s+/);
    this.wrong = wrong;
  }

  /** @returns {string} */
  next() {
    const word = this.rest.shift();
    if (word === undefined) throw this.wrong("something is missing");
    return word;
  }

  /** Take the next word if it is one of these. @param {...string} names @returns {string | null} */
  skip(...names) {
    return names.includes(this.rest[0]) ? this.next() : null;
  }

  /** @returns {number} */
  number() {
    const word = this.next();
    const value = number(word);
    if (value === null) throw this.wrong(`${word} is no number`);
    return value;
  }

  /** @returns {number} */
  count() {
    const word = this.next();
    if (!/^\d+$/.test(word)) throw this.wrong(`${word} is no number of an order or ticket`);
    return Number(word);
  }

  /**
   * Take an amount, called `bare` when it has no name.
   * @param {string} bare @param {string[]} names @returns {Named}
   */
  named(bare, names) {
    return [this.skip(bare, ...names) ?? bare, this.number()];
  }

  end() {
    if (this.rest.length > 0) throw this.wrong(`${this.rest[0]} cannot stand`);
  }
}

/**
 * Write an event, leaving out what goes without saying.
 * @param {Event} event @param {{phase: string, bar: number, time: bigint, seq: number}} now @returns {string}
 */
function written(event, now) {
  const { kind, units } = event;
  const filled = kind === "filled";
  const ticket = event.ticket === event.order ? 0 : event.ticket;
  const usualCause = filled || kind === "submitted" ? (ticket ? "close" : "entry") : "none";
  /** @typedef {string | number | bigint} Part */
  /** @type {[string, Part, Part][]} what stands before it, the part, and what goes without saying */
  const parts = [
    ["", `${event.phase}:`, `${now.phase}:`],
    ["", kind, ""],
    ["", event.order, 0],
    ["of ", ticket, 0],
    [units.quantity > 0n ? "+" : "", event.quantity, "0"],
    ["at ", event.price, "0"],
    ["from ", event.reference, filled ? event.price : "0"],
    ["fee ", event.fee, "0"],
    ["profit ", event.profit, "0"],
    ["cash ", event.cash, filled ? decimalText(units.profit - units.fee, 16) : "0"],
    ["", event.cause, usualCause],
    ["", event.refusal, "none"],
    ["bar ", event.bar, now.bar],
    ["time ", event.time_ns, now.time],
    ["seq ", event.seq, now.seq],
    ["instrument ", event.instrument, 0],
  ];
  return parts.filter(([, value, usual]) => value !== usual).map(([name, value]) => `${name}${value}`).join(" ");
}

/**
 * Throw both texts, an event a line with what differs marked, when they are not the same.
 * @param {string} where @param {string} what @param {string} expected @param {string} got
 */
function compare(where, what, expected, got) {
  if (expected === got) return;
  /** @param {string} text @param {string} other @returns {string} */
  const marked = (text, other) => {
    const same = other.split("; ");
    return text.split("; ").map((part) => `    ${same.includes(part) ? " " : "!"} ${part || "(nothing)"}`).join("\n");
  };
  throw new Differs(
    `${where}: ${what} differs\n  expected:\n${marked(expected, got)}\n  got:\n${marked(got, expected)}`,
  );
}
