// The kernel for JavaScript: accounts and histories over kernel.wasm. It converts, calls, converts back.

import { Kernel, KernelError } from "./module.mjs";

export { Kernel, KernelError };

/** @typedef {import("./module.mjs").Units} Units */
/** @typedef {[name: string, value: number]} Named an amount after the name of what it is: ["fraction", 0.5] */
/** @typedef {number | string} Decimal a number, or exact decimal text */
/** @typedef {{open: ArrayLike<number>, high: ArrayLike<number>, low: ArrayLike<number>, close: ArrayLike<number>,
 *   volume: ArrayLike<number>}} Prices */
/**
 * One line of the journal. Prices, quantities and money are exact decimal text; `units` holds every field as
 * the kernel keeps it.
 * @typedef {{seq: number, time_ns: bigint, bar: number, order: number, ticket: number, price: string,
 *   reference: string, quantity: string, fee: string, profit: string, cash: string, instrument: number,
 *   kind: string, phase: string, cause: string, refusal: string, units: Units}} Event
 */
/**
 * One open ticket; a level is null where there is none, the open profit is that at the last close.
 * @typedef {{number: number, direction: "long" | "short", quantity: string, entry_price: string,
 *   stop_loss: string | null, take_profit: string | null, open_profit: string, opened_bar: number,
 *   opened_ns: bigint, units: Units}} Ticket
 */
/**
 * One order that waits; a quantity is null where the fill decides it, a ticket 0 for an entry.
 * @typedef {{number: number, side: "buy" | "sell", kind: "market" | "limit" | "stop", price: string | null,
 *   quantity: string | null, ticket: number, units: Units}} Waiting
 */

const MONEY_DECIMALS = 16;
/** @type {(keyof Prices)[]} */
const PRICE_COLUMNS = ["open", "high", "low", "close", "volume"];

/** Hold the columns of one instrument in the kernel's memory; any number of accounts may read them. */
export class History {
  /**
   * Copy columns into the kernel: times in nanoseconds since 1970 UTC, the rest floats.
   * @param {Kernel} kernel @param {Prices & {time: ArrayLike<bigint>}} columns
   */
  constructor(kernel, columns) {
    this.kernel = kernel;
    this.length = columns.time.length;
    for (const name of PRICE_COLUMNS) {
      const { length } = columns[name];
      if (length !== this.length) throw new KernelError(`${name} has ${length} values for ${this.length} times`);
    }
    this.handle = kernel.ask("history_new", this.length);
    new BigInt64Array(kernel.exports.memory.buffer, this.column("time"), this.length).set(columns.time);
    for (const name of PRICE_COLUMNS) {
      new Float64Array(kernel.exports.memory.buffer, this.column(name), this.length).set(columns[name]);
    }
  }

  /** Return where a column lies in the kernel's memory. @param {string} name @returns {number} */
  column(name) {
    return this.kernel.call("history_column", this.handle, this.kernel.code("column", name)) >>> 0;
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
   */
  constructor(kernel, cash, rules = {}, time = 0n) {
    const lines = Object.entries(rules).map(([name, value]) => `${name}=${ruleText(value)}`);
    kernel.input([cash, ...lines].join("\n"));
    this.kernel = kernel;
    this.handle = kernel.ask("account_new", time);
    const price = kernel.ask("price_decimals", this.handle);
    const quantity = MONEY_DECIMALS - price;
    /** @type {Record<string, number>} the decimals of every field that has some */
    this.decimals = {
      price, reference: price, entry_price: price, stop_loss: price, take_profit: price, quantity,
      fee: MONEY_DECIMALS, profit: MONEY_DECIMALS, cash: MONEY_DECIMALS, open_profit: MONEY_DECIMALS,
    };
  }

  /** Give the memory back; the account cannot be used after that. */
  free() {
    this.kernel.ask("account_free", this.handle);
  }

  /**
   * Ask for a new ticket. Return the order's number, whether it is taken or refused.
   *
   * The size is a quantity, notional or fraction; the kind is market, limit or stop, the latter two with a
   * price; a level is a price, distance or fraction.
   * @param {"buy" | "sell"} side @param {Named} size
   * @param {{kind?: Named | ["market"], stopLoss?: Named | null, takeProfit?: Named | null}} [terms]
   * @returns {number}
   */
  open(side, size, { kind = ["market"], stopLoss = null, takeProfit = null } = {}) {
    const levels = [stopLoss, takeProfit].flatMap((level) => this.coded("level", level ?? ["none"]));
    const codes = [this.kernel.code("side", side), ...this.coded("kind", kind), ...this.coded("size", size)];
    return this.kernel.ask("request_open", this.handle, ...codes, ...levels);
  }

  /**
   * Ask to close a ticket, whole or in part. Return the order's number, taken or refused.
   * @param {number} ticket @param {Named} [size] @returns {number}
   */
  close(ticket, size = ["fraction", 1]) {
    return this.kernel.ask("request_close", this.handle, ticket, ...this.coded("size", size));
  }

  /** @param {string} table @param {[name: string, value?: number]} named @returns {[number, number]} */
  coded(table, [name, value = 0]) {
    return [this.kernel.code(table, name), value];
  }

  /** Take back a waiting order. Return whether it still waited. @param {number} order @returns {boolean} */
  cancel(order) {
    return this.kernel.ask("cancel", this.handle, order) === 1;
  }

  /**
   * Account for what somebody else's market filled. Return whether it was taken.
   * @param {number} order @param {{price: Decimal, quantity: Decimal, fee?: Decimal, time: bigint}} fill
   * @returns {boolean}
   */
  apply(order, { price, quantity, fee = "0", time }) {
    this.kernel.input([price, quantity, fee].join("\n"));
    return this.kernel.ask("apply", this.handle, order, time) === 1;
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
    }));
  }

  /** Return the open tickets, oldest first. @returns {Ticket[]} */
  tickets() {
    return this.kernel.records("ticket", "tickets", this.handle).map((units) => {
      const ticket = this.readable(units);
      return {
        ...ticket,
        direction: units.direction > 0n ? "long" : "short",
        stop_loss: units.stop_loss ? ticket.stop_loss : null,
        take_profit: units.take_profit ? ticket.take_profit : null,
      };
    });
  }

  /** Return the orders that wait for a price, oldest first. @returns {Waiting[]} */
  waitingOrders() {
    return this.kernel.records("waiting", "waiting_orders", this.handle).map((units) => {
      const waiting = this.readable(units);
      return {
        ...waiting,
        side: this.kernel.name("side", waiting.side),
        kind: this.kernel.name("kind", waiting.kind),
        price: units.price ? waiting.price : null,
        quantity: units.quantity ? waiting.quantity : null,
      };
    });
  }

  /** Write units for a person. @param {Units} units @returns {any} */
  readable(units) {
    const fields = Object.entries(units).map(([name, value]) => {
      if (name in this.decimals) return [name, decimalText(value, this.decimals[name])];
      return [name, name.endsWith("_ns") ? value : Number(value)];
    });
    return { ...Object.fromEntries(fields), units };
  }

  /**
   * Return an amount as a float: cash, equity, free_cash, used_margin or position.
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
