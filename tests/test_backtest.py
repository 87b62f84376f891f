"""A backtest from outside: what it takes, what it refuses, and what it keeps when a strategy fails."""

from __future__ import annotations

import importlib
import threading
import traceback
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.journal import Journal
from eyas.model import Bars
from tests.test_session import Dice, bars_of, coarse_bars

MODULE = importlib.import_module("eyas.run")
WALK = [100, 102, 101, 105, 103, 108, 104, 110]
BARS = bars_of(WALK)


class Hold(eyas.Strategy):
    """Buy once and hold."""

    units: int = 1

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(self.units)


# --- what it takes ---


@pytest.mark.parametrize(
    ("cash", "text"),
    [
        (10_000, "10000"),
        (10_000.0, "10000"),
        (0.1, "0.1"),
        ("123456.789", "123456.789"),
        ("1e4", "10000"),
        ("1_000", "1000"),
        (" 100 ", "100"),
        (np.int64(5), "5"),
        (np.float64(0.5), "0.5"),
        (Decimal("0.10"), "0.1"),
        (Decimal("0.1000000000000000055511151231257827"), "0.1"),  # more digits than the kernel keeps
        (1e20, "100000000000000000000"),
        (1e-16, "0.0000000000000001"),
    ],
)
def test_cash_is_exact(cash: Any, text: str) -> None:
    report = eyas.backtest(eyas.Strategy(), BARS, cash=cash)
    assert report.cash == text
    assert report.journal.event(0)["cash"] == Decimal(text)
    assert report.curve.tolist() == [float(text)] * len(BARS)


@pytest.mark.parametrize(
    ("cash", "sentence"),
    [
        *((cash, "must be a number above 0") for cash in (0, 0.0, -1, float("nan"), float("inf"), "-0")),
        *((cash, "must be a number above 0") for cash in ("abc", "", "1,000", None, True, [100], b"5", {})),
        *((cash, "must be a number above 0") for cash in (Fraction(1, 3), Decimal("sNaN"), 1j)),
        *((cash, "must be at most 1e20") for cash in (1e30, 1.1e20, "1e21", 10**400)),
        *((cash, "must be at least 1e-16") for cash in (1e-17, "1e-300")),
    ],
)
def test_wrong_cash_gets_a_sentence(cash: Any, sentence: str) -> None:
    with pytest.raises(eyas.UsageError) as caught:
        eyas.backtest(Hold(), BARS, cash=cash)
    assert str(caught.value).startswith("cash is ")
    assert str(caught.value).endswith(f", but {sentence}")


@pytest.mark.parametrize(("count", "named"), [(0, "no bars"), (1, "one bar")])
def test_too_few_bars_get_a_sentence(count: int, named: str) -> None:
    with pytest.raises(eyas.DataError, match=f"^mapping of columns has {named}: a backtest needs two"):
        eyas.backtest(Hold(), BARS[:count])
    assert len(eyas.backtest(Hold(), BARS[:2]).curve) == 2


@pytest.mark.parametrize("wrong", [None, "Hold", 3, dict, Bars, len, BARS, [Hold()]])
def test_what_is_no_strategy_gets_a_sentence(wrong: Any) -> None:
    with pytest.raises(eyas.UsageError, match=r"a backtest runs an eyas.Strategy or eyas.Signals, not "):
        eyas.backtest(wrong, BARS)


def test_swapped_arguments_get_a_sentence() -> None:
    with pytest.raises(eyas.UsageError, match="bars cannot be made from Hold"):
        eyas.backtest(BARS, Hold())  # type: ignore[arg-type]


def test_the_bars_may_be_anything_that_bars_takes() -> None:
    columns = {name: getattr(BARS, name) for name in ("time", "open", "high", "low", "close")}
    assert eyas.backtest(Hold(), columns).journal == eyas.backtest(Hold(), BARS).journal
    with pytest.raises(eyas.DataError):
        eyas.backtest(Hold(), {**columns, "high": BARS.low})


def test_bars_that_were_not_checked_are_refused_by_the_kernel() -> None:
    low = BARS.low.copy()
    low[3] = np.nan
    bars = Bars(BARS.time, BARS.open, BARS.high, low, BARS.close, BARS.volume, source="mine.csv")
    with pytest.raises(eyas.DataError, match=r"^mine.csv: bar 3: bar must be in range"):
        eyas.backtest(Hold(), bars)


def test_a_backtest_is_its_own_market() -> None:
    with pytest.raises(eyas.UsageError, match="matching must be here"):
        eyas.backtest(Hold(), BARS, matching="elsewhere")


