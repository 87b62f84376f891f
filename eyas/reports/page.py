"""Write one run as one HTML file that needs nothing else: no network, no folder beside it.

Everything is inlined, and the page's own content security policy forbids it to load or send anything.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.model import Bars, iso
from eyas.reports.chart import ROW_NAMES, TRADE_NAMES, chart_data
from eyas.reports.remarks import remarks_on_clock, remarks_on_drawing, remarks_on_run

if TYPE_CHECKING:
    import polars as pl
    from jinja2 import Template
    from numpy.typing import NDArray

ASSETS = Path(__file__).parent / "assets"
LIBRARY = "lightweight-charts.standalone.production.js"
# One script, in this order: the later ones use the names of the earlier ones.
SCRIPTS = ("data.js", "format.js", "palette.js", "marks.js", "panes.js", "chart.js", "table.js", "page.js")


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
    target = Path(path).resolve()
    if not target.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {target.parent}; create it or choose another path")
    if target.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it, such as {Path(path) / 'report.html'}")
    text = render_page(page)
    # In the same folder, because only within one file system can a file replace another in one step.
    draft = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another path") from error
    finally:
        draft.unlink(missing_ok=True)  # also when a person interrupts
    return Path(path)


def render_page(page: Page) -> str:
    """Return a page as HTML text.

    Raises UsageError when its columns do not belong together.
    """
    from jinja2.utils import htmlsafe_json_dumps

    _check(page)
    data = chart_data(
        page.bars, page.equity, page.trades, page.indicators, page.opening_cash, page.curve_time
    )
    candle_count = len(data["candles"]["time"]["steps"])
    return _template().render(
        page=page,
        subtitle=_run_subtitle(page) if page.is_portfolio else _subtitle(page.bars),
        drawn=" · ".join(_subtitle(page.bars)),
        remarks=[*page.remarks, *remarks_on_run(page.time, page.equity, len(page.trades), page.opening_cash)],
        notes=[
            *remarks_on_drawing(page.bars, candle_count, data["candle_width"]),
            *(remarks_on_clock(len(page.equity), data["curve"]["width"]) if page.is_portfolio else []),
        ],
        data=htmlsafe_json_dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False),
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


def _minus(text: str) -> str:
    """Return a number's text with a minus sign for its hyphen, which is as wide as a plus."""
    return re.sub(r"^-(?=[\d.])", "−", text)


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["minus"] = _minus
    return environment.from_string(_asset("template.html.jinja"))


@lru_cache(maxsize=1)
def _inlined() -> dict[str, Any]:
    """Return our own style and scripts, marked as safe, and the hashes that the page's policy admits."""
    from markupsafe import Markup

    scripts = {
        "early": _asset("early.js"),
        "library": _asset(LIBRARY),
        "script": "\n".join(_asset(name) for name in SCRIPTS),
    }
    hashes = " ".join(f"'sha256-{_sha256(text)}'" for text in scripts.values())
    texts = {name: Markup(text) for name, text in scripts.items()}
    return {**texts, "style": Markup(_asset("style.css")), "script_hashes": Markup(hashes)}


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
