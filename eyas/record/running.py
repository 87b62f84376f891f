"""The runs that tell what decides: recorded or present code, on recorded or present data."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from eyas.backtest import backtest
from eyas.errors import EyasError, StrategyError
from eyas.record.code import cannot_run, changed_lines, loaded, sources_now
from eyas.record.inputs import Given, Inputs, Key
from eyas.record.rerun import Change, Rerun, Trial, When
from eyas.reports.origin import Source, versions_now
from eyas.signals import Signals
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from eyas.reports import Report
    from eyas.reports.saving.container import Container

WHENS: tuple[When, ...] = ("recorded", "now")
ALONE_MAX = 6
NOTHING: frozenset[Key] = frozenset()


class Running:
    """Run one record in several ways."""

    def __init__(self, path: Path, container: Container, report: Report, given: Given) -> None:
        self.path = path
        self.inputs = Inputs(report, container.manifest, given)
        self.report = report
        self.given = given
        self.remarks: list[str] = []
        self.trials: dict[tuple[When, When], Trial] = {}
        origin = report.origin
        if given.strategy is None and (origin is None or not (origin.sources or origin.signals)):
            raise cannot_run(origin, path, report.strategy)
        self.origin = origin

    def rerun(self) -> Rerun:
        """Run it in all ways that can tell what decides."""
        first = self.trial("recorded", "recorded")
        changed_code, changed_data = self.code_changes(), self.data_changes
        self.remarks += self.inputs.remarks
        data: tuple[When, ...] = WHENS if changed_data else WHENS[:1]
        for of_data in data:
            for of_code in WHENS if changed_code else WHENS[:1]:
                self.trial(of_code, of_data)
        changes = [
            *self.environment(first),
            *(self.judged(one, ("now", "recorded")) for one in changed_code),
            *self.judged_data(),
        ]
        last = ("now" if changed_code else "recorded", "now" if changed_data else "recorded")
        ordered = sorted(self.trials, key=lambda key: key == last)
        return Rerun(
            self.path,
            self.report.journal.digest,
            tuple(self.trials[key] for key in ordered),
            tuple(changes),
            tuple(self.remarks),
        )

    # One run.

    def trial(self, code: When, data: When) -> Trial:
        """Return the run with the code and the data of a time, made once."""
        found = self.trials.get((code, data))
        if found is None:
            taken = frozenset(self.data_changes) if data == "now" else NOTHING
            found = self.trials[code, data] = self.ran(code, data, taken)
        return found

    def ran(self, code: When, data: When, taken: frozenset[Key]) -> Trial:
        """Run it on the recorded data, for those of `taken` on those of now, or say why that cannot be."""
        try:
            report = self.run(code, taken)
        except StrategyError as error:
            if error.report is None:
                return Trial(code, data, "", str(error))
            report = error.report
        except EyasError as error:
            return Trial(code, data, "", str(error))
        except SystemExit:
            return Trial(code, data, "", f"{self.report.strategy} ended the program (SystemExit)")
        if not taken:  # judged when it first ran
            own = self.report
            report = replace(report, quality=own.quality, finer=own.finer, extra=own.extra)
        if code == "recorded":
            report = replace(report, origin=self.origin)
        return Trial(code, data, report.journal.digest, report=report)

    def run(self, code: When, taken: frozenset[Key]) -> Report:
        """Return the report of one run."""
        origin = self.origin
        if self.given.strategy is not None:
            return self.backtest(self.given.strategy(**self.report.parameters), taken)
        assert origin is not None
        if origin.signals is not None:
            return self.backtest(origin.signals, taken)
        sources = origin.sources if code == "recorded" else self.now[0]
        label = f"{self.path.name}" if code == "recorded" else "the files of now"
        with loaded(sources, origin.strategy, label) as cls:
            try:
                strategy = cls(**self.report.parameters)
            except Exception as error:  # a class may make itself as it likes
                what = f"{type(error).__name__}: {error}".removeprefix("UsageError: ")
                raise StrategyError(f"the code of {label}: {what}", bar_index=None, report=None) from error
            return self.backtest(strategy, taken)

    def backtest(self, strategy: Strategy | Signals, taken: frozenset[Key]) -> Report:
        """Run a strategy on the recorded market, on those data of now that are taken."""
        report = self.report
        found = self.inputs.bars(taken)
        in_turn = report.clock.startswith("sequential")
        engine = report.origin.engine if report.origin and not isinstance(strategy, Signals) else "auto"
        return backtest(
            strategy,
            next(iter(found.values())) if report.steps is None else found,
            cash=report.cash,
            rules=report.rules,
            finer=self.inputs.finer(taken) or None,
            extra=self.inputs.extra(taken),
            clock="sequential" if in_turn else "merged",
            quality="off",
            engine=engine,  # type: ignore[arg-type]  # it ran once
            seed=report.seed,
        )

    # What is not as it was.

    @cached_property
    def now(self) -> tuple[tuple[Source, ...], tuple[str, ...]]:
        """The sources as they are now, and what is gone."""
        assert self.origin is not None
        return sources_now(self.origin)

    @cached_property
    def data_changes(self) -> dict[Key, Change]:
        """What has changed in the data."""
        return self.inputs.changes()

    def code_changes(self) -> list[Change]:
        """Return what has changed in the code."""
        origin = self.origin
        if self.given.strategy is not None or origin is None or not origin.sources:
            return []
        self.remarks += [*origin.remarks, *self.now[1]]
        if origin.kind == "gathered":
            self.remarks.append(
                f"{origin.strategy} is in no file of its own (of a notebook, or inside of a function): the "
                "recorded source was run"
            )
        return [
            Change("code", f"{file}:", tuple(lines))
            for file, lines in changed_lines(origin.sources, self.now[0])
        ]

    def environment(self, first: Trial) -> list[Change]:
        """Return which versions differ; they decide where the recorded code and data come out otherwise."""
        differs = first.digest not in (
            "",
            self.report.journal.digest,
        )  # "": it says itself why it did not run
        before = dict(self.origin.versions) if self.origin else {}
        changed = [
            (name, before[name], now) for name, now in versions_now().items() if before.get(name, now) != now
        ]
        if differs and self.ran("recorded", "recorded", NOTHING).digest != first.digest:
            self.remarks.append(
                "the same code on the same data does not come out the same twice: it draws random numbers of "
                "its own (use self.random), or reads the time, a file or the network"
            )
            differs = False
        elif differs and not changed:
            self.remarks.append(
                "the recorded code on the recorded data comes out otherwise, though no version has changed: "
                "something that no record has decides too, such as a file that it reads, what was set on "
                "the strategy by hand, or a changed kernel of the same version"
            )
        decides = differs if first.digest else None
        kinds = {"platform": "platform"}
        return [
            Change(kinds.get(name, "version"), f"{name} was {was}, and is {now}", (), decides)
            for name, was, now in changed
        ]

    def judged(self, change: Change, key: tuple[When, When]) -> Change:
        """Return a change with what running it alone has shown."""
        alone, first = self.trial(*key), self.trial("recorded", "recorded")
        return change._replace(decides=alone.digest != first.digest if first.digest else None)

    def judged_data(self) -> list[Change]:
        """Return the changes of data, each with what running it alone, with the recorded code, has shown."""
        changes = self.data_changes
        together = [self.judged(one, ("recorded", "now")) for one in changes.values()]
        first = self.trial("recorded", "recorded")
        if not 1 < len(changes) <= ALONE_MAX or not first.digest or not together[0].decides:
            return together
        alone = [self.ran("recorded", "now", frozenset([key])).digest != first.digest for key in changes]
        if any(alone):
            return [
                one._replace(decides=decides) for one, decides in zip(changes.values(), alone, strict=True)
            ]
        self.remarks.append("none of the changes of data decides alone: they do together")
        return together
