// Every trial as a line over all parameters and some figures; a range drawn on an axis keeps the lines through it.

const GRIP_PX = 14;
const CLICK_PX = 3;
const AXIS_PX = 60;

class ParallelView {
  constructor(study, measures, onChoose, onRanges) {
    Object.assign(this, { study, measures, onRanges, choose: ({ trial }) => onChoose(trial) });
    this.ranges = new Map();
    this.trials = Array.from({ length: study.count }, (_, trial) => trial).filter((trial) => study.isDone(trial));
    this.trials.sort((a, b) => study.scores[a] - study.scores[b] || 0);
    this.colouring = measures[0];
    this.range = rangeOf(this.trials.map((trial) => this.colouring.values[trial]));
  }

  /** Which parameters and measures have an axis; ranges on axes that go are given up. */
  show(columns) {
    this.columns = columns.map((one) => ({ ...one, range: one.codes ? null : rangeOf(this.trials.map((trial) => one.values[trial])) }));
    for (const name of [...this.ranges.keys()]) {
      if (!columns.some((one) => one.name === name)) this.ranges.delete(name);
    }
    this.selectAgain();
  }

  height() {
    return 360;
  }

  layout(plot) {
    const [top, bottom] = [46, plot.height - 26];
    const left = Math.min(70, plot.width * 0.11);
    const right = plot.width - left;
    const step = (right - left) / Math.max(1, this.columns.length - 1);
    const axes = this.columns.map((column, i) => {
      const along = column.codes ? alongAxis(column, bottom - 8, top + 8) : alongMeasure(column, column.range, bottom, top);
      return { column, x: this.columns.length > 1 ? left + i * step : plot.width / 2, ...along };
    });
    // Where each line crosses each axis, once for a drawing and for every look for what is near.
    for (const axis of axes) {
      axis.places = Float32Array.from(this.trials, (trial) => (axis.column.codes || Number.isFinite(axis.column.values[trial]) ? axis.place(trial) : bottom));
    }
    return { top, bottom, axes, step };
  }

  draw(plot) {
    if (this.at?.width !== plot.width || this.at.columns !== this.columns) {
      this.at = { ...this.layout(plot), width: plot.width, columns: this.columns };
    }
    const { context, palette } = plot;
    this.colours = colourScale(this.range, this.colouring, palette);
    const isDrawn = (trial) => this.isSelected(trial) && Number.isFinite(this.colouring.values[trial]);
    const kept = this.trials.map((trial, row) => [trial, row]).filter(([trial]) => isDrawn(trial));
    const alpha = clamp(60 / Math.sqrt(Math.max(1, kept.length)) / 8, 0.12, 0.85);
    context.lineJoin = "round";
    if (kept.length < this.trials.length) {
      context.strokeStyle = palette.line;
      context.globalAlpha = 0.35;
      this.trials.forEach((trial, row) => isDrawn(trial) || this.trace(context, row));
    }
    context.globalAlpha = alpha;
    for (const [trial, row] of kept) {
      context.strokeStyle = this.colours.colour(this.colouring.values[trial]);
      this.trace(context, row);
    }
    context.globalAlpha = 1;
    this.highlight(plot, this.study.best, 2.5);
    if (plot.hovered?.trial >= 0) this.highlight(plot, plot.hovered.trial, 2);
    this.at.axes.forEach((axis, i) => this.drawAxis(plot, axis, i));
  }

  trace(context, row) {
    context.beginPath();
    for (const { x, places } of this.at.axes) context.lineTo(x, places[row]);
    context.stroke();
  }

  highlight(plot, trial, width) {
    const row = trial === null ? -1 : this.trials.indexOf(trial);
    if (row < 0) return;
    const { context, palette } = plot;
    Object.assign(context, { strokeStyle: palette.paper, lineWidth: width + 3 });
    this.trace(context, row);
    Object.assign(context, { strokeStyle: palette.ink, lineWidth: width });
    this.trace(context, row);
    context.lineWidth = 1;
  }

  drawAxis(plot, { column, x, scale, ticks, labels }, place) {
    const { context, palette } = plot;
    const { top, bottom } = this.at;
    const isLast = place === this.at.axes.length - 1;
    const side = isLast ? 1 : -1;
    plot.line(x, top, x, bottom, palette.muted);
    const align = place === 0 ? "left" : isLast ? "right" : "center";
    const room = Math.max(40, this.at.step - 10);
    const start = place === 0 ? 2 : isLast ? plot.width - 2 : x;
    wrapped(plot, column.title, room).forEach((line, i, all) =>
      plot.text(line, start, 30 - (all.length - 1 - i) * 14, { align, colour: "ink" }));
    const skip = Math.ceil(ticks.length / 12);
    ticks.forEach((tick, i) => {
      if (i % skip || scale(tick) < top - 2 || scale(tick) > bottom + 2) return;
      const width = plot.measure(labels[i]);
      context.fillStyle = palette.paper;
      context.globalAlpha = 0.78;
      context.fillRect(x + (side > 0 ? 5 : -width - 9), scale(tick) - 7, width + 4, 14);
      context.globalAlpha = 1;
      plot.text(labels[i], x + side * 7, scale(tick), { align: side > 0 ? "left" : "right" });
    });
    const range = this.ranges.get(column.name);
    if (range) this.drawRange(plot, x, range);
  }

