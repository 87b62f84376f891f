"""Write bars, trades and books to a file of a person's choice."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from eyas.data.catalog.files import frame_of
from eyas.data.catalog.kinds import Data, columns_of
from eyas.data.catalog.records import Exported
from eyas.data.catalog.stores import write_whole
from eyas.errors import DataError, UsageError
from eyas.model import Bars

if TYPE_CHECKING:
    import polars as pl

ENDINGS = (".csv", ".parquet", ".jsonl")
ISO = "%Y-%m-%dT%H:%M:%S%.fZ"


def export(data: Data, path: Path) -> Exported:
    """Write a file by its ending: times as ISO 8601 in text, as timestamps in Parquet."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"{path} has an ending that is not written: use {', '.join(ENDINGS)}")
    columns = columns_of(data, str(path))
    if isinstance(data, Bars) and not data.has_volume:
        del columns["volume"]
    frame = frame_of(columns)
    try:
        write_whole(path.expanduser().absolute(), _bytes(frame, ending))
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror or error}. Choose another place."
        ) from None
    return Exported(path, len(frame), tuple(frame.columns))


def _bytes(frame: pl.DataFrame, ending: str) -> bytes:
    import polars as pl

    buffer = io.BytesIO()
    if ending == ".parquet":
        frame.write_parquet(buffer, compression="zstd")
        return buffer.getvalue()
    frame = frame.with_columns(pl.col("time").dt.replace_time_zone(None).dt.strftime(ISO))
    if ending == ".csv":
        frame.write_csv(buffer)
    else:
        frame.write_ndjson(buffer)
    return buffer.getvalue()
