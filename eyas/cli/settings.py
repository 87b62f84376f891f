"""Read what was typed: parameters, rules, bars, and where to write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

from eyas.cli.series import bars_in, between, catalog_at
from eyas.data import bars, sample
from eyas.errors import StrategyError, UsageError
from eyas.model import RULES, Bars
from eyas.parameters import value_of_text
from eyas.presets import rules_of as preset_of
from eyas.rules import RuleChanges, Rules
from eyas.strategy import Strategy

WHOLE_NUMBERS = {name for name, allowed in RULES if "whole number" in allowed}


def pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Return `name=value` texts as a mapping, or raise UsageError."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals):
            advice = f"write {option} {name or 'name'}=value"
            raise UsageError(f"{option} {text} is not a name and a value: {advice}")
        if name in found:
            raise UsageError(f"{option} {name} is given twice: {found[name]} and {value}")
        found[name] = value
    return found


def strategy_of(cls: type[Strategy], settings: Iterable[str]) -> Strategy:
    """Return a strategy with the parameters of `--set`, or raise UsageError."""
    declared = cls.parameters_declared
    values = {
        name: value_of_text(f"{cls.__name__}.{name}", declared[name], text) if name in declared else text
        for name, text in pairs("--set", settings).items()
    }
    try:
        return cls(**values)
    except UsageError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise StrategyError(
            f"{cls.__name__} failed while it was made: {what}", bar_index=None, report=None
        ) from error


def rules_of(texts: Iterable[str], preset: str | None = None, **shortcuts: str | None) -> Rules:
    """Return the rules of `--rules`, `--rule` and the options that stand for one, or raise UsageError."""
    given = {name.replace("-", "_"): text for name, text in pairs("--rule", texts).items()}
    for name, text in shortcuts.items():
        if text is not None and name in given:
            raise UsageError(f"{name} is given twice: by --rule and by --{name.replace('_', '-')}")
        if text is not None:
            given[name] = text
    return preset_of(preset).changed(**cast("RuleChanges", rule_values(given)))


def rule_values(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return rules as values; what cannot be read stays text, for the kernel to say what it may be."""
    usual, known = Rules(), {name for name, _ in RULES}
    return {
        name: rule_value(name, getattr(usual, name), plain(name, text.strip())) if name in known else text
        for name, text in texts.items()
    }


def plain(name: str, text: str) -> str:
    """Return what was typed in small letters; but a currency is a symbol, which has its own."""
    return text if name == "currency" and text.lower() != "none" else text.lower()


def rule_value(name: str, usual: object, text: str) -> Any:
    """Return one rule's value by the type that it usually has."""
    try:
        match usual:
            case bool():
                return {"yes": True, "true": True, "no": False, "false": False}.get(text, text)
            case tuple():
                return () if text == "none" else tuple(text.split("+"))
            case None if text == "none":
                return None
            case int() | float() | None:
                return int(text) if name in WHOLE_NUMBERS else Decimal(text)
            case _:
                return text
    except (ValueError, InvalidOperation):
        return text


def bars_of(  # noqa: PLR0913 - each is an option that says which bars
    data: str,
    sample_name: str,
    symbol: str | None,
    timeframe: str | None,
    *,
    series: str = "",
    catalog: str = "",
    start: str | None = None,
    end: str | None = None,
) -> Bars:
    """Return the bars of `--data`, `--sample` or `--series`, or raise UsageError or DataError."""
    given = [name for name, text in (("data", data), ("sample", sample_name), ("series", series)) if text]
    if len(given) > 1:
        raise UsageError(f"give --{given[0]} or --{given[1]}, not both")
    if not given:
        raise UsageError(
            "say which bars: --data prices.csv, --sample BTCUSDT:1m (see eyas samples) or "
            "--series BTCUSDT:1h (see eyas data list)"
        )
    if series:
        found = bars(bars_in(catalog_at(catalog), series), symbol=symbol, timeframe=timeframe)
    elif catalog:
        raise UsageError(
            f"--catalog {catalog} is where a --series is: give one too, such as --series BTCUSDT:1h"
        )
    elif data:
        found = bars(data, symbol=symbol, timeframe=timeframe)
    else:
        found = bars(sample_of(sample_name), symbol=symbol, timeframe=timeframe)
    return between(found, start, end)


def sample_of(text: str) -> Bars:
    """Return the bundled bars of `--sample`, or raise UsageError."""
    match text.split(":"):
        case [name, length]:
            return sample(name, length)
        case [name, length, "adjusted"]:
            return sample(name, length, adjusted=True)
    raise UsageError(f"--sample {text} is not a name such as BTCUSDT:1m (see eyas samples)")


def check_target(
    option: str, path: Path | None, endings: tuple[str, ...], read: Sequence[Path | None]
) -> None:
    """Raise UsageError if a file cannot be written there: before a long run, not after it.

    `read` are the files that the run reads: none of them is ever written over.
    """
    if path is None:
        return
    target = path.expanduser()
    folder = target.parent
    if target.is_dir():
        raise UsageError(f"{option} {path} is a folder: name a file in it")
    if target.exists() and not target.is_file():  # it would be replaced by a file
        raise UsageError(f"{option} {path} is a device or a pipe: name a file")
    if any(source and source.expanduser().resolve() == target.resolve() for source in read):
        raise UsageError(f"{option} {path} is a file that this run reads; choose another path")
    if target.suffix.lower() not in endings:
        raise UsageError(f"{option} {path} must end in {' or '.join(endings)}")
    if not folder.is_dir():
        raise UsageError(f"{option} {path}: there is no folder {folder}; make it or choose another path")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{option} {path}: the folder {folder} cannot be written to; choose another path")
