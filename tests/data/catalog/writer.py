"""Add pieces to a catalog, every second one or the others: run twice at once by test_crash.py.

python -m tests.data.catalog.writer FOLDER FIRST
"""

from __future__ import annotations

import sys

from eyas.data.catalog import Catalog
from tests.data.catalog.killed import PIECES, piece


def main(folder, first):
    catalog = Catalog(folder)
    for number in range(first, PIECES, 2):
        catalog.add(piece(number), venue="v")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
