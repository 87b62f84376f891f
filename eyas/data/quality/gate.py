"""Judge the bars of a run before its first bar: a finding of the level fail stops it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from eyas.data.quality.check import check
from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    from eyas.data.quality.verdict import Verdict
    from eyas.model import Bars

Quality: TypeAlias = 'Mapping[str, Any] | Literal["off"] | None'


def verdicts_of(instruments: Mapping[str, Bars], quality: Any, what: str = "{}") -> dict[str, Verdict]:
    """Return the verdict over the bars of each symbol, none where quality is "off".

    `quality` sets levels, as `eyas.data.check` takes them, and with the key `calendar` the market's calendar.
    `what` says what they are, where they are not the bars of a symbol: "finer[{!r}]".
    Raises DataError for the first finding that fails.
    """
    if isinstance(quality, str):
        if quality != "off":
            raise UsageError(
                f'quality is {quality!r}, but must be "off", or levels such as {{"gaps": "fail"}}'
            )
        return {}
    if not isinstance(quality, Mapping | None):
        raise UsageError(f'quality is "off", or levels such as {{"gaps": "fail"}}, not {quality!r}')
    levels = dict(quality or {})
    calendar = levels.pop("calendar", "auto")
    verdicts = {symbol: check(bars, calendar=calendar, levels=levels) for symbol, bars in instruments.items()}
    for symbol, verdict in verdicts.items():
        if verdict.level == "fail":
            raise _refusal(what.format(symbol).strip(), verdict)
    return verdicts


def _refusal(what: str, verdict: Verdict) -> DataError:
    """Return the error that names the findings that stop a run, and how to run all the same."""
    failed = [one for one in verdict.grave if one.level == "fail"]
    where = verdict.bars.source or what or "the data"
    more = f" Also: {', '.join(one.name for one in failed[1:])}." if failed[1:] else ""
    allowed = ", ".join(f'"{one.name}": "warn"' for one in failed)
    return DataError(
        f"{where} fails the check {failed[0].name}: {failed[0].sentence}{more} To run all the same: "
        f"quality={{{allowed}}}."
    )
