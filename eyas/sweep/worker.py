"""A worker process: it gets the work once and chunks of parameters, and answers with rows."""

from __future__ import annotations

import os
import pickle
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

from eyas.errors import EyasError
from eyas.sweep.columns import read_shared
from eyas.sweep.work import Work, run_trials, unpacked


def main(answers: int, lifeline: int, columns: int) -> None:
    """Work until the other end of `answers` closes; the arguments are descriptors that it handed on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to act on
    Thread(target=leave_when_orphaned, args=(lifeline,), daemon=True).start()
    with Connection(answers) as connection, suppress(EOFError, ConnectionError):  # the parent has had enough
        try:
            work = load(connection, columns)
        except (EOFError, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - it imports and builds what a user wrote
            connection.send(("unloadable", f"{type(error).__name__}: {error}"))
            return
        connection.send(("ready", os.getpid()))
        while True:
            number, parameters = connection.recv()
            connection.send((number, answer(work, parameters)))


def load(connection: Connection[Any, Any], columns: int) -> Work:
    """Return the work that the parent sends first."""
    places = pickle.loads(connection.recv_bytes())
    return unpacked(connection.recv_bytes(), read_shared(columns, places))


def answer(work: Work, parameters: list[dict[str, Any]]) -> Any:
    """Return the rows of a chunk, or the error that ends the sweep."""
    try:
        return run_trials(work, parameters)
    except EyasError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the parent has to hear of it, whatever it is
        return EyasError(f"a worker failed: {type(error).__name__}: {error}")


def leave_when_orphaned(lifeline: int) -> None:
    """End this process when the parent is gone, even in the middle of a trial."""
    os.read(lifeline, 1)  # nobody writes: it returns when the last holder of the other end is gone
    os._exit(1)
