"""In which steps several instruments are taken."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eyas.market import Market
from eyas.model import Bars
from eyas.timeframes import closes
from tests.reference.search import searching
from tests.test_session import MINUTE_NS, START_NS


def bars_at(minutes: Any, timeframe: str = "1m", price: float = 100.0) -> Bars:
    """Return bars that open at some minutes."""
    time = START_NS + MINUTE_NS * np.asarray(minutes, dtype=np.int64)
    same = np.full(len(time), price)
    return Bars(time, same, same, same, same, same, timeframe=timeframe)


def minutes(times: Any) -> list[float]:
    return [(int(time) - START_NS) / MINUTE_NS for time in times]


def test_one_instrument_has_a_step_for_each_bar() -> None:
    market = Market({"A": bars_at([3, 4, 9])})
    assert not market.is_portfolio
    assert minutes(market.time) == [3, 4, 9]
    assert market.steps(0).tolist() == [0, 1, 2]
    assert [(part.first, part.last, part.is_end) for part in market.parts_of(1, 3)] == [(1, 3, False)]


def test_a_step_takes_what_closes_at_one_time() -> None:
    market = Market({"B": bars_at([0, 2, 4], "2m"), "A": bars_at([0, 1, 2, 3])})
    assert market.symbols == ("A", "B")
    assert minutes(market.time) == [1, 2, 3, 4, 6]
    assert market.steps(0).tolist() == [0, 1, 2, 3]
    assert market.steps(1).tolist() == [1, 3, 4]
    assert market.first_time == START_NS


def test_instruments_in_turn() -> None:
    bars = {"B": bars_at([0, 1, 2]), "A": bars_at([0, 1])}
    market = Market(bars, in_turn=["B", "A"])
    assert minutes(market.time) == [1, 2, 3, 1, 2]
    assert market.steps(0).tolist() == [3, 4]
    assert market.steps(1).tolist() == [0, 1, 2]
    parts = list(market.parts_of(0, 5))
    assert [(part.start, part.end, part.instrument, part.is_end) for part in parts] == [
        (0, 3, 1, True),
        (3, 5, 0, False),
    ]
    assert [part.source for part in parts] == [market.histories[1], market.histories[0]]
    [part] = market.parts_of(4, 5)
    assert (part.first, part.last, part.start) == (1, 2, 4)


OPENS = st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True).map(sorted)
MARKETS = st.dictionaries(st.sampled_from("ABCDE"), OPENS, min_size=1, max_size=5)


@given(MARKETS, st.booleans(), st.lists(st.integers(0, 60), max_size=4))
@searching(150)
def test_every_bar_is_taken_once_in_order(opens: Any, in_turn: bool, cuts: Any) -> None:
    bars = {symbol: bars_at(found, "3m") for symbol, found in opens.items()}
    market = Market(bars, in_turn=list(bars) if in_turn else None)
    count = len(market)
    if len(bars) > 1 and not in_turn:
        assert market.time.tolist() == sorted({int(time) for one in bars.values() for time in closes(one)})
    for place, one in enumerate(market.bars):
        steps = market.steps(place)
        assert len(steps) == len(one)
        assert (np.diff(steps) > 0).all()
        if len(bars) > 1:
            assert market.time[steps].tolist() == closes(one).tolist()
    whole = list(market.parts_of(0, count))
    assert whole[0].start == 0
    assert all(one.end == other.start for one, other in pairwise(whole))
    assert whole[-1].end == count
    ended = [part.instrument for part in whole if part.is_end]
    assert len(ended) == (len(bars) - 1 if in_turn else 0)
    # However a run is cut into chunks, the same steps are taken and the same instruments end.
    ends = sorted({0, count, *(cut for cut in cuts if cut < count)})
    chunks = [part for first, last in pairwise(ends) for part in market.parts_of(first, last)]
    rows = [(id(part.source), row) for part in chunks for row in range(part.first, part.last)]
    assert rows == [(id(part.source), row) for part in whole for row in range(part.first, part.last)]
    assert [part.instrument for part in chunks if part.is_end] == ended
