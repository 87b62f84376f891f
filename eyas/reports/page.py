"""Write one run as one HTML file that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.model import Bars, iso
from eyas.reports.chart import LEVEL_NAMES, LEVEL_ROW_NAMES, ROW_NAMES, TRADE_NAMES, chart_data, level_data
from eyas.reports.html import inlined, json_of, template_of, write_whole
from eyas.reports.layout import column_starts, widened
from eyas.reports.remarks import remarks_on_clock, remarks_on_drawing, remarks_on_run

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.data.quality import Verdict
    from eyas.metrics.definition import Definition
    from eyas.reports.benchmark import Benchmark
    from eyas.reports.sections import Section

ASSETS = Path(__file__).parent / "assets"
LIBRARY = "lightweight-charts.standalone.production.js"
STYLES = ("style.css", "sheet.css", "sections.css")
# One script, in this order: the later ones use the names of the earlier ones.
SCRIPTS = (
    *("data.js", "format.js", "order.js", "palette.js", "theme.js", "levels.js", "marks.js", "panes.js"),
    *("chart.js", "columns.js", "table.js", "definitions.js", "contents.js", "page.js"),
)
NO_PAGES = (".pdf", ".png", ".svg", ".jpg", ".jpeg", ".webp", ".eyas")
# In the row of links there is no room for whole titles.
SHORT_TITLES = {
    "monthly": "Months",
    "periods": "Periods",
    "returns": "Returns",
    "drawdowns": "Drawdowns",
    "rolling": "Rolling",
    "results": "Results",
    "moments": "Hours",
    "groups": "Sides",
    "symbol-profits": "Profits",
    "together": "Together",
}
FINDINGS_MAX = 20  # symbols whose findings are told in full
CLEAN_MAX = 200  # symbols in the table of those in which nothing was found
UNITS = {
    "rate": "a fraction, shown in percent",
    "ratio": "a ratio, without a unit",
    "money": "the account's money",
    "count": "a count",
    "bars": "bars",
    "duration": "a length of time",
    "text": "a word",
}
HASH = re.compile("[0-9a-f]{40,}")


class Shown(NamedTuple):
    """Hold one figure as a page shows it: its label, its text, and what it means, where that is known."""

    label: str
    text: str
    definition: Definition | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """Hold what the page of one run shows.

    `equity` and each of `indicators` have one value a bar (NaN: none). `trades` has the columns of
    `TRADE_NAMES`, and may have those of `RATE_NAMES` and `NOTE_NAMES`. `figures` are the headline: label,
    text, and a definition or none; `groups` are all figures, by the title of their group, `basis` says what
    they were computed on. `settings` are pairs of a label and a formatted value, `settings_groups` the same
    in groups, which are shown in their stead; `remarks` are
    sentences for the top of the page, beside those that the page finds itself. `data` says in
    a line how far the data can be trusted, `verdicts` in full. `bounds` says between which results the run
    lies. `opening_cash` is what drawdown falls from until equity first exceeds it; without it the first
    equity is. `benchmark` has a value for each of `equity`. `levels` has the columns of
    `LEVEL_NAMES`: which row of `trades` had its stop or its target at which price, from which to which bar.

    Of a portfolio, `bars` are those of the one symbol that is drawn, `curve_time` is the time of each value
    of `equity`, `symbol_count` how many symbols ran, `trades` have the columns symbol and `ROW_NAMES`, and
    `levels` those of `LEVEL_ROW_NAMES`.
    """

    title: str
    bars: Bars
    equity: NDArray[np.float64]
    trades: pl.DataFrame
    figures: Sequence[tuple[str, str] | tuple[str, str, Definition | None]]
    settings: Sequence[tuple[str, str]]
    remarks: Sequence[str] = ()
    indicators: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    opening_cash: float | None = None
    curve_time: NDArray[np.int64] | None = None
    symbol_count: int = 1
    data: Sequence[str] = ()
    groups: Sequence[tuple[str, Sequence[Shown]]] = ()
    basis: str = ""
    benchmark: Benchmark | None = None
    levels: pl.DataFrame | None = None
    sections: Sequence[Section] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    settings_groups: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    bounds: str = ""

    @property
    def is_portfolio(self) -> bool:
        """Whether the curve has a clock of its own."""
        return self.curve_time is not None

    @property
    def time(self) -> NDArray[np.int64]:
        """Time of each value of `equity`."""
        return self.bars.time if self.curve_time is None else self.curve_time

    @property
    def has_chart(self) -> bool:
        """Whether there is anything to draw."""
        return len(self.bars) > 0 or self.is_portfolio

    @property
    def headline(self) -> list[Shown]:
        """The figures above the chart."""
        return [Shown(*figure) for figure in self.figures]

    @property
    def grouped_settings(self) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
        """The settings in groups; where they are not in any, in one without a title."""
        return self.settings_groups or ([("", self.settings)] if self.settings else [])


def write_page(page: Page, path: str | Path) -> Path:
    """Write a page to a file, whole or not at all, and return its path.

    Raises UsageError when the folder is missing or cannot be written to, or the ending is not a page's.
    """
    ending = Path(str(path)).suffix.lower()
    if ending in NO_PAGES:
        raise UsageError(
            f"{path}: a report is an HTML page, so name it {Path(str(path)).stem}.html; report.pdf(path) "
            "prints it, report.figure(name) is a picture"
        )
    return write_whole(render_page(page), path)


def render_page(page: Page) -> str:
    """Return a page as HTML text.

    Raises UsageError when its columns do not belong together.
    """
    from markupsafe import Markup

    _check(page)
    data = chart_data(
        page.bars,
        page.equity,
        page.trades,
        page.indicators,
        page.opening_cash,
        page.curve_time,
        page.benchmark,
    )
    data["levels"] = None if page.levels is None else level_data(page.levels, data["candle_width"])
    candle_count = len(data["candles"]["time"]["steps"])
    drawn = [section for section in page.sections if not section.is_empty]
    verdicts = _verdicts(page.verdicts)
    troubled = [one for one in verdicts if one["findings"]]
    clean = [one for one in verdicts if not one["findings"]]
    return template_of(ASSETS / "template.html.jinja").render(
        page=page,
        subtitle=_run_subtitle(page) if page.is_portfolio else _subtitle(page.bars),
        drawn=" · ".join(_subtitle(page.bars)),
        remarks=[*page.remarks, *remarks_on_run(page.time, page.equity, len(page.trades), page.opening_cash)],
        notes=[
            *remarks_on_drawing(page.bars, candle_count, data["candle_width"]),
            *(remarks_on_clock(len(page.equity), data["curve"]["width"]) if page.is_portfolio else []),
        ],
        contents=contents(page),
        sections=[
            (section, Markup(section.html), is_wide)
            for section, is_wide in zip(drawn, widened(drawn), strict=True)
        ],
        not_shown=[(section.title, Markup(section.html)) for section in page.sections if section.is_empty],
        column_starts=column_starts([len(figures) for _, figures in page.groups]),
        verdicts=troubled[:FINDINGS_MAX],
        clean=clean[:CLEAN_MAX],
        verdicts_left_off=max(0, len(troubled) - FINDINGS_MAX) + max(0, len(clean) - CLEAN_MAX),
        units=UNITS,
        is_hash=HASH.fullmatch,
        has_definitions=any(one.definition for one in _all_figures(page)),
        has_benchmark=data["curve"]["benchmark"] is not None,
        has_notes=any(name in data["trades"] for name in ("note", "exit_note")),
        data=json_of(data),
        **_inlined(),
    )


def contents(page: Page) -> list[tuple[str, str]]:
    """Return the id and the short title of every section that a page has, in order."""
    found = [
        ("figures", "Figures", page.figures),
        ("charts", "Chart", page.has_chart),
        ("all-figures", "All figures", page.groups),
        *(
            (f"section-{section.key}", SHORT_TITLES.get(section.key, section.title), not section.is_empty)
            for section in page.sections
        ),
        ("trades", "Trades", True),
        ("verdict", "Data", page.verdicts),
        ("settings", "Settings", page.grouped_settings),
    ]
    return [(name, title) for name, title, is_there in found if is_there]


def _all_figures(page: Page) -> list[Shown]:
    return [*page.headline, *(figure for _, figures in page.groups for figure in figures)]


def _verdicts(verdicts: Mapping[str, Verdict]) -> list[dict[str, Any]]:
    """Return what the page says of each verdict, those that do not pass first."""
    gravest_first = sorted(verdicts.items(), key=lambda item: ("fail", "warn", "pass").index(item[1].level))
    return [
        {
            "name": name,
            "level": one.level,
            "rows": f"{one.rows:,}",
            "span": "".join(_span(one.bars)),
            "calendar": one.calendar,
            "hash": one.hash,
            "findings": [
                (finding, "" if finding.time is None else _minute(finding.time)) for finding in one.findings
            ],
        }
        for name, one in gravest_first
    ]


def _check(page: Page) -> None:
    count = len(page.bars)
    if page.is_portfolio and len(page.equity) != len(page.time):
        raise UsageError(f"equity has {len(page.equity):,} values for {len(page.time):,} steps of the clock")
    of_bars = {**({} if page.is_portfolio else {"equity": page.equity}), **page.indicators}
    for name, values in of_bars.items():
        if len(values) != count:
            raise UsageError(f"{name} has {len(values):,} values for {count:,} bars; give one value a bar")
    against = page.benchmark
    if against and len(against.values) != len(page.equity):
        raise UsageError(
            f"the benchmark {against.name} has {len(against.values):,} values for {len(page.equity):,} of "
            "equity; give one for each, NaN where there is none"
        )
    wanted = (*TRADE_NAMES, "symbol", *ROW_NAMES) if page.is_portfolio else TRADE_NAMES
    _check_columns("trades", page.trades, wanted)
    if page.levels is not None:
        _check_columns("levels", page.levels, (*LEVEL_NAMES, *(LEVEL_ROW_NAMES if page.is_portfolio else ())))
    for name in TRADE_NAMES:
        empty = page.trades[name].null_count()
        if empty and not page.trades[name].dtype.is_float():
            raise UsageError(f"column {name} of trades has {empty:,} empty values; give closed trades")


def _check_columns(what: str, frame: pl.DataFrame, wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        present = ", ".join(frame.columns) or "no columns"
        raise UsageError(f"{what} lack the column {missing[0]}; they have {present}")


def _subtitle(bars: Bars) -> list[str]:
    count = f"{len(bars):,} bar{'' if len(bars) == 1 else 's'}"
    return [part for part in (bars.symbol, bars.timeframe, *_span(bars), count) if part]


def _span(bars: Bars) -> list[str]:
    return [f"{_minute(bars.time[0])} to {_minute(bars.time[-1])} UTC"] if len(bars) else []


def _run_subtitle(page: Page) -> list[str]:
    parts = [f"{page.symbol_count:,} symbols"]
    if len(page.time):
        parts.append(f"{_minute(page.time.min())} to {_minute(page.time.max())} UTC")
    return [*parts, f"{len(page.time):,} step{'' if len(page.time) == 1 else 's'}"]


def _minute(time_ns: np.int64 | int) -> str:
    return iso(time_ns).removesuffix("Z").removesuffix(":00").replace("T", " ")


@lru_cache(maxsize=1)
def _inlined() -> dict[str, Any]:
    """Return our own style and scripts."""
    scripts = {"early": ("early.js",), "library": (LIBRARY,), "script": SCRIPTS}
    return inlined(
        [ASSETS / name for name in STYLES],
        {key: [ASSETS / name for name in names] for key, names in scripts.items()},
    )
