"""Load a strategy from a Python file, and say clearly what is wrong with one that cannot be loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeGuard

from eyas.errors import StrategyError, UsageError
from eyas.strategy import Strategy

Found = dict[str, type[Strategy]]
Factory = Callable[..., Any]
FACTORIES = ("strategy", "signals")


def load_strategy(file: Path, class_name: str = "") -> type[Strategy]:
    """Return the strategy class of a file: its only one, or the one of that name.

    Classes count that the file defines and that no other class in it builds on. Raises UsageError for a
    file that has no such class or several, or that is not Python, and StrategyError when its code raises.
    """
    return chosen_class(file, run_file(file, compiled(file)), class_name)


def chosen_class(file: Path, module: ModuleType, class_name: str) -> type[Strategy]:
    """Return the strategy class of a module: its only one, or the one of that name."""
    named = {name: value for name, value in vars(module).items() if is_strategy(value)}
    if class_name:
        return chosen(file, named, class_name)
    own = {one.__name__: one for one in named.values() if one.__module__ == module.__name__}
    bases = {base for one in own.values() for base in one.__mro__[1:]}
    found = {name: one for name, one in own.items() if one not in bases}
    if len(found) == 1:
        return found.popitem()[1]
    raise UsageError(several(file, found) if found else none_at_all(file, named))


def load_checked(file: Path, class_name: str = "") -> type[Strategy] | Factory:
    """Return what `eyas check` runs: a strategy class, or a function of bars that makes what is run.

    The function is called `strategy` or `signals`, or by the name that is asked for; a file with strategies
    of its own needs to be asked for it. Raises what `load_strategy` raises.
    """
    module = run_file(file, compiled(file))
    own = {
        name: one for name, one in vars(module).items() if getattr(one, "__module__", "") == module.__name__
    }
    functions = {name: one for name, one in own.items() if isinstance(one, FunctionType)}
    if class_name in functions:
        return functions[class_name]
    has_class = any(is_strategy(one) for one in own.values())
    makers = [functions[name] for name in FACTORIES if name in functions]
    if class_name or has_class or not makers:
        return chosen_class(file, module, class_name)
    if len(makers) > 1:
        raise UsageError(
            f"{file} has two functions, {' and '.join(FACTORIES)}: choose one, --class {FACTORIES[0]}"
        )
    return makers[0]


def is_strategy(value: object) -> TypeGuard[type[Strategy]]:
    """Tell whether a name of a module stands for a strategy."""
    return isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy


def chosen(file: Path, named: Found, class_name: str) -> type[Strategy]:
    """Return the strategy of a name; also one that the file has from elsewhere."""
    if class_name in named:
        return named[class_name]
    near = get_close_matches(class_name, named, n=1)
    known = f"it has {listed(named)}" if named else "it has none"
    hint = f"did you mean {near[0]}?" if near else known
    raise UsageError(f"{file} has no strategy {class_name}; {hint}")


def several(file: Path, found: Found) -> str:
    """Return what to do about a file with more than one strategy."""
    first = next(iter(found))
    return f"{file} has {len(found)} strategies, {listed(found)}: choose one, such as --class {first}"


def none_at_all(file: Path, named: Found) -> str:
    """Return what to do about a file without a strategy of its own."""
    if named:
        name, one = next(iter(named.items()))
        return f"{file} has no strategy of its own; to run {name}, from {one.__module__}, say --class {name}"
    return f"{file} has no strategy: write a class in it that builds on eyas.Strategy"


def listed(found: Found) -> str:
    """Return names as a person lists them."""
    *most, last = found
    return f"{', '.join(most)} and {last}" if most else last


def compiled(file: Path) -> CodeType:
    """Return the code of a file, or raise UsageError saying why it is not Python."""
    try:
        source = file.expanduser().read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no file {file}; it was looked for in {Path.cwd()}") from None
    except IsADirectoryError:
        raise UsageError(f"{file} is a folder: name the Python file in it that has the strategy") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})") from None
    if file.suffix.lower() not in (".py", ".pyw", ""):
        raise UsageError(
            f"{file} is not a Python file: the strategy comes first, and the bars after --data: "
            f"eyas backtest strategy.py --data {file}"
        )
    try:
        return compile(source, str(file.expanduser().resolve()), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise UsageError(syntax_sentence(file, error)) from None


def syntax_sentence(file: Path, error: SyntaxError | ValueError) -> str:
    """Return where a file stops being Python, with the line and a mark under the place."""
    if not isinstance(error, SyntaxError) or error.lineno is None:
        return f"{file} is not Python: {error}"
    said = f"{file} line {error.lineno} is not Python: {error.msg}"
    if not error.text or not error.text.strip():
        return said
    line = error.text.rstrip()
    indent = len(line) - len(line.lstrip())
    mark = " " * max((error.offset or 1) - 1 - indent, 0) + "^"
    return f"{said}\n    {line.lstrip()}\n    {mark}"


def run_file(file: Path, code: CodeType) -> ModuleType:
    """Run a file as a module of its own, not as the main program, and return it."""
    path = file.expanduser().resolve()
    module = ModuleType(f"strategy_file_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses and pickle look a class's module up there
    try:
        with first_on_path(path.parent):
            exec(code, vars(module))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        advice = '; put what ends the program under `if __name__ == "__main__":`'
        raise StrategyError(
            f"{file} failed while it was loaded: {what}{advice if isinstance(error, SystemExit) else ''}",
            bar_index=None,
            report=None,
        ) from error
    return module


@contextmanager
def first_on_path(folder: Path) -> Iterator[None]:
    """Look for imports in a folder first, as `python file.py` would; and afterwards last.

    Last, because what a run imports late must not find a person's `polars.py`, but a strategy may well
    import its neighbours when it starts.
    """
    text = str(folder)
    sys.path.insert(0, text)
    try:
        yield
    finally:
        with suppress(ValueError):  # its code may have changed the path too
            sys.path.remove(text)
        sys.path.append(text)
