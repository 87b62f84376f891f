"""The loop of every download: complete, resumable, never a forming bar, never for ever."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eyas.data.catalog import Catalog
from eyas.errors import DataError, UsageError
from eyas.feeds.asking import World
from eyas.feeds.download import download
from eyas.feeds.faults import Patience, TryAgain
from eyas.feeds.pages import Page
from eyas.feeds.terminal import TerminalBar
from eyas.model import Bars
from tests.feeds.conftest import Asked, Running
from tests.feeds.venues import HOUR_MS, MS_NS, SOFT, START_MS, Row, Venue, function_of, history, sometimes

FAULTS = (*SOFT, "timeout", "reset", "429")


def venue_of(count: int, **more: Any) -> Venue:
    """Return a venue with so many closed bars, and one that is forming."""
    return Venue(history(count + 1), START_MS + count * HOUR_MS + HOUR_MS // 2, **{"page": 50, **more})


def without(rows: list[Row], *holes: tuple[int, int]) -> list[Row]:
    """Return rows without those of some stretches, counted from the first."""
    return [row for at, row in enumerate(rows) if not any(first <= at < end for first, end in holes)]


def test_the_closed_bars_are_stored_in_pages(running: Running) -> None:
    venue = venue_of(120)
    done = running(venue)
    assert running.stored() == venue.closed()
    assert (done.rows_new, done.requests, len(venue.asked)) == (120, 3, 3)
    assert running.catalog.verify() == ()
    assert [one.name for one in running.catalog.series()] == ["BTC/USDT 1h (here)"]


def test_what_is_there_is_not_asked_for_again(running: Running, asked_by: Asked) -> None:
    venue = venue_of(120)
    running(venue)
    assert asked_by(venue, lambda: running(venue)) == 0
    venue.rows, venue.now_ms = history(131), venue.now_ms + 10 * HOUR_MS
    assert asked_by(venue, lambda: running(venue)) == 1
    assert venue.asked[-1]["startTime"] == str(START_MS + 120 * HOUR_MS)
    assert running.stored() == venue.closed()
    # That there is nothing is asked twice, and then never again.
    for requests in (2, 0):
        assert asked_by(venue, lambda: running(venue, start=(START_MS - HOUR_MS) * MS_NS)) == requests


def test_holes_are_filled_and_only_they_are_asked_for(running: Running, asked_by: Asked) -> None:
    venue = venue_of(400)
    for first, end in ((0, 100), (200, 290), (350, 400)):
        running(venue, start=(START_MS + first * HOUR_MS) * MS_NS, end=(START_MS + end * HOUR_MS) * MS_NS)
    assert running.stored() == without(venue.rows[:400], (100, 200), (290, 350))
    assert asked_by(venue, lambda: running(venue)) == 2 + 2
    assert running.stored() == venue.closed()


@pytest.mark.parametrize("windowed", [False, True])
def test_a_stretch_without_bars_is_asked_for_once(running: Running, asked_by: Asked, windowed: bool) -> None:
    venue = venue_of(3000, windowed=windowed)
    venue.rows = without(venue.rows, (0, 333), (700, 705), (900, 1400), (2000, 2001))
    running(venue)
    assert running.stored() == venue.closed()
    assert asked_by(venue, lambda: running(venue)) == 0


def test_before_the_listing_wide_steps_are_made(running: Running, asked_by: Asked) -> None:
    venue = venue_of(50_200, windowed=True)
    venue.rows = venue.rows[50_000:]
    requests = asked_by(venue, lambda: running(venue))
    assert running.stored() == venue.closed()
    assert requests < 200, "1,000 pages are empty"
    assert asked_by(venue, lambda: running(venue)) == 0


def test_after_the_end_of_a_market_the_download_ends(running: Running, asked_by: Asked) -> None:
    venue = venue_of(20_000, windowed=True)
    venue.rows = venue.rows[:100]
    assert asked_by(venue, lambda: running(venue)) < 30
    assert running.stored() == venue.rows
    # What has come to nothing is believed when it is two days old, so the last page is asked for again.
    assert asked_by(venue, lambda: running(venue)) <= 2


def test_a_bar_that_comes_late_is_not_taken_for_one_that_never_was(running: Running) -> None:
    venue = venue_of(100)
    late = venue.rows.pop(99)
    running(venue)
    assert len(running.stored()) == 99
    venue.rows.insert(99, late)
    running(venue)
    assert running.stored() == venue.closed()


def test_a_series_that_was_removed_is_downloaded_again(running: Running) -> None:
    venue = venue_of(120)
    running(venue)
    running.catalog.remove("BTC/USDT", "1h")
    assert running(venue).rows_new == 120
    assert running.stored() == venue.closed()


def test_with_a_series_goes_what_was_not_there_when_it_was_asked_for(running: Running) -> None:
    venue = venue_of(120)
    whole = list(venue.rows)
    venue.rows = without(whole, (40, 60))
    running(venue)
    venue.rows = whole
    assert running(venue).rows_new == 0, "a hole that a source has answered for is not asked for again"
    running.catalog.remove("BTC/USDT", "1h")
    assert running(venue).rows_new == 120


@pytest.mark.parametrize("cut_at_the_front", [False, True])
def test_a_page_that_was_cut_at_the_wrong_end(running: Running, cut_at_the_front: bool) -> None:
    """Asked for 50 bars it answers with the last 20 of them, or the first 20."""

    def source(symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> list[Row]:
        page = venue.answer(start_ns // MS_NS, start_ns // MS_NS + limit * HOUR_MS, limit, None)
        return page[-20:] if cut_at_the_front else page[:20]

    venue = venue_of(230)
    running(venue, source=source, venue="here")
    assert running.stored() == venue.closed()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_goes_wrong_the_history_is_the_venues(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, 400))
    venue = venue_of(count, page=data.draw(st.integers(3, 120)), windowed=data.draw(st.booleans()))
    holes = data.draw(st.lists(st.tuples(st.integers(0, count), st.integers(0, 60)), max_size=3))
    venue.rows = without(venue.rows, *((first, first + length) for first, length in holes))
    # A wrong page where there is nothing else looks like the end: those faults have tests of their own.
    among = FAULTS if len(venue.rows) == count + 1 else ("short", "overlap", "twice", "disorder", "timeout")
    venue.faults = sometimes(
        data.draw(st.integers(0, 10**6)), data.draw(st.sampled_from([0, 0.1, 0.4])), among
    )
    running = Running(tmp_path_factory.mktemp("place"))
    cuts = sorted(data.draw(st.lists(st.integers(1, count), max_size=3)))
    for end in cuts:
        start = data.draw(st.integers(0, end - 1))
        running(venue, start=(START_MS + start * HOUR_MS) * MS_NS, end=(START_MS + end * HOUR_MS) * MS_NS)
    running(venue, patience=Patience(tries=50))
    expected = venue.closed()
    assert (running.stored() if expected else []) == expected
    venue.faults = lambda number, asked: None
    before = len(venue.asked)
    running(venue)
    # Two days without a bar before now are not believed yet: they are asked for again, page by page.
    ends = expected and expected[-1][0] == START_MS + (count - 1) * HOUR_MS
    assert len(venue.asked) - before <= (0 if ends else 3 + 49 // venue.page)


def test_many_small_holes_are_one_question(running: Running, asked_by: Asked) -> None:
    venue = venue_of(100)
    everything = venue.rows
    venue.rows = [row for at, row in enumerate(everything) if at % 3]
    running(venue)
    (ledger,) = (path for path in running.place.rglob("*.json") if ".downloads" in path.parts)
    ledger.unlink()
    venue.rows = everything
    assert asked_by(venue, lambda: running(venue)) <= 3
    assert running.stored() == venue.closed()


def test_a_daily_bar_of_another_zone_closes_a_day_after_it_opened(running: Running) -> None:
    """New York's day opens at 05:00 UTC: at midnight UTC the bar of that day is still forming."""
    day_ms = 24 * HOUR_MS
    rows = history(20, start_ms=START_MS + 5 * HOUR_MS, step_ms=day_ms)
    venue = Venue(rows, START_MS + 10 * day_ms + HOUR_MS, day_ms)
    running(venue, timeframe="1d")
    assert running.stored(timeframe="1d") == rows[:9]
    venue.now_ms += 5 * HOUR_MS
    running(venue, timeframe="1d")
    assert running.stored(timeframe="1d") == rows[:10]


