// Reads a filter such as "fast < 20, sharpe > 1, mode = fade": every condition must hold.

const CONDITION = /^\s*([\p{L}_][\p{L}\p{N}_]*)\s*(<=|>=|!=|==|=|<|>)\s*(.+?)\s*$/u;
const COMPARE = {
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
  "=": (a, b) => a === b, "==": (a, b) => a === b, "!=": (a, b) => a !== b,
};

/** A function that tells whether a trial is wanted; throws a sentence where the text cannot be read. */
function filterOf(text, columns) {
  const parts = text.split(/,|\band\b|&&/).filter((part) => part.trim());
  const tests = parts.map((part) => conditionOf(part, columns));
  return (trial) => tests.every((test) => test(trial));
}

function conditionOf(part, columns) {
  const found = CONDITION.exec(part);
  if (!found) throw new Error(`“${part.trim()}” is no condition such as sharpe > 1`);
  const [, name, sign, wanted] = found;
  const column = columns.find((one) => one.name === name);
  if (!column) throw new Error(`there is no column ${name}: there are ${columns.map((one) => one.name).join(", ")}`);
  if (column.isWord) {
    if (!["=", "==", "!="].includes(sign)) throw new Error(`${name} is a word: compare it with = or !=`);
    const word = wanted.replace(/^(["'])(.*)\1$/, "$2").toLowerCase();
    return (trial) => COMPARE[sign](String(column.key(trial)).toLowerCase(), word);
  }
  const number = wanted.endsWith("%") ? Number(wanted.slice(0, -1)) / 100 : Number(wanted);
  if (Number.isNaN(number)) throw new Error(`${wanted} is no number`);
  // Figures have seven digits here: 0.1 is what is nearest to it among them.
  const near = column.isExact ? number : Math.fround(number);
  return (trial) => COMPARE[sign](column.key(trial), near);
}
