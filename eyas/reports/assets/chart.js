// A chart with some panes over one time axis: three over that of the candles, or, of a portfolio, the price over
// its own candles and equity and drawdown over the clock.
//
// The time that lightweight-charts is given is the index of a candle, not a date: bars then stand side by side
// (weekends and gaps take no room), and bars closer than a second or with equal seconds are no special case.
// Every label looks the real time up.

const PRICE = { make: pricePane, share: 62 };
const CURVE = [{ make: equityPane, share: 21 }, { make: drawdownPane, share: 17 }];
const BARS_AROUND_TRADE = 40;
const PRINTED_WIDTH_PX = 1120;
const SPANS = [
  ["4 hours", 14400], ["1 day", 86400], ["1 week", 604800], ["1 month", 2629800], ["3 months", 7889400],
  ["1 year", 31557600], ["5 years", 157788000],
];

/** The library's own time axis, except that the rank of a label comes from the real time of its candle. */
class CandleScale extends LightweightCharts.defaultHorzScaleBehavior() {
  constructor(seconds) {
    super();
    this.realSeconds = seconds;
  }

  fillWeightsForPoints(points, startIndex) {
    const real = points.map((point) => ({
      timeWeight: point.timeWeight,
      originalTime: point.originalTime,
      time: this.convertHorzItemToInternal(this.realSeconds[point.originalTime]),
    }));
    super.fillWeightsForPoints(real, startIndex);
    for (let i = startIndex; i < points.length; i++) points[i].timeWeight = real[i].timeWeight;
  }
}

function chartOptions({ time }) {
  return {
    autoSize: true,
    layout: { background: { color: "transparent" }, fontSize: 11, attributionLogo: true },
    localization: { timeFormatter: (index) => timeText(time, index) },
    rightPriceScale: { borderVisible: false },
    timeScale: {
      borderVisible: false, timeVisible: true, secondsVisible: time.grain === "second", enableConflation: true,
      minBarSpacing: 0.005, maxBarSpacing: 60, fixLeftEdge: true, fixRightEdge: true,
      tickMarkFormatter: (index, kind) => tickText(time.seconds[index], kind),
    },
    crosshair: { mode: LightweightCharts.CrosshairMode.Normal },
    handleScroll: { mouseWheel: false, vertTouchDrag: false },
    handleScale: { mouseWheel: false },
  };
}

function paintChart(chart, palette) {
  const line = { color: palette.muted, labelBackgroundColor: palette.ink };
  chart.applyOptions({
    layout: {
      textColor: palette.muted, fontFamily: palette.font,
      panes: { separatorColor: palette.line, separatorHoverColor: palette.grid },
    },
    grid: { vertLines: { color: palette.grid }, horzLines: { color: palette.grid } },
    crosshair: { vertLine: line, horzLine: line },
  });
}

/** A wheel over the chart scrolls the page until the chart was clicked (or with Ctrl, or a pinch). */
function wheelWhenWanted(chart, container) {
  let clicked = false;
  let allowed = false;
  const allow = (mouseWheel) => {
    if (mouseWheel === allowed) return;
    allowed = mouseWheel;
    chart.applyOptions({ handleScroll: { mouseWheel }, handleScale: { mouseWheel } });
  };
  const onWheel = (event) => allow(clicked || event.ctrlKey);
  container.addEventListener("pointerdown", () => (clicked = true));
  container.addEventListener("pointerleave", () => (clicked = false));
  // While it is captured, so that the library, further in, sees what was decided for this very turn; and not
  // passive, because otherwise the browser would already scroll the page by the turn that zooms.
  container.addEventListener("wheel", onWheel, { capture: true, passive: false });
}

