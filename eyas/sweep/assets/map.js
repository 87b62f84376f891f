// The map: a measure over two parameters as coloured cells, or as points where no grid was run.

const MARGIN = { top: 26, right: 12, bottom: 48 };
const LABELLED_PX = { width: 44, height: 17 };
const LABELLED_MAX = 160;

/** Labels of values along an axis: every one, or every so manieth that there is room for. */
function everyFit(count, sizePx, neededPx) {
  const stride = Math.max(1, Math.ceil(neededPx / Math.max(sizePx, 1e-9)));
  return Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride);
}

class GridView {
  constructor(study, measures, state, onChoose) {
    Object.assign(this, { study, measures, ...state, choose: ({ cell }) => cell.best >= 0 && onChoose(cell.best) });
    this.cells = cellsOf(study, this.across, this.up, this.measure, this.among, this.keeps);
    const values = Array.from(this.cells.values(), ({ value }) => value);
    this.range = rangeOf(values);
    this.columns = this.across.values.length;
    this.rows = this.up.values.length;
  }

  height(width) {
    const cell = clamp(((width - 80) / this.columns) * 0.62, 4, 40);
    return Math.round(clamp(cell * this.rows, 170, 520)) + MARGIN.top + MARGIN.bottom;
  }

  layout(plot) {
    const labels = this.up.values.map(valueText);
    const left = clamp(Math.max(...labels.map((label) => plot.measure(label))) + 16, 34, plot.width * 0.3);
    const area = { left, top: MARGIN.top, right: plot.width - MARGIN.right, bottom: plot.height - MARGIN.bottom };
    const cell = { width: (area.right - left) / this.columns, height: (area.bottom - area.top) / this.rows };
    return { area, cell, labels };
  }

  draw(plot) {
    const { area, cell, labels } = (this.at = this.layout(plot));
    this.colours = colourScale(this.range, this.measure, plot.palette);
    const hasRoom = cell.width >= LABELLED_PX.width && cell.height >= LABELLED_PX.height;
    this.isWritten = hasRoom && this.columns * this.rows <= LABELLED_MAX;
    for (const one of this.cells.values()) this.drawCell(plot, one);
    this.drawLabels(plot, area, cell, labels);
    if (plot.hovered) this.outline(plot, plot.hovered.cell.key, 1.5);
    this.mark(plot, this.study.plateau, [4, 3]);
    this.mark(plot, this.study.best, []);
  }

  /** The corner of a cell; rows run upwards, as numbers do. */
  corner(key) {
    const { area, cell } = this.at;
    const row = Math.floor(key / this.columns);
    return [area.left + (key % this.columns) * cell.width, area.bottom - (row + 1) * cell.height];
  }

  drawCell(plot, { key, value, state }) {
    const { context, palette } = plot;
    const { width, height } = this.at.cell;
    const [x, y] = this.corner(key);
    const gap = Math.min(width, height) > 7 ? 1 : 0;
    const box = [x, y, Math.max(0.6, width - gap), Math.max(0.6, height - gap)];
    if (Number.isFinite(value)) {
      // What may not be best has its colour too, but faintly.
      context.globalAlpha = state === "done" ? 1 : 0.35;
      context.fillStyle = this.colours.colour(value);
      // Cells without a gap overlap by a hair: else the paper shines through between them.
      context.fillRect(box[0], box[1], box[2] + (gap ? 0 : 0.5), box[3] + (gap ? 0 : 0.5));
      context.globalAlpha = 1;
    }
    if (state !== "done") drawState(plot, state, box, palette, !Number.isFinite(value));
    else if (this.isWritten) this.write(plot, value, box);
  }

  write(plot, value, [x, y, width, height]) {
    const [red, green, blue] = channels(this.colours.colour(value));
    const isLight = 0.299 * red + 0.587 * green + 0.114 * blue > 140;
    const colour = isLight ? "on-light" : "on-dark";
    plot.text(this.measure.text(value), x + width / 2, y + height / 2 + 0.5, { align: "center", colour });
  }

  drawLabels(plot, area, cell, labels) {
    const { across, up } = this;
    const acrossLabels = across.values.map(valueText);
    const widest = Math.max(...acrossLabels.map((label) => plot.measure(label))) + 12;
    for (const i of everyFit(this.columns, cell.width, widest)) {
      plot.text(acrossLabels[i], area.left + (i + 0.5) * cell.width, area.bottom + 8, { align: "center", base: "top" });
    }
    for (const i of everyFit(this.rows, cell.height, 16)) {
      plot.text(labels[i], area.left - 8, area.bottom - (i + 0.5) * cell.height, { align: "right" });
    }
    plot.text(`${across.name} →`, area.right, area.bottom + 27, { align: "right", base: "top", colour: "ink" });
    plot.text(`↑ ${up.name}`, area.left, area.top - 14, { colour: "ink" });
  }

