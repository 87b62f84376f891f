// Which trials share a cell of the map, and what the cell shows.

const CELLS_MAX = 250;
const FILLED_MIN = 0.2;

/** The trials of each cell of two parameters, by row * columns + column. */
function trialsByCell(study, across, up, keeps) {
  const columns = across.values.length;
  const cells = new Map();
  for (let trial = 0; trial < study.count; trial++) {
    if (!keeps(trial)) continue;
    const key = up.codes[trial] * columns + across.codes[trial];
    if (cells.has(key)) cells.get(key).push(trial);
    else cells.set(key, [trial]);
  }
  return cells;
}

/** Whether two parameters make a map of cells; where most cells would be empty, points say more. */
function isGrid(study, across, up) {
  if (wholeMap(study, across, up)) return true;
  const [columns, rows] = [across.values.length, up.values.length];
  if (columns > CELLS_MAX || rows > CELLS_MAX) return false;
  return trialsByCell(study, across, up, () => true).size >= FILLED_MIN * columns * rows;
}

/** What a cell shows: its best trial, its value, and why it has none. */
function cellOf(study, measure, among, key, trials) {
  const done = trials.filter((trial) => study.isDone(trial));
  const best = done.length ? bestOf(study, done) : trials[0];
  const known = done.map((trial) => measure.values[trial]).filter(Number.isFinite);
  let value = NaN;
  if (known.length) value = among === "median" ? medianOf(known) : measure.values[best];
  const hasScore = Number.isFinite(value) && !Number.isNaN(study.scores[best]);
  const state = done.length ? (hasScore ? "done" : "unscored") : STATES[study.status[trials[0]]];
  return { key, count: trials.length, best, value, state };
}

const NOT_HERE = 65_535;

/** The map of two parameters over all trials, where the page does not hold them all. */
const wholeMap = (study, across, up) =>
  study.maps.find((map) => [map.across, map.up].includes(across.name) && [map.across, map.up].includes(up.name));

/** The cells of such a map; their best trial may not be here (-1). */
function wholeCells(map, across, up, among) {
  const [columns, rows] = [across.values.length, up.values.length];
  const cells = new Map();
  for (let key = 0; key < columns * rows; key++) {
    const [column, row] = [key % columns, Math.floor(key / columns)];
    const at = map.across === across.name ? key : column * rows + row;
    if (!map.counts[at]) continue;
    const value = among === "median" ? map.medians[at] : map.values[at];
    const best = map.places[at] === NOT_HERE ? -1 : map.places[at];
    const state = Number.isFinite(value) ? "done" : "unscored";
    const parameters = [[across.name, valueText(across.values[column])], [up.name, valueText(up.values[row])]];
    cells.set(key, { key, best, value, state, count: map.counts[at], parameters });
  }
  return cells;
}

function cellsOf(study, across, up, measure, among, keeps) {
  const map = wholeMap(study, across, up);
  if (map && among !== "slice" && measure.isObjective) return wholeCells(map, across, up, among);
  const found = trialsByCell(study, across, up, keeps);
  return new Map(Array.from(found, ([key, trials]) => [key, cellOf(study, measure, among, key, trials)]));
}