@pytest.mark.parametrize("count", [30, 130])
@pytest.mark.parametrize("sends_time", [False, True])
@pytest.mark.parametrize("skew_ms", [-5 * HOUR_MS, -HOUR_MS, -1000, 0, 1000, HOUR_MS, 5 * HOUR_MS])
def test_a_forming_bar_is_never_stored(running: Running, skew_ms: int, sends_time: bool, count: int) -> None:
    """Our clock goes wrong; what counts is the venue's, where it tells it."""
    venue = venue_of(count)
    plain = function_of(venue)

    def source(symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> Page:
        rows = np.array(plain(symbol, timeframe, start_ns, end_ns, limit) or np.empty((0, 6)))
        bars = Bars(rows[:, 0].astype(np.int64) * MS_NS, *rows[:, 1:].T)
        return Page(bars, now_ns=venue.now_ms * MS_NS if sends_time else None)

    running(venue, source=source, venue="here", skew_ms=skew_ms)
    if sends_time:
        assert running.stored() == venue.closed()
    elif skew_ms <= 1000:
        # A clock that is behind, and knows no better, is careful.
        assert running.stored() == venue.closed(skew_ms)


def test_a_bar_that_ended_this_moment_may_still_change(running: Running) -> None:
    venue = venue_of(10)
    venue.now_ms = START_MS + 10 * HOUR_MS + 1000
    assert running(venue).rows_new == 9
    venue.now_ms += 1000
    assert running(venue).rows_new == 1


def test_a_source_that_always_answers_the_same_is_left(running: Running) -> None:
    rows = history(50)

    def stuck(symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> list[Row]:
        return rows

    venue = venue_of(1000)
    with pytest.raises(
        DataError, match="bars from before those that it was asked for, 4 times in a row"
    ) as caught:
        running(venue, source=stuck, venue="here", patience=Patience(tries=4))
    assert "50 new bars are stored" in str(caught.value)
    assert "Repeat the download" in str(caught.value)
    assert running.stored() == rows
    assert len(running.waits) == 3


def test_it_gives_up_after_so_many_tries_and_goes_on_later(running: Running) -> None:
    venue = venue_of(200, faults=lambda number, asked: "timeout" if number >= 2 else None)
    with pytest.raises(DataError) as caught:
        running(venue)
    said = str(caught.value)
    assert said.startswith(
        "BTC/USDT 1h from 2024-01-01T00:00:00Z to now: made failed: it did not answer in time, 8 "
    )
    assert (
        "for the bars from 2024-01-05T04:00:00Z on. 100 new bars are stored, up to 2024-01-05T03:00:00Z"
        in said
    )
    assert len(venue.asked) == 2 + 8
    assert all(0.25 * 2**at <= wait <= 0.5 * 2**at for at, wait in enumerate(running.waits))
    venue.faults = lambda number, asked: None
    assert running(venue).rows_new == 100
    assert running.stored() == venue.closed()


def test_a_source_that_says_when_is_left_alone_until_then(running: Running) -> None:
    venue = venue_of(100, faults=lambda number, asked: "429" if number == 1 else None)
    done = running(venue)
    assert running.waits == [7]
    assert (done.requests, done.retries) == (3, 1)


def test_a_long_ban_is_not_waited_for(running: Running) -> None:
    def banned(symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> list[Row]:
        raise TryAgain("it bans us", after_s=3 * 86_400)

    with pytest.raises(DataError, match="left alone until 2024-01-07T"):
        running(venue_of(72), source=banned, venue="here")
    assert running.waits == []


def test_what_came_before_ctrl_c_is_stored(running: Running) -> None:
    venue = venue_of(200)
    plain = function_of(venue)

    def source(*asked: Any) -> list[Row]:
        if len(venue.asked) == 3:
            venue.asked.append({})
            raise KeyboardInterrupt
        return plain(*asked)

    with pytest.raises(
        KeyboardInterrupt, match=r"150 new bars are stored.*Repeat the download and it goes on"
    ):
        running(venue, source=source, venue="here")
    assert running.stored() == venue.closed()[:150]
    running(venue)
    assert len(venue.asked) == 5
    assert running.stored() == venue.closed()


def test_ctrl_c_while_a_page_is_stored_loses_nothing(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue = venue_of(200)
    add, calls = Catalog.add, []

    def interrupted(*given: Any, **named: Any) -> Any:
        calls.append(len(given[1]))
        if len(calls) == 1:
            raise KeyboardInterrupt
        return add(*given, **named)

    monkeypatch.setattr(Catalog, "add", interrupted)
    with pytest.raises(KeyboardInterrupt, match=r"BTC/USDT 1h from 2024-01-01T00:00:00Z to now: stopped\."):
        running(venue)
    assert calls[0] == calls[1]
    assert running.stored() == venue.closed()[: calls[0]]


def test_an_error_of_the_source_itself_is_not_hidden(running: Running) -> None:
    venue = venue_of(200)
    plain = function_of(venue)

    def source(*asked: Any) -> list[Row]:
        if len(venue.asked) == 2:
            raise ZeroDivisionError("mine")
        return plain(*asked)

    with pytest.raises(ZeroDivisionError, match="mine"):
        running(venue, source=source, venue="here")
    assert running.stored() == venue.closed()[:100]
    assert running.waits == []


def test_rows_that_no_market_makes_are_kept_aside(running: Running) -> None:
    venue = venue_of(60)
    good = list(venue.rows)
    venue.rows[7] = (good[7][0], float("nan"), *good[7][2:])
    venue.rows[9] = (good[9][0], 100.0, 90.0, 95.0, 93.0, 1.0)
    done = running(venue)
    assert [one.fault for one in done.rejects] == ["missing", "ohlc"]
    assert "made row 8" in str(done)
    assert running.stored() == [row for at, row in enumerate(good[:60]) if at not in (7, 9)]
    assert len(running.catalog.rejects("BTC/USDT", "1h")) == 2


def test_rejected_rows_of_a_page_without_a_good_one_are_kept_too(running: Running) -> None:
    venue = venue_of(60)
    for at in range(40, 60):
        venue.rows[at] = (venue.rows[at][0], float("nan"), *venue.rows[at][2:])
    running(venue, start=(START_MS + 40 * HOUR_MS) * MS_NS)
    assert running.catalog.series() == (), "without a series they are in what is printed"
    assert running(venue, end=(START_MS + 40 * HOUR_MS) * MS_NS).rows_new == 40
    done = running(venue, again=True, start=(START_MS + 40 * HOUR_MS) * MS_NS)
    assert (len(done.rejects), done.counts["rejected"], done.rows_new) == (20, 20, 0)
    assert len(running.catalog.rejects("BTC/USDT", "1h")) == 20


def test_a_corrected_bar_is_reported_and_taken_when_asked(running: Running) -> None:
    venue = venue_of(60)
    running(venue)
    before = venue.closed()
    venue.rows[5] = (venue.rows[5][0], 1.0, 2.0, 0.5, 1.5, 3.0)
    assert running(venue).rows_revised == 0
    done = running(venue, again=True)
    assert (done.rows_same, done.rows_revised, done.requests) == (59, 1, 2)
    assert "1 bars differ from what was stored: the stored ones were kept" in str(done)
    assert running.stored() == before
    running(venue, again=True, revise=True)
    assert running.stored() == venue.closed()


def test_who_knows_how_prices_are_adjusted_can_say_so(running: Running) -> None:
    venue = venue_of(60)
    running(venue, end=(START_MS + 20 * HOUR_MS) * MS_NS, adjustment="raw")
    with pytest.raises(UsageError, match="say adjustment='raw'"):
        running(venue)
    assert running(venue, adjustment="raw").rows_new == 40
    assert running.catalog.entry("BTC/USDT", "1h").adjustment == "raw"


def test_progress_comes_to_all(running: Running) -> None:
    seen: list[tuple[int, int]] = []
    venue = venue_of(220)
    running(venue, progress=lambda done, total, eta_s: seen.append((done, total)))
    assert seen == [(50, 220), (100, 220), (150, 220), (200, 220), (220, 220)]
    running(venue, progress=lambda done, total, eta_s: seen.append((done, total)))
    assert len(seen) == 5


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_on_a_terminal_only() -> None:
    for stream, drawn in ((Screen(), True), (io.StringIO(), False)):
        with TerminalBar("BTCUSDT 1h", stream) as bar:
            bar(50, 100, 75.0)
        assert ("1:15 left" in stream.getvalue()) == drawn
        assert ("50 of 100 bars" in stream.getvalue()) == drawn


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"source": 5}, "neither a name .* nor a function"),
        ({"source": "ccx:binance"}, "no source 'ccx:binance'. Did you mean ccxt:binance"),
        ({"source": "alpaca:x"}, "no source 'alpaca:x'"),
        ({"source": lambda *asked: []}, "say where the bars of <lambda> come from"),
        ({"options": {"a": 1}}, "options are for the sources that have a name"),
        ({"timeframe": "1x"}, "timeframe '1x'"),
        ({"start": None}, "say from when on"),
        ({"start": "yesterday"}, "start='yesterday'"),
        ({"end": "2023-01-01"}, "end='2023-01-01' is not after start"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(running: Running, changed: dict[str, Any], sentence: str) -> None:
    venue = venue_of(5)
    with pytest.raises(UsageError, match=sentence):
        running(venue, **changed)
    assert venue.asked == []


@pytest.mark.parametrize("answer", ["text", [[1, 2]], [["x"] * 6], {"time": [1]}, [[-5, 1, 1, 1, 1, 1]]])
def test_an_answer_that_is_no_page(running: Running, answer: Any) -> None:
    with pytest.raises(DataError, match=r"wrong answered|wrong, row 1"):
        running(venue_of(5), source=named(lambda *asked: answer))


def named(call: Callable[..., Any]) -> Callable[..., Any]:
    call.venue, call.name = "here", "wrong"  # type: ignore[attr-defined]
    return call


def test_a_future_range_asks_nothing(running: Running) -> None:
    venue = venue_of(5)
    done = running(venue, start="2030-01-01")
    assert (done.rows_new, done.requests, venue.asked) == (0, 0, [])
    assert "The source has no bars" in str(done)
    assert done.as_json()["rows"] == 0


def test_the_default_world_is_the_real_one(tmp_path: Any) -> None:
    done = download(
        "X",
        "1d",
        source=lambda *asked: [],
        venue="here",
        start="2024-01-01",
        end="2024-01-03",
        catalog=tmp_path,
    )
    assert done.rows_new == 0
    assert isinstance(World().now_ns(), int)
    assert Catalog(tmp_path).series() == ()
