// Colours for values, and round numbers for axes.

const RAMPS = {
  loss: ["map-loss-3", "map-loss-2", "map-loss-1", "map-zero"],
  gain: ["map-zero", "map-gain-1", "map-gain-2", "map-gain-3"],
  plain: ["map-plain-0", "map-plain-1", "map-plain-2", "map-plain-3"],
};
const MAP_COLOURS = [...new Set(Object.values(RAMPS).flat())];
const PLOT_COLOURS = [
  "paper", "raised", "clear", "ink", "muted", "line", "grid", "gain", "loss", "on-light", "on-dark", ...MAP_COLOURS,
];

const channels = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map(Number);
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** The colour at a share of a ramp of four. */
function mixed(ramp, share) {
  const place = clamp(share, 0, 1) * (ramp.length - 1);
  const first = Math.min(Math.floor(place), ramp.length - 2);
  const part = place - first;
  const [from, to] = [ramp[first], ramp[first + 1]];
  return `rgb(${from.map((channel, i) => Math.round(channel + (to[i] - channel) * part)).join(",")})`;
}

/**
 * The colours of a measure over a range. With a sign on both sides the greatest distance from its centre is full
 * on either side, so that equal distances look equal; on one side of it the range is used in full.
 */
function colourScale({ low, high, isCutLow, isCutHigh }, measure, palette) {
  const ramps = Object.fromEntries(
    Object.entries(RAMPS).map(([name, stops]) => [name, stops.map((stop) => channels(palette[stop]))]),
  );
  const { centre } = measure;
  const width = high - low || 1;
  const reach = Math.max(high - centre, centre - low) || 1;
  let colour = (value) => mixed(ramps.plain, high > low ? (value - low) / width : 0.6);
  if (centre !== undefined && low < centre && high > centre) {
    colour = (value) =>
      value < centre ? mixed(ramps.loss, 1 - (centre - value) / reach) : mixed(ramps.gain, (value - centre) / reach);
  } else if (centre !== undefined && low >= centre) {
    colour = (value) => mixed(ramps.gain, high > low ? 0.18 + (0.82 * (value - low)) / width : 0.6);
  } else if (centre !== undefined) {
    colour = (value) => mixed(ramps.loss, high > low ? (0.82 * (value - low)) / width : 0.4);
  }
  return { colour, low, high, isCutLow, isCutHigh, centre, text: measure.text };
}

/** Round numbers between two others, about as many as asked for. */
function roundTicks(low, high, about) {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step - 1e-9); tick * step <= high + step * 1e-9; tick++) {
    ticks.push(Number((tick * step).toPrecision(12)));
  }
  return ticks;
}

/** The texts of marks on an axis: as few decimals as tell them apart, percent where the figure is one. */
function tickLabels(ticks, measure) {
  const share = measure.text === shareText ? 100 : 1;
  const step = (ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : Math.abs(ticks[0]) || 1) * share;
  const isExact = (count) => ticks.every((tick) => Math.abs(Number((tick * share).toFixed(count)) - tick * share) < step / 100);
  const decimals = [0, 1, 2, 3, 4, 5, 6].find(isExact) ?? 6;
  return ticks.map((tick) =>
    `${Math.abs(tick * share) >= 100_000 ? large(tick * share) : fixed(tick * share, decimals)}${share > 1 ? "\u00a0%" : ""}`);
}

/** From values to places. */
function linear(low, high, from, to) {
  const span = high - low || 1;
  return Object.assign((value) => from + ((value - low) / span) * (to - from), { low, high });
}

function logarithmic(low, high, from, to) {
  const span = Math.log(high / low) || 1;
  return Object.assign((value) => from + (Math.log(value / low) / span) * (to - from), { low, high });
}

/** Whether values are spread by their ratios rather than by their differences: most lie far down. */
function isLogarithmic(sorted) {
  const [low, high] = [sorted[0], sorted.at(-1)];
  return low > 0 && high / low >= 50 && sorted[sorted.length >> 1] - low < 0.2 * (high - low);
}

/** 1, 2 and 5 of every power of ten in a range, or the powers alone where there is less room. */
function roundPowers(low, high, about) {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const all = [1, 2, 5].flatMap((part) => Array.from({ length: last - first + 1 }, (_, i) => part * 10 ** (first + i)));
  const within = all.map((tick) => Number(tick.toPrecision(6))).filter((tick) => tick >= low && tick <= high).sort((a, b) => a - b);
  const powers = within.filter((tick) => String(tick).replace(/[0.]/g, "").startsWith("1"));
  return within.length <= about || powers.length < 2 ? within : powers;
}
