"""What a strategy noted while it ran: why it decided as it did. Notes stand beside the journal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from eyas.errors import UsageError
from eyas.model import Series

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.journal import Journal

Value: TypeAlias = float | int | str | bool | None
LARGEST = 2**1000  # beyond that a whole number is no float
TEXT = "text"  # the name of what was noted without one


class Note(NamedTuple):
    """Hold one note: how many events the journal had, the step of the clock, whose it is (-1: of all)."""

    place: int
    step: int
    instrument: int
    values: Mapping[str, Value]


class Notes:
    """Hold the notes of a run, in the order in which they were made."""

    def __init__(self, rows: Iterable[Note] = ()) -> None:
        self.rows = list(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Notes) and self.rows == other.rows

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"<Notes: {len(self):,}>"

    def add(self, place: int, step: int, instrument: int, values: Mapping[str, Any]) -> None:
        """Add a note; raises UsageError for a value that is no number, text, truth value, Series or None."""
        self.rows.append(Note(place, step, instrument, {name: plain(name, values[name]) for name in values}))

    @property
    def names(self) -> list[str]:
        """Names that were noted, in order of their first use."""
        return list(dict.fromkeys(name for row in self.rows for name in row.values))

    def frame(self, time: NDArray[np.int64], symbols: Sequence[str]) -> pl.DataFrame:
        """Return one row a note: time and step, the symbol on a portfolio, and a column for each name.

        `time` is that of every step of the run. A column holds floats where all its values are numbers.
        """
        import polars as pl

        steps = np.array([row.step for row in self.rows], dtype=np.int64)
        columns: dict[str, Any] = {"time": clock(time, steps), "step": steps}
        if symbols:
            columns["symbol"] = pl.Series(
                [symbols[row.instrument] if row.instrument >= 0 else None for row in self.rows],
                dtype=pl.String,
            )
        for name, title in self.titles(columns).items():
            columns[title] = column([row.values.get(name) for row in self.rows])
        return pl.DataFrame(columns)

    def titles(self, taken: Iterable[str]) -> dict[str, str]:
        """Return by name what its column is called: `note_` before it where that is taken."""
        reserved = set(taken)
        used = reserved | set(self.names)
        found = {}
        for name in self.names:
            title = name
            while title in (reserved if title == name else used):
                title = f"note_{title}"
            used.add(title)
            found[name] = title
        return found

    def of_orders(self, journal: Journal, orders: NDArray[np.uint64]) -> list[dict[str, Value]]:
        """Return what was noted for each order: in the step in which it was asked for, of its instrument.

        Of a name that was noted several times there, what was said last before the order counts, or, where
        it was only said after it, last of all.
        """
        if not self.rows:
            return [{} for _ in orders]
        by_step: dict[int, list[Note]] = {}
        for row in self.rows:
            by_step.setdefault(row.step, []).append(row)
        asked = journal.where("submitted")
        records = journal.records
        rows = dict(zip(records["order"][asked].tolist(), asked.tolist(), strict=True))
        found = []
        for order in orders.tolist():
            at = rows.get(order)
            event = records[at] if at is not None else None
            notes = by_step.get(int(event["bar"]), []) if event is not None else []
            found.append(merged(notes, int(event["instrument"]), at) if notes and event is not None else {})
        return found


def merged(notes: Iterable[Note], instrument: int, place: int | None) -> dict[str, Value]:
    """Return the values of the notes of one step that are about an instrument, by name."""
    before: dict[str, Value] = {}
    after: dict[str, Value] = {}
    for note in notes:
        if note.instrument in (-1, instrument):
            (before if place is None or note.place <= place else after).update(note.values)
    return {**before, **{name: value for name, value in after.items() if name not in before}}


def plain(name: str, value: Any) -> Value:
    """Return a value as what a note can hold, or raise UsageError."""
    if not is_writable(name) or not name:
        raise UsageError(f"a note is named {name!r}, but a name is text that is not empty and can be written")
    if isinstance(value, str) and not is_writable(value):
        raise UsageError(
            f"note({name}={value[:50]!r}) holds half a character (a lone surrogate), which no file can: "
            "decode it with errors='replace'"
        )
    if isinstance(value, int) and abs(value) > LARGEST:
        raise UsageError(f"note({name}=…) is too large a number to be kept: note its logarithm")
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | np.floating | np.integer | np.bool_):
        found: Value = value.item() if isinstance(value, np.generic) else value
        return found
    if isinstance(value, Series):
        return value.value
    raise UsageError(
        f"note({name}=…) takes a number, a text, True, False, None or an indicator, "
        f"not {type(value).__name__}: note {name}=str(…) to keep its text"
    )


def is_writable(text: str) -> bool:
    """Whether a text can stand in a file."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def text_of(values: Mapping[str, Value]) -> str:
    """Return noted values as one line.

    >>> text_of({"rsi": 31.25, "why": "oversold", "text": "second try"})
    'rsi 31.25 · why oversold · second try'
    """
    return " · ".join(
        word(value) if name == TEXT else f"{name} {word(value)}" for name, value in values.items()
    )


def word(value: Value) -> str:
    """Return one value as text: numbers to six figures."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "n/a"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def column(values: Sequence[Value]) -> pl.Series:
    """Return noted values as a column: of truth values, of floats, or of text."""
    import polars as pl

    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return pl.Series(values, dtype=pl.Boolean)
    if all(isinstance(value, float | int) and not isinstance(value, bool) for value in known):
        return pl.Series([None if value is None else float(value) for value in values], dtype=pl.Float64)
    return pl.Series([None if value is None else word(value) for value in values], dtype=pl.String)


def clock(time: NDArray[np.int64], steps: NDArray[np.int64]) -> pl.Series:
    """Return the time of each step; before the first there is none."""
    import polars as pl

    known = (steps >= 0) & (steps < len(time))
    times = [
        int(time[step]) if fits else None for step, fits in zip(steps.tolist(), known.tolist(), strict=True)
    ]
    return pl.Series(times, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
