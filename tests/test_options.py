"""The rarer options of an order: how they are worded, and what the kernel makes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.model import Bars
from eyas.options import nanoseconds, worded
from tests.test_session import MINUTE_NS, START_NS
from tests.test_strategy import Do


def bars_of(*rows: tuple[float, float, float, float]) -> Bars:
    """Return minutes from rows of open, high, low, close."""
    prices = np.array(rows, dtype=np.float64)
    columns = dict(zip(("open", "high", "low", "close"), prices.T, strict=True))
    time = START_NS + MINUTE_NS * np.arange(len(rows), dtype=np.int64)
    return eyas.bars({"time": time, **columns, "volume": np.full(len(rows), 100.0)}, timeframe="1m")


def flat(count: int, price: float = 100) -> list[tuple[float, float, float, float]]:
    return [(price, price, price, price)] * count


def told(bars: Bars, rules: dict[str, Any] | None = None, **todo: Any) -> list[str]:
    """Return what happened after the submissions, in short."""
    journal = eyas.backtest(Do(**todo), bars, cash=100_000, **(rules or {})).journal
    lines = []
    for row in range(len(journal)):
        event = journal.event(row)
        if event["kind"] in ("filled", "cancelled", "triggered", "amended", "refused", "warned"):
            why = event["refusal"] if event["refusal"] != "none" else event["cause"]
            quantity = f" {float(event['quantity']):+g}" if event["kind"] == "filled" else ""
            price = f" at {event['price'].normalize():f}" if event["kind"] == "filled" else ""
            lines.append(f"{event['bar']} {event['kind']} {event['order']}{quantity}{price} {why}")
    return lines


# --- wording ---


@pytest.mark.parametrize(
    ("limit", "stop", "said", "kind", "options"),
    [
        (None, None, {}, ("market", 0), None),
        (99, None, {}, ("limit", 99), None),
        (None, 99, {}, ("stop", 99), None),
        (98, 99, {}, ("stop_limit", 99), {"limit": 98}),
        (None, None, {"touch": 99}, ("market_if_touched", 99), None),
        (98, None, {"touch": 99}, ("limit_if_touched", 99), {"limit": 98}),
        (None, None, {"at": 99}, ("market", 99), None),
        (None, None, {"trail": 0.05}, ("trailing_stop", 0), {"trail": ("fraction", 0.05)}),
        (None, None, {"trail": eyas.away(5)}, ("trailing_stop", 0), {"trail": ("distance", 5)}),
        (None, None, {"touch": None, "rank": None}, ("market", 0), None),
    ],
)
def test_an_order_has_one_kind(limit: Any, stop: Any, said: Any, kind: Any, options: Any) -> None:
    assert worded("buy", limit, stop, None, said) == (kind, None, options)


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ({"trailing": 0.05}, {"trailing": (("fraction", 0.05), None)}),
        (
            {"trailing": eyas.away(5), "trailing_from": eyas.risk(1)},
            {"trailing": (("distance", 5), ("risk", 1))},
        ),
        ({"breakeven": 0.02}, {"breakeven": (("fraction", 0.02), None, 0)}),
        (
            {"breakeven": eyas.risk(1), "breakeven_offset": 0.001},
            {"breakeven": (("risk", 1), ("fraction", 0.001), 0)},
        ),
        ({"leave_after": 5}, {"leave_after_bars": 5}),
        ({"leave_after": np.int64(5)}, {"leave_after_bars": 5}),
        ({"leave_after": timedelta(hours=2)}, {"leave_after_ns": 7_200_000_000_000}),
        ({"leave_after": np.timedelta64(2, "h")}, {"leave_after_ns": 7_200_000_000_000}),
        ({"good_for": 3}, {"bars": 3}),
        ({"good_till": 10**18}, {"time_in_force": "gtd", "until": 10**18}),
        ({"good_till": date(1970, 1, 2)}, {"time_in_force": "gtd", "until": 86_400 * 10**9}),
        ({"time_in_force": "DAY"}, {"time_in_force": "day"}),
        ({"time_in_force": "gtc"}, {"time_in_force": "gtc"}),
        ({"post_only": True}, {"post_only": True}),
        ({"reduce_only": np.bool_(1)}, {"reduce_only": True}),
        ({"cancels": 4}, {"other": 4}),
        ({"after": np.int32(4)}, {"after": 4}),
        ({"rank": np.float32(2)}, {"rank": 2.0}),
    ],
)
def test_an_option_is_worded_for_the_kernel(said: Any, options: Any) -> None:
    assert worded("buy", None, None, None, said).options == options


def test_a_ladder_is_levels_with_shares() -> None:
    ladder: list[Any] = [(0.01, 0.5), [eyas.away(5), 0.25], (eyas.risk(3), 0.1), 0.2]
    word = worded("buy", None, None, ladder, {})
    assert word.take_profit is None
    assert word.options == {
        "take_profits": [
            (("fraction", 0.01), 0.5),
            (("distance", 5), 0.25),
            (("risk", 3), 0.1),
            (("fraction", 0.2), 1.0),
        ]
    }
    options = worded("buy", None, None, ladder, {"breakeven_after": 3}).options
    assert options is not None
    assert options["breakeven"] == (None, None, 3)
    assert worded("buy", None, None, eyas.at(110), {}) == (("market", 0.0), ("price", 110), None)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"stoploss": 1}, "buy has no option stoploss; did you mean stop_loss?"),
        ({"xyz": 1}, "buy has no option xyz; there are after, at, breakeven, "),
        ({"touch": 1, "at": 2}, "an order cannot have touch and at: give one of limit, stop, touch, "),
        ({"touch": "1"}, "touch is '1', but must be a number"),
        ({"at": 0}, "at=0 is no price: "),
        ({"trail": eyas.at(5)}, "trail is a distance: give a fraction such as 0.01 or eyas.away(…), not "),
        ({"trail": eyas.risk(5)}, "trail is a distance: "),
        ({"trail": 5}, "trail=5 would be 500% of the entry"),
        (
            {"trailing": eyas.at(5)},
            "trailing is a distance: give a fraction such as 0.01 or eyas.away(…) or ",
        ),
        ({"trailing_from": 0.1}, "trailing_from needs trailing"),
        ({"breakeven_offset": 0.1}, "breakeven_offset needs breakeven or breakeven_after"),
        ({"breakeven": 0.1, "breakeven_after": 1}, "give breakeven, a trigger, or breakeven_after, "),
        ({"breakeven_after": 1}, "breakeven_after counts rungs, and take_profit has none"),
        (
            {"breakeven": 0.1, "breakeven_offset": -0.1},
            "breakeven_offset is -0.1, but lies on the side of profit",
        ),
        ({"rank": float("nan")}, "rank is nan, but must be a number"),
        ({"good_till": 1_704_189_600}, "good_till=1704189600 looks like seconds; bar.time is nanoseconds"),
        (
            {"good_till": 1_704_189_600_000},
            "good_till=1704189600000 looks like milliseconds; bar.time is nano",
        ),
        ({"breakeven_after": 0}, "breakeven_after is 0, but must be the number of a rung, from 1"),
        ({"breakeven_after": 256}, "breakeven_after is 256, but must be "),
        *(
            ({"leave_after": wrong}, f"leave_after is {wrong!r}, but must be a whole number of bars")
            for wrong in (0, -1, 1.5, True, "5", 2**32)
        ),
        ({"leave_after": timedelta(0)}, "leave_after is 0:00:00, but must be a timedelta above 0"),
        ({"leave_after": timedelta(days=200_000)}, "leave_after is 200000 days"),
        *(({"good_for": wrong}, f"good_for is {wrong!r}, but must be") for wrong in (0, 2.5, "5", 2**32)),
        *(
            ({"good_till": wrong}, f"good_till is {wrong!r}, but must be a time: ")
            for wrong in (
                "soon",
                True,
                0,
                -5,
                1.5,
                2**63,
                float("nan"),
                float("inf"),
                [1],
                np.datetime64("NaT"),
            )
        ),
        ({"time_in_force": "gtx"}, "time_in_force is 'gtx', but must be one of gtc, day, ioc, fok"),
        ({"time_in_force": 5}, "time_in_force is 5, but must be one of gtc, day, ioc, fok"),
        ({"time_in_force": "gtd"}, "an order that is good till a time has good_till=time, "),
        ({"time_in_force": "day", "good_till": 5_000}, "an order that is good till a time has "),
        ({"post_only": 1}, "post_only is 1, but must be True or False"),
        ({"reduce_only": "yes"}, "reduce_only is 'yes', but must be True or False"),
        ({"cancels": 0}, "tickets and orders are numbered 1, 2, 3 …"),
        ({"after": 1.5}, "tickets and orders are numbered 1, 2, 3 …"),
        ({"rank": "first"}, "rank is 'first', but must be a number"),
    ],
)
def test_a_wrong_option_gets_a_sentence(said: Any, sentence: str) -> None:
    with pytest.raises(eyas.UsageError) as caught:
        worded("buy", None, None, None, said)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("ladder", "sentence"),
    [
        ([], "take_profit is an empty ladder"),
        ([(0.1, 1.0), 0.2], "the share of rung 1 of take_profit is 1.0, so no rung after it could ever act"),
        ([0.1, 0.2], "rung 1 of take_profit has no share, which means all, so no rung after it could"),
        ([(0.1, 0.5), (0.2, 0.5)], "the share of rung 2 of take_profit is 0.5, but the last rung takes all"),
        ([(0.1, 0.5)] * 8 + [0.2], "take_profit has 9 rungs, but a ladder has at most 8 rungs"),
        (((0.1, 0.5), 0.2), "a ladder is a list of rungs: take_profit=[(0.1, 0.5), 0.2]"),
        ([(None, 0.5)], "rung 1 of take_profit is None"),
        ([0.01, "2 %"], "rung 2 of take_profit is '2 %', but must be a number"),
        ([(0.01, "half")], "the share of rung 1 of take_profit is 'half', but must be a number"),
        ([64_000], "rung 1 of take_profit=64000 would be 6400000% of the entry"),
        ([(0.01, 0.5, 3)], "rung 1 of take_profit is (0.01, 0.5, 3): give a level, or (level, share)"),
    ],
)
def test_a_wrong_ladder_gets_a_sentence(ladder: Any, sentence: str) -> None:
    with pytest.raises(eyas.UsageError) as caught:
        worded("buy", None, None, ladder, {})
    assert str(caught.value).startswith(sentence)


def test_add_takes_what_an_order_takes_and_no_bracket() -> None:
    assert worded("add", 99, None, None, {"good_for": 2}) == (("limit", 99), None, {"bars": 2})
    with pytest.raises(eyas.UsageError, match=r"^add has no option trailing"):
        worded("add", None, None, None, {"trailing": 0.01})


@pytest.mark.parametrize(
    "time",
    [
        "2024-01-02T10:00:00",
        "2024-01-02 10:00Z",
        "2024-01-02T12:00:00+02:00",
        datetime(2024, 1, 2, 10),
        datetime(2024, 1, 2, 10, tzinfo=UTC),
        datetime(2024, 1, 2, 12, tzinfo=timezone(timedelta(hours=2))),
        np.datetime64("2024-01-02T10:00"),
        1_704_189_600_000_000_000,
        np.int64(1_704_189_600_000_000_000),
    ],
)
def test_a_time_is_a_time_however_it_is_written(time: Any) -> None:
    assert nanoseconds(time) == 1_704_189_600_000_000_000


# --- what becomes of them ---


def test_stop_limit_and_if_touched_orders() -> None:
    bars = bars_of(*flat(2), (100, 106, 100, 105), (105, 105, 103, 104), *flat(2, 104))
    assert told(bars, bar0=lambda s: s.buy(1, stop=105, limit=103.5)) == [
        "2 triggered 1 none",
        "3 filled 1 +1 at 103.5 entry",
        "5 filled 0 -1 at 104 end_of_data",
    ]
    down = bars_of(*flat(2), (100, 100, 94, 96), *flat(2, 96))
    assert told(down, bar0=lambda s: s.buy(1, touch=95))[0] == "2 filled 1 +1 at 95 entry"
    assert told(down, bar0=lambda s: s.buy(1, touch=95, limit=94.5))[0] == "2 triggered 1 none"


def test_a_trailing_stop_order_follows_the_price() -> None:
    bars = bars_of(*flat(2), (100, 110, 100, 110), (110, 110, 104, 105), *flat(2, 105))
    filled = told(bars, bar0=lambda s: s.sell(1, trail=eyas.away(5)))
    assert filled[0] == "3 filled 1 -1 at 105 entry"
    filled = told(bars, bar0=lambda s: s.sell(1, trail=0.05))
    assert filled[0] == "3 filled 1 -1 at 104.5 entry"


def test_a_stated_price() -> None:
    bars = bars_of((100, 103, 97, 101), *flat(3, 101))
    rules = {"market_fill": "given_price", "exit_fill": "given_price"}
    assert told(bars, rules, bar0=lambda s: s.buy(1, at=102))[0] == "0 filled 1 +1 at 102 entry"
    assert told(bars, rules, bar0=lambda s: s.buy(1, at=104)) == ["0 refused 1 price_must_be_inside_bar"]
    warned = told(bars, rules | {"price_check": "warn"}, bar0=lambda s: s.buy(1, at=104))
    assert warned[:2] == ["0 warned 1 price_must_be_inside_bar", "0 filled 1 +1 at 104 entry"]


def test_a_ladder_takes_shares_of_what_remains() -> None:
    bars = bars_of(*flat(2), (100, 103, 100, 103), (103, 110, 103, 110), *flat(2, 110))
    ladder = [(0.02, 0.5), (0.05, 0.5), eyas.at(109)]
    assert told(bars, bar0=lambda s: s.buy(8, take_profit=ladder)) == [
        "1 filled 1 +8 at 100 entry",
        "2 filled 0 -4 at 102 take_profit",
        "3 filled 0 -2 at 105 take_profit",
        "3 filled 0 -2 at 109 take_profit",
    ]


def test_targets_in_multiples_of_the_risk() -> None:
    bars = bars_of(*flat(2), (100, 120, 100, 120), *flat(2, 120))
    assert told(bars, bar0=lambda s: s.buy(1, stop_loss=0.05, take_profit=eyas.risk(2)))[1] == (
        "2 filled 0 -1 at 110 take_profit"
    )
    assert told(bars, bar0=lambda s: s.buy(1, take_profit=eyas.risk(2))) == [
        "0 refused 1 risk_must_have_stop"
    ]


def test_trailing_and_breakeven() -> None:
    bars = bars_of(*flat(2), (100, 110, 100, 110), (110, 110, 90, 90), *flat(2, 90))
    assert told(bars, bar0=lambda s: s.buy(1, trailing=eyas.away(4)))[1] == (
        "3 filled 0 -1 at 106 trailing_stop"
    )
    assert told(bars, bar0=lambda s: s.buy(1, trailing=eyas.away(4), trailing_from=eyas.away(20)))[1] == (
        "5 filled 0 -1 at 90 end_of_data"
    )
    assert told(bars, bar0=lambda s: s.buy(1, stop_loss=0.2, breakeven=0.05, breakeven_offset=eyas.away(1)))[
        1
    ] == ("3 filled 0 -1 at 101 breakeven")
    after_rung = told(bars, bar0=lambda s: s.buy(2, take_profit=[(0.05, 0.5), 0.5], breakeven_after=1))
    assert after_rung[1:] == ["2 filled 0 -1 at 105 take_profit", "3 filled 0 -1 at 100 breakeven"]


@pytest.mark.parametrize("limit", [2, timedelta(minutes=2)])
def test_a_ticket_leaves_after_its_time(limit: Any) -> None:
    bars = bars_of(*flat(8))
    [_, left] = told(bars, bar0=lambda s: s.buy(1, leave_after=limit))
    # Due on bar 3, two bars after the fill; it leaves at the next open.
    assert left == "4 filled 0 -1 at 100 time_limit"


def test_orders_expire() -> None:
    bars = bars_of(*flat(6))
    assert told(bars, bar0=lambda s: s.buy(1, limit=90, good_for=2)) == ["3 cancelled 1 expired"]
    till = START_NS + 2 * MINUTE_NS
    assert told(bars, bar0=lambda s: s.buy(1, limit=90, good_till=till)) == ["2 cancelled 1 expired"]
    assert told(bars, bar0=lambda s: s.buy(1, limit=90, time_in_force="ioc")) == [
        "1 cancelled 1 not_filled_at_once"
    ]
    assert told(bars, bar0=lambda s: s.buy(1, stop=110, time_in_force="fok")) == [
        "0 refused 1 lifetime_must_suit_order"
    ]


def test_post_only_and_reduce_only() -> None:
    bars = bars_of(*flat(5))
    assert told(bars, bar0=lambda s: s.buy(1, limit=105, post_only=True)) == [
        "0 refused 1 post_only_must_rest"
    ]
    assert told(bars, bar0=lambda s: s.buy(3), bar1=lambda s: s.sell(5, reduce_only=True)) == [
        "1 filled 1 +3 at 100 entry",
        "2 filled 2 -3 at 100 reduce",
        "2 cancelled 2 ticket_closed",
    ]


def test_orders_that_cancel_and_trigger_each_other() -> None:
    bars = bars_of(*flat(2), (100, 106, 100, 106), *flat(3, 106))

    def pair(strategy: Any) -> None:
        first = strategy.buy(1, stop=105)
        strategy.buy(1, limit=95, cancels=first)

    assert told(bars, bar0=pair)[:2] == ["2 filled 1 +1 at 105 entry", "2 cancelled 2 other_filled"]

    def chain(strategy: Any) -> None:
        first = strategy.buy(1, stop=105)
        strategy.sell(1, after=strategy.account.waiting_orders[0])
        assert first == 1

    assert told(bars, bar0=chain)[:2] == ["2 filled 1 +1 at 105 entry", "3 filled 2 -1 at 106 entry"]


def test_adding_into_a_ticket() -> None:
    bars = bars_of(*flat(2), (100, 100, 90, 95), *flat(3, 95))
    asked = {"bar0": lambda s: s.buy(1), "bar1": lambda s: s.add(s.account.tickets[0], 2, limit=92)}
    assert told(bars, **asked) == [
        "1 filled 1 +1 at 100 entry",
        "2 filled 2 +2 at 92 average",
        "5 filled 0 -3 at 95 end_of_data",
    ]
    assert told(bars, **(asked | {"bar1": lambda s: s.add(7, 2)}))[1] == "1 refused 2 ticket_must_be_open"


def test_amending_an_order_in_place() -> None:
    bars = bars_of(*flat(3), (100, 100, 90, 95), *flat(2, 95))
    changed: list[bool] = []

    def amend(strategy: Any) -> None:
        changed.append(strategy.amend(strategy.account.waiting_orders[0], price=92, quantity=3))
        changed.append(strategy.amend(9, price=92))

    assert told(bars, bar0=lambda s: s.buy(1, limit=80), bar1=amend)[-2:] == [
        "3 filled 1 +3 at 92 entry",
        "5 filled 0 -3 at 95 end_of_data",
    ]
    assert changed == [True, False]


def test_moving_the_levels_of_a_ticket() -> None:
    bars = bars_of(*flat(3), (100, 120, 90, 95), *flat(2, 95))
    moved: list[Any] = []

    def move(strategy: Any) -> None:
        [ticket] = strategy.account.tickets
        moved.append(strategy.move(ticket, stop_loss=eyas.at(95), take_profit=0))
        moved.append(strategy.move(1, stop_loss=101))
        [ticket] = strategy.account.tickets
        moved.append((ticket.stop_loss, ticket.take_profit))

    filled = told(bars, bar0=lambda s: s.buy(1, stop_loss=0.5, take_profit=0.1), bar1=move)
    assert moved == [True, False, (95, None)]
    assert filled[-1] == "3 filled 0 -1 at 95 stop_loss"


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda s: s.amend(1), "amend needs something to change: price, limit, quantity"),
        (lambda s: s.move(1), "move needs something to change: stop_loss, take_profit"),
        (lambda s: s.amend(1, price="5"), "price is '5', but must be a number"),
        (lambda s: s.amend(0, price=5), "tickets and orders are numbered 1, 2, 3 …"),
        (lambda s: s.move(1, stop_loss=eyas.away(5)), "the levels of an open ticket are prices: "),
        (lambda s: s.buy(1, symbol="X"), "the bars of the run have no symbol, so none is 'X'"),
        (lambda s: s.buy(1, symbol=3), "the bars of the run have no symbol, so none is 3"),
    ],
)
def test_what_cannot_be_asked_for_gets_a_sentence(ask: Any, sentence: str) -> None:
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(Do(bar0=lambda s: s.buy(1), bar1=ask), bars_of(*flat(4)))
    assert isinstance(caught.value.__cause__, eyas.UsageError)
    assert str(caught.value.__cause__).startswith(sentence)


def test_a_fraction_as_a_moved_level_gets_a_hint() -> None:
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(
            Do(bar0=lambda s: s.buy(1), bar1=lambda s: s.move(1, stop_loss=0.02)), bars_of(*flat(4))
        )
    assert "stop_loss=0.02 would be a price, for a ticket that was entered at 100" in str(caught.value)
    for level in (eyas.at(0.02), 0):
        eyas.backtest(
            Do(bar0=lambda s: s.buy(1), bar1=lambda s, at=level: s.move(1, stop_loss=at)), bars_of(*flat(4))
        )
    cheap = bars_of(*flat(4, 0.03))
    eyas.backtest(Do(bar0=lambda s: s.buy(1), bar1=lambda s: s.move(1, stop_loss=0.02)), cheap)
