"""What a sweep has done is kept: killed at any moment it goes on, to the same table, bit for bit."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import eyas
from eyas.errors import DataError, UsageError
from eyas.sweep import study, sweep
from eyas.sweep.identity import hash_of_code
from tests.sweep.strategies import BARS, Arrays, Counting, Cross, Picky

ROOT = Path(__file__).parents[2]
GRID: dict[str, Any] = {"fast": range(5, 25), "slow": range(30, 50)}
BITCOIN = eyas.sample("BTCUSDT", "1m")[:1_500]
LARGE: dict[str, Any] = {"engine": "python", "fast": range(5, 35), "slow": range(30, 70)}
TRIALS, KILLS = 600, 3  # half of LARGE

RUN = """
    import sys
    sys.path.insert(0, {root!r})
    from eyas.sweep import sweep
    from tests.sweep import test_store as own
    found = sweep(own.Counting, own.BITCOIN, path={lines!r}, workers={workers}, store={store!r},
                  progress=lambda done, *more: print(done, flush=True), **own.LARGE, {search})
    assert not found.interrupted
    open({table!r}, "wb").write(own.table_of(found))
"""


def table_of(found: Any) -> bytes:
    """Return everything that a sweep says of its trials."""
    return bytes(found.numbers.tobytes() + found.codes.tobytes() + found.rows.tobytes())


@pytest.mark.parametrize(
    ("workers", "search"),
    [
        (2, {"where": lambda p: (p.fast + p.slow) % 2}),
        (1, {"search": "random", "trials": TRIALS, "seed": 4}),
    ],
)
def test_killed_again_and_again_it_comes_to_the_same_table(
    workers: int, search: dict[str, Any], tmp_path: Path
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - it brings a failure back
    chance = random.Random(seed)
    lines, table = tmp_path / "lines", tmp_path / "table"
    words = "where=lambda p: (p.fast + p.slow) % 2" if "where" in search else f"**{search!r}"
    files = {"lines": str(lines), "store": str(tmp_path / "a.sweep"), "table": str(table)}
    code = textwrap.dedent(RUN.format(root=str(ROOT), search=words, workers=workers, **files))
    for goal in sorted(chance.sample(range(1, TRIALS - 100), KILLS)):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            while int(process.stdout.readline()) < goal:
                pass
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=chance.uniform(0, 0.01))
            process.kill()
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    runs = Counter(lines.read_text().splitlines())
    assert len(runs) == TRIALS
    assert sum(runs.values()) - TRIALS <= TRIALS / 100 * KILLS
    undisturbed = sweep(Counting, BITCOIN, path=str(lines), workers=1, **LARGE, **search)
    assert table.read_bytes() == table_of(undisturbed)


def test_what_is_stored_is_not_run_again(tmp_path: Path) -> None:
    store, lines = tmp_path / "a.sweep", tmp_path / "lines"

    def stop(done: int, total: Any, best: Any) -> None:
        if done > 100:
            raise KeyboardInterrupt

    options: dict[str, Any] = {"engine": "python", "workers": 1, "store": store, "path": str(lines), **GRID}
    half = sweep(Counting, BARS, progress=stop, **options)
    assert half.interrupted
    assert 100 < len(half) < 400
    assert f"run the same sweep again with store='{store}' to go on" in str(half).replace("\n", " ")
    whole = sweep(Counting, BARS, **options)
    assert whole.course.resumed == len(half)
    assert len(whole) == len(lines.read_text().splitlines()) == 400
    again = sweep(Counting, BARS, **options)
    assert again.course.ran == 0
    assert again.rows.tobytes() == whole.rows.tobytes()
    assert again.best == whole.best
    other = sweep(Counting, BARS, objective="-trades", constraints=lambda row: row.trades > 3, **options)
    assert other.course.ran == 0  # what is looked for does not change what was run
    assert other.best["trades"] == whole.rows["trades"][whole.rows["trades"] > 3].min()


def test_sentences_and_values_are_stored_too(tmp_path: Path) -> None:
    def trades(report: eyas.Report) -> float:
        return len(report.trades)

    options: dict[str, Any] = {
        "engine": "python",
        "store": tmp_path / "a.sweep",
        "objective": trades,
        "workers": 1,
    }
    first = sweep(Picky, BARS, fast=range(5, 10), slow=[20, 30], **options)
    again = sweep(Picky, BARS, fast=range(5, 10), slow=[20, 30], **options)
    assert again.course.ran == 0
    assert again.reasons == first.reasons
    assert len(again.reasons) == 6
    assert again.values.tobytes() == first.values.tobytes()


def test_a_large_grid_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "COUNTED_MAX", 10)
    asked: list[int] = []

    def where(p: Any) -> bool:
        asked.append(p.fast)
        return bool((p.fast + p.slow) % 3)

    def stop(done: int, total: Any, best: Any) -> None:
        assert total is None
        if done > 4_000:
            raise KeyboardInterrupt

    grid: dict[str, Any] = {
        "fast": range(2, 102),
        "slow": range(110, 230),
        "where": where,
        "engine": "arrays",
    }
    half = sweep(Arrays, BARS[:60], store=tmp_path / "a.sweep", progress=stop, **grid)
    assert half.total is None
    asked.clear()
    whole = sweep(Arrays, BARS[:60], store=tmp_path / "a.sweep", **grid)
    assert len(whole) == whole.total == 8_000
    assert min(asked) > 30
    plain = sweep(Arrays, BARS[:60], **grid)
    assert plain.rows.tobytes() == whole.rows.tobytes()
    assert plain.codes.tobytes() == whole.codes.tobytes()


def test_more_random_trials_are_added(tmp_path: Path) -> None:
    options: dict[str, Any] = {"engine": "arrays", "store": tmp_path / "a.sweep", "search": "random", **GRID}
    first = sweep(Arrays, BARS, trials=50, **options)
    more = sweep(Arrays, BARS, trials=80, **options)
    assert more.course.resumed == 50
    assert more.rows[:50].tobytes() == first.rows.tobytes()
    with pytest.raises(UsageError, match=r"has 80 trials already: say trials=80 or more"):
        sweep(Arrays, BARS, trials=60, **options)


def test_another_study_in_the_file_is_refused_naming_what_differs(tmp_path: Path) -> None:
    store = tmp_path / "a.sweep"
    options: dict[str, Any] = {"engine": "python", "workers": 1, "store": store}
    sweep(Cross, BARS, fast=[5, 6], slow=[20, 30], **options)
    for changed, sentence in (
        ({"fast": [5, 7]}, r"parameters: fast: 5, 6; slow: 20, 30 there, fast: 5, 7; slow: 20, 30 here"),
        ({"fee_rate": 0.001}, r"rules: the usual there, fee_rate=0.001 here"),
        ({"cash": 5_000}, r"cash: 10000 there, 5000 here"),
        ({"where": lambda p: p.fast}, r"where: none there, "),
        ({"search": "random", "trials": 2, "seed": 9}, r"search: grid there, random, seed 9 here"),
    ):
        given = {"fast": [5, 6], "slow": [20, 30], **changed, **options}
        with pytest.raises(
            UsageError, match=r"holds another study, which cannot go on as this one \(" + sentence
        ):
            sweep(Cross, BARS, **given)
    with pytest.raises(UsageError, match=r"\(data of AAPL: \w+"):
        sweep(Cross, BARS[:200], fast=[5, 6], slow=[20, 30], **options)
    with pytest.raises(UsageError, match=r"\(strategy: Cross \w+ there, Picky \w+ here"):
        sweep(Picky, BARS, fast=[5, 6], slow=[20, 30], **options)
    assert sweep(Cross, BARS, fast=[5, 6], slow=[20, 30], **options).course.ran == 0


def test_two_at_once_on_one_store_are_refused(tmp_path: Path) -> None:
    store = tmp_path / "a.sweep"
    options: dict[str, Any] = {"engine": "python", "workers": 1, "store": store, **GRID}
    sentences = []

    def meanwhile(done: int, total: Any, best: Any) -> None:
        if not sentences:
            code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import tests.sweep.test_store as own; "
            code += f"own.second({str(store)!r})"
            done_there = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            )
            sentences.append(done_there.stdout.strip())

    own = sweep(Cross, BARS, progress=meanwhile, **options)
    assert sentences == [
        f"store: {store} is in use by another sweep: wait until it ends, or give another file"
    ]
    assert len(own) == 400


def second(store: str) -> None:
    """Try the same sweep in another process."""
    try:
        sweep(Cross, BARS, engine="python", workers=1, store=store, **GRID)
    except (UsageError, DataError) as error:
        print(error)  # noqa: T201 - to the test


def test_a_full_disk_ends_it_and_loses_nothing(tmp_path: Path) -> None:
    store = tmp_path / "a.sweep"
    code = f"""
        import resource, sys
        sys.path.insert(0, {str(ROOT)!r})
        import tests.sweep.test_store as own
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        own.second({str(store)!r})
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"store: {store} takes no more (")
    assert "what was kept is kept" in done.stdout
    own = sweep(Cross, BARS, engine="python", workers=1, store=store, **GRID)
    assert 10 < own.course.resumed < 400
    assert own.rows.tobytes() == sweep(Cross, BARS, engine="python", workers=1, **GRID).rows.tobytes()


