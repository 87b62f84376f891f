"""Intervals and longer bars again, one at a time, in Python's own dates: slow, and without arrays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from eyas.timeframes import Session

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
SECOND = 10**9


class Interval(NamedTuple):
    """When an interval begins, when it ends, and when the one after it begins, in whole seconds."""

    start: int
    end: int
    following: int


def seconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1)


def in_utc(moment_seconds: int, timeframe: str) -> Interval:
    """Return the interval of UTC in which a moment lies."""
    number, unit = int(timeframe[:-1]), timeframe[-1]
    moment = EPOCH + timedelta(seconds=moment_seconds)
    if unit == "M":
        month = (moment.year * 12 + moment.month - 1 - 1970 * 12) // number * number
        edges = [first_of_month(month), first_of_month(month + number)]
    else:
        step = timedelta(**{UNITS[unit]: number})
        origin = datetime(1969, 12, 29, tzinfo=UTC) if unit == "w" else EPOCH
        start = origin + (moment - origin) // step * step
        edges = [start, start + step]
    start, end = (seconds(edge) for edge in edges)
    return Interval(start, end, end)


def first_of_month(month: int) -> datetime:
    return datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def session_days(session: Session, first: date, last: date) -> list[tuple[date, int, int]]:
    """Return the date, the open and the close of each session day, in seconds."""
    zone = ZoneInfo(session.time_zone)
    opens, closes = time.fromisoformat(session.opens), time.fromisoformat(session.closes)
    one = timedelta(days=1)
    found = []
    for number in range((last - first).days + 1):
        day = first + number * one
        if day.isoweekday() not in session.days:
            continue
        end_day = day + one if closes == time(0) else day
        start_day = day - one if closes != time(0) and opens >= closes else day
        start = seconds(datetime.combine(start_day, opens, zone).astimezone(UTC))
        end = seconds(datetime.combine(end_day, closes, zone).astimezone(UTC))
        found.append((day, start, end))
    return found


def session_intervals(session: Session, timeframe: str, first: date, last: date) -> list[Interval]:
    """Return all intervals of the session days between two dates; the first and the last may be cut."""
    number, unit = int(timeframe[:-1]), timeframe[-1]
    edges = []
    days = session_days(session, first, last)
    if unit in "smh":
        step = timedelta(**{UNITS[unit]: number}) // timedelta(seconds=1)
        for _, opens, closes in days:
            edges += [(start, min(start + step, closes)) for start in range(opens, closes, step)]
    else:
        for _, group in groupby(days, key=lambda day: group_of(day[0], number, unit)):
            held = list(group)
            edges.append((held[0][1], held[-1][2]))
    later = [start for start, _ in edges[1:]]
    return [Interval(start, end, nxt) for (start, end), nxt in zip(edges, later, strict=False)]


def group_of(day: date, number: int, unit: str) -> int:
    if unit == "M":
        return (day.year * 12 + day.month - 1 - 1970 * 12) // number
    if unit == "w":
        return (day - date(1969, 12, 29)).days // (7 * number)
    return (day - date(1970, 1, 1)).days // number


def bars(rows: list[dict[str, Any]], timeframe: str) -> list[dict[str, Any]]:
    """Return rows of longer bars of UTC, made of rows with a time in seconds, prices and a volume."""
    made: list[dict[str, Any]] = []
    for row in rows:
        start = in_utc(row["time"], timeframe).start
        if not made or made[-1]["time"] != start:
            made.append({**row, "time": start})
            continue
        bar = made[-1]
        bar["high"] = max(bar["high"], row["high"])
        bar["low"] = min(bar["low"], row["low"])
        bar["close"] = row["close"]
        bar["volume"] += row["volume"]
    return made
