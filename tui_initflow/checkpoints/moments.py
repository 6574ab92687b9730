"""One pass over a tensor: everything that can be summed or counted, piece by piece, in the order of the file.

Sums are taken in float32 within a row or a piece and added up in float64. Numbers whose powers float32 cannot hold are
taken in float64; a tensor whose powers that cannot hold either is scaled before: see `Tensor.scaled`. One far from zero
for its spread, such as the weights of a norm, is shifted by the mean of its first piece, so that the variance keeps its
digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.checkpoints.sources import Dtype, Floats
from tui_initflow.checkpoints.tensors import times_power

Float64s = NDArray[np.float64]

SMALL, LARGE = 1e-8, 1e8
"""Between these float32 holds fourth powers with all their digits."""
SAMPLE = 1 << 16
"""Numbers that are kept for the test of the distribution."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Sums of a piece: of the powers 1 to 4 of the finite numbers minus the shift, and what there is to count.

    Row sums are (rows,), column sums (columns,), each of the first and the second power; a tensor without rows has none
    of columns, and those of a single row.
    """

    size: int
    finite: int
    nan: int
    zeros: int
    subnormal: int
    low: float
    high: float
    row_sums: Float64s
    row_squares: Float64s
    column_sums: Float64s | None
    cubes: float
    fourths: float
    alive_rows: int
    alive_columns: NDArray[np.bool_] | None
    sample: Floats


def shift_of(first: Floats) -> float:
    """What to subtract: 0 unless the mean of the first piece is far from zero for its spread."""
    with np.errstate(all="ignore"):
        x = first.astype(np.float64)
        mean = float(np.add.reduce(x)) / x.size
        if not math.isfinite(mean):
            x = x[np.isfinite(x)]
            mean = float(np.add.reduce(x)) / max(x.size, 1)
        x -= mean
        variance = float(x @ x) / max(x.size, 1)
        return mean if is_far(mean, variance) else 0.0


def is_far(mean: Any, variance: Any) -> Any:
    """Whether numbers of this mean and variance, of each of several tensors, are far from zero for their spread."""
    return np.isfinite(variance) & (mean * mean > 4 * variance)


def measured(x: Floats, columns: int | None, shift: float, dtype: Dtype, offset: int, stride: int) -> Piece:
    """The sums of a piece x, flat, with `columns` numbers in a row; every `stride`-th number of the tensor is kept."""
    with np.errstate(all="ignore"):
        low, high = float(np.minimum.reduce(x)), float(np.maximum.reduce(x))
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
        smallest = float(np.minimum.reduce(squares)) if not shift and finite == x.size else 0.0
        zeros = subnormal = 0
        row = x.size if columns is None else columns
        alive_rows, alive = x.size // row, None
        if smallest <= least * least or smallest < 1e-30:
            zeros = x.size - int(np.count_nonzero(x))
            if least:
                subnormal = int(np.count_nonzero(np.abs(x) < least)) - zeros
            if zeros and columns is not None:
                nonzero = x.reshape(-1, columns) != 0
                alive_rows, alive = int(np.count_nonzero(nonzero.any(axis=1))), nonzero.any(axis=0)
        ones = np.ones(row, y.dtype)
        by_row, squares_by_row = y.reshape(-1, row), squares.reshape(-1, row)
        column_sums = None
        if columns is not None:
            ones_by_row = np.ones(len(by_row), y.dtype)
            column_sums = np.array([ones_by_row @ by_row, ones_by_row @ squares_by_row], np.float64)
        return Piece(
            size=x.size,
            finite=finite,
            nan=nan,
            zeros=zeros,
            subnormal=subnormal,
            low=low,
            high=high,
            row_sums=(by_row @ ones).astype(np.float64),
            row_squares=(squares_by_row @ ones).astype(np.float64),
            column_sums=column_sums,
            cubes=float(np.dot(squares, y)),
            fourths=float(np.dot(squares, squares)),
            alive_rows=alive_rows,
            alive_columns=alive,
            sample=sample.copy(),
        )


@dataclass(frozen=True, slots=True)
class Moments:
    """The statistics of a tensor's finite numbers; nan where there are none.

    `std` is about the mean. Row and column sums are of the numbers as they are, and of their
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

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """What tensors with the same numbers have in common, and others mostly have not."""
        # -0 is equal to 0, and nan to nothing
        some = (self.sample[:8] + self.sample.dtype.type(0)).tobytes()
        return self.nan, self.zeros, some, *((self.low, self.high) if self.finite else ())

    @property
    def is_constant(self) -> bool:
        return self.finite == self.size and self.low == self.high

    @property
    def root_mean_square(self) -> float:
        return min(math.hypot(self.std, self.mean), max(-self.low, self.high))

    def times_power(self, exponent: int) -> Moments:
        """Those of numbers 2^exponent times as large, which float64 holds; not all of their sums it may."""
        with np.errstate(over="ignore", under="ignore"):
            low, high, sample = (np.ldexp(values, exponent) for values in (self.low, self.high, self.sample))
            rows, columns = (
                None if sums is None else (np.ldexp(sums[0], exponent), np.ldexp(sums[1], 2 * exponent))
                for sums in (self.rows, self.columns)
            )
        low, high = float(low), float(high)
        return replace(
            self,
            low=low,
            high=high,
            mean=min(max(times_power(self.mean, exponent), low), high),
            std=min(times_power(self.std, exponent), max(-low, high)),
            rows=rows,
            columns=columns,
            sample=sample,
        )


