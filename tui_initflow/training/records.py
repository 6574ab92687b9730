"""What is measured of every network at a step of its training."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.preactivations import FLAT_BELOW
from tui_initflow.engine.signals import Float64s, Floats


@dataclass(frozen=True, slots=True)
class Record:
    """Every network at one step: `loss` (networks,), the others (networks, layers).

    `loss` is that of the step's batch before the update. With delta the gradient of the loss of a single row, of that
    of all rows with batch norm: `log10_gradient`, the mean of |delta_{k+1}| in column k, 0 … L, as the app measures it,
    but with the read-out in place of the output's 1; `log10_spread`, the standard deviation of the same delta.
    `saturated` is the share of units of the layers 1 … L with |f'| < 0.1. `log10_gradient_ratio` and
    `log10_update_ratio` are the standard deviations of the gradient and of the update of W_l over that of W_l,
    1 … L+1. -inf is an exact zero; nan, for a network that has diverged or a ratio that is 0 / 0, is masked in results.
    """

    loss: Float64s
    log10_gradient: Float64s
    log10_spread: Float64s
    saturated: Float64s
    log10_gradient_ratio: Float64s
    log10_update_ratio: Float64s

    def at(self, networks: NDArray[np.intp], count: int) -> Record:
        """The record of `count` networks of which only these were measured; nan for the others."""
        return Record(*(scattered(getattr(self, field.name), networks, count) for field in fields(self)))


def scattered(values: Float64s, networks: NDArray[np.intp], count: int) -> Float64s:
    """Values of some networks as an array (count, …) that is nan elsewhere."""
    everywhere = np.full((count, *values.shape[1:]), np.nan)
    everywhere[networks] = values
    return everywhere


class Diagnostics:
    """Measures every layer on the way down."""

    def __init__(self) -> None:
        self._gradient: list[Float64s] = []
        self._spread: list[Float64s] = []
        self._saturated: list[Float64s] = []

    def __call__(self, layer: int, delta: Floats, slope: Floats | None) -> None:
        # squares of small float32 underflow; the mean over the batch is taken back
        wide = delta.astype(np.float64) * delta.shape[-1]
        self._gradient.insert(0, np.abs(wide).mean(axis=(1, 2)))
        self._spread.insert(0, wide.std(axis=(1, 2)))
        if slope is not None:
            self._saturated.insert(0, np.mean(np.abs(slope) < FLAT_BELOW, axis=(1, 2)))

    def keep(self, networks: NDArray[np.bool_]) -> None:
        for measured in (self._gradient, self._spread, self._saturated):
            measured[:] = [layer[networks] for layer in measured]

    def by_layer(self) -> tuple[Float64s, Float64s, Float64s]:
        """log10 gradient, log10 spread and share of saturated units, (networks, layers)."""
        gradient, spread, saturated = (
            np.stack(measured, axis=1) for measured in (self._gradient, self._spread, self._saturated)
        )
        return np.log10(gradient), np.log10(spread), saturated
