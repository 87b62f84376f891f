"""A search that several programs share: nothing runs twice, nothing is lost, whoever is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import eyas
from eyas.sweep.guided import Guided, Settings, guide
from eyas.sweep.guided_axes import Axes
from eyas.sweep.guided_sampler import Judged
from eyas.sweep.guided_shared import Found, Shared
from eyas.sweep.guided_storage import is_gone, process_name
from eyas.sweep.objective import aim_of
from tests.sweep import guided_driver
from tests.sweep.guided_help import Pretend, search, space_of, table

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("guided_driver.py")
TRIALS = 32


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty storage."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/study.db"
    found: str = request.getfixturevalue("postgresql")
    return found


def started(url: str, mode: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(DRIVER), url, str(TRIALS), mode]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=env, text=True, **pipes)  # type: ignore[call-overload, no-any-return]


def found_by(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert err == ""
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def trials_of(url: str) -> list[Any]:
    """Return the trials as Optuna's own reader sees them."""
    import optuna

    with_driver = url.replace("postgresql://", "postgresql+psycopg://")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name="eyas", storage=with_driver)
    trials = study.get_trials()
    study._storage.remove_session()
    study._storage._backend.engine.dispose()  # type: ignore[attr-defined]
    return trials


def test_two_programs_share_one_study(url: str) -> None:
    both = [started(url, "meet"), started(url, "meet")]
    for one in both:  # both have begun before either goes on
        assert one.stdout is not None
        assert one.stdout.readline() == "first\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    first, second = (found_by(one) for one in both)
    assert first["keys"] == second["keys"]
    assert first["rows"] == second["rows"]
    assert first["reasons"] == second["reasons"]
    assert len(set(first["keys"])) == TRIALS
    assert first["ran"] + second["ran"] == TRIALS
    assert min(first["ran"], second["ran"]) > 0
    ended = [trial for trial in trials_of(url) if trial.state.name in ("COMPLETE", "PRUNED")]
    assert len(ended) == TRIALS
    assert max(trial.value for trial in ended if trial.value is not None) > 0


