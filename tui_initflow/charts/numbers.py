"""Arrays as the tuples of descriptions, and ticks for layers and counts."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from tui_initflow.charts.description import Ticks, Values
from tui_initflow.charts.ticks import round_steps

_MOST_TICKS = 60


def values(array: ArrayLike) -> Values:
    """A one-dimensional array as a tuple of floats."""
    numbers = np.asarray(array, dtype=np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"a series has one dimension, not shape {numbers.shape}")
    # one nan object, so that tuples with nan in the same places are equal
    return tuple(math.nan if number != number else number for number in numbers.tolist())


def layer_ticks(points: int) -> Ticks:
    """L0 … L{points - 1}, every n-th of many."""
    step = next(step for step in round_steps() if step * _MOST_TICKS >= points)
    layers = [*range(0, points - 1, step), points - 1] if points else []
    return tuple((float(layer), f"L{layer}") for layer in layers)
