"""What happened: the events of a run, append only, exact."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.model import CAUSES, EVENT_FIELDS, EVENT_KINDS, ORDER_KINDS, PHASES, REFUSALS

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

MONEY_DECIMALS = 16
PRICES = {"price", "reference", "stop_loss", "take_profit"}
MONEY = {"fee", "profit", "cash"}
SCALED = {*PRICES, "quantity", *MONEY}
NAMES = {
    "kind": EVENT_KINDS,
    "phase": PHASES,
    "cause": CAUSES,
    "refusal": REFUSALS,
    "order_kind": ORDER_KINDS,
}
KINDS = {"u8": ["u1"], "u32": ["<u4"], "u64": ["<u8"], "i64": ["<i8"], "i128": ["<u8", "<i8"]}


def event_dtype() -> np.dtype[np.void]:
    """Return the numpy type of one event, made from the kernel's own table.

    A field of 128 bits is two: `fee` is `fee_low` (unsigned) and `fee_high` (signed).
    """
    fields: list[tuple[str, str]] = []
    for name, kind, _ in EVENT_FIELDS:
        parts = KINDS[kind]
        names = [name] if len(parts) == 1 else [f"{name}_low", f"{name}_high"]
        fields.extend(zip(names, parts, strict=True))
    return np.dtype(fields)


EVENT_DTYPE = event_dtype()
FILL_FIELDS = ("time_ns", "instrument", "quantity", "price", "fee_low", "fee_high")
FILL_DTYPE = np.dtype([(name, EVENT_DTYPE[name]) for name in FILL_FIELDS])


class Journal:
    """Read the events of a run: fast as columns, exact as records.

    `records` is a numpy array of the kernel's scaled integers; `digest` names the whole journal.
    `price_decimals` are those of every instrument, or of each; `symbols` names those of a portfolio.
    """

    def __init__(
        self, data: bytes, *, price_decimals: int | Sequence[int] = 8, symbols: Sequence[str] = ()
    ) -> None:
        self.data = data
        several = [price_decimals] if isinstance(price_decimals, int) else list(price_decimals)
        self.price_decimals = several if len(set(several)) > 1 else several[:1]
        self.symbols = tuple(symbols)
        self.records = np.frombuffer(data, dtype=EVENT_DTYPE)

    def __len__(self) -> int:
        return len(self.records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Journal) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def __repr__(self) -> str:
        return f"<Journal of {len(self):,} events, {self.digest[:12]}>"

    @property
    def digest(self) -> str:
        """SHA-256 of the journal's bytes: equal runs have equal digests, on every host."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def fills_digest(self) -> str:
        """SHA-256 over what was traded alone: time, instrument, signed quantity, price and fee of each fill.

        Runs that traded the same have it in common, whatever else they asked for.
        """
        fills = np.empty(len(rows := self.where("filled")), dtype=FILL_DTYPE)
        for name in FILL_FIELDS:
            fills[name] = self.records[name][rows]
        return hashlib.sha256(fills.tobytes()).hexdigest()

    def decimals(self, name: str, instrument: int = 0) -> int:
        """Return how many decimals the integers of a field have, for an instrument."""
        prices = self.price_decimals[instrument if len(self.price_decimals) > 1 else 0]
        if name in PRICES:
            return prices
        if name == "quantity":
            return MONEY_DECIMALS - prices
        return MONEY_DECIMALS if name in MONEY else 0

    def column(self, name: str, rows: NDArray[Any] | slice = slice(None)) -> NDArray[Any]:
        """Return a field as numbers for the eye: floats where the kernel keeps scaled integers."""
        # The field first: picking rows of whole records would copy all their fields.
        records = self.records
        scale: float | NDArray[np.float64] = 10.0 ** self.decimals(name)
        if len(self.price_decimals) > 1 and name in SCALED - MONEY:
            scales = [10.0 ** self.decimals(name, place) for place in range(len(self.price_decimals))]
            scale = np.array(scales)[records["instrument"][rows]]
        if f"{name}_low" in EVENT_DTYPE.names:  # type: ignore[operator]  # it has names
            return wide_floats(records[f"{name}_low"][rows], records[f"{name}_high"][rows]) / scale
        values: NDArray[Any] = records[name][rows]
        return values / scale if name in SCALED else values

    def symbols_of(self, rows: NDArray[Any] | slice = slice(None)) -> list[str]:
        """Return the symbol of each event of a portfolio."""
        return [self.symbols[place] for place in self.records["instrument"][rows].tolist()]

    def where(self, kind: str) -> NDArray[np.intp]:
        """Return the rows of one kind of event."""
        code = next(code for code, name in EVENT_KINDS.items() if name == kind)
        return np.flatnonzero(self._kinds == code)

    @cached_property
    def _kinds(self) -> NDArray[np.uint8]:
        """The kind of every event side by side: in the records they lie far apart."""
        return np.ascontiguousarray(self.records["kind"])

    def event(self, row: int) -> dict[str, Any]:
        """Return one event by field name, exact: Decimal for prices, quantities and money.

        On a portfolio it has a symbol too.
        """
        record = self.records[row]
        found: dict[str, Any] = {}
        for name, kind, _ in EVENT_FIELDS:
            if kind == "i128":
                units = (int(record[f"{name}_high"]) << 64) + int(record[f"{name}_low"])
            else:
                units = int(record[name])
            if name in NAMES:
                found[name] = NAMES[name][units]
            else:
                decimals = self.decimals(name, int(record["instrument"]))
                found[name] = exact(units, decimals) if name in SCALED else units
        if self.symbols:
            found["symbol"] = self.symbols[found["instrument"]]
        return found

    def frame(self) -> pl.DataFrame:
        """Return all events as a Polars frame, with names for codes."""
        import polars as pl

        columns: dict[str, Any] = {}
        for name, _, _ in EVENT_FIELDS:
            values = self.column(name)
            if name in NAMES:
                table = NAMES[name]
                columns[name] = pl.Series([table[code] for code in values.tolist()], dtype=pl.String)
            elif name == "time_ns":
                columns["time"] = pl.Series(values).cast(pl.Datetime("ns", "UTC"))
            else:
                columns[name] = values
        if self.symbols:
            columns["symbol"] = pl.Series(self.symbols_of(), dtype=pl.String)
        return pl.DataFrame(columns)


def wide_floats(low: NDArray[np.uint64], high: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return 128-bit integers as floats; by magnitude, so that small negatives keep their digits."""
    negative = high < 0
    flipped = ~low + np.uint64(1)
    carry = (low == 0).astype(np.int64)
    magnitude_low = np.where(negative, flipped, low)
    magnitude_high = np.where(negative, ~high + carry, high)
    magnitude = magnitude_high.astype(np.float64) * 2.0**64 + magnitude_low.astype(np.float64)
    return np.where(negative, -magnitude, magnitude)


def exact(units: int, decimals: int) -> Decimal:
    """Return scaled units as an exact Decimal.

    >>> exact(-5, 2)
    Decimal('-0.05')
    """
    sign = 1 if units < 0 else 0
    return Decimal((sign, tuple(map(int, str(abs(units)))), -decimals))
