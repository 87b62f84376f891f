// The kernel for JavaScript: accounts and histories over kernel.wasm. It converts, calls, converts back.

import { Kernel, KernelError } from "./module.mjs";

export { Kernel, KernelError };

/** @typedef {import("./module.mjs").Units} Units */
/** @typedef {[name: string, value: number]} Named an amount after the name of what it is: ["fraction", 0.5] */
/** @typedef {number | string} Decimal a number, or exact decimal text */
/** @typedef {{open: ArrayLike<number>, high: ArrayLike<number>, low: ArrayLike<number>, close: ArrayLike<number>,
 *   volume: ArrayLike<number>}} Prices */
/**
 * What bars may have besides: when each closes (without it, as it opens), a price given with it and funding (NaN for
 * none).
 * @typedef {{closeTime?: ArrayLike<bigint>, given?: ArrayLike<number>, funding?: ArrayLike<number>}} Rare
 */
/**
 * One line of the journal. Prices, quantities and money are exact decimal text; `units` holds every field as
 * the kernel keeps it.
 * @typedef {{seq: number, time_ns: bigint, bar: number, order: number, ticket: number, price: string,
 *   reference: string, quantity: string, fee: string, profit: string, cash: string, stop_loss: string,
 *   take_profit: string, instrument: number, kind: string, phase: string, cause: string, refusal: string,
 *   order_kind: string, units: Units}} Event
 */
/**
 * One open ticket; a level is null where there is none, the open profit is that at the last close.
 * @typedef {{number: number, instrument: number, direction: "long" | "short", quantity: string, entry_price: string,
 *   stop_loss: string | null, take_profit: string | null, liquidation_price: string | null, open_profit: string,
 *   opened_bar: number, opened_ns: bigint, units: Units}} Ticket
 */
/**
 * One order that waits, with the kind that was asked for; a price is where a trailing stop stands, a quantity null
 * where the fill decides it, a ticket 0 for an entry.
 * @typedef {{number: number, instrument: number, side: "buy" | "sell", kind: string, price: string | null,
 *   limit: string | null, quantity: string | null, ticket: number, units: Units}} Waiting
 */
/**
 * One bar of one instrument; a volume, given price or funding that is not there is unknown, and a bar without a closing
 * time is known as it opens.
 * @typedef {{instrument?: number, time: bigint, closeTime?: bigint, open: number, high: number, low: number,
 *   close: number, volume?: number, given?: number, funding?: number}} Bar
 */
/** @typedef {Named | ["market"]} Kind */

const MONEY_DECIMALS = 16;
const RATE_DECIMALS = 12;
const ROW_BYTES = 80;
/** @type {(keyof Prices)[]} */
const PRICE_COLUMNS = ["open", "high", "low", "close", "volume"];
/** @type {("given" | "funding")[]} */
const RARE_COLUMNS = ["given", "funding"];

/** Hold the columns of one instrument in the kernel's memory; any number of accounts may read them. */
export class History {
  /**
   * Copy columns into the kernel: times in nanoseconds since 1970 UTC, the rest floats.
   * @param {Kernel} kernel @param {Prices & Rare & {time: ArrayLike<bigint>}} columns
   */
  constructor(kernel, columns) {
    this.kernel = kernel;
    this.length = columns.time.length;
    const { closeTime } = columns;
    /** @param {string} name @param {ArrayLike<unknown>} values */
    const check = (name, { length }) => {
      if (length !== this.length) throw new KernelError(`${name} has ${length} values for ${this.length} times`);
    };
    const given = RARE_COLUMNS.filter((name) => columns[name] !== undefined);
    const floats = [...PRICE_COLUMNS, ...given].map((name) => {
      const values = /** @type {ArrayLike<number>} */ (columns[name]);
      check(name, values);
      return /** @type {const} */ ([name, values]);
    });
    if (closeTime) check("closeTime", closeTime);
    this.handle = kernel.ask("history_new", this.length);
    this.ints("time", columns.time);
    if (closeTime) this.ints("close_time", closeTime);
    for (const [name, values] of floats) {
      const pointer = this.column(name);
      new Float64Array(kernel.exports.memory.buffer, pointer, this.length).set(values);
    }
  }

