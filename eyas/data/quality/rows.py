"""Make findings of the rows that a reading had to mend or to put aside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from eyas.data.quality.findings import KINDS, Fact

if TYPE_CHECKING:
    from eyas.data.reading import Reading

REMEDY = "Mend the source, or read it with strict=True to stop at the first"


def row_facts(reading: Reading) -> Iterator[Fact]:
    """Return one fact for each fault that a reading has counted, with the first row that has it."""
    firsts = {reject.fault: reject for reject in reversed(reading.rejects)}
    for fault, count in reading.counts.items():
        if not count:
            continue
        first = firsts.get(fault)
        name = fault if fault in KINDS else "rejected"
        about = KINDS[name].about if name == fault else fault
        where = f", first {str(first).rstrip('.')}" if first else ""
        yield Fact(name, count, None, None, f"{count:,} of {reading.rows:,} rows: {about}{where}. {REMEDY}.")
