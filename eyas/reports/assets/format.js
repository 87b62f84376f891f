// Numbers and times as text. Times are UTC; a minus is a minus sign, not a hyphen.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NOTHING = "–";
const formatters = new Map();

function fixed(value, decimals) {
  if (!Number.isFinite(value)) return NOTHING;
  if (!formatters.has(decimals)) {
    const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    formatters.set(decimals, new Intl.NumberFormat("en-US", options));
  }
  // Adding 0 turns a rounded -0 into 0, so that "−0.00" is never shown.
  const rounded = Math.abs(value) < 0.5 * 10 ** -decimals ? 0 : value;
  return formatters.get(decimals).format(rounded).replace("-", "−");
}

const signed = (value, decimals) => (value > 0 ? `+${fixed(value, decimals)}` : fixed(value, decimals));
const percent = (fraction, decimals = 2) =>
  Number.isFinite(fraction) ? `${fixed(fraction * 100, decimals)}\u00a0%` : NOTHING;
const signedPercent = (fraction) => (fraction > 0 ? `+${percent(fraction)}` : percent(fraction));

function largest(values) {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

/** How many decimals show about `figures` figures of a number of this size. */
function decimalsFor(size, figures) {
  if (!(size > 0) || !Number.isFinite(size)) return 2;
  return Math.min(20, Math.max(0, figures - 1 - Math.floor(Math.log10(size))));
}

/** Prices as the market quotes them, unless their decimals are noise (adjusted prices). */
function priceDecimals(candles) {
  const atMost = Math.max(2, decimalsFor(largest(candles.high), 6));
  return Math.max(0, Math.min(candles.decimals, atMost));
}

const moneyDecimals = (values) => Math.max(2, decimalsFor(largest(values), 3));

function compact(value) {
  return new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 4 }).format(value);
}

function timeText(times, index) {
  const text = new Date(times.seconds[index] * 1000).toISOString();
  const day = text.slice(0, text.indexOf("T"));
  if (times.grain === "day") return day;
  const clock = text.slice(day.length + 1);
  if (times.grain === "minute") return `${day} ${clock.slice(0, 5)}`;
  const part = times.digits ? `.${String(times.parts[index]).padStart(times.digits, "0")}` : "";
  return `${day} ${clock.slice(0, 8)}${part}`;
}

/** The text of a mark on the time axis; `kind` is lightweight-charts' TickMarkType: year, month, day, time. */
function tickText(seconds, kind) {
  const date = new Date(seconds * 1000);
  if (kind === 0) return String(date.getUTCFullYear());
  if (kind === 1) return MONTHS[date.getUTCMonth()];
  if (kind === 2) return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return date.toISOString().slice(11, kind === 3 ? 16 : 19);
}

const sentence = (word) => word.replaceAll("_", " ");

/** A note with minus signs before its numbers, as they stand everywhere else; a hyphen inside a word stays. */
const noteText = (note) => note.replace(/(^|[\s=(:·])-(?=\.?\d)/g, "$1−");
