"""Which of three ways a strategy runs: Python for every bar, arrays known up front, or compiled.

All three run on the same kernel and come to the same trades; they differ in speed alone.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from eyas.errors import UsageError
from eyas.session import overridden
from eyas.strategy import Strategy

Engine: TypeAlias = Literal["auto", "python", "arrays", "compiled"]
ENGINES = ("auto", "python", "arrays", "compiled")
HOOKS = ("on_start", "on_bar", "on_step", "on_fill", "on_refusal", "on_end")


class Chosen(NamedTuple):
    """Hold how a strategy runs (python, arrays or compiled), and why; "" where somebody said so."""

    engine: str
    reason: str = ""


def check_engine(engine: str) -> None:
    """Raise UsageError for a way that there is not."""
    if engine not in ENGINES:
        raise UsageError(f"engine is {engine!r}, but must be one of {', '.join(ENGINES)}")


def engine_of(strategy: Strategy, engine: str) -> Chosen:
    """Return how a strategy runs in a backtest: as was said, or by its signals if it has some."""
    check_engine(engine)
    has_signals = overridden(strategy, "signals") is not None
    hooks = [name for name in HOOKS if overridden(strategy, name)]
    name = type(strategy).__name__
    if engine == "arrays" and not has_signals:
        raise UsageError(
            f"engine='arrays' needs a strategy that says its orders up front, and {name} has no "
            "signals(self, bars): write it, or leave engine out"
        )
    if engine == "auto" and has_signals and hooks:
        raise UsageError(
            f"{name} has both signals and {hooks[0]}: say engine='arrays' to run its signals, on which no "
            "other hook is called, or engine='python'"
        )
    if has_signals and not hooks and engine != "compiled":
        if engine == "python":
            raise UsageError(f"{name} has signals but no on_bar: leave engine='python' out")
        return Chosen("arrays", "" if engine == "arrays" else f"{name} says its orders by signals")
    if engine == "compiled":
        from eyas.compiled import compiled

        compiled(strategy)  # raises what cannot be compiled before anything runs
    return Chosen("python") if engine == "auto" else Chosen(engine)


def fastest_engine_of(strategy: Strategy, engine: str) -> Chosen:
    """Return how a strategy runs in a sweep: as was said, or the fastest way that it can, and why that."""
    chosen = engine_of(strategy, engine)
    if engine != "auto" or chosen.engine == "arrays":
        return chosen
    from eyas.compiled import NotCompiled, compiled

    try:
        compiled(strategy)
    except NotCompiled as error:
        return Chosen("python", error.sentence)
    return Chosen("compiled", f"{type(strategy).__name__}.on_bar can be compiled")
