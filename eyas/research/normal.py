"""The standard normal distribution, and the largest of many draws from it."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

STANDARD = NormalDist()
EULER_GAMMA = 0.5772156649015329


def below(z: float) -> float:
    """Return the probability of a draw below z, exact in both tails."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def quantile_above(probability: float) -> float:
    """Return the z that a draw exceeds with this probability.

    Asked from the upper end, since 1 - 1/N loses the digits of 1/N that matter when N is large.
    """
    return -STANDARD.inv_cdf(probability)


def expected_maximum(count: float) -> float:
    """Return what the largest of `count` draws is expected to be; 0 for one draw.

    The approximation of Bailey and López de Prado (2014), which every package uses:
    (1 - γ) Φ⁻¹(1 - 1/N) + γ Φ⁻¹(1 - 1/(N e)). `count` may be a fraction, when it is an effective number.
    """
    if count <= 1:
        return 0.0
    first, second = quantile_above(1 / count), quantile_above(1 / (count * math.e))
    return (1 - EULER_GAMMA) * first + EULER_GAMMA * second


@lru_cache(maxsize=256)
def deviation_of_maximum(count: float) -> float:
    """Return the standard deviation of the largest of `count` draws, integrated; 1 for one draw.

    The density of the largest is count φ(x) Φ(x)^(count - 1). The sum over an even grid that reaches into
    both tails is exact to 12 digits, since the density and all its derivatives vanish at the ends.
    """
    if count <= 1:
        return 1.0
    x = np.linspace(-9.0, 12.0, 4201)
    # Above 0 from what is left over, or a count of millions would multiply a rounding error.
    logs = np.array([math.log1p(-below(-one)) if one > 0 else math.log(below(one)) for one in x.tolist()])
    density = np.exp(-0.5 * x * x + (count - 1) * logs)
    density /= density.sum()
    mean = float(density @ x)
    return math.sqrt(float(density @ (x - mean) ** 2))
