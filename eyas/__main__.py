"""Let `python -m eyas` be the command line."""

from __future__ import annotations

import sys

from eyas.cli import main

if __name__ == "__main__":
    sys.exit(main())
