"""A file is written whole or not at all, and only where a file can be."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from eyas.errors import UsageError
from eyas.reports.drafts import whole_file
from eyas.reports.html import write_whole


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.html"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match=r"is a device, a pipe or a socket and no file"):
        write_whole("text", pipe)
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


@pytest.mark.parametrize("path", [None, 5, b"report.html", "a\0b.html"])
def test_what_is_no_path_is_named(path: Any) -> None:
    with pytest.raises(UsageError, match=r"the path of a file is .* must be text such as 'report\.html'"):
        write_whole("text", path)


def test_a_name_that_is_too_long_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written .*; choose another path"):
        write_whole("text", tmp_path / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_stays_when_a_person_interrupts(tmp_path: Path) -> None:
    path = tmp_path / "run.eyas"
    path.write_text("before")

    def write() -> None:
        with whole_file(path) as draft:
            draft.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real.html", tmp_path / "link.html"
    link.symlink_to(real)
    write_whole("text", link)
    assert link.is_symlink()
    assert real.read_text() == "text"
