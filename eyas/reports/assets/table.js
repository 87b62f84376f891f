// The trade list: sorts by a click on a heading, filters, searches, and shows a page of rows at a time.

const ROWS_PER_PAGE = 25;
const ROWS_PRINTED_MAX = 1000;

class TradeList {
  constructor(root, run, onChoose) {
    this.run = run;
    this.all = tradeColumns(run);
    this.hidden = new Set(this.all.filter(({ isExtra }) => isExtra));
    this.onChoose = onChoose;
    this.sorting = { column: null, falling: false };
    this.start = 0;
    this.selected = -1;
    this.find = (name) => root.querySelector(`[data-part=${name}]`);
    this.words = [...(run.trades.symbol ? ["symbol"] : []), "direction", "exit_reason"];
    this.words.forEach((name) => this.fillChoices(name));
    this.fillChooser();
    this.listen();
    this.drawHead();
    this.refresh();
  }

  get columns() {
    return this.all.filter((column) => !this.hidden.has(column));
  }

  drawHead() {
    this.find("head").replaceChildren(...this.columns.map((column) => this.heading(column)));
  }

  heading(column) {
    const button = element("button", { type: "button", textContent: column.title });
    button.addEventListener("click", () => this.sortBy(column));
    const made = element("th", { scope: "col", className: column.numeric ? "number" : "" }, button);
    if (this.sorting.column === column) made.ariaSort = this.sorting.falling ? "descending" : "ascending";
    return made;
  }

  fillChoices(name) {
    const words = [...new Set(this.run.trades[name])].sort();
    this.find(name).append(...words.map((word) => element("option", { value: word, textContent: this.wordText(name, word) })));
  }

  wordText(name, word) {
    return name === "symbol" ? word : sentence(word);
  }

