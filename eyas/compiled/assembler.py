"""Steps and registers, put together to the bytes of a program: see kernel/program/src/code.rs."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from eyas import model

MAGIC = b"eyasprg1"
NONE = 0xFFFF
# Registers are numbered by kind until all are known: bound ones, constants, all others.
CONSTANTS, FREE = 1_000_000, 2_000_000
INT_MAX = 2**63 - 1

CODES: dict[str, dict[str, int]] = {
    name: {word: code for code, word in enumerate(words)} for name, words in model.PROGRAM_NAMES.items()
}


class Label(NamedTuple):
    """Name a place among the steps."""

    number: int


class Asking(NamedTuple):
    """Say an order: its verb, the register of its ticket, options by name, the rungs of a ladder."""

    verb: str
    ticket: int
    said: tuple[tuple[str, int], ...]
    rungs: tuple[tuple[int, int], ...] | None


class Assembler:
    """Collect the steps of a program."""

    def __init__(self) -> None:
        self.code: list[Label | tuple[str, Any, int, int]] = []
        self.bound: dict[Any, int] = {}
        self.constants: dict[tuple[str, Any], int] = {}
        self.values: list[Any] = []
        self.texts: dict[str, int] = {}
        self.asks: list[Asking] = []
        self.watch: list[tuple[str, int, int, int]] = []
        self.rows = [0, 0]
        self.free = 0
        self.labels = 0
        self.unset = self.register()

    def register(self) -> int:
        """Return a register that nothing else uses."""
        self.free += 1
        return FREE + self.free - 1

    def registers(self, count: int) -> int:
        """Return the first of some registers in a row."""
        first = FREE + self.free
        self.free += count
        return first

    def input(self, key: Any) -> int:
        """Return the register to which something is bound before a run."""
        return self.bound.setdefault(key, len(self.bound))

    def constant(self, value: float | str | None) -> int:
        """Return the register of a constant."""
        key = (type(value).__name__, repr(value))
        found = self.constants.get(key)
        if found is None:
            if isinstance(value, str):
                self.text(value)
            found = self.constants[key] = CONSTANTS + len(self.constants)
            self.values.append(value)
        return found

    def text(self, text: str) -> int:
        """Return the number of a text."""
        return self.texts.setdefault(text, len(self.texts))

    def label(self) -> Label:
        """Return a new name of a place."""
        self.labels += 1
        return Label(self.labels)

    def put(self, name: str, a: int | Label = 0, b: int = 0, c: int = 0) -> None:
        """Add a step."""
        self.code.append((name, a, b, c))

    def place(self, label: Label) -> None:
        """Give a label its place: here."""
        self.code.append(label)

    def ask(self, asking: Asking) -> int:
        """Return the number of an order."""
        self.asks.append(asking)
        return len(self.asks) - 1

    def data(self) -> bytes:
        """Return the program; raises OverflowError for one that is too large."""
        places: dict[Label, int] = {}
        steps: list[tuple[str, Any, int, int]] = []
        for item in self.code:
            if isinstance(item, Label):
                places[item] = len(steps)
            else:
                steps.append(item)
        steps.append(("end", 0, 0, 0))

        def register(number: int) -> int:
            if number >= FREE:
                return number - FREE + len(self.bound) + len(self.constants)
            return number - CONSTANTS + len(self.bound) if number >= CONSTANTS else number

        def operand(value: int | Label) -> int:
            return places[value] if isinstance(value, Label) else value if value == NONE else register(value)

        parts = [MAGIC, self._heads()]
        parts.append(short(len(steps)))
        parts += [packed(CODES["op"][name], operand(a), operand(b), operand(c)) for name, a, b, c in steps]
        parts.append(short(len(self.asks)))
        for ask in self.asks:
            parts.append(struct.pack("<HH", CODES["verb"][ask.verb], operand(ask.ticket)))
            parts.append(short(len(ask.said)))
            parts += [struct.pack("<HH", CODES["say"][name], operand(value)) for name, value in ask.said]
            parts.append(struct.pack("<HH", ask.rungs is not None, len(ask.rungs or ())))
            parts += [struct.pack("<HH", operand(at), operand(share)) for at, share in ask.rungs or ()]
        parts.append(short(len(self.watch)))
        parts += [packed(CODES["look"][name], *map(operand, rest)) for name, *rest in self.watch]
        parts.append(struct.pack("<HH", *self.rows))
        try:
            return b"".join(parts)
        except struct.error as error:
            raise OverflowError(str(error)) from None

    def _heads(self) -> bytes:
        """Return what stands before the steps: bound registers, texts, constants, other registers."""
        parts = [struct.pack("<HH", len(self.bound), len(self.texts))]
        for text in self.texts:
            data = text.encode()
            parts.append(short(len(data)) + data)
        parts.append(short(len(self.constants)))
        parts += [self._constant(value) for value in self.values]
        parts.append(short(self.free))
        return b"".join(parts)

    def _constant(self, value: float | str | None) -> bytes:
        if value is None:
            return struct.pack("<Hq", 0, 0)
        if isinstance(value, bool):
            return struct.pack("<Hq", 1, value)
        if isinstance(value, int):
            return struct.pack("<Hq", 2, value)
        if isinstance(value, float):
            return struct.pack("<Hd", 3, value)
        return struct.pack("<Hq", 4, self.texts[value])


def short(value: int) -> bytes:
    """Return a number of two bytes."""
    return struct.pack("<H", value)


def packed(*values: int) -> bytes:
    """Return a step."""
    return struct.pack("<HHHH", *values)
