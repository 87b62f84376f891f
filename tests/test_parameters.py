"""Parameters: what a person writes in a class, and what they try when they make one."""

from __future__ import annotations

import textwrap
from typing import Any, ClassVar, Optional

import numpy as np
import pytest

from eyas.errors import UsageError
from eyas.parameters import Parameter, param, value_of_text
from eyas.strategy import Strategy


class Cross(Strategy):
    """Have a parameter of every kind."""

    fast: int = param(10, min=3, max=50)
    slow: int = param(30, min=10)
    risk: float = param(0.02, max=0.5)
    side: str = param("both", choices=["long", "short", "both"])
    late: bool = False
    plain: float = 1.5
    notes: ClassVar[dict[str, int]] = {}
    label: ClassVar[str] = "no parameter"
    constant = 7
    _hidden: int = 3


DEFAULTS = {"fast": 10, "slow": 30, "risk": 0.02, "side": "both", "late": False, "plain": 1.5}


def test_defaults_are_plain_values_on_the_class_and_on_the_strategy() -> None:
    assert Cross().parameters == DEFAULTS
    assert (Cross.fast, Cross().fast, Cross.plain) == (10, 10, 1.5)
    assert list(Cross.parameters_declared) == list(DEFAULTS)
    assert Cross.parameters_declared["fast"] == Parameter(10, min=3, max=50)
    assert Strategy().parameters == {}


def test_given_values_are_those_of_one_strategy() -> None:
    one, other = Cross(fast=12, late=True), Cross()
    assert one.parameters == {**DEFAULTS, "fast": 12, "late": True}
    assert (one.fast, other.fast, Cross.fast) == (12, 10, 10)
    one.parameters["fast"] = 99
    assert one.fast == one.parameters["fast"] == 12


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"fast": 12.0}, 12),
        ({"fast": np.int64(12)}, 12),
        ({"fast": np.uint8(12)}, 12),
        ({"fast": np.float64(12)}, 12),
        ({"fast": np.float32(12)}, 12),
        ({"fast": np.array(12)}, 12),
        ({"fast": 3}, 3),
        ({"fast": 50}, 50),
        ({"risk": 0}, 0.0),
        ({"risk": -3}, -3.0),
        ({"risk": np.float64(0.25)}, 0.25),
        ({"risk": np.float32(0.25)}, 0.25),
        ({"risk": np.int8(0)}, 0.0),
        ({"plain": float("inf")}, float("inf")),
        ({"side": "long"}, "long"),
        ({"side": np.str_("long")}, "long"),
        ({"late": True}, True),
        ({"late": np.True_}, True),
    ],
)
def test_values_become_the_parameters_type(given: dict[str, Any], value: object) -> None:
    [(name, _)] = given.items()
    found = getattr(Cross(**given), name)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"fast": 2}, "Cross.fast is 2, but must be 3 to 50"),
        ({"fast": 51}, "Cross.fast is 51, but must be 3 to 50"),
        ({"fast": np.int64(51)}, "Cross.fast is 51, but must be 3 to 50"),
        ({"slow": 9}, "Cross.slow is 9, but must be at least 10"),
        ({"risk": 0.6}, "Cross.risk is 0.6, but must be at most 0.5"),
        ({"risk": float("inf")}, "Cross.risk is inf, but must be at most 0.5"),
        ({"risk": float("nan")}, "Cross.risk is NaN, but must be a number"),
        ({"risk": np.float64("nan")}, "Cross.risk is NaN, but must be a number"),
        ({"fast": 12.5}, "Cross.fast is 12.5, but must be of type int"),
        ({"fast": float("nan")}, "Cross.fast is nan, but must be of type int"),
        ({"fast": float("inf")}, "Cross.fast is inf, but must be of type int"),
        ({"fast": True}, "Cross.fast is True, but must be of type int"),
        ({"fast": "12"}, "Cross.fast is '12', but must be of type int"),
        ({"fast": None}, "Cross.fast is None, but must be of type int"),
        ({"fast": [12]}, "Cross.fast is [12], but must be of type int"),
        ({"fast": np.array([12, 13])}, "Cross.fast is array([12, 13]), but must be of type int"),
        ({"late": 1}, "Cross.late is 1, but must be of type bool"),
        ({"late": "yes"}, "Cross.late is 'yes', but must be of type bool"),
        ({"risk": True}, "Cross.risk is True, but must be of type float"),
        ({"side": "up"}, "Cross.side is 'up', but must be one of 'long', 'short', 'both'"),
        ({"fats": 12}, "Cross has no parameter fats; did you mean fast?"),
        ({"Fast": 12}, "Cross has no parameter Fast; did you mean fast?"),
        ({"xyz": 1}, "Cross has no parameter xyz; its parameters are fast, slow, risk, side, late, plain"),
        ({"label": "x"}, "Cross has no parameter label; "),
        ({"constant": 1}, "Cross has no parameter constant; its parameters are"),
        ({"_hidden": 1}, "Cross has no parameter _hidden; its parameters are"),
    ],
)
def test_a_wrong_value_gets_a_sentence(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        Cross(**given)
    assert str(caught.value).startswith(sentence)


def test_a_strategy_without_parameters_says_so() -> None:
    class Bare(Strategy):
        pass

    with pytest.raises(UsageError, match="Bare has no parameter fast; it has none"):
        Bare(fast=3)


def test_parameters_are_given_by_name() -> None:
    with pytest.raises(UsageError, match="Cross takes its parameters by name"):
        Cross(12)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="Cross has no parameter self"):
        Cross(self=12)


