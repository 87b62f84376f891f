// Events as the tables of `spec/` write them, the numbers in them, and the comparison of texts.

import { decimalText } from "./kernel.mjs";

/** @typedef {import("./kernel.mjs").Event} Event */
/** @typedef {{phase: string, bar: number, time: bigint, seq: number}} Moment what goes without saying of an event */

const PRECISION = 1e-12;
/** The kinds of order that their `submitted` names; the others go without saying. */
const NAMED = ["stop_limit", "limit_if_touched", "market_if_touched", "trailing_stop"];

/** Say that the kernel does not do what a page says. */
export class Differs extends Error {}

/**
 * Write an event, leaving out what goes without saying.
 * @param {Event} event @param {Moment} now @returns {string}
 */
export function written(event, now) {
  const { kind, units } = event;
  const filled = kind === "filled";
  const ticket = event.ticket === event.order ? 0 : event.ticket;
  const usualCause = filled || kind === "submitted" ? (ticket ? "close" : "entry") : "none";
  const paid = filled || kind === "charged" ? units.profit - units.fee : 0n;
  const saysKind = kind === "submitted" && NAMED.includes(event.order_kind);
  const saysLevels = kind === "amended" && event.ticket !== 0;
  /** @typedef {string | number | bigint} Part */
  /** @type {[string, Part, Part][]} what stands before it, the part, and what goes without saying */
  const parts = [
    ["", `${event.phase}:`, `${now.phase}:`],
    ["", kind, ""],
    ["", event.order_kind, saysKind ? "" : event.order_kind],
    ["", event.order, 0],
    ["of ", ticket, 0],
    [units.quantity > 0n ? "+" : "", event.quantity, "0"],
    ["at ", event.price, "0"],
    ["from ", event.reference, filled ? event.price : "0"],
    ["stop ", event.stop_loss, saysLevels ? "0" : event.stop_loss],
    ["target ", event.take_profit, saysLevels ? "0" : event.take_profit],
    ["fee ", event.fee, "0"],
    ["profit ", event.profit, "0"],
    ["cash ", event.cash, decimalText(paid, 16)],
    ["", event.cause, usualCause],
    ["", event.refusal, "none"],
    ["bar ", event.bar, now.bar],
    ["time ", event.time_ns, now.time],
    ["seq ", event.seq, now.seq],
    ["instrument ", event.instrument, 0],
  ];
  return parts.filter(([, value, usual]) => value !== usual).map(([name, value]) => `${name}${value}`).join(" ");
}

/** Read a decimal number, nan, inf or -inf; null when it is none. @param {string} word @returns {number | null} */
export function number(word) {
  if (word === "nan") return NaN;
  if (word === "inf" || word === "-inf") return word === "inf" ? Infinity : -Infinity;
  return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : null;
}

/** Tell whether two floats are the same to 12 digits. @param {number} stated @param {number} got @returns {boolean} */
export function near(stated, got) {
  if (!Number.isFinite(stated)) return Object.is(stated, got);
  return Math.abs(stated - got) <= PRECISION * Math.abs(stated);
}

/**
 * Throw both texts, an event a line with what differs marked, when they are not the same.
 * @param {string} where @param {string} what @param {string} expected @param {string} got
 */
export function compare(where, what, expected, got) {
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
