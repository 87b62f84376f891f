"""Read pictures back: they are well-formed XML, and their marks are numbers."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree

import numpy as np

from eyas.reports.svg.axis import Axis
from eyas.reports.svg.picture import HIGH_UNITS, WIDE_UNITS


def parsed(html: str) -> ElementTree.Element:
    """Return HTML as a tree; raises where it is not well-formed."""
    return ElementTree.fromstring(f"<div>{html}</div>")


def of_class(tree: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in tree.iter() if name in (one.get("class") or "").split()]


def titles(tree: ElementTree.Element) -> list[str]:
    return [unescape(one.text or "") for one in tree.iter("title")]


def points_of(data: str) -> np.ndarray:
    """Return the points of a path, whatever moves and lines it is made of."""
    numbers = [float(one) for one in re.findall(r"-?\d+", re.sub(r"h1", "", data))]
    return np.array(numbers).reshape(-1, 2)


def values_of(data: str, x: Axis, y: Axis) -> tuple[np.ndarray, np.ndarray]:
    """Return what the points of a path say on two axes."""
    found = points_of(data)
    across = np.array([x.value(one / WIDE_UNITS) for one in found[:, 0]])
    return across, np.array([y.value(1 - one / HIGH_UNITS) for one in found[:, 1]])


def number_of(text: str) -> float:
    """Return the number of a text of ours, percent as a fraction."""
    plain = text.replace("−", "-").replace(",", "").replace("+", "")
    return float(plain.removesuffix(" %")) / 100 if plain.endswith(" %") else float(plain)
