"""The scripts of the page can be inlined, and compute what they should."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from eyas.reports.page import ASSETS as SHARED
from eyas.sweep.page import ASSETS, SCRIPTS
from tools.machine import IN_CI, find_node


def test_every_asset_is_used() -> None:
    used = {path.name for path in SCRIPTS if path.parent == ASSETS}
    assert {path.name for path in ASSETS.iterdir()} == used | {"sweep.css", "sweep.html.jinja"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_inlined(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"</script|<!--", text, re.IGNORECASE)
    assert not re.search(r"\beval\(|\bnew Function\b|\bimport\(|\bfetch\(|XMLHttpRequest|WebSocket", text)
    assert "\r" not in text


def run_scripts(*codes: str) -> list[Any]:
    """Run the scripts that draw nothing with some code in Node, and return what each piece evaluates to."""
    node = find_node()
    if node is None:
        reason = "no Node here: apt-get install nodejs"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    paths = [SHARED / "format.js", SHARED / "order.js"]
    paths += [
        ASSETS / f"{name}.js"
        for name in ("study", "measures", "scale", "cells", "spread", "points", "filter")
    ]
    # Classes that build on others come after them, and a plot is needed by none of these.
    order = [path for path in paths if path.name not in ("spread.js", "points.js")]
    later = [ASSETS / f"{name}.js" for name in ("points", "spread", "front")]
    texts = [path.read_text(encoding="utf-8") for path in [*order, *later]]
    said = ",".join(
        f"(() => {{ try {{ return {code}; }} catch (error) {{ return error.message; }} }})()"
        for code in codes
    )
    program = "\n".join(
        ['"use strict";', *texts, "const ticksOf = null;", f"console.log(JSON.stringify([{said}]));"]
    )
    run = subprocess.run([node, "-e", program], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    found: list[Any] = json.loads(run.stdout)
    return found


COMPUTED = {
    "valueText(0.1 + 0.2)": "0.3",
    "valueText(1234567)": "1234567",
    "valueText(-0.25)": "−0.25",
    "valueText(true)": "true",
    "roundTicks(0, 1, 4)": [0, 0.25, 0.5, 0.75, 1],
    "roundTicks(-3, 12, 5)": [0, 5, 10],
    "roundTicks(5, 5, 4)": [5],
    "tickLabels([0, 0.5, 1], { text: ratioText })": ["0.0", "0.5", "1.0"],
    "tickLabels([0.1, 0.15], { text: shareText })": ["10\u00a0%", "15\u00a0%"],
    "roundPowers(0.02, 3, 10)": [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
    "roundPowers(0.001, 300, 4)": [0.001, 0.01, 0.1, 1, 10, 100],
    "isLogarithmic([0.001, 0.01, 0.1, 1])": True,
    "isLogarithmic([1, 2, 3, 4])": False,
    "isLogarithmic([-1, 0, 100])": False,
    "shareText(0.1234)": "12.34\u00a0%",
    "shareText(1e9)": "100B\u00a0%",
    "ratioText(Infinity)": "∞",
    "ratioText(NaN)": "–",
    "medianOf([3, 1, 2, 10])": 2.5,
    "weightedMedian([3, 1, 2, 10], [1, 1, 1, 1])": 2.5,
    "weightedMedian([1, 2, 3], [1, 1, 5])": 3,
    "binned([0, 4], { low: 0, high: 4 }, [1, 3]).bins.filter((count) => count)": [1, 3],
    "rangeOf([1, 2, 3, NaN])": {"low": 1, "high": 3, "isCutLow": False, "isCutHigh": False},
    "((it) => [it.high < 10, it.isCutHigh])(rangeOf([...Array(200).keys(), 1e6].map((i) => i / 100)))": [
        *(True, True),
    ],
    "bestOf({ scores: [NaN, 2, 5, 5, 1] }, [0, 1, 3, 2])": 3,
    "bestOf({ scores: [NaN] }, [0])": 0,
    "rankCorrelation([1, 2, 3, 4], [10, 20, 30, 40])": 1,
    "rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])": -1,
    "rankCorrelation([1, 1, 2, 2], [1, 2, 1, 2])": 0,
    "binned([0, 1, 2, 3, 4, 99], { low: 0, high: 4 }).bins.reduce((a, b) => a + b)": 6,
    "everyKept('a = fade')": [0],
    "everyKept('a != \"Fade\", x > 1')": [2],
    "everyKept('x >= 50%')": [0, 1, 2],
    "everyKept('')": [0, 1, 2],
    "everyKept('x > one')": "one is no number",
    "everyKept('a > 3')": "a is a word: compare it with = or !=",
    "everyKept('y > 3')": "there is no column y: there are a, x",
    "everyKept('x >')": "“x >” is no condition such as sharpe > 1",
}


def test_what_the_scripts_compute() -> None:
    columns = """[
        { name: "a", isWord: true, key: (i) => ["fade", "follow", "follow"][i] },
        { name: "x", key: (i) => [0.5, 1, 2][i] },
    ]"""
    codes = [code.replace("everyKept(", f"kept({columns}, ") for code in COMPUTED]
    helper = "[0, 1, 2].filter(filterOf(text, columns))"
    codes = [
        re.sub(r"^kept\((.*), ('.*')\)$", rf"((columns, text) => {helper})(\1, \2)", code, flags=re.DOTALL)
        for code in codes
    ]
    assert dict(zip(COMPUTED, run_scripts(*codes), strict=True)) == COMPUTED


def test_colours_turn_where_the_sign_does() -> None:
    palette = {name: f"rgb({place * 3}, {place}, 0)" for place, name in enumerate(
        ["map-loss-3", "map-loss-2", "map-loss-1", "map-zero", "map-gain-1", "map-gain-2", "map-gain-3",
         "map-plain-0", "map-plain-1", "map-plain-2", "map-plain-3"]
    )}  # fmt: skip
    given = json.dumps(palette)
    colour = (
        f"((low, high, centre, value) => colourScale({{ low, high }}, {{ centre }}, {given}).colour(value))"
    )
    asked = ["-2, 1, 0, -2", "-2, 1, 0, 0", "-2, 1, 0, 1", "-1, 2, 0, 2", "1, 2, 0, 2", "-2, -1, 0, -2"]
    found = run_scripts(
        *(f"{colour}({one})" for one in [*asked, "0, 9, undefined, 9", "0, 9, undefined, 99"])
    )
    assert found[0] == "rgb(0,0,0)"  # the farthest loss
    assert found[1] == "rgb(9,3,0)"  # nothing
    assert found[2] == "rgb(14,5,0)"  # half as far to the other side is half as strong
    assert found[3] == found[4] == "rgb(18,6,0)"  # the farthest gain
    assert found[5] == "rgb(0,0,0)"
    assert found[6] == found[7] == "rgb(30,10,0)"  # what lies beyond has the colour of the end


# Places run to the right and downwards; between two trials the line goes through the worse of both.
WAYS = {
    (True, True): [[1, 2], [1, 4], [3, 4], [3, 9], [8, 9]],
    (False, False): [[1, 2], [3, 2], [3, 4], [8, 4], [8, 9]],
    (True, False): [[1, 9], [1, 4], [3, 4], [3, 2], [8, 2]],
    (False, True): [[1, 9], [3, 9], [3, 4], [8, 4], [8, 2]],
}


@pytest.mark.parametrize("ways", WAYS)
def test_the_front_runs_around_what_it_beats(ways: tuple[bool, bool]) -> None:
    spots = {tuple(spot) for spot in WAYS[ways][::2]}
    given = json.dumps([list(spot) for spot in sorted(spots, reverse=True)])
    rises = json.dumps(ways)
    (found,) = run_scripts(
        f"""((spots, [across, up], drawn) => {{
            const context = {{ beginPath() {{}}, stroke() {{}}, lineTo: (...to) => drawn.push(to) }};
            const plot = {{ context, palette: {{}} }};
            const stops = spots.map((_, i) => i);
            const view = {{ isWhole: true, stops, across: {{ rises: across }}, up: {{ rises: up }} }};
            const place = (side) => ({{ place: (trial) => spots[trial][side] }});
            FrontView.prototype.before.call(view, plot, {{ x: place(0), y: place(1) }});
            return drawn;
        }})({given}, {rises}, [])"""
    )
    assert found == WAYS[ways]
