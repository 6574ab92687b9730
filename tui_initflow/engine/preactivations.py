"""Counting and summing the pre-activations of a batch of runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.passes import Float64s, Forward
from tui_initflow.engine.results import (
    HISTOGRAM_BINS,
    HISTOGRAM_RANGE,
    SATURATED_BELOW,
    Counts,
    Preactivations,
)
from tui_initflow.engine.run_sums import RunSums, Sums

LOW, HIGH = HISTOGRAM_RANGE
CELLS = HISTOGRAM_BINS + 2
"""Bins of the histogram, one for all below it and one for all above."""


def measure(found: Forward, z: Float64s, slopes: Float64s, first_run: int) -> Preactivations:
    """What is kept of the runs from `first_run` on; `z` are the signals of `found`, `slopes` f'(z), both flat."""
    (runs,), cells = found.shape, _cells(found, z)
    return Preactivations(
        count=np.multiply(found.widths, runs),
        saturated_count=_by_layer(np.abs(slopes) < SATURATED_BELOW, found),
        histogram=cells[:, 1:-1],
        below=cells[:, 0],
        above=cells[:, -1],
        sums=RunSums.of(first_run, _sums(found, z)),
    )


def _sums(found: Forward, z: Float64s) -> Sums:
    """Sums over the neurons of each layer of each run."""
    (runs,) = found.shape
    lengths = np.repeat(found.widths, runs)
    starts = np.cumsum(lengths) - lengths
    by_layer = np.stack([np.add.reduceat(values, starts) for values in (np.abs(z), z, np.square(z))])
    shape = (3, len(found.widths), runs)
    return Sums(by_layer.reshape(shape).transpose(2, 0, 1), found.exponents.T)


def _by_layer(flags: NDArray[np.bool_], found: Forward) -> Counts:
    return np.stack([np.count_nonzero(layer) for layer in found.by_layer(flags)])


def _cells(found: Forward, z: Float64s) -> Counts:
    """Neurons by layer and cell, (L, 17)."""
    position = z * (HISTOGRAM_BINS / (HIGH - LOW))
    position += 1.0 - LOW * (HISTOGRAM_BINS / (HIGH - LOW))
    np.clip(position, 0.0, CELLS - 1, out=position)
    cell = position.astype(np.intp)
    (runs,), layers = found.shape, len(found.widths)
    cell += np.repeat(np.arange(layers) * CELLS, np.multiply(found.widths, runs))
    return np.bincount(cell, minlength=layers * CELLS).reshape(layers, CELLS)