  drawRange(plot, x, [from, to]) {
    const { context, palette } = plot;
    context.globalAlpha = 0.2;
    context.fillStyle = palette.ink;
    context.fillRect(x - 7, from, 14, to - from);
    context.globalAlpha = 1;
    context.strokeStyle = palette.ink;
    context.strokeRect(x - 7, from, 14, to - from);
  }

  isSelected(trial) {
    return !this.selected || this.selected.has(trial);
  }

  /** Which trials go through every range, or null when there is none. */
  selectAgain() {
    const axes = this.at?.axes.filter(({ column }) => this.ranges.has(column.name)) ?? [];
    this.selected = axes.length
      ? new Set(this.trials.filter((_, row) => axes.every(({ column, places }) => {
          const [from, to] = this.ranges.get(column.name);
          return places[row] >= from && places[row] <= to;
        })))
      : null;
    this.onRanges(this.selected);
  }

  axisNear(x) {
    return this.at.axes.find((axis) => Math.abs(axis.x - x) <= GRIP_PX);
  }

  hit(x, y) {
    const { axes, top, bottom } = this.at;
    if (y < top - 6 || y > bottom + 6) return null;
    const after = axes.findIndex((axis) => axis.x >= x);
    const [left, right] = after > 0 ? [axes[after - 1], axes[after]] : [axes[0], axes[0]];
    const share = right.x > left.x ? clamp((x - left.x) / (right.x - left.x), 0, 1) : 0;
    let [nearest, least] = [-1, 8];
    this.trials.forEach((trial, row) => {
      const far = Math.abs(left.places[row] + (right.places[row] - left.places[row]) * share - y);
      if (far <= least && this.isSelected(trial)) [nearest, least] = [trial, far];
    });
    return nearest < 0 ? null : { key: nearest, trial: nearest };
  }

  tip({ trial }) {
    return trialTip(this.study, this.measures, trial);
  }
}

/** A title on two lines at most where it has too little room on one. */
function wrapped(plot, words, room) {
  if (plot.measure(words) <= room) return [words];
  const pieces = words.split(" ");
  const middle = Math.ceil(pieces.length / 2);
  return pieces.length > 1 ? [pieces.slice(0, middle).join(" "), pieces.slice(middle).join(" ")] : [words];
}

class Parallel {
  constructor(host, study, measures, onChoose, onRanges) {
    Object.assign(this, { study, measures });
    this.find = (name) => host.querySelector(`[data-part=${name}]`);
    host.hidden = false;
    const shown = [measures[0], ...measures.slice(1).filter(({ name, isAim }) => isAim || FIRST.includes(name))];
    // On a narrow screen only as many figures as there is room for; the menu has the others.
    const room = Math.floor(host.clientWidth / AXIS_PX) - study.varied.length;
    this.shown = new Set([...study.varied, ...shown.slice(0, Math.max(1, room))].map(({ name }) => name));
    this.view = new ParallelView(study, measures, (trial) => this.dragged || onChoose(trial), (selected) => {
      this.find("clear").disabled = !selected;
      this.find("caption").replaceChildren(...this.caption(selected));
      onRanges(selected);
    });
    this.view.show(this.columns());
    this.plot = new Plot(this.find("plot"), this.view, "Every trial as a line over parameters and figures");
    this.fillMenu();
    this.listen();
  }

  columns() {
    return [...this.study.varied, ...this.measures].filter(({ name }) => this.shown.has(name));
  }

  caption(selected) {
    const said = `Each line is a trial, coloured by its ${this.measures[0].title}; the best is drawn in full. `;
    if (!selected) return [said, element("span", { className: "screen-only", textContent: "Drag along an axis to keep the trials in that range." })];
    const kept = `${fixed(selected.size, 0)} of ${fixed(this.view.trials.length, 0)} go through every range`;
    return [`${said}${kept}; the list below shows only them. A click on an axis takes its range away.`];
  }

  fillMenu() {
    const all = [...this.study.varied, ...this.measures];
    this.find("axes").replaceChildren(...all.map(({ name, title }) => {
      const box = element("input", { type: "checkbox", checked: this.shown.has(name) });
      box.addEventListener("change", () => {
        if (box.checked) this.shown.add(name);
        else this.shown.delete(name);
        this.view.show(this.columns());
        this.plot.redraw();
      });
      return element("label", {}, box, title);
    }));
  }

  listen() {
    const { canvas } = this.plot;
    canvas.addEventListener("pointerdown", (event) => {
      this.dragged = false;
      const axis = this.view.axisNear(event.offsetX);
      if (!axis) return;
      this.drag = { name: axis.column.name, from: event.offsetY };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.drag) {
        canvas.style.cursor = this.view.axisNear(event.offsetX) ? "ns-resize" : canvas.style.cursor;
        return;
      }
      if (Math.abs(event.offsetY - this.drag.from) < CLICK_PX) return;
      this.dragged = true;
      this.setRange(this.drag.name, [this.drag.from, event.offsetY].sort((a, b) => a - b));
    });
    canvas.addEventListener("pointerup", () => {
      if (this.drag && !this.dragged && this.view.ranges.has(this.drag.name)) {
        this.dragged = true;
        this.setRange(this.drag.name, null);
      }
      this.drag = null;
    });
    this.find("clear").addEventListener("click", () => {
      this.view.ranges.clear();
      this.view.selectAgain();
      this.plot.redraw();
    });
  }

  setRange(name, range) {
    if (range) this.view.ranges.set(name, range);
    else this.view.ranges.delete(name);
    this.view.selectAgain();
    this.plot.later();
  }
}
