"""A page is one file that holds the run, escaped, small and whole."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from eyas.data.quality.check import check
from eyas.errors import UsageError
from eyas.model import Bars
from eyas.reports.benchmark import Benchmark
from eyas.reports.page import Shown, render_page, write_page
from eyas.reports.sections import Section
from tests.reports.full_pages import full_page, made_definition, made_levels, with_extras
from tests.reports.pages import (
    data_of,
    made_bars,
    made_page,
    made_trades,
    read_numbers,
    read_times,
    read_words,
)

NASTY = "</script><b>\u2028 & 'one' \"two\" <!-- <script>"


class Tags(HTMLParser):
    """Collect the tags of a page with their attributes, and its text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in ("script", "style"):
            self.text += data


def test_the_data_in_the_page_is_the_run() -> None:
    page = made_page(indicators={"sma": np.full(600, 60_000.25)})
    data = data_of(render_page(page))
    np.testing.assert_array_equal(read_times(data["candles"]["time"]), page.bars.time)
    np.testing.assert_array_equal(read_numbers(data["candles"]["close"]), page.bars.close)
    np.testing.assert_array_equal(read_numbers(data["curve"]["equity"]["last"]), page.equity)
    np.testing.assert_array_equal(read_numbers(data["trades"]["profit"]), page.trades["profit"].to_numpy())
    assert read_words(data["trades"]["exit_reason"]) == page.trades["exit_reason"].to_list()


def test_the_page_shows_what_it_was_given() -> None:
    text = Tags(render_page(made_page(remarks=["3 orders were refused."]))).text
    for words in (
        "Cross on BTCUSDT 1m",
        "2026-05-28 20:27 to 2026-05-29 06:26 UTC",
        "600 bars",
        "3 orders were refused.",
        "Sharpe",
        "1.32",
        "slow",
        "TradingView, Inc.",
        "Apache License 2.0",
    ):
        assert words in text


def test_whatever_a_user_names_stays_text() -> None:
    trades = made_trades(made_bars(600), 3).with_columns(exit_reason=pl.lit(NASTY), direction=pl.lit(NASTY))
    page = made_page(
        bars=replace(made_bars(600), symbol=NASTY, timeframe=NASTY),
        title=NASTY,
        trades=trades,
        figures=[(NASTY, NASTY)],
        settings=[(NASTY, NASTY)],
        remarks=[NASTY],
        indicators={NASTY: np.ones(600)},
    )
    html = render_page(page)
    plain = render_page(
        made_page(trade_count=3, remarks=["one"], figures=[("a", "b")], settings=[("a", "b")])
    )
    assert [tag for tag, _ in Tags(html).tags] == [tag for tag, _ in Tags(plain).tags]
    assert Tags(html).text.count(NASTY) == 9
    assert data_of(html)["indicators"][0]["name"] == NASTY
    assert read_words(data_of(html)["trades"]["exit_reason"]) == [NASTY] * 3
    # What ends a script for a browser is not in the data at all, whatever the parser above thinks.
    block = html[html.index('id="run">') + 9 : html.index("</script>", html.index('id="run">'))]
    assert not re.search(r"[<>&']", block)


def test_notes_and_the_names_of_figures_stay_text_too() -> None:
    def page_saying(words: str) -> str:
        trades = with_extras(made_trades(made_bars(600), 3)).with_columns(note=pl.lit(words))
        return render_page(
            full_page(
                trade_count=3,
                trades=trades,
                benchmark=Benchmark(words, np.ones(600), np.arange(600)),
                groups=[(words, [Shown(words, words, made_definition(words))])],
                settings_groups=[(words, [(words, words)])],
                basis=words,
                bounds=words,
            )
        )

    html = page_saying(NASTY)
    assert [tag for tag, _ in Tags(html).tags] == [tag for tag, _ in Tags(page_saying("one")).tags]
    # Benchmark in the key, title, label and number of a group, three of the settings, basis, bounds.
    assert Tags(html).text.count(NASTY) == 9
    data = data_of(html)
    assert data["curve"]["benchmark"]["name"] == NASTY
    assert read_words(data["trades"]["note"]["shapes"]) == [NASTY] * 3


def test_the_page_needs_nothing_else() -> None:
    tags = Tags(render_page(made_page())).tags
    loading = {"src", "srcset", "data", "action", "formaction", "poster", "background"}
    assert not [(tag, attributes) for tag, attributes in tags if loading & attributes.keys()]
    assert not [tag for tag, _ in tags if tag in ("link", "iframe", "object", "embed", "img", "base")]
    assert not [name for _, attributes in tags for name in attributes if name.startswith(("on", "style"))]
    links = {attributes["href"] or "" for tag, attributes in tags if tag == "a"}
    assert {link for link in links if not link.startswith("#")} == {"https://www.tradingview.com/"}


