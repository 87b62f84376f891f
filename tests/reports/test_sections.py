"""The sections of a real run say what its frames and figures say; what has nothing to show says why."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

import eyas
from eyas.model import Bars
from eyas.reports import Report
from eyas.reports.benchmark import benchmark_of
from eyas.reports.sections import Section, sections_of
from eyas.reports.svg.text import number_text, percent_text, signed_percent
from eyas.reports.svg.time_axis import moment
from tests.reports.svg.reading import number_of, of_class, parsed, titles

DAY_NS, MINUTE_NS = 86_400_000_000_000, 60_000_000_000
START_NS = int(np.datetime64("2019-12-02T10:00", "ns").astype(np.int64))
KEYS = [
    *("monthly", "periods", "returns", "drawdowns", "rolling"),
    *("exposure", "results", "excursions", "moments", "groups"),
]
OF_TRADES = ("results", "excursions", "moments", "groups")


def bars(close: np.ndarray, time: np.ndarray) -> Bars:
    opens = np.concatenate([close[:1], close[:-1]])
    high, low = np.maximum(opens, close), np.minimum(opens, close)
    return Bars(
        time=time,
        open=opens,
        high=high,
        low=low,
        close=close,
        volume=np.ones(len(close)),
        symbol="X",
        timeframe="",
    )


def walk(count: int) -> np.ndarray:
    return np.round(100 + np.cumsum(np.random.default_rng(3).normal(0, 0.3, count)), 2)


def ran(close: np.ndarray, time: np.ndarray | int, every: int = 0, **changes: object) -> Report:
    """Return a run that goes long, holds half of the time, then goes short; `every` 0 does not trade."""
    count = len(close)
    times = START_NS + time * np.arange(count, dtype=np.int64) if isinstance(time, int) else time
    entries, exits = np.zeros(count, np.int64), np.zeros(count, np.int64)
    if every:
        entries[:: 2 * every], entries[every :: 2 * every] = 1, -1
        exits[every // 2 :: every] = 1
    settings = {"cash": 1_000, "fee_rate": 0.0001, **changes}
    return eyas.backtest(
        eyas.Signals(entries=entries, exits=exits, quantity=2), bars(close, times), **settings
    )


@cache
def daily() -> Report:
    return ran(walk(700), DAY_NS, every=12)


def by_key(report: Report) -> dict[str, Section]:
    found = sections_of(report, benchmark_of(None, report))
    assert [section.key for section in found] == KEYS
    return {section.key: section for section in found}


def rows_of(html: str) -> list[list[str]]:
    return [["".join(cell.itertext()) for cell in row] for row in parsed(html).iter("tr")]


def test_every_section_is_well_formed_and_titled() -> None:
    for section in sections_of(daily()):
        tree = parsed(section.html)
        assert section.title
        assert not re.search(r"\bnan\b|\binf\b|None", section.html)
        assert not list(tree.iter("script"))
        assert "style=" not in section.html
        for plot in of_class(tree, "plot"):
            assert plot.get("aria-label")


def test_months_compound_to_the_return_of_the_summary() -> None:
    rows = rows_of(by_key(daily())["monthly"].html)
    assert rows[0][1:] == [
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
        "Dec",
        "Year",
    ]
    assert [row[0] for row in rows[1:]] == ["2019", "2020", "2021"]
    exact = [
        number_of(one.get("title", "")) for one in of_class(parsed(by_key(daily())["monthly"].html), "total")
    ]
    assert np.prod(1 + np.array(exact)) - 1 == pytest.approx(daily().summary.total_return, abs=2e-4)


def test_years_are_bars_beside_the_benchmark() -> None:
    section = by_key(daily())["periods"]
    assert section.title == "Return by year"
    said = titles(parsed(section.html))
    assert [text[:4] for text in said] == ["2019", "2020", "2021"]
    assert all("Buy and hold X" in text for text in said)
    assert len(titles(parsed(sections_of(daily())[1].html))) == 3
    assert "Buy and hold" not in sections_of(daily())[1].html


def test_the_worst_drawdown_is_that_of_the_figures() -> None:
    rows = rows_of(by_key(daily())["drawdowns"].html)
    assert rows[1][1] == percent_text(daily().metrics["max_drawdown"])  # type: ignore[arg-type]
    depths = [number_of(row[1]) for row in rows[1:]]
    assert depths == sorted(depths, reverse=True)
    assert 3 < len(rows) <= 11
    assert rows[1][2] in {moment(int(time), 10**18) for time in daily().time}


def test_groups_add_up_to_the_trades() -> None:
    report = daily()
    rows = rows_of(by_key(report)["groups"].html)
    sides = {row[0]: row for row in rows if row[0] in ("long", "short")}
    for side in ("long", "short"):
        trades = report.trades.filter(report.trades["direction"] == side)
        assert sides[side][1] == f"{len(trades):,}"
        assert sides[side][2] == percent_text(float((trades["profit"] > 0).mean()))  # type: ignore[arg-type]
        assert sides[side][3] == signed_percent(float(trades["profit_rate"].mean()))  # type: ignore[arg-type]
        assert sides[side][4] == number_text(float(trades["profit"].sum()))


def test_results_count_every_trade_once() -> None:
    section = by_key(daily())["results"]
    counted = sum(int(text.split(": ")[1].split(" of ")[0]) for text in titles(parsed(section.html)))
    outside = [int(text) for text in re.findall(r"(\d+) more", section.html)]
    assert counted + sum(outside) == len(daily().trades)
    assert section.note.startswith(f"{len(daily().trades)} trades")


def test_excursions_say_their_edge_ratio() -> None:
    report = daily()
    note = by_key(report)["excursions"].note.replace("\u00a0", " ")
    frame = eyas.reports.excursions.excursion_frame(report)
    assert f"ran {percent_text(frame['mfe_rate'].mean())} for itself" in note
    assert f"edge ratio of {number_text(-frame['mfe_rate'].mean() / frame['mae_rate'].mean())}" in note


def test_exposure_has_long_above_and_short_below() -> None:
    section = by_key(daily())["exposure"]
    tree = parsed(section.html)
    assert of_class(tree, "fill-long")
    assert of_class(tree, "fill-short")
    assert "at most" in section.note


def test_weekdays_say_how_many_trades_they_have() -> None:
    said = titles(parsed(by_key(daily())["moments"].html))
    of_weekdays = [text for text in said if text[:3] in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")]
    assert sum(int(text.split(", ")[1].split()[0]) for text in of_weekdays) == len(daily().trades)


def test_rolling_figures_are_pictured_with_their_window() -> None:
    section = by_key(daily())["rolling"]
    assert section.title == "Rolling figures of 126 days"
    assert len(of_class(parsed(section.html), "plot")) == 5
    assert len(of_class(parsed(sections_of(daily())[4].html), "plot")) == 4


@pytest.mark.parametrize(
    ("report", "silent"),
    [
        (lambda: ran(walk(2), DAY_NS), {"returns", "drawdowns", "rolling", "exposure", *OF_TRADES}),
        (lambda: ran(walk(300), MINUTE_NS), {"rolling", *OF_TRADES}),
        (lambda: ran(np.full(300, 50.0), DAY_NS, every=150, fee_rate=0), {"returns", "drawdowns", "results"}),
        (lambda: ran(walk(300), 1_000_000, every=150), {"rolling"}),
        (lambda: ran(walk(300), 7, every=150), {"rolling"}),
        (lambda: ran(walk(60), 366 * DAY_NS, every=30), {"monthly"}),
    ],
)
def test_what_has_nothing_to_show_says_why(report, silent: set[str]) -> None:
    found = by_key(report())
    for key in silent:
        assert of_class(parsed(found[key].html), "empty"), key
        assert not of_class(parsed(found[key].html), "plot"), key
    for section in found.values():
        assert not re.search(r"\bnan\b|\binf\b|None", section.html + section.note)


def test_uneven_bars_and_weekends_have_a_true_axis_of_time() -> None:
    steps = np.where(np.arange(200) % 5 == 4, 3, 1) * DAY_NS
    report = ran(walk(200), START_NS + np.concatenate([[0], np.cumsum(steps)[:-1]]), every=12)
    for section in by_key(report).values():
        parsed(section.html)


def test_equity_below_zero_is_drawn() -> None:
    close = np.concatenate([np.linspace(100, 1, 50), np.full(50, 1.0)])
    count = len(close)
    entries = np.zeros(count, np.int64)
    entries[1] = 1
    strategy = eyas.Signals(entries=entries, exits=np.zeros(count, np.int64), quantity=20)
    report = eyas.backtest(strategy, bars(close, START_NS + DAY_NS * np.arange(count)), cash=500, leverage=5)
    assert report.curve.min() < 0
    found = by_key(report)
    rows = rows_of(found["drawdowns"].html)
    assert number_of(rows[1][1]) > 1
    assert rows[1][4] == "not yet"


class Often(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat:
            self.buy(quantity=1)
        else:
            self.close()


def test_symbols_one_after_the_other_have_no_calendar() -> None:
    market = {name: bars(walk(90), START_NS + DAY_NS * np.arange(90)) for name in "AB"}
    report = eyas.backtest(Often(), market, clock="sequential")
    found = {section.key: section for section in sections_of(report)}
    for key in ("monthly", "rolling", "exposure", "drawdowns"):
        assert "one after the other" in found[key].html
    (first, *_) = rows_of(found["drawdowns"].html)[1:]
    assert number_of(first[1]) > 0
    assert first[5] == "–"  # how long it took nobody can say


def test_steps_of_a_portfolio_are_told_by_their_closes() -> None:
    market = {name: bars(walk(90), START_NS + DAY_NS * np.arange(90)) for name in "AB"}
    report = eyas.backtest(Often(), market)
    found = {section.key: section for section in sections_of(report)}
    days = {moment(int(time), 90 * DAY_NS) for time in report.time}
    assert {row[2] for row in rows_of(found["drawdowns"].html)[1:]} <= days


def test_many_bars_and_trades_stay_small() -> None:
    report = ran(walk(40_000), MINUTE_NS, every=8)
    assert len(report.trades) > 4_000
    assert sum(len(section.html) for section in sections_of(report, benchmark_of(None, report))) < 400_000
