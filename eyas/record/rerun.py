"""Run a record again: the identical digest, or what has changed since, and which of it decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from eyas.errors import UsageError

if TYPE_CHECKING:
    from eyas.reports import Report
    from eyas.strategy import Strategy

When: TypeAlias = Literal["recorded", "now"]
LINES_SHOWN = 20


class Trial(NamedTuple):
    """Hold one run of a record again: whose code and whose data, its digest, or why it could not run."""

    code: When
    data: When
    digest: str
    failure: str = ""
    report: Report | None = None


class Change(NamedTuple):
    """Name one thing that is not as it was: its kind (code, data, version, platform), and what about it.

    `decides` tells whether the run comes out otherwise because of it, as running it again has shown; None
    where that could not be tried.
    """

    kind: str
    sentence: str
    lines: tuple[str, ...] = ()
    decides: bool | None = None

    @property
    def verdict(self) -> str:
        """What trying it has shown, in words."""
        words = {True: "decides the difference", False: "makes no difference", None: "could not be tried"}
        return words[self.decides]


@dataclass(frozen=True, eq=False, repr=False)
class Rerun:
    """Say whether a record gives the identical journal today, and if not why; it prints as sentences.

    `recorded` is the digest that was saved, `trials` are the runs that were made, the last of them with
    everything as it is now. `changes` are what is not as it was, `remarks` what else to know.
    """

    path: Path
    recorded: str
    trials: tuple[Trial, ...]
    changes: tuple[Change, ...]
    remarks: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Digest of the run with everything as it is now, "" where it could not run."""
        return self.trials[-1].digest

    @property
    def report(self) -> Report | None:
        """The report of the run with everything as it is now; None where it could not run."""
        return self.trials[-1].report

    @property
    def identical(self) -> bool:
        """Whether the run with everything as it is now has the digest of the record."""
        return self.digest == self.recorded

    @property
    def causes(self) -> tuple[Change, ...]:
        """The changes that decide the difference."""
        return tuple(one for one in self.changes if one.decides)

    def __repr__(self) -> str:
        return f"<Rerun of {self.path}: {'identical' if self.identical else 'differs'}>"

    def __str__(self) -> str:
        if self.identical:
            lines = [f"Identical: {self.path} gives the same journal again, {self.recorded}."]
        else:
            now = self.digest or f"no journal: {self.trials[-1].failure}"
            lines = [f"Different: {self.path} was {self.recorded}", f"and is now {now}."]
        for one in self.changes:
            lines += ["", f"{one.kind.capitalize()} has changed and {one.verdict}: {one.sentence}"]
            lines += [f"    {line}" for line in one.lines[:LINES_SHOWN]]
            more = len(one.lines) - LINES_SHOWN
            lines += [f"    and {more:,} more lines"] if more > 0 else []
        if len(self.trials) > 1:
            lines += ["", "Code      Data      Journal"]
            lines += [f"{one.code:<8}  {one.data:<8}  {self._said(one)}" for one in self.trials]
        lines += ["", *(f"Note: {remark}" for remark in self.remarks)] if self.remarks else []
        return "\n".join(lines)

    def _said(self, trial: Trial) -> str:
        """Return the outcome of a trial in a few words."""
        if not trial.digest:
            return f"did not run: {trial.failure}"
        return f"{trial.digest[:12]} {'as recorded' if trial.digest == self.recorded else 'differs'}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, for machines."""
        return {
            "path": str(self.path),
            "identical": self.identical,
            "recorded": self.recorded,
            "digest": self.digest or None,
            "changes": [{**one._asdict(), "lines": list(one.lines)} for one in self.changes],
            "trials": [
                {
                    "code": one.code,
                    "data": one.data,
                    "digest": one.digest or None,
                    "failure": one.failure or None,
                }
                for one in self.trials
            ],
            "remarks": list(self.remarks),
        }


def rerun(
    path: str | Path,
    *,
    bars: Any = None,
    extra: Mapping[str, Any] | None = None,
    strategy: type[Strategy] | None = None,
) -> Rerun:
    """Run a record again, with its own code and data and with what there is now, and compare the journals.

    **This executes the code of the record**: rerun only what you would run. `bars` (as `eyas.bars` takes
    them, or {symbol: any of these}) and `extra` (by name) are the data of now where the record does not know
    their file or their series of a catalog, `strategy` is the code where it has none. Raises UsageError where
    there is nothing to run, and what `eyas.open` raises.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if bar.index == 0:
    ...             self.buy()
    >>> report = eyas.backtest(Hold(), eyas.sample("AAPL", "1d"))
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     rerun(report.save(f"{folder}/hold.eyas"), strategy=Hold).identical
    True
    """
    from eyas.record.inputs import Given
    from eyas.record.opening import Opening
    from eyas.record.running import Running
    from eyas.reports.saving import kept, path_of
    from eyas.reports.saving.container import read_record
    from eyas.strategy import Strategy

    given: object = strategy
    if given is not None and not (isinstance(given, type) and issubclass(given, Strategy)):
        raise UsageError(f"strategy is {strategy!r}, but must be a class of a strategy: strategy=MyStrategy")
    where = path_of(path)
    container = read_record(where)
    report = Opening(container, bars).report()
    with kept(where):
        return Running(where, container, report, Given(bars, dict(extra or {}), strategy)).rerun()
