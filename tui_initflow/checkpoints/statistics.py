"""What is computed from the numbers of tensors, moments and largest singular values: of one, or of many small ones.

Both give the same. A checkpoint may have a hundred thousand tensors of a few numbers each, for which the calls into
numpy would take most of the time: these are put one after the other, and each call computes a number of all of them.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tui_initflow.checkpoints.looks_like import LEAST_WEIGHTS
from tui_initflow.checkpoints.moments import Moments, Piece, central, is_far, measured, shift_of, together
from tui_initflow.checkpoints.sources import Bytes, Floats
from tui_initflow.checkpoints.tensors import ORDINARY, PIECE, Tensor
from tui_initflow.engine.pool import Cancelled, Stop, in_order

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
    """Estimate the largest singular value of a matrix of finite numbers of about the size `scale`.

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


KEPT = 96 << 20
"""Most bytes of a tensor that is decoded once and kept for all passes; a larger one is read again for each."""
SMALL = LEAST_WEIGHTS
"""Numbers of a tensor from which on it is measured by itself. A smaller weight's row and column sums are of no use."""
MOST_TOGETHER = 1 << 10
"""Tensors that are measured together."""


@dataclass(frozen=True, slots=True)
class TensorStatistics:
    """Moments and, of a weight, the largest singular value of a tensor's numbers divided by 2^exponent.

    `counted` is the same of the numbers as they are, of which only what is counted, `low` and `high` have to be right.
    """

    counted: Moments
    moments: Moments
    norm: SpectralNorm | None
    exponent: int


def statistics_of_each(
    tensors: Sequence[Tensor], are_weights: Sequence[bool], threads: int, cancel: threading.Event | None
) -> Iterator[TensorStatistics]:
    """The statistics of the tensors, in their order, each when it is asked for.

    Raises:
        CheckpointError: a tensor cannot be read.
        Cancelled: `cancel` is set.
    """
    largest = max((tensor.bytes_decoded for tensor in tensors), default=0)
    memory = np.empty(min(KEPT, largest), np.uint8)
    stop = Stop(cancel)
    for start, end in _stretches(tensors):
        small = [at for at in range(start, end) if _is_small(tensors[at])]
        found = _of_small([tensors[at] for at in small], [are_weights[at] for at in small]) if small else []
        together = dict(zip(small, found, strict=True))
        for at in range(start, end):
            stop.checkpoint()
            one = together.pop(at, None)
            yield one or _of_one(tensors[at], memory, threads, cancel, is_weight=are_weights[at])


def _is_small(tensor: Tensor) -> bool:
    return 0 < tensor.size < SMALL


def _stretches(tensors: Sequence[Tensor]) -> Iterator[tuple[int, int]]:
    """Where neighbours begin and end whose small ones are measured together."""
    start = numbers = 0
    for at, tensor in enumerate(tensors):
        if numbers >= PIECE or at - start >= MOST_TOGETHER:
            yield start, at
            start, numbers = at, 0
        numbers += tensor.size if _is_small(tensor) else 0
    yield start, len(tensors)


def _of_one(
    tensor: Tensor, memory: Bytes, threads: int, cancel: threading.Event | None, *, is_weight: bool
) -> TensorStatistics:
    """The statistics of a tensor, which is kept in `memory` meanwhile if there is room."""
    kept = tensor.loaded(memory) if 0 < tensor.bytes_decoded <= len(memory) else tensor
    counted = moments = _moments(kept, threads, Stop(cancel))
    scaled = kept.scaled(max(-moments.low, moments.high))
    if scaled.exponent:
        moments = _moments(scaled, threads, Stop(cancel))
    norm: SpectralNorm | None = None
    if is_weight and tensor.stored is not None and moments.finite == tensor.size:
        scale = moments.root_mean_square
        norm = largest_singular_value(scaled, scale, threads, cancel) if scale else SpectralNorm(0.0, 0.0)
    return TensorStatistics(counted, moments, norm, scaled.exponent)


def _moments(tensor: Tensor, threads: int, stop: Stop) -> Moments:
    stored, size = tensor.stored, tensor.size
    # an odd stride visits all columns
    stride = max(1, size >> 16) | 1
    columns = None if stored is None else stored[1]
    shift = shift_of(tensor.piece(0)) if size else 0.0

    def sums(starts: range) -> list[Piece]:
        pieces = []
        for start in starts:
            stop.checkpoint()
            pieces.append(measured(tensor.piece(start), columns, shift, tensor.dtype, start, stride))
        return pieces

    workers = 1 if tensor.source.in_order else threads
    done: Iterator[list[Piece]] = (pieces for _, pieces in in_order(sums, tensor.tasks(), workers, stop))
    result = together(chain.from_iterable(done), shift, is_matrix=stored is not None)
    # a set event ends the pieces early
    if result.size < size:
        raise Cancelled
    return result


