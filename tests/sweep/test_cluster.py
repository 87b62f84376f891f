"""A sweep on a Ray cluster of two nodes is the sweep of one process: row for row, whatever dies meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from eyas.sweep.cluster_worker import Release
from tools.machine import IN_CI
from tools.ray_cluster import Cluster

pytestmark = pytest.mark.cluster
DRIVER = Path(__file__).with_name("cluster_driver.py")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Run a cluster; nothing of it is left afterwards."""
    if find_spec("ray") is None or find_spec("grpc") is None:
        missing = "no Ray here: pip install 'ray[client]'"
        pytest.fail(f"in CI nothing is skipped: {missing}") if IN_CI else pytest.skip(missing)
    home = Path.home() / ".ray"
    before = home.exists()
    with Cluster() as cluster:
        yield cluster
    assert cluster.processes() == []
    assert not cluster.folder.exists()
    assert home.exists() == before


def drive(cluster: Cluster, scenario: str, **env: str) -> dict[str, Any]:
    """Run a scenario of the driver in a program of its own, and return what it found."""
    command = [sys.executable, str(DRIVER), scenario, str(cluster.port), str(cluster.client_port)]
    done = subprocess.run(
        command,
        env={**cluster.env, **env},
        cwd=cluster.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{scenario} failed: {done.stdout[-3_000:]}\n{done.stderr[-5_000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "stdout": done.stdout.splitlines()[:-1], "stderr": done.stderr}


def test_every_way_to_a_cluster_gives_the_same_rows(cluster: Cluster) -> None:
    found = drive(cluster, "same")
    assert found["equal"] == [True] * 3
    assert found["reasons"] == [True] * 3
    assert found["digests"] > 100
    assert len(found["refused"]) == 1
    assert "nine and forty are refused" in found["refused"][0]
    assert found["left_as_found"]
    assert "already connected" in found["elsewhere"]
    assert found["stdout"] == []
    assert found["stderr"] == ""


def test_a_machine_that_is_no_node_searches_through_the_client(cluster: Cluster) -> None:
    found = drive(cluster, "client")
    assert found["count"] == 24
    assert found["equal"]


def test_a_killed_worker_changes_nothing(cluster: Cluster) -> None:
    found = drive(cluster, "worker_killed")
    assert found["killed"] == 1
    assert found["equal"]


def test_ctrl_c_keeps_what_is_done(cluster: Cluster) -> None:
    found = drive(cluster, "stopped")
    interrupted, count = found["half"]
    assert interrupted
    assert 30 < count < 200
    assert found["resumed"]
    assert found["equal"]


def test_what_cannot_be_is_refused_in_a_sentence(cluster: Cluster) -> None:
    found = drive(cluster, "refused")
    said = found["said"]
    assert found["here"] in said["release"]
    assert str(Release("0.0.9", "abc", "def", "3.10")) in said["release"]
    assert "has not called" in said["ray"]
    assert "must be 'ray://host:10001'" in said["tcp://here"]
    for address in ("127.0.0.1:1", "ray://127.0.0.1:1"):
        assert f"no Ray cluster answers at {address}" in said[address]


def test_without_its_token_a_cluster_says_what_to_copy(cluster: Cluster) -> None:
    nowhere = cluster.folder / "nowhere"
    nowhere.mkdir()
    found = drive(cluster, "no_token", HOME=str(nowhere))
    assert "copy .ray/auth_token" in found["said"]
    assert "RAY_AUTH_MODE=token" in found["said"]


def test_a_killed_node_changes_nothing(cluster: Cluster) -> None:
    """The last one: the cluster has one node afterwards."""
    second = " ".join(map(str, cluster.second_node()))
    found = drive(cluster, "node_killed", SECOND_NODE=second)
    assert found["killed"] > 1
    assert found["equal"]
