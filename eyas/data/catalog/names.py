"""Turn names into folder names and back, so that no two of them meet on any file system.

Symbols hold slashes and colons (`BTC/USDT:USDT`), may be `..`, and differ from others by case alone; a file
system may not tell cases apart, and then 1m and 1M would be one folder. Letters of the usual case (upper for
symbols, lower for the rest), digits, dots, hyphens and underscores stay; a comma changes the case of what
follows; anything else is `@` and two digits for each of its bytes.
"""

from __future__ import annotations

import re

from eyas.errors import UsageError

PLAIN = re.compile(r"[0-9A-Za-z._-]")
CODED = re.compile(r"(?:[0-9A-Za-z._,-]|@[0-9A-Fa-f]{2})+")
# Names that Windows keeps for devices, with or without an ending.
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
LONGEST = 200


def folder_of(name: str, *, upper: bool = False) -> str:
    """Return the folder name of a venue, a timeframe or (`upper`) a symbol.

    >>> folder_of("BTC/USDT:USDT", upper=True), folder_of("BRK.b", upper=True), folder_of("1M")
    ('BTC@2FUSDT@3AUSDT', 'BRK.,B', '1,m')
    """
    if not isinstance(name, str):
        raise UsageError(f"{name!r} is no name: a venue, a symbol and a timeframe are text")
    made = []
    usual = True
    for place, letter in enumerate(name):
        edge = letter == "." and place in (0, len(name) - 1)
        if PLAIN.match(letter) and not edge:
            if letter.isalpha() and letter.isupper() != (upper == usual):
                usual = not usual
                made.append(",")
            made.append(letter.upper() if upper else letter.lower())
        else:
            made.append("".join(f"@{byte:02X}" for byte in _bytes(letter, name)))
    found = "".join(made)
    if DEVICES.match(found):
        found = f"@{ord(name[0]):02X}{found[1:]}"
    if not found:
        raise UsageError("a venue and a symbol need a name, such as venue='binance'")
    if len(found) > LONGEST:
        raise UsageError(f"the name {name[:40]!r}… is too long for a folder: use a shorter one")
    return found


def name_of(folder: str, *, upper: bool = False) -> str:
    """Return the name that a folder stands for; raise ValueError when it stands for none."""
    if not CODED.fullmatch(folder):
        raise ValueError(folder)
    made = bytearray()
    usual = True
    for piece in re.findall(r"@..|.", folder):
        if piece == ",":
            usual = not usual
        elif piece.startswith("@"):
            made.append(int(piece[1:], 16))
        else:
            made += (piece.upper() if upper == usual else piece.lower()).encode()
    return made.decode()


def _bytes(letter: str, name: str) -> bytes:
    try:
        return letter.encode()
    except UnicodeEncodeError:
        raise UsageError(f"the name {name!r} holds a broken character: write it in Unicode") from None
