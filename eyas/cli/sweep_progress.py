"""A bar for sweeps: trials done, how fast, how long still, and the best so far."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Self

from eyas.cli.screen import console_of, is_terminal
from eyas.sweep.printing import value_text

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

    from eyas.sweep.study import Best

SHOW_AFTER_S = 0.5
BETWEEN_S = 0.1


class SweepProgress:
    """Follow a sweep, and draw a bar on stderr once it has lasted half a second."""

    def __init__(self, title: str, objective: str, *, wanted: bool = True) -> None:
        self.title, self.objective = title, objective
        self.watched = wanted and is_terminal(sys.stderr)
        self.began = monotonic()
        self.drawn = 0.0
        self.first: int | None = None
        self.drawing: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int, total: int | None, best: Best | None) -> None:
        """Take note of trials done, of all, and of the best; `eyas.sweep` calls this."""
        if self.first is None:
            self.first = done  # what came from the store, and the first chunk, tell nothing of the speed
        if not self.watched:
            return
        now = monotonic()
        if self.drawing is None:
            if now - self.began < SHOW_AFTER_S or done == total:
                return
            self.draw(total)
        if now - self.drawn < BETWEEN_S and done != total:
            return
        self.drawn = now
        assert self.drawing is not None
        progress, task = self.drawing
        progress.update(task, completed=done, total=total, facts=self.facts(done, total, best, now))

    def facts(self, done: int, total: int | None, best: Best | None, now: float) -> str:
        """Return how far, how fast and what was best, as it stands beside the bar."""
        ran = done - (self.first or 0)
        rate = ran / (now - self.began) if ran > 0 and now > self.began else 0.0
        of = f" of {total:,}" if total is not None else ""
        parts = [f"{done:,}{of}"]
        if rate:
            parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s")
        if rate and total is not None:
            parts.append(f"{span((total - done) / rate)} left")
        if best is not None:
            found = ", ".join(f"{name}={value_text(value)}" for name, value in best.parameters.items())
            parts.append(f"best {self.objective} {best.score:.4g} ({found})")
        return ", ".join(parts)

    def draw(self, total: int | None) -> None:
        """Put the bar on the screen."""
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16, complete_style="cyan", finished_style="cyan"),
            TextColumn(
                "{task.fields[facts]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")
            ),
            console=console_of(sys.stderr),
            transient=True,
            redirect_stdout=sys.stdout.isatty(),
        )
        progress.start()
        self.drawing = (progress, progress.add_task(self.title, total=total, facts=""))

    def __enter__(self) -> Self:
        self.began = monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar off the screen."""
        if self.drawing:
            self.drawing[0].stop()


def span(seconds: float) -> str:
    """Return how long something lasts, as a person says it.

    >>> span(7), span(75), span(4000)
    ('7 s', '1:15', '1:06:40')
    """
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
