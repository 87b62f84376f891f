"""Which trade is which: nearest in reach, one to one, and fast where thousands are alike."""

from __future__ import annotations

from typing import Any

from eyas.reports.difference import difference
from eyas.reports.difference.matching import REACH_BARS, Match, matched
from eyas.reports.difference.trades import Entry, Exit, Trade
from tests.reports.difference.runs import flat_bars, listed

BAR = 60


def trade(
    ticket: int, entry: int, *, last: int | None = None, decided: int | None = None, **said: Any
) -> Trade:
    leaving = entry + 1 if last is None else last
    quantity = said.pop("quantity", 1)
    told: dict[str, Any] = {
        "ticket": ticket,
        "symbol": "A",
        "direction": 1,
        "decided_ns": entry if decided is None else decided,
        "entry_ns": entry,
        "exit_ns": leaving,
        "reason": "close",
        "quantity": quantity,
        "entries": (Entry(entry, 1, quantity),),
        "exits": (Exit(leaving, 1, quantity, "close"),),
        **dict.fromkeys(("entered", "left", "fee", "funding", "borrowing", "profit", "value"), 0),
        "mark": 1,
        "one": 1,
    }
    return Trade(**(told | said))


def tickets(matches: list[Match]) -> list[tuple[int | None, int | None]]:
    return [(match.a and match.a.ticket, match.b and match.b.ticket) for match in matches]


def test_the_nearest_entries_go_together() -> None:
    a = [trade(1, 0), trade(2, 1000)]
    b = [trade(1, 940), trade(2, 1020)]
    assert tickets(matched(a, b, BAR)) == [(1, None), (None, 1), (2, 2)]


def test_what_was_decided_together_goes_before_what_is_nearer() -> None:
    a = [trade(1, 100, decided=50)]
    b = [trade(1, 101, decided=90), trade(2, 400, decided=50)]
    assert tickets(matched(a, b, BAR)) == [(1, 2), (None, 1)]


def test_reach_is_ten_bars_and_half_of_a_holding_in_common() -> None:
    far = REACH_BARS * BAR + 1
    assert tickets(matched([trade(1, 0)], [trade(1, far - 1)], BAR)) == [(1, 1)]
    assert tickets(matched([trade(1, 0)], [trade(1, far)], BAR)) == [(1, None), (None, 1)]
    long_a, long_b = trade(1, 0, last=9 * far), trade(1, far, last=9 * far)
    assert tickets(matched([long_a], [long_b], BAR)) == [(1, 1)]
    assert tickets(matched([long_a], [trade(1, 7 * far, last=9 * far)], BAR)) == [(1, None), (None, 1)]


def test_sides_and_symbols_are_kept_apart() -> None:
    a = [trade(1, 0), trade(2, 0, direction=-1), trade(3, 0, symbol="B")]
    b = [trade(1, 0, symbol="B"), trade(2, 0), trade(3, 0, symbol="C")]
    assert sorted(tickets(matched(a, b, BAR)), key=str) == [(1, 2), (2, None), (3, 1), (None, 3)]


def test_pairs_of_neighbours_never_cross() -> None:
    a = [trade(number, 100 * number, decided=-number) for number in range(20)]
    b = [trade(number, 100 * number + 37, decided=-100 - number) for number in range(20)]
    found = [pair for pair in tickets(matched(a, b, BAR)) if None not in pair]
    assert found == sorted(found)
    assert len(found) == 20


def test_one_too_few_shifts_none_of_the_others() -> None:
    # All at one bar, each with its own quantity.
    sizes = [1 + number % 97 for number in range(3000)]
    a = [trade(number, 0, quantity=size) for number, size in enumerate(sizes)]
    b = [trade(number, 0, quantity=size) for number, size in enumerate(sizes) if number != 1234]
    found = tickets(matched(a, b, BAR))
    assert sum(pair[1] is None for pair in found) == 1
    assert all(sizes[one] == sizes[other] for one, other in found if other is not None and one is not None)


def test_thousands_of_tickets_at_one_bar() -> None:
    def run(count: int, odd: int) -> Any:
        table = {0: [lambda s, n=n: s.buy(1 + (n + odd) % 5) for n in range(count)], 3: [lambda s: s.close()]}
        return listed(flat_bars(100, 100, 110, 110, 120, 120), table, cash=10_000_000)

    found = difference(run(1500, 0), run(1499, 1))
    assert found.counts == {"missed": 1, "equal": 1499}


def test_trades_of_unnamed_bars_go_with_those_of_named() -> None:
    table = {0: [lambda s: s.buy(1)], 2: [lambda s: s.close()]}
    a = listed(flat_bars(1, 2, 3, 4, 5, symbol=""), table)
    b = listed(flat_bars(1, 2, 3, 4, 5, symbol="XYZ"), table)
    found = difference(a, b)
    assert found.counts == {"equal": 1}
    assert difference(b, a).counts == {"equal": 1}
