"""The rules that other engines have otherwise, and how to tell the trades that one of them changes."""

from __future__ import annotations

from tests.second_opinion.compare import Difference, Meeting, close
from tests.second_opinion.results import Trade
from tests.second_opinion.scenarios import Plan


def levels_of(plan: Plan, trade: Trade) -> tuple[float | None, float | None]:
    """Return the stop loss and the target that a trade had."""
    filled = plan.scenario.levels == "filled"
    base = trade.entry_price if filled else plan.asked_base(asked_bar(plan, trade), trade.side)
    return plan.stop_loss(base, trade.side), plan.take_profit(base, trade.side)


def asked_bar(plan: Plan, trade: Trade) -> int:
    """Return the last bar on which a trade's entry may have been asked for."""
    return next(iter(asked_bars(plan, trade)), trade.entry_bar - 1)


def asked_bars(plan: Plan, trade: Trade) -> list[int]:
    """Return the bars on which a trade's entry may have been asked for, the last one first."""
    if plan.scenario.fill == "close":
        return [trade.entry_bar]
    patience = 1 if plan.scenario.entry == "market" else plan.scenario.patience
    bars = range(trade.entry_bar - 1, trade.entry_bar - 1 - patience, -1)
    return [bar for bar in bars if plan.want[bar] == trade.side]


def open_of(plan: Plan, bar: int) -> float:
    """Return the open of a bar."""
    return float(plan.bars.open[bar])


def left_at(plan: Plan, trade: Trade, price: float) -> bool:
    """Return whether a trade was left at a price, or as much worse as the scenario's slippage says."""
    slipped = price * plan.scenario.slippage + plan.slippage_fixed
    return close(trade.exit_price, price) or close(trade.exit_price, price - trade.side * slipped)


def past(price: float, level: float | None, way: int) -> bool:
    """Return whether a price lies at or beyond a level, upwards or downwards."""
    return level is not None and ((price - level) * way >= 0 or close(price, level))


def open_past_target(meeting: Meeting) -> bool:
    """Tell that the bar opened past the target, and touched the stop later: we left at the open."""
    if not meeting.same_times():
        return False
    ours, theirs = meeting.both()
    stop, target = levels_of(meeting.plan, ours)
    opened = open_of(meeting.plan, ours.exit_bar)
    return (
        left_at(meeting.plan, ours, opened)
        and past(opened, target, ours.side)
        and not past(theirs.exit_price, target, ours.side)
        and (meeting.plan.scenario.trails or left_at(meeting.plan, theirs, stop or 0.0))
    )


def entry_past_level(meeting: Meeting) -> bool:
    """Tell that the entry's bar opened past the entry's own stop or target: we refused it."""
    theirs = meeting.theirs
    if meeting.ours is not None or theirs is None:
        return False
    stop, target = levels_of(meeting.plan, theirs)
    opened = open_of(meeting.plan, theirs.entry_bar)
    return past(opened, stop, -theirs.side) or past(opened, target, theirs.side)


def one_order_a_bar(meeting: Meeting) -> bool:
    """Tell that theirs was stopped inside a bar whose open we left at, or that an entry was lost to that."""
    plan, ours = meeting.plan, meeting.ours
    if ours is None:
        return False
    if meeting.same_times():
        asked = bool(plan.leave[ours.exit_bar - 1] == ours.side)
        return asked and left_at(plan, ours, open_of(plan, ours.exit_bar))
    before = meeting.before
    return meeting.theirs is None and before is not None and before.exit_bar == ours.entry_bar


def target_on_entry_bar(meeting: Meeting) -> bool:
    """Tell that theirs left at the target on the bar of its stop entry."""
    ours, theirs = meeting.ours, meeting.theirs
    if ours is None or theirs is None or theirs.entry_bar != theirs.exit_bar:
        return False
    stop, target = levels_of(meeting.plan, theirs)
    bars, bar = meeting.plan.bars, theirs.entry_bar
    worst = float((bars.low if theirs.side > 0 else bars.high)[bar])
    return (
        ours.entry_bar == bar
        and close(ours.entry_price, theirs.entry_price)
        and past(theirs.exit_price, target, theirs.side)
        and not past(worst, stop, -theirs.side)
    )


def slipped_limit(meeting: Meeting) -> bool:
    """Tell that a target filled at the open, and theirs slipped where ours does not."""
    if not meeting.same_times():
        return False
    ours, theirs = meeting.both()
    scenario = meeting.plan.scenario
    slipped = ours.exit_price * scenario.slippage + meeting.plan.slippage_fixed
    return close(ours.exit_price, open_of(meeting.plan, ours.exit_bar)) and close(
        theirs.exit_price, ours.exit_price - ours.side * slipped
    )


