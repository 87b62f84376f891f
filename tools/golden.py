"""Record spec/golden/: a run of each preset, and one of a portfolio, that every host must reproduce.

`python -m tools.golden` plays them through the kernel and writes the pages; `--check` says which pages are
not what it would write. Bars and asks are random but seeded; asks depend on what the account holds by then.
The pages are in the language of spec/README.md, written by the runner that reads them. So that they are right
and not merely what the kernel happened to do, tests/tools/test_golden.py holds them against the reference.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from textwrap import fill

from eyas import Rules, presets
from tests.spec_run import Run
from tests.spec_tables import PRICES, Pairs, Row, Scenario, Step
from tools.golden_asks import Asks, Scene, desk, hawk, kline, lifecycle, stream
from tools.golden_everything import everything, portfolio
from tools.golden_market import Course, Dice, Market

GOLDEN = Path(__file__).parents[1] / "spec" / "golden"
AMOUNTS = ("equity", "cash", "free_cash", "used_margin", "position")
WIDTH = 118  # of prose
MADE = "<!-- Made by `python -m tools.golden`: change that, not this page. -->"


@dataclass(frozen=True)
class Page:
    """A page of spec/golden/: its market, and who asks what."""

    name: str
    title: str
    prose: str
    rules: Rules
    asks: Callable[[Scene], Asks]
    seed: int
    cash: str = "10000"
    steps: int = 120
    courses: tuple[Course, ...] = (Course(),)
    instruments: tuple[Pairs, ...] = ()
    columns: tuple[str, ...] = ()  # those of the optional ones that it has
    delisted: int | None = None  # the instrument of which there are no more bars after its last

    def scenario(self) -> Scenario:
        """Return the scenario without its steps."""
        usual = dict(presets.DEFAULT.texts())
        rules = [(name, text) for name, text in self.rules.texts() if text != usual[name]]
        return Scenario(f"golden/{self.name}.md", 1, self.title, rules, list(self.instruments), self.cash)


STEPPED = [("quantity_step", "1"), ("fill_volume", "0.1")]
PAGES = (
    Page(
        "hawk",
        "HAWK trades at the close with distances, trailing stops and leverage 25",
        "Entries fill at the close; stops, targets and trailing stops are distances; limit and stop "
        "orders live for a few bars. Too large an order is refused, and a margin call closes everything.",
        presets.HAWK,
        hawk,
        seed=44,
    ),
    Page(
        "stream",
        "STREAM enters at the next open with a stop and a ladder of targets",
        "Up to three tickets at leverage 3, each with a stop and up to three targets. Market orders and "
        "stops slip, and every fill has its fee. The quantity step, a table by instrument in STREAM, is "
        "0.001 here.",
        presets.STREAM.changed(quantity_step=0.001),
        stream,
        seed=115,
    ),
    Page(
        "lifecycle",
        "LIFECYCLE trades at the VWAP of the last five bars, in isolated tickets",
        "`given` is the price at which the last five bars traded on average. Tickets have a stop, a "
        "target and a time limit; they are added to where that betters every earlier entry, reduced, and "
        "their levels moved.",
        presets.LIFECYCLE,
        lifecycle,
        seed=77,
        columns=("volume", "given"),
    ),
    Page(
        "kline",
        "KLINE buys and sells at stated prices into one net position",
        "A cash account without shorts; most orders state a price inside the bar, some one outside it (a "
        "warning) or none (the close). At the end what is held stays held.",
        presets.KLINE,
        kline,
        seed=120,
    ),
    Page(
        "desk",
        "DESK holds one ticket at a time with levels as fractions",
        "A collateral account in whole units: its cash is the free cash. Signals close a ticket, or ask "
        "for a second one in vain.",
        presets.DESK,
        desk,
        seed=117,
    ),
    Page(
        "default",
        "The default market is asked for everything",
        "Bars of an hour, so that days end. Every kind of order and every option: pairs and chains of "
        "orders, orders that only reduce or must rest, immediate ones, amendments, trailing stops, break- "
        "evens, savings and payments.",
        presets.DEFAULT,
        everything,
        seed=93,
        courses=(Course(minutes=60),),
        columns=("time", "length"),
    ),
    Page(
        "portfolio",
        "Three instruments share one clock and one account",
        "Instrument 0 has a bar an hour, but for some; instrument 1 misses more, fills a tenth of its "
        "volume at most, and is delisted after hour 70; instrument 2 has a bar every fourth hour. Entries "
        "compete by rank; some bars bring a funding rate, and shorts pay for borrowing.",
        presets.DEFAULT.changed(leverage=3, fee_rate=0.0005, margin_call=1.0, borrow_rate=0.00005),
        portfolio,
        seed=102,
        cash="20000",
        steps=96,
        courses=(
            Course(minutes=60, missing=0.05),
            Course(minutes=60, missing=0.2, last=70),
            Course(minutes=60, every=4),
        ),
        instruments=(
            [("price_tick", "0.01"), ("slippage_ticks", "1"), ("price_decimals", "2")],
            [*STEPPED, ("maker_fee_rate", "0.0001"), ("slippage", "0.0002")],
            [("spread", "0.04"), ("fee_fixed", "0.5"), ("fee_rate", "0")],
        ),
        columns=("instrument", "time", "length", "volume", "funding"),
        delisted=1,
    ),
)


# --- recording ---


class Recorder(Run):
    """A scenario that is made while it runs: what came of each row is written into it."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.scenario(), in_words=True)
        self.page, self.dice = page, Dice(page.seed)
        self.market = Market(page.courses, page.columns, self.dice)

    def record(self) -> list[Row]:
        """Return the rows of the whole run."""
        rows = []
        number = 0
        for hour in range(self.page.steps):
            drawn = [replace(row, bar=str(number)) for row in self.market.rows(hour)]
            if drawn:
                rows += self.record_step(Step(str(number), [], drawn), hour)
                number += 1
        return [*rows, *self.record_step(Step("end", [], [Row(0, "end", volume="", journal="")]), -1)]

    def record_step(self, step: Step, hour: int) -> list[Row]:
        """Let a step come, ask what is to be asked, and return its rows with what came of them."""
        got, rows = self.come(step), []
        for row in step.rows:
            asked = []
            if row.has_prices:
                self.now.time = self.opening(step, row)
                for text in self.asks(row, hour):
                    asked.append(text)
                    got += self.ask(text, f"{self.page.name}: bar {row.bar}")
            rows.append(replace(row, ask="; ".join(asked), journal="; ".join(got)))
            got = []
        rows[-1] = replace(rows[-1], amounts={name: self.account.exact(name) for name in AMOUNTS})
        return rows

    def asks(self, row: Row, hour: int) -> Asks:
        """Draw what is asked in the decision of a row, one after another as the account answers."""
        gone = self.page.delisted
        if gone is not None and hour == self.page.courses[gone].last and row.instrument == 0:
            yield f"delist {gone}"
        yield from self.page.asks(Scene(self.account, self.dice, self.market.walks[row.instrument], row))


