import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.charts.scale import Rising, Scale, y_limits

anything = st.floats(allow_nan=True, allow_infinity=True)
limits = st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12)).map(sorted)


@given(limits, st.integers(1, 300), anything)
def test_every_finite_value_has_a_cell(ends: list[float], cells: int, value: float) -> None:
    scale = Scale(ends[0], ends[1], cells)
    if math.isfinite(value):
        assert 0 <= scale.cell(value) < cells
        assert 0 <= Rising(scale).row(value) < cells


@given(limits, st.integers(1, 300), st.lists(anything, max_size=20))
def test_many_at_once_are_the_same_as_one_by_one(ends: list[float], cells: int, values: list[float]) -> None:
    scale = Scale(ends[0], ends[1], cells)
    for value, at, up in zip(
        values, scale.positions(np.array(values)), Rising(scale).positions(np.array(values)), strict=True
    ):
        if math.isfinite(value):
            assert at == pytest.approx(scale.position(value), abs=1e-9)
            assert up == pytest.approx(Rising(scale).position(value), abs=1e-9)
        else:
            assert math.isnan(at)
            assert math.isnan(up)


def test_ends_are_cell_centres() -> None:
    scale = Scale(0.0, 10.0, 11)
    assert [scale.position(x) for x in (0.0, 5.0, 10.0)] == [0.5, 5.5, 10.5]
    assert scale.values().tolist() == [float(x) for x in range(11)]
    assert [Rising(scale).row(x) for x in (0.0, 10.0)] == [10, 0]


@given(st.lists(anything, max_size=30))
def test_limits_hold_what_is_finite(values: list[float]) -> None:
    low, high = y_limits(np.array(values))
    assert -math.inf < low < high < math.inf
    assert high - low > 0.2
    for value in values:
        if math.isfinite(value) and abs(value) < 1e12:
            assert low <= value <= high


def test_a_constant_sits_in_the_middle_of_a_decade() -> None:
    assert y_limits(np.array([-3.0, -3.0])) == (-3.5, -2.5)