  /** @param {string} name @param {ArrayLike<bigint>} values */
  ints(name, values) {
    const pointer = this.column(name);
    new BigInt64Array(this.kernel.exports.memory.buffer, pointer, this.length).set(values);
  }

  /** Return where a column lies in the kernel's memory. @param {string} name @returns {number} */
  column(name) {
    const pointer = this.kernel.call("history_column", this.handle, this.kernel.code("column", name)) >>> 0;
    if (pointer === 0) throw new KernelError(`there is no column ${name}: the history was freed, or memory is full`);
    return pointer;
  }

  /** Give the memory back; the history cannot be used after that. */
  free() {
    this.kernel.ask("history_free", this.handle);
  }
}

/** Hold one person's money in one market. */
export class Account {
  /**
   * Open an account. A rule's value is text, a number, true or false, null for none, or a list of names.
   * @param {Kernel} kernel @param {Decimal} cash @param {Record<string, unknown>} [rules] by name
   * @param {bigint} [time] in nanoseconds since 1970 UTC
   * @param {Record<string, unknown>[]} [instruments] the terms of each, beside those of the rules; one when left out
   */
  constructor(kernel, cash, rules = {}, time = 0n, instruments = []) {
    /** @param {Record<string, unknown>} pairs */
    const lines = (pairs) => Object.entries(pairs).map(([name, value]) => `${name}=${ruleText(value)}`);
    const terms = instruments.flatMap((own) => ["instrument", ...lines(own)]);
    kernel.input([cash, ...lines(rules), ...terms].join("\n"));
    this.kernel = kernel;
    this.handle = kernel.ask("account_new", time);
    /** @type {Record<string, number>[]} the decimals of every field that has some, by instrument */
    this.decimals = [];
  }

  /**
   * Go on with an account that was saved; its journal begins empty. Throws when the bytes are none, or damaged.
   * @param {Kernel} kernel @param {Uint8Array} bytes @returns {Account}
   */
  static load(kernel, bytes) {
    const account = Object.create(Account.prototype);
    kernel.inputBytes(bytes);
    return Object.assign(account, { kernel, handle: kernel.ask("load"), decimals: [] });
  }

  /** Return the complete state as bytes. @returns {Uint8Array} */
  save() {
    return this.kernel.answer(this.kernel.ask("save", this.handle));
  }

  /** Give the memory back; the account cannot be used after that. */
  free() {
    this.kernel.ask("account_free", this.handle);
  }

  /**
   * Do what words ask, such as "buy 10 limit 99 stop_loss 95", "close 1" or "cancel 2". Return the number of the last
   * order, taken or refused; throw when the words cannot be read.
   * @param {string} words @returns {number}
   */
  ask(words) {
    this.kernel.input(words);
    return this.kernel.ask("ask", this.handle);
  }

  /**
   * Ask for a new ticket. Return the order's number, whether it is taken or refused.
   *
   * The size is a quantity, notional or fraction; the kind is market, limit, stop or touch, with a price; a level is a
   * price, distance, fraction or risk. `more` holds further words, such as "reduce_only day".
   * @param {"buy" | "sell"} side @param {Named} size
   * @param {{kind?: Kind, stopLoss?: Named | null, takeProfit?: Named | null, instrument?: number,
   *   more?: string}} [terms]
   * @returns {number}
   */
  open(side, size, { kind = ["market"], stopLoss = null, takeProfit = null, instrument = 0, more = "" } = {}) {
    /** @param {Named} value @param {string} usual @returns {string[]} */
    const named = (value, usual) => this.words(value, usual, instrument);
    const words = [side, ...named(size, "quantity")];
    if (kind[0] !== "market") words.push(...named(/** @type {Named} */ (kind), ""));
    if (stopLoss) words.push("stop_loss", ...named(stopLoss, "price"));
    if (takeProfit) words.push("take_profit", ...named(takeProfit, "price"));
    if (instrument > 0) words.push("on", String(instrument));
    return this.ask([...words, more].join(" "));
  }

  /**
   * Ask to close a ticket, whole or in part. Return the order's number, taken or refused.
   * @param {number} ticket @param {Named} [size] @returns {number}
   */
  close(ticket, size = ["fraction", 1]) {
    const instrument = this.tickets().find((open) => open.number === ticket)?.instrument ?? 0;
    return this.ask(["close", ticket, ...this.words(size, "quantity", instrument)].join(" "));
  }

