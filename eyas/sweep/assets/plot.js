// A canvas that fits its place, is drawn again when that or the theme changes, and tells what lies under the pointer.

const FONT_PX = 12;
const TIP_GAP_PX = 14;

class Plot {
  /**
   * `view` has height(width), draw(plot) and, if the pointer means something, hit(x, y) → something or null,
   * tip(hit) → elements, and choose(hit).
   */
  constructor(host, view, label) {
    this.host = host;
    this.view = view;
    this.canvas = element("canvas", { tabIndex: view.hit ? 0 : -1, role: "img", ariaLabel: label });
    this.tip = element("div", { className: "tip", hidden: true });
    host.replaceChildren(this.canvas, this.tip);
    this.context = this.canvas.getContext("2d");
    this.hovered = null;
    this.width = 0;
    this.paint();
    // In a frame of its own: what an observer changes at once, it would have to observe again.
    new ResizeObserver(() => requestAnimationFrame(() => host.clientWidth !== this.width && this.paint())).observe(host);
    if (view.hit) this.listen();
  }

  paint() {
    this.palette = readPalette(PLOT_COLOURS);
    this.width = this.host.clientWidth;
    this.height = this.view.height(this.width);
    const ratio = Math.max(1, devicePixelRatio || 1);
    Object.assign(this.canvas, { width: Math.round(this.width * ratio), height: Math.round(this.height * ratio) });
    Object.assign(this.canvas.style, { width: `${this.width}px`, height: `${this.height}px` });
    this.ratio = ratio;
    this.redraw();
  }

  /** Draw again in the next frame, once however often it is asked. */
  later() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = undefined;
      this.redraw();
    });
  }

  redraw() {
    const { context } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `${FONT_PX}px ${this.palette.font}`;
    context.lineWidth = 1;
    this.view.draw(this);
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerleave", () => this.hover(null));
    canvas.addEventListener("click", (event) => {
      const hit = this.view.hit(event.offsetX, event.offsetY);
      if (hit) this.view.choose?.(hit);
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /** Arrows walk from one mark to the next, Enter chooses it. */
  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.key === "Enter" && this.hovered) this.view.choose?.(this.hovered);
    if (!step || !this.view.walk) return;
    event.preventDefault();
    const hit = this.view.walk(this.hovered, ...step);
    if (hit) this.hover(hit, hit.x, hit.y);
  }

  point({ offsetX, offsetY }) {
    this.hover(this.view.hit(offsetX, offsetY), offsetX, offsetY);
  }

  hover(hit, x = 0, y = 0) {
    this.tip.hidden = !hit;
    this.canvas.style.cursor = hit && this.view.choose ? "pointer" : "";
    if (hit) {
      this.tip.replaceChildren(...this.view.tip(hit));
      const { offsetWidth: width, offsetHeight: height } = this.tip;
      const right = x + TIP_GAP_PX + width <= this.width;
      this.tip.style.left = `${right ? x + TIP_GAP_PX : Math.max(0, x - TIP_GAP_PX - width)}px`;
      this.tip.style.top = `${clamp(y - height / 2, 0, Math.max(0, this.height - height))}px`;
    }
    if (hit?.key !== this.hovered?.key) {
      this.hovered = hit;
      this.later();
    }
  }

  text(words, x, y, { align = "left", base = "middle", colour = "muted", weight = "" } = {}) {
    const { context } = this;
    Object.assign(context, { textAlign: align, textBaseline: base, fillStyle: this.palette[colour] });
    context.font = `${weight} ${FONT_PX}px ${this.palette.font}`.trim();
    context.fillText(words, x, y);
  }

  line(x1, y1, x2, y2, colour, dash = []) {
    const { context } = this;
    context.strokeStyle = colour;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
    context.setLineDash([]);
  }

  measure(words) {
    return this.context.measureText(words).width;
  }

  /** A frame with round numbers below and at the left; returns where its area lies. */
  frame(area, across, up, titles) {
    const { left, right, top, bottom } = area;
    across.labels.forEach((label, i) => {
      const x = across.scale(across.ticks[i]);
      this.line(x, top, x, bottom, this.palette.grid);
      this.text(label, x, bottom + 8, { align: "center", base: "top" });
    });
    up.labels.forEach((label, i) => {
      const y = up.scale(up.ticks[i]);
      this.line(left, y, right, y, this.palette.grid);
      this.text(label, left - 8, y, { align: "right" });
    });
    this.text(titles.across, right, bottom + 26, { align: "right", base: "top", colour: "ink" });
    this.text(titles.up, left, top - 16, { base: "middle", colour: "ink" });
  }

  dot(x, y, size, fill, ring) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    if (fill) Object.assign(context, { fillStyle: fill }).fill();
    if (ring) Object.assign(context, { strokeStyle: ring }).stroke();
  }
}

/** The marks of an axis of values: round numbers for a measure. */
function ticksOf(scale, measure, about) {
  const ticks = roundTicks(scale.low, scale.high, about);
  return { scale, ticks, labels: tickLabels(ticks, measure) };
}

/** What is said of one trial when the pointer rests on it. */
function trialTip(study, measures, trial, more = []) {
  const pairs = [];
  const add = (name, text) => pairs.push(element("dt", { textContent: name }), element("dd", { textContent: text }));
  study.axes.forEach((axis) => add(axis.name, axis.text(trial)));
  const shown = [measures[0], ...measures.slice(1).filter(({ name, isAim }) => isAim || FIRST.includes(name))];
  if (study.isDone(trial)) shown.forEach(({ title, text, values }) => add(title, text(values[trial])));
  const title = `Trial ${fixed(study.numbers[trial], 0)}${study.isDone(trial) ? "" : `, ${STATES[study.status[trial]]}`}`;
  const reason = study.reason(trial);
  return [
    element("b", { textContent: title }),
    element("dl", {}, ...pairs),
    ...(reason ? [element("p", { textContent: reason })] : []),
    ...more,
  ];
}
