"""Take a report apart: what of it is a plain value, and what is columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eyas.errors import UsageError
from eyas.journal import EVENT_DTYPE
from eyas.model import Bars
from eyas.reports.saving.members import parquet_of, parquet_of_frame
from eyas.reports.saving.values import to_json

if TYPE_CHECKING:
    from eyas.data.quality.beside import Beside
    from eyas.notes import Notes
    from eyas.reports.origin import Origin
    from eyas.reports.report import Report
    from eyas.signals import Signals

EXTRA_BYTES_MAX = 100_000_000
SIDES = ("bid_price", "bid_quantity", "ask_price", "ask_quantity")


class Parts:
    """Make the manifest and the members of a report's record."""

    def __init__(self, report: Report, data: bool) -> None:
        self.report = report
        self.data = data
        self.members: dict[str, bytes] = {}

    def manifest(self) -> dict[str, Any]:
        """Return the plain values, having made all members."""
        report = self.report
        return {
            "strategy": report.strategy,
            "parameters": to_json(dict(report.parameters)),
            "cash": report.cash,
            "seed": report.seed,
            "clock": report.clock,
            "rules": {one.name: to_json(getattr(report.rules, one.name)) for one in fields(report.rules)},
            "origin": self.origin(report.origin),
            "journal": self.journal(),
            "instruments": [self.instrument(place) for place in range(len(report.symbols))],
            "curve": self.curve(),
            "trade_figures": to_json(dict(report.trade_figures)),
            "ambiguous_bars": report.ambiguous_bars,
            "bounds": None if report.bounds is None else to_json(asdict(report.bounds)),
            "indicators": self.indicators(),
            "finer": {
                symbol: self.beside(f"finer_{place}.parquet", one)
                for place, (symbol, one) in enumerate(report.finer.items())
            },
            "extra": {
                name: self.beside(f"extra_{place}.parquet", one)
                for place, (name, one) in enumerate(report.extra.items())
            },
            "notes": self.notes(report.noted),
        }

    def put(self, name: str, columns: Mapping[str, NDArray[Any]]) -> str:
        """Make a member of columns and return its name."""
        self.members[name] = parquet_of(columns)
        return name

    def journal(self) -> dict[str, Any]:
        """Return what is to be known of the journal; its events are columns of whole numbers."""
        journal = self.report.journal
        names = EVENT_DTYPE.names or ()
        return {
            "member": self.put("journal.parquet", {name: journal.records[name] for name in names}),
            "events": len(journal),
            "digest": journal.digest,
            "price_decimals": list(journal.price_decimals),
            "symbols": list(journal.symbols),
        }

    def curve(self) -> dict[str, Any]:
        """Return what is to be known of the curve; the times of one instrument are those of its bars."""
        report = self.report
        shared = self.data and report.steps is None and np.array_equal(report.time, report.bars.time)
        columns = {"equity": report.curve} if shared else {"time": report.time, "equity": report.curve}
        return {"member": self.put("curve.parquet", columns), "rows": len(report.curve), "time": not shared}

    def instrument(self, place: int) -> dict[str, Any]:
        """Return what is to be known of one instrument: of its bars, of its steps, of their check."""
        report = self.report
        symbol = report.symbols[place]
        bars, verdict = report.instruments[symbol], report.quality.get(symbol)
        whole = bars
        # A run that failed has a report of the bars up to there, but a verdict over all of them.
        if verdict is not None and len(verdict.bars) >= len(bars):
            whole = verdict.bars
        if verdict is None and not self.data:
            raise UsageError(
                "data=False names the data by its hash, and with quality='off' there is none: save it with "
                "the data, or run with the check of the data"
            )
        steps = None
        if report.steps is not None:
            steps = self.put(f"steps_{place}.parquet", {"step": report.steps[symbol]})
        return {
            "symbol": symbol,
            "rows": len(bars),
            "bars": self.bars(f"bars_{place}.parquet", whole, bars),
            "steps": steps,
            "quality": None if verdict is None else verdict.as_json(),
        }

    def bars(self, member: str, whole: Bars, named: Bars | None = None) -> dict[str, Any]:
        """Return what is to be known of bars; `named` has their names, where these are others."""
        one = named or whole
        if self.data:
            self.put(member, {name: getattr(whole, name) for name in whole.columns})
        return {
            "member": member if self.data else None,
            "rows": len(whole),
            "symbol": one.symbol,
            "timeframe": one.timeframe,
            "source": one.source,
            "file": file_at(one.source),
            "has_volume": one.has_volume,
        }

    def indicators(self) -> dict[str, Any] | None:
        """Return the names of the indicators, None without any."""
        found = self.report.indicators
        if not found:
            return None
        return {"member": self.put("indicators.parquet", found), "names": list(found)}

    def beside(self, member: str, one: Beside) -> dict[str, Any]:
        """Return what is to be known of what the run was given beside its bars."""
        said = one.as_json()
        given: Any = one.given
        if given is None:  # of a record that has its hash alone
            return said
        if isinstance(given, Bars):
            return {**said, "bars": self.bars(member, given)}
        columns: dict[str, NDArray[Any]] = {"time": given.time, "known": given.known}
        # By number: a column may bear any name, also one of these.
        columns |= {f"column {place}": values for place, values in enumerate(given.columns.values())}
        books = given.books
        if books is not None:
            columns |= {
                f"{side} {level}": getattr(books, side)[:, level]
                for side in SIDES
                for level in range(books.depth)
            }
        # A large one is named by its hash alone: a record is for keeping, and order books are gigabytes.
        is_kept = self.data and sum(values.nbytes for values in columns.values()) <= EXTRA_BYTES_MAX
        return {
            **said,
            "file": file_at(one.source),
            "member": self.put(member, columns) if is_kept else None,
            "columns": list(given.columns),
            "left_out": list(given.left_out),
            "books": None if books is None else {"depth": books.depth, "symbol": books.symbol},
        }

    def notes(self, notes: Notes) -> str | None:
        """Return the member that has the notes, None without any."""
        if not notes.rows:
            return None
        import polars as pl

        frame = pl.DataFrame(
            {
                "place": pl.Series([row.place for row in notes.rows], dtype=pl.Int64),
                "step": pl.Series([row.step for row in notes.rows], dtype=pl.Int64),
                "instrument": pl.Series([row.instrument for row in notes.rows], dtype=pl.Int64),
                "values": [json.dumps({n: to_json(v) for n, v in row.values.items()}) for row in notes.rows],
            }
        )
        self.members["notes.parquet"] = parquet_of_frame(frame)
        return "notes.parquet"

    def origin(self, origin: Origin | None) -> dict[str, Any] | None:
        """Return where the run came from; each source is a member of its own, which a person can read."""
        if origin is None:
            return None
        sources = []
        for place, one in enumerate(origin.sources):
            member = f"code_{place}.py"
            self.members[member] = one.text.encode()
            sources.append(
                {"module": one.module, "file": one.file, "is_package": one.is_package, "member": member}
            )
        return {
            "kind": origin.kind,
            "strategy": origin.strategy,
            "engine": origin.engine,
            "sources": sources,
            "versions": dict(origin.versions),
            "remarks": list(origin.remarks),
            "signals": None if origin.signals is None else self.signals(origin.signals),
        }

    def signals(self, signals: Signals) -> dict[str, Any]:
        """Return what Signals say by field; arrays are members, of one column each."""
        return {one.name: self.said(getattr(signals, one.name)) for one in fields(signals)}

    def said(self, value: Any) -> Any:
        """Return one field of Signals: a value, an array, or either by symbol."""
        if value is None or isinstance(value, str | bool | int | float | np.generic):
            return to_json(value)
        if isinstance(value, Mapping):
            return {"by_symbol": {symbol: self.said(one) for symbol, one in value.items()}}
        array = np.atleast_1d(np.asarray(value))
        if array.dtype.kind not in "biuf":
            array = array.astype(np.float64)
        number = sum(name.startswith("signals_") for name in self.members)
        return {"member": self.put(f"signals_{number}.parquet", {"value": array})}


def file_at(source: str) -> str | None:
    """Return the whole path of a source that is a file, None where it is none."""
    try:
        path = Path(source).expanduser()
        return str(path.resolve()) if source and path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None
