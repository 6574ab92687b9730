"""Arrays as the tuples of descriptions, and ticks for layers and counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tui_initflow.charts.description import Ticks, Values

_MOST_TICKS = 60


def values(array: ArrayLike) -> Values:
    """A one-dimensional array as a tuple of floats."""
    numbers = np.asarray(array, dtype=np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"a series has one dimension, not shape {numbers.shape}")
    return tuple(numbers.tolist())


def layer_ticks(points: int) -> Ticks:
    """L0 … L{points - 1}, every n-th of many."""
    step = max(1, -(-points // _MOST_TICKS))
    return tuple((float(layer), f"L{layer}") for layer in range(0, points, step))