def test_the_policy_forbids_the_network() -> None:
    tags = Tags(render_page(made_page())).tags
    policy = next(attributes["content"] for tag, attributes in tags if "http-equiv" in attributes)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert len(re.findall(r"'sha256-[A-Za-z0-9+/]{43}='", rules["script-src"])) == 3
    assert rules.keys() == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}


def test_the_same_run_makes_the_same_page() -> None:
    assert render_page(made_page()) == render_page(made_page())


def test_a_large_run_makes_a_small_page(tmp_path: Path) -> None:
    bars = made_bars(100_000)
    equity = 10_000 + np.cumsum(np.random.default_rng(1).normal(0, 0.6, 100_000))
    average = np.convolve(bars.close, np.ones(7) / 7, mode="same")
    indicators = {"fast": average, "slow": average + 1 / 3}
    page = full_page(bars, 5_000, equity=equity, indicators=indicators, verdicts={})
    path = write_page(page, tmp_path / "report.html")
    # What is left is room for the sections' pictures.
    assert path.stat().st_size < 2_700_000
    assert "100,000 bars shown as 20,000 candles of 5 bars" in path.read_text()


def test_every_section_is_in_the_contents() -> None:
    tags = Tags(render_page(full_page())).tags
    links = [attributes["href"] for tag, attributes in tags if tag == "a"][:-1]
    ids = [attributes["id"] for tag, attributes in tags if tag == "section"]
    assert links == [f"#{name}" for name in ids]
    assert ids == [
        *("figures", "charts", "all-figures", "section-monthly", "section-trades-by-hour"),
        *("trades", "verdict", "settings"),
    ]
    labels = [attributes["aria-labelledby"] for tag, attributes in tags if tag == "section"]
    assert set(labels) <= {attributes.get("id") for tag, attributes in tags if tag == "h2"}


def test_a_figure_stands_beside_its_definition() -> None:
    html = render_page(full_page())
    text = " ".join(Tags(html).text.split())
    told = (
        "The mean over risk. Higher is better. Formula mean(r) / std(r) × √n Unit a ratio, without a unit "
        "Convention Sample deviation.Source Sharpe (1994).n/a when fewer than 30 days"
    )
    assert re.findall(r"Sharpe ratio ?1\.32 (The mean.*?30 days)", text) == [told, told]
    assert "Return−3.42 %" in text
    assert "Returns of bars." in text
    assert 'id="definitions"' in html
    assert 'id="definitions"' not in render_page(full_page(figures=[], groups=[("a", [Shown("b", "c")])]))


def test_settings_stand_in_groups_and_hashes_can_be_copied() -> None:
    tags = Tags(render_page(full_page()))
    copied = [attributes["data-copy"] for _, attributes in tags.tags if "data-copy" in attributes]
    assert copied == [check(made_bars(600)).hash, "0123456789abcdef" * 4]
    assert re.search(r"Parameters\s+fast12\s+Digests\s+journal0123", tags.text)


def without(bars: Bars, rows: NDArray[np.int64]) -> Bars:
    """Return bars with some rows left out."""
    names = ("time", "open", "high", "low", "close", "volume")
    return replace(bars, **{name: np.delete(getattr(bars, name), rows) for name in names})


def test_the_datas_verdict_is_told_in_full() -> None:
    bars = made_bars(600)
    holey = check(without(bars, np.arange(7, 600, 200)))
    assert holey.findings
    text = Tags(render_page(full_page(verdicts={"BTCUSDT": check(bars), "HOLE": holey}))).text
    for finding in holey.findings:
        assert finding.sentence in text
    assert text.index(holey.hash) < text.index(check(bars).hash)  # the graver one first
    assert "597 rows" in text
    assert "calendar" in text


def test_only_the_gravest_verdicts_are_told() -> None:
    verdict = check(made_bars(50))
    holey = check(without(made_bars(50), np.arange(7, 50, 20)))
    troubled = {f"H{n}": holey for n in range(23)}
    html = render_page(full_page(verdicts={**{f"S{n}": verdict for n in range(203)}, **troubled}))
    assert html.count('class="verdict"') == 20 + 1
    assert "In the others the checks found nothing." in html
    assert html.count(f'data-copy="{verdict.hash}"') == 200
    assert "And 6 more, none graver than these" in html


