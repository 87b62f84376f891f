"""Lend TA-Lib's functions, by their names: `eyas.indicators.talib.STOCH`.

Each takes columns and parameters as in TA-Lib and returns an array of floats for every bar, or a tuple of
such arrays, so it goes into `self.use` like any other: `self.use(eyas.indicators.talib.STOCH, "high", "low",
"close")`. `dir` lists them. It needs the extra: pip install 'eyas[talib]'.

What TA-Lib does, it does here too: NaN at the start is skipped; a later NaN lasts to the end in some
functions and is stepped over in others; patterns (CDL…) and other whole numbers are 0 in the warm-up, not
NaN; and the unstable periods are 0 unless you set them with `talib.set_unstable_period`. None of them looks
ahead.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.indicators import _arguments

if TYPE_CHECKING:
    from numpy.typing import NDArray


def __getattr__(name: str) -> Callable[..., Any]:
    # Python and its tools ask a module for names that begin otherwise.
    if not name[:1].isupper():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _function(name)


def __dir__() -> list[str]:
    try:
        return sorted(_library().get_functions())
    except UsageError:
        return []


def _library() -> ModuleType:
    try:
        import talib
    except ImportError:
        raise UsageError("eyas.indicators.talib needs the extra: pip install 'eyas[talib]'") from None
    library: ModuleType = talib
    return library


@cache
def _function(name: str) -> Callable[..., Any]:
    """Return one of TA-Lib's functions, made to take and return what other indicators do."""
    library = _library()
    known = library.get_functions()
    if name not in known:
        close = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(f"TA-Lib {library.__version__} has no function {name}{hint}")
    theirs = getattr(library, name)

    def function(*arguments: Any, **options: Any) -> Any:
        taken = [_column(argument) for argument in arguments]
        named = {option: _column(argument) for option, argument in options.items()}
        try:
            result = theirs(*taken, **named)
        except Exception as error:  # noqa: BLE001 - TA-Lib has no class of its own
            raise UsageError(f"TA-Lib refuses the call of {name}: {error}") from None
        return tuple(map(_floats, result)) if isinstance(result, tuple) else _floats(result)

    function.__name__ = function.__qualname__ = name
    function.__module__ = __name__
    function.__doc__ = theirs.__doc__
    return function


def _column(argument: Any) -> Any:
    """Return an argument as a column if it is one; a parameter as it is."""
    return _arguments.column(argument) if np.ndim(argument) else argument


def _floats(result: NDArray[Any]) -> NDArray[np.float64]:
    return result.astype(np.float64, copy=False)
