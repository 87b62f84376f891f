"""A sweep on the screen, in colour and to its width, and as plain values for a machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from eyas.cli.screen import console_of, print_plain, show
from eyas.sweep.printing import sentences, table_of, verdict_of

if TYPE_CHECKING:
    from rich.text import Text

    from eyas.sweep.result import Sweep, Trial

WIDEST = 120
VERDICTS = {"luck": "bold red", "unproven": "bold yellow", "holds": "bold green"}


def print_sweep(sweep: Sweep, written: Mapping[str, Path | None], typed: Callable[[str], str]) -> None:
    """Print the best trials, what became of the others, the verdict, and last the files that were written."""
    files = [f"{label}: {path}\n" for label, path in written.items() if path]
    if sys.stdout.isatty():
        show(on_screen(sweep, min(WIDEST, console_of(sys.stdout).width), typed))
    else:
        print_plain(typed(str(sweep)) + "\n", sys.stdout)
    print_plain("".join(["\n", *files] if files else []), sys.stdout)


def on_screen(sweep: Sweep, width: int, typed: Callable[[str], str]) -> Text:
    """Return a sweep as a terminal shows it."""
    from rich.text import Text

    text = Text()
    trials = f"{len(sweep):,} trial{'' if len(sweep) == 1 else 's'}"
    of = f" of {sweep.total:,}" if sweep.total is not None and sweep.total != len(sweep) else ""
    text.append(f"{sweep.title}\n", "bold")
    for line in wrap(f"{trials}{of} ({sweep.search}), {sweep.objective}", width):
        text.append(f"{line}\n", "dim")
    if len(sweep.ranked):
        head, first, *others = table_of(sweep, width)
        text.append(f"\n{head}\n", "bold").append(f"{first}\n", "cyan").append(
            "".join(f"{one}\n" for one in others)
        )
    text.append("\n")
    # How to go on after Ctrl-C is said last, with the command.
    for sentence in (one for one in sentences(sweep) if not one.startswith("Interrupted")):
        text.append("".join(f"{line}\n" for line in wrap(typed(sentence), width)), style_of(sentence))
    if len(sweep.ranked):
        text.append("\n")
        opening = sweep.statistics.sentence[:12]
        is_said = False
        for line in verdict_of(sweep, width):
            is_said = is_said or line.startswith(opening)
            text.append(
                f"{line}\n",
                VERDICTS[sweep.statistics.verdict] if is_said and not line.startswith("-") else "",
            )
    return text


def style_of(sentence: str) -> str:
    """Return how a sentence on the run is drawn."""
    loud = ("Refused:", "Failed:", "No trial", "The data's check", "Trading was free")
    return "yellow" if sentence.startswith(loud) else "dim" if sentence.startswith("Engine") else ""


def as_json(sweep: Sweep) -> dict[str, Any]:
    """Return what a sweep found as plain values: how it ran, its best trials and what the statistics say."""
    top = [sweep.trial(number) for number in sweep.numbers[sweep.ranked[: sweep.course.top]].tolist()]
    return {
        "title": sweep.title,
        "strategy": sweep.strategy,
        "objective": sweep.objective,
        "search": sweep.search,
        "trials": len(sweep),
        "total": sweep.total,
        "counts": sweep.counts(),
        "engine": sweep.engine,
        "engine_reason": sweep.engine_reason,
        "ran": sweep.course.ran,
        "resumed": sweep.course.resumed,
        "seconds": sweep.seconds,
        "interrupted": sweep.interrupted,
        "settings": dict(sweep.settings()),
        "best": trial_json(top[0]) if top else None,
        "top": [trial_json(one) for one in top],
        "notes": sweep.remarks,
        "refused": {str(number): text for number, text in sweep.refused.items()},
        "failed": {str(number): text for number, text in sweep.failed.items()},
        "statistics": sweep.statistics.as_dict() if len(sweep.ranked) else None,
    }


def trial_json(trial: Trial) -> dict[str, Any]:
    """Return a trial as plain values."""
    return {
        "number": trial.number,
        "parameters": trial.parameters,
        "values": list(trial.values),
        "figures": trial.figures,
        "digest": trial.digest,
    }
