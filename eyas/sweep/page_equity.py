"""Draw the equity of a sweep's best trial, beside what its bars made by themselves, and how far it fell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from eyas.errors import EyasError
from eyas.reports.benchmark import benchmark_of, curve_of
from eyas.reports.folds.underwater import underwater
from eyas.reports.svg.lines import Line, area_chart, line_chart
from eyas.reports.svg.picture import nothing

if TYPE_CHECKING:
    from eyas.reports import Report
    from eyas.reports.benchmark import Benchmark
    from eyas.sweep.result import Sweep

HEIGHT, FALL_HEIGHT = 260, 120
IN_TURN = "The symbols ran one after the other, so there is no one line of time to draw on."
CHOSEN = (
    "It was chosen for being the best of these trials on these very bars: what follows is usually worse, and "
    "the verdict above says how much of it may be luck."
)


class Equity(NamedTuple):
    """Hold the pictures of a trial's equity: a title, HTML that is safe as it is, and a note."""

    title: str
    html: str
    note: str = ""


def best_equity(sweep: Sweep) -> Equity | None:
    """Return the pictures of the best trial, which is run once more for them; None where none is best.

    One that does not run again as it did has the reason in the place of a picture.
    """
    best = sweep.best
    if best is None:
        return None
    title = f"Equity of the best trial ({best.number:,})"
    try:
        report = sweep.rerun(best.number)
    except EyasError as error:
        return Equity(title, nothing(f"It could not be run again: {error}"))
    benchmark = benchmark_of(None, report)
    note = " ".join(part for part in (CHOSEN, benchmark.remark) if part)
    return Equity(title, pictures_of(report, benchmark), note)


def pictures_of(report: Report, benchmark: Benchmark) -> str:
    """Return the equity of a run beside its benchmark, and below it how far it was below its highest."""
    curve = curve_of(report)
    if len(curve.restarts):
        return nothing(IN_TURN)
    lines = [Line("Best trial", report.curve)]
    if benchmark.overlaps:
        lines.append(Line(benchmark.name, benchmark.values, "benchmark"))
    drawn = line_chart(
        "Equity of the best trial.",
        report.time,
        lines,
        "money",
        include=[float(curve.opening)],
        title="Equity",
        height=HEIGHT,
    )
    found = underwater(curve)
    if found.sentence:
        return drawn + nothing(found.sentence)
    deepest = Line("Below the highest equity", found.depth, "underwater")
    label = "How far equity was below its highest."
    return drawn + area_chart(label, found.time, [deepest], title=deepest.name, height=FALL_HEIGHT)
