"""Read what was typed beside the bars: `--extra`, `--quality` and `--calendar`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.cli.series import as_typed, catalog_at, is_file, named
from eyas.cli.settings import pairs
from eyas.data import bars
from eyas.errors import DataError, UsageError
from eyas.sight import Outside

if TYPE_CHECKING:
    from eyas.data.quality.beside import Beside

LEVELS_SAID = re.compile(r"quality=\{(?P<levels>[^}]*)\}")
LEVEL_SAID = re.compile(r'"(?P<name>\w+)": "(?P<level>\w+)"')


def extra_of(texts: Sequence[str], catalog: str) -> dict[str, Any] | None:
    """Return the extras of `--extra` by name, or raise UsageError or DataError."""
    return {name: one_extra(what, catalog) for name, what in pairs("--extra", texts).items()} or None


def one_extra(what: str, catalog: str) -> Any:
    """Return an extra: a file, or a series of the catalog (bars, trades or books)."""
    if is_file(what):
        from eyas.data.outside_file import from_file

        return from_file(what)
    one = named(what)
    with as_typed(what):
        found = catalog_at(catalog)
        if one.timeframe == "trades":
            return found.trades(one.symbol, venue=one.venue)
        if one.timeframe == "books":
            return found.books(one.symbol, venue=one.venue)
        return found.load(one.symbol, one.timeframe, venue=one.venue)


def benchmark_of(what: str, catalog: str) -> Any:
    """Return the bars of `--benchmark`: of a file, or a series of the catalog; None where it is not given."""
    if not what:
        return None
    if is_file(what):
        return bars(what)
    one = named(what)
    with as_typed(what):
        return catalog_at(catalog).load(one.symbol, one.timeframe, venue=one.venue)


def with_their_files(extra: Mapping[str, Beside], texts: Sequence[str]) -> dict[str, Beside]:
    """Return what a run was given beside its bars with the files of `--extra`: a frame has lost its own."""
    files = {name: what for name, what in pairs("--extra", texts).items() if is_file(what)}
    return {
        name: replace(one, given=replace(one.given, source=files[name]))
        if name in files and isinstance(one.given, Outside)
        else one
        for name, one in extra.items()
    }


def extra_files(texts: Sequence[str]) -> list[Path]:
    """Return the files among the extras."""
    found = [text.partition("=")[2].strip() for text in texts]
    return [Path(name) for name in found if name and Path(name).expanduser().exists()]


def catalog_of_bars(series: str, catalog: str, extra: Sequence[str]) -> str:
    """Return the catalog that the bars come from: none where it is only that of an extra."""
    of_extra = len(extra) > len(extra_files(extra))
    return "" if of_extra and not series else catalog


def quality_of(texts: Sequence[str], calendar: str) -> Any:
    """Return the levels of `--quality` and the calendar as `eyas.backtest` takes them."""
    if "off" in texts:
        if len(texts) > 1 or calendar:
            other = f"--calendar {calendar}" if calendar else "another --quality"
            raise UsageError(f"--quality off looks at nothing, and {other} says how: leave one of them out")
        return "off"
    for text in texts:
        if "=" not in text:
            raise UsageError(f"--quality {text} is neither off nor a level such as gaps=fail")
    levels: dict[str, Any] = dict(pairs("--quality", texts))
    return levels | ({"calendar": calendar} if calendar else {}) or None


@contextmanager
def quality_as_typed() -> Iterator[None]:
    """Let an error that advises a level say how it is typed."""
    try:
        yield
    except (DataError, UsageError) as error:
        said = LEVELS_SAID.sub(typed_levels, str(error))
        if said == str(error):
            raise
        raise type(error)(said) from error.__cause__


def typed_levels(found: re.Match[str]) -> str:
    """Return levels as options.

    >>> LEVELS_SAID.sub(typed_levels, 'quality={"gaps": "warn", "ohlc": "warn"}')
    '--quality gaps=warn --quality ohlc=warn'
    """
    return " ".join(f"--quality {one['name']}={one['level']}" for one in LEVEL_SAID.finditer(found["levels"]))
