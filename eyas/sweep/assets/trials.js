// The list of trials: sorts by a click on a heading, filters, shows the columns that are wanted, is saved as CSV.

const ROWS_PER_PAGE = 25;
const ROWS_PRINTED_MAX = 200;
const COLUMNS_FIRST = ["number", "sharpe", "total_return", "annual_return", "max_drawdown", "trades", "win_rate", "profit_factor"];

function columnsOf(study, measures) {
  const number = {
    name: "number", title: "Trial", isNumeric: true, isExact: true,
    key: (trial) => study.numbers[trial], text: (trial) => fixed(study.numbers[trial], 0),
  };
  const parameters = study.axes.map((axis) => ({
    name: axis.name, title: axis.name, isNumeric: axis.isNumber, isWord: !axis.isNumber, isExact: true, isFirst: true,
    key: axis.value, text: axis.text,
  }));
  const figures = measures.map((measure) => ({
    name: measure.name, title: measure.title, isNumeric: true, isFirst: measure.isAim, isExact: measure.name.startsWith("score"),
    centre: measure.centre, falls: measure.falls,
    key: (trial) => (study.isDone(trial) ? measure.values[trial] : NaN),
    text: (trial) => (study.isDone(trial) ? measure.text(measure.values[trial]) : NOTHING),
  }));
  const state = {
    name: "status", title: "Status", isWord: true,
    key: (trial) => STATES[study.status[trial]], text: (trial) => STATES[study.status[trial]],
  };
  const digest = { name: "digest", title: "Digest", isWord: true, key: study.digest, text: study.digest };
  const reason = { name: "reason", title: "Why", isWord: true, key: study.reason, text: study.reason };
  return [number, ...parameters, ...figures, state, digest, reason];
}

class TrialList {
  constructor(host, study, measures, onChoose) {
    Object.assign(this, { host, study, onChoose, start: 0, selected: -1, ranges: null });
    this.find = (name) => host.querySelector(`[data-part=${name}]`);
    this.columns = columnsOf(study, measures);
    const states = new Set(study.status);
    this.shown = new Set(this.columns.filter((one) => one.isFirst || COLUMNS_FIRST.includes(one.name)).map(({ name }) => name));
    if (states.size > 1 || !states.has(DONE)) ["status", "reason"].forEach((name) => this.shown.add(name));
    const score = { name: "score", key: (trial) => study.scores[trial] };
    this.sorting = { column: score, falling: true };
    this.sortedHeading = this.columns.find(({ name }) => name === measures[0].name);
    const example = study.varied.find(({ isNumber }) => isNumber);
    this.find("filter").placeholder = `${example ? `${example.name} < ${valueText(example.values.at(-1))}, ` : ""}trades >= 30, max_drawdown < 20%`;
    fillSelect(this.find("status"), [["", "all"], ...[...states].sort().map((one) => [STATES[one], STATES[one]])], "");
    this.find("status").closest("label").hidden = states.size < 2;
    this.fillMenu();
    this.listen();
    this.drawHead();
    this.refresh();
  }

  fillMenu() {
    this.find("columns").replaceChildren(...this.columns.map(({ name, title }) => {
      const box = element("input", { type: "checkbox", checked: this.shown.has(name) });
      box.addEventListener("change", () => {
        if (box.checked) this.shown.add(name);
        else this.shown.delete(name);
        this.drawHead();
        this.drawRows();
      });
      return element("label", {}, box, title);
    }));
  }

