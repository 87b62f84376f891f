"""Write one run as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.model import Bars, iso
from eyas.reports.chart import ROW_NAMES, TRADE_NAMES, chart_data
from eyas.reports.html import inlined, json_of, template_of, write_whole
from eyas.reports.remarks import remarks_on_clock, remarks_on_drawing, remarks_on_run

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

ASSETS = Path(__file__).parent / "assets"
LIBRARY = "lightweight-charts.standalone.production.js"
# One script, in this order: the later ones use the names of the earlier ones.
SCRIPTS = (
    *("data.js", "format.js", "order.js", "palette.js", "theme.js"),
    *("marks.js", "panes.js", "chart.js", "table.js", "page.js"),
)


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """Hold what the page of one run shows.

    `equity` and each of `indicators` have one value a bar (NaN: none). `trades` has the columns of
    `TRADE_NAMES`. `figures` and `settings` are pairs of a label and a formatted value; `remarks` are
    sentences for the top of the page, beside those that the page finds itself. `data` says in
    a line how far the data can be trusted. `opening_cash` is what
    drawdown falls from until equity first exceeds it; without it the first equity is.

    Of a portfolio, `bars` are those of the one symbol that is drawn, `curve_time` is the time of each value
    of `equity`, `symbol_count` how many symbols ran, and `trades` have the columns symbol and `ROW_NAMES`.
    """

    title: str
    bars: Bars
    equity: NDArray[np.float64]
    trades: pl.DataFrame
    figures: Sequence[tuple[str, str]]
    settings: Sequence[tuple[str, str]]
    remarks: Sequence[str] = ()
    indicators: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    opening_cash: float | None = None
    curve_time: NDArray[np.int64] | None = None
    symbol_count: int = 1
    data: Sequence[str] = ()

    @property
    def is_portfolio(self) -> bool:
        """Whether the curve has a clock of its own."""
        return self.curve_time is not None

    @property
    def time(self) -> NDArray[np.int64]:
        """Time of each value of `equity`."""
        return self.bars.time if self.curve_time is None else self.curve_time


def write_page(page: Page, path: Path) -> Path:
    """Write a page to a file, whole or not at all, and return its path.

    Raises UsageError when the folder is missing or cannot be written to.
    """
    return write_whole(render_page(page), Path(path))


def render_page(page: Page) -> str:
    """Return a page as HTML text.

    Raises UsageError when its columns do not belong together.
    """
    _check(page)
    data = chart_data(
        page.bars, page.equity, page.trades, page.indicators, page.opening_cash, page.curve_time
    )
    candle_count = len(data["candles"]["time"]["steps"])
    return template_of(ASSETS / "template.html.jinja").render(
        page=page,
        subtitle=_run_subtitle(page) if page.is_portfolio else _subtitle(page.bars),
        drawn=" · ".join(_subtitle(page.bars)),
        remarks=[*page.remarks, *remarks_on_run(page.time, page.equity, len(page.trades), page.opening_cash)],
        notes=[
            *remarks_on_drawing(page.bars, candle_count, data["candle_width"]),
            *(remarks_on_clock(len(page.equity), data["curve"]["width"]) if page.is_portfolio else []),
        ],
        data=json_of(data),
        **_inlined(),
    )


def _check(page: Page) -> None:
    count = len(page.bars)
    if page.is_portfolio and len(page.equity) != len(page.time):
        raise UsageError(f"equity has {len(page.equity):,} values for {len(page.time):,} steps of the clock")
    of_bars = {**({} if page.is_portfolio else {"equity": page.equity}), **page.indicators}
    for name, values in of_bars.items():
        if len(values) != count:
            raise UsageError(f"{name} has {len(values):,} values for {count:,} bars; give one value a bar")
    wanted = (*TRADE_NAMES, "symbol", *ROW_NAMES) if page.is_portfolio else TRADE_NAMES
    missing = [name for name in wanted if name not in page.trades.columns]
    if missing:
        present = ", ".join(page.trades.columns) or "no columns"
        raise UsageError(f"trades lack the column {missing[0]}; they have {present}")
    for name in TRADE_NAMES:
        empty = page.trades[name].null_count()
        if empty and not page.trades[name].dtype.is_float():
            raise UsageError(f"column {name} of trades has {empty:,} empty values; give closed trades")


def _subtitle(bars: Bars) -> list[str]:
    parts = [bars.symbol, bars.timeframe]
    if len(bars):
        parts.append(f"{_minute(bars.time[0])} to {_minute(bars.time[-1])} UTC")
    parts.append(f"{len(bars):,} bar{'' if len(bars) == 1 else 's'}")
    return [part for part in parts if part]


def _run_subtitle(page: Page) -> list[str]:
    parts = [f"{page.symbol_count:,} symbols"]
    if len(page.time):
        parts.append(f"{_minute(page.time.min())} to {_minute(page.time.max())} UTC")
    return [*parts, f"{len(page.time):,} step{'' if len(page.time) == 1 else 's'}"]


def _minute(time_ns: np.int64) -> str:
    return iso(time_ns).removesuffix("Z").removesuffix(":00").replace("T", " ")


@lru_cache(maxsize=1)
def _inlined() -> dict[str, Any]:
    """Return our own style and scripts."""
    scripts = {"early": ("early.js",), "library": (LIBRARY,), "script": SCRIPTS}
    return inlined(
        [ASSETS / "style.css"], {key: [ASSETS / name for name in names] for key, names in scripts.items()}
    )
