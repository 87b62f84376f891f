"""Share a guided search between processes and machines, through Optuna's own storage.

Everybody searches in memory, and shares through the storage who runs what, and what it came to.
A trial is claimed by creating it, running, with its parameters; creation is atomic and numbers the trials, so
that of two who claim the same parameters the lower number has them, and of too many the higher ones give up.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.sweep.figures import TRIAL_DTYPE
from eyas.sweep.guided_axes import Axes, key_of
from eyas.sweep.guided_sampler import Judged, quiet
from eyas.sweep.guided_storage import GRACE, is_gone, opened, process_name, storage_address, study_of

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

    from eyas.sweep.objective import Direction

HEARTBEAT_S = 10
"""How often a machine says that it still runs a trial."""
JOINED, CLAIMED, FOUND = "eyas:joined", "eyas:by", "eyas:found"


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what a trial came to: its row, what its Report told, and why it came to nothing."""

    row: np.void
    told: Sequence[float] = ()
    message: str = ""

    def packed(self, judged: Judged) -> dict[str, Any]:
        """Return it as JSON can say it."""
        row = base64.b64encode(self.row.tobytes()).decode()
        return {"row": row, "told": list(self.told), "message": self.message, "violation": judged.violation}

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> Found:
        """Return what was packed."""
        row: np.void = np.frombuffer(base64.b64decode(packed["row"]), dtype=TRIAL_DTYPE)[0]
        return cls(row, tuple(packed["told"]), str(packed["message"]))


@dataclass(frozen=True, slots=True)
class Finished:
    """Hold a trial that somebody has finished: its number in the study, its parameters and its row."""

    number: int
    parameters: dict[str, Any]
    judged: Judged
    found: Found


