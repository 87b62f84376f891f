"""Open a record: the report that was saved, with all its figures, tables and pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from eyas.data.quality.beside import Beside
from eyas.data.quality.verdict import Verdict
from eyas.errors import DataError, EyasError, UsageError
from eyas.journal import EVENT_DTYPE, Journal
from eyas.model import Bars
from eyas.notes import Note, Notes
from eyas.record.checks import (
    check_equity,
    check_events,
    check_notes,
    increasing,
    must_be,
    unknown_event,
)
from eyas.record.lazy import Lazily, Named
from eyas.record.schema import check_manifest
from eyas.record.sources import recorded_bars, same_bars
from eyas.reports import Report
from eyas.reports.bounds import Bounds
from eyas.reports.origin import Origin, Source
from eyas.reports.saving import path_of
from eyas.reports.saving.container import MANIFEST, Container, read_record
from eyas.reports.saving.members import columns_of, frame_of
from eyas.reports.saving.parts import SIDES
from eyas.reports.saving.values import from_json
from eyas.rules import Rules
from eyas.sight import Outside
from eyas.signals import Signals
from eyas.ticks import Books

Made = TypeVar("Made")


def open_record(path: str | Path, *, bars: Any = None) -> Report:
    """Open a record that `report.save` or `eyas backtest --save` has written, and return its report.

    Everything in it is checked against its hash first; bars are read when something needs them. `bars`, as
    `eyas.bars` takes them or {symbol: any of these}, are for a record without its data whose source is gone:
    they must be the very same. Raises UsageError for a path that is no file, and DataError for a file that is
    no record, is damaged, or is of a newer version of eyas.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if bar.index == 0:
    ...             self.buy()
    >>> report = eyas.backtest(Hold(), eyas.sample("AAPL", "1d"))
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     again = eyas.open(report.save(f"{folder}/hold.eyas"))
    >>> again.journal.digest == report.journal.digest
    True
    """
    opening = Opening(read_record(path_of(path)), bars)
    opening.needs_bars()
    return opening.report()


class Opening:
    """Put a report together from its record."""

    def __init__(self, container: Container, bars: Any = None) -> None:
        self.container = container
        self.given = bars
        try:
            check_manifest(container.manifest)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{container.path} is not as eyas writes it: in its {MANIFEST}, {error}"
            ) from None

    def said(self, make: Callable[[], Made], what: str = MANIFEST) -> Made:
        """Return what is made of a part of the record, or raise DataError where it cannot be."""
        try:
            return make()
        except EyasError as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{self.container.path}: its {what} cannot be read: {error}") from None
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            raise DataError(
                f"{self.container.path} is not as eyas writes it: its {what} cannot be read "
                f"({type(error).__name__}: {error})"
            ) from None

    def needs_bars(self) -> None:
        """Refuse bars that would be passed over: those of a record that has its own."""
        kept = [one["bars"]["member"] for one in self.container.manifest["instruments"]]
        if self.given is not None and None not in kept:
            raise UsageError(
                f"{self.container.path} keeps its own bars, so none are to be given: leave them out "
                "(eyas rerun runs it on others)"
            )

    def report(self) -> Report:
        """Return the report."""
        return self.said(self._report)

    def _report(self) -> Report:
        said = self.container.manifest
        instruments = {one["symbol"]: one for one in said["instruments"]}
        if len(instruments) < len(said["instruments"]):
            raise ValueError("two of its instruments have the same symbol")
        whole = Lazily({symbol: partial(self.bars_of, one) for symbol, one in instruments.items()})
        equity, time = self.curve(said["curve"], said["instruments"][0])
        journal = self.journal(said["journal"], len(instruments))
        rules = self.rules(said["rules"])
        for found in (rules.tables(list(instruments)), rules.pricing(list(instruments))):
            del found  # asked here, and not at the first figure, where nobody could say which file it is
        for symbol, one in instruments.items():
            if one["bars"]["member"] is None:
                whole[symbol]  # refused now, and not at the first figure
        is_portfolio = any(one["steps"] for one in instruments.values())
        return Report(
            strategy=said["strategy"],
            parameters=from_json(said["parameters"]),
            instruments=Lazily(
                {symbol: partial(cut, whole, symbol, one["rows"]) for symbol, one in instruments.items()}
            ),
            steps=Lazily(
                {symbol: partial(self.steps, one, len(equity)) for symbol, one in instruments.items()}
            )
            if is_portfolio
            else None,
            clock=said["clock"],
            time=time,
            rules=rules,
            cash=said["cash"],
            journal=journal,
            curve=equity,
            trade_figures=from_json(said["trade_figures"]),
            indicators=self.indicators(said["indicators"]),
            ambiguous_bars=said["ambiguous_bars"],
            quality=Lazily(
                {
                    symbol: partial(verdict_of, one["quality"], whole, symbol)
                    for symbol, one in instruments.items()
                    if one["quality"] is not None
                }
            ),
            finer=self.all_beside("finer", "bars"),
            extra=self.all_beside("extra", "bars", "columns", "books"),
            noted=self.notes(said["notes"], (len(journal) + 1, len(equity), len(instruments))),
            seed=said["seed"],
            origin=self.origin(said["origin"]),
            bounds=None if said["bounds"] is None else Bounds(**from_json(said["bounds"])),
        )

    # Columns.

    def columns(self, member: str, names: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
        """Return the columns of a member, or those of some names."""
        return self.said(lambda: columns_of(self.container.member(member), names), member)

    def curve(
        self, said: Mapping[str, Any], first: Mapping[str, Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return equity after every step, and the times; those of one instrument alone are its bars'."""
        columns = self.columns(said["member"])
        equity = self.typed(columns, "equity", np.float64, said["member"])
        if said["time"]:
            time = self.typed(columns, "time", np.int64, said["member"])
        else:
            bars = first["bars"]["member"]
            time = self.typed(self.columns(bars, ["time"]), "time", np.int64, bars)[: first["rows"]]
        if not len(equity) == len(time) == said["rows"]:
            raise DataError(
                f"{self.container.path} is not as eyas writes it: its {said['member']} has {len(equity):,} "
                f"rows of equity and {len(time):,} of time, but must have {said['rows']:,}"
            )
        self.said(partial(check_equity, equity), said["member"])
        return equity, time

    def steps(self, one: Mapping[str, Any], count: int) -> NDArray[np.int64]:
        """Return on which step of the run each bar of an instrument closed."""
        member = one["steps"]
        if member is None:
            raise DataError(
                f"{self.container.path} is not as eyas writes it: it has no steps of {one['symbol']}"
            )
        found = self.typed(self.columns(member, ["step"]), "step", np.int64, member)
        is_inside = not len(found) or 0 <= found[0] <= found[-1] < count
        if len(found) != one["rows"] or not increasing(found) or not is_inside:
            raise DataError(
                f"{self.container.path} is not as eyas writes it: the steps in its {member} must rise within "
                f"the {count:,} steps of the run, one for each of {one['rows']:,} bars"
            )
        return found

    def typed(self, columns: Mapping[str, NDArray[Any]], name: str, kind: Any, member: str) -> NDArray[Any]:
        """Return a column that must be there and of a type, or raise DataError."""
        return self.said(partial(must_be, columns, name, kind), member)

    def bars_of(self, one: Mapping[str, Any]) -> Bars:
        """Return all the bars of an instrument."""
        if one["bars"]["member"] is None:
            return same_bars(self.container, one, self.given)
        return self.said(partial(recorded_bars, self.container, one["bars"]), one["bars"]["member"])

    def journal(self, said: Mapping[str, Any], instruments: int) -> Journal:
        """Return the journal, to the very bytes; raises DataError where its digest is another."""
        columns = self.columns(said["member"])
        if set(columns) != set(EVENT_DTYPE.names or ()):
            raise DataError(
                f"{self.container.path} has a journal of another version of eyas: open it with "
                f"{self.version() or 'the one that wrote it'}"
            )
        records = np.empty(len(columns["kind"]), dtype=EVENT_DTYPE)
        for name in columns:
            records[name] = self.typed(columns, name, EVENT_DTYPE[name], said["member"])
        unknown = unknown_event(records, instruments)
        if unknown:
            raise DataError(
                f"{self.container.path} has an event that this eyas does not know: {unknown} of its "
                f"{said['member']}; open it with {self.version() or 'the one that wrote it'}"
            )
        self.said(partial(check_events, records), said["member"])
        decimals = said["price_decimals"]
        if len(decimals) not in (1, instruments) or len(said["symbols"]) not in (0, instruments):
            raise ValueError(
                f"its journal has other symbols, or price_decimals, than its {instruments} instruments"
            )
        found = Journal(records.tobytes(), price_decimals=decimals, symbols=said["symbols"])
        if found.digest != said["digest"] or len(found) != said["events"]:
            raise DataError(f"{self.container.path} is damaged: its journal has another digest than it says")
        return found

    def version(self) -> str:
        """Return the version of eyas that the run was made with, "" where nobody knows."""
        origin = self.container.manifest["origin"]
        return f"eyas {origin['versions']['eyas']}" if origin else ""

    def indicators(self, said: Mapping[str, Any] | None) -> Mapping[str, NDArray[np.float64]]:
        """Return the indicators by name."""
        if said is None:
            return {}
        member = said["member"]
        return Lazily({name: partial(self.indicator, member, name) for name in said["names"]})

    def indicator(self, member: str, name: str) -> NDArray[np.float64]:
        """Return one indicator."""
        return self.typed(self.columns(member, [name]), name, np.float64, member)

    # What is made of plain values.

    def rules(self, said: Mapping[str, Any]) -> Rules:
        """Return the rules; raises DataError where this eyas does not know one."""
        known = {one.name for one in fields(Rules)}
        for name in said:
            if name not in known:
                raise DataError(
                    f"{self.container.path} has a rule {name}, which this eyas does not know: open it with "
                    f"{self.version() or 'the one that wrote it'}"
                )
        values: Any = {name: from_json(value) for name, value in said.items()}
        return Rules(**values)

    def all_beside(self, what: str, *kinds: str) -> Mapping[str, Beside]:
        """Return what the run was given beside its bars by name."""
        found = self.container.manifest[what]
        for name, one in found.items():
            if one["kind"] not in kinds:
                raise ValueError(f"{what}.{name}.kind is {one['kind']}, but must be {' or '.join(kinds)}")
        place = f"{MANIFEST}, in {what}"
        return Lazily(
            {name: partial(self.said, partial(self.beside, one), place) for name, one in found.items()}
        )

    def beside(self, said: Mapping[str, Any]) -> Beside:
        """Return what the run was given beside its bars; what is not kept has its name and hash."""
        quality = said["quality"]
        if "bars" in said and said["bars"]["member"] is not None:
            member = said["bars"]["member"]
            bars = self.said(partial(recorded_bars, self.container, said["bars"]), member)
            return Beside("bars", bars, None if quality is None else Verdict.from_json(quality, bars))
        if said.get("member") is None:
            return Named(said)
        columns = self.columns(said["member"])
        for name in ("time", "known", *columns):
            must_be(columns, name, np.int64 if name in ("time", "known") else np.float64)
        books = None if said["books"] is None else self.books(said, columns)
        named = {name: columns[f"column {place}"] for place, name in enumerate(said["columns"])}
        outside = Outside(
            columns["time"], columns["known"], named, books, tuple(said["left_out"]), said["source"]
        )
        return Beside(said["kind"], outside)

    def books(self, said: Mapping[str, Any], columns: Mapping[str, NDArray[Any]]) -> Books:
        """Return the order books that an extra was made of."""
        depth, rows = said["books"]["depth"], len(columns["time"])
        sides = {
            side: np.column_stack([columns[f"{side} {level}"] for level in range(depth)])
            if depth
            else np.empty((rows, 0))
            for side in SIDES
        }
        return Books(columns["time"], **sides, symbol=said["books"]["symbol"], source=said["source"])

    def notes(self, member: str | None, ends: tuple[int, int, int]) -> Notes:
        """Return what the strategy noted; places, steps and instruments must be below their ends."""
        if member is None:
            return Notes()
        frame = self.said(partial(frame_of, self.container.member(member)), member)
        self.said(
            partial(check_notes, frame, dict(zip(("place", "step", "instrument"), ends, strict=True))), member
        )
        return self.said(partial(notes_of, frame), member)

    def origin(self, said: Mapping[str, Any] | None) -> Origin | None:
        """Return where the run came from."""
        if said is None:
            return None
        return Origin(
            kind=said["kind"],
            strategy=said["strategy"],
            engine=said["engine"],
            sources=tuple(
                Source(
                    one["module"],
                    one["file"],
                    self.container.member(one["member"]).decode(),
                    one["is_package"],
                )
                for one in said["sources"]
            ),
            versions=said["versions"],
            remarks=tuple(said["remarks"]),
            signals=None if said["signals"] is None else self.signals(said["signals"]),
        )

    def signals(self, said: Mapping[str, Any]) -> Signals:
        """Return the Signals that were run."""
        return Signals(**{name: self.asked(value) for name, value in said.items()})

    def asked(self, value: Any) -> Any:
        """Return one field of Signals."""
        match value:
            case {"member": str(member)}:
                return self.columns(member, ["value"])["value"]
            case {"by_symbol": values}:
                return {symbol: self.asked(one) for symbol, one in values.items()}
        return from_json(value)


def cut(whole: Mapping[str, Bars], symbol: str, rows: int) -> Bars:
    """Return the bars of a symbol that were run."""
    return whole[symbol][:rows]


def verdict_of(said: Mapping[str, Any], whole: Mapping[str, Bars], symbol: str) -> Verdict:
    """Return the verdict over the bars of a symbol."""
    return Verdict.from_json(said, whole[symbol])


def notes_of(frame: Any) -> Notes:
    """Return the notes of a frame."""
    rows = frame.select("place", "step", "instrument", "values").iter_rows()
    found = []
    for place, step, instrument, text in rows:
        values = json.loads(text)
        found.append(Note(place, step, instrument, {name: from_json(one) for name, one in values.items()}))
    return Notes(found)
