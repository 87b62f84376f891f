"""Random strategies within what can be compiled, as source."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

START = """\
self.fast = self.use(eyas.indicators.sma, "close", 3)
self.slow = self.use(eyas.indicators.sma, "close", 11)
self.hour = self.use(eyas.indicators.sma, "close", 2, timeframe="1h")
self.k = 3
self.level = 100.0
self.flag = True
self.maybe = None
"""
SERIES = st.sampled_from(
    ["self.fast", "self.slow", "self.hour", "self.bars.close", "self.bars.high", "self.bars('1h').low"]
)
FLOATS = st.sampled_from(
    [
        "bar.open",
        "bar.high",
        "bar.low",
        "bar.close",
        "bar.volume",
        "self.level",
        "1.5",
        "0.25",
        "100.0",
        "-3.0",
        "a",
        "self.account.equity",
        "self.account.cash",
        "self.position",
        "self.account.open_profit",
        "self.fast.value",
    ]
)
WHOLES = st.sampled_from(
    ["bar.index", "self.k", "2", "7", "-3", "0", "len(self.bars)", "self.account.ticket_count", "n"]
)
TRUTHS = st.sampled_from(
    ["self.is_flat", "self.is_long", "self.is_short", "self.flag", "True", "self.maybe is None"]
)


@st.composite
def numbers(draw: Any, depth: int = 2) -> str:
    """Draw an expression that is a number."""
    if depth == 0:
        return str(draw(st.one_of(FLOATS, WHOLES, SERIES)))
    inner = numbers(depth - 1)
    kind = draw(st.integers(0, 11))
    if kind <= 4:
        operator = draw(st.sampled_from(["+", "-", "*", "+", "-", "/"]))
        return f"({draw(inner)} {operator} {draw(inner)})"
    if kind == 5:
        return f"{draw(SERIES)}[-{draw(st.integers(1, 3))}]"
    if kind == 6:
        return f"abs({draw(inner)})"
    if kind == 7:
        return f"{draw(st.sampled_from(['min', 'max']))}({draw(inner)}, {draw(inner)})"
    if kind == 8:
        operator, divisor = draw(st.sampled_from(["//", "%"])), draw(st.sampled_from(["3", "7", "-4", "2.5"]))
        return f"({draw(WHOLES)} {operator} {divisor})"
    if kind == 9:
        return f"round({draw(inner)}, {draw(st.integers(0, 4))})"
    if kind == 10:
        return f"({draw(inner)} if {draw(truths(depth - 1))} else {draw(inner)})"
    return f"-{draw(inner)}"


@st.composite
def truths(draw: Any, depth: int = 2) -> str:
    """Draw an expression that is true or false."""
    kind = draw(st.integers(0, 8))
    if depth == 0 or kind == 0:
        return str(draw(TRUTHS))
    if kind <= 3:
        operator = draw(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
        return f"{draw(numbers(depth - 1))} {operator} {draw(numbers(depth - 1))}"
    if kind <= 5:
        other = draw(st.one_of(SERIES, FLOATS))
        return f"{draw(SERIES)}.crossed_{draw(st.sampled_from(['above', 'below']))}({other})"
    if kind == 6:
        return f"not ({draw(truths(depth - 1))})"
    if kind == 7:
        return f"{draw(numbers(0))} < {draw(numbers(0))} <= {draw(numbers(0))}"
    return f"({draw(truths(depth - 1))} {draw(st.sampled_from(['and', 'or']))} {draw(truths(depth - 1))})"


ORDERS = st.sampled_from(
    [
        "self.buy(fraction=0.3)",
        "self.sell(0.5)",
        "self.buy(1, limit=bar.close - 0.7, good_for=5)",
        "self.sell(0.2, stop=bar.low - 0.3)",
        "self.buy(notional=500, stop_loss=0.02, take_profit=0.03)",
        "self.sell(0.4, stop_loss=away(2), take_profit=[(0.01, 0.5), risk(2)])",
        "self.buy(0.1, trailing=0.01)",
        "self.close()",
        "self.close(fraction=0.5)",
        "self.cancel()",
    ]
)


@st.composite
def statements(draw: Any, depth: int = 2, inside: bool = False) -> list[str]:
    """Draw some lines."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 9))
        if kind <= 2 and depth:
            lines.append(f"if {draw(truths())}:")
            lines += ["    " + line for line in draw(statements(depth - 1, inside))]
            if draw(st.booleans()):
                lines.append(draw(st.sampled_from(["else:", "elif self.flag:"])))
                lines += ["    " + line for line in draw(statements(depth - 1, inside))]
        elif kind == 3:
            lines.append(f"a = {draw(numbers())}")
        elif kind == 4:
            name = draw(st.sampled_from(["self.level", "self.maybe"]))
            lines.append(f"{name} = float({draw(numbers(1))})")
        elif kind == 5:
            lines.append(
                draw(st.sampled_from(["self.k += 1", "n += 1", "self.flag = not self.flag", "self.k = n"]))
            )
        elif kind == 6 and depth:
            lines.append(f"for n in range({draw(st.integers(0, 4))}):")
            lines += ["    " + line for line in draw(statements(depth - 1, inside=True))]
        elif kind == 7 and draw(st.integers(0, 3)) == 0:
            lines.append(draw(st.sampled_from(["return", "break", "continue"])) if inside else "return")
        elif kind == 8:
            lines.append(f"self.buy(abs({draw(numbers(1))}) / 100)")
        else:
            lines.append(draw(ORDERS))
    return lines


@st.composite
def sources(draw: Any) -> str:
    """Draw the source of an `on_bar`: most bars do little, so that what is left out matters."""
    lines = ["a = bar.close", "n = 1"]
    if draw(st.booleans()):
        lines.append(f"if {draw(truths(1))}: return")
    for _ in range(draw(st.integers(1, 3))):
        lines.append(f"if {draw(truths())}:")
        lines += ["    " + line for line in draw(statements())]
    return "\n".join(lines)
