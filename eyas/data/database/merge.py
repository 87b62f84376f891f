"""Merge staged rows into a table: what is new, what is the same, what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eyas.data.catalog.records import SHOWN, Revision

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table


@dataclass(frozen=True, slots=True)
class Plan:
    """Say how the staged rows of one series become rows of a table."""

    table: Table
    staging: Table
    time: str
    """The column of the table that says when; the staged one is called `time`."""
    time_ns: int
    """How many nanoseconds its unit has."""
    fixed: dict[str, Any]
    """Columns that have one value in the whole series: venue, symbol …"""
    within: tuple[int, int]
    """The first and the last staged time, in that unit: no other rows need be looked at."""
    values: dict[str, ColumnElement[Any]]
    """By column of the table, what comes into it and is compared."""
    others: dict[str, ColumnElement[Any]]
    """What is written with a new row, and never compared."""
    shown: dict[str, str]
    """By column of the table, the field of a bar that it is."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Count what a merge did."""

    rows_new: int
    rows_same: int
    rows_revised: int
    revisions: tuple[Revision, ...]


def merge(connection: Connection, plan: Plan, rows: int, *, revise: bool) -> Merged:
    """Insert the staged rows that are new, and with `revise` take the values of those that differ."""
    import sqlalchemy as sa

    table, staging = plan.table, plan.staging
    alike = sa.and_(
        *(table.c[name] == value for name, value in plan.fixed.items()),
        table.c[plan.time].between(*plan.within),
        table.c[plan.time] == staging.c.time,
    )
    differ = sa.or_(*(table.c[name].is_distinct_from(value) for name, value in plan.values.items()))
    both = sa.join(staging, table, alike)
    there = _count(connection, sa.select(sa.func.count()).select_from(both))
    revised = _count(connection, sa.select(sa.func.count()).select_from(both).where(differ)) if there else 0
    revisions = _revisions(connection, plan, sa.and_(alike, differ)) if revised else ()
    if revise and revised:
        connection.execute(sa.update(table).values(plan.values).where(alike, differ))
    if there < rows:
        every = {plan.time: staging.c.time, **plan.values, **plan.others}
        constant = [sa.literal(value).label(name) for name, value in plan.fixed.items()]
        incoming = sa.select(*constant, *(value.label(name) for name, value in every.items()))
        if there:
            incoming = incoming.where(
                ~sa.exists(sa.select(1).select_from(table).where(alike).correlate(staging))
            )
        ordered = incoming.select_from(staging).order_by(staging.c.time)
        connection.execute(sa.insert(table).from_select([*plan.fixed, *every], ordered))
    return Merged(rows - there, there - revised, revised, revisions)


def _count(connection: Connection, query: Any) -> int:
    return int(connection.execute(query).scalar_one())


def _revisions(connection: Connection, plan: Plan, condition: Any) -> tuple[Revision, ...]:
    """Return the first differences, value by value."""
    import sqlalchemy as sa

    moment, columns = plan.table.c[plan.time], list(plan.values)
    pairs = [(plan.table.c[name], plan.values[name]) for name in columns]
    wanted = [
        one.label(f"{side}{at}")
        for at, pair in enumerate(pairs)
        for side, one in zip("ab", pair, strict=True)
    ]
    query = sa.select(moment, *wanted).where(condition).order_by(moment).limit(SHOWN)
    found = []
    for time, *values in connection.execute(query):
        for at, name in enumerate(columns):
            old, new = (_float(value) for value in values[2 * at : 2 * at + 2])
            if old != new and not (old != old and new != new):
                found.append(Revision(int(time) * plan.time_ns, plan.shown[name], old, new))
    return tuple(found[:SHOWN])


def _float(value: Any) -> float:
    return float("nan") if value is None else float(value)