class Shared:
    """Claim, finish and read the trials of a study that others work on too.

    `study_facts` says by name what makes trials comparable: who joins with other facts is refused.
    """

    def __init__(
        self,
        url: str,
        study: str,
        directions: Sequence[Direction],
        axes: Axes,
        study_facts: Mapping[str, str],
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        import optuna

        self.address = storage_address(url)
        self.axes = axes
        self.heartbeat_s = heartbeat_s
        self.running: dict[int, int] = {}
        """Trials that this machine runs: Optuna's id by number."""
        self.keys: dict[int, str] = {}
        self.first_seen_s: dict[int, float] = {}
        self.checked_s = 0.0
        self.me = process_name()
        with quiet(), self._naming():
            self.rdb = opened(self.address, heartbeat_s)
            try:
                self.storage: BaseStorage = optuna.storages._CachedStorage(self.rdb)
                self.study_id = study_of(self.storage, study, directions)
                self.study = optuna.load_study(study_name=study, storage=self.storage)
                self.place = self._join(study, study_facts)
            except BaseException:
                self._hang_up()
                raise
        self.over = threading.Event()
        self.beating = threading.Thread(target=self._beat, name="eyas heartbeat", daemon=True)
        self.beating.start()

    def claim(self, wanted: Sequence[Mapping[str, Any]], trials_max: int) -> list[int | None]:
        """Claim parameters to run here; return a trial's number for each, None where it is not ours to run.

        Not ours is what somebody has claimed before, and what would be more than `trials_max` trials in all.
        """
        from optuna.trial import TrialState, create_trial

        made: list[tuple[int, int]] = []
        with quiet(), self._naming():
            for parameters in wanted:
                template = create_trial(
                    state=TrialState.RUNNING,
                    params=self.axes.drawn(parameters),
                    distributions=self.axes.distributions,
                    user_attrs={CLAIMED: self.me},
                )
                identity = self.storage.create_new_trial(self.study_id, template_trial=template)
                made.append((self.storage.get_trial(identity).number, identity))
            ours = set(list(self.owners().values())[:trials_max])
            for number, identity in made:
                if number in ours:
                    self.running[number] = identity
                else:
                    self._end(identity, TrialState.FAIL)
        return [number if number in ours else None for number, _ in made]

    def finish(self, number: int, judged: Judged, found: Found) -> None:
        """Keep what a trial came to; its row first, so that whoever sees it finished sees its row."""
        from optuna.trial import TrialState

        identity = self.running.pop(number)
        with quiet(), self._naming():
            try:
                self.storage.set_trial_user_attr(identity, FOUND, found.packed(judged))
            except _finished_already():
                return  # we were taken for dead, and somebody else runs it again
            if judged.values is None:
                self._end(identity, TrialState.PRUNED)
            else:
                self._end(identity, TrialState.COMPLETE, judged.values)

    def finished(self, but: Container[int] = ()) -> list[Finished]:
        """Return all trials that anybody has finished, in order of their numbers, but some."""
        with quiet(), self._naming():
            done = [
                trial for trial in self._claims() if FOUND in trial.user_attrs and trial.state.is_finished()
            ]
        done = [trial for trial in done if trial.state.name != "FAIL" and trial.number not in but]
        return [self._finished(trial) for trial in sorted(done, key=lambda trial: trial.number)]

    def done_count(self) -> int:
        """Return how many trials are finished."""
        with quiet(), self._naming():
            return sum(1 for trial in self._claims() if trial.state.name in ("COMPLETE", "PRUNED"))

    def is_quiet(self) -> bool:
        """Whether nobody runs anything."""
        with quiet(), self._naming():
            return all(trial.state.is_finished() for trial in self._claims())

    def owners(self) -> dict[str, int]:
        """Return the number of the trial that has a parameter set, for each that runs or has run."""
        from optuna.trial import TrialState

        owners: dict[str, int] = {}
        for trial in sorted(self._claims(), key=lambda trial: trial.number):
            if trial.state != TrialState.FAIL:
                owners.setdefault(self._key(trial), trial.number)
        return owners

    def orphans(self) -> list[dict[str, Any]]:
        """Return the parameter sets that somebody has claimed and died over, to be run again."""
        from optuna.trial import TrialState

        self._bury()
        with quiet(), self._naming():
            owned = self.owners()
            dead = [trial for trial in self._claims() if trial.state == TrialState.FAIL]
            found = {self._key(trial): self.axes.parameters(trial.params) for trial in dead}
        return [parameters for key, parameters in found.items() if key not in owned]

    def leave(self) -> None:
        """Give up what is not finished, so that others need not wait for it."""
        from optuna.trial import TrialState

        self.over.set()
        self.beating.join()
        with quiet(), self._naming():
            for identity in self.running.values():
                self._end(identity, TrialState.FAIL)
            self.running.clear()
            self._hang_up()

    def _hang_up(self) -> None:
        self.rdb.remove_session()
        self.rdb.engine.dispose()

    def _claims(self) -> list[FrozenTrial]:
        trials = self.storage.get_all_trials(self.study_id, deepcopy=False)
        return [trial for trial in trials if CLAIMED in trial.user_attrs]

    def _key(self, trial: FrozenTrial) -> str:
        if trial.number not in self.keys:
            self.keys[trial.number] = key_of(self.axes.parameters(trial.params))
        return self.keys[trial.number]

    def _finished(self, trial: FrozenTrial) -> Finished:
        packed = trial.user_attrs[FOUND]
        values = tuple(trial.values) if trial.values else None
        judged = Judged(values, float(packed["violation"]))
        return Finished(trial.number, self.axes.parameters(trial.params), judged, Found.unpacked(packed))

    def _end(self, identity: int, state: Any, values: Sequence[float] | None = None) -> None:
        try:
            self.storage.set_trial_state_values(identity, state, values)
        except _finished_already():
            return  # somebody took us for dead

    def _join(self, study: str, study_facts: Mapping[str, str]) -> int:
        """Say that we take part, and return how many joined before; the first one's facts are the study's.

        A joining is a trial that never runs: creating one is the only thing that is atomic in every storage.
        """
        from optuna.trial import TrialState, create_trial

        facts = dict(study_facts)
        with quiet(), self._naming():
            hello = create_trial(state=TrialState.FAIL, user_attrs={JOINED: facts, "eyas:host": self.me})
            identity = self.storage.create_new_trial(self.study_id, template_trial=hello)
            mine = self.storage.get_trial(identity).number
            trials = self.storage.get_all_trials(self.study_id, deepcopy=False)
        if not any(JOINED in trial.user_attrs for trial in trials if trial.number == 0):
            raise UsageError(f"the study {study} in {self.address} was not made by eyas: name another")
        first = trials[0].user_attrs[JOINED]
        other = sorted(name for name in first.keys() | facts.keys() if first.get(name) != facts.get(name))
        if other:
            said = "; ".join(f"{name} is {facts.get(name)}, there {first.get(name)}" for name in other)
            raise UsageError(
                f"the study {study} in {self.address} is another one ({said}): "
                "name another study, or make them equal"
            )
        return sum(1 for trial in trials if trial.number < mine and JOINED in trial.user_attrs)

    def _bury(self) -> None:
        """Fail the trials of those who are dead: silent for long, or of this machine and gone."""
        import optuna
        from optuna.trial import TrialState

        now_s = time.monotonic()
        with quiet(), self._naming():
            if not self.checked_s or now_s - self.checked_s >= self.heartbeat_s:
                self.checked_s = now_s
                optuna.storages.fail_stale_trials(self.study)
            for trial in self._claims():
                if trial.state != TrialState.RUNNING or trial.number in self.running:
                    continue
                # Killed before its first heartbeat, a trial has none that could grow old.
                seen_s = self.first_seen_s.setdefault(trial.number, now_s)
                is_mute = now_s - seen_s > 2 * GRACE * self.heartbeat_s and not self._has_beaten(trial)
                if is_mute or is_gone(trial.user_attrs[CLAIMED]):
                    self._end(trial._trial_id, TrialState.FAIL)

    def _has_beaten(self, trial: FrozenTrial) -> bool:
        from sqlalchemy import text

        query = text("SELECT count(*) FROM trial_heartbeats WHERE trial_id = :identity")
        with self.rdb.engine.connect() as connection:
            return bool(connection.execute(query, {"identity": trial._trial_id}).scalar())

    def _beat(self) -> None:
        while not self.over.wait(self.heartbeat_s):
            for identity in list(self.running.values()):
                try:
                    self.rdb.record_heartbeat(identity)
                except Exception:  # noqa: BLE001 - a beat that is missed is made up for by the next
                    break
        self.rdb.remove_session()

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Say of an error of the storage where it is, without its password."""
        from optuna.exceptions import StorageInternalError
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (SQLAlchemyError, StorageInternalError) as error:
            cause = error.__cause__ or error
            said = self.address.hide(" ".join(str(getattr(cause, "orig", None) or cause).split()))
            raise UsageError(f"the storage {self.address} does not answer: {said[:300]}") from None


def _finished_already() -> type[Exception]:
    from optuna.exceptions import UpdateFinishedTrialError

    return UpdateFinishedTrialError
