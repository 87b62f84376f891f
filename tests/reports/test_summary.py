"""The headline figures, worked out again by hand from the trades, the journal and the curve."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.reports import Report, Summary
from eyas.reports.summary import annual
from tests.reference.generate import rule_sets
from tests.reference.search import searching
from tests.test_session import Dice, bars_of, coarse_bars, rules_of

DAY_NS = 86_400_000_000_000


class Buy(eyas.Strategy):
    """Open on bar 0 with so much money, in both directions; close on a bar."""

    long: float = 0.0
    short: float = 0.0
    until: int = 10**6

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0 and self.long:
            self.buy(notional=self.long)
        if bar.index == 0 and self.short:
            self.sell(notional=self.short)
        if bar.index == self.until:
            self.close()


def drawdowns(cash: float, curve: list[float]) -> tuple[float, int]:
    """Return the deepest fall from a peak and the longest stay below one."""
    deepest, longest = 0.0, 0
    for row in range(len(curve)):
        before = [cash, *curve[: row + 1]]
        deepest = max(deepest, 1 - curve[row] / max(before))
        top = max(place for place, value in enumerate(before) if value == max(before))
        longest = max(longest, len(before) - 1 - top)
    return deepest, longest


def bars_held(report: Report) -> int:
    """Count the bars at whose close, before the decision, a ticket was open."""
    held: Counter[int] = Counter()
    journal = report.journal
    by_bar: dict[int, list[dict[str, Any]]] = {}
    for row in journal.where("filled").tolist():
        event = journal.event(row)
        by_bar.setdefault(event["bar"], []).append(event)
    count = 0
    for bar in range(len(report.bars)):
        filled = by_bar.get(bar, [])
        for event in filled:
            if event["phase"] in ("open", "range", "close"):
                held[event["ticket"]] += event["quantity"]
        count += any(held.values())
        for event in filled:
            if event["phase"] in ("decision", "end"):
                held[event["ticket"]] += event["quantity"]
    return count


def sharpe(cash: float, curve: list[float], years: float) -> float | None:
    """Return mean over deviation of the bars' returns, a year."""
    pairs = zip([cash, *curve], curve, strict=False)
    changes = [now / before - 1 for before, now in pairs if before > 0]
    if len(changes) < 10:
        return None
    deviation = statistics.stdev(changes)
    if deviation <= 1e-14:
        return None
    return statistics.mean(changes) / deviation * math.sqrt((len(curve) - 1) / years)


def expected(report: Report) -> dict[str, Any]:
    """Work out a summary from the report's other parts."""
    bars, curve, cash = report.bars, report.curve.tolist(), float(report.cash)
    profits = [
        Decimal(report.journal.event(row)["profit"]) for row in report.journal.where("closed").tolist()
    ]
    fees = [report.journal.event(row)["fee"] for row in report.journal.where("filled").tolist()]
    won, lost = sum(p for p in profits if p > 0), -sum(p for p in profits if p < 0)
    refused = [report.journal.event(row)["refusal"] for row in report.journal.where("refused").tolist()]
    years = (int(bars.time[-1]) - int(bars.time[0])) / DAY_NS / 365.25
    long_enough = years * 365.25 >= 30
    deepest, longest = drawdowns(cash, curve)
    gain = curve[-1] / cash - 1
    return {
        "start": eyas.model.iso(bars.time[0]),
        "end": eyas.model.iso(bars.time[-1]),
        "bars": len(bars),
        "cash": cash,
        "equity_final": curve[-1],
        "total_return": gain,
        "annual_return": (1 + gain) ** (1 / years) - 1 if long_enough and gain > -1 else None,
        "buy_and_hold_return": bars.close[-1] / bars.close[0] - 1,
        "max_drawdown": deepest,
        "max_drawdown_bars": longest,
        "sharpe": sharpe(cash, curve, years) if long_enough else None,
        "exposure": bars_held(report) / len(bars),
        "trades": len(profits),
        "win_rate": sum(p > 0 for p in profits) / len(profits) if profits else None,
        "profit_factor": float(won / lost) if lost else math.inf if won else None,
        "net_profit": float(sum(profits)),
        "average_trade": float(sum(profits)) / len(profits) if profits else None,
        "best_trade": float(max(profits)) if profits else None,
        "worst_trade": float(min(profits)) if profits else None,
        "fees": float(sum(fees)),
        "charges": 0.0,
        "refused": dict(Counter(name.replace("_", " ") for name in refused)),
    }


