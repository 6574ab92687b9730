"""Base distributions of the weights: their moments and bounds, known without drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

TRUNCATED_AT = 2.0
"""Where a truncated normal is cut, in standard deviations of the normal before the cut: as in JAX and Keras."""
TRUNCATED_STD = 0.8796256610342398
"""Standard deviation of N(0, 1) cut at plus and minus 2."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """U(low, high)."""

    low: float
    high: float
    excess_kurtosis: ClassVar[float] = -6 / 5

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


@dataclass(frozen=True, slots=True)
class Normal:
    """N(0, deviation^2). Its bound is infinite, though no number drawn exceeds 6.8 deviations (see `draw`)."""

    deviation: float = 1.0
    mean: ClassVar[float] = 0.0
    bound: ClassVar[float] = math.inf
    excess_kurtosis: ClassVar[float] = 0.0

    def __str__(self) -> str:
        return f"N(0, {self.variance:.4g})"

    @property
    def variance(self) -> float:
        return self.deviation**2


@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """N(0, 1) cut at plus and minus 2 and divided by 0.8796, so that its variance is 1 again."""

    mean: ClassVar[float] = 0.0
    variance: ClassVar[float] = 1.0
    bound: ClassVar[float] = TRUNCATED_AT / TRUNCATED_STD
    excess_kurtosis: ClassVar[float] = -0.6344632828703505

    def __str__(self) -> str:
        return "N(0, 1) cut"


@dataclass(frozen=True, slots=True)
class Orthogonal:
    """Not i.i.d.: sqrt(max(fan_in, fan_out)) times a matrix with orthonormal rows or columns, whichever are fewer.

    Uniform (Haar) among all of those; an entry has variance 1. The bound of an entry depends on the shape; its excess
    kurtosis is 0 in the limit of large matrices. Saxe et al. 2014, arXiv 1312.6120.
    """

    mean: ClassVar[float] = 0.0
    variance: ClassVar[float] = 1.0
    bound: ClassVar[float] = math.inf
    excess_kurtosis: ClassVar[float] = 0.0

    def __str__(self) -> str:
        return "orthogonal"


Distribution = Uniform | Normal | TruncatedNormal | Orthogonal

INPUT = Uniform(0.25, 0.75)
"""What the components of the input x are drawn from."""
