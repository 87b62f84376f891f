"""Which bars may matter to a program at all: its conditions on columns, for 64 bars at once.

Every way through the program is followed once, with the condition under which a bar goes it. Where a way asks
for something, keeps something, or may fail, bars that come there are asked. What depends on the account, or
on what is kept, may be either: such a bar goes both ways. So no bar is left out on which anything happens.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from eyas.compiled.assembler import CONSTANTS, Assembler, Label
from eyas.compiled.kinds import ARITHMETIC, COMPARISONS, NUMBERS, WHOLE, Kinds, kinds_of
from eyas.compiled.looks import ALL, LOOKS_MAX, NOTHING, Lister, Look, both, either, other_than
from eyas.compiled.statements import Statements
from eyas.model import PROGRAM_NAMES

COUNT_MAX = 2**40
EXACT_MAX = 2**53
INT_MAX = 2**63 - 1
ITEM = 0x8000  # of a series by an index: where nothing is known that fails
BACK_MAX = 0x7FFF


class Floats(NamedTuple):
    """Hold a float for each bar."""

    look: Look


class Truth(NamedTuple):
    """Hold where something may be true and where it may be false: both where nobody knows."""

    yes: Look
    no: Look


class Whole(NamedTuple):
    """Hold that a whole number is no larger than that, either way."""

    most: int


class Same(NamedTuple):
    """Hold that it is what another register holds, which is never written."""

    register: int


Seen = Floats | Truth | Whole | Same | None


class State(NamedTuple):
    """Hold under which condition a bar comes here, and what is known of registers then."""

    condition: Look
    known: dict[int, Seen]


def watched(made: Statements) -> None:
    """Add to a program what finds the bars on which it may do anything; nothing where that is all."""
    watcher = Watcher(made)
    asked = watcher.follow()
    lister = Lister()
    if asked == ALL:
        return
    answer = lister.place(asked)
    if len(lister.steps) < LOOKS_MAX:
        made.out.watch = [*lister.steps, ("answer", answer, 0, 0)]
        made.out.rows = lister.rows


class Watcher:
    """Follow a program's ways."""

    def __init__(self, made: Statements) -> None:
        self.out: Assembler = made.out
        self.kinds = kinds_of(made.out, made.resolve)
        kept = {made.out.bound.get((("attribute", name),)) for name in made.kept}
        self.fixed = set(made.out.bound.values()) - kept
        self.asked = NOTHING
        self.condition = ALL
        self.known: dict[int, Seen] = {}
        self.arriving: dict[Label, list[State]] = {}

    def follow(self) -> Look:
        """Return the condition under which a bar has to be asked."""
        heads = self.loop_heads()
        for step in self.out.code:
            if isinstance(step, Label):
                self.arrive(step)
                if step in heads:
                    self.ask()
            elif self.condition != NOTHING:
                self.take(*step)
        return self.asked

    def loop_heads(self) -> set[Label]:
        """Return the places to which the program jumps back."""
        passed: set[Label] = set()
        found = set()
        for step in self.out.code:
            if isinstance(step, Label):
                passed.add(step)
            elif step[0].startswith("jump") and step[1] in passed:
                found.add(step[1])
        return found

    def ask(self, where: Look = ALL) -> None:
        """Ask the bars that are here, or some of them; they go no further."""
        self.asked = either(self.asked, both(self.condition, where))
        self.condition = both(self.condition, other_than(where))

    def send(self, label: Label, where: Look) -> None:
        """Let some of the bars that are here arrive at a place."""
        condition = both(self.condition, where)
        if condition != NOTHING:
            self.arriving.setdefault(label, []).append(State(condition, dict(self.known)))

    def arrive(self, label: Label) -> None:
        """Let all that were sent to a place go on together."""
        states = self.arriving.pop(label, [])
        if self.condition != NOTHING:
            states.append(State(self.condition, self.known))
        if not states:
            return
        if len(states) > 1:
            registers = set().union(*(state.known for state in states))
            self.known = {register: self.joined(register, states) for register in registers}
        else:
            self.known = states[0].known
        self.condition = NOTHING
        for state in states:
            self.condition = either(self.condition, state.condition)

    def joined(self, register: int, states: list[State]) -> Seen:
        """Return what is known of a register where several ways meet."""
        seen = [state.known.get(register) for state in states]
        if all(one == seen[0] for one in seen):
            return seen[0]
        if any(not isinstance(one, Truth) for one in seen):
            return None
        yes, no = NOTHING, NOTHING
        for state, one in zip(states, seen, strict=True):
            assert isinstance(one, Truth)
            yes = either(yes, both(state.condition, one.yes))
            no = either(no, both(state.condition, one.no))
        return Truth(yes, no)

    # What is known of a register.

    def root(self, register: int) -> int:
        """Return the register that a register is the same as."""
        known = self.known.get(register)
        return known.register if isinstance(known, Same) else register

    def kind(self, register: int) -> Kinds:
        """Return the kinds of value that a register can hold."""
        return self.kinds.get(register, frozenset())

    def constant(self, register: int) -> Any:
        """Return the value of a constant's register, Ellipsis for any other."""
        return self.out.values[register - CONSTANTS] if CONSTANTS <= register < 2 * CONSTANTS else ...

    def floats(self, register: int) -> Look | None:
        """Return the floats that a register holds on each bar; None where nobody knows."""
        known = self.known.get(register)
        if isinstance(known, Floats):
            return known.look
        if register in self.fixed and self.kind(register) == {"series"}:
            return ("series", register, 0)
        if (register in self.fixed or self.constant(register) is not ...) and self.kind(register) <= NUMBERS:
            return ("number", register)
        return None

    def truth(self, register: int) -> Truth | None:
        """Return where a register counts as true; None where asking that may fail."""
        known = self.known.get(register)
        if isinstance(known, Truth):
            return known
        if self.kind(register) & {"series", "times", "unset"}:
            return None
        value = self.constant(register)
        if value is not ...:
            return Truth(ALL, NOTHING) if value else Truth(NOTHING, ALL)
        look = self.floats(register)
        if look is not None:
            yes = ("not_equal", look, ("number", self.out.constant(0)))
            return Truth(yes, other_than(yes))
        return Truth(ALL, ALL)

    def most(self, register: int) -> int:
        """Return how large a whole number can be, either way."""
        known, value = self.known.get(register), self.constant(register)
        if isinstance(known, Whole):
            return known.most
        if type(value) in (int, bool):
            return abs(int(value))
        if self.kind(register) == {"bool"}:
            return 1
        return INT_MAX

    # Steps.

    def take(self, name: str, a: Any, b: int, c: int) -> None:
        """Follow one step."""
        b, c = self.root(b), self.root(c)
        if name.startswith("jump"):
            self.jump(name, a, b)
        elif name in ("need_local", "need_attribute"):
            if "unset" in self.kind(a):
                self.ask()
        elif name == "move":
            self.known[a] = self.seen(b)
        elif name in ARITHMETIC or name == "divide":
            self.known[a] = self.calculated(name, b, c)
        elif name in COMPARISONS:
            self.known[a] = self.compared(name, b, c)
        else:
            self.known[a] = self.rarer(name, b, c)

    def rarer(self, name: str, b: int, c: int) -> Seen:
        """Follow a step of one operand, or of a kind of its own; ask where it may do something, or fail."""
        if name == "bar_field":
            return self.bar_field(b)
        if name == "account_field":
            counts = PROGRAM_NAMES["account"][b].endswith(("count", "index", "bars"))
            return Whole(COUNT_MAX) if counts else None
        if name == "item":
            return self.item(b, c)
        if name in ("crossed_above", "crossed_below") and b in self.fixed:
            return self.crossed(name, b, c)
        if name in ("not", "truth"):
            found = self.truth(b)
            if found is None:
                self.ask()
                return None
            return Truth(found.no, found.yes) if name == "not" else found
        return self.of_one(name, b, c)

    def of_one(self, name: str, b: int, c: int) -> Seen:
        """Follow a step of one operand."""
        look = self.floats(b)
        if name == "function" and look is not None:
            function = PROGRAM_NAMES["function"][c]
            if function == "isnan":
                return Truth(("not_equal", look, look), ("equal", look, look))
            if function == "fabs":
                return Floats(("absolute", look))
        if (
            name == "field"
            and look is not None
            and look[0] == "series"
            and PROGRAM_NAMES["field"][c] == "value"
        ):
            return Floats(look)
        if name in ("negative", "absolute") and look is not None and not self.kind(b) & WHOLE:
            return Floats((name, look))
        if name == "float" and look is not None:
            return Floats(look)
        if name == "length" and self.kind(b) <= {"series", "times", "list", "text"}:
            return Whole(COUNT_MAX)
        if name in ("least", "most") and (self.kind(b) | self.kind(c)) <= NUMBERS | {"series"}:
            return None
        self.ask()
        return None

    def seen(self, register: int) -> Seen:
        """Return what is known of a register, to be known of another too."""
        if register in self.fixed or CONSTANTS <= register < 2 * CONSTANTS:
            return Same(register)
        known = self.known.get(register)
        if known is not None or not self.kind(register) <= NUMBERS:
            return known
        if self.kind(register) <= WHOLE:
            return self.truth(register) if self.kind(register) == {"bool"} else Whole(self.most(register))
        look = self.floats(register)
        return None if look is None else Floats(look)

    def jump(self, name: str, label: Any, register: int) -> None:
        """Follow a jump: bars go on where it may not be taken, and there where it may."""
        if name == "jump":
            self.send(label, ALL)
            self.condition = NOTHING
            return
        found = self.truth(register)
        if found is None:
            self.ask()
            return
        there, on = (found.yes, found.no) if name == "jump_if" else (found.no, found.yes)
        self.send(label, there)
        self.condition = both(self.condition, on)

    def bar_field(self, code: int) -> Seen:
        """Return what is known of a field of the bar."""
        name = PROGRAM_NAMES["bar"][code]
        if name in ("index", "instrument"):
            return Whole(COUNT_MAX)
        if name in ("time", "close_time"):
            return Whole(INT_MAX)
        return Floats(("bar_field", code))

    def calculated(self, name: str, b: int, c: int) -> Seen:
        """Return what is known of a sum and the like; ask where it may fail."""
        kinds = self.kind(b) | self.kind(c)
        series = self.kind(b) == {"series"} or self.kind(c) == {"series"}
        if not kinds <= NUMBERS | {"series"} or (series and name in ("floor_divide", "remainder", "power")):
            self.ask()
            return None
        if "float" not in kinds and "series" not in kinds and name != "divide":
            return self.whole(name, b, c)
        left, right = self.floats(b), self.floats(c)
        if name in ("divide", "floor_divide", "remainder") and not series:
            divisor = self.constant(c)
            if divisor is ... and right is not None:
                self.ask(("equal", right, ("number", self.out.constant(0))))
            elif divisor is ... or divisor == 0:
                self.ask()
        if name == "power":
            self.ask()
        is_float = self.kind(b) in ({"float"}, {"series"}) or self.kind(c) in ({"float"}, {"series"})
        if left is None or right is None or not (is_float or name == "divide"):
            if "int" in kinds and not is_float and name != "divide":
                self.ask()  # it may be whole numbers, which may become too large
            return None
        return Floats((name, left, right)) if name in ("add", "subtract", "multiply", "divide") else None

    def whole(self, name: str, b: int, c: int) -> Seen:
        """Return what is known of a calculation with whole numbers; ask where it may fail."""
        one, other = self.most(b), self.most(c)
        divisor = self.constant(c)
        if name in ("floor_divide", "remainder") and divisor is not ... and divisor > 0:
            return Whole(one if name == "floor_divide" else divisor)
        most = {"add": one + other, "subtract": one + other, "multiply": one * other}.get(name, INT_MAX + 1)
        if most > INT_MAX:
            self.ask()
            return None
        return Whole(most)

    def compared(self, name: str, b: int, c: int) -> Seen:
        """Return where a comparison holds; ask where it may fail."""
        one, other = self.kind(b), self.kind(c)
        if name in ("is", "is_not"):
            return self.same(name, one, other)
        left, right = self.floats(b), self.floats(c)
        if left is not None and right is not None:
            yes = (name, left, right)
            return Truth(yes, other_than(yes))
        numbers = one | other <= NUMBERS | {"series"}
        if not numbers and (name not in ("equal", "not_equal") or "times" in one | other):
            self.ask()
        return Truth(ALL, ALL)

    def same(self, name: str, one: Kinds, other: Kinds) -> Truth:
        """Return where `is` holds: what cannot be None is not."""
        for side, against in ((one, other), (other, one)):
            if against == {"none"} and "none" not in side:
                return Truth(ALL, NOTHING) if name == "is_not" else Truth(NOTHING, ALL)
            if against == {"none"} and side == {"none"}:
                return Truth(NOTHING, ALL) if name == "is_not" else Truth(ALL, NOTHING)
        return Truth(ALL, ALL)

    def item(self, b: int, c: int) -> Seen:
        """Return the floats of a series so many bars ago; ask the bars that have none."""
        index = self.constant(c)
        known = b in self.fixed and self.kind(b) == {"series"}
        if not known or type(index) is not int or not -BACK_MAX < index < 0:
            self.ask()
            return None
        if index < -1:
            self.ask(("early", -index - 1))
        return Floats(("series", b, ITEM | (-index - 1)))

    def crossed(self, name: str, b: int, c: int) -> Seen:
        """Return where a series crossed another, or a number."""
        other = self.floats(c)
        if self.kind(b) != {"series"} or other is None:
            self.ask()
            return None
        if c in self.fixed or other[0] == "number":
            # A series has a bar before; what was read of one is a number, the same on both bars.
            yes: Look = (name, b, c if c in self.fixed else other[1])
            return Truth(yes, other_than(yes))
        before: Look = ("series", b, 1)
        was, now = ("less_equal", "greater") if name == "crossed_above" else ("greater_equal", "less")
        yes = both((was, before, other), (now, ("series", b, 0), other))
        yes = both(yes, other_than(("early", 1)))
        return Truth(yes, other_than(yes))
