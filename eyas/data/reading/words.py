"""Read the columns that hold no plain numbers: sides, who was the maker, and the numbers of trades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.columns import Column
from eyas.data.place import Wrong

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

BUY = ("buy", "b", "bid", "bids", "buyer", "1", "+1", "1.0")
SELL = ("sell", "s", "ask", "asks", "a", "seller", "-1", "-1.0")
NOBODY = ("", "0", "0.0", "n", "none", "unknown", "null", "nan")
YES = ("true", "t", "1", "yes")
NO = ("false", "f", "0", "no")
WORDS = ("side", "maker", "number")
"""The fields that this module reads."""


def sifted_words(field: str, name: str, column: Column) -> tuple[NDArray[Any], list[Wrong]]:
    """Return sides as +1 and -1 of the taker, or the numbers of trades, and the wrong rows.

    A buyer who was the maker means that the seller took. A number that is no whole one is -1, as if there
    was none.
    """
    text = as_text(column).str.to_lowercase()
    if field == "number":
        return _numbers(column, text), []
    plus, minus = (BUY, SELL) if field == "side" else (NO, YES)
    found = np.zeros(len(text), np.int8)
    found[text.is_in(plus).to_numpy()] = 1
    found[text.is_in(minus).to_numpy()] = -1
    strange = found == 0
    if field == "side":
        strange &= ~text.is_in(NOBODY).to_numpy()
    if not strange.any():
        return found, []
    known = "buy or sell" if field == "side" else "true or false"
    say = "{} is '{}', which is neither {}. Correct it or drop the row."
    rows = np.flatnonzero(strange)
    return found, [Wrong("side", rows, lambda row: say.format(name, text[row], known.replace("or", "nor")))]


def as_text(column: Column) -> pl.Series:
    """Return a column as text without spaces around it, empty where it is missing."""
    import polars as pl

    series = column if isinstance(column, pl.Series) else pl.Series(column)
    return series.cast(pl.String).fill_null("").str.strip_chars()


def _numbers(column: Column, text: pl.Series) -> NDArray[np.int64]:
    import polars as pl

    if isinstance(column, pl.Series) and column.dtype.is_integer():
        return column.cast(pl.Int64).fill_null(-1).to_numpy()
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu":
        return column.astype(np.int64)
    return text.cast(pl.Int64, strict=False).fill_null(-1).to_numpy()
