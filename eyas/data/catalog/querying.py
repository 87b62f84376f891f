"""Ask a catalog in SQL: DuckDB reads the files that the manifests name."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eyas.data.catalog.files import frame_of
from eyas.data.catalog.manifest import Manifest
from eyas.data.catalog.reading import read_range
from eyas.errors import UsageError

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from eyas.data.catalog.stores import Store

NAMES = {
    "bars": ("venue", "symbol", "timeframe"),
    "trades": ("venue", "symbol"),
    "books": ("venue", "symbol"),
}
BARS = "time TIMESTAMPTZ, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE"
TICKS = "time TIMESTAMPTZ, price DOUBLE, quantity DOUBLE, side TINYINT, number BIGINT"
# DuckDB has no date_trunc and the like for nanoseconds.
MICROSECONDS = "* REPLACE (time::TIMESTAMPTZ AS time)"
EMPTY = {
    "bars": f"venue TEXT, symbol TEXT, timeframe TEXT, {BARS}",
    "trades": f"venue TEXT, symbol TEXT, {TICKS}",
    "books": "venue TEXT, symbol TEXT, time TIMESTAMPTZ",
}


def sql(store: Store, found: Sequence[tuple[str, Manifest]], query: str) -> pl.DataFrame:
    """Run a query over some series and return its result."""
    try:
        import duckdb
    except ImportError:
        raise UsageError("asking in SQL needs the extra: pip install 'eyas[sql]'") from None
    import polars as pl

    with tempfile.TemporaryDirectory(prefix="eyas-") as folder, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        _make_views(connection, store, found, Path(folder))
        try:
            kinds = [statement.type.name for statement in connection.extract_statements(query)]
            if kinds != ["SELECT"]:
                raise UsageError(f"the query has to be one SELECT, not {' and '.join(kinds) or 'nothing'}")
            # Through a file: DuckDB's own ways into Polars need pyarrow, or end in a page of warnings.
            answer = Path(folder) / "answer.parquet"
            connection.sql(query).write_parquet(str(answer), compression="lz4_raw")
            return pl.read_parquet(answer, glob=False)
        except duckdb.Error as error:
            raise UsageError(f"the query was refused: {error}") from None
        except pl.exceptions.PanicException:
            raise UsageError("the query returns a type that Polars lacks: cast an INTERVAL to TEXT") from None


def _make_views(
    connection: duckdb.DuckDBPyConnection, store: Store, found: Sequence[tuple[str, Manifest]], folder: Path
) -> None:
    for kind, names in NAMES.items():
        selects = []
        for number, (place, made) in enumerate(found):
            if made.kind == kind and made.parts:
                said = ", ".join(f"{_text(getattr(made, name))} AS {name}" for name in names)
                files = _files(store, place, made, folder / str(number))
                listed = ", ".join(_text(str(file)) for file in files)
                rows = f"read_parquet([{listed}], hive_partitioning = false)"
                selects.append(f"SELECT {said}, {MICROSECONDS} FROM {rows}")
        if selects:
            # By name: some series have more columns than others.
            connection.execute(f"CREATE VIEW {kind} AS {' UNION ALL BY NAME '.join(selects)}")
        else:
            connection.execute(f"CREATE TABLE {kind} ({EMPTY[kind]})")


def _files(store: Store, place: str, made: Manifest, folder: Path) -> list[Path]:
    """Return Parquet files of a series that DuckDB can open: its own, or copies."""
    paths = [store.path(f"{place}/{part.file}") for part in made.parts]
    if made.file_format == "parquet" and all(path is not None for path in paths):
        return [path for path in paths if path is not None]
    _, columns = read_range(store, place, made, None, None)
    copy = folder.with_suffix(".parquet")
    frame_of(columns).write_parquet(copy, compression="lz4")
    return [copy]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
