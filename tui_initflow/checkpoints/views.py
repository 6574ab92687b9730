"""A tensor as PyTorch stores it: a view of a storage, which other tensors may view as well.

A view has an offset, a shape and for every index a stride, the distance between two neighbours. It may be transposed,
sliced, or show a number more than once. https://pytorch.org/docs/stable/tensor_view.html
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from tui_initflow.checkpoints.dtypes import DTYPES, Bytes, Dtype
from tui_initflow.checkpoints.sources import Source

WINDOW = 96 << 20
"""Most bytes of a storage that are read together to gather numbers from."""
WORTHWHILE = 1 << 14
"""Bytes that are read in the time of one read more."""
STORAGES = {
    **{"DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16"},
    **{"LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8"},
    **{"ByteStorage": "uint8", "BoolStorage": "bool", "UntypedStorage": "bytes"},
    **{"ComplexDoubleStorage": "complex128", "ComplexFloatStorage": "complex64"},
    **{"QInt32Storage": "qint32", "QInt8Storage": "qint8", "QUInt8Storage": "quint8"},
    **{"QUInt4x2Storage": "quint4x2", "QUInt2x4Storage": "quint2x4"},
}
"""The type of the numbers in each of PyTorch's storages."""
_OTHER_SIZES = {"complex128": 16, "complex64": 8, "qint32": 4}
"""Bytes of a number, of those types that are not read and have not one."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Numbers that are kept outside of the pickle, or a part of them: its key, type and first number."""

    key: str
    dtype: str
    start: int = 0

    @property
    def size(self) -> int:
        """Bytes of a number."""
        return DTYPES[self.dtype].size if self.dtype in DTYPES else _OTHER_SIZES.get(self.dtype, 1)


@dataclass(frozen=True, slots=True)
class View:
    """A tensor as a view of a storage. Offset and strides count numbers."""

    storage: Storage
    dtype: Dtype
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def end(self) -> int:
        """Bytes of the storage up to the last number."""
        if 0 in self.shape:
            return 0
        return self.dtype.size * (self.offset + _span(self.shape, self.strides))

    @property
    def is_contiguous(self) -> bool:
        """Whether the numbers lie one after the other, the last index running fastest."""
        return 0 in self.shape or _together(self.shape, self.strides) == math.prod(self.shape)

    @property
    def is_fortran(self) -> bool:
        """Whether they do with the first index running fastest."""
        return _together(self.shape[::-1], self.strides[::-1]) == math.prod(self.shape)


def _span(shape: Iterable[int], strides: Iterable[int]) -> int:
    """Numbers from the first to the last."""
    return 1 + sum((count - 1) * stride for count, stride in zip(shape, strides, strict=True))


def _together(shape: Sequence[int], strides: Sequence[int]) -> int:
    """Numbers that lie one after the other, the last index running fastest."""
    together = 1
    for count, stride in zip(reversed(shape), reversed(strides), strict=True):
        if count > 1 and stride != together:
            break
        together *= count
    return together


class Strided:
    """The numbers of a view that do not lie one after the other, in the order of its indices."""

    def __init__(self, source: Source, view: View) -> None:
        self._source, self._view = source, view
        self.in_order = source.in_order

    def read(self, start: int, out: Bytes) -> None:
        view, size = self._view, self._view.dtype.size
        if len(out):
            self._gather(view.offset, view.shape, view.strides, start // size, out.view(f"u{size}"))

    def _gather(self, at: int, shape: tuple[int, ...], strides: tuple[int, ...], first: int, out: NDArray[Any]) -> None:
        """Fill `out` with the numbers from the `first` on, of a view that begins at number `at` of the storage."""
        if shape:
            inner = math.prod(shape[1:])
            skipped, last = first // inner, (first + len(out) - 1) // inner
            at, first, shape = at + skipped * strides[0], first - skipped * inner, (last - skipped + 1, *shape[1:])
        span, size = _span(shape, strides), out.itemsize
        reads = len(out) // _together(shape, strides) + 1
        if span * size <= min(WINDOW, WORTHWHILE * reads + out.nbytes):
            raw = np.empty(span * size, np.uint8)
            self._source.read(at * size, raw)
            numbers = as_strided(raw.view(out.dtype), shape, [stride * size for stride in strides], writeable=False)
            out[:] = numbers.flat[first : first + len(out)]
        elif shape[0] == 1:
            self._gather(at, shape[1:], strides[1:], first, out)
        else:
            here = shape[0] // 2 * inner - first
            self._gather(at, shape, strides, first, out[:here])
            self._gather(at, shape, strides, first + here, out[here:])
