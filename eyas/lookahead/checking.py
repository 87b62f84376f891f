"""One check, from its first run to its result: what is run, in which order, and what is made of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from eyas.errors import StrategyError, UsageError
from eyas.lookahead.comparing import (
    Change,
    ColumnChange,
    column_changes,
    decision_change,
    journals_differ,
)
from eyas.lookahead.cuts import choose_cuts, first_step, spread
from eyas.lookahead.doors import Doors
from eyas.lookahead.feed import Feed
from eyas.lookahead.outside import Outside, outside_of
from eyas.lookahead.result import LEVELS, Finding, LookAhead
from eyas.lookahead.spying import Spy
from eyas.lookahead.subject import Subject, Trace
from eyas.lookahead.suspicion import by_rule, extras_stamped_early, foresight, from_outside
from eyas.lookahead.warmup import (
    RARE,
    STRETCH,
    WarmUp,
    is_off_in_the_end,
    measure_warm_up,
    percent,
    words,
)
from eyas.model import iso
from eyas.rules import Rules

FUTURES = 4
VARIANTS = ("mirrored", "shuffled")
Progress = Callable[[int, int], object]


class Checking:
    """Carry one check from its first run to its result."""

    def __init__(
        self, subject: Subject, feed: Feed, rules: Rules, seed: int, progress: Progress | None
    ) -> None:
        self.subject, self.feed, self.rules, self.seed = subject, feed, rules, seed
        self.progress = progress
        self.expected = 1
        self.findings: list[Finding] = []
        self.outside: list[Outside] = []
        self.doors = Doors(subject.given, feed)
        self.full = Trace()
        self.change: Change | None = None
        self.column: tuple[int, ColumnChange] | None = None
        self.chosen: list[int] = []  # where to cut, of which
        self.cuts: list[int] = []  # so many were needed
        self.futures: list[int] = []
        self.failures: dict[int, Trace] = {}
        self.warm_up: WarmUp | None = None
        self.is_of_values = False  # of what follows, and not just of how much follows

    def whole(self, cuts: int, exhaustive: bool, warm_ups: tuple[int, ...]) -> LookAhead:
        """Do everything, in order: what makes the rest meaningless ends it."""
        self.expected = 2 + cuts + 2 * FUTURES + 3
        with self.doors.watched():
            self.full = self.run(self.feed, after_start=self.look_outside)
        if self.refused(self.full):
            return self.result()
        self.fail_as_a_backtest_does()
        self.findings += by_rule(self.rules, self.full)
        if self.feed.market.in_turn:
            self.say(
                "sequential",
                "note",
                "clock=sequential: an instrument runs when those before it have ended, so what a strategy "
                "remembers of them, or earned with them, lies in its future; clock=merged has none of that",
            )
        if self.subject.is_arrays:
            self.say(
                "arrays",
                "unjudged",
                "these Signals are finished arrays, and nothing of them can be computed again; check a "
                "function that makes them from bars: eyas.check(lambda bars: eyas.Signals(...), bars)",
            )
            self.findings += foresight(self.full, self.feed, is_verified=False)
            return self.result()
        if self.is_deterministic():
            self.cut_everywhere(cuts, exhaustive)
            self.other_futures()
            self.tell_what_changed()
            self.tell_of_failures()
            if not self.looks_ahead:
                self.findings += from_outside(self)
                self.findings += extras_stamped_early(self)
                is_verified = not any(one.name == "outside" for one in self.findings)
                self.findings += foresight(self.full, self.feed, is_verified=is_verified)
            if warm_ups and not self.looks_ahead:
                self.measure(warm_ups)
        return self.result()

    @property
    def looks_ahead(self) -> bool:
        """Whether enough was found to say so."""
        return any(one.level == "fail" for one in self.findings)

    def run(self, feed: Feed, after_start: Any = None) -> Trace:
        """Run once, and say how far the check is."""
        trace = self.subject.run(feed, after_start=after_start)
        self.tick()
        return trace

    def tick(self) -> None:
        """Tell of one more run."""
        if self.progress:
            self.expected = max(self.expected, self.subject.runs)
            self.progress(self.subject.runs, self.expected)

    def say(self, name: str, level: str, text: str, column: str = "") -> None:
        """Add a finding."""
        self.findings.append(Finding(name, level, text, column))

    def look_outside(self, strategy: Any) -> None:
        """Remember what a strategy could read beside its bars, as it is when it has just started."""
        if not self.subject.is_factory:
            self.outside = outside_of(strategy, self.feed)

    def refused(self, trace: Trace) -> bool:
        """Tell whether eyas itself has stopped a run because it looked ahead, and say so."""
        if found := trace.refusal:
            row = int(found["row"])
            self.say(
                "refused", "fail", f"{trace.cause} (refused by eyas before the first bar)", found["label"]
            )
            bars = next(iter(self.feed.bars.values()))
            values = float(found["full"]), float(found["less"])
            self.column = (
                row,
                ColumnChange(found["label"], "", row, int(bars.time[min(row, len(bars) - 1)]), *values),
            )
            return True
        if trace.read_the_future:
            self.say("refused", "fail", f"{trace.error}; a series cannot be read later than now")
            return True
        return False

    def fail_as_a_backtest_does(self) -> None:
        """Raise what the strategy raised on whole data, but for an error on the very last bar."""
        error = self.full.error
        if error is None:
            return
        if self.full.failed_step == len(self.feed) - 1 and isinstance(self.full.cause, IndexError | KeyError):
            self.say("short_data", "warn", f"{error}: on the last bar, as what reads the bar after would")
            return
        if isinstance(error, StrategyError):
            raise error
        what = f"{type(error).__name__}: {error}"
        raise StrategyError(f"{self.subject.name} failed on all {len(self.feed):,} bars: {what}") from error

    def is_deterministic(self) -> bool:
        """Run whole data again, and tell whether the same is asked for."""
        again = self.run(self.feed)
        last = len(self.feed) - 1
        change = decision_change(self.full, again, self.feed, last, "in a second run")
        if change is None:
            return True
        self.say(
            "not_deterministic",
            "unjudged",
            f"two runs over the same data differ: bar {change.step} ({iso(change.time)}) "
            f"{change.full or 'nothing'}, then {change.less or 'nothing'}. Unless it decides the same each "
            "time (so: no chance without a seed, no clock, nothing that a run leaves behind for the next) it "
            "cannot be told whether it looks ahead",
        )
        return False

    # Cutting the future off.

    def cut_everywhere(self, cuts: int, exhaustive: bool) -> None:
        """Cut after each chosen step until a decision changes, and then look for an earlier one."""
        decided = sorted({one.step for one in self.full.decisions})
        chosen = list(choose_cuts(self.feed, decided, cuts, self.seed))
        if exhaustive:
            begin, last = first_step(self.feed), len(self.feed) - 2
            chosen = sorted({*chosen, *(step for step in decided if begin <= step <= last)})
            self.expected += len(chosen) - cuts
        self.chosen = chosen
        for step in chosen:
            self.change = self.cut(step)
            if self.change:
                break
        if self.change and not exhaustive:
            self.look_earlier(decided)

    def cut(self, step: int) -> Change | None:
        """Run on what is known after a step, and return the decision that changes, if one does."""
        less = self.run(self.feed.cut(step))
        self.cuts.append(step)
        return self.compared(less, step, f"cut after {step}")

    def compared(self, less: Trace, step: int, how: str) -> Change | None:
        """Compare a run that knew only what was known after a step, or something else from there on."""
        if less.error:
            self.failures[step] = less
        change = decision_change(self.full, less, self.feed, step, how)
        columns = column_changes(self.full, less, self.feed.closed(step), self.feed.running(step))
        column = next(iter(columns), None)
        judged = next((one for one in columns if one.is_judged), None)
        if judged and self.column is None:
            self.column = step, judged
        if change is None and column is None and not less.error and not self.feed.market.in_turn:
            reports = self.full.report, less.report
            if reports[0] and reports[1] and self.full.error is None:
                bar = journals_differ(reports[0].journal, reports[1].journal, step)
                if bar is not None:
                    self.say(
                        "fills", "fail", f"an event of bar {bar} changes, though no decision does ({how})"
                    )
        return change and replace(change, column=column)

    def look_earlier(self, decided: Sequence[int]) -> None:
        """Halve the decisions before the one that changed, to find one that changes earlier."""
        assert self.change is not None
        low, high = (
            bisect_right(decided, first_step(self.feed) - 1),
            bisect_right(decided, self.change.step - 1),
        )
        while low < high:
            middle = (low + high) // 2
            earlier = self.cut(decided[middle])
            if earlier is None:
                low = middle + 1
                continue
            self.change = earlier
            high = min(middle, bisect_right(decided, earlier.step - 1))

    # Other futures.

    def other_futures(self) -> None:
        """Let the data go on differently after some cuts: those that changed or failed, and a few others."""
        found = self.change.known_step if self.change else self.column[0] if self.column else None
        few = spread(self.chosen, FUTURES)
        steps = [*spread(sorted(self.failures), FUTURES), *few] if found is None else [found, *few]
        for step in dict.fromkeys(steps):
            for variant in VARIANTS[: 1 if found is None else 2]:
                other = self.run(self.feed.changed(step, variant, self.seed))
                self.futures.append(step)
                change = decision_change(self.full, other, self.feed, step, "with another future")
                columns = column_changes(self.full, other, self.feed.closed(step), self.feed.running(step))
                if change or (found is not None and columns):
                    # What follows matters, not only how much of it there is.
                    first = next(iter(columns), None)
                    self.change = self.change or (change and replace(change, column=first))
                    self.is_of_values = True
                    return

    def tell_what_changed(self) -> None:
        """Put the change into words: it goes by what follows, or by how much follows."""
        change = self.change
        if change is None and self.column is None:
            return
        if change is not None:
            name = change.column.name if change.column else ""
            what, end = f"what is asked at bar {change.step}", change.known_step
            by = f", and so does {name}" if name else ""
        else:
            assert self.column is not None
            end, judged = self.column
            what, name, by = f"{judged}: it", judged.name, " (no decision of those compared went by it)"
        if self.is_of_values:
            self.say("looks_ahead", "fail", f"{what} changes with the bars after it{by}", name)
            return
        self.say(
            "knows_the_end",
            "fail",
            f"{what} changes when the data end after bar {end}{by}, and in {len(self.futures)} tries it did "
            "not when they went on differently: so it knows how many bars there are, which nobody does as "
            "they come. Say a date or a number of bars where it takes a share of them, and leave the last "
            "bar alone",
            name,
        )

    def tell_of_failures(self) -> None:
        """Say on how few bars it fails, and whether it fails at the end of whatever it is given."""
        if not self.failures:
            return
        step, trace = max(self.failures.items())
        whole = {f"has shape ({len(bars)},)" for bars in self.feed.bars.values()}
        if isinstance(trace.error, UsageError) and any(shape in str(trace.error) for shape in whole):
            self.say(
                "outside",
                "fail",
                f"on the first {step + 1:,} bars it does not fit them ({trace.error}): it is made of "
                "something other than the bars that it is given",
            )
            return
        if self.refused(trace):
            return
        at_end = [cut for cut, one in self.failures.items() if one.failed_step == cut]
        is_beyond = len(at_end) == len(self.cuts) and isinstance(trace.cause, IndexError | KeyError)
        beyond = "; it fails on the last bar wherever that is, as what reads the bar after would"
        self.say(
            "short_data",
            "warn" if is_beyond else "note",
            f"it fails on the first {step + 1:,} bars"
            f"{' (and on any fewer that were tried)' if len(self.failures) > 1 else ''}: "
            f"{type(trace.cause).__name__}: {trace.cause}{beyond if is_beyond else ''}",
        )

    def measure(self, warm_ups: tuple[int, ...]) -> None:
        """Measure how much history its indicators need."""
        self.warm_up = measure_warm_up(self.subject, self.feed, self.full, warm_ups, self.tick)
        if self.warm_up is None:
            return
        judged = [one for one in self.warm_up.unsettled if one.is_judged]
        for one in judged:
            self.say(
                "warm_up",
                "warn",
                f"{one.name}{f' of {one.symbol}' if one.symbol else ''} depends on how much history was "
                f"loaded: with a later start it is off by {percent(one.final)} of its usual size in the end",
                one.name,
            )
        if judged or not self.warm_up.drifts:
            return
        if self.is_of_signals and self.never_forgets():
            shown = next(iter(self.warm_up.unsettled), None)
            name = shown.name if shown else ""
            self.tell_of_drift("the signals depend", f"; {name} does not settle" if name else "", name)
        elif not self.is_of_signals and (columns := self.reads_all()):
            self.tell_of_drift(
                "decisions depend", f", and on every bar {columns} is read from the first bar on", columns
            )

    def tell_of_drift(self, what: str, why: str, column: str) -> None:
        """Say that decisions depend on how much history was loaded."""
        assert self.warm_up is not None
        self.say(
            "warm_up",
            "warn",
            f"{what} on how much history was loaded: {self.warm_up.late_changed:,} of the last "
            f"{self.warm_up.late_compared:,} differ with a later start{why}",
            column,
        )

    def never_forgets(self) -> bool:
        """Tell whether decisions go by bars however long ago, and not just by the first ones."""
        assert self.warm_up is not None
        steps = len(self.feed)
        memory = min(self.warm_up.bars[-1], steps // 5)
        last = steps - memory - STRETCH
        other = self.run(self.feed.remade(int(last * 0.7), last))
        begin = self.feed.closed(last + memory // 2)
        one, two = (words([d for d in trace.decisions if d.time > begin]) for trace in (self.full, other))
        if len(one ^ two) > max(1, RARE * len(one | two)):
            return True
        unsettled = {(column.symbol, column.name) for column in self.warm_up.unsettled}
        others = {(column.symbol, column.name): column for column in other.columns}
        known = [one for one in self.full.columns if (one.symbol, one.name) in unsettled & others.keys()]
        return any(is_off_in_the_end(column, others[column.symbol, column.name]) for column in known)

    def reads_all(self) -> str:
        """Return the columns that are read from the first bar on again and again; nothing where none is."""
        spy = Spy()
        self.run(self.feed, after_start=spy.after_start)
        return ", ".join(sorted(spy.columns)) if len(spy.steps) > len(self.feed) // 4 else ""

    @property
    def is_of_signals(self) -> bool:
        """Whether what runs is arrays, so that no account can be the reason why decisions differ."""
        return self.full.strategy is not None and not hasattr(self.full.strategy, "on_bar")

    def result(self) -> LookAhead:
        """Return what was found, the worst first."""
        order = sorted(self.findings, key=lambda one: -LEVELS.index(one.level))
        return LookAhead(
            strategy=self.subject.name,
            findings=tuple(order),
            change=self.change,
            cuts=tuple(sorted(self.cuts)),
            changed_futures=tuple(sorted(set(self.futures))),
            steps=len(self.feed),
            decisions=len(self.full.decisions),
            columns=tuple(dict.fromkeys(one.name for one in self.full.columns if one.is_judged)),
            runs=self.subject.runs,
            seed=self.seed,
            warm_up=self.warm_up,
            first_time=self.feed.market.first_time,
            last_time=self.feed.end,
        )