def stop_limit_gap(meeting: Meeting) -> bool:
    """Tell that theirs filled a stop-limit entry at its stop, which the open had passed."""
    plan, theirs = meeting.plan, meeting.theirs
    if theirs is None or plan.scenario.entry != "stop_limit":
        return False
    opened = open_of(plan, theirs.entry_bar)
    stops = [plan.entry_price(asked, theirs.side) for asked in asked_bars(plan, theirs)]
    jumped = [stop for stop in stops if past(opened, stop, theirs.side) and not close(opened, stop)]
    return any(close(theirs.entry_price, stop) for stop in jumped)


def stop_limit_inside(meeting: Meeting) -> bool:
    """Tell that theirs filled a stop-limit entry at its limit, on the bar that touched its stop."""
    plan, ours, theirs = meeting.plan, meeting.ours, meeting.theirs
    if theirs is None or plan.scenario.entry != "stop_limit":
        return False
    side, bar = theirs.side, theirs.entry_bar
    best = plan.bars.high if side > 0 else plan.bars.low

    def touched_first_here(asked: int) -> bool:
        stop = plan.entry_price(asked, side)
        return not any(past(float(price), stop, side) for price in best[asked + 1 : bar])

    return ours is None and any(
        touched_first_here(asked) and close(theirs.entry_price, plan.limit_price(asked, side))
        for asked in asked_bars(plan, theirs)
    )


def trailed_by_close(meeting: Meeting) -> bool:
    """Tell that theirs left where a stop that follows closes would have it leave."""
    theirs = meeting.theirs
    plan = meeting.plan
    if theirs is None or not plan.scenario.order_trails:
        return False
    bars, side, bar = plan.bars, theirs.side, theirs.entry_bar
    stop = plan.trailed(float(bars.close[bar]), side)
    assert stop is not None
    for bar in range(theirs.entry_bar + 1, len(bars)):
        opened = float(bars.open[bar])
        worst = float((bars.low if side > 0 else bars.high)[bar])
        if past(worst, stop, -side):
            expected = opened if past(opened, stop, -side) else stop
            return bar == theirs.exit_bar and close(expected, theirs.exit_price)
        follow = plan.trailed(float(bars.close[bar]), side)
        assert follow is not None
        stop = max(stop, follow) if side > 0 else min(stop, follow)
    return False


OPEN_FIRST = Difference(
    "a",
    "A stop loss is tried over the whole bar before a target that the bar's open has already passed. "
    "In eyas the open comes first (R4), so that trade ends at the open.",
    open_past_target,
)
ENTERED_AND_LEFT = Difference(
    "b",
    "An entry whose own stop loss or target the open has passed is made, and left again at that open. "
    "eyas refuses it (R9).",
    entry_past_level,
)
ENTERED_AND_KEPT = Difference(
    "c",
    "An entry whose own stop loss or target the open has passed is made, and its levels are tried from the "
    "next bar. eyas refuses it (R9).",
    entry_past_level,
)
TARGET_ON_ENTRY_BAR = Difference(
    "d",
    "The target of a stop entry counts on the bar of the entry, but only when that bar does not touch the "
    "stop loss. In eyas both levels count from the next bar (`after_fill`), or both from this one "
    "(`fill_bar`, R8).",
    target_on_entry_bar,
)
STOP_LIMIT_AT_ITS_STOP = Difference(
    "e",
    "A stop-limit entry fills at its stop also when the open has passed it, which may be a price that the "
    "bar never had. In eyas it fills at that open, or waits for its limit (R21).",
    stop_limit_gap,
)
STOP_LIMIT_AT_ITS_LIMIT = Difference(
    "f",
    "A stop-limit entry may fill at its limit on the bar that touched its stop, when the bar's close or open "
    "allows it. In eyas a limit that the trigger does not reach waits for the next bar (R21).",
    stop_limit_inside,
)
ONE_ORDER_A_BAR = Difference(
    "g",
    "There is one order a bar: a level inside the bar wins over a close asked for its open, and an entry "
    "asked for that open is lost. In eyas the open comes first (R4), and a bar may end one trade and begin "
    "another.",
    one_order_a_bar,
)
LIMIT_SLIPS = Difference(
    "h",
    "A limit that the open has passed slips, even beyond its own price; one inside the bar does not. In eyas "
    "limits do not slip, or with `slippage_on` all of them do.",
    slipped_limit,
)
TRAILED_BY_CLOSE = Difference(
    "i",
    "The trailing order follows the closes of bars. In eyas it follows the best price of their ranges (R16).",
    trailed_by_close,
)
