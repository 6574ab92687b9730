"""N of a batch of rows, forward and backward, and what batch norm takes its moments from when it is evaluated.

As in `engine.reference`, without learned scale and shift. Arrays are (networks, neurons, rows), float32 in training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tui_initflow.engine.signals import Floats
from tui_initflow.model.blocks import EPSILON, Norm


@dataclass(frozen=True, slots=True)
class Normalised:
    """N(h), what was taken off h, and what that was divided by: (networks, 1, rows), of batch norm (networks, n, 1)."""

    n: Floats
    mean: Floats
    deviation: Floats


Normaliser = Callable[[int, Floats], Normalised]
"""N(h_l), from (l - 1, h_l)."""


def normalised(h: Floats, norm: Norm) -> Normalised:
    """N(h), over the neurons or, of batch norm, over the rows."""
    axis = _axis(norm)
    mean: Floats = np.zeros((1, 1, 1), h.dtype) if norm == "rms" else h.mean(axis=axis, keepdims=True)
    centred = h - mean
    deviation: Floats = np.sqrt(np.mean(centred * centred, axis=axis, keepdims=True) + h.dtype.type(EPSILON))
    centred /= deviation
    return Normalised(centred, mean, deviation)


def through_norm(v: Floats, at: Normalised, norm: Norm) -> Floats:
    """N'(h) v, a new array."""
    axis = _axis(norm)
    through: Floats = v - at.n * np.mean(at.n * v, axis=axis, keepdims=True)
    if norm != "rms":
        through -= v.mean(axis=axis, keepdims=True)
    through /= at.deviation
    return through


def _axis(norm: Norm) -> int:
    return -1 if norm == "batch" else 1


class Population:
    """Mean and variance of every neuron, for batch norm of rows that are classified each by itself.

    They are the means of those of some batches for training, the variance times m / (m - 1) with m rows in a batch:
    algorithm 2 of Ioffe & Szegedy 2015. Running averages would depend on the steps before, and know nothing at step 0.
    """

    def __init__(self) -> None:
        self._moments: dict[int, list[tuple[Floats, Floats]]] = {}

    def measure(self, layer: int, h: Floats) -> Normalised:
        """Normalise a batch for training by its own moments, and remember them."""
        at, rows = normalised(h, "batch"), h.shape[-1]
        epsilon = h.dtype.type(EPSILON)
        variance = (at.deviation * at.deviation - epsilon) * h.dtype.type(rows / (rows - 1))
        self._moments.setdefault(layer, []).append((at.mean, variance))
        return at

    def normalise(self, layer: int, h: Floats) -> Normalised:
        """Normalise any rows by the moments measured."""
        mean, variance = (sum(of_batches) / len(of_batches) for of_batches in zip(*self._moments[layer], strict=True))
        deviation: Floats = np.sqrt(variance + h.dtype.type(EPSILON))
        return Normalised((h - mean) / deviation, mean, deviation)
