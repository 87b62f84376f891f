"""Read what a run is given beside its bars from a file: columns with a time, or bars."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.data.load import bars
from eyas.data.names import are_of_bars
from eyas.data.outside import KNOWN, of_columns
from eyas.data.place import Place
from eyas.errors import DataError

if TYPE_CHECKING:
    import polars as pl

    from eyas.model import Bars

TEXT = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
LINES = (".jsonl", ".ndjson")
ARROW = (".feather", ".arrow", ".ipc")
PARQUET = (".parquet", ".pq")


def from_file(name: str) -> Bars | pl.DataFrame:
    """Return the bars of a file, or else its columns as a frame whose times are UTC.

    A file with open, high, low and close and no column `known` holds bars. Raises DataError, which names the
    file and the row.
    """
    import polars as pl

    path = Path(name).expanduser()
    frame = _frame(path, name)
    columns: dict[str, Any] = {column: frame[column] for column in frame.columns}
    if are_of_bars(columns) and KNOWN not in columns:
        return bars(name)
    given = of_columns(columns, Place(name))
    times = {"time": given.time} | ({KNOWN: given.known} if KNOWN in columns else {})
    utc = {column: pl.Series(values).cast(pl.Datetime("ns", "UTC")) for column, values in times.items()}
    words = {column: columns[column] for column in given.left_out}
    return pl.DataFrame(utc | dict(given.columns) | words)


def _frame(path: Path, name: str) -> pl.DataFrame:
    """Return a file as a frame, by its ending."""
    import polars as pl

    lower = path.name.lower()
    if not path.is_file():
        raise DataError(f"there is no file {name}; it was looked for in {Path.cwd()}.")
    try:
        if lower.endswith(TEXT):
            text = gzip.decompress(path.read_bytes()) if lower.endswith(".gz") else path.read_bytes()
            head = text.partition(b"\n")[0].decode(errors="replace")
            return pl.read_csv(text, separator=max(",;\t", key=head.count), infer_schema_length=None)
        if lower.endswith(PARQUET):
            return pl.read_parquet(path)
        if lower.endswith(ARROW):
            return pl.read_ipc(path.read_bytes())
        if lower.endswith(LINES):
            return pl.read_ndjson(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, EOFError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{name} cannot be read as a table ({reason}). Give columns with a header.") from None
    known = ", ".join((*TEXT, *PARQUET, *ARROW, *LINES))
    raise DataError(f"{name} has an ending that eyas does not know. It reads {known}.")
