"""What the folds of a scenario's journal say: figures of a ticket (`mfe.1`) and of a step (`long.2`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eyas import _kernel
from eyas.reports.records import dtype_of

WIDTH = sum(size for _, _, size in _kernel.EVENT_FIELDS)
PRICES = ("mfe_price", "mae_price")
BARS = ("mfe_bar", "mae_bar")


class Folds:
    """Keep the journal and the bars of a scenario; a loaded account has forgotten both."""

    def __init__(self, account: _kernel.Account, rules: Mapping[str, str], decimals: Sequence[int]) -> None:
        self.journal = b""
        self.rules = rules
        self.decimals = decimals
        self.bars: list[tuple[int, Sequence[Any]]] = []

    def keep(self, account: _kernel.Account, first: int) -> None:
        """Keep the events from a sequence number on."""
        data = account.journal()
        earliest = account.event_count - len(data) // WIDTH
        self.journal += data[max(first - earliest, 0) * WIDTH :]

    def take(self, step: int, bars: Sequence[Sequence[Any]]) -> None:
        """Keep the bars of a step: instrument, opening and closing time, prices and more."""
        self.bars += [(step, bar) for bar in bars]

    def prices(self) -> list[_kernel.Prices]:
        found = []
        for place, decimals in enumerate(self.decimals):
            mine = [(step, bar[3:7]) for step, bar in self.bars if bar[0] == place]
            steps = np.array([step for step, _ in mine], dtype=np.int64)
            columns = np.array([prices for _, prices in mine], dtype=np.float64).reshape(-1, 4).T
            found.append(_kernel.Prices(*map(np.ascontiguousarray, columns), decimals, steps))
        return found

    def figure(self, name: str, curve: Sequence[float]) -> float | None:
        """Return one figure, None where there is none of that name."""
        what, _, text = name.partition(".")
        if not text.isdecimal():
            return None
        number = int(text)
        if what in ("long", "short"):
            equity, long, short = np.array(curve), np.empty(len(curve)), np.empty(len(curve))
            _kernel.exposures(self.journal, self.prices(), equity, long, short)
            held = long if what == "long" else short
            return float(held[number]) if number < len(held) else None
        excursions = _kernel.excursions(
            self.journal,
            self.prices(),
            entries_at_open=self.rules.get("market_fill") == "same_open",
            exits_at_open=self.rules.get("exit_fill") == "same_open",
        )
        paid, _, _ = _kernel.paid(self.journal)
        found = self.field(what, number, excursions, _kernel.EXCURSION_FIELDS)
        return self.field(what, number, paid, _kernel.PAID_FIELDS) if found is None else found

    def field(self, what: str, ticket: int, data: bytes, fields: Any) -> float | None:
        """Return a field of the record of a ticket, as a number."""
        records = np.frombuffer(data, dtype_of(fields))
        mine = records[records["ticket"] == ticket]
        if what not in [name for name, _, _ in fields] or what == "ticket" or not len(mine):
            return None
        (record,) = mine
        if what in BARS:
            return float(record[what])
        if what in PRICES:
            return int(record[what]) / 10 ** self.decimals[int(record["instrument"])]  # type: ignore[no-any-return]
        return ((int(record[f"{what}_high"]) << 64) + int(record[f"{what}_low"])) / 10**16
