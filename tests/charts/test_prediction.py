"""The chart of a prediction: what theory is sure of has a band, the rest is its limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from tui_initflow.charts.palette import DARK
from tui_initflow.charts.prediction import prediction_chart
from tui_initflow.charts.render import render


@dataclass(frozen=True, slots=True)
class Found:
    """A prediction of four layers, (5,) each."""

    log10_gradient: NDArray[np.float64]
    log10_median: NDArray[np.float64]
    log10_p10: NDArray[np.float64]
    log10_p90: NDArray[np.float64]
    reliable: NDArray[np.bool_]


def found(limit: ArrayLike, reliable: ArrayLike) -> Found:
    gradient = np.array(limit, dtype=np.float64)
    return Found(gradient, gradient - 0.1, gradient - 0.5, gradient + 0.5, np.array(reliable, dtype=bool))


SURE = found([-4, -3, -2, -1, 0], [True] * 5)


def test_what_is_reliable_is_a_median_with_a_band() -> None:
    a, b = prediction_chart("A", SURE, "B", SURE).series
    assert (a.name, a.role, b.name, b.role) == ("A", "a", "B", "b")
    assert a.x == (0, 1, 2, 3, 4)
    assert a.y == pytest.approx((-4.1, -3.1, -2.1, -1.1, -0.1))
    assert a.low == (-4.5, -3.5, -2.5, -1.5, -0.5)
    assert a.high == (-3.5, -2.5, -1.5, -0.5, 0.5)


def test_what_is_not_is_the_limit_without_a_band() -> None:
    a, _ = prediction_chart("A", found([-4, -3, -2, -1, 0], [0, 0, 1, 1, 1]), "B", SURE).series
    assert a.y == pytest.approx((-4, -3, -2.1, -1.1, -0.1))
    assert a.low is not None
    assert [math.isnan(low) for low in a.low] == [True, True, False, False, False]


def test_what_theory_does_not_know_is_left_out() -> None:
    nothing = found([math.nan] * 4 + [0], [0, 0, 0, 0, 1])
    one_side = prediction_chart("A", nothing, "B", SURE)
    assert one_side.series[0].x == (4,)
    assert [text for _, text in one_side.x_ticks] == ["L0", "L1", "L2", "L3", "L4"]
    neither = prediction_chart("A", nothing, "B", nothing)
    assert [text for _, text in neither.x_ticks] == ["L4"]
    assert len(render(neither, 40, 12, DARK)) == 12
