// Reads the compact columns that eyas/reports/columns.py writes.

/** Numbers: the running sum of the steps over a power of ten; null is NaN. */
function decodeNumbers({ decimals, steps }) {
  const divisor = 10 ** Math.abs(decimals);
  const values = new Float64Array(steps.length);
  let sum = 0;
  for (let i = 0; i < steps.length; i++) {
    if (steps[i] === null) {
      values[i] = NaN;
      continue;
    }
    sum += steps[i];
    values[i] = decimals >= 0 ? sum / divisor : sum * divisor;
  }
  return values;
}

/** Times: whole seconds since 1970 UTC and what is left over, because a double cannot hold both. */
function decodeTimes({ start, per_second: perSecond, steps }) {
  const seconds = new Float64Array(steps.length);
  const parts = new Float64Array(steps.length);
  let sum = 0;
  for (let i = 0; i < steps.length; i++) {
    sum += steps[i];
    const whole = Math.floor(sum / perSecond);
    seconds[i] = start + whole;
    parts[i] = sum - whole * perSecond;
  }
  return { seconds, parts, digits: Math.round(Math.log10(perSecond)), grain: grainOf(seconds, parts) };
}

/** How much of a time has to be shown to tell the times of a column apart. */
function grainOf(seconds, parts) {
  if (parts.some((part) => part !== 0)) return "second";
  if (seconds.every((second) => second % 86400 === 0)) return "day";
  return seconds.every((second) => second % 60 === 0) ? "minute" : "second";
}

function decodeWords({ words, codes }) {
  return codes.map((code) => words[code]);
}

/** Texts: a shape with a number in each of its gaps. */
function decodeTexts({ shapes, numbers }) {
  const left = numbers.split(" ").values();
  return decodeWords(shapes).map((shape) => shape.replaceAll("\0", () => left.next().value));
}

function decodeEnvelope({ last, low, high }) {
  return {
    last: last ? decodeNumbers(last) : null,
    low: low ? decodeNumbers(low) : null,
    high: high ? decodeNumbers(high) : null,
  };
}

function decodeCandles(candles) {
  const prices = ["open", "high", "low", "close"];
  return {
    count: candles.time.steps.length,
    decimals: Math.max(...prices.map((name) => candles[name].decimals)),
    time: decodeTimes(candles.time),
    volume: candles.volume ? decodeNumbers(candles.volume) : null,
    ...Object.fromEntries(prices.map((name) => [name, decodeNumbers(candles[name])])),
  };
}

const TRADE_WORDS = ["direction", "exit_reason"];
const TRADE_TIMES = ["entry_time", "exit_time"];
// What trades need not have: how far they ran for and against, and what the strategy noted.
const TRADE_RATES = ["mfe_rate", "mae_rate"];
const TRADE_NOTES = ["note", "exit_note"];
const TRADE_NUMBERS = [
  "ticket", "bars", "entry_bar", "exit_bar", "quantity", "entry_price", "exit_price", "profit", "fee", "profit_rate",
];

/** Trades; `row` is that of a bar drawn as a candle (-1: none of its instrument is), `bar` a step of the curve. */
function decodeTrades(trades, candleWidth, curveWidth) {
  const read = (names, decode) => names.filter((name) => trades[name]).map((name) => [name, decode(trades[name])]);
  const columns = Object.fromEntries([
    ...read(TRADE_WORDS, decodeWords),
    ...read(TRADE_TIMES, decodeTimes),
    ...read([...TRADE_NUMBERS, ...TRADE_RATES], decodeNumbers),
    ...read(TRADE_NOTES, (texts) => decodeTexts(texts).map(noteText)),
  ]);
  const rows = (name) => (trades[`${name}_row`] ? decodeNumbers(trades[`${name}_row`]) : columns[`${name}_bar`]);
  const places = (numbers, width) => Int32Array.from(numbers, (number) => Math.floor(number / width));
  const drawn = rows("entry");
  const { entry_price: entryPrice, exit_price: exitPrice } = trades;
  return {
    count: trades.count,
    ...columns,
    symbol: trades.symbol ? decodeWords(trades.symbol) : null,
    isDrawn: (trade) => drawn[trade] >= 0,
    priceDecimals: Math.max(0, entryPrice.decimals, exitPrice.decimals),
    quantityDecimals: Math.max(0, trades.quantity.decimals),
    entryCandle: places(drawn, candleWidth),
    exitCandle: places(rows("exit"), candleWidth),
    entryPoint: places(columns.entry_bar, curveWidth),
    exitPoint: places(columns.exit_bar, curveWidth),
  };
}

/** Equity and drawdown, over the candles, or over the clock of a portfolio. */
function decodeCurve({ time, width, equity, drawdown, benchmark }, candles) {
  const axis = time ? { time: decodeTimes(time), count: time.steps.length } : candles;
  return {
    ...axis, width, equity: decodeEnvelope(equity), drawdown: decodeEnvelope(drawdown),
    benchmark: benchmark ? { name: benchmark.name, values: decodeNumbers(benchmark.values) } : null,
  };
}

/** Stops and targets by trade: { isStop, start, end, price }, over candles; none where there are none. */
function decodeLevels(levels) {
  const found = new Map();
  if (!levels) return found;
  const [trades, kinds, starts, lengths, prices] = ["trade", "level", "start", "length", "price"]
    .map((name) => decodeNumbers(levels[name]));
  trades.forEach((trade, i) => {
    if (!found.has(trade)) found.set(trade, []);
    const [start, price] = [starts[i], prices[i]];
    found.get(trade).push({ isStop: kinds[i] === 0, start, end: start + lengths[i], price });
  });
  return found;
}

function decodeRun(source) {
  const candles = decodeCandles(source.candles);
  return {
    barCount: source.bar_count,
    candleWidth: source.candle_width,
    isPortfolio: Boolean(source.curve.time),
    candles,
    curve: decodeCurve(source.curve, candles),
    indicators: source.indicators.map(({ name, values }) => ({ name, values: decodeNumbers(values) })),
    trades: decodeTrades(source.trades, source.candle_width, source.curve.width),
    levels: decodeLevels(source.levels),
  };
}
