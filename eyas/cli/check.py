"""The command `eyas check`: read, run again and again on less data, print what was found."""

from __future__ import annotations

import sys
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.cli import beside, settings
from eyas.cli.failures import Exit, Interrupted, print_json
from eyas.cli.progress import RunProgress
from eyas.cli.screen import print_plain
from eyas.cli.strategy_file import Factory, load_checked
from eyas.errors import StrategyError, UsageError
from eyas.lookahead import check
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eyas.lookahead import LookAhead

EXITS = {"fail": Exit.LOOKS_AHEAD, "unjudged": Exit.NOT_JUDGED}
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
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
    cuts: int = 20
    exhaustive: bool = False
    seed: int = 1
    as_json: bool = False
    quiet: bool = False


def run(request: Request) -> Exit:
    """Check one strategy and show what was found. Raises what `eyas.cli.failures.tell` tells of."""
    progress = RunProgress(wanted=not request.quiet, unit="runs")
    try:
        found = found_by(request, progress)
    except KeyboardInterrupt:
        raise Interrupted(str(progress)) from None
    if request.as_json:
        print_json({"check": found.as_json(), "error": None})
    elif not request.quiet:
        print_plain(f"{found}\n", sys.stdout)
    return EXITS.get(found.verdict, Exit.RAN)


def found_by(request: Request, progress: RunProgress) -> LookAhead:
    """Check all that was typed, then read and run; a progress bar shows while it runs."""
    shortcuts = {"fee_rate": request.fee_rate, "slippage": request.slippage}
    rules = settings.rules_of(request.rules, request.preset, **shortcuts)
    quality = beside.quality_of(request.quality, request.calendar)
    with redirect_stdout(sys.stderr) if request.as_json else nullcontext():
        loaded = load_checked(request.file, request.class_name)
        if isinstance(loaded, type) and issubclass(loaded, Strategy):
            subject: Any = settings.strategy_of(loaded, request.settings)
            name = loaded.__name__
        else:
            subject, name = with_settings(loaded, request.settings), loaded.__name__
        bars = settings.bars_of(
            request.data,
            request.sample,
            request.symbol,
            request.timeframe,
            series=request.series,
            catalog=beside.catalog_of_bars(request.series, request.catalog, request.extra),
            start=request.start,
            end=request.end,
        )
        extra = beside.extra_of(request.extra, request.catalog)
        try:
            with beside.quality_as_typed(), progress.start(name, request.cuts):
                return check(
                    subject,
                    bars,
                    cuts=request.cuts,
                    exhaustive=request.exhaustive,
                    seed=request.seed,
                    cash=request.cash,
                    rules=rules,
                    finer=request.finer or None,
                    extra=extra,
                    quality=quality,
                    progress=progress,
                )
        except SystemExit as error:
            said = f"{name} ended the program (SystemExit); to do no more, it need only order no more"
            raise StrategyError(said, bar_index=None, report=None) from error


def with_settings(function: Factory, texts: Iterable[str]) -> Any:
    """Return a function with the parameters of `--set`, read by the type of what they are otherwise."""
    known = dict(list(signature(function).parameters.items())[1:])
    given: dict[str, Any] = {}
    for name, text in settings.pairs("--set", texts).items():
        if name not in known or known[name].default is known[name].empty:
            options = [one for one, it in known.items() if it.default is not it.empty]
            raise UsageError(
                f"{function.__name__} has no parameter {name} with a default; "
                f"it has {', '.join(options) or 'none'}"
            )
        kind = type(known[name].default)
        try:
            given[name] = TRUTHS[text.lower()] if kind is bool else kind(text)
        except (KeyError, TypeError, ValueError):
            raise UsageError(
                f"{function.__name__}.{name} is {text!r}, but must be of type {kind.__name__}"
            ) from None
    if not given:
        return function
    found = partial(function, **given)
    found.__name__ = function.__name__  # type: ignore[attr-defined]  # a partial takes any attribute
    return found
