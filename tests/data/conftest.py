"""What the tests of bad input share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eyas.data import bars
from eyas.errors import DataError


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str | bytes | None], str]:
    """Return what loading a file says, in an empty folder; it is written first, unless its text is None."""
    monkeypatch.chdir(tmp_path)

    def load(path: str, text: str | bytes | None) -> str:
        if text is not None:
            Path(path).write_bytes(text.encode() if isinstance(text, str) else text)
        with pytest.raises(DataError) as caught:
            bars(path)
        return str(caught.value)

    return load
