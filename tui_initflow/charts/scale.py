"""Where a value goes: axes in data units mapped to cells, ends of an axis on cell centres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_SPAN = 0.25
"""Decades a y axis shows at least, so that rounding noise does not look like a landscape."""

LARGEST = 1e12
"""Exponents beyond this are drawn at the edge, so that spans of an axis stay finite."""

_PAD = 0.04


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps `low` to the centre of the first of `cells` cells and `high` to the centre of the last."""

    low: float
    high: float
    cells: int

    def position(self, value: float) -> float:
        """The place in cells, from 0.5 to cells - 0.5; values outside go to the nearest end."""
        if self.high <= self.low:
            return self.cells / 2
        share = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        return 0.5 + share * (self.cells - 1)

    def positions(self, values: Floats) -> Floats:
        """Many positions at once; nan for a value that is not finite."""
        finite = np.isfinite(values)
        if self.high <= self.low:
            return np.where(finite, self.cells / 2, np.nan)
        inside = np.clip(np.where(finite, values, self.low), self.low, self.high)
        share = (inside - self.low) / (self.high - self.low)
        return np.where(finite, 0.5 + share * (self.cells - 1), np.nan)

    def cell(self, value: float) -> int:
        return min(int(self.position(value)), self.cells - 1)

    def values(self) -> Floats:
        """The values at the centres of the cells, (cells,)."""
        if self.cells < 2:
            return np.full(self.cells, (self.low + self.high) / 2)
        return np.linspace(self.low, self.high, self.cells)


@dataclass(frozen=True, slots=True)
class Rising:
    """A scale for rows: rows count down, values grow up."""

    scale: Scale

    def position(self, value: float) -> float:
        return self.scale.cells - self.scale.position(value)

    def positions(self, values: Floats) -> Floats:
        """Many positions at once; nan for a value that is not finite."""
        return self.scale.cells - self.scale.positions(values)

    def row(self, value: float) -> int:
        return max(0, min(int(self.position(value)), self.scale.cells - 1))


def y_limits(values: Floats) -> tuple[float, float]:
    """Finite limits that hold all finite values with a little air; one decade around a constant."""
    finite = values[np.isfinite(values)]
    if len(finite) == 0:
        return -1.0, 0.0
    low, high = np.clip((finite.min(), finite.max()), -LARGEST, LARGEST).tolist()
    if high - low < 1e-9 * max(1.0, abs(low), abs(high)):
        return low - 0.5, high + 0.5
    pad = max((high - low) * _PAD, (LEAST_SPAN - (high - low)) / 2)
    return low - pad, high + pad
