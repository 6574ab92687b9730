"""Normal numbers made into orthonormal rows: Haar-distributed orthogonal matrices, square or not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tui_initflow.engine.draw import Floats32
from tui_initflow.engine.initialisers import Shape

BLOCK_NUMBERS = 1 << 15
"""Numbers of a matrix that are made orthonormal between two checkpoints, at most, or 16 rows."""
LEAST_ROWS = 16


def orthogonalise(matrices: Floats32, shape: Shape, checkpoint: Callable[[], None]) -> None:
    """Replace normal numbers (runs, fan_out * fan_in) by matrices of `shape`, with entries of variance 1.

    The rows or the columns, whichever are fewer, become orthogonal, each of length sqrt(max(shape)).
    """
    fan_out, fan_in = shape
    short, long = min(shape), max(shape)
    rows = matrices.reshape(len(matrices), short, long)
    _orthonormal_rows(rows, checkpoint)
    rows *= np.float32(np.sqrt(long))
    if fan_out > fan_in:
        matrices[:] = np.ascontiguousarray(rows.swapaxes(1, 2)).reshape(matrices.shape)


def _orthonormal_rows(rows: Floats32, checkpoint: Callable[[], None]) -> None:
    """Gram & Schmidt by blocks of rows, (runs, k, n) in place.

    What is left of independent normal rows when their projection on earlier rows is taken off is spherically
    symmetric in the orthogonal complement, so the result has Haar's distribution (Stewart 1980, Mezzadri 2007).
    """
    _, count, length = rows.shape
    step = max(LEAST_ROWS, BLOCK_NUMBERS // length)
    for first in range(0, count, step):
        checkpoint()
        done, block = rows[:, :first], rows[:, first : first + step]
        if first:
            # once more: the first time leaves rounding errors of the size of what is taken off
            for _ in range(2):
                block -= (block @ done.swapaxes(1, 2)) @ done
        q, r = np.linalg.qr(block.swapaxes(1, 2))
        signs = np.sign(np.diagonal(r, axis1=1, axis2=2))
        block[:] = (q * signs[:, None, :]).swapaxes(1, 2)
