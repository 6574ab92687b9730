"""The phase chart in words, and that it fills what it is given."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.charts.samples import lines
from tui_initflow import Experiment
from tui_initflow.charts.cells import to_text
from tui_initflow.charts.palette import DARK, LIGHT
from tui_initflow.engine.grid import AXES, Axes, Cell, GridPlan, GridResult, Quantity, compute_grid, plan_grid
from tui_initflow.pages.phase import PhaseChart, caption, cells_for, readout

SMALL = Experiment(layers=4, neurons=6, features=5, runs=3, seed=3)
GAINS, WIDTHS = AXES
BY_GAIN = GridPlan(SMALL, GAINS, (0.5, 1.0, 1.4), (1, 4, 20))
DONE = np.ones((3, 3), np.bool_)


def result(log10_a: float, log10_b: float, plan: GridPlan = BY_GAIN) -> GridResult:
    """The same two gradients in every cell."""
    return GridResult(plan, DONE, np.full((3, 3), log10_a), np.full((3, 3), log10_b))


@pytest.mark.parametrize(
    ("log10", "words"),
    [
        (-1.5, "3.2e-02 (log10 -1.5), weak"),
        (-300.0, "1.0e-300 (log10 -300.0), dead"),
        (0.04, "1.1e+00 (log10 0.0), healthy"),
        (7.0, "1.0e+07 (log10 7.0), exploding"),
        (-np.inf, "0 (log10 -inf), dead"),
    ],
)
def test_a_cell_is_read_out(log10: float, words: str) -> None:
    assert readout(result(-9.0, log10), "b", Cell(2, 2)) == f"gain 1.4, 20 layers: Normal's gradient {words}"


@pytest.mark.parametrize(
    ("log10_a", "log10_b", "words"),
    [
        (-3.0, -1.0, "Normal is larger by 100x, 1.0e-01 vs 1.0e-03"),
        (-1.0, -1.5, "Uniform is larger by 3.16x, 1.0e-01 vs 3.2e-02"),
        (-np.inf, -2.0, "Uniform is 0, 1.0e-02 vs 0"),
        (-np.inf, -np.inf, "both are equal, 0 vs 0"),
        (-2.0, -2.0, "both are equal, 1.0e-02 vs 1.0e-02"),
    ],
)
def test_a_ratio_is_read_out(log10_a: float, log10_b: float, words: str) -> None:
    assert readout(result(log10_a, log10_b), "ratio", Cell(1, 0)) == f"gain 1, 1 layer: {words}"


def test_what_is_not_computed_is_said() -> None:
    by_width = GridPlan(SMALL, WIDTHS, (1, 6, 20), (1, 4, 20))
    assert readout(GridResult.empty(by_width), "a", Cell(0, 2)) == "1 neuron, 20 layers: not computed yet"


def test_the_caption_says_what_is_fixed_and_what_numbers_mean() -> None:
    assert caption(BY_GAIN, "a") == "Neurons=6, Features=5, tanh: log10 gradient at L0, geometric mean of 3 runs"
    once = replace(BY_GAIN, experiment=SMALL.with_(runs=1))
    assert caption(once, "ratio") == (
        "Neurons=6, Features=5, tanh: log10 of Normal/Uniform at L0, both at this gain, 1 run"
    )
    louder = GridPlan(SMALL.with_(gain_b=2.0), WIDTHS, (1, 6, 20), (1, 4, 20))
    assert caption(louder, "ratio") == "Features=5, tanh: log10 of Normal ×2/Uniform at L0, geometric mean of 3 runs"


@cache
def computed(axes: Axes) -> GridResult:
    return compute_grid(plan_grid(SMALL, axes, 4, 4))


@pytest.mark.parametrize("size", [(40, 10), (78, 15), (118, 36), (190, 50)])
@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("quantity", ["a", "b", "ratio"])
def test_it_fills_its_place_from_the_first_cell_on(size: tuple[int, int], axes: Axes, quantity: Quantity) -> None:
    plan = plan_grid(SMALL, axes, *cells_for(*size))
    for grid in (GridResult.empty(plan), computed(axes)):
        for cursor, palette in ((None, DARK), (Cell(1, 2), LIGHT)):
            picture = PhaseChart(SMALL, grid, quantity).draw(cursor, *size, palette)
            assert [len(line) for line in lines(picture)] == [size[0]] * size[1]
            assert to_text(picture).count("●") == 1


def test_without_a_cursor_the_current_settings_are_read_out() -> None:
    text = to_text(PhaseChart(SMALL, result(-3.0, -1.0), "ratio").draw(None, 78, 15, DARK))
    assert "gain 1, 4 layers: Normal is larger by 100x" in text
    elsewhere = to_text(PhaseChart(SMALL.with_(layers=5), result(-3.0, -1.0), "ratio").draw(None, 78, 15, DARK))
    assert "larger by" not in elsewhere
    assert "●" not in elsewhere


def test_the_scale_names_both_sides() -> None:
    ratio = lines(PhaseChart(SMALL, result(-3.0, -1.0), "ratio").draw(Cell(0, 0), 100, 15, DARK))
    assert " ".join(ratio[0].split()) == "Normal/Uniform at L0 Uniform larger -10 -3 -1 0 +1 +3 +10 Normal larger"
    gradient = lines(PhaseChart(SMALL, result(-3.0, -1.0), "a").draw(Cell(0, 0), 100, 15, DARK))
    assert gradient[0].startswith("Uniform's gradient at L0  ")
    assert "vanishing  -10   -3" in gradient[0]
