"""One pass over a tensor: everything that can be summed or counted, piece by piece, in the order of the file.

Sums are taken in float32 within a row or a piece and added up in float64. Numbers whose powers float32 cannot hold are
taken in float64. A tensor far from zero for its spread, such as the weights of a norm, is shifted by the mean of its
first piece, so that the variance keeps its digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_initflow.checkpoints.dtypes import Dtype, Floats

Float64s = NDArray[np.float64]

SMALL, LARGE = 1e-8, 1e8
"""Between these float32 holds fourth powers with all their digits."""
SAMPLE = 1 << 16
"""Numbers that are kept for the test of the distribution."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Sums of a piece: of the powers 1 to 4 of the finite numbers minus the shift, and what there is to count.

    Row sums are (rows,), column sums (columns,), each of the first and the second power; of a tensor without rows
    they are those of a single row.
    """

    finite: int
    nan: int
    zeros: int
    subnormal: int
    low: float
    high: float
    row_sums: Float64s
    row_squares: Float64s
    column_sums: Float64s
    column_squares: Float64s
    cubes: float
    fourths: float
    alive_rows: int
    alive_columns: NDArray[np.bool_] | None
    sample: Floats


def shift_of(first: Floats) -> float:
    """What to subtract: 0 unless the mean of the first piece is far from zero for its spread."""
    finite = first[np.isfinite(first)].astype(np.float64)
    if not finite.size:
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        mean, std = float(finite.mean()), float(finite.std())
    return mean if math.isfinite(mean) and math.isfinite(std) and abs(mean) > 2 * std else 0.0


def measured(x: Floats, columns: int, shift: float, dtype: Dtype, offset: int, stride: int) -> Piece:
    """The sums of a piece x, flat, with `columns` numbers in a row; every `stride`-th number of the tensor is kept."""
    with np.errstate(all="ignore"):
        low, high = float(x.min()), float(x.max())
        finite, nan, sample = x.size, 0, x[-offset % stride :: stride]
        y = x
        if not (math.isfinite(low) and math.isfinite(high)):
            is_finite = np.isfinite(x)
            finite, nan = int(np.count_nonzero(is_finite)), int(np.count_nonzero(np.isnan(x)))
            low = float(x.min(where=is_finite, initial=np.inf))
            high = float(x.max(where=is_finite, initial=-np.inf))
            y = np.where(is_finite, x, x.dtype.type(shift))
            sample = sample[np.isfinite(sample)]
        largest = max(abs(low), abs(high), abs(shift))
        if y.dtype != np.float64 and not (SMALL < largest < LARGE) and largest:
            y = y.astype(np.float64)
        if shift:
            y = y - y.dtype.type(shift)
        squares = np.square(y)
        least = dtype.least_normal
        # squares of smaller ones are 0 or the smallest, and most tensors have none
        smallest = float(squares.min()) if not shift and finite == x.size else 0.0
        zeros = subnormal = 0
        by_row, squares_by_row = y.reshape(-1, columns), squares.reshape(-1, columns)
        alive_rows, alive = len(by_row), None
        if smallest <= least * least or smallest < 1e-30:
            zeros = x.size - int(np.count_nonzero(x))
            if least:
                subnormal = int(np.count_nonzero(np.abs(x) < least)) - zeros
            if zeros:
                nonzero = x.reshape(-1, columns) != 0
                alive_rows, alive = int(np.count_nonzero(nonzero.any(axis=1))), nonzero.any(axis=0)
        ones, ones_by_row = np.ones(columns, y.dtype), np.ones(len(by_row), y.dtype)
        flat = squares.ravel()
        return Piece(
            finite=finite,
            nan=nan,
            zeros=zeros,
            subnormal=subnormal,
            low=low,
            high=high,
            row_sums=(by_row @ ones).astype(np.float64),
            row_squares=(squares_by_row @ ones).astype(np.float64),
            column_sums=(ones_by_row @ by_row).astype(np.float64),
            column_squares=(ones_by_row @ squares_by_row).astype(np.float64),
            cubes=float(np.dot(flat, y.ravel())),
            fourths=float(np.dot(flat, flat)),
            alive_rows=alive_rows,
            alive_columns=alive,
            sample=sample.copy(),
        )


@dataclass(frozen=True, slots=True)
class Moments:
    """The statistics of a tensor's finite numbers; nan where there are none.

    `std` is about the mean, `square` the mean square. Row and column sums are of the numbers as they are, and of their
    squares; None for a tensor that is no matrix. Rows and columns are dead where every number is 0.
    """

    size: int
    finite: int
    nan: int
    inf: int
    zeros: int
    subnormal: int
    low: float
    high: float
    mean: float
    std: float
    excess_kurtosis: float
    rows: tuple[Float64s, Float64s] | None
    columns: tuple[Float64s, Float64s] | None
    dead_rows: int
    dead_columns: int
    sample: Floats
    fingerprint: tuple[float, ...]

    @property
    def is_constant(self) -> bool:
        return self.finite == self.size and self.low == self.high


def together(pieces: Iterable[Piece], shift: float, *, is_matrix: bool) -> Moments:
    """The statistics of a tensor from those of its pieces, in order."""
    finite = nan = zeros = subnormal = size = alive_rows = rows = 0
    low, high = math.inf, -math.inf
    sums = np.zeros(4)
    row_sums: list[Float64s] = []
    row_squares: list[Float64s] = []
    columns: Float64s | None = None
    alive: NDArray[np.bool_] | None = None
    all_alive = False
    samples: list[Floats] = []
    with np.errstate(all="ignore"):
        for piece in pieces:
            finite, nan = finite + piece.finite, nan + piece.nan
            zeros, subnormal = zeros + piece.zeros, subnormal + piece.subnormal
            size += len(piece.row_sums) * len(piece.column_sums)
            low, high = min(low, piece.low), max(high, piece.high)
            sums += (piece.row_sums.sum(), piece.row_squares.sum(), piece.cubes, piece.fourths)
            samples.append(piece.sample)
            if is_matrix:
                row_sums.append(piece.row_sums)
                row_squares.append(piece.row_squares)
                both = np.stack([piece.column_sums, piece.column_squares])
                columns = both if columns is None else columns + both
                rows, alive_rows = rows + len(piece.row_sums), alive_rows + piece.alive_rows
                if piece.alive_columns is None:
                    all_alive = True
                else:
                    alive = piece.alive_columns if alive is None else alive | piece.alive_columns
        mean, std, kurtosis = _central(sums, finite, shift)
    dead_columns = 0 if all_alive or alive is None else int(np.count_nonzero(~alive))
    has_rows = is_matrix and columns is not None and not shift
    return Moments(
        size=size,
        finite=finite,
        nan=nan,
        inf=size - finite - nan,
        zeros=zeros,
        subnormal=subnormal,
        low=low if finite else math.nan,
        high=high if finite else math.nan,
        mean=mean,
        std=0.0 if finite == size and low == high else std,
        excess_kurtosis=math.nan if low == high else kurtosis,
        rows=(np.concatenate(row_sums), np.concatenate(row_squares)) if has_rows else None,
        columns=(columns[0], columns[1]) if has_rows and columns is not None else None,
        dead_rows=rows - alive_rows,
        dead_columns=dead_columns,
        sample=np.concatenate(samples) if samples else np.empty(0, np.float32),
        fingerprint=(low, high, float(nan), shift, *sums.tolist()),
    )


def _central(sums: Float64s, count: int, shift: float) -> tuple[float, float, float]:
    """Mean, standard deviation and excess kurtosis from sums of powers of count numbers minus the shift."""
    if not count:
        return math.nan, math.nan, math.nan
    m1, m2, m3, m4 = (float(value) for value in sums / count)
    variance = max(m2 - m1 * m1, 0.0)
    fourth = m4 - 4 * m1 * m3 + 6 * m1 * m1 * m2 - 3 * m1**4
    kurtosis = fourth / variance**2 - 3.0 if variance**2 > 0 and math.isfinite(fourth) else math.nan
    return shift + m1, math.sqrt(variance) if math.isfinite(variance) else math.inf, kurtosis