def test_children_inherit_and_override() -> None:
    class Child(Cross):
        more: int = 1
        fast: int = param(20, min=15, max=25)

    class Grandchild(Child):
        slow = 99  # without its type: another default, the same bounds
        side: str  # a type alone changes nothing

    assert Child().parameters == {**DEFAULTS, "fast": 20, "more": 1}
    assert Grandchild().parameters == {**DEFAULTS, "fast": 20, "slow": 99, "more": 1}
    assert (Cross().fast, Cross.parameters_declared["fast"].max) == (10, 50)
    assert Cross(fast=12).fast == 12
    for cls, given in ((Child, {"fast": 12}), (Grandchild, {"fast": 26}), (Grandchild, {"slow": 9})):
        with pytest.raises(UsageError, match=f"{cls.__name__}.{next(iter(given))} is"):
            cls(**given)
    assert Grandchild(side="long").side == "long"
    with pytest.raises(UsageError, match=r"Wrong.slow is 5, but must be at least 10"):
        type("Wrong", (Cross,), {"slow": 5})


def test_of_two_parents_the_one_that_python_takes_wins() -> None:
    class Left(Cross):
        pass

    class Right(Cross):
        fast: int = 44

    class Both(Left, Right):
        pass

    assert Both().fast == Both.fast == Both.parameters_declared["fast"].default == 44


def test_a_mixin_brings_its_parameters() -> None:
    class Stops:
        stop: float = param(0.01, min=0, max=0.1)

    class One(Stops, Strategy):
        fast: int = 5

    class Two(Stops, Strategy):
        stop = 0.05

    assert One().parameters == {"stop": 0.01, "fast": 5}
    assert One.stop == 0.01
    assert Two().parameters == {"stop": 0.05}
    with pytest.raises(UsageError, match=r"Two.stop is 0.2, but must be 0 to 0.1"):
        Two(stop=0.2)


def test_names_of_a_market_are_free() -> None:
    class Names(Strategy):
        long: int = 3
        short: int = 5
        flat: bool = False
        price: float = 1.0
        name: str = "x"
        indicators: int = 2

    found = Names(long=9, short=8, indicators=7).parameters
    assert found == {"long": 9, "short": 8, "flat": False, "price": 1.0, "name": "x", "indicators": 7}


TAKEN = ("close", "buy", "sell", "cancel", "use", "position", "parameters", "is_flat", "on_bar", "account")


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_of_the_strategys_own_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        type("Taken", (Strategy,), {"__annotations__": {name: int}, name: param(3)})
    assert str(caught.value) == (
        f"Taken.{name}: {name} already means something in eyas.Strategy; "
        f"call the parameter {name}_value or the like"
    )


def test_a_parameter_needs_its_type() -> None:
    with pytest.raises(UsageError, match=r"Cross2.fast needs its type: write fast: int = eyas.param"):
        type("Cross2", (Strategy,), {"fast": param(3)})