  /** A box to tick for each column; one always stays. */
  fillChooser() {
    this.find("columns").append(...this.all.map((column) => {
      const box = element("input", { type: "checkbox", checked: !this.hidden.has(column), value: column.name });
      box.addEventListener("change", () => {
        if (box.checked) this.hidden.delete(column);
        else if (this.columns.length > 1) this.hidden.add(column);
        else box.checked = true;
        this.drawHead();
        this.drawRows();
      });
      return element("label", {}, box, column.title);
    }));
    const chooser = this.find("chooser");
    // It opens to the side on which there is room.
    chooser.addEventListener("toggle", () => {
      chooser.classList.toggle("rightwards", chooser.getBoundingClientRect().left < innerWidth / 2);
    });
    addEventListener("pointerdown", (event) => {
      if (!chooser.contains(event.target)) chooser.open = false;
    });
    chooser.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      chooser.open = false;
      chooser.querySelector("summary").focus();
    });
  }

  listen() {
    for (const name of [...this.words, "result"]) {
      this.find(name).addEventListener("change", () => this.refresh());
    }
    this.find("search").addEventListener("input", () => this.refresh());
    this.find("earlier").addEventListener("click", () => this.turn(-ROWS_PER_PAGE));
    this.find("later").addEventListener("click", () => this.turn(ROWS_PER_PAGE));
    this.find("body").addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row) this.choose(Number(row.dataset.trade));
    });
    this.find("body").addEventListener("keydown", (event) => this.onKey(event));
  }

  /** Show a trade; the list was drawn anew then, so the focus goes back to its row. */
  choose(trade) {
    const hadFocus = this.find("body").contains(document.activeElement);
    this.onChoose(trade);
    if (hadFocus) this.focusRow(this.order.indexOf(trade));
  }

  onKey(event) {
    const row = event.target.closest("tr");
    const last = this.order.length - 1;
    const here = row ? this.order.indexOf(Number(row.dataset.trade)) : -1;
    const places = {
      ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: last,
      PageDown: here + ROWS_PER_PAGE, PageUp: here - ROWS_PER_PAGE,
    };
    if (here < 0 || !(event.key in places) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.focusRow(Math.min(last, Math.max(0, places[event.key])));
  }

  /** Give the focus to the row at a place of the order, turning to its page. */
  focusRow(place) {
    if (place < 0) return;
    const start = place - (place % ROWS_PER_PAGE);
    if (start !== this.start) {
      this.start = start;
      this.drawRows();
    }
    this.find("body").rows[place - start]?.querySelector("button").focus({ preventScroll: false });
  }

  sortBy(column) {
    const again = this.sorting.column === column;
    this.sorting = { column, falling: again && !this.sorting.falling };
    this.drawHead();
    const place = this.columns.indexOf(column);
    this.find("head").cells[place].querySelector("button").focus({ preventScroll: true });
    this.refresh();
  }

  /** Choose and order the trades again, from the first page. */
  refresh() {
    this.order = this.chosen();
    const { column, falling } = this.sorting;
    if (column) this.order.sort(compareBy(column.key, falling));
    this.start = 0;
    this.drawRows();
  }

  chosen() {
    const { trades } = this.run;
    const wanted = this.words.map((name) => [name, this.find(name).value]).filter(([, value]) => value);
    const result = this.find("result").value;
    const searched = hyphened(this.find("search").value).toLowerCase().split(/\s+/).filter(Boolean);
    if (searched.length) this.texts ??= searchTexts(this.run);
    return Array.from({ length: trades.count }, (_, i) => i).filter((i) =>
      wanted.every(([name, value]) => trades[name][i] === value)
      && (!result || (result === "gain") === trades.profit[i] > 0)
      && searched.every((word) => this.texts[i].includes(word)));
  }

  turn(rows) {
    this.start = Math.max(0, this.start + rows);
    this.drawRows();
  }

  drawRows(count = ROWS_PER_PAGE) {
    const rows = this.order.slice(this.start, this.start + count);
    const { columns } = this;
    this.find("body").replaceChildren(...rows.map((trade) => this.row(trade, columns)));
    this.find("earlier").disabled = this.start === 0;
    this.find("later").disabled = this.start + count >= this.order.length;
    this.find("count").textContent = this.countText(rows.length);
  }

  countText(shown) {
    const matching = this.order.length;
    const all = this.run.trades.count;
    if (!matching) return "No trade matches.";
    const rows = `${fixed(this.start + 1, 0)}–${fixed(this.start + shown, 0)} of ${fixed(matching, 0)}`;
    return matching === all ? `${rows} trades` : `${rows} matching, ${fixed(all, 0)} in all`;
  }

  row(trade, columns) {
    const cells = columns.map((column, place) => {
      const text = column.text(trade);
      // The first cell holds a button, so that a trade can be chosen without a mouse.
      const button = { type: "button", textContent: text || NOTHING, title: "Show on the chart" };
      const content = place === 0 ? element("button", button) : text;
      const classes = [column.numeric ? "number" : "", column.isNote ? "noted" : "", column.tone?.(trade) ?? ""];
      const made = element("td", { className: classes.filter(Boolean).join(" ") }, content);
      if (column.isNote && place > 0) made.title = text;
      return made;
    });
    const isSelected = trade === this.selected;
    const made = element("tr", { className: isSelected ? "selected" : "" }, ...cells);
    made.dataset.trade = trade;
    if (isSelected) made.ariaCurrent = "true";
    return made;
  }

  /** Mark a trade, and turn to the page that holds it. */
  select(trade) {
    this.selected = trade;
    const place = this.order.indexOf(trade);
    if (place >= 0) this.start = place - (place % ROWS_PER_PAGE);
    this.drawRows();
  }

  /** The trade that stands `step` rows from the selected one in the present order. */
  neighbour(step) {
    const place = this.order.indexOf(this.selected);
    if (place < 0) return this.order[step > 0 ? 0 : this.order.length - 1];
    return this.order[place + step];
  }

  /** On paper a note stands in a line of its own below its trade: no column is wide enough. */
  drawForPrint() {
    const { columns, start } = this;
    const plain = columns.filter(({ isNote }) => !isNote);
    const shown = plain.length ? plain : columns;
    const notes = plain.length ? columns.filter(({ isNote }) => isNote) : [];
    this.start = 0;
    this.drawRows(ROWS_PRINTED_MAX);
    this.start = start;
    this.find("head").replaceChildren(...shown.map((column) => this.heading(column)));
    const rows = this.order.slice(0, ROWS_PRINTED_MAX);
    this.find("body").replaceChildren(...rows.flatMap((trade) => (
      [this.row(trade, shown), ...notesRow(trade, notes, shown.length)]
    )));
  }

  drawAfterPrint() {
    this.drawHead();
    this.drawRows();
  }
}

function notesRow(trade, notes, colSpan) {
  const texts = notes.map(({ title, text }) => [title, text(trade)]).filter(([, text]) => text);
  if (!texts.length) return [];
  const textContent = texts.map(([title, text]) => `${title}: ${text}`).join(" · ");
  return [element("tr", { className: "note-printed" }, element("td", { colSpan, textContent }))];
}