def assert_figures(report: Report) -> None:
    summary = report.summary
    wanted = expected(report)
    assert {name: getattr(summary, name) for name in Summary.__slots__} == {
        name: pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value
        for name, value in wanted.items()
    }


@given(
    st.integers(0, 10**6),
    rule_sets(),
    st.sampled_from([2, 3, 40, 60]),
    st.sampled_from([1, 60, 1440, 10_000]),
)
@searching(100)
def test_the_figures_are_those_of_the_run(seed: int, texts: dict[str, str], count: int, minutes: int) -> None:
    bars = coarse_bars(seed, count)
    stretched = eyas.bars(
        {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
        | {"time": bars.time[0] + (bars.time - bars.time[0]) * minutes}
    )
    assert_figures(eyas.backtest(Dice(seed=seed), stretched, rules=rules_of(texts)))


CASES: dict[str, tuple[Any, Any, dict[str, Any], dict[str, Any]]] = {
    "nothing happens": (
        Buy(),
        bars_of([100, 101, 102]),
        {},
        {
            "trades": 0,
            "win_rate": None,
            "profit_factor": None,
            "best_trade": None,
            "max_drawdown": 0,
            "fees": 0,
            "charges": 0,
        },
    ),
    "two bars": (Buy(long=100), bars_of([100, 101]), {}, {"trades": 1, "exposure": 0.5, "net_profit": 1}),
    "one trade that won": (
        Buy(long=5_000, until=2),
        bars_of([100, 100, 110, 110, 90]),
        {},
        {"trades": 1, "win_rate": 1, "profit_factor": math.inf, "net_profit": 500, "worst_trade": 500},
    ),
    "one trade that lost": (
        Buy(short=5_000, until=2),
        bars_of([100, 100, 110, 110, 90]),
        {},
        {"trades": 1, "win_rate": 0, "profit_factor": 0, "net_profit": -500, "best_trade": -500},
    ),
    "a trade that broke even": (
        Buy(long=5_000),
        bars_of([100, 100, 110, 100]),
        {},
        {"trades": 1, "win_rate": 0, "profit_factor": None, "net_profit": 0, "max_drawdown_bars": 1},
    ),
    "one of each": (
        Buy(long=1_000, short=1_000),
        bars_of([100, 100, 110]),
        {},
        {"trades": 2, "win_rate": 0.5, "profit_factor": 1, "average_trade": 0, "best_trade": 100},
    ),
    "held and never closed": (
        Buy(long=5_000),
        bars_of([100, 100, 110]),
        {"end_policy": "mark_only"},
        {"trades": 0, "net_profit": 0, "equity_final": 10_500, "total_return": 0.05},
    ),
    "all is lost and more": (
        Buy(long=200_000),
        bars_of([100, 100, 40, 20, 60] * 20, step_ns=DAY_NS),
        {"leverage": 25},
        {"annual_return": None, "equity_final": -70_000, "total_return": -8, "max_drawdown": 16},
    ),
    "less than 30 days": (
        Buy(long=5_000),
        bars_of([100 + day for day in range(30)], step_ns=DAY_NS),
        {},
        {"annual_return": None, "sharpe": None, "trades": 1},
    ),
    "costs on every fill": (
        Buy(long=5_000, until=1),
        bars_of([100, 100, 100, 100]),
        {"fee_fixed": 1, "fee_rate": 0.01},
        {"fees": 102, "net_profit": -102, "equity_final": 9_898},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_edges_have_the_figures_that_a_person_works_out(name: str) -> None:
    strategy, bars, rules, figures = CASES[name]
    report = eyas.backtest(strategy, bars, **rules)
    found = {figure: getattr(report.summary, figure) for figure in figures}
    assert found == {
        figure: None if value is None else pytest.approx(value) for figure, value in figures.items()
    }
    assert_figures(report)


def test_a_figure_a_year_needs_30_days_and_then_is_there() -> None:
    days = [100 + day % 3 + day / 10 for day in range(31)]
    summary = eyas.backtest(Buy(long=5_000), bars_of(days, step_ns=DAY_NS)).summary
    assert summary.annual_return == pytest.approx((1 + summary.total_return) ** (365.25 / 30) - 1)
    assert summary.sharpe is not None
    flat = eyas.backtest(Buy(), bars_of(days, step_ns=DAY_NS)).summary
    assert (flat.annual_return, flat.sharpe) == (0, None)


@pytest.mark.parametrize(("months", "is_said"), [(3, False), (9, False), (10, True)])
def test_a_few_returns_have_no_sharpe_ratio_however_long_they_took(months: int, is_said: bool) -> None:
    """As in the figures, and in both of the same number of returns."""
    bars = bars_of([100, 101, 103, 102, 105, 104, 107, 106, 110, 111][:months], step_ns=31 * DAY_NS)
    report = eyas.backtest(Buy(long=50), bars)
    assert (report.summary.sharpe is not None) == is_said
    assert (report.metrics["sharpe"] is not None) == is_said
    assert report.summary.annual_return is not None


def test_a_rate_beyond_any_number_is_not_known() -> None:
    assert annual(1.0, 1.0) == 1.0
    assert annual(1e30, 30 / 365.25) is None
    assert annual(-1.0, 1.0) is None
    assert annual(-1.5, 0.3) is None


# --- how they read ---


def test_the_table_reads_in_order_and_knows_what_it_does_not() -> None:
    text = str(eyas.backtest(Buy(), bars_of([100, 101, 102])).summary)
    lines = [line.split("  ", 1) for line in text.splitlines()]
    read = {label: value.strip() for label, value in lines}
    assert list(read)[:3] == ["From", "To", "Bars"]
    assert read["Cash at start"] == read["Equity at end"] == "10,000.00"
    assert read["Return"] == "0.00 %"
    assert read["Buy and hold"] == "2.00 %"
    assert read["Longest drawdown"] == "0 bars"
    for label in ("Return a year", "Sharpe ratio", "Won", "Profit factor", "Average trade", "Best trade"):
        assert read[label] == "n/a"
    assert len({len(line) for line in text.splitlines()}) == 1


def test_infinity_and_refusals_can_be_read() -> None:
    report = eyas.backtest(Buy(long=5_000, short=-3), bars_of([100, 100, 110]))
    text = str(report.summary)
    assert report.summary.profit_factor == math.inf
    assert "∞" in text
    assert "Refused: quantity must be positive" in text
    assert repr(report.summary) == text


def test_refusals_stand_most_frequent_first() -> None:
    class Refused(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            self.buy(-1)
            self.buy(float("nan"))
            if bar.index:
                self.buy(1, limit=-1)

    refused = eyas.backtest(Refused(), bars_of([1, 2, 3])).summary.refused
    assert list(refused.items()) == [
        ("quantity must be a number", 3),
        ("quantity must be positive", 3),
        ("price must be positive", 2),
    ]


def test_html_is_escaped() -> None:
    summary = eyas.backtest(Buy(), bars_of([1, 2])).summary
    spiked = Summary(
        **{
            **{name: getattr(summary, name) for name in Summary.__slots__},
            "start": "<script>alert(1)</script>",
            "refused": {"a & <b>": 3},
        }
    )
    html = spiked._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "Refused: a &amp; &lt;b&gt;" in html
    assert html.count("<tr") == html.count("</tr>") == len(spiked.rows())
