// How the trials lie: one measure as a histogram with what luck alone would bring, and one half of the run against the other.

const BINS_MAX = 60;

/** Equal bins over a range; the first and the last hold what lies beyond it too. */
function binned(values, { low, high }, weights = values.map(() => 1)) {
  const count = clamp(Math.round(2 * Math.cbrt(values.length) + 4), 5, BINS_MAX);
  const width = (high - low) / count || 1;
  const bins = new Array(high > low ? count : 1).fill(0);
  values.forEach((value, i) => (bins[clamp(Math.floor((value - low) / width), 0, bins.length - 1)] += weights[i]));
  return { bins, width };
}

class HistogramView {
  /** `lines` are { value, words, colour, dash }: what is to be seen against the trials. */
  constructor(values, weights, measure, lines) {
    Object.assign(this, { measure, lines });
    const range = rangeOf([...values]);
    const seen = lines.map(({ value }) => value).filter(Number.isFinite);
    this.range = { ...range, low: Math.min(range.low, ...seen), high: Math.max(range.high, ...seen) };
    Object.assign(this, binned(values, range, weights));
    this.from = range.low;
  }

  height() {
    return 300;
  }

  draw(plot) {
    const area = { left: 44, top: 64, right: plot.width - 14, bottom: plot.height - 46 };
    const pad = (this.range.high - this.range.low) * 0.03 || 0.5;
    const x = linear(this.range.low - pad, this.range.high + pad, area.left, area.right);
    const y = linear(0, Math.max(1, ...this.bins), area.bottom, area.top);
    const counts = roundTicks(0, y.high, 4).filter(Number.isInteger);
    const up = { scale: y, ticks: counts, labels: counts.map((count) => fixed(count, 0)) };
    this.at = { area, x };
    plot.frame(area, ticksOf(x, this.measure, (area.right - area.left) / 80), up, { across: `${this.measure.title} →`, up: "" });
    plot.text("Trials", area.left, 10);
    this.bins.forEach((count, i) => {
      const [left, right] = [x(this.from + i * this.width), x(this.from + (i + 1) * this.width)];
      plot.context.fillStyle = this.fill(plot, this.from + (i + 0.5) * this.width);
      plot.context.fillRect(left, y(count), Math.max(1, right - left - 1), area.bottom - y(count));
    });
    this.drawLines(plot);
  }

  fill(plot, value) {
    const { centre } = this.measure;
    if (centre === undefined) return plot.palette["map-plain-2"];
    return value < centre ? plot.palette["map-loss-2"] : plot.palette["map-gain-2"];
  }

  /** Each line with its words, on a row of its own where they would run into each other. */
  drawLines(plot) {
    const { area, x } = this.at;
    const ends = [];
    const labels = [];
    const sorted = this.lines.filter(({ value }) => Number.isFinite(value)).sort((a, b) => a.value - b.value);
    for (const { value, words, dash } of sorted) {
      const at = x(value);
      const width = plot.measure(words) + 10;
      const left = clamp(at - width / 2, area.left, area.right - width);
      let row = 0;
      while (ends[row] > left) row++;
      ends[row] = left + width;
      const top = 26 + row * 15;
      plot.context.lineWidth = 1.5;
      plot.line(at, top + 8, at, area.bottom, plot.palette.ink, dash);
      plot.context.lineWidth = 1;
      labels.push({ words, left, top, width });
    }
    for (const { words, left, top, width } of labels) {
      plot.context.fillStyle = plot.palette.paper;
      plot.context.fillRect(left, top - 7, width, 14);
      plot.text(words, left + 5, top, { colour: "ink" });
    }
  }
}

class Distribution {
  constructor(host, study, measures) {
    Object.assign(this, { study, measures });
    this.find = (name) => host.querySelector(`[data-part=${name}]`);
    host.hidden = false;
    const shown = measures.filter((one) => Array.from({ length: study.count }).some((_, i) => isKnown(study, one, i)));
    const first = shown.find(({ name }) => name === "sharpe" && study.luckSharpe !== null) ?? shown[0];
    fillSelect(this.find("measure"), shown.map(({ name, title }) => [name, title]), first.name);
    this.find("measure").addEventListener("change", () => this.refresh());
    this.refresh();
  }

