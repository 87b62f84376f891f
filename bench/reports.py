"""What reports cost: every figure, the page, the record, the difference."""

from __future__ import annotations

from typing import Any

from bench.markdown import markdown

STEPS = (
    "figures",
    "trade list",
    "page",
    "record, written",
    "record, opened",
    "difference of a run and itself",
)


def figures(result: dict[str, Any]) -> list[tuple[str, float, float | None, float | None, int]]:
    """Return what has a limit: its name, its figure, at most, at least, decimals."""
    small, large = result["small"], result["large"]
    return [
        ("all figures of a run of 1 million bars: ms", 1_000 * large["figures"]["seconds"], 150, None, 0),
        ("the page of a run of 1 million bars: s", large["page"]["seconds"], 2, None, 2),
        (f"the page of {small['bars']:,} bars: MB", small["page_bytes"] / 1e6, 3, None, 2),
    ]


def table(result: dict[str, Any]) -> str:
    """Return the table of what was measured."""
    runs = [result["small"], result["large"]]
    heads = ["", *(f"{one['bars']:,} bars, {one['trades']:,} trades: ms" for one in runs)]
    rows = [[step, *(f"{1_000 * one[step]['seconds']:,.0f}" for one in runs)] for step in STEPS]
    sizes = [
        [name, *(f"{one[key] / 1e6:,.2f} MB" for one in runs)]
        for name, key in (("size of the page", "page_bytes"), ("size of the record", "record_bytes"))
    ]
    return markdown(heads, [*rows, *sizes])