# --- copies ---


class Counter(eyas.Strategy):
    """Trade by what it has counted, so that anything left over from another run shows."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def on_bar(self, bar: eyas.Bar) -> None:
        self.seen.append(bar.index)
        if len(self.seen) == 2:
            self.buy(1)


def test_the_same_object_runs_again_and_is_not_touched() -> None:
    strategy = Counter()
    first, second = eyas.backtest(strategy, BARS), eyas.backtest(strategy, BARS)
    assert first.journal.digest == second.journal.digest
    assert len(first.trades) == 1
    assert strategy.seen == []
    assert vars(strategy) == {"seen": []}


def test_a_class_and_its_default_instance_run_the_same() -> None:
    assert eyas.backtest(Dice, BARS).journal == eyas.backtest(Dice(), BARS).journal
    assert eyas.backtest(Dice(seed=5), BARS).journal != eyas.backtest(Dice(), BARS).journal


def test_what_cannot_be_copied_gets_a_sentence() -> None:
    class Locked(eyas.Strategy):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

    with pytest.raises(
        eyas.UsageError, match=r"Locked holds something that cannot be copied .*make it in on_"
    ):
        eyas.backtest(Locked(), BARS)

    class Late(eyas.Strategy):
        def on_start(self) -> None:
            self.lock = threading.Lock()

    assert len(eyas.backtest(Late(), BARS).curve) == len(BARS)


def test_the_report_says_the_parameters_of_the_run() -> None:
    class Adapting(Hold):
        def on_end(self) -> None:
            self.units = 99

    strategy = Adapting(units=2)
    assert eyas.backtest(strategy, BARS).parameters == {"units": 2}
    strategy.units = 3
    report = eyas.backtest(strategy, BARS)
    assert report.parameters == {"units": 3}
    assert report.trades["quantity"].to_list() == [3.0]
    strategy.units = 1.5  # type: ignore[assignment]
    with pytest.raises(eyas.UsageError, match=r"Adapting.units is 1.5, but must be of type int"):
        eyas.backtest(strategy, BARS)


def test_an_own_init_need_not_call_its_parents() -> None:
    class Own(Hold):
        def __init__(self, units: int) -> None:
            self.units = units

    assert eyas.backtest(Own(4), BARS).parameters == {"units": 4}


# --- progress ---


def test_progress_changes_nothing_and_counts_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = coarse_bars(3, 101)
    plain = eyas.backtest(Dice(seed=3), bars, fee_rate=0.001)
    monkeypatch.setattr(MODULE, "FIRST_CHUNK_BARS", 7)
    monkeypatch.setattr(MODULE, "perf_counter", lambda: 0.0)
    told: list[tuple[int, int]] = []
    chunked = eyas.backtest(
        Dice(seed=3), bars, fee_rate=0.001, progress=lambda done, count: told.append((done, count))
    )
    assert chunked.journal == plain.journal
    assert chunked.curve.tolist() == plain.curve.tolist()
    assert chunked.summary == plain.summary
    assert told == [(7, 101), (21, 101), (49, 101), (101, 101)]  # each twice as long, since no time passes


def test_slow_bars_are_told_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1_000))
    monkeypatch.setattr(MODULE, "perf_counter", lambda: float(next(clock)))
    told: list[int] = []
    eyas.backtest(Hold(), coarse_bars(3, 20), progress=lambda done, count: told.append(done))
    assert told == [8, 12, 14, 15, 16, 17, 18, 19, 20]


def test_an_error_of_progress_is_not_the_strategys() -> None:
    def progress(done: int, count: int) -> None:
        raise BrokenPipeError("the terminal is gone")

    with pytest.raises(BrokenPipeError):
        eyas.backtest(Hold(), BARS, progress=progress)


# --- a strategy that fails ---


class Failing(eyas.Strategy):
    """Trade, and fail in one hook on one bar."""

    hook: str = "bar"
    bar: int = 3

    def on_start(self) -> None:
        self.fail("start")

    def on_bar(self, bar: eyas.Bar) -> None:
        self.buy(1, stop_loss=0.02)
        self.buy(-1)
        self.fail("bar")

    def on_fill(self, fill: eyas.Event) -> None:
        self.fail("fill")

    def on_refusal(self, refusal: eyas.Event) -> None:
        self.fail("refusal")

    def on_end(self) -> None:
        self.fail("end")

    def fail(self, hook: str) -> None:
        if hook == self.hook and (hook in ("start", "end") or self.account.bar_index >= self.bar):
            1 / 0  # noqa: B018


def failed(strategy: eyas.Strategy, bars: Bars = BARS, **rules: Any) -> eyas.StrategyError:
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(strategy, bars, **rules)
    return caught.value


@pytest.mark.parametrize(
    ("hook", "bar"),
    [
        *(("bar", bar) for bar in (0, 1, 3, 7)),
        *(("fill", bar) for bar in (1, 3, 7)),
        ("refusal", 0),
        ("refusal", 7),
        ("end", 7),
    ],
)
def test_a_failure_names_its_bar_and_keeps_the_run_up_to_there(hook: str, bar: int) -> None:
    # Cash of its own, so that no other run can have left the right equity in memory.
    market: dict[str, Any] = {
        "fee_rate": 0.001,
        "end_policy": "mark_only",
        "cash": 9_000 + 10 * bar + len(hook),
    }
    error = failed(Failing(hook=hook, bar=bar), **market)
    time = eyas.model.iso(BARS.time[bar])
    assert str(error) == f"Failing failed on bar {bar} ({time}): ZeroDivisionError: division by zero"
    assert error.bar_index == bar
    assert isinstance(error.__cause__, ZeroDivisionError)
    last = traceback.extract_tb(error.__cause__.__traceback__)[-1]
    assert (last.name, last.filename, last.line) == ("fail", __file__, "1 / 0  # noqa: B018")

    report = error.report
    assert report is not None
    assert len(report.bars) == len(report.curve) == bar + 1
    if bar:
        whole = eyas.backtest(Failing(hook="never"), BARS[: bar + 1], **market)
        assert_starts_with(whole.journal, report.journal)
        assert report.curve.tolist() == whole.curve.tolist()
    assert report.summary.bars == bar + 1
    assert report.trades.height == len(report.journal.where("closed"))
    assert report.as_json()["journal"] == report.journal.digest


def assert_starts_with(whole: Journal, part: Journal) -> None:
    """The part may lack what the last bar's decision still asked for, and the end."""
    assert whole.data.startswith(part.data)
    rest = [whole.event(row) for row in range(len(part), len(whole))]
    assert {event["phase"] for event in rest} <= {"decision", "end"}


