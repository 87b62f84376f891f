"""Figures of a run as Plotly objects, which a person can change; files of them need nothing else."""

from eyas.reports.plots.figures import FIGURES, figure

__all__ = ["FIGURES", "figure"]
