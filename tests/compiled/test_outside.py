"""A program holds what its source names outside the strategy, as it is when a run begins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import eyas
from eyas.sweep import sweep

BARS = eyas.sample("AAPL", "1d")
EVERY = 3


class Settings:
    """Hold a number as a class of settings does."""

    every = 3


class ByModule(eyas.Strategy):
    every: int = 5

    def on_start(self) -> None:
        globals()["EVERY"] = self.every

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % EVERY == 0:
            self.buy(1)
        elif bar.index % EVERY == 1:
            self.close()


class ByClass(ByModule):
    def on_start(self) -> None:
        Settings.every = self.every

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % Settings.every == 0:
            self.buy(1)
        elif bar.index % Settings.every == 1:
            self.close()


def in_closure() -> Any:
    """Return a strategy whose number is in a closure, and what sets it."""
    number = 3

    class ByClosure(ByModule):
        def on_start(self) -> None:
            nonlocal number
            number = self.every

        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index % number == 0:
                self.buy(1)
            elif bar.index % number == 1:
                self.close()

    return ByClosure


@pytest.mark.parametrize("cls", [ByModule, ByClass, in_closure()])
def test_what_a_run_sets_outside_is_what_its_program_reads(cls: Any) -> None:
    compiled = sweep(cls, BARS, every=[2, 5, 9], engine="compiled")
    plain = sweep(cls, BARS, every=[2, 5, 9], engine="python", workers=1)
    assert compiled.rows["digest"].tolist() == plain.rows["digest"].tolist()
    assert len(set(plain.rows["digest"].tolist())) == 3
    assert compiled.rerun(0).journal.digest == plain.rerun(0).journal.digest


def test_what_has_not_changed_is_not_written_again() -> None:
    from eyas.compiled import compiled

    program = compiled(ByClass)
    runs = SimpleNamespace(first=eyas.backtest(ByClass(), BARS, engine="compiled"))
    written = dict(program.written)
    runs.again = eyas.backtest(ByClass(), BARS, engine="compiled")
    assert program.written == written
    assert runs.first.journal.digest == runs.again.journal.digest
