// How the rows of a list are ordered.

/** Numbers by size with NaN last, words by alphabet; equal ones keep the order of the run. */
function compareBy(key, falling) {
  return (a, b) => {
    const left = key(a);
    const right = key(b);
    if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) - Number.isNaN(right) || a - b;
    if (left === right) return a - b;
    return (left < right ? -1 : 1) * (falling ? -1 : 1);
  };
}
