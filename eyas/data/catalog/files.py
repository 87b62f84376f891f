"""Turn columns into the bytes of a file and back: Parquet, or columns as they lie in memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.catalog.kinds import Columns, may_be_missing, type_of
from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

AT_ONCE = 32
ENDINGS = {"parquet": "parquet", "mapped": "npy"}


def check_format(file_format: str) -> None:
    """Raise UsageError unless files of this format are known."""
    if file_format not in ENDINGS:
        raise UsageError(f"format={file_format!r} is not known: it is 'parquet' or 'mapped'")


def hash_of(columns: Columns) -> str:
    """Return the SHA-256 of columns: of their names, and their values as little-endian bytes."""
    made = hashlib.sha256()
    for name, column in columns.items():
        made.update(f"{name}:{len(column)};".encode())
        made.update(np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).view(np.uint8).data)
    return made.hexdigest()


def encode(columns: Columns, file_format: str) -> bytes:
    """Return columns as the bytes of a file."""
    buffer = io.BytesIO()
    if file_format == "mapped":
        # One row of the array for each column, eight bytes a value: floats by their bits.
        table = np.stack([_bits(column) for column in columns.values()])
        np.lib.format.write_array(buffer, table, allow_pickle=False)
    else:
        frame_of(columns).write_parquet(buffer, compression="lz4")
    return buffer.getvalue()


def frame_of(columns: Columns) -> pl.DataFrame:
    """Return columns as a Polars frame: times say that they are in UTC, and NaN is no value."""
    import polars as pl

    frame = pl.DataFrame(columns)
    missing = [name for name in columns if may_be_missing(name)]
    return frame.with_columns(pl.col("time").cast(pl.Datetime("ns", "UTC")), pl.col(missing).fill_nan(None))


def decode(sources: Sequence[Path | bytes], names: tuple[str, ...], file_format: str, rows: int) -> Columns:
    """Return the columns of files one after the other; raise DataError when they are not such files.

    Each column is one piece of memory; those of one mapped file are the file itself. `rows` is how many all
    of them have.
    """
    if file_format == "mapped":
        return _of_array(sources, names)
    columns: Columns = {name: np.empty(rows, type_of(name)) for name in names}
    done = 0
    # A few files at a time: their pieces are still near the processor when they are put together.
    for first in range(0, len(sources), AT_ONCE):
        frame = _frame(sources[first : first + AT_ONCE], names)
        after = done + len(frame)
        if after <= rows:
            for name, column in columns.items():
                _fill(column[done:after], frame[name])
        done = after
    if done != rows:
        raise DataError(f"has {done:,} rows where the manifest says {rows:,}")
    return columns


def _frame(sources: Sequence[Path | bytes], names: tuple[str, ...]) -> pl.DataFrame:
    import polars as pl

    files: list[Any] = [source if isinstance(source, Path) else io.BytesIO(source) for source in sources]
    try:
        return pl.read_parquet(files, columns=list(names), glob=False, hive_partitioning=False)
    except FileNotFoundError:
        raise
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        reason = str(error).split("\n", 1)[0][:200]
        raise DataError(f"cannot be read: {reason}") from None


def _fill(target: NDArray[Any], column: pl.Series) -> None:
    """Copy the pieces of a column into one."""
    name = column.name
    if may_be_missing(name) and column.null_count():
        column = column.fill_null(float("nan"))
    if column.null_count():
        raise DataError(f"has no value in some rows of {name}")
    done = 0
    for piece in column.to_physical().get_chunks():
        values = piece.to_numpy()
        if values.dtype != target.dtype:
            raise DataError(f"holds {values.dtype} as {name}")
        target[done : done + len(values)] = values
        done += len(values)


def _of_array(sources: Sequence[Path | bytes], names: tuple[str, ...]) -> Columns:
    tables = []
    for source in sources:
        try:
            if isinstance(source, Path):
                table = np.load(source, mmap_mode="r", allow_pickle=False)
            else:
                table = np.lib.format.read_array(io.BytesIO(source), allow_pickle=False)
        except FileNotFoundError:
            raise
        except (ValueError, OSError, EOFError, SyntaxError) as error:
            raise DataError(f"cannot be read: {str(error)[:200]}") from None
        if table.dtype != np.dtype("<i8") or table.ndim != 2 or len(table) != len(names):
            raise DataError("is no table of such columns")
        tables.append(table)
    table = tables[0] if len(tables) == 1 else np.concatenate(tables, axis=1)
    return {name: _of_bits(table[row], type_of(name)) for row, name in enumerate(names)}


def _bits(column: NDArray[Any]) -> NDArray[np.int64]:
    if column.dtype == np.float64:
        return np.ascontiguousarray(column).view(np.int64)
    return column.astype(np.int64)


def _of_bits(bits: NDArray[np.int64], kind: type) -> NDArray[Any]:
    if kind is np.float64:
        return bits.view(np.float64)
    return bits if kind is np.int64 else bits.astype(kind)
