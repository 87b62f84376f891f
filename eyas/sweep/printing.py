"""A sweep as text that fits a terminal: its best trials, what became of the others, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Any

from eyas.metrics.gates import ANNUAL_FROM_DAYS
from eyas.reports.summary import money, number, percent
from eyas.sweep.trials import IN_PYTHON

if TYPE_CHECKING:
    from eyas.sweep.result import Sweep

WIDTH = 100
GAP = 2
SHOWN = ("total_return", "sharpe", "max_drawdown", "trades", "win_rate", "profit_factor", "calmar", "fees")
RATES = {"total_return", "annual_return", "max_drawdown", "exposure", "win_rate", "volatility"}
COUNTS = {"trades", "max_drawdown_bars", "refused", "ambiguous_bars"}
MONEY = {"equity_final", "net_profit", "average_trade", "best_trade", "worst_trade", "fees", "charges"}
LABELS = {
    "equity_final": "equity at end",
    "total_return": "return",
    "annual_return": "return a year",
    "max_drawdown": "drawdown",
    "max_drawdown_bars": "longest drawdown",
    "win_rate": "won",
}


def wrap(text: str, width: int, initial_indent: str = "", subsequent_indent: str = "") -> list[str]:
    """Return text in lines; paths and names stay whole, so that they can be copied."""
    wrapper = TextWrapper(
        width=width,
        initial_indent=initial_indent,
        subsequent_indent=subsequent_indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.wrap(text)


def printed(sweep: Sweep) -> str:
    """Return a sweep as text, at most WIDTH wide."""
    trials = f"{len(sweep):,} trial{'' if len(sweep) == 1 else 's'}"
    of = f" of {sweep.total:,}" if sweep.total is not None and sweep.total != len(sweep) else ""
    lines = [*wrap(f"{sweep.title}: {trials}{of} ({sweep.search}), {sweep.objective}", WIDTH), ""]
    if len(sweep.ranked):
        lines += [*table_of(sweep), ""]
    for sentence in sentences(sweep):
        lines += wrap(sentence, WIDTH)
    lines += ["", *verdict_of(sweep)] if len(sweep.ranked) else []
    return "\n".join(lines).rstrip()


def table_of(sweep: Sweep, limit: int = WIDTH) -> list[str]:
    """Return the best trials, a line each, under their names; what does not fit on the right is left out."""
    places = sweep.ranked[: sweep.course.top].tolist()
    codes = sweep.codes[places]
    columns: list[tuple[str, list[str]]] = [("trial", [f"{n:,}" for n in sweep.numbers[places].tolist()])]
    columns += [(name, list(map(value_text, sweep.space.column(name, codes)))) for name in sweep.space.axes]
    sought = [one.title for one in sweep.aim.objectives]
    for place, title in enumerate(sought):
        columns.append((LABELS.get(title, title), texts_of(title, sweep.values[places, place].tolist())))
    others = {name: sweep.rows[name][places].tolist() for name in SHOWN if name not in sought}
    columns += [
        (LABELS.get(name, name), texts_of(name, values))
        for name, values in others.items()
        if not all(map(math.isnan, values))
    ]
    fitting, width = [], -GAP
    for label, texts in columns:
        own = max(map(len, [label.replace("_", " "), *texts]))
        if width + GAP + own > limit:
            break
        width += GAP + own
        fitting.append([text.rjust(own) for text in [label.replace("_", " "), *texts]])
    return ["  ".join(row).rstrip() for row in zip(*fitting, strict=True)]


def texts_of(name: str, values: Sequence[float]) -> list[str]:
    """Return the values of a figure as text, by its kind."""
    kinds: list[tuple[set[str], Callable[[float], str]]] = [
        (RATES, percent),
        (COUNTS, lambda value: f"{value:,.0f}"),
        (MONEY, money),
    ]
    text = next((kind for names, kind in kinds if name in names), number)
    return ["n/a" if math.isnan(value) else text(value) for value in values]


def value_text(value: Any) -> str:
    """Return the value of a parameter as text."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def sentences(sweep: Sweep) -> list[str]:
    """Return what became of the trials, how they ran and how long it took, a sentence each."""
    counts, course = sweep.counts(), sweep.course
    found = [outcome(sweep, counts)]
    for name, reasons in (("Refused", sweep.refused), ("Failed", sweep.failed)):
        if reasons:
            first, text = next(iter(reasons.items()))
            found.append(f"{name}: trial {first:,}: {text}")
    if not len(sweep.ranked):
        found.insert(0, f"No trial can be the best: {sweep.why_nothing()}.")
    found += [
        f"{one.title} failed on {one.failed:,} trials; the first time: {one.failure}."
        for one in sweep.aim.objectives
        if one.failed
    ]
    if sweep.aim.failed:
        found.append(
            f"A constraint failed on {sweep.aim.failed:,} trials, which count as breaking it; the first "
            f"time: {sweep.aim.failure}."
        )
    found += sweep.remarks
    reason = f": {sweep.engine_reason}" if sweep.engine_reason else ""
    found.append(f"Engine {sweep.engine}{reason}{'' if reason.endswith('.') else '.'}")
    in_python = [text for text in sweep.reasons.values() if text.startswith(IN_PYTHON)]
    if in_python:
        found.append(f"{len(in_python):,} of the trials {in_python[0]}.")
    found.append(done_now(sweep))
    if course.interrupted:
        how = (
            f"run the same sweep again with store={course.store!r} to go on"
            if course.store
            else "give store='study.sweep' next time, and it goes on where it was stopped"
        )
        found.append(f"Interrupted: {how}.")
    return found


