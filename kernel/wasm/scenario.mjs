// Run a scenario of `spec/` through the kernel, and compare what came of it with what the page says.

import { barsOf, openingOf } from "./bars.mjs";
import { Account, KernelError, decimalText } from "./kernel.mjs";
import { Malformed, hasPrices, isTaken } from "./spec.mjs";
import { Differs, compare, near, number, written } from "./written.mjs";

/** @typedef {import("./kernel.mjs").Kernel} Kernel */
/** @typedef {import("./spec.mjs").Row} Row */
/** @typedef {import("./spec.mjs").Scenario} Scenario */
/** @typedef {import("./spec.mjs").Step} Step */

const SECOND_NS = 1_000_000_000n;

/** Run a scenario, or throw what differs or cannot be read. @param {Kernel} kernel @param {Scenario} scenario */
export function run(kernel, scenario) {
  const running = new Run(kernel, scenario);
  try {
    scenario.steps.forEach((step) => running.step(step));
    running.compareCurve();
    running.compareFigures();
  } finally {
    running.account.free();
  }
}

/** One scenario on its way through the kernel. */
class Run {
  /** @param {Kernel} kernel @param {Scenario} scenario */
  constructor(kernel, scenario) {
    this.kernel = kernel;
    this.scenario = scenario;
    const own = scenario.instruments.map((pairs) => Object.fromEntries(pairs));
    try {
      this.account = new Account(kernel, scenario.cash, Object.fromEntries(scenario.rules), 0n, own);
    } catch (error) {
      throw error instanceof KernelError ? this.malformed(scenario.line, error.message) : error;
    }
    /** What goes without saying of the events of a row. */
    this.now = { phase: "start", bar: -1, time: 0n, seq: 0 };
    /** When the last bar has closed. */
    this.clock = 0n;
    this.cash = 0n;
    /** How many events of the account were taken; one that was loaded begins with none. */
    this.taken = 0;
    /** @type {number[]} what the account was worth after each bar, and the first bar that the account knows of */
    this.curve = [];
    this.firstBar = 0;
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

  /**
   * Return the events since the last call, written; those of a venue's fill have its time.
   * @param {bigint} [time] @returns {string[]}
   */
  take(time = this.now.time) {
    return this.account.events(this.taken).map((event) => {
      const text = written(event, { ...this.now, time });
      this.taken += 1;
      this.now.seq += 1;
      this.cash += event.units.cash;
      return text;
    });
  }

  /** Run the rows of one moment, and compare what came of them with what they say. @param {Step} step */
  step(step) {
    let got = this.come(step);
    for (const row of step.rows) {
      if (isTaken(step)) this.now.time = openingOf(this.scenario.page, step, row);
      for (const text of row.ask.split(";").map((part) => part.trim()).filter(Boolean)) {
        got.push(...this.ask(text, row));
      }
      if (row.journal !== null) compare(this.where(row.line), "journal", row.journal, got.join("; "));
      got = [];
    }
    this.compareAmounts(step.rows[step.rows.length - 1]);
    if (isTaken(step)) this.curve.push(this.account.amount("equity"));
  }

  /** Let the bars or the end come, and return what is written of it. @param {Step} step @returns {string[]} */
  come(step) {
    const { page, instruments } = this.scenario;
    if (hasPrices(step.rows[0])) {
      const { bars, finer } = barsOf(page, step, instruments.length || 1);
      const advance = () => this.account.advance(bars, finer);
      if (step.name.startsWith("refused")) return [refusalOf(advance)];
      this.now = { ...this.now, phase: "decision", bar: this.now.bar + 1, time: openingOf(page, step, step.rows[0]) };
      this.clock = bars.reduce((latest, bar) => (bar.closeTime > latest ? bar.closeTime : latest), bars[0].closeTime);
      compare(this.where(step.rows[0].line), "the bar", "taken", refusalOf(advance));
    } else if (step.name === "end") {
      this.now.phase = "end";
      this.account.finish();
      if (this.curve.length > 0) this.curve[this.curve.length - 1] = this.account.amount("equity");
    }
    return this.take();
  }

  /** Ask for one thing, and return what is written of it. @param {string} text @param {Row} row @returns {string[]} */
  ask(text, row) {
    if (text === "save") {
      this.save(row);
      return [];
    }
    if (!text.startsWith("fill ")) {
      this.askOnce(text, row);
      return this.take();
    }
    const refused = text.endsWith(" refused");
    const words = refused ? text.slice(0, -" refused".length) : text;
    const timed = words.includes(" time ") ? words : `${words} time ${this.clock / SECOND_NS + 1n}`;
    this.askOnce(timed, row);
    const seconds = timed.split(" time ")[1];
    if (!/^\d+$/.test(seconds)) throw this.malformed(row.line, `${seconds} is no whole number in the ask "${text}"`);
    const filled = this.account.events(this.taken).some((event) => event.kind === "filled");
    if (filled !== refused) return this.take(BigInt(seconds) * SECOND_NS);
    throw new Differs(`${this.where(row.line)}: ${text}: the fill was ${filled ? "" : "not "}taken`);
  }

  /** @param {string} text @param {Row} row */
  askOnce(text, row) {
    try {
      this.account.ask(text);
    } catch (error) {
      throw error instanceof KernelError ? this.malformed(row.line, error.message) : error;
    }
  }

  /** Save the account and go on with the one that the bytes load. @param {Row} row */
  save(row) {
    const saved = this.account;
    const bytes = saved.save();
    this.account = Account.load(this.kernel, bytes);
    saved.free();
    this.taken = 0;
    this.firstBar = Math.max(this.now.bar, 0);
    const again = Buffer.from(this.account.save()).toString("hex");
    compare(this.where(row.line), "what the loaded account saves", Buffer.from(bytes).toString("hex"), again);
  }

  /** @param {Row} row */
  compareAmounts(row) {
    const where = this.where(row.line);
    for (const [name, text] of row.amounts) {
      const got = this.account.exact(name);
      if (name === "margin_level") this.compareNear(row.line, name, text, number(got) ?? NaN);
      else compare(where, name, text, got);
    }
    const hasCurrencies = this.scenario.instruments.flat().some(([name]) => name === "currency");
    if (!hasCurrencies) compare(where, "cash by the journal", decimalText(this.cash, 16), this.account.exact("cash"));
  }

  /** Compare a float with its text, to 12 digits. @param {number} line @param {string} name
   * @param {string} text @param {number} got */
  compareNear(line, name, text, got) {
    const stated = number(text);
    if (stated === null) throw this.malformed(line, `${name}=${text} is no number`);
    if (!near(stated, got)) compare(this.where(line), name, text, String(got).replace("Infinity", "inf"));
  }

  /** Compare the kernel's own equity column with the amounts after each bar. */
  compareCurve() {
    const where = this.where(this.scenario.line);
    compare(where, "equity column", this.curve.slice(this.firstBar).join("; "), this.account.equity().join("; "));
  }

  /** Compare the figures of the report. */
  compareFigures() {
    const { line, figures } = this.scenario;
    const wanted = new Map(figures);
    const barsPerYear = number(wanted.get("bars_per_year") ?? "nan");
    wanted.delete("bars_per_year");
    if (barsPerYear === null) throw this.malformed(line, "bars_per_year is no number");
    const got = {
      ...this.account.tradeFigures(), ...this.account.curveFigures(barsPerYear),
      ambiguous_bars: this.account.amount("ambiguous_bars"),
    };
    for (const [name, text] of wanted) {
      if (!(name in got)) throw this.malformed(line, `there is no figure ${name}`);
      this.compareNear(line, name, text, got[/** @type {keyof got} */ (name)]);
    }
  }
}

/** Return the name of the refusal that a call ends with, or "taken". @param {() => unknown} call @returns {string} */
function refusalOf(call) {
  try {
    call();
  } catch (error) {
    if (error instanceof KernelError && error.refusal !== null) return error.refusal;
    throw error;
  }
  return "taken";
}