class RunChart {
  /** `axis` is { time, count } of what stands side by side; `onCandles` says whether that is the candles. */
  constructor(container, run, axis, panes, onCandles) {
    this.container = container;
    this.run = run;
    this.axis = axis;
    this.words = container.ariaLabel;
    const { entryCandle, exitCandle, entryPoint, exitPoint } = run.trades;
    [this.entry, this.exit] = onCandles ? [entryCandle, exitCandle] : [entryPoint, exitPoint];
    this.chart = LightweightCharts.createChartEx(container, new CandleScale(axis.time.seconds), chartOptions(axis));
    this.panes = panes.map(({ make }, place) => make(this.chart, run, place));
    this.chart.panes().forEach((pane, i) => pane.setStretchFactor(panes[i].share));
    this.marks = onCandles ? new TradeMarks(run, readPalette(), () => this.describe()) : null;
    if (this.marks) this.panes[0].series.attachPrimitive(this.marks);
    this.paint();
    this.tip = container.appendChild(element("div", { className: "tip", hidden: true }));
    this.chart.subscribeCrosshairMove((event) => this.onMove(event));
    wheelWhenWanted(this.chart, container);
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => this.nameView(range));
    this.candle = axis.count - 1;
    this.hovered = false;
    this.fit();
    this.placeLegends();
  }

  /** Take the colours of the current theme. */
  paint() {
    const palette = readPalette();
    paintChart(this.chart, palette);
    for (const pane of this.panes) pane.paint(palette);
    this.marks?.paint(palette);
  }

  /** Say in words what a canvas can only show. */
  nameView(range) {
    const text = (candle) => timeText(this.axis.time, this.within(candle));
    const [from, to] = range ? [text(Math.ceil(range.from)), text(Math.floor(range.to))] : ["", ""];
    this.container.ariaLabel = `${this.words} from ${from} to ${to} UTC`;
    if (!this.hovered) this.describe(this.lastVisible());
  }

  /** A picture as wide as a sheet of paper wants it, whatever the width of the window is. */
  pictureForPrint() {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    const { clientWidth, clientHeight } = this.container;
    const resize = (width, height) => {
      this.chart.resize(width, height, true);
      if (range) scale.setVisibleLogicalRange(range);
    };
    this.chart.applyOptions({ autoSize: false });
    resize(PRINTED_WIDTH_PX, clientHeight);
    const picture = this.chart.takeScreenshot(true);
    resize(clientWidth, clientHeight);
    this.chart.applyOptions({ autoSize: true });
    return picture;
  }

  fit() {
    this.chart.timeScale().fitContent();
  }

  placeLegends() {
    // A pane is in the document only once it was drawn, and taking a picture draws at once.
    this.chart.takeScreenshot();
    const elements = this.chart.panes().map((pane) => pane.getHTMLElement());
    this.legends = elements.map((row) => {
      const cell = row.querySelector("td:nth-child(2) > div") ?? row;
      return cell.appendChild(element("div", { className: "legend" }));
    });
    this.describe();
    this.leaveRoomForLegends();
    this.chart.timeScale().subscribeSizeChange(() => this.leaveRoomForLegends());
  }

  /** Start each curve below the words in its corner, however many lines they take. */
  leaveRoomForLegends() {
    this.panes.forEach(({ series, bottom }, i) => {
      const top = Math.min(0.4, (this.legends[i].offsetHeight + 10) / this.chart.panes()[i].getHeight());
      series.priceScale().applyOptions({ scaleMargins: { top, bottom } });
    });
  }

  /** Write the values of a candle into the corners of the panes. */
  describe(candle = this.candle) {
    this.candle = candle;
    if (!this.legends) return;
    this.panes.forEach((pane, i) => {
      const named = i === 0 ? timeText(this.axis.time, candle) : pane.title;
      const title = i === 0 && !this.marks ? `${named} ${pane.title}` : named;
      const items = pane.describe(candle);
      if (i === 0 && this.marks?.tooMany) items.push({ label: "", text: tooManyText(this.marks.tooMany) });
      describeInto(this.legends[i], title, items);
    });
  }

  /** The candle at the right edge of the view. */
  lastVisible() {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    return this.within(range ? Math.floor(range.to) : Infinity);
  }

  within(candle) {
    return Math.min(this.axis.count - 1, Math.max(0, candle));
  }

  onMove(event) {
    this.hovered = event.point !== undefined && event.logical !== undefined;
    this.describe(this.hovered ? this.within(event.logical) : this.lastVisible());
    const trades = tradesAt(event);
    this.tip.hidden = !trades.length;
    if (trades.length) this.showTip(trades, event.point);
  }

  showTip(trades, point) {
    this.tip.replaceChildren(...trades.map((trade) => element("div", {}, ...tipLines(this.run, trade))));
    const room = this.container.clientWidth - this.tip.offsetWidth - 12;
    this.tip.style.left = `${Math.max(0, Math.min(point.x + 14, room))}px`;
    this.tip.style.top = `${point.y + 16}px`;
  }

  onTradeClick(react) {
    this.chart.subscribeClick((event) => {
      const trades = tradesAt(event);
      if (!trades.length) return;
      // Another click on the same place goes on to the next trade there.
      const place = trades.indexOf(this.marks.selected);
      react(trades[(place + 1) % trades.length]);
    });
  }

  select(trade) {
    this.marks?.select(trade);
  }

  /** Show or hide the benchmark beside the equity. */
  showBenchmark(visible) {
    for (const { benchmark } of this.panes) benchmark?.applyOptions({ visible });
    this.describe();
  }

  /** Bring a trade into view with some bars around it. */
  jumpTo(trade) {
    this.select(trade);
    if (this.marks && !this.run.trades.isDrawn(trade)) return;
    const [entry, exit] = [this.entry[trade], this.exit[trade]];
    const margin = Math.max(BARS_AROUND_TRADE, exit - entry);
    this.look(entry - margin, exit + margin);
  }

  look(from, to) {
    const last = this.axis.count - 1;
    this.chart.timeScale().setVisibleLogicalRange({ from: Math.max(-0.5, from), to: Math.min(last + 0.5, to) });
  }

  /** Show a length of time, ending where the view ends now. */
  lookBack(spanSeconds) {
    const { seconds } = this.axis.time;
    const last = this.lastVisible();
    let first = last;
    while (first > 0 && seconds[first - 1] >= seconds[last] - spanSeconds) first--;
    // Near the left end there is less to look back on: look ahead instead.
    let right = last;
    while (right < seconds.length - 1 && seconds[right + 1] <= seconds[first] + spanSeconds) right++;
    this.look(first - 0.5, right + 0.5);
  }

  /** The lengths of time that are worth a button: well inside the run, and of enough candles. */
  spans() {
    const { seconds } = this.axis.time;
    const whole = seconds[seconds.length - 1] - seconds[0];
    const candle = whole / Math.max(1, seconds.length - 1);
    return SPANS.filter(([, span]) => span < whole * 0.8 && span / candle >= 30).slice(-4);
  }
}