def why_nothing(sweep: Sweep) -> str:
    """Return why no trial can be the best, where none can."""
    counts = sweep.counts()
    if not len(sweep):
        return "no trial has run"
    if not counts["done"]:
        first = next(iter(sweep.reasons.values()), "")
        return f"none of {len(sweep):,} trials ran to its end; the first: {first}"
    if counts["constrained"] == counts["done"]:
        return f"all {counts['done']:,} trials break a constraint"
    if sweep.reasons:
        return f"no trial has a number for {sweep.objective}; the first: {next(iter(sweep.reasons.values()))}"
    short = (
        ""
        if sweep.trials.span.is_long_enough
        else (
            f"; a run of less than {ANNUAL_FROM_DAYS} days has no yearly figures: "
            "say objective='total_return'"
        )
    )
    return f"no trial has a number for {sweep.objective}{short}"


def done_now(sweep: Sweep) -> str:
    """Return how many trials ran this time, where and how fast, and how many had run before."""
    course = sweep.course
    if not course.ran:
        return f"All {course.resumed:,} trials come from {course.store}: none had to be run."
    rate = f", {course.ran / course.seconds:,.0f} trials/s" if course.seconds > 0 else ""
    kept = f"; {course.resumed:,} come from {course.store}" if course.resumed else ""
    return f"{course.ran:,} trials run in {course.seconds:,.2f} s{rate}, {course.where}{kept}."


def outcome(sweep: Sweep, counts: dict[str, int]) -> str:
    """Return the line of counts; what did not happen is not mentioned."""
    words = [f"{counts['done']:,} done"]
    words += [f"{counts[name]:,} {name}" for name in ("refused", "failed") if counts[name]]
    if counts["constrained"]:
        several = counts["constrained"] > 1
        words.append(f"{counts['constrained']:,} {'break' if several else 'breaks'} a constraint")
    if counts["nan"]:
        words.append(f"{counts['nan']:,} without a number for {sweep.objective}")
    return f"{', '.join(words)}."


def verdict_of(sweep: Sweep, limit: int = WIDTH) -> list[str]:
    """Return what the statistics say, and how far to trust the best."""
    found = sweep.statistics
    # Beside the ratios per bar those by the year, as the table of the trials has them.
    rows = found.rows(math.sqrt(sweep.trials.span.bars_per_year))
    left = max(len(label) for label, _ in rows)
    lines = []
    for label, text in rows:
        head = f"{label:<{left}}  "
        lines += wrap(text, limit, initial_indent=head, subsequent_indent=" " * len(head)) or [head.rstrip()]
    lines += ["", *wrap(found.sentence, limit)]
    for reason in found.reasons[1:]:
        lines += wrap(reason, limit, initial_indent="- ", subsequent_indent="  ")
    return lines
