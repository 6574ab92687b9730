"""What rows of the data are normalised by: by themselves in training, and one by one where they are classified.

Arrays are (networks, neurons, rows), float32 in training.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tui_initflow.engine.signals import Floats
from tui_initflow.functions.norms import EPSILON, Normalised, normalised
from tui_initflow.model.blocks import Normalise

Normaliser = Callable[[Normalise, int, Floats], Normalised]
"""N(h), from (N, how many norms came before on the way, h)."""

AXES = {"neurons": -2, "inputs": -1}


def by_themselves(step: Normalise, _place: int, h: Floats) -> Normalised:
    """N(h) from the moments of these rows."""
    return normalised(h, AXES[step.over], centred=step.centred)


class Population:
    """Mean and variance of every neuron, for batch norm of rows that are classified each by itself.

    They are the means of those of some batches for training, the variance times m / (m - 1) with m rows in a batch:
    algorithm 2 of Ioffe & Szegedy 2015. Running averages would depend on the steps before, and know nothing at step 0.
    """

    def __init__(self) -> None:
        self._moments: dict[int, list[tuple[Floats, Floats]]] = {}

    def measure(self, step: Normalise, place: int, h: Floats) -> Normalised:
        """Normalise a batch for training by its own moments, and remember them."""
        at, rows = by_themselves(step, place, h), h.shape[-1]
        epsilon = h.dtype.type(EPSILON)
        variance = (at.deviation * at.deviation - epsilon) * h.dtype.type(rows / (rows - 1))
        self._moments.setdefault(place, []).append((at.mean, variance))
        return at

    def normalise(self, step: Normalise, place: int, h: Floats) -> Normalised:
        """Normalise any rows by the moments measured."""
        mean, variance = (sum(of_batches) / len(of_batches) for of_batches in zip(*self._moments[place], strict=True))
        deviation: Floats = np.sqrt(variance + h.dtype.type(EPSILON))
        return Normalised((h - mean) / deviation, mean, deviation, AXES[step.over], step.centred)
