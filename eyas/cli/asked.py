"""What every command that runs a strategy is asked: the strategy, its bars, the market."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eyas.cli import beside, settings
from eyas.errors import StrategyError
from eyas.model import Bars
from eyas.rules import Rules


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRequest:
    """Hold what was typed, as text; its names are those of the options."""

    file: Path
    class_name: str = ""
    settings: list[str] = field(default_factory=list)
    data: str = ""
    finer: str = ""
    sample: str = ""
    series: str = ""
    start: str | None = None
    end: str | None = None
    catalog: str = ""
    symbol: str | None = None
    timeframe: str | None = None
    extra: list[str] = field(default_factory=list)
    quality: list[str] = field(default_factory=list)
    calendar: str = ""
    cash: str = "10000"
    fee_rate: str | None = None
    slippage: str | None = None
    preset: str | None = None
    rules: list[str] = field(default_factory=list)
    as_json: bool = False
    quiet: bool = False


def rules_asked(request: RunRequest) -> Rules:
    """Return the rules of the market that was asked for, or raise UsageError."""
    shortcuts = {"fee_rate": request.fee_rate, "slippage": request.slippage}
    return settings.rules_of(request.rules, request.preset, **shortcuts)


def bars_asked(request: RunRequest) -> Bars:
    """Return the bars that were asked for: of a file, a sample, or a series of the catalog."""
    return settings.bars_of(
        request.data,
        request.sample,
        request.symbol,
        request.timeframe,
        series=request.series,
        catalog=beside.catalog_of_bars(request.series, request.catalog, request.extra),
        start=request.start,
        end=request.end,
    )


@contextmanager
def no_way_out(name: str) -> Iterator[None]:
    """Turn a strategy's attempt to end the program into a failure of the strategy."""
    try:
        yield
    except SystemExit as error:
        said = f"{name} ended the program (SystemExit); to do no more, it need only order no more"
        raise StrategyError(said, bar_index=None, report=None) from error
