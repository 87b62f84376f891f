"""The command `eyas sweep`: read, run many trials, write, print; what is done is never lost."""

from __future__ import annotations

import re
import secrets
import shlex
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.cli import beside, settings
from eyas.cli.asked import RunRequest, bars_asked, no_way_out, rules_asked
from eyas.cli.backtest import PAGE_FILES, strategy_prints
from eyas.cli.expressions import condition_of, expression_of
from eyas.cli.failures import Exit, Interrupted, print_json
from eyas.cli.ranges import swept
from eyas.cli.report import LINES_FILES, TEXT_FILES
from eyas.cli.strategy_file import load_strategy
from eyas.cli.sweep_progress import SweepProgress
from eyas.cli.sweep_tables import as_json, print_sweep
from eyas.cli.tables import print_report
from eyas.errors import DataError, UsageError
from eyas.sweep.figures import FIGURES

if TYPE_CHECKING:
    from eyas.reports import Report
    from eyas.sweep.result import Sweep

TABLE_FILES = (".csv", ".parquet")
# What a sentence for a programmer says, and what is typed instead.
KEYWORDS = "search|trials|store|storage|seed|workers|engine|objective|top|cluster"
TYPED_INSTEAD = re.compile(rf"\b({KEYWORDS})=(['\"]?)([^\s'\",;:()]+?)\2(?=[\s,.;:)]|$)")
RANGE = re.compile(r"such as (\w+)=range\((\d+), (\d+)\)")
OUTSIDE_BRACKETS = re.compile(r",(?![^()]*\))")  # commas that are no part of a call
OPTIONS_OF_THE_RUN = (
    *("class_name", "data", "finer", "sample", "series", "start", "end", "catalog", "symbol", "timeframe"),
    *("extra", "quality", "calendar", "cash", "fee_rate", "slippage", "preset", "rules"),
)
SPELT = {"class_name": "class", "preset": "rules", "rules": "rule"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request(RunRequest):
    """Hold what was typed for a sweep."""

    where: str = ""
    objective: str = "sharpe"
    constraints: list[str] = field(default_factory=list)
    search: str = "grid"
    trials: int | None = None
    seed: int = 0
    engine: str = "auto"
    workers: int | None = None
    cluster: str | None = None
    store: Path | None = None
    storage: str | None = None
    top: int = 10
    rerun: int | None = None
    html: Path | None = None
    csv: Path | None = None
    markdown: Path | None = None
    json_lines: Path | None = None


def run(request: Request) -> Exit:
    """Run one sweep and show it. Raises what `eyas.cli.failures.tell` tells of."""
    check_files(request)
    with strategy_prints(request), as_typed():
        sweep = sweep_of(request)
        report = None if request.rerun is None else sweep.rerun(request.rerun)
    if report is not None:
        return show_again(request, report)
    with strategy_prints(request):
        written = write_files(request, sweep)
    found = {"sweep": as_json(sweep)} if request.as_json else {}
    if not (request.as_json or request.quiet):
        print_sweep(sweep, written, typed)
    if sweep.interrupted:
        raise Interrupted(f"after {len(sweep):,} trials. {how_to_go_on(request)}", found)
    if request.as_json:
        print_json({**found, "error": None})
    return exit_of(sweep)


def write_files(request: Request, sweep: Sweep) -> dict[str, Path | None]:
    """Write what was asked for, and return what each file is; the page runs the best trial once more."""
    if request.csv:
        write_table(sweep, request.csv)
    if request.json_lines:
        sweep.json_lines(request.json_lines.expanduser())
    if request.markdown:
        sweep.markdown(request.markdown.expanduser())
    if request.html:
        from eyas.sweep.page import page_of, write_page

        write_page(page_of(sweep, command_of(request)), request.html.expanduser())
    return {
        "Trials": request.csv,
        "Trials as lines": request.json_lines,
        "Markdown": request.markdown,
        "Report": request.html,
    }


def check_files(request: Request) -> None:
    """Raise UsageError for a file that cannot be written: before a long run, not after it."""
    named = (Path(name) if name else None for name in (request.data, request.finer))
    read = (request.file, *named, *beside.extra_files(request.extra))
    settings.check_target("--html", request.html, PAGE_FILES, read)
    settings.check_target("--csv", request.csv, TABLE_FILES, read)
    settings.check_target("--markdown", request.markdown, TEXT_FILES, read)
    settings.check_target("--json-lines", request.json_lines, LINES_FILES, read)
    if request.store is not None and request.store.suffix.lower() in (".py", ".csv", ".parquet", ".html"):
        raise UsageError(
            f"--store {request.store} is a file of its own kind: call it cross.sweep or the like"
        )
    if request.rerun is not None and (request.store is None or not request.store.expanduser().exists()):
        raise UsageError(
            "--rerun takes a trial out of the file of --store: name the one of the sweep, with its options"
        )
    if request.rerun is not None and request.csv:
        raise UsageError("--rerun shows one trial again, and --csv writes all: leave one of them out")


def sweep_of(request: Request) -> Sweep:
    """Check all that was typed, then read and run; a progress bar shows while it runs."""
    from eyas.sweep import sweep

    rules = rules_asked(request)
    quality = beside.quality_of(request.quality, request.calendar)
    cls = load_strategy(request.file, request.class_name)
    name, declared = cls.__name__, cls.parameters_declared
    words = swept(name, declared, request.settings, is_grid=request.search == "grid")
    check_names(name, declared, words)
    where = None
    if request.where:
        usual = {name: parameter.default for name, parameter in declared.items()}
        where = condition_of("--where", request.where, declared, usual)
    objective = objectives(request.objective)
    constraints = [condition_of("--constraint", text, FIGURES) for text in request.constraints]
    bars = bars_asked(request)
    extra = beside.extra_of(request.extra, request.catalog)
    title = objective if isinstance(objective, str) else request.objective
    wanted = not request.quiet and request.rerun is None
    with no_way_out(name), beside.quality_as_typed(), SweepProgress(name, title, wanted=wanted) as progress:
        return sweep(
            cls,
            bars,
            where=where,
            objective=objective,
            search=request.search,  # type: ignore[arg-type]  # the sweep says what it may be
            trials=request.trials,
            seed=request.seed,
            constraints=constraints,
            store=request.store and request.store.expanduser(),
            storage=request.storage,
            engine=request.engine,  # type: ignore[arg-type]
            workers=request.workers,
            cluster=request.cluster,
            top=request.top,
            cash=request.cash,
            rules=rules,
            finer=request.finer or None,
            extra=extra,
            quality=quality,
            progress=progress if request.rerun is None else stop_at_once,
            **words,
        )


def check_names(owner: str, declared: Collection[str], words: Collection[str]) -> None:
    """Raise UsageError for a parameter that is called as a word of the sweep itself is."""
    from eyas.sweep import sweep

    for name in words:
        if name not in signature(sweep).parameters or name == "words":
            continue
        if name in declared:
            raise UsageError(
                f"{name} is a parameter of {owner} and a word of eyas.sweep: call the parameter something "
                "else"
            )
        hint = f"; did you mean --{name}?" if name in Request.__dataclass_fields__ else ""
        raise UsageError(f"{owner} has no parameter {name}{hint}")


def stop_at_once(*_: object) -> None:
    """Stop a sweep that only has to read its store."""
    raise KeyboardInterrupt


def objectives(text: str) -> Any:
    """Return what to look for: `figure`, `-figure`, `figure:min`, an expression, or several by comma."""
    found = [one_objective(part.strip()) for part in OUTSIDE_BRACKETS.split(text) if part.strip()]
    if not found:
        raise UsageError("--objective is empty: name a figure, such as sharpe")
    return found[0] if len(found) == 1 and not isinstance(found[0], tuple) else found


def one_objective(text: str) -> Any:
    """Return one objective."""
    name, colon, way = (part.strip() for part in text.partition(":"))
    bare = name.removeprefix("-").strip()
    what = name if bare.isidentifier() else expression_of("--objective", name, FIGURES)
    return (what, way) if colon else what


def show_again(request: Request, report: Report) -> Exit:
    """Show a trial that was run again, whose journal is the sweep's, as a backtest is shown."""
    if request.html:
        report.plot(request.html.expanduser())
    if request.markdown:
        report.markdown(request.markdown.expanduser())
    if request.json_lines:
        report.json_lines(request.json_lines.expanduser())
    if request.as_json:
        print_json({"report": report.as_json(), "error": None})
    elif not request.quiet:
        written = {
            "Trades as lines": request.json_lines,
            "Markdown": request.markdown,
            "Report": request.html,
        }
        print_report(report, written)
        digest = report.journal.digest[:12]
        print(f"\nThe journal is the one of trial {request.rerun} of {request.store}: {digest}…")
    return Exit.RAN


def exit_of(sweep: Sweep) -> Exit:
    """Return whose fault it is when no trial came to an end."""
    counts = sweep.counts()
    if counts["done"] or not len(sweep):
        return Exit.RAN
    return Exit.STRATEGY_FAILED if counts["failed"] else Exit.INPUT_WRONG


def how_to_go_on(request: Request) -> str:
    """Return what a person does after Ctrl-C."""
    if request.store:
        return f"To go on from there, run the same command again: {shlex.join(['eyas', *sys.argv[1:]])}"
    return "With --store FILE it goes on where it was stopped."


def command_of(request: Request) -> str:
    """Return the command of a backtest on the same market; the parameters are still missing."""
    words = ["eyas", "backtest", str(request.file)]
    usual = RunRequest(file=request.file)
    for name in OPTIONS_OF_THE_RUN:
        given = getattr(request, name)
        if given == getattr(usual, name):
            continue
        option = f"--{SPELT.get(name, name).replace('_', '-')}"
        for value in given if isinstance(given, list) else [given]:
            words += [option, str(value)]
    return shlex.join(words)


def write_table(sweep: Sweep, path: Path) -> None:
    """Write all trials as CSV or Parquet, whole or not at all."""
    target = path.expanduser().resolve()
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        frame = sweep.frame()
        if target.suffix.lower() == ".parquet":
            frame.write_parquet(draft)
        else:
            frame.write_csv(draft)
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"--csv {path} cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def as_typed() -> Iterator[None]:
    """Let errors speak of options where they speak of arguments."""
    try:
        yield
    except (UsageError, DataError) as error:
        said = typed(str(error))
        if said == str(error):
            raise
        raise (UsageError if isinstance(error, UsageError) else DataError)(said) from error.__cause__


def typed(text: str) -> str:
    """Return a sentence with options instead of arguments.

    >>> typed("a grid runs every combination: leave trials out, or say search='random' and trials=200.")
    'a grid runs every combination: leave trials out, or say --search random and --trials 200.'
    """
    said = text.replace("eyas.data.check says", "eyas data check says")
    said = RANGE.sub(r"such as --set \1=\2:\3", said)
    return TYPED_INSTEAD.sub(lambda found: f"--{found[1]} {found[3]}", said)
