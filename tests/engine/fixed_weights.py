"""Networks whose weights are given, one at a time or as a batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.products import RESCALE_EVERY, Matrices, Rows


@dataclass
class FixedWeights(Matrices):
    """D_1 … D_L, each (runs, fan_out, fan_in), handed out in blocks of at most `rows` rows."""

    matrices: Sequence[NDArray[Any]]
    scales: Sequence[float]
    rows: int = 1_000_000
    rescale_every: int = RESCALE_EVERY
    widths: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        self.widths = [matrix.shape[1] for matrix in self.matrices]

    def tiles(self, layer: int) -> Iterator[Rows]:
        matrix = self.matrices[layer - 1]
        for first in range(0, matrix.shape[1], self.rows):
            rows = slice(first, min(first + self.rows, matrix.shape[1]))
            yield rows, matrix[:, rows]


def random_weights(
    widths: Sequence[int], runs: int, scales: Sequence[float], seed: int = 0, dtype: Any = np.float64
) -> FixedWeights:
    """Normal weights of variance 1 / fan_in for widths F, n_1 … n_L, times the scale of each layer."""
    generator = np.random.default_rng(seed)
    matrices = []
    for fan_in, fan_out in itertools.pairwise(widths):
        matrix = generator.standard_normal((runs, fan_out, fan_in)) / np.sqrt(fan_in)
        matrices.append(matrix.astype(dtype))
    return FixedWeights(matrices, scales)