  listen() {
    this.find("status").addEventListener("change", () => this.refresh());
    this.find("filter").addEventListener("input", () => this.refresh());
    this.find("earlier").addEventListener("click", () => this.turn(-ROWS_PER_PAGE));
    this.find("later").addEventListener("click", () => this.turn(ROWS_PER_PAGE));
    this.find("csv").addEventListener("click", () => this.save());
    this.find("body").addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row) this.onChoose(Number(row.dataset.trial));
    });
  }

  visible() {
    return this.columns.filter(({ name }) => this.shown.has(name));
  }

  drawHead() {
    this.find("head").replaceChildren(...this.visible().map((column) => {
      const isDefined = column.name in this.study.definitions;
      const button = element("button", { type: "button", textContent: column.title, title: isDefined ? "" : column.name });
      if (isDefined) button.dataset.figure = column.name;
      button.addEventListener("click", () => this.sortBy(column));
      const heading = element("th", { scope: "col", className: column.isNumeric ? "number" : "" }, button);
      if (column === this.sortedHeading) heading.ariaSort = this.sorting.falling ? "descending" : "ascending";
      return heading;
    }));
  }

  /** The best first: what is better when it is less begins with the least, all other figures with the most. */
  sortBy(column) {
    const again = this.sortedHeading === column;
    const begins = column.isNumeric && "centre" in column && !column.falls;
    this.sorting = { column, falling: again ? !this.sorting.falling : begins };
    this.sortedHeading = column;
    this.drawHead();
    this.refresh();
  }

  wanted() {
    const field = this.find("filter");
    const said = this.find("filter-said");
    try {
      const test = filterOf(field.value, this.columns);
      said.textContent = "";
      field.ariaInvalid = "false";
      return test;
    } catch (error) {
      said.textContent = error.message;
      field.ariaInvalid = "true";
      return () => true;
    }
  }

  /** Choose and order the trials again, from the first page. */
  refresh() {
    const { study } = this;
    const test = this.wanted();
    const state = this.find("status").value;
    this.order = Array.from({ length: study.count }, (_, trial) => trial).filter((trial) =>
      (!state || STATES[study.status[trial]] === state) && (!this.ranges || this.ranges.has(trial)) && test(trial));
    this.order.sort(compareBy(this.sorting.column.key, this.sorting.falling));
    this.start = 0;
    this.drawRows();
  }

  turn(rows) {
    this.start = Math.max(0, this.start + rows);
    this.drawRows();
  }

  drawRows(count = ROWS_PER_PAGE) {
    const rows = this.order.slice(this.start, this.start + count);
    const columns = this.visible();
    this.find("body").replaceChildren(...rows.map((trial) => this.row(trial, columns)));
    this.find("earlier").disabled = this.start === 0;
    this.find("later").disabled = this.start + count >= this.order.length;
    const [matching, all] = [this.order.length, this.study.count];
    const range = `${fixed(this.start + 1, 0)}–${fixed(this.start + rows.length, 0)} of ${fixed(matching, 0)}`;
    this.find("count").textContent = !matching
      ? "No trial matches." : matching === all ? `${range} trials` : `${range} matching, ${fixed(all, 0)} in all`;
  }

  row(trial, columns) {
    const cells = columns.map((column, place) => {
      const text = column.text(trial);
      const content = place === 0 ? element("button", { type: "button", textContent: text, title: "Show this trial above" }) : text;
      const value = column.centre === undefined ? NaN : column.key(trial) - column.centre;
      const tone = value > 0 ? "gain" : value < 0 ? "loss" : "";
      const mark = column.name === "number" && trial === this.study.best ? [" ★"] : [];
      return element("td", { className: `${column.isNumeric ? "number" : ""} ${tone}`.trim() }, content, ...mark);
    });
    const made = element("tr", { className: trial === this.selected ? "selected" : "" }, ...cells);
    made.dataset.trial = trial;
    return made;
  }

  /** Mark a trial; the list stays where it is, unless it has the trial on another page. */
  select(trial) {
    this.selected = trial;
    const place = this.order.indexOf(trial);
    if (place >= 0 && (place < this.start || place >= this.start + ROWS_PER_PAGE)) {
      this.start = place - (place % ROWS_PER_PAGE);
    }
    this.drawRows();
  }

  keepOnly(ranges) {
    this.ranges = ranges;
    this.refresh();
  }

  /** All columns of the trials that match, in their present order; numbers as they are. */
  csv() {
    const quoted = (value) => {
      const text = typeof value === "number" ? (Number.isFinite(value) ? numberText(value) : "") : String(value);
      return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const numberText = (value) => String(Math.fround(value) === value ? Number(value.toPrecision(7)) : value);
    const rows = this.order.map((trial) => this.columns.map(({ key }) => quoted(key(trial))).join(","));
    return `${[this.columns.map(({ name }) => name).join(","), ...rows].join("\n")}\n`;
  }

  save() {
    const address = URL.createObjectURL(new Blob([this.csv()], { type: "text/csv" }));
    element("a", { href: address, download: "trials.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  drawForPrint() {
    const kept = this.start;
    this.start = 0;
    this.drawRows(ROWS_PRINTED_MAX);
    this.start = kept;
  }
}
