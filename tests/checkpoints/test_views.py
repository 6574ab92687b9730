"""Views of a storage: which lie there as they are, and the gathering of those that do not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from tui_initflow.checkpoints import pickled_tensors as views
from tui_initflow.checkpoints.pickled_tensors import Storage, Strided, View
from tui_initflow.checkpoints.sources import DTYPES, Bytes, Memory


class Counting(Memory):
    """Memory that keeps how many bytes each read took."""

    def __init__(self, data: Bytes) -> None:
        super().__init__(data)
        self.reads: list[int] = []

    def read(self, start: int, out: Bytes) -> None:
        self.reads.append(len(out))
        super().read(start, out)


def view(shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0, dtype: str = "float32") -> View:
    return View(Storage("0", dtype), DTYPES[dtype], offset, shape, strides)


@pytest.mark.parametrize("dtype", ["float64", "float16", "uint8"])
def test_any_part_of_any_view_is_gathered_as_numpy_does(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    # so that a few numbers do what many do with what the program uses
    monkeypatch.setattr(views, "WINDOW", 400)
    monkeypatch.setattr(views, "WORTHWHILE", 32)
    source = np.random.default_rng(0)
    for case in range(300):
        shape = tuple(source.choice((1, 2, 3, 5, 7), source.integers(1, 5)).tolist())
        if case % 2:
            order, strides = source.permutation(len(shape)), [0] * len(shape)
            for together, index in enumerate(order):
                strides[index] = int(np.prod([shape[other] for other in order[:together]], initial=1))
        else:
            strides = source.choice((0, 1, 2, 3, 11, 30), len(shape)).tolist()
        one = view(shape, tuple(strides), int(source.integers(4)), dtype)
        size = one.dtype.size
        numbers = source.integers(0, 100, one.end // size).astype(one.dtype.numpy)
        expected = as_strided(numbers[one.offset :], shape, [stride * size for stride in strides])
        assert one.is_contiguous == expected.flags.c_contiguous
        assert one.is_fortran == expected.flags.f_contiguous
        first = int(source.integers(expected.size))
        last = int(source.integers(first, expected.size)) + 1
        out = np.empty((last - first) * size, np.uint8)
        Strided(Memory(numbers.view(np.uint8)), one).read(first * size, out)
        np.testing.assert_array_equal(out.view(numbers.dtype), expected.reshape(-1)[first:last])


@pytest.mark.parametrize(
    ("shape", "strides", "reads"),
    [
        ((1000, 10), (20, 1), 1),  # rows with gaps: all of them at once
        ((10, 10), (100_000, 1), 10),  # rows far apart: one by one
        ((10, 1000), (1, 100), 1),  # a transposed part
        ((1000, 50), (0, 0), 1),  # one number
    ],
)
def test_what_lies_close_is_read_together(shape: tuple[int, ...], strides: tuple[int, ...], reads: int) -> None:
    one = view(shape, strides)
    memory = Counting(np.zeros(one.end, np.uint8))
    Strided(memory, one).read(0, np.empty(4 * int(np.prod(shape)), np.uint8))
    assert len(memory.reads) == reads
    assert sum(memory.reads) <= one.end


def test_a_view_of_nothing_ends_where_it_begins() -> None:
    assert view((3, 0), (1, 3), offset=5).end == 0
    assert view((3, 0), (1, 3), offset=5).is_contiguous
    assert view((), (), offset=5).end == 24
