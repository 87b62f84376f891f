"""The section of what was held in the market."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eyas.reports.exposure import exposure_frame
from eyas.reports.folds.exposure import Exposure, exposure
from eyas.reports.sections.section import Section
from eyas.reports.svg.lines import Line, area_chart
from eyas.reports.svg.picture import nothing
from eyas.reports.svg.text import percent_text

if TYPE_CHECKING:
    from eyas.reports.report import Report

TITLE = "Exposure"
BUCKETS_MAX = 160


def exposure_section(report: Report) -> Section:
    """Return long and short over time, as fractions of equity."""
    found = exposure(exposure_frame(report), BUCKETS_MAX)
    if found.sentence:
        return Section("exposure", TITLE, nothing(found.sentence))
    areas = []
    if found.long.max(initial=0.0, where=found.long == found.long) > 0:
        areas.append(Line("long", found.long, "long", is_step=True))
    if found.short.max(initial=0.0, where=found.short == found.short) > 0:
        areas.append(Line("short", -found.short, "short", is_step=True))
    html = area_chart(
        "What was held, as a part of equity.",
        found.time,
        areas,
        title="Part of equity held" + (f", {areas[0].name}" if len(areas) == 1 else ""),
    )
    return Section("exposure", TITLE, html, _note(found))


def _note(found: Exposure) -> str:
    each = "At the end of each bar" if found.width == 1 else f"Each step is the mean of {found.width:,} bars"
    return (
        f"{each}. {percent_text(found.mean)} of equity was held in the mean, {percent_text(found.most)} at "
        "most at the end of a bar."
    )