def together(pieces: Iterable[Piece], shift: float, *, is_matrix: bool) -> Moments:
    """The statistics of a tensor from those of its pieces, in order."""
    finite = nan = zeros = subnormal = size = alive_rows = rows = 0
    low, high = math.inf, -math.inf
    first = second = third = fourth = 0.0
    row_sums: list[Float64s] = []
    row_squares: list[Float64s] = []
    columns: Float64s | None = None
    alive: NDArray[np.bool_] | None = None
    all_alive = False
    samples: list[Floats] = []
    with np.errstate(all="ignore"):
        for piece in pieces:
            size, finite, nan = size + piece.size, finite + piece.finite, nan + piece.nan
            zeros, subnormal = zeros + piece.zeros, subnormal + piece.subnormal
            low, high = min(low, piece.low), max(high, piece.high)
            first, second = first + float(piece.row_sums.sum()), second + float(piece.row_squares.sum())
            third, fourth = third + piece.cubes, fourth + piece.fourths
            samples.append(piece.sample)
            if is_matrix:
                row_sums.append(piece.row_sums)
                row_squares.append(piece.row_squares)
                if piece.column_sums is not None:
                    columns = piece.column_sums if columns is None else columns + piece.column_sums
                rows, alive_rows = rows + len(piece.row_sums), alive_rows + piece.alive_rows
                if piece.alive_columns is None:
                    all_alive = True
                else:
                    alive = piece.alive_columns if alive is None else alive | piece.alive_columns
        mean, std, kurtosis = map(float, central(np.array([first, second, third, fourth]) / finite, shift))
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
        # what sums round to may be beyond what they are of
        mean=min(max(mean, low), high) if finite else math.nan,
        std=0.0 if low == high else min(std, max(-low, high)),
        excess_kurtosis=math.nan if low == high else kurtosis,
        rows=(np.concatenate(row_sums), np.concatenate(row_squares)) if has_rows else None,
        columns=(columns[0], columns[1]) if has_rows and columns is not None else None,
        dead_rows=rows - alive_rows,
        dead_columns=dead_columns,
        sample=np.concatenate(samples) if samples else np.empty(0, np.float32),
    )


def central(means: Sequence[Any] | Float64s, shift: Any) -> tuple[Any, Any, Any]:
    """Mean, standard deviation and excess kurtosis of numbers, or of each of several tensors.

    `means` are those of the powers 1 to 4 of the numbers minus the shift.
    """
    m1, m2, m3, m4 = means
    variance = np.maximum(m2 - m1 * m1, 0.0)
    fourth, square = m4 - 4 * m1 * m3 + 6 * m1 * m1 * m2 - 3 * m1 * m1 * m1 * m1, variance * variance
    kurtosis = np.where(square > 0, fourth / square - 3.0, np.nan)
    return shift + m1, np.sqrt(variance), kurtosis
