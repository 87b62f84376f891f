"""Every name has a folder of its own, whatever the file system makes of cases, slashes and dots."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eyas.data.catalog import Catalog
from eyas.data.catalog.names import folder_of, name_of
from eyas.errors import UsageError
from tests.data.catalog.made import alike, bars

WICKED = (
    *("BTC/USDT:USDT", "..", ".", "...", "a/../b", "/", "\\", "~", "$HOME", "x;rm -rf .", "a\nb", "\0"),
    *("%2e%2e", "@2F", ",", ",,a,", "CON", "con", "nul.txt", "LPT1", "BRK.b", "brk.B", "1m", "1M", "é"),
    *("e\u0301", "ſ", "ß", "İ", "日本", "a=b", "*", "?", " ", "manifest.json", "-rf", "'", '"', "[a-z]*"),
    *("'; DROP TABLE bars; --", "{x}", "#", "+", "&"),
)  # fmt: skip
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20) | st.text(
    "aAbB./,@", min_size=1, max_size=6
)


@given(names, st.booleans())
@example(name="..", upper=True)
@example(name="İ", upper=False)
def test_a_name_comes_back(name, upper):
    folder = folder_of(name, upper=upper)
    assert name_of(folder, upper=upper) == name
    assert name_of(folder.lower(), upper=upper) == name_of(folder.upper(), upper=upper) == name
    assert folder.isascii()
    assert not set(folder) & set('/\\:*?"<>|%~$ \0\n')
    assert not folder.startswith(".")
    assert not folder.endswith(".")


@given(names, names, st.booleans())
def test_two_names_never_meet(one, other, upper):
    meet = folder_of(one, upper=upper).lower() == folder_of(other, upper=upper).lower()
    assert meet == (one == other)


def test_usual_names_stay_readable():
    assert folder_of("BTCUSDT", upper=True) == "BTCUSDT"
    assert folder_of("binance") == "binance"
    assert (folder_of("1m"), folder_of("1M")) == ("1m", "1,m")


def test_a_name_that_is_none_is_refused():
    for name in ("", "x" * 300, "\ud800", None):
        with pytest.raises(UsageError):
            folder_of(name)
    for folder in ("a b", "@4", "%41", ""):
        with pytest.raises(ValueError, match=f"^{folder}$"):
            name_of(folder)


def test_wicked_names_are_kept_apart(tmp_path):
    root = tmp_path / "deep" / "catalog"
    catalog = Catalog(root)
    for number, name in enumerate(WICKED):
        catalog.add(bars(number + 1, symbol=name, shift=number), venue="v")
        catalog.add(bars(number + 1, symbol="X", shift=number), venue=name)
    assert len(catalog.series()) == 2 * len(WICKED)
    for number, name in enumerate(WICKED):
        assert alike(catalog.load(name, "1m", venue="v"), bars(number + 1, shift=number))
        assert alike(catalog.load("X", "1m", venue=name), bars(number + 1, shift=number))
    assert [one.name for one in tmp_path.rglob("*") if root not in one.parents] == ["deep", "catalog"]
    assert catalog.verify() == ()
    for name in WICKED:
        catalog.remove(name, "1m", venue="v")
        catalog.remove("X", "1m", venue=name)
    assert [one.name for one in root.iterdir()] == [".lock"]


def test_what_others_put_there_is_not_touched(tmp_path):
    catalog = Catalog(tmp_path)
    catalog.add(bars(10), venue="v")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "a b/c d/e f").mkdir(parents=True)
    (tmp_path / "v/BTCUSDT/empty").mkdir()
    (tmp_path / ".downloads/v/BTCUSDT").mkdir(parents=True)
    for name in ("1m.json", "1h.json"):
        (tmp_path / ".downloads/v/BTCUSDT" / name).write_text("{}")
    assert len(catalog.series()) == 1
    catalog.add(bars(20), venue="v")
    catalog.remove("BTCUSDT", "1m")
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert [one.name for one in (tmp_path / ".downloads/v/BTCUSDT").iterdir()] == ["1h.json"]
