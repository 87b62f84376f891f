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
const TRADE_NUMBERS = [
  "ticket", "bars", "entry_bar", "exit_bar", "quantity", "entry_price", "exit_price", "profit", "fee", "profit_rate",
];

function decodeTrades(trades, candleWidth) {
  const read = (names, decode) => names.map((name) => [name, decode(trades[name])]);
  const columns = Object.fromEntries([
    ...read(TRADE_WORDS, decodeWords),
    ...read(TRADE_TIMES, decodeTimes),
    ...read(TRADE_NUMBERS, decodeNumbers),
  ]);
  const candleOf = (bar) => Math.floor(bar / candleWidth);
  return {
    count: trades.count,
    ...columns,
    quantityDecimals: Math.max(0, trades.quantity.decimals),
    entryCandle: Int32Array.from(columns.entry_bar, candleOf),
    exitCandle: Int32Array.from(columns.exit_bar, candleOf),
  };
}

function decodeRun(source) {
  return {
    barCount: source.bar_count,
    candleWidth: source.candle_width,
    candles: decodeCandles(source.candles),
    equity: decodeEnvelope(source.equity),
    drawdown: decodeEnvelope(source.drawdown),
    indicators: source.indicators.map(({ name, values }) => ({ name, values: decodeNumbers(values) })),
    trades: decodeTrades(source.trades, source.candle_width),
  };
}
