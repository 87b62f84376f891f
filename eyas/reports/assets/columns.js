// The columns of the trade list: what each is called, what it sorts by, what it says. `isExtra` ones start hidden.

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
  const note = (name, title) => ({
    name, title, isNote: true, key: (i) => trades[name][i], text: (i) => trades[name][i],
  });
  const columns = [
    number("ticket", "Trade", String),
    { ...word("symbol", "Symbol"), text: (i) => trades.symbol[i] },
    word("direction", "Side"),
    result("profit", "Profit", (value) => signed(value, profits)),
    result("profit_rate", "Return", signedPercent),
    number("mfe_rate", "Best", signedPercent),
    number("mae_rate", "Worst", signedPercent),
    word("exit_reason", "Reason"),
    note("note", "Entry note"),
    { ...note("exit_note", "Exit note"), isExtra: Boolean(trades.note) },
    time("entry_time", "Entry"),
    number("entry_price", "Entry price", price),
    time("exit_time", "Exit"),
    number("exit_price", "Exit price", price),
    number("bars", run.isPortfolio ? "Steps" : "Bars", (value) => fixed(value, 0)),
    { ...number("quantity", "Quantity", (value) => fixed(value, trades.quantityDecimals)), isExtra: Boolean(trades.note) },
    number("fee", "Fees", (value) => fixed(value, fees)),
  ];
  return columns.filter(({ name }) => trades[name]);
}

/** What a search looks through, in small letters: the notes, and the reason and the symbol as the list has them. */
function searchTexts({ trades }) {
  const texts = ["exit_reason", "note", "exit_note", "symbol"].filter((name) => trades[name]);
  return Array.from({ length: trades.count }, (_, i) =>
    hyphened(texts.map((name) => (name === "exit_reason" ? sentence(trades[name][i]) : trades[name][i])).join("\n")).toLowerCase());
}

/** A text whose minus signs are hyphens, which is what a keyboard has. */
const hyphened = (text) => text.replaceAll("−", "-");
