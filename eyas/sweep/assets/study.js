// Reads the trials that eyas/sweep/page_data.py writes.

const TYPES = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, u2: Uint16Array };
const STATES = ["done", "refused", "failed"];
const DONE = 0;

function decodeColumn({ type, data }) {
  return new TYPES[type](Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)).buffer);
}

/** A value of a parameter as a person reads it: 0.30000000000000004 is 0.3, and six digits of a number do. */
function valueText(value) {
  if (typeof value !== "number") return String(value);
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6))).replace("-", "−");
}

/** One parameter. `codes` says which of its values each trial has. */
function decodeAxis({ name, kind, values, codes }) {
  const found = decodeColumn(codes);
  return {
    name, title: name, kind, values, codes: found,
    isNumber: kind === "number",
    value: (trial) => values[found[trial]],
    text: (trial) => valueText(values[found[trial]]),
  };
}

function decodeDigests({ digests, digest_bytes: length }) {
  const bytes = decodeColumn(digests);
  const hex = (byte) => byte.toString(16).padStart(2, "0");
  return (trial) => Array.from(bytes.subarray(trial * length, (trial + 1) * length), hex).join("");
}

/** What is known of the cells of two parameters, over more trials than are here. */
function decodeMap({ across, up, counts, values, medians, places }) {
  return {
    across, up,
    counts: decodeColumn(counts), values: decodeColumn(values), medians: decodeColumn(medians), places: decodeColumn(places),
  };
}

function decodeStudy(source) {
  const figures = Object.fromEntries(Object.entries(source.figures).map(([name, one]) => [name, decodeColumn(one)]));
  const axes = source.axes.map(decodeAxis);
  const status = decodeColumn(source.status);
  const scores = decodeColumn(source.scores);
  const numbers = decodeColumn(source.numbers);
  const front = new Set(source.front);
  return {
    count: source.count,
    numbers, status, axes, figures,
    scores,
    values: source.values ? decodeColumn(source.values) : null,
    // A parameter that never changes has nothing to draw.
    varied: axes.filter(({ values }) => values.length > 1),
    halves: source.halves.map(decodeColumn),
    digest: decodeDigests(source),
    // A trial that was drawn by lot stands for several that are not here.
    weight: (trial) => (source.lot && !(scores[trial] >= source.lot.below) && !front.has(trial) ? source.lot.weight : 1),
    maps: source.maps.map(decodeMap),
    reason: (trial) => source.reasons[String(numbers[trial])] ?? "",
    isDone: (trial) => status[trial] === DONE,
    objective: source.objective,
    rises: source.rises,
    // Of several objectives: those after the first, and which trials no other beats in everything.
    others: source.others.map(({ title, rises, values }) => ({ title, rises, values: values && decodeColumn(values) })),
    front,
    best: source.best,
    plateau: source.plateau,
    luckSharpe: source.luck_sharpe,
    python: source.python,
    command: source.command,
    definitions: source.definitions,
  };
}
