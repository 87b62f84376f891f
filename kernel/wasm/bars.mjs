// The bars that the rows of a table stand for.

import { Malformed, isMissing } from "./spec.mjs";
import { number } from "./written.mjs";

/** @typedef {import("./kernel.mjs").Bar} Bar */
/** @typedef {import("./spec.mjs").Row} Row */
/** @typedef {import("./spec.mjs").Step} Step */
/** @typedef {Bar & {instrument: number, closeTime: bigint}} Known */

const MINUTE_NS = 60_000_000_000n;

/**
 * Return the bars of a step, and the finer bars inside them in the order in which they close.
 * @param {string} page @param {Step} step @param {number} instruments how many there are
 * @returns {{bars: Known[], finer: Known[]}}
 */
export function barsOf(page, step, instruments) {
  /** @param {Row} row @param {bigint} time @param {bigint} length */
  const bar = (row, time, length) => {
    if (row.instrument < instruments) return barOf(page, row, time, length);
    throw new Malformed(page, row.line, `there is no instrument ${row.instrument}`);
  };
  const bars = step.rows.filter((row) => !isMissing(row)).map((row) => bar(row, openingOf(page, step, row), 0n));
  const finer = bars.flatMap(({ instrument, time, closeTime }) => {
    const inside = step.finer.filter((row) => row.instrument === instrument);
    // Bars come a minute apart where none says how long it lasts.
    const length = closeTime > time ? closeTime - time : MINUTE_NS;
    /** @param {number} part @returns {bigint} */
    const at = (part) => time + (length * BigInt(part)) / BigInt(inside.length);
    return inside.map((row, part) => bar(row, at(part), at(part + 1) - at(part)));
  });
  if (finer.length < step.finer.length) {
    throw new Malformed(page, step.finer[0].line, "a finer bar is inside no bar");
  }
  finer.sort((one, other) => Number(one.closeTime - other.closeTime) || one.instrument - other.instrument);
  return { bars, finer };
}

/**
 * Return when the bar of a row opens, also when it has none.
 * @param {string} page @param {Step} step @param {Row} row @returns {bigint}
 */
export function openingOf(page, step, row) {
  return minutes(page, row, row.time, (BigInt(step.name.replace("refused ", "")) + 1n) * MINUTE_NS);
}

/**
 * Return the bar of a row, given what its time and its length are when it says nothing of them.
 * @param {string} page @param {Row} row @param {bigint} usualTime @param {bigint} usualLength @returns {Known}
 */
function barOf(page, row, usualTime, usualLength) {
  const time = minutes(page, row, row.time, usualTime);
  const optional = [row.volume, row.given, row.funding].map((text) => text || "nan");
  const [open, high, low, close, volume, given, funding] = [...row.prices, ...optional].map((text) => {
    const value = number(text);
    if (value === null) throw new Malformed(page, row.line, `${text} is no number`);
    return value;
  });
  const closeTime = time + minutes(page, row, row.length, usualLength);
  return { instrument: row.instrument, time, closeTime, open, high, low, close, volume, given, funding };
}

/**
 * Read minutes as nanoseconds.
 * @param {string} page @param {Row} row @param {string} text @param {bigint} usual @returns {bigint}
 */
function minutes(page, row, text, usual) {
  if (text === "") return usual;
  const found = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (found === null) throw new Malformed(page, row.line, `${text} is no number`);
  const [, sign, whole, part = ""] = found;
  // A thousand-millionth of a minute is 60 ns.
  const length = BigInt(whole + part.padEnd(9, "0")) * 60n;
  return sign === "-" ? -length : length;
}
