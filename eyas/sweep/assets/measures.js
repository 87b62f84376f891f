// What can be drawn of a trial: its score and its figures, each with a title, a text and, where it has one, a sign.

function ratioText(value) {
  if (!Number.isFinite(value)) return infinite(value);
  return Math.abs(value) >= 1e6 ? large(value) : fixed(value, Math.abs(value) >= 100 ? 0 : 2);
}
const infinite = (value) => (value === Infinity ? "∞" : value === -Infinity ? "−∞" : NOTHING);
const countText = (value) => fixed(value, 0);
const large = (value) => compact(value).replace("-", "−");
const moneyText = (value) => (Math.abs(value) >= 1e9 ? large(value) : fixed(value, Math.abs(value) >= 100_000 ? 0 : 2));
/** A share as percent; one that nobody will read to the last digit is shortened. */
const shareText = (value) =>
  Math.abs(value) >= 1e5 ? `${large(value * 100)}\u00a0%` : percent(value, Math.abs(value) >= 100 ? 0 : 2);

/** `centre` is where the sign of a figure turns; `falls` where less is better, as a rule. */
const FIGURES = {
  sharpe: { title: "Sharpe ratio", text: ratioText, centre: 0 },
  total_return: { title: "Return", text: shareText, centre: 0 },
  annual_return: { title: "Return a year", text: shareText, centre: 0 },
  max_drawdown: { title: "Deepest drawdown", text: shareText, falls: true },
  max_drawdown_bars: { title: "Longest drawdown, bars", text: countText, falls: true },
  sortino: { title: "Sortino ratio", text: ratioText, centre: 0 },
  calmar: { title: "Calmar ratio", text: ratioText, centre: 0 },
  volatility: { title: "Volatility a year", text: shareText, falls: true },
  trades: { title: "Trades", text: countText },
  win_rate: { title: "Won", text: shareText },
  profit_factor: { title: "Profit factor", text: ratioText, centre: 1 },
  exposure: { title: "Bars in the market", text: shareText },
  equity_final: { title: "Equity at end", text: moneyText },
  net_profit: { title: "Profit of trades", text: moneyText, centre: 0 },
  average_trade: { title: "Average trade", text: moneyText, centre: 0 },
  fees: { title: "Fees", text: moneyText, falls: true },
  refused: { title: "Orders refused", text: countText, falls: true },
  ambiguous_bars: { title: "Ambiguous bars", text: countText, falls: true },
};

/** A few that say most, in the order in which a person asks. */
const FIRST = ["sharpe", "total_return", "max_drawdown", "trades"];

/** The measures of a study, the objectives first; a figure that is an objective is not there twice. */
function measuresOf(study) {
  const named = Object.entries(FIGURES).filter(([name]) => study.figures[name]);
  const figures = named.map(([name, about]) => ({ name, ...about, values: study.figures[name] }));
  const objectives = objectivesOf(study, figures);
  return [...objectives, ...figures.filter(({ name }) => objectives.every((one) => one.name !== name))];
}

/** What was looked for: figures, or values of functions, which have names of their own. */
function objectivesOf(study, figures) {
  const asked = [{ title: study.objective, rises: study.rises, values: study.values ?? study.scores }, ...study.others];
  return asked.map(({ title, rises, values }, i) => {
    const figure = figures.find(({ name }) => name === title);
    const own = { name: i ? `score_${i + 1}` : "score", title, text: ratioText, centre: 0, values };
    return { ...(figure ?? own), rises, isAim: true, isObjective: i === 0 };
  });
}

/** Whether a value may be drawn: the trial ran, and the figure can be said. */
const isKnown = (study, measure, trial) => study.isDone(trial) && Number.isFinite(measure.values[trial]);

/** The better of two trials, by score; one without a score loses, and the earlier of equals wins. */
function better(study, one, other) {
  if (one < 0) return other;
  const left = study.scores[one];
  const right = study.scores[other];
  return !(left >= right) && !Number.isNaN(right) ? other : one;
}

const bestOf = (study, trials) => trials.reduce((best, trial) => better(study, best, trial), -1);

function medianOf(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (!sorted.length) return NaN;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of values of which some stand for several others. */
function weightedMedian(values, weights) {
  if (weights.every((weight) => weight === weights[0])) return medianOf(values);
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  let left = weights.reduce((sum, weight) => sum + weight, 0) / 2;
  return values[order.find((i) => (left -= weights[i]) <= 0)];
}

/** The range that is worth drawing: without the few values that are far from all others. */
function rangeOf(values) {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  if (!sorted.length) return { low: 0, high: 1, isCutLow: false, isCutHigh: false, isEmpty: true };
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [at(0.01), at(0.99)];
  const reach = (high - low) * 0.75;
  const isCutLow = reach > 0 && low - sorted[0] > reach;
  const isCutHigh = reach > 0 && sorted.at(-1) - high > reach;
  return { low: isCutLow ? low : sorted[0], high: isCutHigh ? high : sorted.at(-1), isCutLow, isCutHigh };
}
