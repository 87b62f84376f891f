"""Parameters of a strategy: declared as annotated attributes, checked when one is made."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from eyas.errors import UsageError

Value = TypeVar("Value", int, float, str, bool)
KINDS = (bool, int, float, str)


@dataclass(frozen=True, slots=True)
class Parameter:
    """Describe one parameter: its default, its bounds (inclusive), the step of a slider, its choices."""

    default: Any
    min: float | None = None
    max: float | None = None
    step: float | None = None
    choices: Sequence[Any] | None = None

    @property
    def kind(self) -> type:
        """Type of its values: that of the default."""
        return type(self.default)


def param(
    default: Value,
    *,
    min: float | None = None,  # noqa: A002 - the field's word for it
    max: float | None = None,  # noqa: A002
    step: float | None = None,
    choices: Sequence[Value] | None = None,
) -> Value:
    """Declare a parameter with bounds or choices.

    The type of the default is the type of the parameter. Raises UsageError when the default lies
    outside its own bounds.

    >>> class Cross:
    ...     fast: int = param(10, min=3, max=50)
    """
    parameter = Parameter(plain(default), min, max, step, choices)
    if not isinstance(parameter.default, KINDS):
        raise UsageError(f"a parameter is an int, float, str or bool, not {type(default).__name__}")
    check_value("the default", parameter, default)
    return cast("Value", parameter)


def parameters_of(cls: type, base: type) -> dict[str, Parameter]:
    """Return the parameters that a class and its parents declare, and put defaults in place.

    A class that gives an inherited parameter another value, without a type, changes its default.
    """
    declared: dict[str, Parameter] = {}
    for parent in reversed(cls.__mro__):
        if parent not in base.__mro__:
            declared |= declared_by(parent, base, declared)
    for name in dir(cls):
        if isinstance(getattr(cls, name), Parameter):
            if name not in declared:
                raise UsageError(f"{cls.__name__}.{name} needs its type: write {name}: int = eyas.param(…)")
            setattr(cls, name, declared[name].default)
    return declared


def declared_by(cls: type, base: type, inherited: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Return the parameters that one class declares or changes; `inherited` come from its parents."""
    declared: dict[str, Parameter] = {}
    own, annotations = vars(cls), inspect.get_annotations(cls)
    kept = own.get("parameters_declared", {})
    for name, annotation in annotations.items():
        value = kept.get(name, plain(own.get(name, inherited.get(name))))
        if is_class_variable(annotation):
            continue
        if isinstance(value, list | dict | set):
            raise UsageError(
                f"{cls.__name__}.{name}: a {type(value).__name__} of the class is shared by all its runs; "
                f"make it in on_start, or write {name}: ClassVar if it never changes"
            )
        if name.startswith("_") or not isinstance(value, (Parameter, *KINDS)):
            continue
        if hasattr(base, name) or name in base.__annotations__:
            raise UsageError(
                f"{cls.__name__}.{name}: {name} already means something in eyas.Strategy; "
                f"call the parameter {name}_value or the like"
            )
        declared[name] = declared_as(annotation, value)
    for name in inherited.keys() & own.keys() - annotations.keys():
        if isinstance(own[name], KINDS):
            default = check_value(f"{cls.__name__}.{name}", inherited[name], own[name])
            declared[name] = replace(inherited[name], default=default)
    return declared


def plain(value: Any) -> Any:
    """Return a numpy number as Python's own, and anything else as it is."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", None) == 0 else value


def is_class_variable(annotation: Any) -> bool:
    """Whether an annotation, which may be text, is a ClassVar: not a parameter."""
    text = annotation if isinstance(annotation, str) else repr(annotation)
    return "ClassVar" in text.partition("[")[0]


def declared_as(annotation: Any, value: Any) -> Parameter:
    """Return the parameter that a class declares; `rate: float = 1` is a float."""
    parameter = value if isinstance(value, Parameter) else Parameter(value)
    if annotation in (float, "float") and parameter.kind is int:
        return replace(parameter, default=float(parameter.default))
    return parameter


def check_parameters(
    owner: str, declared: Mapping[str, Parameter], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the value of every parameter, or raise UsageError naming the wrong one."""
    for name in given:
        if name not in declared:
            near = get_close_matches(name, declared, n=1)
            known = f"its parameters are {', '.join(declared)}" if declared else "it has none"
            raise UsageError(
                f"{owner} has no parameter {name}; " + (f"did you mean {near[0]}?" if near else known)
            )
    return {
        name: check_value(f"{owner}.{name}", parameter, given.get(name, parameter.default))
        for name, parameter in declared.items()
    }


def check_value(title: str, parameter: Parameter, value: Any) -> Any:
    """Return a value as the parameter's type, or raise UsageError saying what it may be."""
    kind = parameter.kind
    value = plain(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind is int and isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not kind:
        raise UsageError(f"{title} is {value!r}, but must be of type {kind.__name__}")
    if value != value:
        raise UsageError(f"{title} is NaN, but must be a number")
    number: Any = value
    low, high, choices = parameter.min, parameter.max, parameter.choices
    if (low is not None and number < low) or (high is not None and number > high):
        bounds = (
            f"at least {low}" if high is None else f"at most {high}" if low is None else f"{low} to {high}"
        )
        raise UsageError(f"{title} is {value}, but must be {bounds}")
    if choices is not None and value not in choices:
        raise UsageError(f"{title} is {value!r}, but must be one of {', '.join(map(repr, choices))}")
    return value


def value_of_text(title: str, parameter: Parameter, text: str) -> Any:
    """Read a parameter's value from a command line, or raise UsageError."""
    kind = parameter.kind
    try:
        if kind is bool:
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
                text.lower()
            ]
        return kind(text)
    except (ValueError, KeyError):
        raise UsageError(f"{title} is {text!r}, but must be of type {kind.__name__}") from None
