"""How long the properties search: quickly in `make test`, longer with EYAS_FUZZ_CASES or a longer profile."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings


def searching(cases: int) -> settings:
    """Return settings for so many cases in the profile "test"; EYAS_FUZZ_CASES says another number."""
    asked = int(os.environ.get("EYAS_FUZZ_CASES", "0"))
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    if asked:
        return settings(max_examples=asked, derandomize=False, suppress_health_check=slow)
    # A profile that searches longer than the usual hundred says how long.
    profile = settings().max_examples
    return settings(max_examples=cases if profile <= 100 else profile, suppress_health_check=slow)
