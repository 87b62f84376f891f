"""Every figure says how it is called, what it is measured in, how it is defined, and by whom."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from eyas import metrics
from eyas.metrics import DEFINITIONS, Curve, curve_figures

DAY_NS = 86_400_000_000_000
CURVE = Curve(np.arange(500) * DAY_NS, 100 + np.arange(500) % 7.0, 100.0)
NAMES = [*curve_figures(CURVE, benchmark=CURVE), "skew_population", "kurtosis_population"]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_defined(name: str) -> None:
    told, function = DEFINITIONS[name], getattr(metrics, name)
    assert re.fullmatch(r"Return [^.]*[.].*", told.sentence)
    for part in (told.label, told.formula, told.convention, told.source, told.none_when, told.group):
        assert part
        assert not part.startswith(" ")
    for part in (told.formula, told.convention, told.source, told.none_when):
        assert part.endswith(".")
        assert "\n" not in part
    assert f"Unit: {told.unit}." in inspect.getdoc(function)
    assert ">>>" in inspect.getdoc(function)


def test_a_definition_reads_as_sentences() -> None:
    text = str(DEFINITIONS["positive_days"])
    assert text.startswith("The share of days with a gain. Formula: ")
    assert ". A day on which nothing changed" in text
    assert "n counts all" in str(DEFINITIONS["sortino"])
    assert "never" not in str(DEFINITIONS["trade_count"])
    for one in DEFINITIONS.values():
        assert not str(one).startswith("Return ")
        assert "`" not in one.what


def test_labels_name_one_figure_each() -> None:
    labels = [DEFINITIONS[name].label for name in NAMES]
    assert len(set(labels)) == len(labels)


def test_names_are_sorted_and_there() -> None:
    assert metrics.__all__ == sorted(metrics.__all__)
    assert set(NAMES) <= set(metrics.__all__)
    assert all(hasattr(metrics, name) for name in metrics.__all__)
