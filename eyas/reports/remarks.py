"""Say in words what a reader of a page should know before believing its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from eyas.model import ORDER_KINDS, iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.data.quality import Verdict
    from eyas.journal import Journal
    from eyas.model import Bars
    from eyas.rules import Rules

SYMBOLS = 3  # that a sentence names
FINDINGS = 4  # that a page shows
UNITS_NS = (
    ("day", 86_400_000_000_000),
    ("hour", 3_600_000_000_000),
    ("minute", 60_000_000_000),
    ("second", 1_000_000_000),
    ("millisecond", 1_000_000),
    ("microsecond", 1_000),
    ("nanosecond", 1),
)


def remarks_on_end(taken: int, given: int) -> list[str]:
    """Return a sentence where a run covers fewer bars than it was given, because its strategy failed.

    >>> remarks_on_end(100, 100)
    []
    """
    if not taken < given:
        return []
    failed = f"The run ended early: the strategy failed after {taken:,} of {given:,} bars."
    return [f"{failed} What is shown goes as far as it came."]


def remarks_on_run(
    time: NDArray[np.int64], equity: NDArray[np.float64], trade_count: int, opening_cash: float | None = None
) -> list[str]:
    """Return the sentences for the top of a page: what makes its figures say less than they seem to.

    `time` is that of each value of `equity`.
    """
    if not len(time):
        return ["There are no bars, so there is nothing to show."]
    remarks = []
    if len(time) == 1:
        remarks.append("The run is one bar long: there is no curve to judge.")
    if trade_count == 0:
        remarks.append("No trade was made in this run.")
    if trade_count == 1:
        remarks.append("One trade was made: figures over trades say nothing about the next one.")
    return remarks + _remarks_on_equity(time, equity, opening_cash)


def _remarks_on_equity(
    time: NDArray[np.int64], equity: NDArray[np.float64], opening_cash: float | None
) -> list[str]:
    places = np.flatnonzero(np.isfinite(equity))
    known = equity[places]
    if not len(known):
        return ["The equity of this run is not known."]
    remarks = []
    if len(known) > 1 and np.all(known == known[0]):
        remarks.append(f"Equity never changed: it stayed at {_number(known[0])} throughout.")
    if np.min(known) < 0:
        lowest = places[np.argmin(known)]
        remarks.append(f"Equity fell below zero: to {_number(equity[lowest])} at {iso(time[lowest])}.")
    if max(known[0], opening_cash or known[0]) <= 0:
        remarks.append(
            "Drawdown is shown from where equity first is above zero: before, it has no peak to fall from."
        )
    return remarks


def remarks_on_look_ahead(rules: Rules, journal: Journal) -> list[str]:
    """Return the sentences for rules under which a cut-off future can change a past fill (R39)."""
    remarks = []
    chosen = {"market_fill": rules.market_fill, "exit_fill": rules.exit_fill}
    names = [name for name, value in chosen.items() if value == "same_open"]
    if names:
        remarks.append(
            f"Filled at the open of the bar that was decided on ({' and '.join(names)}=same_open): "
            "such orders know a bar that has closed when they trade at its open."
        )
    submitted = journal.where("submitted")
    is_market = [ORDER_KINDS[code] == "market" for code in journal.records["order_kind"][submitted].tolist()]
    stated = int(
        np.count_nonzero((journal.records["price"][submitted] > 0) & np.array(is_market, dtype=bool))
    )
    if stated and {"signal_price", "given_price"} & set(chosen.values()):
        remarks.append(
            f"Market orders that stated their own price: {stated:,}. Nothing shows that it could be had."
        )
    return remarks


def remarks_on_data(quality: Mapping[str, Verdict]) -> list[str]:
    """Return one sentence for what the checks of the data found, none where all passed."""
    found = {symbol: verdict.counted for symbol, verdict in quality.items() if verdict.level != "pass"}
    if not found:
        return []
    several = len(quality) > 1
    named = list(found.items())[:SYMBOLS]
    listed = "; ".join(f"{symbol or 'the bars'}: {text}" if several else text for symbol, text in named)
    more = f"; and {len(found) - SYMBOLS:,} symbols more" if len(found) > SYMBOLS else ""
    beside = any(name.startswith("the ") for name, _ in found.items())
    where = "the quality of report, report.finer and report.extra says" if beside else "report.quality says"
    return [f"The data's check warns of {listed}{more} ({where} what and where)."]


def remarks_on_findings(quality: Mapping[str, Verdict]) -> list[str]:
    """Return a sentence for each of the first findings of the data's checks, for the top of a page."""
    said = [
        f"Data{f' of {symbol}' if len(quality) > 1 else ''}, {one.name}: {one.sentence}"
        for symbol, verdict in quality.items()
        for one in verdict.grave
    ]
    more = len(said) - FINDINGS
    return [*said[:FINDINGS], *([f"Findings in the data beside these: {more:,}."] if more > 0 else [])]


def remarks_on_drawing(bars: Bars, candle_count: int, candle_width: int) -> list[str]:
    """Return the sentences that belong under a chart: how what it shows differs from the bars."""
    remarks = []
    if candle_width > 1:
        remarks.append(
            f"{len(bars):,} bars shown as {candle_count:,} candles of {candle_width:,} bars; equity and "
            "drawdown keep the lowest and highest value of each. Figures and trades come from every bar."
        )
    spacing = _remark_on_spacing(bars)
    if spacing:
        remarks.append(spacing)
    return remarks


def remarks_on_clock(step_count: int, width: int) -> list[str]:
    """Return the sentence that belongs under a portfolio's curve, where it is not drawn step by step."""
    if width == 1:
        return []
    return [
        f"{step_count:,} steps of the clock shown {width:,} at a time, with the lowest and highest equity."
    ]


def duration(span_ns: int) -> str:
    """Return a length of time in its two largest units.

    >>> duration(183_600_000_000_000)
    '2 days 3 hours'
    """
    parts = []
    for name, unit_ns in UNITS_NS:
        count, span_ns = divmod(span_ns, unit_ns)
        if count:
            parts.append(f"{count:,} {name}{'' if count == 1 else 's'}")
        if parts and (not count or len(parts) == 2):
            break
    return " ".join(parts) or "no time"


def _number(value: np.float64) -> str:
    return f"{value:,.10g}".replace("-", "−")


def _remark_on_spacing(bars: Bars) -> str:
    steps = np.diff(bars.time)
    if not len(steps) or np.all(steps == steps[0]):
        return ""
    lengths, counts = np.unique(steps, return_counts=True)
    usual = int(lengths[np.argmax(counts)])
    others = int(len(steps) - np.max(counts))
    return (
        f"Bars are unevenly spaced: usually {duration(usual)} apart, {others:,} of {len(steps):,} steps "
        f"{'differs' if others == 1 else 'differ'}, "
        f"the longest is {duration(int(steps.max()))}. They are drawn side by side, so a gap takes no room."
    )