def test_data_without_findings_stand_in_one_table() -> None:
    verdict = check(made_bars(50))
    html = render_page(full_page(verdicts={"A": verdict, "B": verdict}))
    assert html.count('class="verdict"') == 1
    assert "The checks found nothing." in html
    assert "<td>B</td>" in html
    alone = render_page(full_page(verdicts={"A": verdict}))
    assert "<td>A</td>" not in alone
    assert "The checks found nothing." in alone


def test_what_has_nothing_to_show_is_told_in_one_list() -> None:
    empty = Section("groups", "Sides", '<p class="empty">No trade was closed.</p>')
    html = render_page(full_page(sections=[empty]))
    assert 'id="section-groups"' not in html
    assert 'href="#section-groups"' not in html
    assert '<dt>Sides</dt><dd><p class="empty">No trade was closed.</p></dd>' in html
    assert "Nothing to show" not in render_page(full_page())


def test_a_figure_that_is_not_known_says_why() -> None:
    html = render_page(full_page(figures=[Shown("Sharpe ratio", "n/a", made_definition())]))
    assert '<dd title="n/a when fewer than 30 days">n/a</dd>' in html


def test_sections_are_put_in_as_they_are() -> None:
    html = render_page(full_page())
    assert "<svg viewBox='0 0 1 1'><title>a month</title></svg>" in html
    assert re.search(r'<section [^>]*id="section-monthly" class="wide">', html)
    assert "A note." in html


@pytest.mark.parametrize(
    ("bar_count", "trade_count", "words"),
    [
        (600, 0, "No trade was made"),
        (600, 1, "One trade was made"),
        (1, 0, "one bar long"),
        (0, 0, "no bars"),
    ],
)
def test_a_run_that_says_little_says_so(bar_count: int, trade_count: int, words: str) -> None:
    bars = made_bars(max(1, bar_count))[:bar_count]
    text = Tags(render_page(made_page(bars, trade_count))).text
    assert words in text


def test_a_hyphen_before_a_figure_is_a_minus() -> None:
    text = Tags(render_page(made_page(figures=[("Return", "-3.42 %"), ("Name", "-x"), ("Span", "1-2")]))).text
    assert "−3.42 %" in text
    assert "-x" in text
    assert "1-2" in text


def test_columns_must_belong_together() -> None:
    with pytest.raises(UsageError, match="equity has 599 values for 600 bars; give one value a bar"):
        render_page(made_page(equity=np.ones(599)))
    with pytest.raises(UsageError, match="rsi has 3 values for 600 bars"):
        render_page(made_page(indicators={"rsi": np.ones(3)}))
    with pytest.raises(UsageError, match="trades lack the column profit_rate; they have ticket, direction"):
        render_page(made_page(trades=made_trades(made_bars(600), 3).drop("profit_rate")))
    with pytest.raises(UsageError, match="trades lack the column direction; they have no columns"):
        render_page(made_page(trades=pl.DataFrame()))
    unfinished = made_trades(made_bars(600), 3).with_columns(
        exit_time=pl.Series([None, None, None], dtype=pl.Datetime("ns", "UTC"))
    )
    benchmark = Benchmark("SPY", np.ones(3), np.arange(3))
    with pytest.raises(UsageError, match="the benchmark SPY has 3 values for 600 of equity; give one for"):
        render_page(made_page(benchmark=benchmark))
    levels = made_levels(made_trades(made_bars(600), 3))
    with pytest.raises(UsageError, match="levels lack the column price; they have trade, level"):
        render_page(made_page(levels=levels.drop("price")))
    with pytest.raises(UsageError, match="column exit_time of trades has 3 empty values"):
        render_page(made_page(trades=unfinished))


# --- the file ---


def test_writing_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("an older report")
    assert write_page(made_page(), target) == target
    assert target.read_text(encoding="utf-8") == render_page(made_page())
    assert list(tmp_path.iterdir()) == [target]


def test_a_write_that_fails_keeps_the_old_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.html"
    target.write_text("an older report")

    def full(path: Path, text: str, **_: object) -> int:
        with path.open("w") as file:
            file.write(text[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UsageError, match=r"report\.html: cannot be written \(No space left on device\)"):
        write_page(made_page(), target)
    assert target.read_text() == "an older report"
    assert list(tmp_path.iterdir()) == [target]


def test_a_page_that_cannot_be_made_touches_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_page(made_page(equity=np.ones(3)), tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_the_folder_must_exist_and_take_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no folder .*missing; create it or choose another path"):
        write_page(made_page(), tmp_path / "missing" / "report.html")
    with pytest.raises(UsageError, match="is a folder; name a file in it"):
        write_page(made_page(), tmp_path)
    with pytest.raises(UsageError, match=r"/proc/report\.html: cannot be written"):
        write_page(made_page(), Path("/proc/report.html"))
