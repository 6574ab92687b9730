"""Sweeps: their points are simulations, in order, cancellable."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from tests.model.limits import limits_of
from tui_initflow import Experiment, simulate, sweep
from tui_initflow.engine import pool
from tui_initflow.engine import sweep as finals
from tui_initflow.engine import sweep as sweep_module
from tui_initflow.engine.pool import Progress
from tui_initflow.engine.sweep import SWEEP_VALUES, SweepResult, affordable_runs, sweep_values
from tui_initflow.model.network import DRAWN_NEURONS
from tui_initflow.model.settings import SettingError

SMALL = Experiment(layers=4, neurons=6, features=5, runs=7, seed=3)
WITHOUT_WEIGHTS = SMALL.with_(a="he-normal", b="orthogonal", norm_b="layer", sampler="implicit", sigma_b=0.1)


@pytest.fixture(autouse=True)
def small_work_in_threads_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "INLINE_WEIGHTS", 0)


def test_values_are_those_of_the_demo_and_the_current_one() -> None:
    assert sweep_values(Experiment(), "layers") == tuple(range(1, 21))
    assert sweep_values(Experiment(), "neurons") == (1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
    assert sweep_values(Experiment(), "features") == (1, 16, 32, 48, 64, 80, 96, 112, 128)
    assert sweep_values(Experiment(neurons=33), "neurons") == (1, 10, 20, 30, 33, 40, 50, 60, 70, 80, 90, 100)
    assert sweep_values(Experiment(layers=400), "layers")[-1] == 400


@pytest.mark.parametrize("over", SWEEP_VALUES)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("at", [SMALL, WITHOUT_WEIGHTS], ids=["weights", "without"])
def test_every_point_is_the_simulation_of_its_settings(at: Experiment, over: str, threads: int) -> None:
    values = (1, 2, 5, 9)
    result = sweep(at, over, values, threads=threads)
    assert (result.experiment, result.over) == (at, over)
    assert [point.value for point in result.points] == list(values)
    for point in result.points:
        expected = simulate(at.with_(**{over: point.value})).log10_ratio
        assert point.log10_ratio.tolist() == expected.tolist()
        assert point.mean == np.mean(expected)


@pytest.mark.parametrize("over", SWEEP_VALUES)
@pytest.mark.parametrize("weights", [1, 400, 1000])
def test_what_is_computed_together_changes_nothing(over: str, weights: int, monkeypatch: pytest.MonkeyPatch) -> None:
    at = SMALL.with_(start="signs", sigma_b=0.1)
    expected = sweep(at, over, (1, 3, 8))
    monkeypatch.setattr(sweep_module, "BATCH_WEIGHTS", weights)
    kept = sweep(at, over, (1, 3, 8))
    for point, other in zip(kept.points, expected.points, strict=True):
        assert point.log10_ratio.tolist() == other.log10_ratio.tolist()
        assert point.log10_ratio.tolist() == simulate(at.with_(**{over: point.value})).log10_ratio.tolist()


def test_deep_networks_that_share_layers_keep_few_gradients_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = [Experiment(layers=layers, neurons=1, features=1, runs=1000) for layers in range(1, 1001)]
    assert 1 <= finals.runs_together(narrow) <= finals.BATCH_GRADIENTS / (1000 * 1001)
    expected = sweep(SMALL, "layers", range(1, 9))
    monkeypatch.setattr(finals, "BATCH_GRADIENTS", 2 * 8 * 9)
    assert finals.runs_together([SMALL.with_(layers=layers) for layers in range(1, 9)]) == 2
    for point, other in zip(sweep(SMALL, "layers", range(1, 9)).points, expected.points, strict=True):
        assert point.log10_ratio.tolist() == other.log10_ratio.tolist()


def test_runs_at_all_values_have_to_fit_in_memory() -> None:
    with pytest.raises(SettingError, match=r"^runs: 100000 at each of 200 values do not fit in memory; at most 59375$"):
        sweep(Experiment(layers=1, neurons=1, runs=100_000), "features", range(1, 201))


def test_values_are_sorted_and_taken_once() -> None:
    assert [point.value for point in sweep(SMALL, "layers", (5, 2, 5, 1)).points] == [1, 2, 5]


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_weighs_points_by_their_cost(threads: int) -> None:
    reports: list[Progress[SweepResult]] = []
    sweep(SMALL, "neurons", (1, 10, 100), on_progress=reports.append, threads=threads)
    assert [(report.done, report.total) for report in reports] == [(1, 3), (2, 3), (3, 3)]
    assert [len(report.partial().points) for report in reports] == [1, 2, 3]
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert fractions[1] < 0.05


@pytest.mark.parametrize("threads", [1, 2])
def test_cancelling_keeps_the_complete_points(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_module, "BATCH_WEIGHTS", 10 * SMALL.network.weights)
    cancel = threading.Event()
    values = range(1, 200)
    result = sweep(SMALL, "layers", values, cancel=cancel, on_progress=lambda _: cancel.set(), threads=threads)
    kept = [point.value for point in result.points]
    assert kept == list(values[: len(kept)])
    assert 1 <= len(kept) < 199
    assert all(len(point.log10_ratio) == SMALL.runs for point in result.points)


def test_no_values_are_no_points() -> None:
    assert sweep(SMALL, "layers", ()).points == ()


def test_cancelled_before_it_began() -> None:
    cancel = threading.Event()
    cancel.set()
    assert sweep(SMALL, "layers", cancel=cancel).points == ()


def test_bad_settings_are_refused() -> None:
    with pytest.raises(SettingError):
        sweep(SMALL, "seed", (1, 2))
    with pytest.raises(SettingError):
        sweep(SMALL, "layers", (0, 1))


def test_affordable_runs_shrink_as_networks_grow() -> None:
    for over in SWEEP_VALUES:
        small = affordable_runs(Experiment(layers=1, neurons=1, features=1), over)
        largest = {"neurons": DRAWN_NEURONS, **{name: limits_of(name)[1] for name in ("layers", "features")}}
        large = affordable_runs(Experiment().with_(**largest), over)
        assert 3 == large < small <= 30
    assert affordable_runs(Experiment(), "layers") == affordable_runs(Experiment(runs=9, seed=4), "layers")


def test_the_ratio_grows_with_depth() -> None:
    result = sweep(Experiment(runs=20), "layers", (1, 5, 10, 20))
    means = [point.mean for point in result.points]
    assert means == sorted(means)
    assert means[0] < 0
    # sqrt(3) a layer, less the saturation of the normal
    assert 3.5 < means[-1] < 4.5
