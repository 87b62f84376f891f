"""What cannot be compiled is refused before the run, with its file, its line and the reason."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import eyas
from eyas.compiled import NotCompiled, compiled
from eyas.errors import UsageError
from eyas.market import Market
from eyas.rules import Rules
from eyas.session import Session
from tests.compiled.test_constructs import START
from tests.compiled.ways import market, strategy

REFUSED = {
    "print(bar.close)": (1, "print is not part of what can be compiled"),
    "x = 1\ny = [1, 2]": (2, "a list is not part"),
    "x = {}": (1, "a dict is not part"),
    "x = f'{bar.close}'": (1, "an f-string is not part"),
    "try:\n    x = 1\nexcept ValueError:\n    pass": (1, "try is not part"),
    "x = 1\nif x:\n    raise ValueError('no')": (3, "raise is not part"),
    "import os": (1, "import is not part"),
    "x = [a for a in range(3)]": (1, "a comprehension is not part"),
    "x = lambda: 3": (1, "a lambda is not part"),
    "x = self.fast[-5:]": (1, "slices are arrays"),
    "x = math.sin(1.0)": (1, "of math there are sqrt"),
    "x = eyas.indicators.sma(bar, 3)": (1, "is not compiled Python of the strategy's own"),
    "x = nowhere + 1": (1, "there is nothing called nowhere"),
    "bar.close = 3": (1, "cannot be written"),
    "self.position = 3": (1, "position means something in eyas.Strategy"),
    "x = bar.colour": (1, "a bar has no colour"),
    "x = self.account.colour": (1, "of the account it is not known what colour is"),
    "x = self.account.exact('cash')": (1, "it is not known what self.account.exact does"),
    "x = self.last_bars('1h', 3)": (1, "last_bars cannot be compiled"),
    "self.use(eyas.indicators.sma, 'close', 3)": (1, "use cannot be compiled"),
    "self.buy(1, 2)": (1, "buy takes quantity by place"),
    "self.buy(1, colour=2)": (1, "buy has no option colour"),
    "self.add(1, 2, stop_loss=0.1)": (1, "add has no option stop_loss"),
    "self.buy(*[1])": (1, "no stars"),
    "self.buy(1, symbol='X')": (1, "buy has no option symbol"),
    "x = bar.close is bar.open": (1, "`is` compares with None"),
    "x = bar.close & 1": (1, "this operator is not part"),
    "x = 99999999999999999999": (1, "a whole number must fit into 64 bits"),
    "x = 3j": (1, "complex is not part"),
    "self.count = self.limits": (1, "it is a tuple"),
    "x = bar": (1, None),
    "self.count = bar": (1, "the bar can only be asked for its fields"),
    "for x in range(0, 9, bar.index): pass": (1, "the step of a range must stand there"),
    "while bar.close > 1:\n    pass\nelse:\n    pass": (4, "else of a loop"),
    "x = bar.close in self.limits": (1, "`in` looks into values that stand there"),
    "global y\ny = 3": (1, "global is not part"),
    "x = min([1, 2])": (1, "min takes two numbers or more"),
    "x = self.recursive(3)": (1, "a function that calls itself"),
}


def bound(made: type[eyas.Strategy]) -> None:
    session = Session(made(), market(50), Rules(), "10000")
    session.start()
    compiled(made).bind(session.strategy, session)


@pytest.mark.parametrize("on_bar", REFUSED)
def test_it_is_refused_with_its_line(on_bar: str) -> None:
    line, reason = REFUSED[on_bar]
    more = "def recursive(self, n):\n    return self.recursive(n - 1)"
    made = strategy(on_bar, START, more=more)
    if reason is None:
        bound(made)  # another name of the bar is no value, and does no harm
        return
    with pytest.raises(NotCompiled) as refused:
        bound(made)
    first = made.on_bar.__code__.co_firstlineno
    own = 0 if "recursive" in on_bar else refused.value.line - first
    assert own == line or "recursive" in on_bar
    assert refused.value.file == made.on_bar.__code__.co_filename
    assert reason in refused.value.reason
    assert f"line {refused.value.line}" in str(refused.value)
    assert 'engine="python"' in str(refused.value)
    assert isinstance(refused.value, UsageError)


def test_a_refusal_goes_to_another_process() -> None:
    with pytest.raises(NotCompiled) as refused:
        bound(strategy("print(1)"))
    for again in (pickle.loads(pickle.dumps(refused.value)), copy.copy(refused.value)):
        assert (again.line, again.file, str(again)) == (
            refused.value.line,
            refused.value.file,
            str(refused.value),
        )


@pytest.mark.parametrize("hook", ["on_fill", "on_refusal", "on_step", "on_end"])
def test_other_hooks_are_refused(hook: str) -> None:
    argument = "" if hook == "on_end" else ", what"
    made = strategy("pass", more=f"def {hook}(self{argument}):\n    self.n = 1")
    with pytest.raises(NotCompiled, match=hook) as refused:
        compiled(made)
    assert refused.value.line == getattr(made, hook).__code__.co_firstlineno


def test_what_is_no_class_of_its_own_is_refused() -> None:
    with pytest.raises(NotCompiled, match="no on_bar"):
        compiled(eyas.Strategy)
    made = strategy("pass")
    one = made()
    one.on_bar = lambda bar: None  # type: ignore[method-assign]
    with pytest.raises(NotCompiled, match="no on_bar"):
        compiled(one)


def test_source_that_is_gone_is_named() -> None:
    found: dict[str, type[eyas.Strategy]] = {}
    exec("import eyas\nclass Gone(eyas.Strategy):\n    def on_bar(self, bar): pass", found)
    with pytest.raises(NotCompiled, match=r"source of Gone\.on_bar cannot be read"):
        compiled(found["Gone"])


def test_attributes_of_other_kinds_are_refused() -> None:
    made = strategy("if self.level > bar.close: self.buy(1)", "import numpy\nself.level = numpy.float64(3)")
    with pytest.raises(NotCompiled, match=r"write float\(…\) in on_start"):
        bound(made)
    made = strategy("self.kept = 3", "self.kept = [1]")
    with pytest.raises(NotCompiled, match="it is a list"):
        bound(made)


def test_portfolios_and_finer_bars_are_refused() -> None:
    made = strategy("self.buy(1)")
    session = Session(made(), Market({"A": market(30), "B": market(30, 2)}), Rules(), "10000")
    session.start()
    with pytest.raises(NotCompiled, match="one instrument"):
        compiled(made).bind(session.strategy, session)


def test_a_class_is_compiled_once_for_each_kind_of_run() -> None:
    made = strategy("if self.x > 3: self.buy(1)", "self.x = self.size", more="size: float = 1.0")
    program = compiled(made)
    assert compiled(made(size=2.0)) is program
    for size in np.linspace(1, 5, 5):
        session = Session(made(size=float(size)), market(50), Rules(), "10000")
        session.start()
        program.bind(session.strategy, session)
    assert len(program.written) == 1
