"""Read bars and trades from JSON: lists of lists, lists of objects by key, and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eyas.data.place import Place, Wrong
from eyas.data.reading.dialects import Dialect
from eyas.data.reading.frames import Namer, from_mapping
from eyas.data.reading.raw import Raw
from eyas.errors import DataError

POSITIONS = ("time", "open", "high", "low", "close", "volume")
ALPACA = {"t", "o", "h", "l", "c", "v", "n", "vw"}
Rows = list[tuple[Any, int, str, str]]
"""The value of each row, its line (0 where there are none), its text, and whose it is."""


def read_json(
    content: bytes,
    name: str,
    files: Sequence[str],
    dialects: Sequence[Dialect],
    asked: str | None,
    namer: Namer,
) -> Raw:
    """Return the rows of a JSON file or of JSON lines."""
    text = content.decode("utf-8-sig", "replace")
    rows = _whole(text, name) if _is_whole(text, files) else _by_line(text)
    if not rows:
        raise DataError(f"{name} holds no rows. It needs a row for each bar or trade.")
    place = Place(name)
    if any(line for _, line, _, _ in rows):
        place = replace(place, line_of=lambda row: rows[row][1])
    columns = _columns(rows)
    if not columns:
        raise DataError(f"{name} holds no rows that eyas knows: each is a list, or an object with names.")
    if asked is None and set(columns) - {"symbol"} >= ALPACA - {"n", "vw"} and {"n", "vw"} & set(columns):
        asked = "alpaca" if any(dialect.name == "alpaca" for dialect in dialects) else None
    raw = from_mapping(columns, place, dialects, asked, namer, files)
    broken = np.flatnonzero([value is None for value, _, _, _ in rows])
    wrong = raw.wrong
    if len(broken):
        say = "it is no JSON: a list, or an object with names. Correct the line or drop it."
        wrong = (*wrong, Wrong("not_json", broken, lambda _: say))
    return replace(raw, raw_of=lambda row: rows[row][2], wrong=wrong)


def _is_whole(text: str, files: Sequence[str]) -> bool:
    """Return whether the text is one JSON value; the first line of JSON lines is one by itself."""
    if any(name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson")) for name in files):
        return False
    first, _, rest = text.strip().partition("\n")
    if not rest.strip():
        return True
    return not isinstance(_value(first), dict | list)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _by_line(text: str) -> Rows:
    rows: Rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            value = _value(line)
            rows.append((value if isinstance(value, dict | list) else None, number, line, ""))
    return rows


def _whole(text: str, name: str) -> Rows:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise DataError(f"{name} is not JSON: {error}. Fetch it again.") from None
    symbol = ""
    if isinstance(value, dict):
        symbol = value["symbol"] if isinstance(value.get("symbol"), str) else ""
        value = value.get("bars", value.get("trades", value))
    if isinstance(value, dict) and all(isinstance(part, list) for part in value.values()):
        if not any(isinstance(one, dict | list) for part in value.values() for one in part[:1]):
            return _of_columns(value)
        return [(one, 0, json.dumps(one), symbol) for symbol, part in value.items() for one in _known(part)]
    if isinstance(value, dict):
        return [(value, 0, text, "")]
    if not isinstance(value, list):
        raise DataError(f"{name} holds {type(value).__name__}, not a list of rows.")
    return [(one, 0, json.dumps(one), symbol) for one in _known(value)]


def _of_columns(value: dict[str, list[Any]]) -> Rows:
    """Return rows of an object that holds a list for each column."""
    names = list(value)
    rows = zip(*value.values(), strict=False)
    return [(dict(zip(names, row, strict=True)), 0, json.dumps(row), "") for row in rows]


def _known(rows: list[Any]) -> list[Any]:
    return [one if isinstance(one, dict | list) else None for one in rows]


def _columns(rows: Rows) -> dict[str, list[Any]]:
    """Return the values of rows by name; lists have time, open, high, low, close, volume in order."""
    first = next((value for value, _, _, _ in rows if value is not None), None)
    if first is None:
        return {}
    if isinstance(first, list):
        width = min(max(len(first), 5), len(POSITIONS))
        return {
            name: [_at(value, at) for value, _, _, _ in rows] for at, name in enumerate(POSITIONS[:width])
        }
    names = dict.fromkeys(key for value, _, _, _ in rows if isinstance(value, dict) for key in value)
    columns = {
        name: [value.get(name) if isinstance(value, dict) else None for value, _, _, _ in rows]
        for name in names
    }
    if {"S", "T"} <= columns.keys():  # messages of a stream: the symbol and what kind of message it is
        columns["symbol"] = columns.pop("S")
        del columns["T"]
    if any(symbol for _, _, _, symbol in rows):
        columns["symbol"] = [symbol for _, _, _, symbol in rows]
    return columns


def _at(value: Any, at: int) -> Any:
    return value[at] if isinstance(value, list) and at < len(value) else None
