"""Which columns a table shows, in which order, under which names, and how their values are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import EllipsisType
from typing import Any, TypeAlias

from eyas.errors import UsageError
from eyas.reports.text.formats import NOT_KNOWN, TEXTS, Format, formatter, is_missing

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """Name a column of a table, and say how it is shown.

    `name` is that of a value in each row. `title` stands above the column, and in JSON Lines names the value;
    `format` is "price", "money", "percent", "ratio", "count", "quantity", "time", "duration", "text", a
    pattern such as "{:+.1f}", or a function of the value that returns text. What is left out is as the table
    has it. `value` computes a column that a table does not have: a function of the row (values by name).

    >>> Column("profit", title="P&L", format="{:+.0f}").text(12.5)
    '+12'
    """

    name: str
    title: str = ""
    format: Format | None = None
    visible: bool = True
    value: Callable[[Row], Any] | None = None

    def __post_init__(self) -> None:
        name: Any = self.name
        if not isinstance(name, str) or not name:
            raise UsageError(f"a column's name is a text, not {name!r}")
        if self.format is not None:
            formatter(self.format)

    @property
    def heading(self) -> str:
        """What stands above the column."""
        return self.title or self.name.replace("_", " ")

    @property
    def is_text(self) -> bool:
        """Whether it is aligned to the left, and empty where there is nothing."""
        return self.format is None or (isinstance(self.format, str) and self.format in TEXTS)

    def of(self, row: Row) -> Any:
        """Return the value of a row, itself; raises UsageError where it cannot be computed."""
        if self.value is None:
            return row.get(self.name)
        try:
            return self.value(row)
        except Exception as error:
            raise UsageError(
                f"column {self.name!r} cannot be computed: {said(error)}; the row is {dict(row)}"
            ) from error

    def text(self, value: Any) -> str:
        """Return a value as a person reads it; raises UsageError where the format cannot write it."""
        if is_missing(value) and not callable(self.format):
            return "" if self.is_text else NOT_KNOWN
        try:
            return str(formatter(self.format or "text")(value))
        except Exception as error:
            raise UsageError(
                f"column {self.name!r} cannot write {value!r} as {self.format!r}: {said(error)}"
            ) from error


Columns: TypeAlias = Sequence["str | Column | EllipsisType"]


def chosen(asked: Columns | None, known: Sequence[Column]) -> list[Column]:
    """Return the columns to show: those asked for, in that order; without any, those visible by themselves.

    A name stands for the column of the table, a `Column` changes it or adds one, and `...` stands for all
    visible ones that are not named. Raises UsageError for a name that there is not, or that comes twice.

    >>> known = [Column("symbol"), Column("profit", format="money"), Column("fee", format="money")]
    >>> [one.name for one in chosen(["profit", ..., Column("fee", visible=False)], known)]
    ['profit', 'symbol']
    """
    if asked is None:
        return [one for one in known if one.visible]
    if isinstance(asked, str) or not isinstance(asked, Sequence):
        raise UsageError(
            f"columns is {asked!r}, but must be a list of names and Columns: ['symbol', 'profit']"
        )
    own = {one.name: one for one in known}
    named = [resolved(one, own) for one in asked if not isinstance(one, EllipsisType)]
    names = [one.name for one in named]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(
            f"column {twice!r} is asked for twice: leave one out, or compute it under another name"
        )
    others = [one for one in known if one.visible and one.name not in names]
    following, found = iter(named), []
    for one in asked:
        if isinstance(one, EllipsisType):
            found += others
            others = []
        else:
            found.append(next(following))
    shown = [one for one in found if one.visible]
    if not shown:
        raise UsageError(f"no column is left to show; there are {', '.join(own)}")
    return shown


def resolved(asked: Any, own: Mapping[str, Column]) -> Column:
    """Return the column that is meant, with what the table knows of it."""
    if isinstance(asked, str):
        if asked not in own:
            raise unknown(asked, own)
        return replace(own[asked], visible=True)
    if not isinstance(asked, Column):
        raise UsageError(f"columns has {asked!r}, but takes names, Columns and ...")
    if asked.name not in own:
        if asked.value is None:
            raise unknown(asked.name, own)
        return asked
    default = own[asked.name]
    return replace(
        asked,
        title=asked.title or default.title,
        format=default.format if asked.format is None else asked.format,
        value=asked.value or default.value,
    )


def unknown(name: str, own: Mapping[str, Column]) -> UsageError:
    """Return what to say of a column that there is not."""
    near = get_close_matches(name, own, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(own)}."
    return UsageError(
        f"there is no column {name!r}: {hint} A new one says how it is computed: "
        f"Column({name!r}, value=lambda row: …)"
    )


def keys_of(asked: Columns | None, known: Sequence[Column]) -> list[tuple[str, Column]]:
    """Return the columns for machines, each with its key: all there are, or those asked for.

    The key is the name, or the title that was asked for. Raises UsageError for a key that two would have.
    """
    if asked is None:
        return [(one.name, one) for one in known]
    titles = {one.name: one.title for one in asked if isinstance(one, Column)}
    found = [(titles.get(one.name) or one.name, one) for one in chosen(asked, known)]
    keys = [key for key, _ in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise UsageError(f"two columns would be called {twice!r}: give one another title")
    return found


def said(error: Exception) -> str:
    """Return what went wrong, as a person reads it."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