@pytest.mark.parametrize(
    ("default", "options", "sentence"),
    [
        (2, {"min": 3}, "the default is 2, but must be at least 3"),
        (5, {"min": 9, "max": 1}, "the default is 5, but must be 9 to 1"),
        ("a", {"choices": ["b", "c"]}, "the default is 'a', but must be one of 'b', 'c'"),
        (float("nan"), {}, "the default is NaN, but must be a number"),
        (None, {}, "a parameter is an int, float, str or bool, not NoneType"),
        ([1, 2], {}, "a parameter is an int, float, str or bool, not list"),
        ({}, {}, "a parameter is an int, float, str or bool, not dict"),
    ],
)
def test_a_wrong_declaration_gets_a_sentence(default: Any, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        param(default, **options)
    assert str(caught.value) == sentence


def test_the_type_of_a_default_may_be_numpys() -> None:
    class Numpy(Strategy):
        rate: float = np.float64(0.5)
        count: int = param(np.int64(3), max=5)
        whole: int = np.int64(4)  # type: ignore[assignment]

    assert Numpy(rate=0.25, count=4, whole=6).parameters == {"rate": 0.25, "count": 4, "whole": 6}
    assert [type(value) for value in Numpy().parameters.values()] == [float, int, int]


def test_a_float_may_have_a_whole_default() -> None:
    class Whole(Strategy):
        rate: float = 1
        share: float = param(1, min=0, max=1)

    assert Whole(rate=0.5, share=0.25).parameters == {"rate": 0.5, "share": 0.25}
    assert [type(value) for value in Whole().parameters.values()] == [float, float]


def test_what_cannot_be_a_parameter_is_left_alone() -> None:
    class Other(Strategy):
        _levels: tuple[int, ...] = (1, 2)
        maybe: Optional[float] = None  # noqa: UP045
        undecided: int

    assert Other().parameters == {}
    assert Other()._levels == (1, 2)
    assert Other().maybe is None
    with pytest.raises(UsageError, match="Other has no parameter maybe; it has none"):
        Other(maybe=0.5)


def test_what_all_runs_would_share_is_refused() -> None:
    with pytest.raises(
        UsageError, match="a list of the class is shared by all its runs; make it in on_start"
    ):

        class Shared(Strategy):
            seen: list[int] = []  # noqa: RUF012


@pytest.mark.parametrize("future", ["from __future__ import annotations\n", ""])
def test_a_users_file_may_postpone_its_annotations_or_not(future: str) -> None:
    source = future + textwrap.dedent(
        """
        import typing
        from typing import ClassVar

        import eyas

        class Mine(eyas.Strategy):
            fast: int = eyas.param(10, min=3)
            rate: float = 1
            maybe: float | None = 0.5
            plain: ClassVar[int] = 3
            other: typing.ClassVar[int] = 4
            bare: ClassVar = 5
        """
    )
    found: dict[str, Any] = {}
    exec(compile(source, "mine.py", "exec", dont_inherit=True), found)
    assert found["Mine"](rate=0.5).parameters == {"fast": 10, "rate": 0.5, "maybe": 0.5}
    assert found["Mine"].plain + found["Mine"].other + found["Mine"].bare == 12


def test_a_value_set_by_hand_is_the_value() -> None:
    strategy = Cross()
    strategy.fast = 40
    assert strategy.parameters["fast"] == 40


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [
        (1, "12", 12),
        (1, "-3", -3),
        (1.0, "1e-3", 0.001),
        (1.0, "2", 2.0),
        ("a", "b c", "b c"),
        (False, "true", True),
        (False, "Yes", True),
        (True, "0", False),
    ],
)
def test_a_text_is_read_as_the_parameters_type(default: Any, text: str, value: Any) -> None:
    found = value_of_text("S.x", Parameter(default), text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("default", "text", "kind"),
    [(1, "1.5", "int"), (1, "", "int"), (1.0, "one", "float"), (True, "maybe", "bool"), (True, "2", "bool")],
)
def test_a_text_of_another_type_gets_a_sentence(default: Any, text: str, kind: str) -> None:
    with pytest.raises(UsageError) as caught:
        value_of_text("S.x", Parameter(default), text)
    assert str(caught.value) == f"S.x is {text!r}, but must be of type {kind}"
