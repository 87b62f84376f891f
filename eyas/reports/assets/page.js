// Puts the page together: chart, trade list, theme, print.

/** The charts: one with three panes, or, of a portfolio, one of the price and one of the run over its clock. */
function chartsOf(run) {
  const { candles, curve, isPortfolio } = run;
  if (!isPortfolio) return candles.count ? [new RunChart(part("chart"), run, candles, [PRICE, ...CURVE], true)] : [];
  return [
    ...(candles.count ? [new RunChart(part("chart"), run, candles, [PRICE], true)] : []),
    ...(curve.count ? [new RunChart(part("curve"), run, curve, CURVE, false)] : []),
  ];
}

/** Buttons for lengths of time; the chart that covers the most says which, and all charts follow. */
function addSpanButtons(charts) {
  const add = (title, act) => {
    const button = element("button", { type: "button", textContent: title });
    button.addEventListener("click", act);
    part("spans").append(button);
  };
  for (const [title, span] of charts.at(-1).spans()) add(title, () => charts.forEach((chart) => chart.lookBack(span)));
  add("All", () => charts.forEach((chart) => chart.fit()));
}

function chartIntoView() {
  const chart = part("chart") ?? part("curve");
  const { top, bottom } = chart.getBoundingClientRect();
  // What is under the row of links is not seen.
  if (top < part("contents").offsetHeight || bottom > innerHeight) chart.closest("section").scrollIntoView({ block: "start" });
}

function connectTrades(charts, run) {
  const say = (trade) => {
    part("trade-shown").hidden = false;
    part("trade-shown").textContent = tradeWords(run, trade);
  };
  const show = (trade) => {
    if (trade === undefined) return;
    list.select(trade);
    charts.forEach((chart) => chart.jumpTo(trade));
    say(trade);
  };
  const list = new TradeList(part("trades"), run, (trade) => {
    show(trade);
    chartIntoView();
  });
  for (const chart of charts.filter(({ marks }) => marks)) {
    chart.onTradeClick((trade) => {
      list.select(trade);
      chart.select(trade);
      say(trade);
    });
  }
  part("trade-before").addEventListener("click", () => show(list.neighbour(-1)));
  part("trade-after").addEventListener("click", () => show(list.neighbour(1)));
  return list;
}

function addBenchmarkToggle(charts) {
  const button = part("benchmark");
  button?.addEventListener("click", () => {
    const shown = button.ariaPressed !== "true";
    button.ariaPressed = String(shown);
    charts.forEach((chart) => chart.showBenchmark(shown));
  });
}

/** Paper is white and a canvas does not stretch to it: print a picture of the chart in the light theme. */
function preparePrint(charts, list) {
  let theme;
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    charts.forEach((chart) => chart.paint());
    part("chart-printed").replaceChildren(...charts.map((chart) => chart.pictureForPrint()));
    list?.drawForPrint();
  });
  addEventListener("afterprint", () => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    charts.forEach((chart) => chart.paint());
    part("chart-printed").replaceChildren();
    list?.drawAfterPrint();
  });
}

function start() {
  const run = decodeRun(JSON.parse(part("run").textContent));
  const charts = chartsOf(run);
  const list = charts.length && run.trades.count ? connectTrades(charts, run) : null;
  addThemeToggle(() => charts.forEach((chart) => chart.paint()));
  if (charts.length) {
    addSpanButtons(charts);
    addBenchmarkToggle(charts);
    preparePrint(charts, list);
  }
  addDefinitions();
  addCopyButtons();
  markPlaceInContents();
  root.dataset.ready = `trades:${run.trades.count} candles:${run.candles.count}`;
}

start();
