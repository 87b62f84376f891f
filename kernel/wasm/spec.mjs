// Read the tables of `spec/` as data: headings, lines of settings, rows of cells, and the steps that rows make
// together. spec/README.md says how.

const PRICES = ["open", "high", "low", "close"];
const AMOUNTS = ["equity", "cash", "free_cash", "used_margin", "position", "margin_level", "open_profit"];
const BEFORE_PRICES = ["instrument", "time", "length"];
const AFTER_PRICES = ["volume", "given", "funding"];

/** @typedef {[name: string, text: string][]} Pairs */
/**
 * A row of a table: what comes, what is asked, what must come of it; a journal is null where it is passed over.
 * @typedef {{line: number, bar: string, instrument: number, time: string, length: string, prices: string[],
 *   volume: string, given: string, funding: string, ask: string, journal: string | null, amounts: Pairs}} Row
 */
/**
 * What comes at once: the rows of one name (`start`, the number of a bar, `refused` with one, or `end`), and the finer
 * bars inside them.
 * @typedef {{name: string, finer: Row[], rows: Row[]}} Step
 */
/**
 * A heading with its table.
 * @typedef {{page: string, line: number, title: string, rules: Pairs, instruments: Pairs[], cash: string,
 *   figures: Pairs, steps: Step[]}} Scenario
 */

/** Say where a page does not say what it must. */
export class Malformed extends Error {
  /** @param {string} page @param {number} line @param {string} what */
  constructor(page, line, what) {
    super(`${page}:${line}: ${what}`);
    this.name = "Malformed";
  }
}

/** Tell whether a row has prices. @param {Row} row @returns {boolean} */
export const hasPrices = (row) => row.prices.some((price) => price !== "");

/** Tell whether the instrument of a row has no bar in its step. @param {Row} row @returns {boolean} */
export const isMissing = ({ prices: [first, ...others] }) =>
  first === "-" && others.every((price) => price === "" || price === "-");

/** Tell whether the bars of a step are bars that the account must take. @param {Step} step @returns {boolean} */
export const isTaken = (step) => /^\d+$/.test(step.name);

/**
 * Return the scenarios of a page; a short table gives one for each row.
 * @param {string} page @param {string} text @returns {Scenario[]}
 */
export function read(page, text) {
  const lines = text.split("\n");
  const headings = lines.flatMap((line, place) => (line.startsWith("#") ? [place] : []));
  const found = headings.flatMap((place, index) => {
    if (!lines[place].startsWith("### ")) return [];
    return section(page, lines, place, headings[index + 1] ?? lines.length);
  });
  if (found.length === 0) throw new Malformed(page, 1, "no scenario");
  return found;
}

/**
 * Return the scenarios under one heading.
 * @param {string} page @param {string[]} lines @param {number} first @param {number} last @returns {Scenario[]}
 */
function section(page, lines, first, last) {
  /** @type {Scenario} */
  const scenario = {
    page, line: first + 1, title: lines[first].slice(4).trim(), rules: [], instruments: [], cash: "10000", figures: [],
    steps: [],
  };
  /** @type {number[]} */
  const tables = [];
  for (let place = first + 1; place < last; place += 1) {
    const setting = /^(Rules|Instrument|Cash|Figures):(.*)$/.exec(lines[place]);
    if (setting && tables.length > 0) throw new Malformed(page, place + 1, "this line must stand before the table");
    if (setting) set(scenario, setting[1], setting[2].trim(), place + 1);
    if (lines[place].startsWith("|") && !lines[place - 1].startsWith("|")) tables.push(place);
  }
  if (tables.length !== 1) throw new Malformed(page, first + 1, `${tables.length} tables under one heading, not 1`);
  return table(scenario, lines, tables[0]);
}

/** @param {Scenario} scenario @param {string} name @param {string} value @param {number} line */
function set(scenario, name, value, line) {
  if (name === "Cash") {
    scenario.cash = value;
    return;
  }
  const pairs = value.split(/\s+/).filter(Boolean).map((word) => word.split("="));
  // An instrument may have nothing but the terms of the rules.
  if (pairs.some((pair) => pair.length !== 2) || (pairs.length === 0 && name !== "Instrument")) {
    throw new Malformed(scenario.page, line, `${name}: ${value} is not name=value`);
  }
  const read = /** @type {Pairs} */ (pairs);
  if (name === "Instrument") scenario.instruments.push(read);
  else scenario[name === "Rules" ? "rules" : "figures"].push(...read);
}

/**
 * Return the scenario with its steps, or one scenario for each row of a short table.
 * @param {Scenario} scenario @param {string[]} lines @param {number} first @returns {Scenario[]}
 */
function table(scenario, lines, first) {
  const { page } = scenario;
  const header = cells(page, lines, first);
  const isShort = header[0] === "ask";
  const fixed = columns(isShort, header);
  const more = header.slice(fixed.length);
  const usual = fixed.every((name, place) => header[place] === name) && new Set(header).size === header.length;
  if (!usual || !more.every((name) => AMOUNTS.includes(name)) || !(isShort || more.length > 0)) {
    throw new Malformed(page, first + 1, `columns are ${header.join(", ")}, not ${fixed.join(", ")} and amounts`);
  }
  const rows = [];
  for (let place = first + 2; lines[place]?.startsWith("|"); place += 1) {
    const values = cells(page, lines, place);
    if (values.length !== header.length) {
      throw new Malformed(page, place + 1, `${values.length} cells for ${header.length} columns`);
    }
    rows.push(rowOf(page, header, values, place + 1));
  }
  if (rows.length === 0 || !/^[|\-: ]+$/.test(lines[first + 1])) {
    throw new Malformed(page, first + 1, "a table needs a line of dashes and rows");
  }
  if (isShort) return rows.map((only) => short(scenario, only));
  return [{ ...scenario, steps: stepsOf(page, rows) }];
}

