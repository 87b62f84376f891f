"""All sections of a report, in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from eyas.metrics.curve import Curve
from eyas.reports.benchmark import curve_of

if TYPE_CHECKING:
    from eyas.reports.benchmark import Benchmark
    from eyas.reports.report import Report

NOTHING_TO_SHOW = '<p class="empty">'


class Section(NamedTuple):
    """Hold one section: its id, its title, its content as HTML, a note below it, and whether it needs width.

    `html` is safe to stand in a page as it is; `note` is plain text, or empty. Where there is nothing to
    show, `html` is a paragraph that says why.
    """

    key: str
    title: str
    html: str
    note: str = ""
    wide: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it only says why there is nothing to show."""
        return self.html.startswith(NOTHING_TO_SHOW) and self.html.count("<") == 2


def sections_of(report: Report, benchmark: Benchmark | None = None) -> list[Section]:
    """Return the sections of a report, of each of which a sentence is left where it has nothing to show.

    `benchmark` is what `eyas.reports.benchmark.benchmark_of` gives; without one nothing is compared.
    """
    from eyas.reports.of_report import trades_of
    from eyas.reports.sections.market import exposure_section
    from eyas.reports.sections.returns import (
        distribution_section,
        drawdown_section,
        monthly_section,
        period_section,
        rolling_section,
    )
    from eyas.reports.sections.symbols import symbol_sections
    from eyas.reports.sections.trades import (
        excursion_section,
        group_section,
        moment_section,
        result_section,
    )

    curve = curve_of(report)
    other = benchmark.curve if benchmark is not None and benchmark.overlaps else None
    name = benchmark.name if benchmark is not None else ""
    trades = trades_of(report)
    # Falls are told by the times of the report itself, which of a portfolio are those of the closes.
    as_reported = Curve(report.time, report.curve, curve.opening)
    found = [
        *symbol_sections(report),
        monthly_section(curve),
        period_section(curve, other, name),
        distribution_section(curve),
        drawdown_section(as_reported),
        rolling_section(curve, other, name),
        exposure_section(report),
        result_section(report.trades),
        excursion_section(report),
        moment_section(trades),
        group_section(trades),
    ]
    return [section._replace(note=section.note.replace(" %", "\u00a0%")) for section in found]
