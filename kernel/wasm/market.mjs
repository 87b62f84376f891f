// Made-up bars, the same in every language: tests/test_wasm_parity.py makes them in Python.

const MINUTE_NS = 60_000_000_000n;

/**
 * Return numbers below a bound, one after another: a linear congruence (Knuth, volume 2, 3.3.4).
 * @param {number} seed
 */
export function random(seed) {
  let state = seed >>> 0;
  /** @param {number} bound @returns {number} */
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/**
 * Return the columns of a walk in whole cents that stays near 100.
 * @param {(bound: number) => number} below @param {number} bars
 */
export function columnsOf(below, bars) {
  const time = new BigInt64Array(bars);
  const [open, high, low, close, volume] = Array.from({ length: 5 }, () => new Float64Array(bars));
  let cents = 10_000;
  for (let bar = 0; bar < bars; bar += 1) {
    const from = Math.max(cents + below(41) - 20, 1_000);
    cents = Math.max(from + below(201) - 100 + (from < 10_000 ? 1 : -1), 1_000);
    time[bar] = BigInt(bar + 1) * MINUTE_NS;
    open[bar] = from / 100;
    close[bar] = cents / 100;
    high[bar] = (Math.max(from, cents) + below(60)) / 100;
    low[bar] = (Math.min(from, cents) - below(60)) / 100;
    volume[bar] = below(1_000) / 8;
  }
  return { time, open, high, low, close, volume };
}
