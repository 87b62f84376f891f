"""What is typed as values, conditions and numbers of a sweep."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from eyas.cli.expressions import condition_of, expression_of
from eyas.cli.ranges import swept
from eyas.errors import UsageError
from eyas.parameters import Parameter
from eyas.sweep import between

DECLARED = {
    "fast": Parameter(10, 3, 50),
    "slow": Parameter(30),
    "size": Parameter(0.5),
    "mode": Parameter("a"),
    "strict": Parameter(default=False),
}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("fast=5:8", range(5, 9)),
        ("slow=30:130:50", range(30, 131, 50)),
        ("slow=30:129:50", range(30, 130, 50)),
        ("fast=7:7", range(7, 8)),
        ("fast=9", 9),
        ("fast=5, 9,11", [5, 9, 11]),
        ("size=0.1:0.5:0.2", [0.1, 0.3, 0.5]),
        ("size=0.1,0.2", [0.1, 0.2]),
        ("size=1", 1.0),
        ("mode=a,b", ["a", "b"]),
        ("mode=10:30", "10:30"),
        ("strict=yes,no", [True, False]),
        ("other=7", "7"),
    ],
)
def test_values(text: str, values: Any) -> None:
    found = swept("Cross", DECLARED, [text], is_grid=True)
    assert found == {text.partition("=")[0]: values}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("size=0.1:0.5", between(0.1, 0.5)),
        ("size=0.001:0.5:log", between(0.001, 0.5, log=True)),
        ("fast=3:50:log", between(3, 50, log=True)),
    ],
)
def test_values_that_are_drawn(text: str, values: Any) -> None:
    assert swept("Cross", DECLARED, [text], is_grid=False) == {text.partition("=")[0]: values}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("size=0.1:0.5", "write 0.1:0.5:STEP, or --search random"),
        ("size=0.1:0.5:log", "so say --search random or tpe"),
        ("size=0.1:0.5:0", "the step must be above 0"),
        ("size=0:1:0.0000001", "which are 10,000,001 values"),
        ("size=0:1:x", "LOW:HIGH:STEP, of numbers"),
        ("fast=1:2:3:4", "a range is LOW:HIGH or LOW:HIGH:STEP"),
        ("fast=1:2:half", "must be of type int"),
        ("strict=perhaps", "must be of type bool"),
        ("fast", "is not a name and a value"),
    ],
)
def test_values_that_are_wrong(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("|", r"\|")):
        swept("Cross", DECLARED, [text], is_grid=True)


@given(some.integers(-1000, 1000), some.integers(1, 60), some.integers(1, 9), some.integers(0, 4))
def test_a_range_of_decimals_is_what_one_writes_down(first: int, count: int, step: int, places: int) -> None:
    unit = 10**places
    low, high, apart = (f"{number / unit:.{places}f}" for number in (first, first + step * (count - 1), step))
    found = swept("Cross", {"x": Parameter(0.5)}, [f"x={low}:{high}:{apart}"], is_grid=True)["x"]
    assert found == [float(f"{(first + step * i) / unit:.{places}f}") for i in range(count)]


NAMES = ("fast", "slow", "mode")
POINT = {"fast": 5, "slow": 20, "mode": "fade"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("fast < slow", True),
        ("fast < slow <= 20 and not mode == 'follow'", True),
        ("mode in ('fade', 'both') or fast > 100", True),
        ("min(fast, slow) * 2 == 10", True),
        ("abs(-fast) // 2 != 2", False),
        ("slow % 7 >= 6", True),
        ("missing > 1", None),
    ],
)
def test_conditions(text: str, value: bool | None) -> None:
    if value is None:
        with pytest.raises(UsageError, match="asks for missing"):
            condition_of("--where", text, NAMES)
    else:
        assert condition_of("--where", text, NAMES)(POINT) is value


def test_a_name_that_a_point_lacks_has_its_default() -> None:
    assert condition_of("--where", "fast < slow", NAMES, {"slow": 30})({"fast": 5}) is True


class Row:
    sharpe = 1.5
    trades = 40


def test_figures_are_attributes() -> None:
    assert expression_of("--objective", "sharpe * min(trades, 30)", ["sharpe", "trades"])(Row()) == 45.0


@pytest.mark.parametrize(
    "text",
    [
        "().__class__.__bases__[0].__subclasses__()",
        "fast.real",
        "(lambda: 1)()",
        "[x for x in (1, 2)]",
        "fast if slow else 3",
        "9 ** 9 ** 9",
        "fast < 1; import os",
        "open('/etc/passwd')",
        "min(fast, slow, key=abs)",
        "(fast := 3)",
        "f'{fast}'",
        "fast << 99",
        "fast[0]",
        "print(fast)",
        "b'x' == mode",
        "",
    ],
)
def test_nothing_else_can_be_said(text: str) -> None:
    with pytest.raises(UsageError):
        condition_of("--where", text, NAMES)


@given(some.text(max_size=30))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        found = expression_of("--where", text, NAMES)
    except UsageError:
        return
    assert repr(found).startswith("Expression(")
