"""The front page is a short, sorted list of names, each one documented."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import eyas

ROOT = Path(__file__).parents[1]
MOST_NAMES = 36
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def summary(thing: object) -> str:
    """Return the first line of a thing's docstring."""
    return (inspect.getdoc(thing) or "").split("\n", 1)[0]


def test_names_are_sorted_and_few() -> None:
    names = eyas.__all__
    assert list(names) == sorted(set(names))
    assert len(names) <= MOST_NAMES


def test_every_public_name_is_listed() -> None:
    """Whatever a person can see by `dir(eyas)` is a module or on the list."""
    visible = {name for name in vars(eyas) if not name.startswith("_")}
    stray = {name for name in visible - set(eyas.__all__) if not inspect.ismodule(getattr(eyas, name))}
    assert stray - {"annotations"} == set()


@pytest.mark.parametrize("name", eyas.__all__)
def test_a_name_says_what_it_is_in_one_sentence(name: str) -> None:
    line = summary(getattr(eyas, name))
    assert re.fullmatch(r"[A-Z`].*[.]", line), f"eyas.{name}: {line!r}"


@pytest.mark.parametrize("name", eyas.__all__)
def test_a_name_is_in_the_documentation(name: str) -> None:
    mention = re.compile(rf"\beyas\.{re.escape(name)}\b")
    assert any(mention.search(page.read_text(encoding="utf-8")) for page in PAGES), (
        f"write eyas.{name} into README.md or docs/"
    )
