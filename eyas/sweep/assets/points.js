// Trials as points: over two parameters, over one, or one half of the run against the other.

const HIT_PX = 12;

/** How large points are drawn, by the room that each has. */
const pointSize = (count, area) => clamp(Math.sqrt(((area.right - area.left) * (area.bottom - area.top)) / count) * 0.22, 1.3, 5);

/** The place of each trial along a parameter: by its number, or evenly for words. */
function alongAxis(axis, from, to) {
  if (!axis.isNumber) {
    const step = (to - from) / axis.values.length;
    const ticks = axis.values.map((_, i) => i);
    const scale = Object.assign((code) => from + (code + 0.5) * step, { low: 0, high: axis.values.length - 1 });
    return { scale, ticks, labels: axis.values.map(valueText), place: (trial) => scale(axis.codes[trial]) };
  }
  const room = Math.abs(to - from) / (from > to ? 45 : 70);
  const place = (trial) => scale(axis.value(trial));
  const scale = (isLogarithmic(axis.values) ? logarithmic : linear)(axis.values[0], axis.values.at(-1), from, to);
  if (!isLogarithmic(axis.values)) return { ...ticksOf(scale, { text: valueText }, room), place };
  const ticks = roundPowers(scale.low, scale.high, room);
  return { scale, ticks, labels: ticks.map(valueText), place };
}

/** The place of each trial along a measure; what lies beyond the range stands at its end. */
function alongMeasure(measure, range, from, to) {
  const pad = (range.high - range.low) * 0.04 || 0.5;
  const scale = linear(range.low - pad, range.high + pad, from, to);
  const place = (trial) => scale(clamp(measure.values[trial], scale.low, scale.high));
  return { ...ticksOf(scale, measure, Math.abs(to - from) / (from > to ? 55 : 80)), place };
}

class PointsView {
  /** `state` has across (a parameter or a measure), up (the same), measure (the colour) and keeps(trial). */
  constructor(study, measures, state, onChoose) {
    Object.assign(this, { study, measures, ...state, choose: ({ trial }) => onChoose(trial) });
    const drawn = [this.measure, this.across, this.up].filter((one) => one.values && !one.codes);
    const kept = Array.from({ length: study.count }, (_, trial) => trial).filter(this.keeps);
    this.trials = kept.filter((trial) => drawn.every((one) => isKnown(study, one, trial)));
    this.lost = kept.filter((trial) => !study.isDone(trial));
    // The best is drawn last, on top of the others.
    this.trials.sort((a, b) => study.scores[a] - study.scores[b] || 0);
    this.range = rangeOf(this.trials.map((trial) => this.measure.values[trial]));
  }

  height(width) {
    return Math.round(clamp(width * 0.5, 280, 460));
  }

  along(one, from, to) {
    if (one.codes) return alongAxis(one, from, to);
    return alongMeasure(one, rangeOf(this.trials.map((trial) => one.values[trial])), from, to);
  }

  draw(plot) {
    const area = { left: 60, top: 30, right: plot.width - 14, bottom: plot.height - 48 };
    this.at = { area, x: this.along(this.across, area.left + 6, area.right - 6), y: this.along(this.up, area.bottom - 6, area.top + 6) };
    const { x, y } = this.at;
    plot.frame(area, x, y, this.titles());
    this.colours = colourScale(this.range, this.measure, plot.palette);
    this.size = pointSize(Math.max(1, this.trials.length), area);
    this.before?.(plot, this.at);
    for (const trial of this.trials) this.drawTrial(plot, trial, x.place(trial), y.place(trial));
    plot.context.globalAlpha = 1;
    if (this.up.codes && this.across.codes) this.drawLost(plot);
    this.ring(plot, this.study.plateau, [3, 2]);
    this.ring(plot, this.study.best, []);
    if (plot.hovered) this.ring(plot, plot.hovered.trial, [], 1);
  }

  titles() {
    return { across: `${this.across.title} →`, up: `↑ ${this.up.title}` };
  }

  drawTrial(plot, trial, x, y) {
    plot.context.globalAlpha = Number.isNaN(this.study.scores[trial]) ? 0.3 : 0.9;
    const ring = this.size > 2 ? plot.palette.line : null;
    plot.dot(x, y, this.size, this.colours.colour(this.measure.values[trial]), ring);
  }

  drawLost(plot) {
    const { x, y } = this.at;
    for (const trial of this.lost) {
      const box = [x.place(trial) - 4, y.place(trial) - 4, 8, 8];
      drawState(plot, STATES[this.study.status[trial]], box, plot.palette);
    }
  }

  ring(plot, trial, dash, width = 2) {
    if (trial === null || !this.trials.includes(trial)) return;
    const { context, palette } = plot;
    const [x, y] = [this.at.x.place(trial), this.at.y.place(trial)];
    context.lineWidth = width + 2.5;
    plot.dot(x, y, this.size + 3.5, null, palette.paper);
    context.lineWidth = width;
    context.setLineDash(dash);
    plot.dot(x, y, this.size + 3.5, null, palette.ink);
    context.setLineDash([]);
    context.lineWidth = 1;
  }

  hit(x, y) {
    let [nearest, least] = [-1, HIT_PX ** 2];
    for (const trial of this.trials) {
      const far = (this.at.x.place(trial) - x) ** 2 + (this.at.y.place(trial) - y) ** 2;
      if (far <= least) [nearest, least] = [trial, far];
    }
    return nearest < 0 ? null : { key: nearest, trial: nearest };
  }

  /** The next trial from another to a side; from none the best, or the first. `stops` are those that are walked. */
  walk(from, right, up) {
    const stops = this.stops ?? this.trials;
    if (!stops.length) return null;
    const { x, y } = this.at;
    const along = right ? x.place : (trial) => -y.place(trial);
    const order = [...stops].sort((a, b) => along(a) - along(b) || a - b);
    const at = from ? order.indexOf(from.trial) : -1;
    const first = stops.includes(this.study.best) ? this.study.best : order[0];
    const trial = at < 0 ? first : order[clamp(at + right + up, 0, order.length - 1)];
    return { key: trial, trial, x: x.place(trial), y: y.place(trial) };
  }

  tip({ trial }) {
    return trialTip(this.study, this.measures, trial, this.more?.(trial) ?? []);
  }
}

/** A measure over one parameter: every trial as a point, a line through the best or the median of each value. */
class CurveView extends PointsView {
  before(plot, { x, y }) {
    if (!this.across.codes || this.across.values.length < 2) return;
    const cells = new Map();
    for (const trial of this.trials) {
      const code = this.across.codes[trial];
      cells.set(code, [...(cells.get(code) ?? []), trial]);
    }
    const { context, palette } = plot;
    context.beginPath();
    for (const code of [...cells.keys()].sort((a, b) => a - b)) {
      const trials = cells.get(code);
      const value = this.among === "median"
        ? medianOf(trials.map((trial) => this.up.values[trial])) : this.up.values[bestOf(this.study, trials)];
      context.lineTo(x.place(trials[0]), y.scale(clamp(value, y.scale.low, y.scale.high)));
    }
    Object.assign(context, { strokeStyle: palette.muted, lineWidth: 1.5, lineJoin: "round" });
    context.stroke();
    context.lineWidth = 1;
  }
}
