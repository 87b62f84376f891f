"""Show how far a download is, on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID


class TerminalBar:
    """Draw a bar on a terminal while a download runs, and take it off in the end; elsewhere draw nothing.

    with TerminalBar("BTCUSDT 1h") as bar:
        download("BTCUSDT", "1h", source="ccxt:binance", start="2020", progress=bar)
    """

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self.title = title
        self.stream = stream or sys.stderr
        self.drawing: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int, total: int, eta_s: float | None) -> None:
        """Take note of bars done, bars in all and seconds to go; `download` calls this."""
        if not self.stream.isatty():
            return
        progress, task = self.drawing = self.drawing or self._draw(total)
        progress.update(task, completed=done, total=total, left=_time(eta_s))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar off the screen."""
        if self.drawing:
            self.drawing[0].stop()

    def _draw(self, total: int) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None, complete_style="cyan", finished_style="cyan"),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} bars, {task.percentage:.0f} %"),
            TextColumn("{task.fields[left]}"),
            console=Console(file=self.stream, highlight=False, markup=False, emoji=False),
            transient=True,
            expand=True,
        )
        progress.start()
        return progress, progress.add_task(self.title, total=total, left="")


def _time(eta_s: float | None) -> str:
    """Return a time to go as a person says it.

    >>> _time(59.6), _time(75), _time(7_300), _time(None)
    ('1:00 left', '1:15 left', '2:01:40 left', '')
    """
    if eta_s is None:
        return ""
    minutes, seconds = divmod(round(eta_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02} left" if hours else f"{minutes}:{seconds:02} left"