const tooManyText = (count) => `${fixed(count, 0)} trades in view: zoom in to see them`;

function tipLines(run, trade) {
  const { trades, candles } = run;
  const decimals = priceDecimals(candles);
  const tone = trades.profit[trade] >= 0 ? "gain" : "loss";
  const line = (label, text, className = "") =>
    element("div", { className }, element("i", { textContent: label }), text);
  const side = (prices, times) => `${fixed(prices[trade], decimals)} · ${timeText(times, trade)}`;
  const profit = signed(trades.profit[trade], moneyDecimals(trades.profit));
  const noted = (label, name) => (trades[name]?.[trade] ? [line(label, trades[name][trade], "noted")] : []);
  return [
    element("b", { textContent: tradeTitle(trades, trade) }),
    line("in", side(trades.entry_price, trades.entry_time)),
    ...noted("why", "note"),
    line("out", side(trades.exit_price, trades.exit_time)),
    ...noted("why", "exit_note"),
    line("profit", `${profit} (${signedPercent(trades.profit_rate[trade])})`, tone),
    ...(trades.mfe_rate ? [line("best, worst", excursionText(trades, trade))] : []),
  ];
}

const tradeTitle = (trades, trade) =>
  `${trades.ticket[trade]} · ${trades.direction[trade]} · ${sentence(trades.exit_reason[trade])}`;

const excursionText = (trades, trade) =>
  `${signedPercent(trades.mfe_rate[trade])}, ${signedPercent(trades.mae_rate?.[trade] ?? NaN)}`;

/** A trade in a line of words, for those who chose it. */
function tradeWords(run, trade) {
  const { trades, levels } = run;
  const decimals = priceDecimals(run.candles);
  const last = (isStop) => (levels.get(trade) ?? []).filter((level) => level.isStop === isStop).at(-1);
  const level = (name, found) => (found ? [`${name} ${fixed(found.price, decimals)}`] : []);
  return [
    `Trade ${tradeTitle(trades, trade)}`,
    `${signed(trades.profit[trade], moneyDecimals(trades.profit))} (${signedPercent(trades.profit_rate[trade])})`,
    ...level("stop", last(true)),
    ...level("target", last(false)),
    ...(trades.note?.[trade] ? [`entered on ${trades.note[trade]}`] : []),
    ...(trades.exit_note?.[trade] ? [`left on ${trades.exit_note[trade]}`] : []),
  ].join(" · ");
}