def test_a_failure_before_the_first_bar_has_no_report() -> None:
    error = failed(Failing(hook="start"))
    assert str(error) == "Failing failed before the first bar: ZeroDivisionError: division by zero"
    assert (error.bar_index, error.report) == (None, None)


def test_a_failure_in_a_later_chunk_names_its_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "FIRST_CHUNK_BARS", 2)
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(Failing(bar=5), BARS, progress=lambda done, count: None)
    assert caught.value.bar_index == 5
    assert caught.value.report is not None
    unchunked = failed(Failing(bar=5)).report
    assert unchunked is not None
    assert caught.value.report.journal == unchunked.journal


@pytest.mark.parametrize(
    ("hook", "what"),
    [
        (lambda s: None, "TypeError: .* takes 1 positional argument but 2 were given"),
        (3, "TypeError: 'int' object is not callable"),
    ],
)
def test_a_hook_that_cannot_be_called_is_the_strategys_failure(hook: Any, what: str) -> None:
    with pytest.raises(eyas.StrategyError, match=rf"^Wrong failed on bar 0 \(.*\): {what}$"):
        eyas.backtest(type("Wrong", (eyas.Strategy,), {"on_bar": hook})(), BARS)


def test_an_error_without_words_ends_without_a_colon() -> None:
    class Silent(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            raise AssertionError

    assert str(failed(Silent())).endswith("Z): AssertionError")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("hook", ["on_start", "on_bar", "on_fill", "on_end"])
def test_an_interrupt_passes_through(hook: str, stop: type[BaseException]) -> None:
    def interrupt(self: Any, *event: Any) -> None:
        raise stop

    strategy = type("Interrupted", (Hold,), {hook: interrupt})
    with pytest.raises(stop):
        eyas.backtest(strategy(), BARS)


# --- refusals ---


class Absurd(eyas.Strategy):
    """Ask for what cannot be on bar 1, and keep what it is told."""

    def __init__(self, ask: Any) -> None:
        super().__init__()
        self.ask = ask

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 1:
            self.ask(self)

    def on_refusal(self, refusal: eyas.Event) -> None:
        TOLD.append((refusal.refusal, refusal.bar, refusal.order))


TOLD: list[tuple[str, int, int]] = []
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("ask", "refusal", "bar"),
    [
        *((lambda s, q=q: s.buy(q), "quantity_must_be_positive", 1) for q in (0, -1, -INF, -1e300)),
        (lambda s: s.buy(1e-9), "quantity_must_reach_step", 1),
        *((lambda s, q=q: s.sell(q), "quantity_must_be_in_range", 1) for q in (1e30, INF, 1e11, 1e300)),
        (lambda s: s.buy(NAN), "quantity_must_be_a_number", 1),
        (lambda s: s.buy(notional=NAN), "quantity_must_be_a_number", 1),
        (lambda s: s.buy(notional=-5), "quantity_must_be_positive", 1),
        (lambda s: s.buy(notional=INF), "quantity_must_be_in_range", 1),
        (lambda s: s.buy(notional=1e-6), "quantity_must_reach_step", 2),
        (lambda s: s.buy(fraction=NAN), "quantity_must_be_a_number", 1),
        *(
            (lambda s, f=f: s.buy(fraction=f), "fraction_must_be_above_zero_to_one", 1)
            for f in (0, -1, 1.1, INF)
        ),
        (lambda s: s.buy(1, limit=NAN), "price_must_be_a_number", 1),
        (lambda s: s.buy(1, limit=0), "price_must_be_positive", 1),
        (lambda s: s.buy(1, stop=-5), "price_must_be_positive", 1),
        (lambda s: s.buy(1, limit=INF), "price_must_be_in_range", 1),
        (lambda s: s.buy(1, stop_loss=NAN), "level_must_be_a_number", 1),
        (lambda s: s.buy(1, take_profit=eyas.at(NAN)), "level_must_be_a_number", 1),
        (lambda s: s.buy(1, stop_loss=-0.1), "stop_must_be_beyond_price", 1),
        (lambda s: s.buy(1, stop_loss=0), "stop_must_be_beyond_price", 1),
        (lambda s: s.buy(1, stop_loss=eyas.at(500)), "stop_must_be_beyond_price", 2),
        (lambda s: s.buy(1, limit=90, stop_loss=eyas.at(91)), "stop_must_be_beyond_price", 1),
        (lambda s: s.sell(1, stop_loss=eyas.at(5)), "stop_must_be_beyond_price", 2),
        (lambda s: s.buy(1, take_profit=eyas.at(5)), "target_must_be_beyond_price", 2),
        (lambda s: s.sell(1, take_profit=1.0), "target_must_be_beyond_price", 2),
        (lambda s: s.buy(1000), "margin_must_cover_order", 2),
        (lambda s: s.close(77), "ticket_must_be_open", 1),
        (lambda s: s.cancel(77), "order_must_be_waiting", 1),
    ],
)
def test_a_refusal_is_in_the_journal_in_the_summary_and_told(ask: Any, refusal: str, bar: int) -> None:
    TOLD.clear()
    report = eyas.backtest(Absurd(ask), BARS)
    [row] = report.journal.where("refused").tolist()
    event = report.journal.event(row)
    assert (event["refusal"], event["bar"]) == (refusal, bar)
    assert [(refusal, bar, event["order"])] == TOLD
    assert report.summary.refused == {refusal.replace("_", " "): 1}
    assert len(report.journal.where("filled")) == 0
    assert set(report.curve.tolist()) == {10_000.0}


def test_tiny_prices_need_more_decimals() -> None:
    tiny = eyas.bars({"time": ["2024-01-01", "2024-01-02"], **{name: [1.56e-7, 2.04e-7] for name in "ohlc"}})
    with pytest.raises(eyas.DataError, match=r"open 1.56e-07 has more than price_decimals=8 decimals"):
        eyas.backtest(eyas.Signals(entries=0), tiny)
    assert eyas.backtest(eyas.Signals(entries=0), tiny, price_decimals=10).summary.trades == 0


def test_prices_must_fit_their_decimals() -> None:
    with pytest.raises(eyas.DataError, match=r"open 1\.05236 has more than price_decimals=2 decimals"):
        eyas.backtest(eyas.Signals(entries=0), eyas.sample("EURUSD", "1h"), price_decimals=2)
    with pytest.raises(
        eyas.DataError, match=r"too large for price_decimals=16, which leaves room up to 230\.584"
    ):
        eyas.backtest(eyas.Signals(entries=0), eyas.sample("AAPL", "1d"), price_decimals=16)
    assert (
        eyas.backtest(eyas.Signals(entries=0), eyas.sample("EURUSD", "1h"), price_decimals=5).summary.trades
        == 0
    )
