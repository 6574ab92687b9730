"""The spectral norm: the Lanczos method on W^T W, a piece of W at a time. Golub & Van Loan 2013, section 10.1.

It is the power method with memory: the same products, and the best estimate from all of them together, which only
rises and is never too large. A singular value that stands out is found to all digits in a few steps. Without one, as in
weights that were never trained, the estimate creeps up to the edge of a continuous spectrum. But there the coefficients
of the method, the diagonal a and b beside it, soon no longer change, and the edge is at a + 2 b (Haydock 1980): that is
what is given for a large matrix, to about 2 %. A smaller one gets the steps that it takes, to less than 1 %.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_initflow.checkpoints.dtypes import Floats
from tui_initflow.checkpoints.tensors import PIECE, Tensor
from tui_initflow.engine.pool import Stop, in_order

Float64s = NDArray[np.float64]

FEW_STEPS, MANY_STEPS = 6, 24
FEW_ABOVE = 1 << 20
"""Numbers of a tensor above which there are few steps: every step is one more pass over it."""
SETTLED = 5e-3, 2e-4
"""Rise of the estimate below which a step is the last, with few steps and with many: a fraction of it."""
STEADY = 0.03
"""Difference of two edges in a row, as a fraction, below which the coefficients no longer change."""
LEAST_STEPS = 3
FEW_SIDES = 64
"""Rows or columns of a matrix whose eigenvalues are all computed."""


@dataclass(frozen=True, slots=True)
class SpectralNorm:
    """The largest singular value: what it is about, and what it is at least."""

    estimate: float
    at_least: float


def largest_singular_value(tensor: Tensor, scale: float, threads: int, cancel: threading.Event | None) -> SpectralNorm:
    """Of a matrix with finite numbers of about the size `scale`.

    Raises:
        CheckpointError: the numbers cannot be read.
        Cancelled: `cancel` is set.
    """
    stored = tensor.stored
    assert stored is not None
    if min(stored) <= FEW_SIDES and tensor.size <= PIECE:
        (value,) = largest_of_each(tensor.piece(0).reshape(1, *stored), np.array([scale])).tolist()
        return SpectralNorm(value, value)
    is_large = tensor.size > FEW_ABOVE
    steps, settled = (FEW_STEPS, SETTLED[0]) if is_large else (MANY_STEPS, SETTLED[1])
    v = np.random.default_rng(0).standard_normal(stored[1])
    v /= np.linalg.norm(v)
    basis, diagonal, beside = [v], np.empty(0), np.empty(0)
    value = edge = 0.0
    for step in range(1, steps + 1):
        w = _passed(tensor, basis[-1], scale, threads, cancel)
        diagonal = np.append(diagonal, w @ basis[-1])
        known = np.stack(basis)
        # twice, which keeps it orthogonal to rounding
        for _ in range(2):
            w = w - (known @ w) @ known
        tridiagonal = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        last, value = value, math.sqrt(max(float(np.linalg.eigvalsh(tridiagonal)[-1]), 0.0))
        size = float(np.linalg.norm(w))
        # in fewer dimensions than steps there is nothing more to find
        if size <= 1e-6 * value**2 or (step > LEAST_STEPS and value - last <= settled * value):
            break
        last_edge, edge = edge, math.sqrt(max(float(diagonal[-1]) + 2 * size, 0.0))
        if is_large and step >= LEAST_STEPS and abs(edge - last_edge) < STEADY * edge and edge > value:
            return SpectralNorm((edge + last_edge) / 2 * scale, value * scale)
        basis.append(w / size)
        beside = np.append(beside, size)
    return SpectralNorm(value * scale, value * scale)


def largest_of_each(matrices: Floats, scales: Float64s) -> Float64s:
    """The largest singular values of matrices (count, rows, columns) with numbers of about the sizes `scales`."""
    w = np.divide(matrices, scales[:, None, None], dtype=np.float64)
    turned = w.transpose(0, 2, 1)
    squares = np.linalg.eigvalsh(turned @ w if w.shape[2] < w.shape[1] else w @ turned)[:, -1]
    largest: Float64s = np.sqrt(np.maximum(squares, 0.0)) * scales
    return largest


def _passed(tensor: Tensor, v: Float64s, scale: float, threads: int, cancel: threading.Event | None) -> Float64s:
    """W^T W v, of the matrix as it is stored, divided by scale^2."""
    columns, stop = len(v), Stop(cancel)
    v32 = v.astype(np.float32)

    def product(starts: range) -> Float64s:
        total = np.zeros(columns)
        for start in starts:
            stop.checkpoint()
            w = tensor.piece(start).reshape(-1, columns)
            if w.dtype == np.float64 or not 1e-6 < scale < 1e6:
                w = np.divide(w, scale, dtype=np.float64)
                total += (w @ v) @ w
            else:
                total += (((w @ v32) / np.float32(scale)) @ w) / np.float32(scale)
        return total

    total = np.zeros(columns)
    for _, part in in_order(product, tensor.tasks(), 1 if tensor.source.in_order else threads, stop):
        total += part
    # a set event ends the loop early
    Stop(cancel).checkpoint()
    return total