  /** Take back a waiting order. Return whether it still waited. @param {number} order @returns {boolean} */
  cancel(order) {
    const first = this.eventCount;
    this.ask(`cancel ${order}`);
    return !this.events(first).some((event) => event.kind === "refused");
  }

  /**
   * Account for what somebody else's market filled. Return whether it was taken.
   * @param {number} order @param {{price: Decimal, quantity: Decimal, fee?: Decimal, time: bigint}} fill
   * @returns {boolean}
   */
  apply(order, { price, quantity, fee = "0", time }) {
    const first = this.eventCount;
    this.ask(`fill ${order} ${quantity} at ${price} fee ${fee} time ${decimalText(time, 9)}`);
    return this.events(first).some((event) => event.kind === "filled");
  }

  /**
   * Take one step of the clock: at most one bar of each instrument, in their order, and the finer bars inside them.
   * Return how many events came of it; throw when a bar is refused.
   * @param {Bar[]} bars @param {Bar[]} [finer] in order of time @returns {number}
   */
  advance(bars, finer = []) {
    const rows = [...bars, ...finer];
    const view = new DataView(new ArrayBuffer(rows.length * ROW_BYTES));
    rows.forEach((bar, place) => {
      const { instrument = 0, time, closeTime = time, volume = NaN, given = NaN, funding = NaN } = bar;
      const at = place * ROW_BYTES;
      view.setFloat64(at, instrument, true);
      view.setBigInt64(at + 8, time, true);
      view.setBigInt64(at + 16, closeTime, true);
      const floats = [bar.open, bar.high, bar.low, bar.close, volume, given, funding];
      floats.forEach((value, index) => view.setFloat64(at + 24 + 8 * index, value, true));
    });
    this.kernel.inputBytes(new Uint8Array(view.buffer));
    return this.kernel.ask("advance", this.handle, finer.length);
  }

  /**
   * Take one bar. Return how many events came of it; throw when the bar is refused.
   * @param {History} history @param {number} bar @returns {number}
   */
  step(history, bar) {
    return this.run(history, bar, bar + 1);
  }

  /**
   * Take the bars from `first` up to `last` (exclusive). Return how many events came of them.
   * @param {History} history @param {number} [first] @param {number} [last] @returns {number}
   */
  run(history, first = 0, last = history.length) {
    if (history.kernel !== this.kernel) throw new KernelError("the history lies in another kernel's memory");
    return this.kernel.ask("run", this.handle, history.handle, first, last);
  }

  /** End the run: cancel what waits, close what is held if the rules say so. @returns {number} new events */
  finish() {
    return this.kernel.ask("finish", this.handle);
  }

  /** How many bars were taken. @returns {number} */
  get barCount() {
    return this.kernel.ask("bar_count", this.handle);
  }

  /** @returns {number} */
  get eventCount() {
    return this.kernel.ask("event_count", this.handle);
  }

  /** Return the journal as bytes: one record after another. @returns {Uint8Array} */
  journal() {
    return this.kernel.answer(this.kernel.ask("events", this.handle, 0));
  }

  /** Return the events from a place on. @param {number} [first] @returns {Event[]} */
  events(first = 0) {
    const { kernel } = this;
    return kernel.records("event", "events", this.handle, first).map((units) => ({
      ...this.readable(units),
      kind: kernel.name("event_kind", Number(units.kind)),
      phase: kernel.name("phase", Number(units.phase)),
      cause: kernel.name("cause", Number(units.cause)),
      refusal: kernel.name("refusal", Number(units.refusal)),
      order_kind: kernel.name("order_kind", Number(units.order_kind)),
    }));
  }

  /** Return the open tickets, by instrument and age. @returns {Ticket[]} */
  tickets() {
    return this.kernel.records("ticket", "tickets", this.handle).map((units) => {
      const ticket = this.readable(units);
      return {
        ...ticket,
        direction: units.direction > 0n ? "long" : "short",
        stop_loss: units.stop_loss ? ticket.stop_loss : null,
        take_profit: units.take_profit ? ticket.take_profit : null,
        liquidation_price: units.liquidation_price ? ticket.liquidation_price : null,
      };
    });
  }

