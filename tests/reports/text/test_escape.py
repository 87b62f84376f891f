"""Any text can stand in Markdown: a real renderer shows it as it was, and no table breaks."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from eyas.reports.text.escape import inline, line, one_line
from eyas.reports.text.markdown import bullets, definition_line, figure_line, heading, joined, table_text

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What means something comes far more often than among all characters.
TEXTS = st.text(
    st.one_of(st.sampled_from("|\\`*_[]<>~$#&;-+=.:!()1a \n\r\t\u2028\x85\x00"), st.characters()), max_size=30
)


def shown(rendered: str) -> str:
    """Return the text that a person sees."""
    return html.unescape(re.sub(r"<[^>]*>", "", rendered))


def squeezed(text: str) -> str:
    """Return a text as HTML shows it: white space is white space."""
    return " ".join(text.split())


def cells_of(markdown: str) -> list[list[str]]:
    """Return the cells of the one table that Markdown renders to."""
    rendered = RENDERER.render(markdown)
    assert rendered.count("<table>") == 1
    assert re.sub(r"<table>.*</table>", "", rendered, flags=re.DOTALL).strip() == ""
    rows = re.findall(r"<tr>(.*?)</tr>", rendered, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_cell_breaks_its_table(rows: list[list[str]]) -> None:
    found = cells_of(table_text(rows[0], rows[1:]))
    assert [len(row) for row in found] == [3] * len(rows)
    for row, texts in zip(found, rows, strict=True):
        for cell, text in zip(row, texts, strict=True):
            assert "<" not in cell  # no markup: neither the text's own nor any that Markdown makes
            assert squeezed(html.unescape(cell)) == squeezed(one_line(text))


@given(TEXTS)
def test_a_line_is_one_paragraph_of_its_text(text: str) -> None:
    rendered = RENDERER.render(line(text))
    assert squeezed(shown(rendered)) == squeezed(one_line(text))
    assert rendered == "" or re.fullmatch(r"<p>[^<]*</p>\n", rendered)


@given(TEXTS)
def test_a_heading_holds_any_text(text: str) -> None:
    rendered = RENDERER.render(heading(text, 2))
    assert re.fullmatch(r"<h2>[^<]*</h2>\n", rendered)
    assert squeezed(shown(rendered)) == (squeezed(one_line(text)) or "Untitled")


@given(st.lists(TEXTS.filter(str.strip), min_size=1, max_size=4))
def test_a_list_has_an_item_a_text(texts: list[str]) -> None:
    rendered = RENDERER.render(bullets(texts))
    items = re.findall(r"<li>([^<]*)</li>", rendered)
    assert [squeezed(html.unescape(one)) for one in items] == [squeezed(one_line(text)) for text in texts]


@given(TEXTS)
def test_one_line_is_one_line_for_every_reader(text: str) -> None:
    found = one_line(text)
    assert len(found.splitlines()) <= 1
    found.encode("utf-8")


def test_what_is_easily_read_stays_as_it_is() -> None:
    assert inline("stop_loss at 64,000.50 (+2 %): rsi 31.2 & why?") == (
        "stop_loss at 64,000.50 (+2 %): rsi 31.2 & why?"
    )


@pytest.mark.parametrize(
    ("text", "better", "said"),
    [
        ("1.20", True, "- **Sharpe ratio:** 1.20 (higher is better)"),
        ("n/a", False, "- **Sharpe ratio:** N/A (lower is better)"),
        ("3", None, "- **Sharpe ratio:** 3"),
    ],
)
def test_the_line_of_a_figure(text: str, better: bool | None, said: str) -> None:
    assert figure_line("Sharpe ratio", text, better) == said


def test_every_definition_is_one_italic_line() -> None:
    import eyas.metrics  # noqa: F401  # it fills the book
    from eyas.metrics.definition import DEFINITIONS

    assert len(DEFINITIONS) > 40
    for definition in DEFINITIONS.values():
        rendered = RENDERER.render(definition_line(definition))
        assert re.fullmatch(r"<p><em>[^<]*</em></p>\n", rendered), definition.name
        assert definition.label in shown(rendered)
        assert squeezed(one_line(definition.formula)) in shown(rendered)


def test_parts_that_say_nothing_leave_no_gap() -> None:
    assert joined(["a", "", "b"]) == "a\n\nb\n"