# --- writing ---


def text_of(page: Page) -> str:
    """Play a page, and return it as a table in prose."""
    scenario = page.scenario()
    before = [name for name in ("instrument", "time", "length") if name in page.columns]
    after = [name for name in ("volume", "given", "funding") if name in page.columns]
    columns = ["bar", *before, *PRICES, *after, "ask", "journal", *AMOUNTS]
    dashes = ["---" if name in ("ask", "journal") else "---:" for name in columns]
    settings = [f"Rules: {said(scenario.rules)}"] if scenario.rules else []
    settings += [f"Instrument: {said(terms)}" for terms in page.instruments]
    return "\n".join(
        [
            MADE,
            "",
            f"# A recorded run: {page.name}",
            "",
            fill(page.prose, WIDTH, break_on_hyphens=False),
            "",
            f"### {page.title}",
            "",
            *settings,
            f"Cash: {page.cash}",
            "",
            line(columns),
            f"|{'|'.join(dashes)}|",
            *(line([cell(row, name) for name in columns]) for row in Recorder(page).record()),
            "",
        ]
    )


def said(pairs: Pairs) -> str:
    """Return rules as a line of settings says them."""
    return " ".join(f"{name}={text}" for name, text in pairs)


def line(cells: list[str]) -> str:
    """Return a row of a table."""
    return "|" + "".join(f" {text} |" if text else " |" for text in cells)


def cell(row: Row, name: str) -> str:
    """Return what stands in a column of a row."""
    if name in PRICES:
        return row.prices[PRICES.index(name)]
    if name in AMOUNTS:
        return row.amounts.get(name, "")
    if name == "instrument" and not row.has_prices:
        return ""
    return str(getattr(row, name))


# --- the two ways to call it ---


def write(folder: Path) -> None:
    """Write every page, and take away those that are no longer made."""
    folder.mkdir(exist_ok=True)
    for page in PAGES:
        (folder / f"{page.name}.md").write_text(text_of(page), encoding="utf-8")
    for path in surplus(folder):
        path.unlink()


def surplus(folder: Path) -> list[Path]:
    """Return the pages that are there but not made."""
    made = {f"{page.name}.md" for page in PAGES}
    return [path for path in sorted(folder.glob("*.md")) if path.name not in made]


def differences(folder: Path) -> list[str]:
    """Return for each page that is not as it would be written where it first differs."""
    found = [f"{path.name}: nobody makes this page" for path in surplus(folder)]
    for page in PAGES:
        path = folder / f"{page.name}.md"
        if not path.exists():
            found.append(f"{path.name}: the page is missing")
            continue
        lines = (text.split("\n") for text in (path.read_text(encoding="utf-8"), text_of(page)))
        pairs = enumerate(zip_longest(*lines, fillvalue="(nothing)"), start=1)
        wrong = next(((number, pair) for number, pair in pairs if pair[0] != pair[1]), None)
        if wrong:
            number, (is_there, made) = wrong
            found.append(f"{path.name}:{number}: there is\n  {is_there}\nbut recorded is\n  {made}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description="Record the runs of spec/golden/.")
    parser.add_argument("--check", action="store_true", help="say which pages differ, and write nothing")
    if not parser.parse_args(arguments).check:
        write(GOLDEN)
        return 0
    found = differences(GOLDEN)
    print("\n".join(found) or f"{len(PAGES)} pages are as recorded")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