  /** Return the orders that wait for a price, by instrument and age. @returns {Waiting[]} */
  waitingOrders() {
    return this.kernel.records("waiting", "waiting_orders", this.handle).map((units) => {
      const waiting = this.readable(units);
      return {
        ...waiting,
        side: this.kernel.name("side", waiting.side),
        kind: this.kernel.name("order_kind", waiting.kind),
        price: units.price ? waiting.price : null,
        limit: units.limit ? waiting.limit : null,
        quantity: units.quantity ? waiting.quantity : null,
      };
    });
  }

  /** Return the decimals of every field that has some. @param {number} instrument @returns {Record<string, number>} */
  decimalsOf(instrument) {
    if (!this.decimals[instrument]) {
      const price = this.kernel.ask("price_decimals", this.handle, instrument);
      const prices = ["price", "reference", "entry_price", "stop_loss", "take_profit", "limit", "liquidation_price"];
      const money = ["fee", "profit", "cash", "open_profit"];
      this.decimals[instrument] = Object.fromEntries([
        ...prices.map((name) => [name, price]),
        ...money.map((name) => [name, MONEY_DECIMALS]),
        ["quantity", MONEY_DECIMALS - price],
      ]);
    }
    return this.decimals[instrument];
  }

  /**
   * Return a number after the name of what it is, as words; the name is left out where it goes without saying.
   * @param {Named} value @param {string} usual @param {number} instrument @returns {string[]}
   */
  words([name, value], usual, instrument) {
    const { price, quantity } = this.decimalsOf(instrument);
    /** @type {Record<string, number>} */
    const rates = { fraction: RATE_DECIMALS, risk: RATE_DECIMALS };
    const decimals = rates[name] ?? (name === "quantity" ? quantity : price);
    const { kernel } = this;
    const length = name === "notional" ? kernel.ask("money", value) : kernel.ask("decimal", value, decimals);
    const rounded = kernel.answerText(length);
    // What is more than nothing but rounds to it is refused as that, not as nothing.
    const text = rounded === "0" && value > 0 ? value.toFixed(30) : rounded;
    return name === usual ? [text] : [name, text];
  }

  /** Write units for a person. @param {Units} units @returns {any} */
  readable(units) {
    const decimals = this.decimalsOf(Number(units.instrument));
    const fields = Object.entries(units).map(([name, value]) => {
      if (name in decimals) return [name, decimalText(value, decimals[name])];
      return [name, name.endsWith("_ns") ? value : Number(value)];
    });
    return { ...Object.fromEntries(fields), units };
  }

  /**
   * Return an amount as a float: cash, equity, free_cash, used_margin, open_profit, position, margin_level.
   * @param {string} name @returns {number}
   */
  amount(name) {
    const amount = this.kernel.call("amount", this.handle, this.kernel.code("amount", name));
    return Number.isNaN(amount) ? this.kernel.fail(NaN) : amount;
  }

  /** Return an amount as exact decimal text. @param {string} name @returns {string} */
  exact(name) {
    return this.kernel.answerText(this.kernel.ask("exact", this.handle, this.kernel.code("amount", name)));
  }

  /**
   * Return what the account was worth after each bar. It is a view of the kernel's memory: copy it to keep it
   * beyond the next call.
   * @returns {Float64Array}
   */
  equity() {
    const length = this.kernel.ask("equity_length", this.handle);
    const pointer = this.kernel.call("equity_pointer", this.handle) >>> 0;
    return new Float64Array(this.kernel.exports.memory.buffer, pointer, length);
  }

  /** Return what the closed trades say, by name. @returns {Record<string, number>} */
  tradeFigures() {
    return this.kernel.figures("trade_figure", "trade_figures", this.handle);
  }

  /** Return what the equity says, by name. @param {number} barsPerYear @returns {Record<string, number>} */
  curveFigures(barsPerYear) {
    return this.kernel.figures("curve_figure", "curve_figures", this.handle, barsPerYear);
  }
}

/**
 * Write whole units as exact decimal text without trailing zeros.
 * @param {bigint} units @param {number} decimals @returns {string}
 */
export function decimalText(units, decimals) {
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const part = digits.slice(point).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${digits.slice(0, point)}${part && `.${part}`}`;
}

/** @param {unknown} value @returns {string} */
function ruleText(value) {
  if (value === null) return "none";
  if (Array.isArray(value)) return value.join("+") || "none";
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}
