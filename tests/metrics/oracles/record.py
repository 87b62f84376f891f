"""Record what other packages say of some series: `python -m tests.metrics.oracles.record`.

It needs an environment with quantstats, empyrical-reloaded, ffn and vectorbt; `make second-opinion` makes one
(requirements/second-opinion.in). The series are drawn once and kept with the figures.
"""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from typing import Any

import numpy as np

from tests.metrics.oracles.ask import PACKAGES, figures
from tests.metrics.oracles.cases import RECORDED, case_of

DISTRIBUTIONS = {"empyrical": "empyrical-reloaded"}


def days_of(start: str, count: int, step: str) -> list[int]:
    """Return an opening day and the days after it that have a return."""
    first = np.datetime64(start, "D")
    if step == "business":
        return [int(np.busday_offset(first, place).astype(np.int64)) for place in range(count + 1)]
    if step == "month":
        months = first.astype("datetime64[M]") + np.arange(count + 1) + 1
        return [int(one) for one in (months.astype("datetime64[D]") - 1).astype(np.int64)]
    return [int(one) for one in (first + np.arange(count + 1) * int(step)).astype(np.int64)]


def drawn(seed: int, days: list[int], periods: int, *, mean: float, gaps: bool = False) -> dict[str, Any]:
    """Return a series of Student's t returns beside a benchmark, in millionths so that text holds them."""
    generator = np.random.default_rng(seed)
    count, scale = len(days) - 1, 0.16 / math.sqrt(periods)
    market = np.clip(generator.standard_t(4, count), -6, 6) * scale / 1.4
    own = mean / periods + 0.6 * market + np.clip(generator.standard_t(4, count), -6, 6) * scale / 2
    columns = {"returns": own, "benchmark": 0.07 / periods + market}
    found: dict[str, Any] = {"periods": periods, "days": days}
    for name, values in columns.items():
        lost = generator.random(count) < (0.05 if gaps else 0)
        rounded = [round(float(one), 6) or 1e-6 for one in values]
        found[name] = [None if gone else one for one, gone in zip(rounded, lost, strict=True)]
    return found


def main() -> None:
    """Draw the series, ask, and write what was said."""
    given = {
        "business days": drawn(1, days_of("2023-12-29", 520, "business"), 252, mean=0.12),
        "all days, leap year": drawn(2, days_of("2023-12-31", 400, "1"), 365, mean=0.2),
        "weeks": drawn(3, days_of("2021-12-31", 110, "7"), 52, mean=0.1),
        "months": drawn(4, days_of("2019-12-31", 60, "month"), 12, mean=0.1),
        "falling": drawn(5, days_of("2022-12-30", 300, "business"), 252, mean=-0.6),
        "with gaps": drawn(6, days_of("2024-12-31", 250, "business"), 252, mean=0.1, gaps=True),
    }
    said = {
        name: {package: figures(package, case_of(name, case)) for package in PACKAGES}
        for name, case in given.items()
    }
    versions = {name: version(DISTRIBUTIONS.get(name, name)) for name in PACKAGES}
    whole = {"versions": versions, "cases": given, "figures": said}
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in whole.items())
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
