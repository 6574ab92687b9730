"""Base distributions of the weights: what is known of them without drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass

TRUNCATED_AT = 2.0
"""Where a truncated normal is cut, in standard deviations of the normal it is cut from: as in JAX and Keras."""
TRUNCATED_STD = 0.8796256610342398
"""Standard deviation of N(0, 1) cut at plus and minus 2."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """U(low, high)."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"U({self.low:.4g}, {self.high:.4g})"

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def variance(self) -> float:
        return (self.high - self.low) ** 2 / 12

    @property
    def bound(self) -> float:
        """Largest |D| possible."""
        return max(abs(self.low), abs(self.high))

    @property
    def excess_kurtosis(self) -> float:
        return -6 / 5


@dataclass(frozen=True, slots=True)
class Normal:
    """N(0, std^2)."""

    deviation: float = 1.0

    def __str__(self) -> str:
        return f"N(0, {self.variance:.4g})"

    @property
    def mean(self) -> float:
        return 0.0

    @property
    def variance(self) -> float:
        return self.deviation**2

    @property
    def bound(self) -> float:
        """Infinite; what is drawn stays below 6.8 deviations (see `draw`)."""
        return math.inf

    @property
    def excess_kurtosis(self) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """N(0, 1) cut at plus and minus 2 and divided by 0.8796, so that its variance is 1 again."""

    def __str__(self) -> str:
        return "N(0, 1) cut"

    @property
    def mean(self) -> float:
        return 0.0

    @property
    def variance(self) -> float:
        return 1.0

    @property
    def bound(self) -> float:
        return TRUNCATED_AT / TRUNCATED_STD

    @property
    def excess_kurtosis(self) -> float:
        return -0.6344632828703505


@dataclass(frozen=True, slots=True)
class Orthogonal:
    """Not i.i.d.: sqrt(max(fan_in, fan_out)) times a matrix with orthonormal rows or columns, whichever are fewer.

    Uniform (Haar) among all of those; an entry has variance 1. Saxe et al. 2014, arXiv 1312.6120.
    """

    def __str__(self) -> str:
        return "orthogonal"

    @property
    def mean(self) -> float:
        return 0.0

    @property
    def variance(self) -> float:
        return 1.0

    @property
    def bound(self) -> float:
        """That of an entry depends on the shape."""
        return math.inf

    @property
    def excess_kurtosis(self) -> float:
        """Of one entry, in the limit of large matrices."""
        return 0.0


Distribution = Uniform | Normal | TruncatedNormal | Orthogonal

INPUT = Uniform(0.25, 0.75)
"""What the components of the input x are drawn from."""