/**
 * Return the columns before the further amounts, with those of the optional ones that the header has.
 * @param {boolean} isShort @param {string[]} header @returns {string[]}
 */
function columns(isShort, header) {
  const [before, after] = [BEFORE_PRICES, AFTER_PRICES].map((names) => names.filter((name) => header.includes(name)));
  const [first, last] = isShort ? ["ask", ["journal"]] : ["bar", ["ask", "journal"]];
  return [first, ...before, ...PRICES, ...after, ...last];
}

/** @param {string} page @param {string[]} lines @param {number} place @returns {string[]} */
function cells(page, lines, place) {
  const line = lines[place];
  if (!line.endsWith("|")) throw new Malformed(page, place + 1, "a row ends with |");
  return line.slice(1, -1).split("|").map((cell) => cell.trim());
}

/** @param {string} page @param {string[]} header @param {string[]} values @param {number} line @returns {Row} */
function rowOf(page, header, values, line) {
  /** @param {string} name @param {string} [otherwise] @returns {string} */
  const cell = (name, otherwise = "") => values[header.indexOf(name)] ?? otherwise;
  const instrument = cell("instrument") || "0";
  if (!/^\d+$/.test(instrument)) throw new Malformed(page, line, `${instrument} is no number of an instrument`);
  return {
    line, bar: cell("bar", "0"), instrument: Number(instrument), time: cell("time"), length: cell("length"),
    prices: PRICES.map((name) => cell(name)), volume: cell("volume", "1"), given: cell("given"),
    funding: cell("funding"), ask: cell("ask"), journal: cell("journal"),
    amounts: AMOUNTS.filter((name) => header.includes(name)).map((name) => [name, cell(name)]),
  };
}

/** Ask at the start, then let one bar come. @param {Scenario} scenario @param {Row} only @returns {Scenario} */
function short(scenario, only) {
  const asked = { ...only, bar: "start", prices: ["", "", "", ""], journal: null, amounts: [] };
  const steps = [{ name: "start", finer: [], rows: [asked] }, { name: "0", finer: [], rows: [{ ...only, ask: "" }] }];
  return { ...scenario, line: only.line, title: `${scenario.title}: ${only.ask}`, steps };
}

/**
 * Put together the rows that come at once. Refuse rows that do not count up, and cells that cannot be there.
 * @param {string} page @param {Row[]} rows @returns {Step[]}
 */
function stepsOf(page, rows) {
  /** @type {Step[]} */
  const steps = [];
  /** @type {Row[]} */
  let finer = [];
  let bars = 0;
  rows.forEach((row, place) => {
    const { bar } = row;
    const wrong = new Malformed(page, row.line, `row ${bar} after ${bars} bars, or its cells, cannot be`);
    const last = steps[steps.length - 1];
    if (bar.includes(".")) {
      const before = finer.filter((other) => other.instrument === row.instrument).length;
      if (bar.slice(bar.indexOf(".") + 1) !== String(before + 1) || !hasPrices(row) || !saysNothing(row)) throw wrong;
      finer.push(row);
    } else if (bars > 0 && bar === String(bars - 1) && bar === last.name) {
      const rises = row.instrument > last.rows[last.rows.length - 1].instrument;
      if (finer.length > 0 || !rises || !hasPrices(row)) throw wrong;
      last.rows.push(row);
    } else {
      const atEdge = (bar === "start" && place === 0) || (bar === "end" && place === rows.length - 1);
      const refused = /^refused (\d+)$/.exec(bar);
      const fits = atEdge || bar === String(bars) || (refused !== null && row.ask === "");
      const isInside = finer.every((other) => other.bar.startsWith(`${refused?.[1] ?? bar}.`));
      if (!fits || !isInside || atEdge === hasPrices(row)) throw wrong;
      if (bar === String(bars)) bars += 1;
      steps.push({ name: bar, finer, rows: [row] });
      finer = [];
    }
  });
  if (finer.length > 0) throw new Malformed(page, finer[0].line, `row ${finer[0].bar} is inside no bar`);
  steps.forEach((step) => checkStep(page, step));
  return steps;
}

/** @param {Row} row @returns {boolean} */
function saysNothing({ ask, journal, amounts }) {
  return [ask, journal, ...amounts.map(([, text]) => text)].every((text) => !text);
}

/** @param {string} page @param {Step} step */
function checkStep(page, { rows }) {
  const early = rows.slice(0, -1).find((row) => row.amounts.some(([, text]) => text !== ""));
  if (early) throw new Malformed(page, early.line, "amounts stand in the last row of a step");
  if (rows.every(isMissing)) throw new Malformed(page, rows[0].line, "no instrument has a bar in this step");
}
