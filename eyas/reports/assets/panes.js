// The series in each pane, and the words in a pane's corner. A pane is { title, series, bottom, describe, paint };
// `bottom` is the share of its height that its curve leaves free below.

const QUIET = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };

const priceFormat = (decimals) => ({
  type: "custom",
  formatter: (price) => fixed(price, decimals),
  minMove: 10 ** -decimals,
});

/** Points for a line; a NaN becomes a gap. The time of a point is the index of its candle. */
function linePoints(values) {
  return Array.from(values, (value, time) => (Number.isFinite(value) ? { time, value } : { time }));
}

/** Bars from low to high, for the range that a series covered inside each candle. */
function rangePoints({ low, high }) {
  return Array.from(low, (bottom, time) => {
    if (!Number.isFinite(bottom)) return { time };
    return { time, open: bottom, low: bottom, high: high[time], close: high[time] };
  });
}

function addRange(chart, paneIndex, envelope, format) {
  if (!envelope.low || !envelope.high) return null;
  const options = { ...QUIET, priceFormat: format, borderVisible: false, wickVisible: false };
  const series = chart.addSeries(LightweightCharts.CandlestickSeries, options, paneIndex);
  series.setData(rangePoints(envelope));
  return series;
}

function addCandles(chart, candles, format) {
  const options = { priceFormat: format, priceLineVisible: false, borderVisible: false };
  const series = chart.addSeries(LightweightCharts.CandlestickSeries, options, 0);
  const { open, high, low, close } = candles;
  series.setData(Array.from(close, (_, i) => (
    { time: i, open: open[i], high: high[i], low: low[i], close: close[i] }
  )));
  return series;
}

function addVolume(chart, volume) {
  if (!volume) return null;
  const options = { ...QUIET, priceScaleId: "volume", priceFormat: { type: "volume" } };
  const series = chart.addSeries(LightweightCharts.HistogramSeries, options, 0);
  series.priceScale().applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
  series.setData(linePoints(volume));
  return series;
}

function addLines(chart, indicators, format) {
  return indicators.map(({ values }) => {
    const options = { ...QUIET, lineWidth: 1.5, priceFormat: format };
    const series = chart.addSeries(LightweightCharts.LineSeries, options, 0);
    series.setData(linePoints(values));
    return series;
  });
}

function pricePane(chart, run) {
  const { candles, indicators } = run;
  const decimals = priceDecimals(candles);
  const format = priceFormat(decimals);
  const volume = addVolume(chart, candles.volume);
  // Candles come last, so that seen from afar a close average does not hide the price.
  const lines = addLines(chart, indicators, format);
  const series = addCandles(chart, candles, format);
  const item = (label, values) => (i) => ({ label, text: fixed(values[i], decimals) });
  const items = [
    item("O", candles.open), item("H", candles.high), item("L", candles.low), item("C", candles.close),
    ...(candles.volume ? [(i) => ({ label: "V", text: compact(candles.volume[i]) })] : []),
    ...indicators.map(({ name, values }, k) => (i) => ({ ...item(name, values)(i), colour: indicatorName(k) })),
  ];
  const describe = (i) => items.map((describeItem) => describeItem(i));
  const paint = (palette) => {
    series.applyOptions({
      upColor: palette.rise, wickUpColor: palette.rise, downColor: palette.fall, wickDownColor: palette.fall,
    });
    volume?.applyOptions({ color: palette.volume });
    lines.forEach((line, k) => line.applyOptions({ color: palette[indicatorName(k)] }));
  };
  return { title: "Price", series, bottom: candles.volume ? 0.15 : 0.06, describe, paint };
}

function equityPane(chart, run, place) {
  const { last, low, high } = run.curve.equity;
  const decimals = moneyDecimals(last);
  const format = priceFormat(decimals);
  const range = addRange(chart, place, run.curve.equity, format);
  const options = { priceFormat: format, lineWidth: 1.5, priceLineVisible: false };
  // The benchmark comes first, so that equity is drawn over it.
  const benchmark = addBenchmark(chart, run.curve.benchmark, place, format);
  const series = chart.addSeries(LightweightCharts.LineSeries, options, place);
  series.setData(linePoints(last));
  const describe = (i) => [
    { label: "", text: fixed(last[i], decimals) },
    ...(low ? [{ label: "from", text: fixed(low[i], decimals) }] : []),
    ...(high ? [{ label: "to", text: fixed(high[i], decimals) }] : []),
    ...(benchmark?.options().visible ? [benchmarkItem(run.curve.benchmark, i, decimals)] : []),
  ];
  const paint = (palette) => {
    benchmark?.applyOptions({ color: palette.benchmark });
    series.applyOptions({ color: palette.equity });
    range?.applyOptions({ upColor: palette["equity-soft"], downColor: palette["equity-soft"] });
  };
  return { title: "Equity", series, benchmark, bottom: 0.08, describe, paint };
}

function addBenchmark(chart, benchmark, place, format) {
  if (!benchmark) return null;
  const options = { ...QUIET, lineWidth: 1.5, lineStyle: LightweightCharts.LineStyle.LargeDashed, priceFormat: format };
  const series = chart.addSeries(LightweightCharts.LineSeries, options, place);
  series.setData(linePoints(benchmark.values));
  return series;
}

const benchmarkItem = ({ name, values }, i, decimals) => (
  { label: name, text: fixed(values[i], decimals), colour: "muted" }
);

/** The scale of a fall always reaches up to zero. */
function downFromZero(original) {
  const found = original();
  const bottom = Math.min(found?.priceRange?.minValue ?? 0, -1e-6);
  return { priceRange: { minValue: bottom, maxValue: 0 }, margins: found?.margins };
}

function drawdownPane(chart, run, place) {
  const { low, high } = run.curve.drawdown;
  const format = { type: "custom", formatter: (fraction) => percent(fraction), minMove: 1e-4 };
  const options = {
    ...QUIET, priceFormat: format, lineWidth: 1,
    baseValue: { type: "price", price: 0 }, autoscaleInfoProvider: downFromZero,
  };
  const series = chart.addSeries(LightweightCharts.BaselineSeries, options, place);
  series.setData(linePoints(low));
  const describe = (i) => [
    { label: "", text: percent(low[i]) },
    ...(high ? [{ label: "to", text: percent(high[i]) }] : []),
  ];
  const paint = (palette) => {
    const { clear, underwater, "underwater-soft": soft } = palette;
    series.applyOptions({
      topLineColor: clear, topFillColor1: clear, topFillColor2: clear,
      bottomLineColor: underwater, bottomFillColor1: soft, bottomFillColor2: soft,
    });
  };
  return { title: "Drawdown", series, bottom: 0.06, describe, paint };
}

function describeInto(place, title, items) {
  const spans = items.map(({ label, text, colour }) => {
    const made = element("span", {}, element("i", { textContent: label }), text);
    if (colour) made.style.color = `var(--${colour})`;
    return made;
  });
  place.replaceChildren(element("b", { textContent: title }), ...spans);
}
