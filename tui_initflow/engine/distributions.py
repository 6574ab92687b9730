"""Base distributions of the weights: what is known of them without drawing. The drawing is in `draw`."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Uniform:
    """U(low, high)."""

    low: float
    high: float

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
    """N(0, std^2)."""

    deviation: float = 1.0

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


Distribution = Uniform | Normal
