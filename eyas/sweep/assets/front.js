// Several objectives at once: every trial by two of them, and those that no other beats in everything.

class FrontView extends PointsView {
  /** `across` and `up` are objectives; `isWhole` says that there are no others, so that the front is a line here. */
  constructor(study, measures, { across, up, isWhole }, onChoose) {
    super(study, measures, { across, up, measure: across, keeps: () => true }, onChoose);
    this.isWhole = isWhole;
    this.trials.sort((a, b) => study.front.has(a) - study.front.has(b));
    this.stops = this.trials.filter((trial) => study.front.has(trial));
  }

  /** All of the front is to be seen, however far it is from the others. */
  along(one, from, to) {
    const range = rangeOf(this.trials.map((trial) => one.values[trial]));
    const seen = this.stops.map((trial) => one.values[trial]);
    return alongMeasure(one, { ...range, low: Math.min(range.low, ...seen), high: Math.max(range.high, ...seen) }, from, to);
  }

  titles() {
    const way = ({ title, rises }) => `${title}, ${rises ? "more" : "less"} is better`;
    return { across: `${way(this.across)} →`, up: `↑ ${way(this.up)}` };
  }

  /** What the front leaves behind: between two of its trials the worse of both, either way. */
  before(plot, { x, y }) {
    if (!this.isWhole || this.stops.length < 2) return;
    const spots = this.stops.map((trial) => [x.place(trial), y.place(trial)]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    // Places run to the right and downwards.
    const worse = [this.across.rises ? Math.min : Math.max, this.up.rises ? Math.max : Math.min];
    const { context, palette } = plot;
    context.beginPath();
    spots.forEach(([left, top], i) => {
      if (i) context.lineTo(worse[0](left, spots[i - 1][0]), worse[1](top, spots[i - 1][1]));
      context.lineTo(left, top);
    });
    Object.assign(context, { strokeStyle: palette.muted, lineWidth: 1.5, lineJoin: "round" });
    context.stroke();
    context.lineWidth = 1;
  }

  drawTrial(plot, trial, x, y) {
    const { context, palette } = plot;
    const isAhead = this.study.front.has(trial);
    context.globalAlpha = isAhead ? 1 : Number.isNaN(this.study.scores[trial]) ? 0.25 : 0.6;
    if (isAhead) plot.dot(x, y, Math.max(4.5, this.size + 1), palette["map-plain-3"], palette.paper);
    else plot.dot(x, y, this.size, palette.line, this.size > 2 ? palette.muted : null);
  }
}

class FrontPanel {
  constructor(host, study, measures, onChoose) {
    Object.assign(this, { host, study, measures, onChoose, aims: measures.filter(({ isAim }) => isAim) });
    this.find = (name) => host.querySelector(`[data-part=${name}]`);
    host.hidden = false;
    const names = this.aims.map(({ name, title }) => [name, title]);
    [["x", 0], ["y", 1]].forEach(([name, place]) => {
      fillSelect(this.find(name), names, names[place][0]);
      this.find(name).addEventListener("change", () => this.change(name));
    });
    this.find("tools").hidden = names.length < 3;
    this.refresh();
  }

  /** The same objective twice says nothing: the other one takes the place that has become free. */
  change(name) {
    const [x, y] = [this.find("x"), this.find("y")];
    if (x.value === y.value) (name === "x" ? y : x).value = this.before[name];
    this.refresh();
  }

  refresh() {
    const { study, aims } = this;
    const [across, up] = ["x", "y"].map((name) => aims.find((one) => one.name === this.find(name).value));
    this.before = { x: across.name, y: up.name };
    const view = new FrontView(study, this.measures, { across, up, isWhole: aims.length === 2 }, this.onChoose);
    if (this.plot) Object.assign(this.plot, { view, hovered: null }).paint();
    else this.plot = new Plot(this.find("plot"), view, "The trials by two objectives, and those that no other beats in everything");
    this.explain(view);
  }

  explain({ stops, trials }) {
    const { study, aims } = this;
    const several = study.front.size !== 1;
    const said = [
      `${fixed(study.front.size, 0)} of ${fixed(study.count, 0)} trials ${several ? "are" : "is"} on the front: `
        + "no other is at least as good in everything and better in something.",
    ];
    if (aims.length > 2) said.push("With more than two objectives some of them lie behind others here: they are ahead in a third.");
    if (stops.length < study.front.size) said.push("Those without a finite number for both are not drawn.");
    if (trials.some((trial) => Number.isNaN(study.scores[trial]))) said.push("A faint one may not be best: it breaks a constraint, and is not counted among the others.");
    if (!trials.length) said.push("No trial has one for both.");
    const advice = element("span", { className: "screen-only", textContent: "Choose one to see it above." });
    this.find("caption").replaceChildren(`${said.join(" ")} `, advice);
  }

  paint() {
    this.plot.paint();
  }
}
