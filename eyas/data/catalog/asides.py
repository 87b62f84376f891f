"""Keep aside what an import could not take in: revisions of stored rows, and rows that were rejected."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eyas.data.catalog.manifest import Aside
from eyas.data.catalog.merge import Differing

if TYPE_CHECKING:
    import polars as pl

    from eyas.data.catalog.stores import Store

KEY = ("time", "number", "column", "old", "new", "taken")
"""What makes two revisions the same, whatever source they came from."""


def revisions(
    store: Store,
    folder: str,
    before: Aside | None,
    differing: Differing,
    source: str,
    *,
    taken: bool,
) -> tuple[Aside | None, bytes | None]:
    """Return the file of revisions with these in it, and its bytes if it is a new one."""
    if not differing or not len(differing["time"]):
        return before, None
    import polars as pl

    came = pl.DataFrame(dict(differing), schema=_schema()).with_columns(
        pl.col("time").cast(pl.Datetime("ns", "UTC")), taken=pl.lit(taken), source=pl.lit(source)
    )
    both = came if before is None else pl.concat((read_revisions(store, folder, before), came))
    both = both.unique(KEY, keep="first", maintain_order=True)
    if before is not None and len(both) == before.rows:
        return before, None
    buffer = io.BytesIO()
    both.write_parquet(buffer, compression="lz4")
    return _new("revisions", "parquet", len(both), buffer.getvalue())


def read_revisions(store: Store, folder: str, aside: Aside) -> pl.DataFrame:
    """Return the revisions of a file as a frame."""
    import polars as pl

    return pl.read_parquet(io.BytesIO(store.read(f"{folder}/{aside.file}")[0]))


def no_revisions() -> pl.DataFrame:
    """Return a frame of revisions without any."""
    import polars as pl

    empty = pl.DataFrame(schema={**_schema(), "taken": pl.Boolean, "source": pl.String})
    return empty.with_columns(pl.col("time").cast(pl.Datetime("ns", "UTC")))


def rejects(
    store: Store, folder: str, before: Aside | None, came: Sequence[Any], source: str
) -> tuple[Aside | None, bytes | None]:
    """Return the file of rejected rows (JSON lines) with these in it, and its bytes if it is a new one."""
    if not came:
        return before, None
    lines = [] if before is None else read_rejects(store, folder, before)
    known = dict.fromkeys(lines)
    known |= dict.fromkeys(json.dumps({"source": source, **_said(one)}, default=str) for one in came)
    if len(known) == len(lines):
        return before, None
    return _new("rejects", "jsonl", len(known), "".join(f"{line}\n" for line in known).encode())


def read_rejects(store: Store, folder: str, aside: Aside) -> list[str]:
    """Return the lines of a file of rejects."""
    return store.read(f"{folder}/{aside.file}")[0].decode().splitlines()


def _said(reject: Any) -> dict[str, Any]:
    if isinstance(reject, Mapping):
        return dict(reject)
    if dataclasses.is_dataclass(reject):
        return {one.name: getattr(reject, one.name) for one in dataclasses.fields(reject)}
    return {"raw": str(reject)}


def _new(name: str, ending: str, rows: int, data: bytes) -> tuple[Aside, bytes]:
    digest = hashlib.sha256(data).hexdigest()
    file = f"{name}.{digest[:16]}.{secrets.token_hex(4)}.{ending}"
    return Aside(file, rows, len(data), digest), data


def _schema() -> dict[str, Any]:
    import polars as pl

    return {"time": pl.Int64, "number": pl.Int64, "column": pl.String, "old": pl.Float64, "new": pl.Float64}
