"""Curves as strokes: broken, simplified and dashed."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.charts.draw_bars import DOTS_X, DOTS_Y, dashed, simplified, unbroken
from tui_initflow.charts.plotext_adapter import Point

rows = st.lists(st.floats(0, 30), min_size=1, max_size=300)


def stroke(ys: list[float], width: float) -> list[Point]:
    step = width / max(len(ys) - 1, 1)
    return [(i * step, y) for i, y in enumerate(ys)]


def test_a_curve_breaks_where_it_is_not_finite() -> None:
    points = [(0.0, math.nan), (1.0, 1.0), (2.0, 2.0), (3.0, math.inf), (4.0, math.nan), (5.0, 3.0)]
    assert unbroken(points) == [[(1.0, 1.0), (2.0, 2.0)], [(5.0, 3.0)]]


@given(rows, st.floats(1, 100))
def test_simplifying_keeps_ends_and_extremes(ys: list[float], width: float) -> None:
    points = stroke(ys, width)
    kept = simplified(points)
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    assert set(kept) <= set(points)
    assert min(y for _, y in kept) <= min(ys) + 0.1 + 1e-9
    assert max(y for _, y in kept) >= max(ys) - 0.1 - 1e-9


def test_a_long_straight_line_costs_two_points() -> None:
    assert len(simplified(stroke([30 * i / 1000 for i in range(1001)], 70.0))) == 2


@given(rows.filter(lambda ys: len(ys) > 1), st.floats(1, 100))
def test_dashes_lie_on_the_stroke_and_leave_gaps(ys: list[float], width: float) -> None:
    points = stroke(ys, width)
    dashes = dashed(points, 6.0, 4.0)
    xs, heights = [x for x, _ in points], [y for _, y in points]
    for dash in dashes:
        for x, y in dash:
            assert y == pytest.approx(float(np.interp(x, xs, heights)), abs=1e-6)
        assert _length(dash) <= 6.0 + 1e-6
    for before, after in pairwise(dashes):
        assert _length(before) == pytest.approx(6.0)
        assert before[-1][0] <= after[0][0]


def _length(points: list[Point]) -> float:
    return sum(max(abs(b[0] - a[0]) * DOTS_X, abs(b[1] - a[1]) * DOTS_Y) for a, b in pairwise(points))
