// The trade list: sorts by a click on a heading, filters, and shows a page of rows at a time.

const ROWS_PER_PAGE = 25;
const ROWS_PRINTED_MAX = 1000;

function tradeColumns(run) {
  const { trades, candles } = run;
  const prices = priceDecimals(candles);
  // Symbols differ in how finely they are quoted: six figures each, as far as they have them.
  const finest = (value) => Math.min(trades.priceDecimals, Math.max(2, decimalsFor(value, 6)));
  const price = (value) => fixed(value, trades.symbol ? finest(value) : prices);
  const profits = moneyDecimals(trades.profit);
  const fees = moneyDecimals(trades.fee);
  const tone = (value) => (value > 0 ? "gain" : value < 0 ? "loss" : "");
  const number = (name, title, text) => ({
    name, title, numeric: true, key: (i) => trades[name][i], text: (i) => text(trades[name][i]),
  });
  const word = (name, title) => ({
    name, title, key: (i) => trades[name][i], text: (i) => sentence(trades[name][i]),
  });
  const time = (name, title) => ({
    name, title, key: (i) => trades[name].seconds[i] + trades[name].parts[i] / 10 ** trades[name].digits,
    text: (i) => timeText(trades[name], i),
  });
  const result = (name, title, text) => ({ ...number(name, title, text), tone: (i) => tone(trades[name][i]) });
  return [
    number("ticket", "Trade", String),
    ...(trades.symbol ? [{ ...word("symbol", "Symbol"), text: (i) => trades.symbol[i] }] : []),
    word("direction", "Side"),
    result("profit", "Profit", (value) => signed(value, profits)),
    result("profit_rate", "Return", signedPercent),
    word("exit_reason", "Reason"),
    time("entry_time", "Entry"),
    number("entry_price", "Entry price", price),
    time("exit_time", "Exit"),
    number("exit_price", "Exit price", price),
    number("bars", run.isPortfolio ? "Steps" : "Bars", (value) => fixed(value, 0)),
    number("quantity", "Quantity", (value) => fixed(value, trades.quantityDecimals)),
    number("fee", "Fees", (value) => fixed(value, fees)),
  ];
}

class TradeList {
  constructor(root, run, onChoose) {
    this.run = run;
    this.columns = tradeColumns(run);
    this.onChoose = onChoose;
    this.sorting = { column: null, falling: false };
    this.start = 0;
    this.selected = -1;
    this.find = (name) => root.querySelector(`[data-part=${name}]`);
    this.headings = this.columns.map((column) => this.heading(column));
    this.find("head").append(...this.headings);
    this.words = [...(run.trades.symbol ? ["symbol"] : []), "direction", "exit_reason"];
    this.words.forEach((name) => this.fillChoices(name));
    this.listen();
    this.refresh();
  }

  heading(column) {
    const button = element("button", { type: "button", textContent: column.title });
    button.addEventListener("click", () => this.sortBy(column));
    return element("th", { scope: "col", className: column.numeric ? "number" : "" }, button);
  }

  fillChoices(name) {
    const words = [...new Set(this.run.trades[name])].sort();
    this.find(name).append(...words.map((word) => element("option", { value: word, textContent: this.wordText(name, word) })));
  }

  wordText(name, word) {
    return name === "symbol" ? word : sentence(word);
  }

  listen() {
    for (const name of [...this.words, "result"]) {
      this.find(name).addEventListener("change", () => this.refresh());
    }
    this.find("earlier").addEventListener("click", () => this.turn(-ROWS_PER_PAGE));
    this.find("later").addEventListener("click", () => this.turn(ROWS_PER_PAGE));
    this.find("body").addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row) this.onChoose(Number(row.dataset.trade));
    });
  }

  sortBy(column) {
    const again = this.sorting.column === column;
    this.sorting = { column, falling: again && !this.sorting.falling };
    this.headings.forEach((heading, i) => {
      const here = this.columns[i] === column;
      heading.ariaSort = here ? (this.sorting.falling ? "descending" : "ascending") : null;
    });
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
    return Array.from({ length: trades.count }, (_, i) => i).filter((i) =>
      wanted.every(([name, value]) => trades[name][i] === value)
      && (!result || (result === "gain") === trades.profit[i] > 0));
  }

  turn(rows) {
    this.start = Math.max(0, this.start + rows);
    this.drawRows();
  }

  drawRows(count = ROWS_PER_PAGE) {
    const rows = this.order.slice(this.start, this.start + count);
    this.find("body").replaceChildren(...rows.map((trade) => this.row(trade)));
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

  row(trade) {
    const cells = this.columns.map((column, place) => {
      const text = column.text(trade);
      // The first cell holds a button, so that a trade can be chosen without a mouse.
      const button = { type: "button", textContent: text, title: "Show on the chart" };
      const content = place === 0 ? element("button", button) : text;
      const classes = [column.numeric ? "number" : "", column.tone?.(trade) ?? ""];
      return element("td", { className: classes.join(" ").trim() }, content);
    });
    const made = element("tr", { className: trade === this.selected ? "selected" : "" }, ...cells);
    made.dataset.trade = trade;
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

  drawForPrint() {
    const kept = this.start;
    this.start = 0;
    this.drawRows(ROWS_PRINTED_MAX);
    this.start = kept;
  }
}
