"""Phase grids: their cells are simulations, filled coarse to fine, cancellable."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from tests.model.limits import limits_of
from tui_initflow import Experiment, simulate
from tui_initflow.engine.grid import (
    AFFORDABLE_WORK,
    AXES,
    MOST_CELLS,
    Axes,
    Cell,
    GridPlan,
    GridResult,
    Quantity,
    coarse_to_fine,
    compute_grid,
    plan_grid,
)
from tui_initflow.engine.pool import Progress
from tui_initflow.model.settings import SettingError

SMALL = Experiment(layers=4, neurons=6, features=5, runs=3, seed=3)
GAINS, WIDTHS = AXES
BY_GAIN = GridPlan(SMALL, GAINS, (0.5, 1.0, 2.0), (1, 4, 9))
BY_WIDTH = GridPlan(SMALL, WIDTHS, (1, 6, 20), (1, 4, 9))
TO_WIDE = GridPlan(SMALL.with_(a="he-normal", b="orthogonal"), WIDTHS, (6, 256, 300), (1, 2, 4))
"""By `auto`, the last two columns are without weights."""
QUANTITIES: tuple[Quantity, ...] = ("a", "b", "ratio")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("plan", [BY_GAIN, BY_WIDTH, TO_WIDE], ids=["gain", "neurons", "neurons without weights"])
def test_every_cell_is_the_simulation_of_its_settings(plan: GridPlan, threads: int) -> None:
    result = compute_grid(plan, threads=threads)
    assert result.done.all()
    for cell in cells_of(plan.shape):
        expected = simulate(plan.at(cell))
        at = (cell.row, cell.column)
        assert result.log10_a[at] == np.mean(expected.a.log10_final)
        assert result.log10_b[at] == np.mean(expected.b.log10_final)
        # the difference of the means and the mean of the differences round differently
        assert result.log10("ratio")[at] == pytest.approx(np.mean(expected.log10_ratio), rel=1e-12, abs=1e-12)


def test_the_gradient_of_a_method_depends_on_its_own_gain_alone() -> None:
    result = compute_grid(BY_GAIN)
    for quantity in QUANTITIES:
        settings = BY_GAIN.settings(Cell(2, 1), quantity)
        adopted = simulate(SMALL.with_(**settings))
        finals = {"a": adopted.a.log10_final, "b": adopted.b.log10_final, "ratio": adopted.log10_ratio}
        assert result.log10(quantity)[1, 2] == pytest.approx(np.mean(finals[quantity]), rel=1e-12)
    assert BY_GAIN.settings(Cell(2, 1), "a") == {"gain_a": 2.0, "layers": 4}
    assert BY_GAIN.settings(Cell(2, 1), "ratio") == {"gain_a": 2.0, "gain_b": 2.0, "layers": 4}
    assert BY_WIDTH.settings(Cell(2, 1), "b") == {"neurons": 20, "layers": 4}


def test_a_dead_gradient_is_minus_infinity() -> None:
    dead = replace(BY_WIDTH, experiment=SMALL.with_(activation="relu"))
    result = compute_grid(dead)
    # nine relus of one neuron each: about one network in 500 lives
    assert result.log10_a[2, 0] == -np.inf
    assert np.isnan(result.log10("ratio")[2, 0])


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (4, 4), (12, 16), (7, 5)])
def test_cells_are_filled_coarse_to_fine(shape: tuple[int, int]) -> None:
    rows, columns = shape
    cells = cells_of(shape)
    assert len(cells) == len(set(cells)) == rows * columns
    coarseness = [min(_stride(cell.column), _stride(cell.row)) for cell in cells]
    assert coarseness == sorted(coarseness, reverse=True)


def cells_of(shape: tuple[int, int]) -> list[Cell]:
    """All cells in the order in which they are computed."""
    return [Cell(strip.column, row) for strip in coarse_to_fine(shape) for row in strip.rows]


def _stride(index: int) -> int:
    return next(stride for stride in (4, 2, 1) if index % stride == 0)


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_keeps_the_cells_of_its_time(threads: int) -> None:
    reports: list[Progress[GridResult]] = []
    result = compute_grid(BY_GAIN, on_progress=reports.append, threads=threads)
    cells = cells_of(BY_GAIN.shape)
    done = [report.done for report in reports]
    # a column of three has a coarse cell at its end, one between, and the rest
    assert done == sorted(set(done))
    assert (len(done), done[-1]) == (len(coarse_to_fine(BY_GAIN.shape)), 9)
    assert {report.total for report in reports} == {9}
    for report in reports:
        first, partial = cells[: report.done], report.partial()
        assert {(cell.row, cell.column) for cell in first} == set(zip(*np.nonzero(partial.done), strict=True))
        assert np.isfinite(partial.log10_b).tolist() == partial.done.tolist()
        assert np.array_equal(partial.log10_a, np.where(partial.done, result.log10_a, np.nan), True)
        for values in (partial.done, partial.log10_a, partial.log10_b):
            assert not values.flags.writeable
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("threads", [1, 2])
def test_cancelling_keeps_the_complete_cells(threads: int) -> None:
    cancel = threading.Event()
    plan = plan_grid(SMALL, GAINS, 20, 20)
    result = compute_grid(plan, cancel=cancel, on_progress=lambda _: cancel.set(), threads=threads)
    kept = int(result.done.sum())
    assert 1 <= kept < result.done.size / 4
    assert all(result.done[cell.row, cell.column] for cell in cells_of(plan.shape)[:kept])
    assert np.isnan(result.log10_a[~result.done]).all()


def test_cancelled_before_it_began() -> None:
    cancel = threading.Event()
    cancel.set()
    assert not compute_grid(BY_GAIN, cancel=cancel).done.any()


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(),
        Experiment(layers=1, neurons=1),
        Experiment(layers=13, neurons=33, gain_a=1.41, gain_b=0.9),
        Experiment(layers=400, gain_a=100, gain_b=100),
        Experiment(layers=1000, neurons=2048, gain_a=1e-3, gain_b=1e3),
        Experiment(layers=2, neurons=30, features=65536, b="orthogonal"),
    ],
)
def test_grids_hold_the_current_settings_and_only_allowed_ones(experiment: Experiment, axes: Axes) -> None:
    plan = plan_grid(experiment, axes, 16, 12)
    for values in (plan.x_values, plan.y_values):
        assert list(values) == sorted(set(values))
        assert 3 <= len(values) <= 16
    limits = limits_of("gain_a" if axes is GAINS else "neurons")
    assert limits[0] <= plan.x_values[0] < plan.x_values[-1] <= limits[1]
    least, most = limits_of("layers")
    assert least <= plan.y_values[0] < plan.y_values[-1] <= most
    for column in range(len(plan.x_values)):
        plan.at(Cell(column, 0))
    for quantity in QUANTITIES:
        at = plan.place(experiment, quantity)
        if axes is GAINS and quantity == "ratio" and experiment.a.gain != experiment.b.gain:
            assert at is None
        else:
            assert at is not None
            assert experiment.with_(**plan.settings(at, quantity)) == experiment


def test_the_usual_grid() -> None:
    plan = plan_grid(Experiment(), GAINS, 13, 11)
    assert plan.x_values == (0.25, 0.31, 0.4, 0.5, 0.63, 0.79, 1.0, 1.3, 1.6, 2.0, 2.5, 3.2, 4.0)
    assert (plan.y_values[0], plan.y_values[-1], len(plan.y_values)) == (1, 50, 11)
    assert (plan.experiment.runs, plan.experiment.with_(runs=1)) == (3, Experiment())
    assert plan_grid(Experiment(), WIDTHS, 14, 11).shape == (11, 14)
    assert max(plan_grid(Experiment(neurons=10), GAINS, 1000, 1000).shape) == MOST_CELLS


def test_a_place_is_of_the_same_experiment() -> None:
    assert BY_GAIN.place(SMALL.with_(layers=9, gain_a=2.0, runs=50), "a") == Cell(2, 2)
    assert BY_GAIN.place(SMALL.with_(layers=9, gain_a=2.0), "b") == Cell(1, 2)
    assert BY_GAIN.place(SMALL.with_(layers=5), "a") is None
    assert BY_GAIN.place(SMALL.with_(seed=4), "a") is None
    assert BY_WIDTH.place(SMALL.with_(neurons=20), "ratio") == Cell(2, 1)
    assert BY_WIDTH.place(SMALL.with_(gain_a=2.0), "ratio") is None
    assert BY_GAIN.place(SMALL.with_(widths=(5, 6, 6, 6, 6)), "a") is None


def test_large_networks_get_fewer_runs_and_cells() -> None:
    plans = [
        plan_grid(Experiment(neurons=neurons, sampler="explicit"), GAINS, 16, 12) for neurons in (50, 500, 900, 2048)
    ]
    costs = [plan.experiment.runs * plan.shape[0] * plan.shape[1] for plan in plans]
    assert costs == sorted(set(costs), reverse=True)
    deepest = [plans[2].at(Cell(strip.column, strip.rows[-1])) for strip in coarse_to_fine(plans[2].shape)]
    assert sum(2 * at.runs * at.network.weights for at in deepest) <= AFFORDABLE_WORK


def test_orthogonal_matrices_count_for_more() -> None:
    sizes = [plan_grid(Experiment(neurons=200, b=b), GAINS, 16, 12).experiment.runs for b in ("normal", "orthogonal")]
    assert sizes == [3, 1]


@pytest.mark.parametrize("axes", AXES)
def test_a_list_of_widths_has_no_plane(axes: Axes) -> None:
    with pytest.raises(SettingError, match="list of widths"):
        plan_grid(Experiment(widths=(5, 6, 7)), axes)


def test_unknown_axes_are_refused() -> None:
    with pytest.raises(SettingError, match="gain x layers or neurons x layers"):
        plan_grid(Experiment(), ("seed", "layers"))
