// The section of the map: what is chosen across, up and as colour, the sliders, the scale below.

const RAMP = { width: 160, height: 10 };

function fillSelect(select, choices, chosen) {
  select.replaceChildren(...choices.map(([value, textContent]) => element("option", { value, textContent })));
  select.value = chosen;
}

class MapPanel {
  constructor(host, study, measures, onChoose) {
    Object.assign(this, { host, study, measures, onChoose });
    this.find = (name) => host.querySelector(`[data-part=${name}]`);
    host.hidden = false;
    const axes = study.varied.map(({ name }) => [name, name]);
    const [x, y] = widestTwo(study.varied);
    fillSelect(this.find("x"), axes, x.name);
    fillSelect(this.find("y"), [...axes, ["", "the figure itself"]], y?.name ?? "");
    fillSelect(this.find("measure"), measures.map(({ name, title }) => [name, title]), measures[0].name);
    this.slice = new Map(study.varied.map((axis) => [axis.name, study.best === null ? 0 : axis.codes[study.best]]));
    for (const name of ["x", "y", "measure", "among"]) {
      this.find(name).addEventListener("change", () => this.change(name));
    }
    this.plot = null;
    this.refresh();
  }

  /** The same parameter twice says nothing: the other one takes the place that has become free. */
  change(name) {
    const [x, y] = [this.find("x"), this.find("y")];
    if (x.value === y.value) (name === "x" ? y : x).value = this.before[name];
    this.refresh();
  }

  refresh() {
    const { study } = this;
    const value = (name) => this.find(name).value;
    const named = (name) => study.varied.find((axis) => axis.name === name);
    const across = named(value("x"));
    const measure = this.measures.find(({ name }) => name === value("measure"));
    const up = named(value("y")) ?? measure;
    this.before = { x: value("x"), y: value("y") };
    const others = study.varied.filter((axis) => axis !== across && axis !== up);
    this.find("among-box").hidden = !others.length;
    if (!others.length) this.find("among").value = "best";
    const among = value("among");
    this.showSliders(among === "slice" ? others : []);
    const keeps = (trial) => among !== "slice" || others.every(({ name, codes }) => codes[trial] === this.slice.get(name));
    const state = { across, up, measure, among, keeps };
    const Kind = !up.codes ? CurveView : isGrid(study, across, up) ? GridView : PointsView;
    this.view = new Kind(study, this.measures, state, this.onChoose);
    if (this.plot) {
      Object.assign(this.plot, { view: this.view, hovered: null }).hover(null);
      this.plot.paint();
    } else {
      this.plot = new Plot(this.find("plot"), this.view, "Map of the trials over their parameters");
    }
    this.explain(state);
  }

  showSliders(axes) {
    if (axes.map(({ name }) => name).join() === this.shown) return;
    this.shown = axes.map(({ name }) => name).join();
    this.find("sliders").replaceChildren(...axes.map((axis) => this.slider(axis)));
  }

  slider(axis) {
    const output = element("output", { textContent: valueText(axis.values[this.slice.get(axis.name)]) });
    const input = element("input", { type: "range", min: 0, max: axis.values.length - 1, step: 1, value: this.slice.get(axis.name) });
    input.addEventListener("input", () => {
      this.slice.set(axis.name, Number(input.value));
      output.textContent = valueText(axis.values[Number(input.value)]);
      this.refresh();
    });
    return element("label", {}, axis.name, input, output);
  }

  paint() {
    this.plot.paint();
    this.drawScale();
  }

  /** The ramp of colours with its ends, and what the signs on the map mean. */
  drawScale() {
    const { colours } = this.view;
    const canvas = element("canvas", { ariaHidden: "true" });
    Object.assign(canvas, { width: RAMP.width * 2, height: RAMP.height * 2 });
    Object.assign(canvas.style, { width: `${RAMP.width}px`, height: `${RAMP.height}px` });
    const context = canvas.getContext("2d");
    for (let x = 0; x < canvas.width; x++) {
      context.fillStyle = colours.colour(colours.low + (x / (canvas.width - 1)) * (colours.high - colours.low));
      context.fillRect(x, 0, 1, canvas.height);
    }
    const low = `${colours.isCutLow ? "≤ " : ""}${colours.text(colours.low)}`;
    const high = `${colours.isCutHigh ? "≥ " : ""}${colours.text(colours.high)}`;
    const title = element("span", { textContent: this.view.measure.title });
    const ramp = this.view.range.isEmpty ? [] : [element("span", { className: "ramp" }, title, low, canvas, high)];
    this.find("scale").replaceChildren(...ramp, ...this.signs());
  }

  signs() {
    const { study } = this;
    const states = new Set(this.view.cells ? Array.from(this.view.cells.values(), ({ state }) => state) : []);
    const wanted = [
      [study.best !== null, "best", "best trial"],
      [study.plateau !== null && study.plateau !== study.best, "plateau", "best plateau"],
      [states.has("refused"), "refused", "refused"],
      [states.has("failed"), "failed", "failed"],
      [states.has("unscored"), "unscored", "may not be best"],
    ];
    return wanted.filter(([is]) => is).map(([, sign, words]) => element("span", { className: "mark" }, this.sign(sign), words));
  }

  sign(kind) {
    const canvas = element("canvas", { width: 32, height: 24, ariaHidden: "true" });
    Object.assign(canvas.style, { width: "16px", height: "12px" });
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    const { palette } = this.plot;
    if (kind === "best" || kind === "plateau") {
      Object.assign(context, { strokeStyle: palette.ink, lineWidth: 2 });
      context.setLineDash(kind === "plateau" ? [3, 2] : []);
      context.strokeRect(2, 1.5, 12, 9);
    } else {
      drawState({ context }, kind, [0, 0, 16, 12], palette);
    }
    return canvas;
  }

  explain({ across, up, measure, among }) {
    this.drawScale();
    const others = this.study.varied.filter((axis) => axis !== across && axis !== up).map(({ name }) => name);
    const said = [];
    if (!up.codes) said.push(`Every trial is a point; the line goes through the ${among === "median" ? "median" : "best"} of each ${across.name}.`);
    else if (!(this.view instanceof GridView)) said.push("Each trial is a point: there is no grid, or one too fine for cells. A faint one may not be best.");
    else if (others.length && among !== "slice") {
      said.push(`A cell holds all trials with its ${across.name} and ${up.name}, whatever their ${others.join(", ")}, and shows `
        + (among === "median" ? `the median of their ${measure.title}.` : `the ${measure.title} of the one with the best score.`));
    }
    const advice = element("span", { className: "screen-only", textContent: "Choose one to see it above." });
    this.find("caption").replaceChildren(said.map((sentence) => `${sentence} `).join(""), advice);
  }
}

/** The two parameters with the most values, in the order in which they were given: numbers before words. */
function widestTwo(axes) {
  const weight = (axis) => (axis.isNumber ? 1e6 : 0) + axis.values.length;
  const chosen = [...axes].sort((a, b) => weight(b) - weight(a)).slice(0, 2);
  return axes.filter((axis) => chosen.includes(axis));
}
