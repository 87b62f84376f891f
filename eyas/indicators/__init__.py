"""Compute indicators: arrays in, arrays of the same length out, NaN until there is enough data.

No result depends on a later value, to the last bit: what an indicator says at a bar it said when
that bar was the newest.
"""

from __future__ import annotations

from eyas.indicators import talib as talib
from eyas.indicators.averages import ema, sma, wma
from eyas.indicators.bands import atr, bollinger, highest, lowest, stdev
from eyas.indicators.channels import donchian, keltner, supertrend
from eyas.indicators.crossings import crossed_above, crossed_below
from eyas.indicators.incremental import Incremental
from eyas.indicators.oscillators import fast_stochastic, macd, rsi, stochastic
from eyas.indicators.trends import adx
from eyas.indicators.volumes import anchored_vwap, obv, vwap
from eyas.sight.memo import Memo as Memo
from eyas.sight.memo import shared as shared

__all__ = [
    "Incremental",
    "adx",
    "anchored_vwap",
    "atr",
    "bollinger",
    "crossed_above",
    "crossed_below",
    "donchian",
    "ema",
    "fast_stochastic",
    "highest",
    "keltner",
    "lowest",
    "macd",
    "obv",
    "rsi",
    "sma",
    "stdev",
    "stochastic",
    "supertrend",
    "vwap",
    "wma",
]
