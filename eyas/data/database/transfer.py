"""Move columns into a database and out of it, a page at a time.

PostgreSQL takes and gives rows by COPY in its binary form, which numpy lays out and reads as it is; SQLite
by its own cursor. No statement is made of a name that came from outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.columns import Column, typed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection, Select, Table

PAGE = 1 << 16  # rows
HEAD, TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
STAGING = "eyas_staging"


def stage(connection: Connection, columns: Mapping[str, NDArray[Any]]) -> Table:
    """Put columns of int64, float64 or text into a temporary table that goes with the transaction."""
    import sqlalchemy as sa

    kinds = {"i": sa.BigInteger, "f": sa.Double, "O": sa.Text}
    made = [sa.Column(name, kinds[column.dtype.kind]()) for name, column in columns.items()]
    if connection.dialect.name == "sqlite":
        # Its rows are found by number: without one a join would look at every pair of rows.
        made[0] = sa.Column(made[0].name, sa.Integer, primary_key=True)
    table = sa.Table(STAGING, sa.MetaData(), *made, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS temp.{STAGING}")
    table.create(connection)
    if connection.dialect.name == "sqlite":
        _insert(connection, columns)
    else:
        _copy_in(connection, columns)
        connection.exec_driver_sql(f"ANALYZE {STAGING}")
    return table


def fetch(connection: Connection, query: Select[Any], names: Sequence[str]) -> dict[str, Column]:
    """Return what a query gives as columns: int64 the first, float64 the others, NaN for nothing."""
    pages = (
        _copy_out(connection, query)
        if connection.dialect.name == "postgresql"
        else _select(connection, query)
    )
    parts = [list(page) for page in pages]
    columns: dict[str, Column] = {}
    for at, name in enumerate(names):
        pieces = [part[at] for part in parts] or [np.empty(0, np.float64 if at else np.int64)]
        if any(piece.dtype.kind == "O" for piece in pieces):
            columns[name] = typed([value for piece in pieces for value in piece.tolist()])
        else:
            columns[name] = np.concatenate(pieces)
    return columns


def _insert(connection: Connection, columns: Mapping[str, NDArray[Any]]) -> None:
    marks = ", ".join("?" for _ in columns)
    cursor = connection.connection.cursor()
    for start in range(0, len(next(iter(columns.values()))), PAGE):
        page = [column[start : start + PAGE].tolist() for column in columns.values()]
        # Python's sqlite3 writes a NaN as NULL.
        cursor.executemany(f"INSERT INTO temp.{STAGING} VALUES ({marks})", list(zip(*page, strict=True)))


def _select(connection: Connection, query: Select[Any]) -> Iterator[list[NDArray[Any]]]:
    # The driver's own cursor: SQLAlchemy would make an object of every row.
    cursor: Any = connection.execute(query).cursor
    while rows := cursor.fetchmany(PAGE):
        time, *others = zip(*rows, strict=True)
        yield [np.array(time, np.int64), *map(_numbers, others)]


def _numbers(values: Sequence[Any]) -> NDArray[Any]:
    """Return values as floats, NaN for None; as they are where one is no number, for the checks to show."""
    try:
        return np.array(values, np.float64)
    except (TypeError, ValueError):
        return np.array(values, object)


def _record(kinds: Mapping[str, str]) -> np.dtype[Any]:
    """Return the layout of a row of COPY: how many fields, and before each its length."""
    parts = [("fields", ">i2")]
    for name, kind in kinds.items():
        parts += [(f"{name} length", ">i4"), (name, kind)]
    return np.dtype(parts)


def _copy_in(connection: Connection, columns: Mapping[str, NDArray[Any]]) -> None:
    record = _record({name: f">{column.dtype.kind}8" for name, column in columns.items()})
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {STAGING} FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(HEAD)
        for start in range(0, len(next(iter(columns.values()))), PAGE):
            some = {name: column[start : start + PAGE] for name, column in columns.items()}
            rows = np.empty(len(next(iter(some.values()))), record)
            rows["fields"] = len(columns)
            for name, column in some.items():
                rows[f"{name} length"] = 8
                rows[name] = column
            copy.write(rows.tobytes())
        copy.write(TAIL)


def _copy_out(connection: Connection, query: Select[Any]) -> Iterator[list[NDArray[Any]]]:
    """Yield pages of a query whose columns are a bigint and then doubles, none of them null."""
    names = [str(at) for at in range(len(query.selected_columns))]
    record = _record({name: ">f8" if at else ">i8" for at, name in enumerate(names)})
    compiled = query.compile(dialect=connection.dialect)
    driver: Any = connection.connection.driver_connection
    held = bytearray()
    with driver.cursor() as cursor:
        statement = f"COPY ({compiled}) TO STDOUT (FORMAT BINARY)"
        with cursor.copy(statement, compiled.params) as copy:
            for piece in copy:
                held += piece
                if len(held) > len(HEAD) + PAGE * record.itemsize + len(TAIL):
                    yield _page(held, record, names)
                    held = bytearray(HEAD) + held[len(HEAD) + PAGE * record.itemsize :]
    if len(held) > len(HEAD) + len(TAIL):
        yield _page(held, record, names)


def _page(held: bytearray, record: np.dtype[Any], names: Sequence[str]) -> list[NDArray[Any]]:
    count = min(PAGE, (len(held) - len(HEAD)) // record.itemsize)
    rows = np.frombuffer(bytes(held), record, count, len(HEAD))
    assert bool((rows["fields"] == len(names)).all()), "COPY gave rows of another shape"
    return [rows[name].astype(np.float64 if at else np.int64) for at, name in enumerate(names)]
