"""The command `eyas check`: read, run again and again on less data, print what was found."""

from __future__ import annotations

import sys
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

from eyas.cli import beside, settings
from eyas.cli.asked import RunRequest, bars_asked, no_way_out, rules_asked
from eyas.cli.failures import Exit, Interrupted, print_json
from eyas.cli.progress import RunProgress
from eyas.cli.screen import print_plain
from eyas.cli.strategy_file import Factory, load_checked
from eyas.errors import UsageError
from eyas.lookahead import check
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eyas.lookahead import LookAhead

EXITS = {"fail": Exit.LOOKS_AHEAD, "unjudged": Exit.NOT_JUDGED}
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request(RunRequest):
    """Hold what was typed for a check."""

    cuts: int = 20
    exhaustive: bool = False
    seed: int = 1


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
    rules = rules_asked(request)
    quality = beside.quality_of(request.quality, request.calendar)
    with redirect_stdout(sys.stderr) if request.as_json else nullcontext():
        loaded = load_checked(request.file, request.class_name)
        if isinstance(loaded, type) and issubclass(loaded, Strategy):
            subject: Any = settings.strategy_of(loaded, request.settings)
            name = loaded.__name__
        else:
            subject, name = with_settings(loaded, request.settings), loaded.__name__
        bars = bars_asked(request)
        extra = beside.extra_of(request.extra, request.catalog)
        with no_way_out(name), beside.quality_as_typed(), progress.start(name, request.cuts):
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
