"""Each of the ten known faults of market data is found, and named as what it is, wherever it is planted."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eyas.data.quality import Verdict, check
from tests.data.quality import faults
from tests.data.quality.faults import SAMPLES, Plant, clean

# A week of minutes without nights, and days of shares, do not show in which zone or at which end of a bar
# they are stamped, so these faults are planted where they can be seen.
DAILY, INTRADAY = SAMPLES[:3], SAMPLES[3:]
TEN: list[tuple[str, Plant, tuple[str, ...], set[str]]] = [
    ("gaps", faults.gap, SAMPLES, {"gaps", "jumps"}),  # the price may have moved meanwhile
    ("duplicate", faults.duplicate, SAMPLES, {"duplicate"}),
    ("conflicting", faults.conflict, SAMPLES, {"conflicting"}),
    ("stamp", faults.close_stamps, SAMPLES, {"stamp"}),
    ("splits", faults.split, ("AAPL 1d", "IBM 1d", *INTRADAY), {"splits"}),
    ("zero_volume", faults.no_volume, SAMPLES, {"zero_volume"}),
    ("missing", faults.nan, SAMPLES, {"missing", "gaps"}),
    ("out_of_order", faults.reorder, SAMPLES, {"out_of_order"}),
    ("spikes", faults.outlier, ("AAPL 1d", "IBM 1d", *INTRADAY), {"spikes"}),
    ("time_zone", faults.zone, (*DAILY, "EURUSD 1h"), {"time_zone"}),
    ("stale_tail", faults.stale_tail, SAMPLES, {"stale_tail"}),
]


def counts(verdict: Verdict) -> dict[str, int]:
    return {one.name: one.count for one in verdict.findings}


@pytest.mark.parametrize(
    ("name", "plant", "sample", "allowed"),
    [(name, plant, sample, allowed) for name, plant, samples, allowed in TEN for sample in samples],
    ids=[f"{name}-{sample}" for name, _, samples, _ in TEN for sample in samples],
)
@settings(max_examples=6)
@given(seed=st.integers(0, 2**32))
def test_a_planted_fault_is_found_and_named(
    name: str, plant: Plant, sample: str, allowed: set[str], seed: int
) -> None:
    before = counts(check(clean(sample)))
    verdict = check(plant(clean(sample), random.Random(seed)))
    after = counts(verdict)
    more = {one for one, count in after.items() if count > before.get(one, 0)}
    assert name in more
    assert more <= allowed, str(verdict)
    found = verdict.finding(name)
    assert found is not None
    assert found.level == "warn"
    assert verdict.level == "warn"
    assert found.sentence.endswith(".")
