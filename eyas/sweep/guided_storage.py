"""The storage that machines share: how it is opened, and how the living are told from the dead."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.data.database.address import LOCKED_TIMEOUT_S, Address, address_of
from eyas.errors import UsageError

if TYPE_CHECKING:
    from optuna.storages import BaseStorage, RDBStorage

    from eyas.sweep.objective import Direction

GRACE = 6
"""Heartbeats that a machine may miss before it is taken for dead."""
ATTEMPTS = 5


def storage_address(url: str) -> Address:
    """Return the address of a storage. Raises UsageError for what is no URL of PostgreSQL or SQLite."""
    scheme = url.partition("://")[0]
    if "://" not in url or scheme.partition("+")[0] not in ("postgresql", "postgres", "sqlite"):
        raise UsageError(
            "storage is the URL of a database that machines share, 'postgresql://user:password@host/name', "
            "or that processes of one machine share, 'sqlite:///study.db'; a sweep's own file is store="
        )
    return address_of(url)


def opened(address: Address, heartbeat_s: float) -> RDBStorage:
    """Open Optuna's storage, making its tables where there are none."""
    from optuna.storages import RDBStorage
    from sqlalchemy import event
    from sqlalchemy.exc import DatabaseError

    options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    if address.file is not None:
        options["connect_args"] = {"timeout": LOCKED_TIMEOUT_S}

    def once() -> RDBStorage:
        return RDBStorage(
            address.url.render_as_string(hide_password=False),
            engine_kwargs=options,
            heartbeat_interval=max(1, round(heartbeat_s)),
            grace_period=max(1, round(GRACE * heartbeat_s)),
        )

    for attempt in range(1, ATTEMPTS):
        try:
            rdb = once()
            break
        except DatabaseError as error:  # two make the same tables at once: the second finds them made
            if "exist" not in str(error) and "unique" not in str(error).lower():
                raise
            time.sleep(0.2 * attempt)
    else:
        rdb = once()
    if address.file is not None:
        event.listen(rdb.engine, "connect", fast_and_safe)
        rdb.engine.dispose()
    return rdb


def fast_and_safe(connection: Any, _: Any) -> None:
    """Let SQLite write ahead: a transaction costs a tenth, and survives a killed process all the same."""
    for setting in ("journal_mode = wal", "synchronous = normal"):
        connection.execute(f"PRAGMA {setting}")


def study_of(storage: BaseStorage, name: str, directions: Sequence[Direction]) -> int:
    """Return the number of the study, made when it is not there. Raises UsageError for other objectives."""
    from optuna.exceptions import DuplicatedStudyError
    from optuna.study import StudyDirection

    wanted = [StudyDirection[direction.upper()] for direction in directions]
    try:
        return storage.create_new_study(wanted, name)
    except DuplicatedStudyError:
        study_id = storage.get_study_id_from_name(name)
    there = storage.get_study_directions(study_id)
    if there != wanted:
        said = ", ".join(direction.name.lower() for direction in there)
        raise UsageError(f"the study {name} has other objectives ({said}): name another study")
    return study_id


def process_name() -> str:
    """Return host, machine, process and its start: a process that has its number later is another."""
    return f"{socket.gethostname()} {machine()} {os.getpid()} {started(os.getpid())}"


def machine() -> str:
    """Return what tells this machine, since it was started, and this container from others."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - it is no path of a file
    except OSError:
        return "unknown"


def started(process: int) -> str:
    """Return when a process started, in ticks since boot; nothing when there is none here."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def is_gone(name: str) -> bool:
    """Whether a name is of a process of this machine that lives no more."""
    try:
        _, where, process, start = name.rsplit(" ", 3)
        return where == machine() != "unknown" and started(int(process)) != start
    except ValueError:
        return False
