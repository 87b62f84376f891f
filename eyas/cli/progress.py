"""A bar for runs that last, drawn where a person sees it."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Self

from eyas.cli.screen import console_of, is_terminal

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

SHOW_AFTER_S = 0.5


class RunProgress:
    """Follow a run, and draw a bar on stderr once it has lasted half a second.

    `done` and `total` say how far it came, in bars or another `unit`, also when nobody watches.
    """

    def __init__(self, *, wanted: bool = True, unit: str = "bars") -> None:
        self.title = ""
        self.unit = unit
        self.watched = wanted and is_terminal(sys.stderr)
        self.done = 0
        self.total = 0
        self.began = 0.0
        self.drawing: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int, total: int) -> None:
        """Take note of bars done and bars in all; `eyas.backtest` calls this."""
        self.done, self.total = done, total
        if self.drawing:
            progress, task = self.drawing
            progress.update(task, completed=done, total=total)
        elif self.watched and done < total and monotonic() - self.began >= SHOW_AFTER_S:
            self.draw()

    def start(self, title: str, total: int) -> Self:
        """Begin to count, for a `with` that takes the bar off the screen in the end."""
        self.title, self.total, self.began = title, total, monotonic()
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar off the screen."""
        if self.drawing:
            self.drawing[0].stop()

    def __str__(self) -> str:
        if not self.total:
            return f"before the first {self.unit[:-1]}"
        if self.done >= self.total:
            return f"after the last {self.unit[:-1]}"
        return f"at {self.unit[:-1]} {self.done:,} of {self.total:,}"

    def draw(self) -> None:
        """Put the bar on the screen."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None, complete_style="cyan", finished_style="cyan"),
            TextColumn(
                "{task.completed:,.0f} of {task.total:,.0f} {task.fields[unit]}, {task.percentage:.0f} %"
            ),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=console_of(sys.stderr),
            transient=True,
            expand=True,
            # What a strategy prints goes above the bar; but into a file, if that is where it goes.
            redirect_stdout=sys.stdout.isatty(),
        )
        progress.start()
        task = progress.add_task(self.title, completed=self.done, total=self.total, unit=self.unit)
        self.drawing = (progress, task)
