"""Print the source of drawn strategies: python -m tests.parity 17 18."""

import sys

from tests.parity.strategies import written

for number in sys.argv[1:]:
    sys.stdout.write(written(int(number)).source)
