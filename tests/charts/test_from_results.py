"""The descriptions of charts: what they take from results and predictions, and what they refuse."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from tests.charts.samples import Spread, demo, every_chart, spread
from tui_initflow.charts.description import Histogram, LineChart, Series
from tui_initflow.charts.from_results import (
    MOST_RUNS,
    gradient_chart,
    histogram_chart,
    layer_bars,
    prediction_chart,
    runs_chart,
    sweep_chart,
)
from tui_initflow.charts.palette import DARK
from tui_initflow.charts.render import render


def test_equal_numbers_make_equal_charts() -> None:
    numbers = [0.0, -1.0, -math.inf, math.nan]
    first, second = every_chart(numbers, numbers[::-1]), every_chart(np.array(numbers), np.array(numbers)[::-1])
    assert first == second
    assert [hash(chart) for chart in first] == [hash(chart) for chart in second]
    assert demo() != gradient_chart("Uniform", spread([0.0] * 11), "Normal", spread([0.0] * 11))


def test_one_run_has_no_band() -> None:
    chart = gradient_chart("A", spread([-1.0, 0.0], 0.0), "B", spread([-1.0, 0.0], 0.1))
    assert [series.low is None for series in chart.series] == [True, False]


def test_layers_are_named_from_first_to_last() -> None:
    chart = gradient_chart("A", spread([0.0] * 1001), "B", spread([0.0] * 1001))
    assert chart.x_ticks[0] == (0.0, "L0")
    assert chart.x_ticks[-1] == (1000.0, "L1000")
    assert len(chart.x_ticks) < 70


def test_a_sweep_marks_the_current_value() -> None:
    chart = sweep_chart("B/A", "Layers", [1, 2], [0.1, 0.2], [0.0, 0.1], [0.2, 0.3], current=2)
    assert (chart.highlight, chart.cursor, chart.reference, chart.y_unit) == (2.0, None, 0.0, "x")


def test_the_last_hundred_runs_keep_their_numbers() -> None:
    chart = runs_chart("A", np.arange(250.0), "B", np.arange(250.0), 1)
    assert len(chart.series[0].x) == MOST_RUNS
    assert (chart.series[0].x[0], chart.series[0].y[-1]) == (151.0, 249.0)


def test_a_histogram_spans_its_reach() -> None:
    chart = histogram_chart(3, np.ones(15), np.ones(15))
    assert (chart.title, chart.edges[0], chart.edges[-1], len(chart.edges)) == ("L3", -4.0, 4.0, 16)


def test_lengths_that_do_not_match_are_refused() -> None:
    two, three = np.zeros(2), np.zeros(3)
    with pytest.raises(ValueError, match="2 x values but 3 y values"):
        gradient_chart("A", Spread(two, three, two), "B", spread([0.0]))
    with pytest.raises(ValueError, match="3 x values but 2 y values"):
        sweep_chart("B/A", "Layers", [1, 2, 3], [0.0, 0.0], [0.0] * 3, [0.0] * 3)
    with pytest.raises(ValueError, match="2 x values but 3 y values"):
        runs_chart("A", two, "B", three)
    with pytest.raises(ValueError, match="3 counts for 3 edges"):
        histogram_chart(1, two, three)
    with pytest.raises(ValueError, match="2 labels, 2 and 3 values"):
        layer_bars("A", two, "B", three)


def test_shapes_and_numbers_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="one dimension"):
        layer_bars("A", np.zeros((2, 2)), "B", np.zeros(2))
    with pytest.raises(ValueError, match="finite"):
        Series("A", "a", (math.nan,), (0.0,))
    with pytest.raises(ValueError, match="finite and not negative"):
        Histogram("L1", (0.0, 1.0), (-1.0,), (0.0,))


def test_descriptions_are_values() -> None:
    chart = LineChart("t", "t", (), "x", ())
    with pytest.raises(AttributeError):
        chart.title = "other"  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Predicted:
    """A prediction of four layers, (5,) each."""

    log10_gradient: NDArray[np.float64]
    log10_median: NDArray[np.float64]
    log10_p10: NDArray[np.float64]
    log10_p90: NDArray[np.float64]
    reliable: NDArray[np.bool_]


def predicted(limit: ArrayLike, reliable: ArrayLike) -> Predicted:
    gradient = np.array(limit, dtype=np.float64)
    return Predicted(gradient, gradient - 0.1, gradient - 0.5, gradient + 0.5, np.array(reliable, dtype=bool))


SURE = predicted([-4, -3, -2, -1, 0], [True] * 5)


def test_what_is_reliable_is_a_median_with_a_band() -> None:
    a, b = prediction_chart("A", SURE, "B", SURE).series
    assert (a.name, a.role, b.name, b.role) == ("A", "a", "B", "b")
    assert a.x == (0, 1, 2, 3, 4)
    assert a.y == pytest.approx((-4.1, -3.1, -2.1, -1.1, -0.1))
    assert a.low == (-4.5, -3.5, -2.5, -1.5, -0.5)
    assert a.high == (-3.5, -2.5, -1.5, -0.5, 0.5)


def test_what_is_not_is_the_limit_without_a_band() -> None:
    a, _ = prediction_chart("A", predicted([-4, -3, -2, -1, 0], [0, 0, 1, 1, 1]), "B", SURE).series
    assert a.y == pytest.approx((-4, -3, -2.1, -1.1, -0.1))
    assert a.low is not None
    assert [math.isnan(low) for low in a.low] == [True, True, False, False, False]


def test_what_theory_does_not_know_is_left_out() -> None:
    nothing = predicted([math.nan] * 4 + [0], [0, 0, 0, 0, 1])
    one_side = prediction_chart("A", nothing, "B", SURE)
    assert one_side.series[0].x == (4,)
    assert [text for _, text in one_side.x_ticks] == ["L0", "L1", "L2", "L3", "L4"]
    neither = prediction_chart("A", nothing, "B", nothing)
    assert [text for _, text in neither.x_ticks] == ["L4"]
    assert len(render(neither, 40, 12, DARK)) == 12
