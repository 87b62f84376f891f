// Puts the page together: chart, trade list, theme, print.

const root = document.documentElement;
const part = (id) => document.getElementById(id);

function isDark() {
  const { theme } = root.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function setTheme(theme) {
  root.dataset.theme = theme;
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    // Not remembered, where storage is forbidden.
  }
}

function addThemeToggle(repaint) {
  const button = part("theme");
  const label = () => (button.textContent = isDark() ? "Light" : "Dark");
  const change = () => (label(), repaint());
  button.addEventListener("click", () => (setTheme(isDark() ? "light" : "dark"), change()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", change);
  label();
}

function addSpanButtons(chart) {
  const add = (title, act) => {
    const button = element("button", { type: "button", textContent: title });
    button.addEventListener("click", act);
    part("spans").append(button);
  };
  for (const [title, span] of chart.spans()) add(title, () => chart.lookBack(span));
  add("All", () => chart.fit());
}

function chartIntoView() {
  const { top, bottom } = part("chart").getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) part("chart").closest("section").scrollIntoView({ block: "start" });
}

function connectTrades(chart, run) {
  const show = (trade) => {
    if (trade === undefined) return;
    list.select(trade);
    chart.jumpTo(trade);
  };
  const list = new TradeList(part("trades"), run, (trade) => {
    show(trade);
    chartIntoView();
  });
  chart.onTradeClick((trade) => {
    list.select(trade);
    chart.select(trade);
  });
  part("trade-before").addEventListener("click", () => show(list.neighbour(-1)));
  part("trade-after").addEventListener("click", () => show(list.neighbour(1)));
  return list;
}

/** Paper is white and a canvas does not stretch to it: print a picture of the chart in the light theme. */
function preparePrint(chart, list) {
  let theme;
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    chart.paint();
    part("chart-printed").replaceChildren(chart.chart.takeScreenshot(true));
    list?.drawForPrint();
  });
  addEventListener("afterprint", () => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    chart.paint();
    part("chart-printed").replaceChildren();
    list?.drawRows();
  });
}

function start() {
  const run = decodeRun(JSON.parse(part("run").textContent));
  const chart = run.candles.count ? new RunChart(part("chart"), run) : null;
  const list = chart && run.trades.count ? connectTrades(chart, run) : null;
  addThemeToggle(() => chart?.paint());
  if (chart) {
    addSpanButtons(chart);
    preparePrint(chart, list);
  }
  root.dataset.ready = `trades:${run.trades.count} candles:${run.candles.count}`;
}

start();
