"""Roots, bracketed and narrowed down."""

from __future__ import annotations

import itertools
import math

import pytest

from tui_initflow.theory.neuron import bisect, brackets, interpolate


def test_brackets_are_found_one_by_one() -> None:
    points = ((x, math.sin(x)) for x in itertools.count(1.0))
    assert [(before[0], after[0]) for before, after in itertools.islice(brackets(points), 3)] == [
        (3.0, 4.0),
        (6.0, 7.0),
        (9.0, 10.0),
    ]
    assert next(points)[0] == 11.0, "no further point was evaluated"
    assert list(brackets([(1.0, 0.5), (2.0, 0.5)])) == []


@pytest.mark.parametrize("root", [1e-9, 0.3, 7e8])
def test_bisection_is_right_to_the_last_bits_from_either_side(root: float) -> None:
    def excess(x: float) -> float:
        return x - root

    low, high = ((x, excess(x)) for x in (root / 3, root * 2))
    assert bisect(excess, (low, high)) == bisect(excess, (high, low)) == pytest.approx(root, rel=1e-15)


def test_interpolation_takes_few_evaluations() -> None:
    evaluated: list[float] = []

    def excess(x: float) -> float:
        evaluated.append(x)
        return math.exp(x) - 2.0

    assert interpolate(excess, ((0.0, -1.0), (1.0, math.e - 2.0))) == pytest.approx(math.log(2.0), abs=1e-9)
    assert len(evaluated) < 10
