"""Counting and summing the pre-activations of a batch of runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.passes import Float64s, Preactivations
from tui_initflow.engine.results import (
    FLAT_BELOW,
    HISTOGRAM_BINS,
    HISTOGRAM_RANGE,
    Counts,
    PreactivationStatistics,
)
from tui_initflow.engine.run_sums import RunSums, Sums
from tui_initflow.engine.simulator import BatchPasses

LOW, HIGH = HISTOGRAM_RANGE
CELLS = HISTOGRAM_BINS + 2
"""Bins of the histogram, one for all below it and one for all above."""


def measure(passes: BatchPasses, first_run: int) -> PreactivationStatistics:
    """What is kept of the pre-activations of a batch that starts at `first_run`."""
    layers, z = passes.preactivations, passes.z
    (runs,), cells = layers.shape, _cells(layers, z)
    return PreactivationStatistics(
        count=np.multiply(layers.widths, runs),
        saturated_count=_count(layers, np.abs(passes.slopes) < FLAT_BELOW),
        histogram=cells[:, 1:-1],
        below=cells[:, 0],
        above=cells[:, -1],
        sums=RunSums.of(first_run, _sums(layers, z)),
    )


def _sums(layers: Preactivations, z: Float64s) -> Sums:
    """Sums over the neurons of each layer of each run."""
    (runs,) = layers.shape
    lengths = np.repeat(layers.widths, runs)
    starts = np.cumsum(lengths) - lengths
    by_layer = np.stack([np.add.reduceat(values, starts) for values in (np.abs(z), z, np.square(z))])
    shape = (3, len(layers.widths), runs)
    return Sums(by_layer.reshape(shape).transpose(2, 0, 1), layers.exponents.T)


def _count(layers: Preactivations, flags: NDArray[np.bool_]) -> Counts:
    return np.stack([np.count_nonzero(layer) for layer in layers.by_layer(flags)])


def _cells(layers: Preactivations, z: Float64s) -> Counts:
    """Neurons by layer and cell, (L, 17)."""
    position = z * (HISTOGRAM_BINS / (HIGH - LOW))
    position += 1.0 - LOW * (HISTOGRAM_BINS / (HIGH - LOW))
    np.clip(position, 0.0, CELLS - 1, out=position)
    cell = position.astype(np.intp)
    (runs,), count = layers.shape, len(layers.widths)
    cell += np.repeat(np.arange(count) * CELLS, np.multiply(layers.widths, runs))
    return np.bincount(cell, minlength=count * CELLS).reshape(count, CELLS)
