"""Say what a download did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eyas.model import iso

if TYPE_CHECKING:
    from eyas.data.catalog import Entry, Revision
    from eyas.data.reading import Reject

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Downloaded:
    """Say what a download did: how many rows came, how many requests it took, what the series is now.

    Times are in nanoseconds UTC; `end_ns` is the end of the last bar that was closed. `counts` says how many
    rows of pages were not taken: outside (of what was asked), forming, duplicate, rejected; and how many were
    out_of_order. `entry` describes the series in the catalog, None when there is none.
    """

    symbol: str
    timeframe: str
    venue: str
    source: str
    start_ns: int
    end_ns: int
    rows_new: int
    rows_same: int
    rows_revised: int
    revisions: tuple[Revision, ...] = ()
    revised: bool = False
    rejects: tuple[Reject, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    retries: int = 0
    seconds: float = 0.0
    entry: Entry | None = None

    @property
    def what(self) -> str:
        """What was downloaded: bars or trades."""
        return "trades" if self.timeframe == "trades" else "bars"

    def __str__(self) -> str:
        head = f"{self.symbol} {self.timeframe} ({self.venue}) from {self.source}: "
        head += f"{self.rows_new:,} new {self.what}, {self.requests:,} requests"
        if self.retries:
            head += f", {self.retries:,} of them asked again"
        lines = [f"{head}, {self.seconds:.1f} s"]
        if self.entry is None:
            wanted = f"{iso(self.start_ns)} to {iso(self.end_ns)}"
            lines.append(f"The source has no {self.what} from {wanted}.")
        else:
            lines.append(
                f"The catalog has {self.entry.rows:,}, {iso(self.entry.first)} to {iso(self.entry.last)}."
            )
        if self.rows_revised:
            done = (
                "the new values were taken"
                if self.revised
                else "the stored ones were kept; revise=True takes the new"
            )
            lines.append(f"{self.rows_revised:,} {self.what} differ from what was stored: {done}.")
        if self.rejects:
            lines.append(f"{len(self.rejects):,} rows were put aside:")
            lines += [f"  {reject}" for reject in self.rejects[:SHOWN]]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        plain = (
            "symbol",
            "timeframe",
            "venue",
            "source",
            "rows_new",
            "rows_same",
            "rows_revised",
            "requests",
        )
        return {
            **{name: getattr(self, name) for name in plain},
            "start": iso(self.start_ns),
            "end": iso(self.end_ns),
            "rejects": len(self.rejects),
            "counts": dict(self.counts),
            "retries": self.retries,
            "seconds": round(self.seconds, 3),
            "first": iso(self.entry.first) if self.entry else None,
            "last": iso(self.entry.last) if self.entry else None,
            "rows": self.entry.rows if self.entry else 0,
        }
