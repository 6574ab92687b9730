"""The spectral norm: the Lanczos method on W^T W, a piece of W at a time.

It is the power method with memory: the same products, and the best estimate from all of them together. The estimate
only rises, so it is never too large. A singular value that stands out is found to all digits in a few steps; without
one, as in weights that were never trained, `FEW_STEPS` come within 3 % and `MANY_STEPS` within 1 %. Golub & Van Loan
2013, section 10.1.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from tui_initflow.checkpoints.tensors import Tensor
from tui_initflow.engine.pool import Stop, in_order

Float64s = NDArray[np.float64]

FEW_STEPS, MANY_STEPS = 8, 24
FEW_ABOVE = 1 << 20
"""Numbers of a tensor above which there are few steps: every step is one more pass over it."""
SETTLED = 2e-4
"""Rise of the estimate below which a step is the last: a fraction of it."""
LEAST_STEPS = 4


def spectral_norm(tensor: Tensor, scale: float, threads: int, cancel: threading.Event | None) -> float:
    """The largest singular value of a matrix with finite numbers of about the size `scale`.

    Raises:
        CheckpointError: the numbers cannot be read.
        Cancelled: `cancel` is set.
    """
    stored = tensor.stored
    assert stored is not None
    columns = stored[1]
    v = np.random.default_rng(0).standard_normal(columns)
    v /= np.linalg.norm(v)
    basis, diagonal, beside = [v], np.empty(0), np.empty(0)
    estimate = 0.0
    for step in range(FEW_STEPS if tensor.size > FEW_ABOVE else MANY_STEPS):
        w = _passed(tensor, basis[-1], scale, threads, cancel)
        diagonal = np.append(diagonal, w @ basis[-1])
        known = np.stack(basis)
        # twice, which keeps it orthogonal to rounding
        for _ in range(2):
            w = w - (known @ w) @ known
        tridiagonal = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        last, estimate = estimate, float(np.sqrt(max(np.linalg.eigvalsh(tridiagonal)[-1], 0.0)))
        size = float(np.linalg.norm(w))
        # in fewer dimensions than steps there is nothing more to find
        if size <= 1e-6 * estimate**2 or (step >= LEAST_STEPS and estimate - last <= SETTLED * estimate):
            break
        basis.append(w / size)
        beside = np.append(beside, size)
    return estimate * scale


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
