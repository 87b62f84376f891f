"""How figures look: our colours on a light or a dark ground, calm axes, and texts that are only texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from importlib import import_module
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eyas.errors import UsageError

POINTS_MAX = 5_000
TOP = 104  # room for the title, what is said below it, and the legend
FONT = 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif'
# As in assets/style.css: blue is gain and orange is loss, everywhere and for nothing else.
LIGHT = MappingProxyType(
    {
        "paper": "#ffffff", "ink": "#1b2026", "muted": "#5d6873", "line": "#dfe3e7", "grid": "#eef0f2",
        "gain": "#0067a8", "loss": "#c9510c", "rise": "#a3adb7", "fall": "#4a5561", "underwater": "#4a5561",
        "underwater_soft": "rgba(74,85,97,0.22)", "equity": "#1b2026", "benchmark": "#8a96a1",
        "gain_soft": "rgba(0,103,168,0.22)", "loss_soft": "rgba(201,81,12,0.22)",
        "one": "#7b3fa0", "two": "#00836a", "three": "#8a6d00",
    }
)  # fmt: skip
DARK = MappingProxyType(
    {
        "paper": "#14171b", "ink": "#e3e7eb", "muted": "#98a3ae", "line": "#2c323a", "grid": "#20252b",
        "gain": "#5bb5ee", "loss": "#f2935c", "rise": "#a9b3bd", "fall": "#5f6b77", "underwater": "#98a3ae",
        "underwater_soft": "rgba(139,151,163,0.26)", "equity": "#e3e7eb", "benchmark": "#77828d",
        "gain_soft": "rgba(91,181,238,0.25)", "loss_soft": "rgba(242,147,92,0.25)",
        "one": "#c79be6", "two": "#4cc7ab", "three": "#d6b84a",
    }
)  # fmt: skip
THEMES: Mapping[str, Mapping[str, str]] = {"light": LIGHT, "dark": DARK}


@dataclass(frozen=True, slots=True)
class Look:
    """Hold the colours of a theme by name."""

    colours: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.colours[name]


def look_of(theme: str) -> Look:
    """Return a theme by its name; raises UsageError for one that there is not."""
    if theme not in THEMES:
        near = get_close_matches(str(theme), THEMES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "there are 'light' and 'dark'"
        raise UsageError(f"there is no theme {theme!r}: {hint}")
    return Look(THEMES[theme])


def plotly(module: str = "graph_objects") -> Any:
    """Return a module of Plotly; raises UsageError where it is not installed."""
    try:
        return import_module(f"plotly.{module}")
    except ImportError as error:
        raise UsageError("a figure needs the extra: pip install 'eyas[plotly]'") from error


def canvas(look: Look, title: str, said: str = "", rows: int = 1) -> Any:
    """Return an empty figure with our look; several `rows` share their x axis."""
    if rows > 1:
        found = plotly("subplots").make_subplots(rows=rows, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    else:
        found = plotly().Figure()
    axis = {
        "gridcolor": look["grid"], "zerolinecolor": look["line"], "linecolor": look["line"],
        "tickcolor": look["line"], "tickfont": {"color": look["muted"]}, "automargin": True,
        "title": {"font": {"color": look["muted"], "size": 12}},
    }  # fmt: skip
    found.update_layout(
        template="none",
        paper_bgcolor=look["paper"],
        plot_bgcolor=look["paper"],
        font={"family": FONT, "size": 13, "color": look["ink"]},
        title={
            "text": safe(title), "x": 0, "xref": "container", "xanchor": "left",
            "y": 1, "yref": "container", "yanchor": "top", "pad": {"l": 16, "t": 18},
            "font": {"size": 18},
            "subtitle": {"text": safe(said), "font": {"color": look["muted"], "size": 13}},
        },
        margin={"l": 64, "r": 24, "t": TOP, "b": 48},
        hoverlabel={"bgcolor": look["paper"], "bordercolor": look["line"], "font": {"color": look["ink"]}},
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        colorway=[look[name] for name in ("equity", "benchmark", "one", "two", "three")],
        height=480 if rows == 1 else TOP + 96 + 180 * rows,
    )  # fmt: skip
    found.update_xaxes(**axis, showgrid=False)
    found.update_yaxes(**axis)
    return found


def say_instead(found: Any, sentence: str, look: Look) -> Any:
    """Put a sentence in place of a picture."""
    found.update_xaxes(visible=False)
    found.update_yaxes(visible=False)
    found.add_annotation(
        text=safe(sentence), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False,
        font={"color": look["muted"], "size": 14},
    )  # fmt: skip
    return found


def safe(text: Any) -> str:
    """Return a text that Plotly shows as it stands: it would take markup for markup."""
    return escape(str(text), quote=False)


def moments(time_ns: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Return times for an axis: to the millisecond where that is all there is."""
    found = np.asarray(time_ns, np.int64).astype("datetime64[ns]")
    whole = found.astype("datetime64[ms]")
    return whole if bool((whole == found).all()) else found


def breaks(time_ns: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return what an axis of time leaves out: weekends and nights on which there is never a bar."""
    if len(time_ns) < 2:
        return []
    found: list[dict[str, Any]] = []
    days = (time_ns // 86_400_000_000_000 + 4) % 7  # 0 is Sunday
    spans_week = time_ns.max() - time_ns.min() > 8 * 86_400_000_000_000
    if spans_week and not np.isin(days, (0, 6)).any():
        found.append({"bounds": ["sat", "mon"]})
    seconds = time_ns // 1_000_000_000 % 86_400
    step = float(np.median(np.diff(time_ns))) / 1e9
    first, last = float(seconds.min()) / 3600, (float(seconds.max()) + step) / 3600
    if 0 < step <= 14_400 and last - first <= 16:
        found.append({"bounds": [last, first], "pattern": "hour"})
    return found
