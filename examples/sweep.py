"""Search the parameters of the first strategy, read how far to trust the best, and run one trial again."""

from __future__ import annotations

from pathlib import Path

from cross import Cross

import eyas

if __name__ == "__main__":
    bars = eyas.sample("IBM", "1d")
    found = eyas.sweep(
        Cross,
        bars,
        fast=range(5, 31),
        slow=range(20, 121, 4),
        where=lambda p: p.fast < p.slow,
        constraints=lambda row: row.trades >= 30,
        fee_rate=0.0005,
    )
    print(found)
    assert found.best is not None
    again = found.rerun(found.best.number)  # whole, with every fill; refused if it went another way
    print(f"\n{again.title}, {found.best}: journal {again.journal.digest[:12]}")
    page = found.html(Path("sweep.html"))
    print(f"The page of this sweep, to open in a browser: {page.resolve()}")
