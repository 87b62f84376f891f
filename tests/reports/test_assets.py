"""The vendored library is what its notice says, and the scripts read what Python wrote."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from typing import Any

import numpy as np
import pytest

from eyas.reports.benchmark import Benchmark
from eyas.reports.chart import chart_data, level_data
from eyas.reports.page import ASSETS, LIBRARY, SCRIPTS, STYLES
from tests.reports.full_pages import made_levels, with_extras
from tests.reports.pages import made_bars, made_trades
from tools.machine import IN_CI, find_node

NEED_NO_BROWSER = ("data.js", "format.js", "levels.js", "columns.js")


def test_the_vendored_library_is_the_one_of_the_notice() -> None:
    notice = dict(
        re.findall(r"^(package|version|file|sha256): (\S+)", (ASSETS / "NOTICE").read_text(), re.MULTILINE)
    )
    library = (ASSETS / notice["file"]).read_bytes()
    assert notice["file"] == LIBRARY
    assert hashlib.sha256(library).hexdigest() == notice["sha256"]
    assert f"v{notice['version']}".encode() in library[:200]
    assert "Apache License" in (ASSETS / "lightweight-charts.LICENSE").read_text()


def test_every_asset_is_used() -> None:
    used = {
        "early.js",
        *SCRIPTS,
        LIBRARY,
        *STYLES,
        "template.html.jinja",
        "NOTICE",
        "lightweight-charts.LICENSE",
    }
    assert {path.name for path in ASSETS.iterdir()} == used


@pytest.mark.parametrize("name", ["early.js", *SCRIPTS, LIBRARY])
def test_scripts_can_be_inlined(name: str) -> None:
    text = (ASSETS / name).read_text(encoding="utf-8")
    assert not re.search(r"</script|<!--", text, re.IGNORECASE)
    assert not re.search(r"\beval\(|\bnew Function\b|\bimport\(|\bfetch\(|XMLHttpRequest|WebSocket", text)
    assert "\r" not in text


def run_scripts(code: str, data: Any = None) -> Any:
    """Run the scripts that need no browser with some code in Node, and return what the code evaluates to."""
    node = find_node()
    if node is None:
        reason = "no Node here: apt-get install nodejs"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    texts = [(ASSETS / name).read_text(encoding="utf-8") for name in NEED_NO_BROWSER]
    read = 'const given = JSON.parse(require("fs").readFileSync(0, "utf8"));'
    program = "\n".join(['"use strict";', *texts, read, f"console.log(JSON.stringify({code}));"])
    run = subprocess.run(
        [node, "-e", program], input=json.dumps(data), capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_the_script_reads_what_python_wrote() -> None:
    bars = made_bars(300, step_ns=250_000_001)
    average = np.where(np.arange(300) < 9, np.nan, bars.close / 3)
    trades = made_trades(bars, 20)
    data = chart_data(bars, bars.close, trades, {"a": average})
    # JSON has no typed arrays and no NaN: arrays come as lists, NaN as null.
    code = """(() => {
        const run = decodeRun(given);
        const lists = (value) => ArrayBuffer.isView(value) ? Array.from(value) : value;
        return JSON.parse(JSON.stringify(run, (_, value) => lists(value)));
    })()"""
    found = run_scripts(code, data)
    assert found["candles"]["count"] == 300
    assert found["candles"]["close"] == bars.close.tolist()
    assert found["curve"]["equity"]["last"] == bars.close.tolist()
    times = found["candles"]["time"]
    assert times["seconds"] == (bars.time // 10**9).tolist()
    assert times["parts"] == (bars.time % 10**9).tolist()
    assert found["trades"]["profit"] == trades["profit"].to_list()
    assert found["trades"]["exit_reason"] == trades["exit_reason"].to_list()
    assert found["trades"]["entryCandle"] == trades["entry_bar"].to_list()
    lines = found["indicators"][0]["values"]
    assert lines[:9] == [None] * 9
    np.testing.assert_allclose(lines[9:], average[9:], rtol=1e-7)


def test_merged_candles_hold_the_trades_of_their_bars() -> None:
    bars = made_bars(40_000)
    data = chart_data(bars, bars.close, made_trades(bars, 5), {})
    found = run_scripts("Array.from(decodeRun(given).trades.exitCandle)", data)
    assert found == [bar // 2 for bar in made_trades(bars, 5)["exit_bar"].to_list()]


def test_the_script_reads_notes_levels_and_the_benchmark() -> None:
    bars = made_bars(300)
    trades = with_extras(made_trades(bars, 20))
    held = np.where(np.arange(300) < 9, np.nan, np.round(bars.close / 6, 2))
    data = chart_data(bars, bars.close, trades, {}, benchmark=Benchmark("Buy and hold", held, bars.time))
    levels = made_levels(trades)
    data["levels"] = level_data(levels, data["candle_width"])
    code = """(() => {
        const run = decodeRun(given);
        const { note, exit_note, mfe_rate, mae_rate } = run.trades;
        return {
          note, exit_note, mfe_rate: [...mfe_rate], mae_rate: [...mae_rate],
          levels: [...run.levels], name: run.curve.benchmark.name, held: [...run.curve.benchmark.values],
          searched: searchTexts(run),
        };
    })()"""
    found = run_scripts(code, data)
    assert found["note"] == trades["note"].to_list()
    assert found["exit_note"] == trades["exit_note"].fill_null("").to_list()
    assert found["mfe_rate"] == trades["mfe_rate"].to_list()
    assert found["mae_rate"] == trades["mae_rate"].to_list()
    assert found["name"] == "Buy and hold"
    assert found["held"] == [None] * 9 + held[9:].tolist()
    assert found["searched"][0] == f"stop loss\n{trades['note'][0]}\ncrossed back".lower()
    names = ("trade", "isStop", "start", "end", "price")
    read = [
        (trade, "stop_loss" if level["isStop"] else "take_profit", *(level[name] for name in names[2:]))
        for trade, several in found["levels"]
        for level in several
    ]
    assert read == levels.rows()


def test_levels_are_placed_over_whole_candles_between_entry_and_exit() -> None:
    code = """(() => {
        const timeScale = { options: () => ({ barSpacing: 10 }), logicalToCoordinate: (i) => 10 * i };
        const series = { priceToCoordinate: (price) => 1000 - price };
        const levels = new Map([[3, [
          { isStop: true, start: 2, end: 2, price: 90 },
          { isStop: true, start: 3, end: 6, price: 95 },
        ]]]);
        const place = (trade) => placeLevels({ trade, entryX: 20, exitX: 60 }, levels, timeScale, series);
        const many = Array.from({ length: 13 }, (_, trade) => ({ trade }));
        return {
          placed: place(3), none: place(4), range: levelRange(levels.get(3)), noRange: levelRange(undefined),
          few: tradesWithLevels(many.slice(1), 5).length, crowd: tradesWithLevels(many, 5),
          nobody: tradesWithLevels(many, -1),
        };
    })()"""
    found = run_scripts(code)
    assert found["placed"] == [
        {"isStop": True, "left": 20, "right": 25, "y": 910},
        {"isStop": True, "left": 25, "right": 60, "y": 905},
    ]
    assert found["none"] == []
    assert found["range"] == {"priceRange": {"minValue": 90, "maxValue": 95}}
    assert found["noRange"] is None
    assert (found["few"], found["crowd"], found["nobody"]) == (12, [{"trade": 5}], [])


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("fixed(1234.5, 2)", "1,234.50"),
        ("fixed(-1234.5, 0)", "−1,235"),
        ("fixed(-0.004, 2)", "0.00"),
        ("fixed(NaN, 2)", "–"),
        ("signed(3, 1)", "+3.0"),
        ("signed(-3, 1)", "−3.0"),
        ("percent(0.01234)", "1.23\u00a0%"),
        ("percent(Infinity)", "–"),
        ("signedPercent(0.5)", "+50.00\u00a0%"),
        ("moneyDecimals([10, -250])", 2),
        ("moneyDecimals([0.00012])", 6),
        ("moneyDecimals([])", 2),
        ("priceDecimals({decimals: 2, high: [61435.41]})", 2),
        ("priceDecimals({decimals: 5, high: [1.08234]})", 5),
        ("priceDecimals({decimals: 6, high: [101.234567]})", 3),
        ("priceDecimals({decimals: 8, high: [0.00001234]})", 8),
        ("priceDecimals({decimals: -4, high: [3e20]})", 0),
    ],
)
def test_numbers_as_text(code: str, text: object) -> None:
    assert run_scripts(code) == text


@pytest.mark.parametrize(
    ("per_second", "steps", "text"),
    [
        (1, [0, 86400], "2026-05-29"),
        (1, [60, 60], "2026-05-28 00:02"),
        (1, [61, 60], "2026-05-28 00:02:01"),
        (1000, [61_000, 60_025], "2026-05-28 00:02:01.025"),
        (10**9, [61 * 10**9, 7], "2026-05-28 00:01:01.000000007"),
        (1000, [0, -1], "2026-05-27 23:59:59.999"),
    ],
)
def test_times_as_text(per_second: int, steps: list[int], text: str) -> None:
    column = {"start": 1_779_926_400, "per_second": per_second, "steps": steps}
    assert run_scripts("timeText(decodeTimes(given), 1)", column) == text


def test_numbers_in_notes_have_minus_signs_and_words_keep_their_hyphens() -> None:
    notes = ["gap -0.5 · low -.2", "-3", "BTC-2 mean-3", "2026-06-10", "(-1)"]
    wanted = ["gap −0.5 · low −.2", "−3", "BTC-2 mean-3", "2026-06-10", "(−1)"]
    assert run_scripts(f"{json.dumps(notes)}.map(noteText)") == wanted
    assert run_scripts(f"{json.dumps(wanted)}.map(hyphened)") == notes
