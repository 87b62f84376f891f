// Draws the trades over the candles: entry at its price, exit at its price, a line between.
// A primitive of lightweight-charts; at 20,000 trades its own markers are neither exact nor fast enough.

const HIT_PX = 9;
const HITS_MAX = 3;

/** How large trades are drawn, from how much room each has: shapes when near, dots when far. */
function markSize(roomPx) {
  return Math.min(6, Math.max(1.2, Math.sqrt(roomPx) * 0.95));
}

function trianglePath(context, x, y, size, points) {
  const down = points === "up" ? 1 : -1;
  context.moveTo(x, y);
  context.lineTo(x - size, y + down * size * 1.7);
  context.lineTo(x + size, y + down * size * 1.7);
  context.closePath();
}

function dotPath(context, x, y, size) {
  context.moveTo(x + size, y);
  context.arc(x, y, size, 0, 2 * Math.PI);
}

class TradeMarks {
  /** `onCrowd` is called when the trades in view become too many to draw, or few enough again. */
  constructor({ trades, levels }, palette, onCrowd) {
    this.onCrowd = onCrowd;
    this.trades = trades;
    this.levels = levels;
    this.palette = palette;
    this.selected = -1;
    this.visible = [];
    this.withLevels = [];
    this.tooMany = 0;
    this.views = [{ zOrder: () => "top", renderer: () => ({ draw: (target) => this.draw(target) }) }];
  }

  attached({ chart, series, requestUpdate }) {
    this.timeScale = chart.timeScale();
    this.series = series;
    this.update = requestUpdate;
  }

  paneViews() {
    return this.views;
  }

  select(trade) {
    this.selected = trade;
    this.update();
  }

  paint(palette) {
    this.palette = palette;
    this.update();
  }

  /** Where on the pane a trade was entered and left. */
  place(trade) {
    const { entryCandle, exitCandle, entry_price: entryPrice, exit_price: exitPrice } = this.trades;
    return {
      trade,
      entryX: this.timeScale.logicalToCoordinate(entryCandle[trade]),
      entryY: this.series.priceToCoordinate(entryPrice[trade]),
      exitX: this.timeScale.logicalToCoordinate(exitCandle[trade]),
      exitY: this.series.priceToCoordinate(exitPrice[trade]),
    };
  }

  updateAllViews() {
    const range = this.timeScale.getVisibleLogicalRange();
    const { count, entryCandle, exitCandle, isDrawn } = this.trades;
    const widthPx = this.timeScale.width();
    const inView = [];
    for (let trade = 0; range && trade < count; trade++) {
      if (isDrawn(trade) && exitCandle[trade] >= range.from - 1 && entryCandle[trade] <= range.to + 1) {
        inView.push(trade);
      }
    }
    // With less than a pixel for each, their colours would only mix: none are drawn, and the legend says so.
    const crowd = inView.length > widthPx ? inView.length : 0;
    const changed = crowd !== this.tooMany;
    this.tooMany = crowd;
    if (changed) this.onCrowd();
    const drawn = this.tooMany ? inView.filter((trade) => trade === this.selected) : inView;
    this.visible = drawn.map((trade) => this.place(trade));
    this.size = markSize(widthPx / Math.max(1, drawn.length));
    this.withLevels = tradesWithLevels(this.visible, this.selected).map((place) => (
      { trade: place.trade, placed: placeLevels(place, this.levels, this.timeScale, this.series) }
    ));
  }

  /** The stop and the target of the chosen trade belong into view with it. */
  autoscaleInfo(from, to) {
    const { entryCandle, exitCandle } = this.trades;
    const isInView = this.selected >= 0 && exitCandle[this.selected] >= from && entryCandle[this.selected] <= to;
    return isInView ? levelRange(this.levels.get(this.selected)) : null;
  }

  draw(target) {
    target.useMediaCoordinateSpace(({ context }) => {
      context.lineJoin = "round";
      const chosen = this.visible.filter(({ trade }) => trade === this.selected);
      const others = this.visible.filter(({ trade }) => trade !== this.selected);
      for (const { trade, placed } of this.withLevels) {
        drawLevels(context, placed, this.palette, trade === this.selected);
      }
      context.globalAlpha = this.size < 2 ? 0.65 : chosen.length ? 0.55 : 1;
      this.drawGroup(context, others, this.size);
      context.globalAlpha = 1;
      this.drawGroup(context, chosen, Math.max(6, this.size));
    });
  }

  drawGroup(context, places, size) {
    const { profit } = this.trades;
    const gains = places.filter(({ trade }) => profit[trade] >= 0);
    const losses = places.filter(({ trade }) => !(profit[trade] >= 0));
    this.drawLines(context, gains, size, this.palette.gain);
    this.drawLines(context, losses, size, this.palette.loss);
    this.drawExits(context, gains, size, this.palette.gain);
    this.drawExits(context, losses, size, this.palette.loss);
    // Smaller, a triangle is a blot: then the line and the exit stand for the trade.
    if (size >= 2.6) this.drawEntries(context, places, size);
  }

  drawLines(context, places, size, colour) {
    context.beginPath();
    for (const { entryX, entryY, exitX, exitY } of places) {
      context.moveTo(entryX, entryY);
      context.lineTo(exitX, exitY);
    }
    context.lineWidth = size >= 3 ? 1.5 : 1;
    context.strokeStyle = colour;
    // Dashed, so that nobody takes it for an indicator; at a distance the dashes would only blur.
    context.setLineDash(size >= 3 ? [5, 3] : []);
    context.stroke();
    context.setLineDash([]);
  }

  drawEntries(context, places, size) {
    context.beginPath();
    for (const { trade, entryX, entryY } of places) {
      trianglePath(context, entryX, entryY, size, this.trades.direction[trade] === "short" ? "down" : "up");
    }
    this.fillWithHalo(context, size, this.palette.ink);
  }

  drawExits(context, places, size, colour) {
    context.beginPath();
    for (const { exitX, exitY } of places) dotPath(context, exitX, exitY, size * 0.75);
    this.fillWithHalo(context, size, colour);
  }

  fillWithHalo(context, size, colour) {
    context.lineWidth = 2;
    context.strokeStyle = this.palette.paper;
    if (size >= 3) context.stroke();
    context.fillStyle = colour;
    context.fill();
  }

  /**
   * The trades whose entry or exit is under the pointer, nearest first: one is often left where the next is entered.
   * lightweight-charts hands the id on as `hoveredInfo.objectId`.
   */
  hitTest(x, y) {
    const hits = [];
    for (const { trade, entryX, entryY, exitX, exitY } of this.visible) {
      const distance = Math.min(Math.hypot(entryX - x, entryY - y), Math.hypot(exitX - x, exitY - y));
      if (distance <= HIT_PX) hits.push({ trade, distance });
    }
    if (!hits.length) return null;
    hits.sort((a, b) => a.distance - b.distance || a.trade - b.trade);
    const nearest = hits[0].distance;
    const here = hits.filter(({ distance }) => distance <= nearest + 1).slice(0, HITS_MAX);
    const externalId = here.map(({ trade }) => trade).join();
    return { externalId, distance: nearest, hitTestPriority: 2, zOrder: "top", cursorStyle: "pointer" };
  }
}

/** The trades under the pointer of a chart event. */
function tradesAt(event) {
  const id = event.hoveredInfo?.objectId;
  return typeof id === "string" && id ? id.split(",").map(Number) : [];
}
