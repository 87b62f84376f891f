// Draws where the stop and the target of a trade were, bar by bar: stops dotted, targets dashed, in ink, because
// blue and orange are for what was gained and lost.

const LEVEL_TRADES_MAX = 12;
const STOP_DASHES = [1.5, 3];
const TARGET_DASHES = [7, 4];

/** The trades whose levels have room: the chosen one, and all where there are few in view. */
function tradesWithLevels(visible, selected) {
  if (visible.length <= LEVEL_TRADES_MAX) return visible;
  return visible.filter(({ trade }) => trade === selected);
}

/** Where the levels of a trade are on the pane; a level holds for whole candles, from the entry to the exit. */
function placeLevels({ trade, entryX, exitX }, levels, timeScale, series) {
  const half = timeScale.options().barSpacing / 2;
  return (levels.get(trade) ?? []).map(({ isStop, start, end, price }) => {
    const left = Math.max(timeScale.logicalToCoordinate(start) - half, entryX);
    const right = Math.min(timeScale.logicalToCoordinate(end) + half, Math.max(exitX, entryX + 2 * half));
    return { isStop, left, right: Math.max(left, right), y: series.priceToCoordinate(price) };
  });
}

/** One path of a trade's levels of one kind: steps where a level moved. */
function levelPath(context, segments) {
  let previous = null;
  for (const { left, right, y } of segments) {
    if (previous && Math.abs(previous.right - left) < 1) context.lineTo(left, y);
    else context.moveTo(left, y);
    context.lineTo(right, y);
    previous = { right };
  }
}

function drawLevels(context, placed, palette, isChosen) {
  context.globalAlpha = isChosen ? 1 : 0.5;
  for (const isStop of [true, false]) {
    const segments = placed.filter((segment) => segment.isStop === isStop && segment.y !== null);
    if (!segments.length) continue;
    context.lineWidth = isChosen ? 1.5 : 1;
    context.strokeStyle = palette.ink;
    context.beginPath();
    context.setLineDash(isStop ? STOP_DASHES : TARGET_DASHES);
    levelPath(context, segments);
    context.stroke();
    context.setLineDash([]);
    if (isChosen) nameLevel(context, segments[segments.length - 1], isStop ? "stop" : "target", palette);
  }
  context.globalAlpha = 1;
}

function nameLevel(context, { right, y }, name, palette) {
  context.font = `11px ${palette.font}`;
  context.textBaseline = "middle";
  context.lineWidth = 3;
  context.strokeStyle = palette.paper;
  context.strokeText(name, right + 5, y);
  context.fillStyle = palette.ink;
  context.fillText(name, right + 5, y);
}

/** The lowest and the highest of a trade's levels, for a scale that shows them; null without any. */
function levelRange(levels) {
  if (!levels?.length) return null;
  const prices = levels.map(({ price }) => price);
  return { priceRange: { minValue: Math.min(...prices), maxValue: Math.max(...prices) } };
}