def _of_small(tensors: Sequence[Tensor], are_weights: Sequence[bool]) -> list[TensorStatistics | None]:
    """The statistics of small tensors; None where there is more to do: not finite, not ordinary, zeros."""
    pieces = [tensor.piece(0) for tensor in tensors]
    sizes = np.array([tensor.size for tensor in tensors])
    starts = np.cumsum(sizes) - sizes
    with np.errstate(all="ignore"):
        x = np.concatenate(pieces).astype(np.float64)
        low, high = np.minimum.reduceat(x, starts), np.maximum.reduceat(x, starts)
        mean = np.add.reduceat(x, starts) / sizes
        variance = np.add.reduceat(np.square(x - np.repeat(mean, sizes)), starts) / sizes
        shift = np.where(is_far(mean, variance), mean, 0.0)
        y = x - np.repeat(shift, sizes)
        squares = np.square(y)
        sums = [np.add.reduceat(powers, starts) for powers in (y, squares, squares * y, squares * squares)]
        least = np.repeat([tensor.dtype.least_normal for tensor in tensors], sizes)
        magnitudes = np.abs(x)
        zeros = np.add.reduceat(magnitudes == 0, starts, dtype=np.int64)
        subnormal = np.add.reduceat((magnitudes < least) & (magnitudes > 0), starts, dtype=np.int64)
        largest, are_vectors = np.maximum(-low, high), np.array([tensor.stored is None for tensor in tensors])
        is_ordinary = (largest == 0) | ((largest > 2.0**-ORDINARY) & (largest < 2.0**ORDINARY))
        is_plain = is_ordinary & (are_vectors | (zeros == 0))
        mean, std, kurtosis = central([power / sizes for power in sums], shift)
        is_constant = low == high
    columns = (
        *(sizes, zeros, subnormal, low, high, np.clip(mean, low, high)),
        *(np.where(is_constant, 0.0, np.minimum(std, largest)), np.where(is_constant, math.nan, kurtosis)),
    )
    rows = zip(*(values.tolist() for values in columns), strict=True)
    moments = [
        _moments_of(piece, *row) if plain else None
        for piece, plain, row in zip(pieces, is_plain.tolist(), rows, strict=True)
    ]
    norms = _norms(tensors, pieces, moments, are_weights)
    return [
        None if one is None else TensorStatistics(one, one, norm, 0) for one, norm in zip(moments, norms, strict=True)
    ]


def _moments_of(
    piece: Floats,
    size: int,
    zeros: int,
    subnormal: int,
    low: float,
    high: float,
    mean: float,
    std: float,
    kurtosis: float,
) -> Moments:
    return Moments(
        size=size,
        finite=size,
        nan=0,
        inf=0,
        zeros=zeros,
        subnormal=subnormal,
        low=low,
        high=high,
        mean=mean,
        std=std,
        excess_kurtosis=kurtosis,
        rows=None,
        columns=None,
        dead_rows=0,
        dead_columns=0,
        sample=piece,
    )


def _norms(
    tensors: Sequence[Tensor], pieces: Sequence[Floats], moments: Sequence[Moments | None], are_weights: Sequence[bool]
) -> list[SpectralNorm | None]:
    """The largest singular values of weights, those of the same shape together."""
    norms: list[SpectralNorm | None] = [None] * len(tensors)
    alike: dict[tuple[int, int], list[int]] = {}
    for at, (tensor, one, is_weight) in enumerate(zip(tensors, moments, are_weights, strict=True)):
        if is_weight and one is not None and tensor.stored is not None:
            alike.setdefault(tensor.stored, []).append(at)
    for shape, positions in alike.items():
        scales = [one.root_mean_square for at in positions if (one := moments[at]) is not None]
        matrices = np.stack([pieces[at] for at in positions]).reshape(-1, *shape)
        for at, value in zip(positions, largest_of_each(matrices, np.array(scales)).tolist(), strict=True):
            norms[at] = SpectralNorm(value, value)
    return norms
