"""Make any text safe inside of Markdown: it is shown as it stands, and ends no cell, line or emphasis."""

from __future__ import annotations

import re
import unicodedata

# What means something anywhere in a line. An underscore inside of a word does not: stop_loss stays readable.
SPECIAL = re.compile(r"[\\`*\[\]<|~$]|(?<![^\W_])_+|_+(?![^\W_])|&(?=#?\w+;)")
# What means something only where a line begins: a list, a quotation, a rule, a heading's underline.
LEADING = re.compile(r"^(?:[-+>#]|\d+(?=[.)]))")


def one_line(text: str) -> str:
    r"""Return a text on one line: every run of white space is a space, what cannot be shown is �.

    >>> one_line("  first\n\tsecond\x00 ")
    'first second�'
    """
    joined = " ".join(text.split())
    if joined.isprintable():
        return joined
    return "".join("�" if unicodedata.category(one) in ("Cc", "Cs") else one for one in joined)


def inline(text: str) -> str:
    r"""Return a text as it can stand inside of a line, or of a table's cell.

    >>> print(inline("a|b *c* stop_loss _d_\n<b>"))
    a\|b \*c\* stop_loss \_d\_ \<b>
    """
    return SPECIAL.sub(lambda found: "".join(f"\\{one}" for one in found[0]), one_line(text))


def line(text: str) -> str:
    r"""Return a text as it can stand at the beginning of a line.

    >>> print(line("- no list"), line("1. nor here"))
    \- no list 1\. nor here
    """
    found = inline(text)
    start = LEADING.match(found)
    if not start:
        return found
    if start[0].isdigit():
        return f"{start[0]}\\{found[start.end() :]}"
    return f"\\{found}"
