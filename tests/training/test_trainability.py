"""The map of gains and depths: its cells are trainings, whatever their order, threads and neighbours."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.training.samples import clouds
from tui_initflow.engine.pool import Progress
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training import trainability
from tui_initflow.training.classifier import starting_parameters
from tui_initflow.training.optimisers import OPTIMISERS
from tui_initflow.training.runs import train
from tui_initflow.training.trainability import TrainabilityMap, coarse_to_fine, trainability_map
from tui_initflow.training.trainer import Trainer

pytestmark = pytest.mark.slow

EXPERIMENT = Experiment(neurons=12, seed=3, gain_b=0.9)
SETTINGS = TrainingSettings(lr=0.1, steps=48, batch_size=12)
WITHOUT_SHORTCUTS = {"NOT_BEGUN": np.inf}
DATA, DEPTHS, GAINS = clouds(), (2, 3, 5, 30), (0.3, 0.8, 1.0, 1.6)


def mapped(settings: TrainingSettings = SETTINGS, **options: Any) -> TrainabilityMap:
    return trainability_map(EXPERIMENT, "b", settings, DATA, depths=DEPTHS, gains=GAINS, **options)


@pytest.mark.parametrize("shape", [(8, 10), (1, 1), (4, 4), (3, 7)])
def test_every_cell_is_computed_once_and_the_coarse_picture_first(shape: tuple[int, int]) -> None:
    coarse, fine = coarse_to_fine(shape, range(1, shape[0] + 1), 2)
    cells = [(part.row, column) for part in (*coarse, *fine) for column in part.columns]
    assert sorted(cells) == [(row, column) for row in range(shape[0]) for column in range(shape[1])]
    first = {(part.row, column) for part in coarse for column in part.columns}
    assert first == {(row, column) for row in range(0, shape[0], 3) for column in range(0, shape[1], 3)}


def test_a_cell_is_the_training_of_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WITHOUT_SHORTCUTS.items():
        monkeypatch.setattr(trainability, name, value)
    result = mapped()
    # every depth and every gain once
    for row, column in ((0, 0), (1, 2), (2, 3), (3, 1)):
        alone = train(EXPERIMENT.with_(layers=DEPTHS[row], gain_b=0.9 * GAINS[column]), SETTINGS, DATA)
        assert result.accuracy[row, column] == pytest.approx(alone.b.final_accuracy[0])


def test_shortcuts_change_little() -> None:
    # where nothing is learned, accuracies are chance, a third, and may differ
    short = mapped().accuracy
    for name, value in WITHOUT_SHORTCUTS.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(trainability, name, value)
            np.testing.assert_array_equal(mapped().accuracy > 0.55, short > 0.55)


def test_the_map_does_not_depend_on_threads_or_on_what_is_trained_together(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = SETTINGS.with_(lr="best")
    one = mapped(settings, threads=1)
    monkeypatch.setattr(trainability, "TOGETHER", 1)
    other = mapped(settings, threads=3)
    np.testing.assert_array_equal(one.accuracy, other.accuracy)
    np.testing.assert_array_equal(one.rate, other.rate)
    assert set(one.rate.ravel()) <= set(OPTIMISERS["sgd"].rates)


def test_a_cell_has_the_rate_of_the_least_loss_on_rows_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the search of a training chooses, over all steps; two thirds of its rates leave on the way."""
    for kept in ({}, trainability.KEPT):
        monkeypatch.setattr(trainability, "KEPT", kept)
        result = mapped(SETTINGS.with_(lr="best", steps=96))
        for row, column in ((0, 1), (1, 2), (2, 3)):
            cell = {"layers": DEPTHS[row], "gain_b": 0.9 * GAINS[column]}
            experiment = EXPERIMENT.with_(features=DATA.features, runs=1, **cell)
            split, losses = partial(DATA.for_choice, EXPERIMENT.seed), {}
            for rate in OPTIMISERS["sgd"].rates:
                start = starting_parameters(experiment, "b", range(1), 3, lambda: None)
                settings = SETTINGS.with_(steps=96)
                trainer = Trainer(experiment, "b", settings, DATA, split, start, [0], [rate], lambda: None)
                trainer.advance(96)
                losses[rate] = float(trainer.held_loss()[0])
            # a rate that leaves early may have been the best in the end, by a little
            assert losses[float(result.rate[row, column])] <= min(losses.values()) * (1.15 if kept else 1 + 1e-6)


def test_signals_that_vanish_are_not_learned_from_and_those_that_do_not_are() -> None:
    accuracy = mapped(SETTINGS.with_(steps=150)).accuracy
    assert accuracy[3, 0] < 0.5
    assert accuracy[0, 2] > 0.8


def test_a_cell_that_diverges_has_the_accuracy_of_chance() -> None:
    linear = EXPERIMENT.with_(activation="identity")
    result = trainability_map(linear, "b", SETTINGS.with_(lr=5.0), DATA, depths=(3,), gains=(0.01, 4.0))
    assert result.accuracy[0, 1] == DATA.chance
    assert not np.isnan(result.accuracy.data).any()


def test_progress_goes_from_the_coarse_picture_to_all_cells() -> None:
    reported: list[Progress[TrainabilityMap]] = []
    result = mapped(on_progress=reported.append, threads=2)
    fractions = [progress.fraction for progress in reported]
    assert fractions == sorted(fractions)
    assert (fractions[-1], reported[-1].done, reported[-1].total) == (1.0, 16, 16)
    coarse = next(partial for progress in reported if (partial := progress.partial()).done == 4)
    done = ~np.ma.getmaskarray(coarse.accuracy)
    np.testing.assert_array_equal(np.argwhere(done), [(0, 0), (0, 3), (3, 0), (3, 3)])
    np.testing.assert_array_equal(coarse.accuracy[done], result.accuracy[done])


def test_what_does_not_fit_is_refused() -> None:
    for experiment, settings, field in (
        (EXPERIMENT.with_(neurons=2048), SETTINGS, "neurons"),
        (EXPERIMENT, SETTINGS.with_(batch_size=49), "batch_size"),
    ):
        with pytest.raises(SettingError) as caught:
            trainability_map(experiment, "b", settings, DATA)
        assert caught.value.field == field


def test_a_stop_keeps_the_cells_done() -> None:
    cancel = threading.Event()
    result = mapped(cancel=cancel, on_progress=lambda _: cancel.set(), threads=1)
    assert 0 < result.accuracy.count() < 16
    cancel.set()
    assert mapped(cancel=cancel).accuracy.count() == 0


def test_a_list_of_widths_has_no_depth_to_vary() -> None:
    with pytest.raises(SettingError, match="list of widths"):
        trainability_map(Experiment(widths=(5, 4, 3)), "a", TrainingSettings(), clouds())