def test_what_a_killed_program_left_is_run_by_the_next(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    killed = started(url, "die")
    _, err = killed.communicate(timeout=60)
    assert killed.returncode == -9
    assert err == ""
    left = [trial for trial in trials_of(url) if trial.state.name == "RUNNING"]
    done = [trial for trial in trials_of(url) if trial.state.name in ("COMPLETE", "PRUNED")]
    assert len(left) > 0
    assert len(done) > 0
    again = guided_driver.main(url, str(TRIALS), "run")
    assert len(set(again["keys"])) == TRIALS
    assert again["ran"] == TRIALS - len(done)
    after = trials_of(url)
    assert [trial.state.name for trial in after if trial.number in {one.number for one in left}] == [
        "FAIL"
    ] * len(left)
    told = [tuple(trial.params.items()) for trial in after if trial.state.name in ("COMPLETE", "PRUNED")]
    assert {tuple(one.params.items()) for one in left} <= set(told)
    assert len(told) == len(set(told)) == TRIALS


def shared_of(url: str, heartbeat_s: float = 60, **facts: str) -> Shared:
    return Shared(url, "eyas", ["maximize"], Axes(space_of()), facts, heartbeat_s)


def row() -> Any:
    return Pretend().rows([{"fast": 5, "slow": 30}]).rows[0]


def test_of_two_who_claim_the_same_one_has_it(url: str) -> None:
    one, other = shared_of(url), shared_of(url)
    assert (one.place, other.place) == (0, 1)
    a, b, c = ({"fast": 5, "slow": slow} for slow in (30, 31, 32))
    mine = one.claim([a, b], 3)
    theirs = other.claim([b, c, a], 3)
    assert None not in mine
    assert [number is None for number in theirs] == [True, False, True]
    # A fourth would be more than three in all.
    assert one.claim([{"fast": 6, "slow": 30}], 3) == [None]
    number = mine[0]
    assert number is not None
    one.finish(number, Judged((0.5,)), Found(row(), (0.5,), "fine"))
    seen = other.finished()
    assert [(found.number, found.parameters, found.judged) for found in seen] == [(number, a, Judged((0.5,)))]
    assert seen[0].found.row.tobytes() == row().tobytes()
    assert (seen[0].found.told, seen[0].found.message) == ((0.5,), "fine")
    assert other.finished(but={number}) == []
    # What somebody gives up is run by another.
    one.leave()
    left = other.orphans()
    assert b in left
    assert a not in left
    assert c not in left
    other.leave()


def test_who_is_taken_for_dead_comes_too_late(url: str) -> None:
    from optuna.trial import TrialState

    one, other = shared_of(url), shared_of(url)
    (number,) = one.claim([{"fast": 5, "slow": 30}], 9)
    assert number is not None
    other.storage.set_trial_state_values(one.running[number], TrialState.FAIL)
    assert other.orphans() == [{"fast": 5, "slow": 30}]
    (again,) = other.claim(other.orphans(), 9)
    assert again is not None
    one.finish(number, Judged((0.5,)), Found(row()))
    other.finish(again, Judged((0.5,)), Found(row()))
    assert [found.number for found in one.finished()] == [again]
    one.leave()
    other.leave()


def test_who_is_silent_for_long_is_dead(url: str) -> None:
    from sqlalchemy import text

    one, far = shared_of(url), shared_of(url)
    far.me = "far elsewhere 1 1"
    a, b, c = ({"fast": 5, "slow": slow} for slow in (30, 31, 32))
    beaten, old, mute = (number for number in far.claim([a, b, c], 9) if number is not None)
    assert one.orphans() == []
    for number in (beaten, old):
        far.rdb.record_heartbeat(far.running[number])
    with one.rdb.engine.begin() as connection:
        said = "UPDATE trial_heartbeats SET heartbeat = '2020-01-01 00:00:00' WHERE trial_id = :identity"
        connection.execute(text(said), {"identity": far.running[old]})
    one.checked_s = 0.0  # as if a heartbeat later
    assert one.orphans() == [b]
    one.first_seen_s = dict.fromkeys((beaten, mute), -1e9)  # as if seen long ago
    assert one.orphans() == [b, c]
    one.leave()
    far.leave()


def test_who_waits_takes_over_from_the_dead(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    dying = started(url, "meet")
    assert dying.stdout is not None
    assert dying.stdout.readline() == "first\n"

    def kill() -> None:
        dying.kill()
        dying.communicate(timeout=60)

    found = guided_driver.main(url, str(TRIALS), "run", first=kill)
    assert len(set(found["keys"])) == TRIALS
    assert found["ran"] == TRIALS  # it had claimed two batches, and told none


def test_what_two_have_run_is_one_row(tmp_path: Path) -> None:
    from optuna.trial import TrialState

    url = f"sqlite:///{tmp_path}/study.db"
    guided = Guided(space_of(), aim_of("sharpe", ()), Settings("tpe", 8, storage=url), 2)
    batch = guided.ask()
    other = shared_of(url, objective="sharpe")
    assert guided.shared is not None
    # The other takes us for dead, and runs all of it again before we say what we have found.
    for identity in guided.shared.running.values():
        other.storage.set_trial_state_values(identity, TrialState.FAIL)
    parameters = [asked.drawn.parameters for asked in batch]
    for number in other.claim(parameters, 8):
        assert number is not None
        other.finish(number, Judged((0.5,)), Found(row()))
    for asked in batch:
        asked.found = Found(row())
    guided.tell(batch)
    assert guided.news() == []
    assert guided.ask() == []
    assert guided.is_over()
    guided.close()
    other.leave()


def test_another_study_is_refused_by_name(url: str) -> None:
    one = shared_of(url, cash="10000", data="abc")
    with pytest.raises(eyas.UsageError, match="cash is 5, there 10000"):
        shared_of(url, cash="5", data="abc")
    with pytest.raises(eyas.UsageError, match="other objectives"):
        Shared(url, "eyas", ["minimize"], Axes(space_of()), {})
    with pytest.raises(eyas.UsageError, match="name another study"):
        shared_of(url, data="abc")
    again = shared_of(url, cash="10000", data="abc")
    assert again.place > 0
    again.leave()
    one.leave()


def test_a_study_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    import optuna

    url = f"sqlite:///{tmp_path}/study.db"
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(study_name="eyas", storage=url, direction="maximize")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    study._storage.remove_session()
    study._storage._backend.engine.dispose()  # type: ignore[attr-defined]
    with pytest.raises(eyas.UsageError, match="not made by eyas"):
        shared_of(url)


def test_one_alone_on_a_storage_finds_what_it_finds_in_memory(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    alone = search(Pretend(), Settings("tpe", 40, seed=3))
    kept = search(Pretend(), Settings("tpe", 40, seed=3, storage=url))
    assert [one[1:] for one in table(kept)] == [one[1:] for one in table(alone)]
    # Who comes later sees all of it, and runs more.
    later = Pretend()
    more = search(later, Settings("tpe", 50, seed=3, storage=url))
    assert (len(more), len(later.ran)) == (50, 10)
    assert table(more)[:40] == table(kept)


def test_a_search_that_is_stopped_gives_up_what_it_claimed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    executor = Pretend()
    guided = Guided(space_of(), aim_of("sharpe", ()), Settings("tpe", 40, storage=url), 2)
    told = guide(guided, executor, lambda given: None)
    next(told)
    told.close()
    guided.close()
    states = [trial.state.name for trial in trials_of(url)]
    assert "RUNNING" not in states
    assert len(search(Pretend(), Settings("tpe", 40, storage=url))) == 40


def test_the_dead_are_told_from_the_living() -> None:
    me = process_name()
    assert not is_gone(me)
    host, machine, process, start = me.rsplit(" ", 3)
    assert is_gone(f"{host} {machine} {process} {int(start) + 1}")  # its number, but another process
    assert not is_gone(f"{host} elsewhere {process} {int(start) + 1}")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert is_gone(f"{host} {machine} {ended.pid} 1")
    assert not is_gone("nobody knows")
