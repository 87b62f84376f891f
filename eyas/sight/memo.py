"""Keep what indicators have made of columns that do not change, for many runs over one market.

A search over parameters asks for the same averages again and again. What was computed from a column is kept
by the column itself (the very array, not its values), the function and its options; anything else is computed
as if there were no memo: options that cannot be hashed, columns that nobody has declared unchanging, and
functions that may remember something, such as methods and closures.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from itertools import chain
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType, NoneType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from eyas.model import Bars
from eyas.timeframes import Session

if TYPE_CHECKING:
    from numpy.typing import NDArray

BYTES_MAX = 2**27
PLAIN = (int, float, str, bytes, bool, type(None), np.generic)
TALIB = "eyas.indicators.talib"  # makes a closure of each of its functions, once

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Memo:
    """Keep results by function, columns and options: at most `bytes_max` bytes of them, or it begins anew.

    Only columns that it was told of (`keep`), and what it has kept itself, are known. What it returns cannot
    be written to.

    >>> memo = Memo()
    >>> column = np.arange(4.0)
    >>> memo.keep([column])
    >>> memo.of(np.negative, [column]) is memo.of(np.negative, [column])
    True
    """

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self.bytes_max = bytes_max
        self.bytes = 0
        # The arrays are held, so that no other can get the address of one.
        self._kept: dict[int, Any] = {}
        self._made: dict[int, Any] = {}
        self._results: dict[Hashable, Any] = {}
        self._once: dict[Hashable, Any] = {}

    def keep(self, columns: Bars | Iterable[NDArray[Any]]) -> None:
        """Take the columns of bars, or others, for columns that will never change."""
        given = [getattr(columns, name) for name in columns.columns] if isinstance(columns, Bars) else columns
        for column in given:
            self._kept[id(column)] = column

    def key(
        self, function: Callable[..., Any], arguments: Sequence[Any], options: Mapping[str, Any]
    ) -> Hashable | None:
        """Return what names a result, None for one that cannot be kept."""
        if not is_plain(function):
            return None
        words: list[Hashable] = [function]
        # A number outside, which another run may have changed, decides as an argument does.
        for name, value in numbers_outside(function):
            words += [name, self._word(value)]
        for value in arguments:
            words.append(self._word(value))
            if words[-1] is None:
                return None
        for name in sorted(options):
            words += [name, self._word(options[name])]
            if words[-1] is None:
                return None
        return tuple(words)

    def of(
        self, function: Callable[..., Any], arguments: Sequence[Any], options: Mapping[str, Any] | None = None
    ) -> Any:
        """Return what a function makes of its arguments, computed once."""
        named = options or {}
        key = self.key(function, arguments, named)
        if key is None:
            return function(*arguments, **named)
        found = self.found(key)
        return self.put(key, function(*arguments, **named)) if found is None else found

    def found(self, key: Hashable) -> Any:
        """Return what was kept under a key, None for nothing."""
        return self._results.get(key)

    def put(self, key: Hashable, result: Any) -> Any:
        """Keep an array or a tuple of them under a key and return it; from now on it can only be read."""
        arrays = [result] if isinstance(result, np.ndarray) else list(result)
        size = sum(array.nbytes for array in arrays)
        if size > self.bytes_max:
            return result
        if self.bytes + size > self.bytes_max:
            self._results.clear()
            self._made.clear()
            self.bytes = 0
            if not self._knows(key):
                return result  # made of what is no longer held: another array will get that address
        for array in arrays:
            array.flags.writeable = False
            self._made[id(array)] = array
        self._results[key] = result
        self.bytes += size
        return result

    def once(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """Return what was made under a key, made now if it was not; it is kept for good."""
        if key not in self._once:
            self._once[key] = make()
        found: Result = self._once[key]
        return found

    def _knows(self, key: Hashable) -> bool:
        """Whether all columns that a key names are held."""
        if not isinstance(key, tuple):
            return True
        if len(key) == 2 and key[0] == "column":
            return key[1] in self._kept
        return all(self._knows(word) for word in key)

    def _word(self, value: Any) -> Hashable | None:
        """Return what names one argument, None for one that cannot be told from others."""
        if isinstance(value, np.ndarray):
            place = id(value)
            return ("column", place) if place in self._kept or place in self._made else None
        if isinstance(value, PLAIN):
            return (type(value), value if value == value else "nan")
        return value if isinstance(value, Session) else None


active: ContextVar[Memo | None] = ContextVar("active", default=None)


@contextmanager
def shared(memo: Memo | None) -> Iterator[None]:
    """Let eyas's own indicators keep their results in a memo, in this thread, as long as the block lasts."""
    before = active.set(memo)
    try:
        yield
    finally:
        active.reset(before)


def remembered(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return an indicator that takes its result from the memo where one is shared."""

    @wraps(function)
    def found(*arguments: Parameters.args, **options: Parameters.kwargs) -> Result:
        memo = active.get()
        if memo is None:
            return function(*arguments, **options)
        # What it computes on its way may be written to.
        with shared(None):
            result: Result = memo.of(function, arguments, options)
        return result

    return found


def is_plain(function: Callable[..., Any]) -> bool:
    """Tell a function that always gives the same for the same, as far as its form can say."""
    if isinstance(function, BuiltinFunctionType):
        return isinstance(
            getattr(function, "__self__", None), ModuleType | NoneType
        )  # and no method of something
    if isinstance(function, np.ufunc):
        return True
    if not isinstance(function, FunctionType):
        return False
    if hasattr(function, "__wrapped__") or function.__module__ == TALIB:
        return function.__module__.startswith("eyas.indicators")
    name = function.__qualname__
    return function.__closure__ is None and "<locals>" not in name and "<lambda>" not in name


def numbers_outside(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Yield the plain values of its module that a function reads, by name."""
    if isinstance(function, FunctionType) and not function.__module__.startswith("eyas."):
        outside = function.__globals__
        for name in names_of(function.__code__):
            value = outside.get(name)
            if isinstance(value, PLAIN) and name in outside:
                yield name, value


@cache
def names_of(code: CodeType) -> tuple[str, ...]:
    """Return the names that code, and code inside it, looks up."""
    inner = (names_of(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    return tuple(sorted({*code.co_names, *chain.from_iterable(inner)}))
