"""The numbers of one tensor in bins, and how many an initialiser would have put there."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

import numpy as np

from tui_initflow.checkpoints.looks_like import distribution_function, is_initial
from tui_initflow.checkpoints.moments import Float64s
from tui_initflow.checkpoints.scan import Measured
from tui_initflow.checkpoints.tensors import times_power
from tui_initflow.engine.pool import Stop
from tui_initflow.model.initialisers import Normal, Orthogonal, TruncatedNormal, Uniform, initialiser

BINS = 61
"""Odd, so that 0 is in the middle of one where the ends are opposite."""


@dataclass(frozen=True, slots=True)
class TensorHistogram:
    """Finite numbers of a tensor in equal bins from `low` to `high`, counts (bins,), and those expected of `law`."""

    low: float
    high: float
    counts: Float64s
    law: str
    expected: Float64s


def histogram(one: Measured, cancel: threading.Event | None = None) -> TensorHistogram:
    """Read the tensor once more, a piece at a time.

    Beside it is the initialiser that it looks like or, if none fits, the normal distribution of its mean and variance.

    Raises:
        CheckpointError: it cannot be read.
        Cancelled: `cancel` was set.
    """
    stop = Stop(cancel)
    low, high = (one.low, one.high) if np.isfinite([one.low, one.high]).all() else (-1.0, 1.0)
    tensor = one.tensor.scaled(max(-low, high))
    unit = tensor.exponent
    low, high = math.ldexp(low, -unit), math.ldexp(high, -unit)
    if low == high:
        beside = abs(low) / 2 or 0.5
        low, high = low - beside, high + beside
    edges = np.linspace(low, high, BINS + 1)
    counts = np.zeros(BINS)
    for piece in tensor.pieces():
        stop.checkpoint()
        counts += np.histogram(piece[np.isfinite(piece)], edges)[0]
    law, mean, std, distribution = _law(one)
    mean, std = math.ldexp(mean, -unit), math.ldexp(std, -unit)
    inside = distribution_function((edges - mean) / std, distribution) if std > 0 else np.zeros(BINS + 1)
    low, high = (float(np.nan_to_num(times_power(end, unit))) for end in (low, high))
    return TensorHistogram(low, high, counts, law, counts.sum() * np.diff(inside))


def _law(one: Measured) -> tuple[str, float, float, Uniform | Normal | TruncatedNormal]:
    """Name, mean, standard deviation, and the shape of the distribution, of variance 1."""
    name = one.looks_like.split(" or ")[0]
    if not is_initial(name) or name in ("zeros", "ones"):
        return "normal of this variance", one.mean, one.std, Normal()
    if name.startswith("orthogonal"):
        return name, 0.0, one.std, Normal()
    drawn = initialiser(name)
    assert not isinstance(drawn.distribution, Orthogonal)
    std = one.std if one.role.fans is None else drawn.std(one.role.fans)
    return name, 0.0, std, drawn.distribution
