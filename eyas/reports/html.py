"""Make one HTML file of a template, styles and scripts; it needs nothing else: no network, no folder.

Everything is inlined, and the page's own content security policy forbids it to load or send anything.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.reports.drafts import whole_file

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache(maxsize=4)
def template_of(path: Path) -> Template:
    """Return a template whose values are escaped and must all be given."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["minus"] = minus
    return environment.from_string(path.read_text(encoding="utf-8"))


def inlined(styles: Iterable[Path], scripts: Mapping[str, Iterable[Path]]) -> dict[str, Any]:
    """Return our own styles and scripts, marked as safe, and the hashes that the page's policy admits.

    `scripts` are the files of each script, by the name that the template has for it.
    """
    from markupsafe import Markup

    texts = {name: text_of(paths) for name, paths in scripts.items()}
    hashes = " ".join(f"'sha256-{sha256_of(text)}'" for text in texts.values())
    marked = {name: Markup(text) for name, text in texts.items()}
    return {**marked, "style": Markup(text_of(styles)), "script_hashes": Markup(hashes)}


def json_of(data: Any) -> str:
    """Return data as JSON that can stand inside of a page."""
    from jinja2.utils import htmlsafe_json_dumps

    return htmlsafe_json_dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def text_of(paths: Iterable[Path]) -> str:
    """Return files one after the other."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def sha256_of(text: str) -> str:
    """Return the hash of a text as a policy writes it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def minus(text: str) -> str:
    """Return a number's text with a minus sign for its hyphen, which is as wide as a plus."""
    return re.sub(r"^-(?=[\d.])", "−", text)


def write_whole(text: str, path: str | Path, example: str = "report.html") -> Path:
    """Write a text to a file, whole or not at all, and return its path.

    `example` names such a file for messages. Raises UsageError when the folder is missing or cannot be
    written to.
    """
    with whole_file(path, example) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)
