"""Compute indicators: arrays in, arrays of the same length out, NaN until there is enough data.

No result depends on a later value, to the last bit: what an indicator says at a bar it said when
that bar was the newest.
"""

from __future__ import annotations

from eyas.indicators.averages import ema, sma, wma
from eyas.indicators.bands import atr, bollinger, highest, lowest, stdev
from eyas.indicators.oscillators import macd, rsi

__all__ = ["atr", "bollinger", "ema", "highest", "lowest", "macd", "rsi", "sma", "stdev", "wma"]
