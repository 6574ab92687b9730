"""Normal numbers made into orthonormal rows: Haar-distributed orthogonal matrices, square or not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tui_initflow.engine.sampling.numbers import Floats32

BLOCK_NUMBERS = 1 << 15
"""Most numbers of a matrix that are made orthonormal between two checkpoints, unless one row has more."""
ONE_THREAD = 1 << 18
"""Most multiplications in a product for which BLAS starts no threads of its own. They would compete with ours, which
can take a hundred times longer, and their number could change the rounding."""


def orthogonalise(matrices: Floats32, checkpoint: Callable[[], None]) -> None:
    """Replace normal numbers (runs, fan_out, fan_in), contiguous, by orthogonal matrices; an entry has variance 1.

    The rows or the columns, whichever are fewer, become orthogonal, each of length sqrt(max(fan_out, fan_in)).
    """
    _, fan_out, fan_in = matrices.shape
    short, long = sorted((fan_out, fan_in))
    rows = matrices.reshape(len(matrices), short, long)
    _orthonormal_rows(rows, checkpoint)
    rows *= np.float32(np.sqrt(long))
    if fan_out > fan_in:
        matrices[:] = rows.swapaxes(1, 2).copy()


def _orthonormal_rows(rows: Floats32, checkpoint: Callable[[], None]) -> None:
    """Gram-Schmidt by blocks of rows, (runs, k, n) in place.

    Independent normal rows less their projections on earlier rows are spherically symmetric in the orthogonal
    complement, so the result has Haar's distribution (Stewart 1980, Mezzadri 2007).
    """
    _, count, length = rows.shape
    step = max(1, BLOCK_NUMBERS // length)
    for first in range(0, count, step):
        block = rows[:, first : first + step]
        # twice: if little is left the first time, its rounding errors are relatively large
        for _ in range(2):
            _subtract_projections(block, rows[:, :first], checkpoint)
            _orthonormal_block(block, checkpoint)


def _orthonormal_block(block: Floats32, checkpoint: Callable[[], None]) -> None:
    if block.shape[1] == 1:
        block /= np.linalg.norm(block, axis=-1, keepdims=True)
        return
    half = block.shape[1] // 2
    upper, lower = block[:, :half], block[:, half:]
    _orthonormal_block(upper, checkpoint)
    _subtract_projections(lower, upper, checkpoint)
    _orthonormal_block(lower, checkpoint)


def _subtract_projections(block: Floats32, done: Floats32, checkpoint: Callable[[], None]) -> None:
    """Subtract from the rows of `block` their projections on the orthonormal rows of `done`, some at a time."""
    checkpoint()
    _, count, length = block.shape
    together = max(1, ONE_THREAD // (count * length))
    for first in range(0, done.shape[1], together):
        rows = done[:, first : first + together]
        block -= (block @ rows.swapaxes(1, 2)) @ rows
