"""What looks ahead is found, named by column and bar; what does not is left in peace."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.lookahead import LookAhead, check
from eyas.timeframes import resample

FACTORY_NOISE = np.errstate(invalid="ignore")


class Cross(eyas.Strategy):
    fast: int = 5
    slow: int = 20

    def on_start(self) -> None:
        self.quick = self.use(eyas.indicators.ema, "close", self.fast)
        self.calm = self.use(eyas.indicators.sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.quick.crossed_above(self.calm) and self.is_flat:
            self.cancel()
            self.buy(fraction=0.5, limit=bar.close * 0.999, stop_loss=0.02, leave_after=40)
        elif self.quick.crossed_below(self.calm):
            self.close()


def signals_of(up: Any, down: Any) -> eyas.Signals:
    return eyas.Signals(entries=np.asarray(up, dtype=bool), exits=np.asarray(down, dtype=bool))


def test_a_clean_strategy_passes_and_says_what_was_compared(bars: eyas.Bars) -> None:
    found = check(Cross, bars, cuts=12)
    assert (found.verdict, found.findings, found.change) == ("pass", (), None)
    assert found.passed
    assert not found.looks_ahead
    assert len(found.cuts) == 12
    assert found.columns == ("ema(close, 5)", "sma(close, 20)")
    assert found.decisions > 20
    text = str(found)
    assert text.startswith("Cross: PASS")
    assert "Warm-up" in text
    assert json.loads(json.dumps(found.as_json()))["verdict"] == "pass"


def test_parameters_of_a_strategy_are_kept(bars: eyas.Bars) -> None:
    assert check(Cross(fast=3), bars, cuts=2).columns[0] == "ema(close, 3)"


# --- functions that make what runs ---


def whole_frame(bars: eyas.Bars) -> eyas.Signals:
    score = (bars.close - bars.close.mean()) / bars.close.std()
    return signals_of(score < -1, score > 1)


def next_close(bars: eyas.Bars) -> eyas.Signals:
    after = np.append(bars.close[1:], np.nan)
    with np.errstate(invalid="ignore"):
        return signals_of(after > bars.close, after < bars.close)


def centred_mean(bars: eyas.Bars) -> eyas.Signals:
    mean = np.full(len(bars), np.nan)
    mean[10:-10] = np.convolve(bars.close, np.ones(21) / 21, mode="valid")
    with np.errstate(invalid="ignore"):
        return signals_of(bars.close < mean * 0.995, bars.close > mean)


def open_hour(bars: eyas.Bars) -> eyas.Signals:
    hours = resample(bars, "1h", partial=True)
    hour_close = hours.close[np.searchsorted(hours.time, bars.time, side="right") - 1]
    return signals_of(hour_close > bars.close * 1.002, hour_close < bars.close)


def closed_hour(bars: eyas.Bars) -> eyas.Signals:
    hours = resample(bars, "1h", partial=True)
    place = np.searchsorted(hours.time, bars.time, side="right") - 2
    hour_close = np.where(place >= 0, hours.close[place], np.nan)
    with np.errstate(invalid="ignore"):
        return signals_of(hour_close > bars.close * 1.002, hour_close < bars.close)


def fitted_to_all(bars: eyas.Bars) -> eyas.Signals:
    move = np.diff(bars.close, prepend=bars.close[0])
    slope = np.polyfit(np.roll(move, 1)[1:], move[1:], 1)[0]
    guess = slope * move
    return signals_of(guess > 0.02, guess < -0.02)


def fitted_to_the_first(bars: eyas.Bars) -> eyas.Signals:
    move = np.diff(bars.close, prepend=bars.close[0])
    slope = np.polyfit(move[:299], move[1:300], 1)[0]
    later = np.arange(len(bars)) >= 300
    return signals_of((slope * move > 0.02) & later, (slope * move < -0.02) & later)


@pytest.mark.parametrize(
    ("factory", "column"),
    [
        (whole_frame, "score"),
        (next_close, "after"),
        (centred_mean, "mean"),
        (open_hour, "hour_close"),
        (fitted_to_all, "guess"),
    ],
)
def test_a_function_that_looks_ahead_is_found_by_its_column(
    bars: eyas.Bars, factory: Any, column: str
) -> None:
    found = check(factory, bars)
    assert found.looks_ahead
    assert found.findings[0].name == "looks_ahead"
    assert found.change
    assert found.change.column
    assert found.change.column.name == column
    assert found.change.full != found.change.less
    assert "First decision that changes" in str(found)
    assert found.as_json()["change"]["column"]["name"] == column


@pytest.mark.parametrize("factory", [closed_hour, fitted_to_the_first])
def test_a_function_that_does_not_look_ahead_passes(bars: eyas.Bars, factory: Any) -> None:
    found = check(factory, bars)
    assert found.verdict == "pass", str(found)


def test_the_first_decision_is_searched_for(bars: eyas.Bars) -> None:
    """Of a strategy that looks ahead from bar 500 on, exhaustively: the very first decision it bears on."""

    def late(bars: eyas.Bars) -> eyas.Signals:
        after = np.append(bars.close[1:], np.nan)
        row = np.arange(len(bars))
        with np.errstate(invalid="ignore"):
            return signals_of(np.where(row < 500, row % 20 == 0, after > bars.close), row % 20 == 10)

    close = bars.close
    first = next(row for row in range(500, 1_000) if close[row + 1] > close[row])
    found = check(late, bars, exhaustive=True)
    assert found.change
    assert found.change.step == first
    assert found.change.known_step == first
    assert found.change.full == "buy(fraction=1)"
    assert found.change.less is None
    by_halving = check(late, bars).change
    assert by_halving
    assert first <= by_halving.step < first + 20


def test_a_factory_of_strategies_names_what_its_class_closes_over(bars: eyas.Bars) -> None:
    def make(bars: eyas.Bars) -> type[eyas.Strategy]:
        scaled = (bars.close - bars.close.min()) / (bars.close.max() - bars.close.min())

        class Scaled(eyas.Strategy):
            def on_bar(self, bar: eyas.Bar) -> None:
                if scaled[bar.index] < 0.2 and self.is_flat:
                    self.buy()
                elif scaled[bar.index] > 0.8:
                    self.close()

        return Scaled

    found = check(make, bars)
    assert found.verdict == "fail"
    assert found.change
    assert found.change.column
    assert found.change.column.name == "scaled"


@pytest.mark.parametrize("family", ["pandas", "polars", "mapping"])
def test_a_factory_gets_its_bars_in_the_form_in_which_they_were_given(bars: eyas.Bars, family: str) -> None:
    frames = pytest.importorskip("pandas" if family == "pandas" else "polars")
    columns = {
        name: getattr(bars, name).copy() for name in ("time", "open", "high", "low", "close", "volume")
    }
    given = columns if family == "mapping" else frames.DataFrame(columns)
    kinds = set()

    def clean(data: Any) -> eyas.Signals:
        kinds.add(type(data))
        close = np.asarray(data["close"])
        mean = eyas.indicators.sma(close, 20)
        with np.errstate(invalid="ignore"):
            return signals_of(close < mean * 0.995, close > mean)

    def biased(data: Any) -> eyas.Signals:
        close = np.asarray(data["close"])
        return signals_of(close < close.mean(), close > close.mean() * 1.01)

    assert check(clean, given).verdict == "pass"
    assert kinds == {type(given)}
    assert check(biased, given).verdict == "fail"


def test_a_factory_with_a_second_parameter_gets_the_extras(bars: eyas.Bars) -> None:
    mood = {"time": bars.time[::5].copy(), "score": np.sin(np.arange(200) * 7.0)}

    def make(data: eyas.Bars, extra: Any) -> eyas.Strategy:
        whole = float(np.mean(extra["mood"]["score"]))

        class Mood(eyas.Strategy):
            def on_bar(self, bar: eyas.Bar) -> None:
                if len(self.extra["mood"].score) and self.extra["mood"].score[-1] > whole and self.is_flat:
                    self.buy()
                elif bar.index % 9 == 0:
                    self.close()

        return Mood()

    assert check(make, bars, extra={"mood": mood}).verdict == "fail"


@pytest.mark.parametrize("is_ahead", [False, True])
def test_signals_may_be_made_of_extras_too(bars: eyas.Bars, is_ahead: bool) -> None:
    score = np.sin(np.arange(200) * 7.0)
    mood = {"time": bars.time[::5].copy(), "score": score}

    def make(data: eyas.Bars, extra: Any) -> eyas.Signals:
        place = np.searchsorted(extra["mood"]["time"], data.time, side="right") - 1
        known = extra["mood"]["score"][np.minimum(place + is_ahead, len(extra["mood"]["score"]) - 1)]
        return signals_of(known > 0, known < -0.5)

    found = check(make, bars, extra={"mood": mood})
    assert found.verdict == ("fail" if is_ahead else "pass"), str(found)


# --- told apart from looking ahead ---


def test_knowing_where_the_data_end_is_told_apart(bars: eyas.Bars) -> None:
    def half(bars: eyas.Bars) -> eyas.Signals:
        row = np.arange(len(bars))
        return signals_of((row % 10 == 0) & (row > len(bars) // 2), row % 10 == 5)

    def at_the_end(bars: eyas.Bars) -> eyas.Signals:
        row = np.arange(len(bars))
        return signals_of(row % 50 == 3, row == len(bars) - 1)

    for factory in (half, at_the_end):
        found = check(factory, bars)
        assert [one.name for one in found.findings] == ["knows_the_end"], str(found)
        assert found.verdict == "fail"


def test_chance_is_no_look_ahead(bars: eyas.Bars) -> None:
    class Chance(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if random.random() < 0.2:
                self.buy(1)

    found = check(Chance, bars)
    assert found.verdict == "unjudged"
    assert found.findings[0].name == "not_deterministic"
    assert not found.cuts


def test_chance_with_a_seed_passes(bars: eyas.Bars) -> None:
    class Seeded(eyas.Strategy):
        def on_start(self) -> None:
            self.generator = np.random.default_rng(7)

        def on_bar(self, bar: eyas.Bar) -> None:
            if self.generator.random() < 0.1:
                self.buy(quantity=0.1)
            elif self.generator.random() < 0.1:
                self.close()

    assert check(Seeded, bars).verdict == "pass"


def test_failing_on_few_bars_is_a_note_and_the_rest_is_judged(bars: eyas.Bars) -> None:
    def needs_many(bars: eyas.Bars) -> eyas.Signals:
        if len(bars) < 400:
            raise ValueError("at least 400 bars")
        mean = eyas.indicators.sma(bars.close, 20)
        with np.errstate(invalid="ignore"):
            return signals_of(bars.close < mean * 0.995, bars.close > mean)

    found = check(needs_many, bars)
    assert found.verdict == "pass"
    [note] = found.findings
    assert (note.name, note.level) == ("short_data", "note")
    assert "at least 400 bars" in note.text


def test_what_eyas_refuses_is_found_too(bars: eyas.Bars) -> None:
    class Rolled(eyas.Strategy):
        def on_start(self) -> None:
            self.after = self.use(next_value, "close")

    class Late(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if self.bars.close[bar.index + 1] > bar.close:
                self.buy()

    refused = check(Rolled, bars)
    assert refused.verdict == "fail"
    assert refused.findings[0].name == "refused"
    assert refused.findings[0].column == "next_value(close)"
    late = check(Late, bars)
    assert late.verdict == "fail"
    assert "later than now" in late.findings[0].text


def next_value(values: Any) -> Any:
    return np.roll(values, -1)


def test_an_indicator_that_changes_is_found_though_no_decision_goes_by_it(bars: eyas.Bars) -> None:
    def sly(values: Any) -> Any:
        # It cannot be computed on two thirds of the bars, so `use` lets it pass.
        if len(values) == 666:
            raise ValueError("not now")
        return values - values.mean()

    class Idle(eyas.Strategy):
        def on_start(self) -> None:
            self.gap = self.use(sly, "close")

    found = check(Idle, bars, cuts=4, warm_ups=())
    assert found.verdict == "fail"
    assert found.change is None
    assert found.findings[0].column == "sly(close)"


def test_what_fails_on_all_bars_fails_as_in_a_backtest(bars: eyas.Bars) -> None:
    class Broken(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            raise ZeroDivisionError("as ever")

    with pytest.raises(eyas.StrategyError, match="as ever"):
        check(Broken, bars)
    with pytest.raises(eyas.StrategyError, match="failed on all 1,000 bars"):
        check(lambda bars: 1 / 0, bars)
    with pytest.raises(eyas.UsageError, match="returned int"):
        check(lambda bars: 1, bars)
    with pytest.raises(eyas.UsageError, match="not int"):
        check(3, bars)


@pytest.mark.parametrize("wrong", [{"cuts": 0}, {"cuts": True}, {"warm_ups": (0,)}, {"clock": "none"}])
def test_wrong_words_are_refused(bars: eyas.Bars, wrong: Any) -> None:
    with pytest.raises(eyas.UsageError, match=next(iter(wrong))):
        check(Cross, bars, **wrong)


def test_finished_arrays_are_not_judged(bars: eyas.Bars) -> None:
    row = np.arange(len(bars))
    found = check(signals_of(row % 40 == 0, row % 40 == 20), bars)
    assert found.verdict == "unjudged"
    assert "function that makes them" in found.findings[0].text


def test_finished_arrays_that_are_always_right_have_seen_the_future(bars: eyas.Bars) -> None:
    found = check(next_close(bars), bars)
    assert found.verdict == "fail"
    assert found.findings[0].name == "foresight"


# --- rules that no cut can show ---


@pytest.mark.parametrize(
    ("rules", "level"),
    [({"market_fill": "same_open"}, "fail"), ({"market_fill": "close"}, "warn"), ({}, None)],
)
def test_rules_that_fill_in_the_past_are_named(bars: eyas.Bars, rules: Any, level: str | None) -> None:
    found = check(Cross, bars, cuts=2, warm_ups=(), **rules)
    assert [one.level for one in found.named("by_rule")] == ([level] if level else [])


def test_progress_is_told(bars: eyas.Bars) -> None:
    told: list[tuple[int, int]] = []
    found = check(Cross, bars, cuts=3, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, found.runs + 1))
    assert all(done <= total for done, total in told)


def test_the_result_is_the_same_each_time(bars: eyas.Bars) -> None:
    def text(found: LookAhead) -> str:
        return str(found)

    assert text(check(Cross, bars, seed=3)) == text(check(Cross, bars, seed=3))
    assert check(Cross, bars, seed=3).cuts != check(Cross, bars, seed=4).cuts
