"""Everything that decided a run, in groups: parameters, rules, costs, data, versions, what names it."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from eyas.data.quality import Verdict
    from eyas.data.quality.beside import Beside
    from eyas.reports.report import Report

Group: TypeAlias = tuple[str, list[tuple[str, str]]]
SOURCES_MAX = 5
BESIDE_MAX = 40
COSTS = ("fee", "spread", "slippage", "funding", "borrow", "min_fee", "impact")


def settings_groups(report: Report) -> list[Group]:
    """Return the settings of a run as groups: a title and pairs of a label and a text; none is empty."""
    changed = report.rules.differences()
    costs = [(name, text) for name, text in changed if name.startswith(COSTS)]
    rules = [(name, text) for name, text in changed if not name.startswith(COSTS)]
    ran = [
        ("cash", report.cash),
        *([("clock", report.clock)] if report.steps is not None else []),
        *([("engine", report.origin.engine)] if report.origin else []),
        ("random seed", str(report.seed)),
    ]
    groups: list[Group] = [
        ("Parameters", [(name, str(value)) for name, value in report.parameters.items()]),
        ("Rules", rules or [("rules", "the default market")]),
        ("Costs", costs or [("costs", "none: every fill is free")]),
        ("Run", ran),
        ("Data", [("data", sources(report)), *data_hashes(report), *beside_texts(report)]),
        ("Versions", versions(report)),
        ("Digests", digests(report)),
    ]
    return [group for group in groups if group[1]]


def settings_of(report: Report) -> list[tuple[str, str]]:
    """Return the settings of a run as one list of labels and texts."""
    return [
        *((name, str(value)) for name, value in report.parameters.items()),
        *report.rules.differences(),
        *(row for title, rows in settings_groups(report) if title not in FIRST for row in rows),
    ]


FIRST = ("Parameters", "Rules", "Costs")


def sources(report: Report) -> str:
    """Return where the bars came from."""
    named = list(dict.fromkeys(bars.source or "in memory" for bars in report.instruments.values()))
    more = f" and {len(named) - SOURCES_MAX:,} more" if len(named) > SOURCES_MAX else ""
    return ", ".join(named[:SOURCES_MAX]) + more


def data_hashes(report: Report) -> list[tuple[str, str]]:
    """Return what names the columns that were run."""
    if len(report.quality) == 1:
        return [("data's SHA-256", verdict.hash) for verdict in report.quality.values()]
    return [(f"SHA-256 of {symbol}", one.hash) for symbol, one in list(report.quality.items())[:SOURCES_MAX]]


def beside(report: Report) -> list[tuple[str, Beside]]:
    """Return what a run was given beside its bars, each with what it is called."""
    finer = [
        ("finer bars" if len(report.symbols) == 1 else f"finer bars of {symbol}", one)
        for symbol, one in report.finer.items()
    ]
    return [*finer, *((f"extra {name}", one) for name, one in report.extra.items())]


def beside_texts(report: Report) -> list[tuple[str, str]]:
    """Return what a run was given beside its bars, as labels and texts."""
    return [(name, str(one)) for name, one in beside(report)[:BESIDE_MAX]]


def verdicts(report: Report) -> dict[str, Verdict]:
    """Return the verdicts over all the bars that a run was given, by what they are called."""
    return {
        **report.quality,
        **{f"the {name}": one.quality for name, one in beside(report) if one.quality},
    }


def versions(report: Report) -> list[tuple[str, str]]:
    """Return the versions under which a run was made; those of now where it does not say."""
    if report.origin:
        return list(report.origin.versions.items())
    return [("eyas", version("eyas")), ("python", platform.python_version())]


def digests(report: Report) -> list[tuple[str, str]]:
    """Return what names the run, and its code."""
    code = report.origin.digest if report.origin else ""
    return [("journal", report.journal.digest), *([("strategy's SHA-256", code)] if code else [])]
