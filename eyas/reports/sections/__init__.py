"""The sections of a tear sheet between its chart and its list of trades: pictures and tables."""

from eyas.reports.sections.section import Section, sections_of

__all__ = ["Section", "sections_of"]
