"""Bring market data from exchanges and brokers into the catalog."""

from __future__ import annotations

from eyas.feeds.download import download
from eyas.feeds.downloaded import Downloaded
from eyas.feeds.faults import Patience, TryAgain
from eyas.feeds.pages import Page, Source
from eyas.feeds.terminal import TerminalBar

__all__ = ["Downloaded", "Page", "Patience", "Source", "TerminalBar", "TryAgain", "download"]