  refresh() {
    const { study } = this;
    const measure = this.measures.find(({ name }) => name === this.find("measure").value);
    const trials = Array.from({ length: study.count }, (_, trial) => trial).filter((trial) => isKnown(study, measure, trial));
    const values = trials.map((trial) => measure.values[trial]);
    const weights = trials.map(study.weight);
    const middle = weightedMedian(values, weights);
    const luck = measure.name === "sharpe" ? study.luckSharpe : null;
    const best = study.best === null ? NaN : measure.values[study.best];
    const lines = [
      { value: middle, words: `median ${measure.text(middle)}`, dash: [2, 3] },
      { value: luck ?? NaN, words: `luck alone ${measure.text(luck ?? NaN)}`, dash: [6, 4] },
      { value: best, words: `best trial ${measure.text(best)}`, dash: [] },
    ];
    const view = new HistogramView(values, weights, measure, lines);
    if (this.plot) Object.assign(this.plot, { view }).paint();
    else this.plot = new Plot(this.find("plot"), view, "How the trials lie");
    const count = weights.reduce((sum, weight) => sum + weight, 0);
    const said = [count > values.length
      ? `About ${fixed(count, 0)} trials, counted by the ${fixed(values.length, 0)} that are on this page.` : `${fixed(count, 0)} trials.`];
    if (luck !== null) {
      said.push("Luck alone is the best Sharpe ratio that as many trials without any skill would be expected to bring.");
    }
    if (view.measure && (rangeOf(values).isCutLow || rangeOf(values).isCutHigh)) {
      said.push("The outermost bars hold what lies beyond them too.");
    }
    this.find("caption").textContent = said.join(" ");
  }
}

/** Rank correlation (Spearman's) of two columns, ties shared. */
function rankCorrelation(left, right) {
  const ranks = (values) => {
    const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
    const found = new Array(values.length);
    for (let i = 0; i < order.length; ) {
      let end = i;
      while (end + 1 < order.length && values[order[end + 1]] === values[order[i]]) end++;
      for (let at = i; at <= end; at++) found[order[at]] = (i + end) / 2;
      i = end + 1;
    }
    return found;
  };
  const [a, b] = [ranks(left), ranks(right)];
  const middle = (a.length - 1) / 2;
  const sum = (f) => a.reduce((total, _, i) => total + f(i), 0);
  return sum((i) => (a[i] - middle) * (b[i] - middle)) / Math.sqrt(sum((i) => (a[i] - middle) ** 2) * sum((i) => (b[i] - middle) ** 2));
}

/** The Sharpe ratio of each trial in the first half of the run and in the second. */
class Halves extends PointsView {
  constructor(study, measures, onChoose) {
    const [first, second] = study.halves.map((values, i) => ({
      name: `half-${i}`, title: `${i ? "Second" : "First"} half: Sharpe ratio`, text: ratioText, centre: 0, values,
    }));
    super(study, measures, { across: first, up: second, measure: second, keeps: () => true }, onChoose);
    Object.assign(this, { first, second });
  }

  height() {
    return 300;
  }

  /** Where both halves are equal, and where each is nothing. */
  before(plot, { area, x, y }) {
    const { context, palette } = plot;
    context.save();
    context.beginPath();
    context.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    context.clip();
    const [low, high] = [Math.min(x.scale.low, y.scale.low), Math.max(x.scale.high, y.scale.high)];
    plot.line(x.scale(low), y.scale(low), x.scale(high), y.scale(high), palette.muted, [5, 4]);
    plot.line(area.left, y.scale(0), area.right, y.scale(0), palette.muted);
    plot.line(x.scale(0), area.top, x.scale(0), area.bottom, palette.muted);
    context.restore();
  }

  more(trial) {
    const row = (title, values) => [element("dt", { textContent: title }), element("dd", { textContent: ratioText(values[trial]) })];
    return [element("dl", {}, ...row("First half", this.first.values), ...row("Second half", this.second.values))];
  }

  explain() {
    const place = this.trials;
    const found = rankCorrelation(place.map((i) => this.first.values[i]), place.map((i) => this.second.values[i]));
    const said = ["Above the dashed line a trial did better in the second half than in the first."];
    if (Number.isFinite(found)) {
      said.push(`The order of the trials in one half ${orderWords(found)} the other's (rank correlation ${fixed(found, 2)}).`);
    }
    return said.join(" ");
  }
}

const orderWords = (found) => (found > 0.5 ? "is much like" : found > 0.15 ? "is a little like" : found > -0.15 ? "says nothing of" : "is the reverse of");
