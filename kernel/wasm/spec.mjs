// Read the tables of `spec/` as data: headings, lines of settings, rows of cells. spec/README.md says how.

const PRICES = ["open", "high", "low", "close"];
const AMOUNTS = ["equity", "cash", "free_cash", "used_margin", "position"];
const FULL = ["bar", ...PRICES, "ask", "journal", "equity"];
const SHORT = ["ask", ...PRICES, "journal"];

/**
 * A row of a table: what comes, what is asked, what must come of it; a journal is null where it is passed over.
 * @typedef {{line: number, bar: string, prices: string[], ask: string, journal: string | null,
 *   amounts: [name: string, text: string][]}} Row
 */
/**
 * A heading with its table.
 * @typedef {{page: string, line: number, title: string, rules: [string, string][], cash: string,
 *   figures: [string, string][], rows: Row[]}} Scenario
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
    page, line: first + 1, title: lines[first].slice(4).trim(), rules: [], cash: "10000", figures: [], rows: [],
  };
  /** @type {number[]} */
  const tables = [];
  for (let place = first + 1; place < last; place += 1) {
    const setting = /^(Rules|Cash|Figures):(.*)$/.exec(lines[place]);
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
  const pairs = value.split(/\s+/).map((word) => word.split("="));
  for (const pair of pairs) {
    if (pair.length !== 2) throw new Malformed(scenario.page, line, `${value} is not name=value`);
    scenario[name === "Rules" ? "rules" : "figures"].push([pair[0], pair[1]]);
  }
}

/**
 * Return the scenario with its rows, or one scenario for each row of a short table.
 * @param {Scenario} scenario @param {string[]} lines @param {number} first @returns {Scenario[]}
 */
function table(scenario, lines, first) {
  const { page } = scenario;
  const header = cells(page, lines, first);
  const fixed = header[0] === "ask" ? SHORT : FULL;
  const more = header.slice(fixed.length);
  const usual = fixed.every((name, place) => header[place] === name);
  if (!usual || !more.every((name) => AMOUNTS.includes(name)) || new Set(header).size !== header.length) {
    throw new Malformed(page, first + 1, `columns are ${header.join(", ")}, not ${fixed.join(", ")} and amounts`);
  }
  const rows = [];
  for (let place = first + 2; lines[place]?.startsWith("|"); place += 1) {
    const values = cells(page, lines, place);
    if (values.length !== header.length) {
      throw new Malformed(page, place + 1, `${values.length} cells for ${header.length} columns`);
    }
    rows.push(row(header, values, place + 1));
  }
  if (rows.length === 0 || !/^[|\-: ]+$/.test(lines[first + 1])) {
    throw new Malformed(page, first + 1, "a table needs a line of dashes and rows");
  }
  if (fixed === SHORT) return rows.map((only) => short(scenario, only));
  checkOrder(page, rows);
  return [{ ...scenario, rows }];
}

/** @param {string} page @param {string[]} lines @param {number} place @returns {string[]} */
function cells(page, lines, place) {
  const line = lines[place];
  if (!line.endsWith("|")) throw new Malformed(page, place + 1, "a row ends with |");
  return line.slice(1, -1).split("|").map((cell) => cell.trim());
}

/** @param {string[]} header @param {string[]} values @param {number} line @returns {Row} */
function row(header, values, line) {
  /** @param {string} name @returns {string} */
  const cell = (name) => values[header.indexOf(name)] ?? "0";
  /** @type {[string, string][]} */
  const amounts = AMOUNTS.filter((name) => header.includes(name)).map((name) => [name, cell(name)]);
  return { line, bar: cell("bar"), prices: PRICES.map(cell), ask: cell("ask"), journal: cell("journal"), amounts };
}

/** Ask at the start, then let one bar come. @param {Scenario} scenario @param {Row} only @returns {Scenario} */
function short(scenario, only) {
  const { line, ask } = only;
  const asked = { line, bar: "start", prices: ["", "", "", ""], ask, journal: null, amounts: [] };
  return { ...scenario, line, title: `${scenario.title}: ${ask}`, rows: [asked, { ...only, ask: "" }] };
}

/** Refuse rows that do not count up, and prices where there can be none. @param {string} page @param {Row[]} rows */
function checkOrder(page, rows) {
  let bars = 0;
  rows.forEach((each, place) => {
    const { bar, line, ask } = each;
    const atEdge = (bar === "start" && place === 0) || (bar === "end" && place === rows.length - 1);
    const refused = /^refused \d+$/.test(bar) && ask === "";
    if (atEdge === hasPrices(each) || !(atEdge || refused || bar === String(bars))) {
      throw new Malformed(page, line, `row ${bar} after ${bars} bars, or its prices, cannot be`);
    }
    if (bar === String(bars)) bars += 1;
  });
}
