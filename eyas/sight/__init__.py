"""What a strategy can see: bars of any timeframe, indicators and outside series up to now, never later."""

from __future__ import annotations

from eyas.sight.extra import Extra, Outside
from eyas.sight.sight import Sight
from eyas.sight.views import View

__all__ = ["Extra", "Outside", "Sight", "View"]
