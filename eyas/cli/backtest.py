"""The command `eyas backtest`: read, run, write, print; in that order, so that nothing is half-written."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.backtest import backtest, interval
from eyas.cli import beside, settings
from eyas.cli.asked import RunRequest, bars_asked, no_way_out, rules_asked
from eyas.cli.failures import Exit, Interrupted, print_json
from eyas.cli.progress import RunProgress
from eyas.cli.strategy_file import load_strategy
from eyas.cli.tables import Terms, print_report
from eyas.errors import UsageError

if TYPE_CHECKING:
    from eyas.model import Bars
    from eyas.reports import Report
    from eyas.strategy import Strategy

PAGE_FILES = (".html", ".htm")
TABLE_FILES = (".csv", ".parquet")
RECORD_FILES = (".eyas",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request(RunRequest):
    """Hold what was typed for a backtest."""

    engine: str = "auto"
    seed: int = 0
    bounds: bool = False
    benchmark: str = ""
    risk_free: float = 0.0
    metrics: bool = False
    explain: bool = False
    html: Path | None = None
    trades: Path | None = None
    save: Path | None = None


def run(request: Request) -> Exit:
    """Run one backtest and show it. Raises what `eyas.cli.failures.tell` tells of."""
    progress = RunProgress(wanted=not request.quiet)
    benchmark = beside.benchmark_of(request.benchmark, request.catalog)
    try:
        report = report_of(request, progress)
        if request.trades:
            write_trades(report, request.trades)
        if request.html:
            report.plot(request.html.expanduser(), benchmark=benchmark)
        if request.save:
            report.save(request.save.expanduser())
    except KeyboardInterrupt:
        raise Interrupted(str(progress)) from None
    if request.as_json:
        print_json({"report": report.as_json(), "error": None})
    elif not request.quiet:
        written = {"Trades": request.trades, "Report": request.html, "Record": request.save}
        terms = Terms(request.metrics, request.explain, benchmark, request.risk_free)
        print_report(report, written, terms)
    return Exit.RAN


def report_of(request: Request, progress: RunProgress) -> Report:
    """Check all that was typed, then read and run; a progress bar shows while it runs."""
    named = (Path(name) if name else None for name in (request.data, request.finer))
    read = (request.file, *named, *beside.extra_files(request.extra))
    settings.check_target("--html", request.html, PAGE_FILES, read)
    settings.check_target("--trades", request.trades, TABLE_FILES, read)
    settings.check_target("--save", request.save, RECORD_FILES, read)
    rules = rules_asked(request)
    quality = beside.quality_of(request.quality, request.calendar)
    with strategy_prints(request):
        strategy = settings.strategy_of(load_strategy(request.file, request.class_name), request.settings)
        bars = bars_asked(request)
        extra = beside.extra_of(request.extra, request.catalog)
        name = type(strategy).__name__
        with no_way_out(name), beside.quality_as_typed(), progress.start(name, len(bars)):
            report = backtest(
                strategy,
                bars,
                cash=request.cash,
                rules=rules,
                finer=request.finer or None,
                extra=extra,
                quality=quality,
                engine=request.engine,  # type: ignore[arg-type]  # refused by name if it is none
                seed=request.seed,
                progress=progress,
            )
            report = replace(report, extra=beside.with_their_files(report.extra, request.extra))
            return with_bounds(report, strategy, bars, extra, request) if request.bounds else report


def with_bounds(
    report: Report, strategy: Strategy, bars: Bars, extra: dict[str, Any] | None, request: Request
) -> Report:
    """Return the report with the results between which the paths inside of bars leave it."""
    if request.finer:
        raise UsageError("--bounds is what the bars alone leave open: leave --finer out")
    both = interval(
        strategy,
        bars,
        cash=request.cash,
        rules=report.rules.changed(tie="stop"),
        extra=extra,
        quality="off",  # they have been judged
        seed=request.seed,
    )
    return replace(report, bounds=both.worst.bounds)


@contextmanager
def strategy_prints(request: RunRequest) -> Iterator[None]:
    """Send what a strategy prints to stderr when stdout is for a machine."""
    if not request.as_json:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def write_trades(report: Report, path: Path) -> None:
    """Write the trades as CSV or Parquet, whole or not at all."""
    target = path.expanduser().resolve()
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        if target.suffix.lower() == ".parquet":
            report.trades.write_parquet(draft)
        else:
            report.trades.write_csv(draft, datetime_format="%Y-%m-%dT%H:%M:%S%.fZ")
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"--trades {path} cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)
