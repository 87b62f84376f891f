// Run compiled strategies and arrays of signals in Node, for tests/parity/, which runs the same in Python:
// node kernel/wasm/ways.mjs build/kernel.wasm < runs.json
//
// The input is a list of runs (columns and programs in base64); the output has the journal and the equity of each.

import { readFileSync } from "node:fs";

import { Account, History, Kernel, KernelError } from "./kernel.mjs";
import { Program } from "./program.mjs";

/** @typedef {import("./kernel.mjs").Named} Named */
/** @typedef {import("./program.mjs").Value} Value */
/** @typedef {{int: string} | {float: string} | {floats: string, follow: string | null, title: string} |
 *   {ints: string, follow: string | null, title: string} | {level: [string, number]} | {unset: true}} Special */
/** @typedef {{entries: string, exits: string, size: string, sizes: string, stop: string, target: string}} Signals */
/**
 * What Python asks to be run: on a program, up to each of the cuts, or on signals.
 * @typedef {{cash: string, rules: Record<string, string>, time: string, columns: Record<string, string>,
 *   program?: string, values?: (null | boolean | string | Special)[], cuts: number[], signals?: Signals}} Run
 */

/** @param {string} text */
const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
/** @param {string} text */
const floats = (text) => new Float64Array(bytes(text).buffer);
/** @param {string} text */
const ints = (text) => new BigInt64Array(bytes(text).buffer);

/** Return the bars of a run. @param {Kernel} kernel @param {Record<string, string>} columns @returns {History} */
function historyOf(kernel, columns) {
  const { time, closeTime, ...others } = columns;
  const prices = Object.fromEntries(Object.entries(others).map(([name, text]) => [name, floats(text)]));
  return new History(kernel, /** @type {any} */ ({ time: ints(time), closeTime: ints(closeTime), ...prices }));
}

/** @param {null | boolean | string | Special} told @returns {Value} */
function valueOf(told) {
  if (told === null || typeof told !== "object") return told;
  if ("unset" in told) return undefined;
  if ("int" in told) return BigInt(told.int);
  if ("float" in told) return floats(told.float)[0];
  if ("level" in told) return told;
  const { title } = told;
  const follow = told.follow === null ? null : ints(told.follow);
  return "ints" in told ? { times: ints(told.ints), follow, title } : { series: floats(told.floats), follow, title };
}

/**
 * Ask row by row for what signals say: exits first.
 * @param {Account} account @param {History} history @param {Signals} signals
 */
function onSignals(account, history, signals) {
  const [entries, exits, sizes, stop, target] = [
    signals.entries, signals.exits, signals.sizes, signals.stop, signals.target,
  ].map(floats);
  /** @param {Float64Array} column @param {number} row */
  const at = (column, row) => column[column.length === 1 ? 0 : row];
  /** @param {number} value @returns {Named | null} */
  const level = (value) => (Number.isNaN(value) ? null : ["fraction", value]);
  for (let row = 0; row < history.length; row += 1) {
    account.step(history, row);
    if (at(exits, row) !== 0) for (const { number } of account.tickets()) account.close(number);
    if (at(entries, row) !== 0) {
      const levels = { stopLoss: level(at(stop, row)), takeProfit: level(at(target, row)) };
      account.open(at(entries, row) > 0 ? "buy" : "sell", [signals.size, at(sizes, row)], levels);
    }
  }
}

/** @param {Kernel} kernel @param {Run} run */
function play(kernel, { cash, rules, time, columns, program, values = [], cuts, signals }) {
  const history = historyOf(kernel, columns);
  const account = new Account(kernel, cash, rules, BigInt(time));
  let failure = "";
  try {
    if (signals) onSignals(account, history, signals);
    if (program) {
      const decides = new Program(kernel, bytes(program), values.map(valueOf));
      cuts.forEach((cut, place) => decides.run(account, history, place > 0 ? cuts[place - 1] : 0, cut));
      decides.free();
    }
    account.finish();
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    failure = error.message;
  }
  const equity = Buffer.from(Float64Array.from(account.equity()).buffer).toString("base64");
  const journal = Buffer.from(account.journal()).toString("base64");
  [account, history].forEach((each) => each.free());
  return { journal, equity, failure };
}

const kernel = await Kernel.load(readFileSync(process.argv[2]));
/** @type {Run[]} */
const runs = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(runs.map((run) => play(kernel, run))));
