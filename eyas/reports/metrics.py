"""Every figure of a run by name: its number, its text, and how it is defined."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from eyas.errors import UsageError
from eyas.metrics.definition import DEFINITIONS, Definition
from eyas.reports.remarks import duration
from eyas.reports.summary import money, number, percent

if TYPE_CHECKING:
    import polars as pl

NOT_KNOWN = "n/a"


class Figure(NamedTuple):
    """Hold one figure: its name, its number (None: it cannot be defended), and its definition."""

    name: str
    value: float | None
    definition: Definition

    @property
    def label(self) -> str:
        """How it is called on a page."""
        return self.definition.label

    @property
    def text(self) -> str:
        """The number as a person reads it."""
        return text_of(self.value, self.definition.unit)

    @property
    def explained(self) -> str:
        """Label, number, and the definition in full."""
        better = {True: " (higher is better)", False: " (lower is better)", None: ""}
        one = self.definition
        parts = {
            "": one.what,
            "Formula": one.formula,
            "Convention": one.convention,
            "Source": one.source,
            "n/a when": "" if one.none_when == "never." else one.none_when,
        }
        lines = [f"  {name}: {text}" if name else f"  {text}" for name, text in parts.items() if text]
        return "\n".join([f"{self.label}: {self.text}{better[one.higher_is_better]}", *lines])


class Metrics(Mapping[str, "float | None"]):
    """Show all figures of a run: `metrics["sharpe"]` is a number, or None where it cannot be defended.

    It prints as a table in groups; `explain()` prints each with its formula, convention and source. `basis`
    says in a line what the figures were computed on.
    """

    def __init__(self, values: Mapping[str, float], basis: str = "") -> None:
        self._figures = {
            name: Figure(name, None if math.isnan(value) else value, DEFINITIONS[name])
            for name, value in values.items()
        }
        self.basis = basis

    def __getitem__(self, name: str) -> float | None:
        return self.figure(name).value

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)

    def __contains__(self, name: object) -> bool:
        return name in self._figures

    def get(self, name: str, default: Any = None) -> Any:
        """Return a figure's number, or the default for a name that there is not."""
        return self[name] if name in self._figures else default

    def figure(self, name: str) -> Figure:
        """Return one figure with its definition; raises UsageError for a name that there is not."""
        if name not in self._figures:
            from difflib import get_close_matches

            near = get_close_matches(str(name).lower(), self._figures, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "list(report.metrics) names them all"
            raise UsageError(f"there is no figure called {name!r}: {hint}")
        return self._figures[name]

    def groups(self) -> list[tuple[str, list[Figure]]]:
        """Return the figures in groups, in reading order."""
        found: dict[str, list[Figure]] = {}
        for figure in self._figures.values():
            found.setdefault(figure.definition.group, []).append(figure)
        return list(found.items())

    def explain(self, *names: str) -> str:
        """Return figures (all, or those named) with formula, convention and source, as text."""
        return "\n\n".join(self.figure(name).explained for name in names or self)

    def frame(self) -> pl.DataFrame:
        """Return one row a figure: name, label, group, value (null: not known), unit and its definition."""
        import polars as pl

        rows = [
            {
                "name": one.name,
                "label": one.label,
                "group": one.definition.group,
                "value": one.value,
                "unit": one.definition.unit,
                "formula": one.definition.formula,
                "convention": one.definition.convention,
                "source": one.definition.source,
            }
            for one in self._figures.values()
        ]
        texts = dict.fromkeys(
            ("name", "label", "group", "unit", "formula", "convention", "source"), pl.String()
        )
        return pl.DataFrame(rows, schema_overrides={**texts, "value": pl.Float64()})

    def as_json(self) -> dict[str, float | None]:
        """Return numbers by name, for machines; None for what is not known, or without bound."""
        return {
            name: one.value if one.value is not None and math.isfinite(one.value) else None
            for name, one in self._figures.items()
        }

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        rows = [(one.label, one.text) for one in self._figures.values()]
        left = max((len(label) for label, _ in rows), default=0)
        right = max((len(text) for _, text in rows), default=0)
        parts = [
            "\n".join([title, *(f"  {one.label:<{left}}  {one.text:>{right}}" for one in figures)])
            for title, figures in self.groups()
        ]
        return "\n\n".join([*parts, *([self.basis] if self.basis else [])])

    def _repr_html_(self) -> str:
        from eyas.reports.notebook import metrics_html

        return metrics_html(self)

    def __getattr__(self, name: str) -> Any:
        figures = self.__dict__.get("_figures", {})
        if name in figures:
            return figures[name].value
        raise AttributeError(f"there is no figure called {name!r}: list(report.metrics) names them all")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._figures})


def text_of(value: float | None, unit: str) -> str:
    """Return a number of a unit as a person reads it.

    >>> text_of(0.1234, "rate"), text_of(None, "ratio"), text_of(90e9, "duration"), text_of(12, "count")
    ('12.34 %', 'n/a', '1 minute 30 seconds', '12')
    """
    if value is None or math.isnan(value):
        return NOT_KNOWN
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if unit in ("rate", "percent"):
        return percent(value if unit == "rate" else value / 100)
    if unit == "money":
        return money(value)
    if unit in ("duration", "minutes"):
        return duration(round(value if unit == "duration" else value * 60e9))
    if unit in ("count", "bars"):
        text = f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
        return f"{text} bars" if unit == "bars" else text
    return number(value)
