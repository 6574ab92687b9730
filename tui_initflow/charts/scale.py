"""Where a value goes: axes in data units mapped to cells, ends of an axis on cell centres."""

from __future__ import annotations

import math
from collections.abc import Iterable
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
        share = np.clip((values - self.scale.low) / (self.scale.high - self.scale.low), 0.0, 1.0)
        share[~np.isfinite(values)] = np.nan
        return self.scale.cells - 0.5 - share * (self.scale.cells - 1)

    def row(self, value: float) -> int:
        return max(0, min(int(self.position(value)), self.scale.cells - 1))


def y_limits(values: Iterable[float]) -> tuple[float, float]:
    """Finite limits that hold all finite values with a little air; one decade around a constant."""
    finite = [min(max(value, -LARGEST), LARGEST) for value in values if math.isfinite(value)]
    if not finite:
        return -1.0, 0.0
    low, high = min(finite), max(finite)
    if high - low < 1e-9 * max(1.0, abs(low), abs(high)):
        return low - 0.5, high + 0.5
    pad = max((high - low) * _PAD, (LEAST_SPAN - (high - low)) / 2)
    return low - pad, high + pad
