"""How orders are worded: what is no number is refused with a sentence."""

from __future__ import annotations

import pytest

import eyas
from tests.test_strategy import BARS, Do


def test_what_is_no_number_is_no_size() -> None:
    for wrong in ("10", True, eyas.at(5)):
        with pytest.raises(eyas.StrategyError, match="but must be a number"):
            eyas.backtest(Do(bar0=lambda s, wrong=wrong: s.buy(wrong)), BARS)
