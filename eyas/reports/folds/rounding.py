"""Round numbers that people count in: 1, 2 and 5 times a power of ten."""

from __future__ import annotations

import math

STEPS = (1.0, 2.0, 5.0, 10.0)


def round_step(least: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is at least a number above zero.

    >>> round_step(0.0031), round_step(7)
    (0.005, 10.0)
    """
    if not (least > 0 and math.isfinite(least)):
        return 1.0
    power = math.floor(math.log10(least))
    for step in STEPS:
        found = float(f"{step:.0f}e{power}")
        if found >= least * (1 - 1e-12):
            return found if math.isfinite(found) and found > 0 else 1.0
    return float(f"1e{power + 1}")
