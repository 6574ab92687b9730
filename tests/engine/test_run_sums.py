"""Sums over runs: the same to the last bit, however the runs are grouped, and at any size."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tui_initflow.engine.preactivations import RunSums, Sums

LAYERS = 3


def runs_of(count: int, vanishing: bool) -> Sums:
    generator = np.random.default_rng(count)
    exponents = generator.integers(-2500, 1, (count, LAYERS)) if vanishing else np.zeros((count, LAYERS))
    return Sums(generator.standard_normal((count, 3, LAYERS)), exponents.astype(np.int32))


def as_bytes(sums: RunSums) -> tuple[bytes, bytes]:
    total = sums.total
    return total.values.tobytes(), total.exponents.tobytes()


@given(st.integers(0, 70), st.integers(1, 70), st.lists(st.integers(1, 69), max_size=8), st.booleans())
def test_grouping_changes_nothing(first: int, count: int, cuts: list[int], vanishing: bool) -> None:
    by_run = runs_of(count, vanishing)
    whole = RunSums.of(first, by_run)
    edges = sorted({0, count, *[cut for cut in cuts if cut < count]})
    parts = [RunSums.of(first + i, by_run[i:j]) for i, j in itertools.pairwise(edges)]
    from_left = parts[0]
    for part in parts[1:]:
        from_left = from_left.joined(part)
    from_right = parts[-1]
    for part in reversed(parts[:-1]):
        from_right = part.joined(from_right)
    assert as_bytes(from_left) == as_bytes(whole) == as_bytes(from_right)
    assert len(whole.subtrees) <= 2 * (first + count).bit_length()


def test_total_is_the_sum() -> None:
    by_run = runs_of(37, vanishing=False)
    np.testing.assert_allclose(RunSums.of(5, by_run).total.values, by_run.values.sum(axis=0), rtol=1e-12)


def test_exponents_count_squared_for_squares() -> None:
    values = np.ones((2, 3, 1))
    total = RunSums.of(0, Sums(values, np.array([[-3], [0]], np.int32))).total
    scale = np.ldexp(1.0, total.exponents[0])
    sums: NDArray[np.float64] = total.values[:, 0] * [scale, scale, scale**2]
    assert sums.tolist() == [1 + 1 / 8, 1 + 1 / 8, 1 + 1 / 64]


def test_the_smallest_are_not_lost_among_themselves() -> None:
    total = RunSums.of(0, Sums(np.ones((4, 3, 1)), np.full((4, 1), -30_000, np.int32))).total
    assert total.values.ravel().tolist() == [4.0] * 3
    assert total.exponents.tolist() == [-30_000]