def test_files_that_are_no_study_are_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.sweep"
    text.write_text("fast,slow\n" * 200)
    base = tmp_path / "other.db"
    with sqlite3.connect(base) as other:
        other.execute("CREATE TABLE prices (time INTEGER)")
    other.close()
    before = base.read_bytes()
    for path, sentence in (
        (text, r"text.sweep is not a study of a sweep \(file is not a database\): give another file"),
        (base, r"other.db is a database, but not one of a sweep: give another file"),
        (tmp_path / "none" / "a.sweep", r"there is no folder"),
        (tmp_path, r"cannot be"),
    ):
        with pytest.raises(UsageError, match=sentence):
            sweep(Cross, BARS, fast=[5, 6], engine="python", workers=1, store=path)
    assert text.read_text() == "fast,slow\n" * 200
    assert base.read_bytes() == before


def test_the_same_code_has_the_same_hash_everywhere_and_other_code_another() -> None:
    def class_of(body: str, helper: str = "return 1") -> type:
        space: dict[str, Any] = {"eyas": eyas, "__name__": "made"}
        exec(
            textwrap.dedent(f"""
            LIMIT = 5
            def helper():
                '''Say something.'''
                {helper}
            class Made(eyas.Strategy):
                fast: int = 5
                def on_bar(self, bar):
                    # a comment
                    {body}
            """),
            space,
        )
        made: type = space["Made"]
        return made

    plain = hash_of_code(class_of("self.buy(helper())"))
    assert hash_of_code(class_of("self.buy(helper())  # said otherwise")) == plain
    assert hash_of_code(class_of("self.buy(helper() + 1)")) != plain
    assert hash_of_code(class_of("self.buy(helper())", "return 2")) != plain
    elsewhere = (
        "from tests.sweep.strategies import Picky; from eyas.sweep.identity import hash_of_code; "
        "print(hash_of_code(Picky))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", elsewhere], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == hash_of_code(Picky)