  outline(plot, key, width, dash = []) {
    const { context, palette } = plot;
    const { cell } = this.at;
    const [x, y] = this.corner(key);
    const grow = Math.max(0, 5 - Math.min(cell.width, cell.height) / 2);
    const box = [x - grow, y - grow, cell.width + 2 * grow, cell.height + 2 * grow];
    context.lineWidth = width + 2.5;
    context.strokeStyle = palette.paper;
    context.strokeRect(...box);
    context.lineWidth = width;
    context.strokeStyle = palette.ink;
    context.setLineDash(dash);
    context.strokeRect(...box);
    context.setLineDash([]);
    context.lineWidth = 1;
  }

  mark(plot, trial, dash) {
    if (trial === null || !this.keeps(trial)) return;
    this.outline(plot, this.up.codes[trial] * this.columns + this.across.codes[trial], 2, dash);
  }

  hit(x, y) {
    const { area, cell } = this.at;
    if (x < area.left || x >= area.right || y < area.top || y >= area.bottom) return null;
    const column = Math.floor((x - area.left) / cell.width);
    const row = Math.floor((area.bottom - y) / cell.height);
    return this.hitOf(row * this.columns + column);
  }

  hitOf(key) {
    const cell = this.cells.get(key);
    if (!cell) return null;
    const [x, y] = this.corner(key);
    return { key, cell, x: x + this.at.cell.width / 2, y: y + this.at.cell.height / 2 };
  }

  /** The next cell from another in a direction, over cells that were not run. */
  walk(from, right, up) {
    if (!from) return this.hitOf(this.startKey());
    let [column, row] = [from.key % this.columns, Math.floor(from.key / this.columns)];
    for (;;) {
      column += right;
      row += up;
      if (column < 0 || column >= this.columns || row < 0 || row >= this.rows) return from;
      const hit = this.hitOf(row * this.columns + column);
      if (hit) return hit;
    }
  }

  startKey() {
    const { best } = this.study;
    const key = best === null ? NaN : this.up.codes[best] * this.columns + this.across.codes[best];
    return this.cells.has(key) ? key : this.cells.keys().next().value;
  }

  tip({ cell }) {
    const { study, measures, measure } = this;
    const more = [];
    if (cell.count > 1) {
      const of = `of ${fixed(cell.count, 0)} trials here`;
      const said = this.among === "median" && cell.state === "done" ? `Median ${measure.title}: ${measure.text(cell.value)}, ` : "Best ";
      more.push(element("p", { textContent: said + of }));
    }
    if (cell.state === "unscored") more.push(element("p", { textContent: "It may not be best: it breaks a constraint, or has no score." }));
    return cell.best < 0 ? this.wholeTip(cell, more) : trialTip(study, measures, cell.best, more);
  }

  /** What is said of a cell whose trials are not on the page. */
  wholeTip({ parameters, value }, more) {
    const pairs = [...parameters, [this.measure.title, this.measure.text(value)]];
    const rows = pairs.flatMap(([name, text]) => [element("dt", { textContent: name }), element("dd", { textContent: text })]);
    return [element("dl", {}, ...rows), ...more, element("p", { textContent: "Its trials are not on this page." })];
  }
}

/** How a trial without a value looks: refused is hatched, failed is crossed, no score is a dot. */
function drawState(plot, state, [x, y, width, height], palette, isBare = true) {
  const { context } = plot;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.fillStyle = isBare ? palette.raised : palette.clear;
  context.fillRect(x, y, width, height);
  context.strokeStyle = palette.muted;
  context.globalAlpha = 0.75;
  context.beginPath();
  if (state === "refused") {
    for (let at = -height + 3; at < width; at += 5) {
      context.moveTo(x + at, y + height);
      context.lineTo(x + at + height, y);
    }
  } else if (state === "failed") {
    const size = Math.min(width, height) * 0.3;
    const [middle, centre] = [x + width / 2, y + height / 2];
    context.moveTo(middle - size, centre - size);
    context.lineTo(middle + size, centre + size);
    context.moveTo(middle + size, centre - size);
    context.lineTo(middle - size, centre + size);
  } else {
    context.arc(x + width / 2, y + height / 2, clamp(Math.min(width, height) * 0.07, 0.7, 1.6), 0, 2 * Math.PI);
    context.fillStyle = palette.muted;
    context.fill();
  }
  context.stroke();
  context.restore();
}
