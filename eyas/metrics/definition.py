"""What a figure is called, what it is measured in, and how it is defined: read from its own docstring."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

Unit: TypeAlias = Literal[
    "rate", "ratio", "money", "count", "bars", "duration", "text", "percent", "minutes", "milliseconds"
]
PARTS = ("Formula", "Unit", "Convention", "Source", "None when")
Function = TypeVar("Function", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Definition:
    """Say what a figure is: how it is called and computed, and when it is kept silent.

    `unit` is "rate" (a fraction, shown in percent), "ratio", "money", "count", "bars", "duration"
    (nanoseconds) or "text"; the signals' own are in "percent" (0–100), "minutes" and "milliseconds".
    `higher_is_better` is None where neither is. The other texts are those of the
    function's docstring.
    """

    name: str
    label: str
    unit: Unit
    group: str
    higher_is_better: bool | None
    sentence: str
    formula: str
    convention: str
    source: str
    none_when: str

    @property
    def what(self) -> str:
        """Its sentence as what the figure is, where the docstring says what the function does."""
        return capitalised(self.sentence.removeprefix("Return ").replace("`", ""))

    def __str__(self) -> str:
        parts = [
            self.what,
            f"Formula: {self.formula}",
            capitalised(self.convention.replace("`", "")),
            f"Source: {self.source}",
        ]
        if self.none_when not in ("", "never."):
            parts.append(f"n/a when {self.none_when}")
        return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)


def capitalised(text: str) -> str:
    """Return a sentence with a capital at its beginning; a symbol (a letter that stands alone) stays.

    >>> capitalised("after fees."), capitalised("n counts all periods.")
    ('After fees.', 'n counts all periods.')
    """
    return text if text[1:2] in ("", " ") and text[:2] != "a " else text[:1].upper() + text[1:]


DEFINITIONS: dict[str, Definition] = {}


def metric(
    label: str,
    unit: Unit,
    *,
    group: str,
    higher_is_better: bool | None = None,
    among: dict[str, Definition] = DEFINITIONS,
) -> Callable[[Function], Function]:
    """Make a function a figure of a name: its own; its docstring says the rest.

    The docstring has a line for each of Formula, Unit, Convention, Source, and None when; they may go on
    over several lines. Names are unique `among` one book of definitions. Raises ValueError for one that is
    taken.
    """

    def register(function: Function) -> Function:
        name = function.__name__
        if name in among:
            raise ValueError(f"two figures are called {name}")
        parts = parts_of(function.__doc__ or "")
        among[name] = Definition(
            name=name,
            label=label,
            unit=unit,
            group=group,
            higher_is_better=higher_is_better,
            sentence=parts.get("", ""),
            formula=parts.get("Formula", ""),
            convention=parts.get("Convention", ""),
            source=parts.get("Source", ""),
            none_when=parts.get("None when", ""),
        )
        return function

    return register


def parts_of(docstring: str) -> dict[str, str]:
    """Return the parts of a docstring by their names; "" is its first paragraph.

    >>> parts_of("Return the mean. Formula: Σr / n. Unit: rate.")["Formula"]
    'Σr / n.'
    """
    text = " ".join(docstring.split(">>>", maxsplit=1)[0].split())
    mark = rf"(?:^|(?<=[.\s]))({'|'.join(PARTS)}): "
    pieces = re.split(mark, text)
    # A second paragraph, of the arguments, is for who calls the function.
    first = " ".join(re.split(r"\n\s*\n", docstring.strip(), maxsplit=1)[0].split())
    found = {"": re.split(mark, first)[0].strip()}
    found |= {name: value.strip() for name, value in zip(pieces[1::2], pieces[2::2], strict=True)}
    return found
