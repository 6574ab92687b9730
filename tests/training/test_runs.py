"""Training both methods: what it depends on, what is recorded, and what becomes of runs that diverge."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.training.samples import BLOCKS, SMALL, clouds, named, with_blocks
from tui_initflow.engine.pool import Cancelled, Progress, Threads
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import SIDES
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import OPTIMISERS, TRAINING_SETTINGS, TrainingSettings
from tui_initflow.training import runs as of_runs
from tui_initflow.training.classifier import Parameters, shapes_of, starting_parameters
from tui_initflow.training.data import load_data
from tui_initflow.training.optimisers import OPTIMISERS as UPDATES
from tui_initflow.training.results import Curves, TrainingResult
from tui_initflow.training.runs import recorded_steps, search, train
from tui_initflow.training.trainer import Trainer

pytestmark = pytest.mark.slow

SETTINGS = TrainingSettings(lr=0.3, steps=30, batch_size=8)
DATA = clouds()
SPLIT = partial(DATA.for_test, SMALL.seed)


def assert_equal_runs(some: TrainingResult, all_: TrainingResult) -> None:
    """The first runs of one result are those of the other, to the last bit."""
    for side in SIDES:
        one, other = some.methods[side], all_.methods[side]
        count = len(one.final_accuracy)
        assert one.diverged_at == other.diverged_at[:count]
        assert one.final_loss is not None
        assert other.final_loss is not None
        assert one.final_loss == other.final_loss[:count]
        for field in fields(Curves):
            mine, theirs = getattr(one.curves, field.name), getattr(other.curves, field.name)
            np.testing.assert_array_equal(mine.filled(99.0), theirs[:count].filled(99.0), err_msg=field.name)


OTHERS: dict[str, Any] = {"optimizer": "adam", "lr": 0.2, "steps": 6, "batch_size": 9, "data": "spirals"}
"""Another value of every setting."""


def test_every_setting_changes_a_training() -> None:
    def curve(settings: TrainingSettings) -> list[float]:
        data = load_data(settings.data)
        experiment = SMALL.with_(runs=1, features=data.features)
        losses: list[float] = train(experiment, settings, data).a.curves.loss.ravel().tolist()
        return losses

    settings = TrainingSettings(lr=0.1, steps=5)
    usual = curve(settings)
    for name in TRAINING_SETTINGS:
        assert curve(settings.with_(**{name: OTHERS[name]})) != usual, name


@pytest.mark.parametrize("optimizer", OPTIMISERS)
def test_a_run_does_not_depend_on_threads_groups_or_the_number_of_runs(
    optimizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, experiment = SETTINGS.with_(optimizer=optimizer, lr=0.05), SMALL.with_(runs=5)
    together = train(experiment, settings, DATA, threads=1)
    assert_equal_runs(train(experiment.with_(runs=2), settings, DATA, threads=2), together)
    monkeypatch.setattr(of_runs, "TOGETHER_SIGNALS", 1)
    assert_equal_runs(train(experiment, settings, DATA, threads=3), together)


def test_a_run_with_batch_norm_depends_on_its_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = with_blocks(SMALL.with_(runs=3, a="uniform"), {"norm": "batch"})
    together = train(experiment, SETTINGS, DATA)
    # the batch of the measurement without data is another
    assert_equal_runs(train(experiment.with_(runs=2, batch=5), SETTINGS, DATA), together)
    monkeypatch.setattr(of_runs, "TOGETHER_SIGNALS", 1)
    assert_equal_runs(train(experiment, SETTINGS, DATA), together)


def test_batch_norm_learns_where_the_gradient_vanished_without_it() -> None:
    experiment = Experiment(layers=20, neurons=20, runs=2, a="uniform", b="uniform", norm_b="batch")
    result = train(experiment, TrainingSettings(lr=0.03, steps=150), load_data("digits"))
    assert max(result.a.final_accuracy) < 0.2
    assert min(result.b.final_accuracy) > 0.5


def test_a_batch_of_one_row_has_no_batch_norm() -> None:
    for side in SIDES:
        with pytest.raises(SettingError, match=r"variance 0.*from 2") as caught:
            train(SMALL.with_(**{f"norm_{side}": "batch"}), SETTINGS.with_(batch_size=1), DATA)
        assert caught.value.field == "batch_size"


def test_a_run_does_not_depend_on_others_that_diverge() -> None:
    experiment, settings = SMALL.with_(activation="identity", runs=6, gain_a=1.5), SETTINGS
    together = train(experiment, settings, DATA)
    assert 0 < sum(at is not None for at in together.a.diverged_at) < 6
    assert_equal_runs(train(experiment.with_(runs=1), settings, DATA), together)
    assert_equal_runs(train(experiment.with_(runs=3), settings, DATA), together)


def test_the_other_method_changes_nothing() -> None:
    one, other = (train(SMALL.with_(a=a), SETTINGS, DATA) for a in ("uniform", "he-normal"))
    assert one.b.final_loss == other.b.final_loss
    assert one.a.final_loss != other.a.final_loss


def test_both_methods_see_the_same_rows_and_runs_have_orders_of_their_own() -> None:
    rows = {}
    for side in SIDES:
        start = starting_parameters(SMALL, side, range(2), 3, lambda: None)
        trainer = Trainer(SMALL, side, SETTINGS, DATA, SPLIT, start, [0, 1], [0.1, 0.1], lambda: None)
        rows[side] = np.concatenate([next(trainer._batches) for _ in range(18)], axis=1)
    np.testing.assert_array_equal(rows["a"], rows["b"])
    assert (rows["a"][0] != rows["a"][1]).any()
    # 48 rows, 18 batches of 8: three epochs, in each of them every row
    for run in range(2):
        epochs = rows["a"][run].reshape(3, 48)
        for epoch in epochs:
            np.testing.assert_array_equal(np.sort(epoch), np.arange(48))
        assert (epochs[0] != epochs[1]).any()


@pytest.mark.parametrize("block", BLOCKS, ids=named)
def test_what_is_recorded_holds_together(block: dict[str, Any]) -> None:
    experiment = with_blocks(SMALL, block)
    result = train(experiment, SETTINGS, DATA)
    assert (result.steps_done, result.experiment.features) == (30, 5)
    for method in result.methods:
        curves, points = method.curves, len(method.steps)
        assert curves.loss.shape == curves.accuracy.shape == (3, points)
        assert curves.log10_gradient.shape == curves.log10_spread.shape == (3, points, 4)
        assert curves.log10_gradient_ratio.shape == curves.log10_update_ratio.shape == (3, points, 4)
        assert curves.saturated.shape == (3, points, 3)
        assert not any(np.ma.is_masked(getattr(curves, field.name)) for field in fields(Curves))
        assert ((curves.saturated >= 0) & (curves.saturated <= 1)).all()
        assert method.final_accuracy == tuple(curves.accuracy[:, -1])
        # plain gradient descent: the update is the gradient times the rate
        expected = curves.log10_gradient_ratio + np.log10(0.3)
        np.testing.assert_allclose(curves.log10_update_ratio, expected, atol=1e-5)


def test_the_first_record_is_the_network_as_drawn() -> None:
    result = train(SMALL, SETTINGS, DATA)
    theta = starting_parameters(SMALL, "a", range(3), 3, lambda: None)
    trainer = Trainer(SMALL, "a", SETTINGS, DATA, SPLIT, theta, range(3), [0.3] * 3, lambda: None)
    rows = np.stack([SPLIT(run).training[of] for run, of in enumerate(next(trainer._batches))])
    for run in range(3):
        h, a = [], DATA.x[rows[run]].T.astype(np.float64)
        for w, b in zip(theta.weights, theta.biases, strict=True):
            h.append(w[run] @ a + b[run][:, None])
            a = np.tanh(h[-1])
        p = np.exp(h[-1]) / np.exp(h[-1]).sum(axis=0)
        y = DATA.y[rows[run]]
        assert result.a.curves.loss[run, 0] == pytest.approx(-np.log(p[y, np.arange(8)]).mean(), rel=1e-5)
        delta = p - np.eye(3)[y].T
        for layer in (3, 2, 1, 0):
            gradient = 10 ** result.a.curves.log10_gradient[run, 0, layer]
            assert gradient == pytest.approx(np.abs(delta).mean(), rel=1e-4)
            assert 10 ** result.a.curves.log10_spread[run, 0, layer] == pytest.approx(delta.std(), rel=1e-4)
            if layer:
                delta = (1 - np.tanh(h[layer - 1]) ** 2) * (theta.weights[layer][run].T @ delta)
        saturated = [np.mean(1 - np.tanh(z) ** 2 < 0.1) for z in h[:-1]]
        np.testing.assert_allclose(result.a.curves.saturated[run, 0], saturated)


def test_a_glance_is_the_step_that_follows() -> None:
    start = starting_parameters(SMALL, "a", range(3), 3, lambda: None)
    trainer = Trainer(SMALL, "a", SETTINGS, DATA, SPLIT, start, range(3), [0.3, 0.1, 0.01], lambda: None)
    trainer.advance(4)
    before = [w.copy() for w in trainer.parameters.weights]
    loss, ratio = trainer.change()
    trainer.advance(5)
    for layer, (old, new) in enumerate(zip(before, trainer.parameters.weights, strict=True)):
        sizes = [np.linalg.norm(of.reshape(3, -1), axis=1) for of in (new - old, old)]
        np.testing.assert_allclose(ratio[:, layer], sizes[0] / sizes[1], rtol=1e-3)
    recorded = train(SMALL, SETTINGS.with_(steps=4), DATA).a.curves.loss[0, -1]
    assert loss[0] == recorded


def test_networks_released_leave_the_others_as_they_would_be() -> None:
    start = starting_parameters(SMALL, "a", range(3), 3, lambda: None).flat
    alone, some = (
        Trainer(
            SMALL,
            "a",
            SETTINGS,
            DATA,
            SPLIT,
            Parameters.of(start[runs].copy(), shapes_of(SMALL, 3)),
            runs,
            rates,
            lambda: None,
        )
        for runs, rates in (([2], [0.2]), ([0, 1, 2], [0.1, 0.3, 0.2]))
    )
    some.advance(6)
    accuracy = some.accuracy()
    np.testing.assert_array_equal(some.accuracy()[:2], accuracy[:2])
    some.keep(np.array([False, False, True]))
    for trainer in (some, alone):
        trainer.advance(12)
    np.testing.assert_array_equal(some.parameters.flat, alone.parameters.flat)
    assert np.isnan(some.accuracy()[:2]).all()


def test_a_run_that_diverges_is_set_aside_with_its_step() -> None:
    experiment = SMALL.with_(activation="identity", gain_a=3.0, gain_b=0.5)
    result = train(experiment, SETTINGS, DATA)
    method = result.a
    assert method.final_loss is not None
    for run, at in enumerate(method.diverged_at):
        assert at is not None
        assert method.final_accuracy[run] == DATA.chance
        assert method.final_loss[run] == np.inf
        mask = np.ma.getmaskarray(method.curves.loss[run])
        np.testing.assert_array_equal(mask, method.steps >= at)
        np.testing.assert_array_equal(np.ma.getmaskarray(method.curves.accuracy[run]), mask)
    assert method.steps_to_90 == (None, None, None)
    for field in fields(Curves):
        assert not np.isnan(getattr(method.curves, field.name).data).any()
    assert result.b.diverged_at == (None,) * 3


def test_a_layer_of_one_neuron_has_no_ratios_rather_than_nan() -> None:
    result = train(Experiment(layers=3, neurons=1, runs=2), SETTINGS, DATA)
    ratio = result.a.curves.log10_update_ratio
    assert np.ma.getmaskarray(ratio)[:, :, 1:3].all()
    assert not np.isnan(ratio.data).any()


def test_steps_to_90_is_the_first_recorded_step() -> None:
    method = train(SMALL.with_(a="normal"), SETTINGS.with_(steps=200), DATA).a
    assert any(step is not None for step in method.steps_to_90)
    for run, step in enumerate(method.steps_to_90):
        right = method.curves.accuracy[run] >= 0.9
        assert step == (method.steps[right.argmax()] if right.any() else None)
    # one that diverges later has not learned
    assert replace(method, diverged_at=(150, 150, 150)).steps_to_90 == (None, None, None)


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 50, 500, 100_000])
def test_steps_are_recorded_from_the_first_to_the_last(steps: int) -> None:
    recorded = recorded_steps(steps)
    assert recorded == sorted(set(recorded))
    assert (recorded[0], recorded[-1]) == (0, steps)
    assert len(recorded) <= 100


def test_progress_is_reported_from_one_record_to_the_next() -> None:
    reported: list[Progress[TrainingResult]] = []
    found: list[object] = []
    callers = set()

    def on_progress(progress: Progress[TrainingResult]) -> None:
        callers.add(threading.current_thread())
        reported.append(progress)

    settings = SETTINGS.with_(lr="best")
    result = train(SMALL, settings, DATA, on_progress=on_progress, on_search=found.append, threads=2)
    assert callers == {threading.current_thread()}
    assert [progress.done for progress in reported] == recorded_steps(30)
    assert len(found) == 1
    early = reported[3].partial()
    assert early.steps_done == reported[3].done
    assert early.a.final_loss is None
    np.testing.assert_array_equal(early.a.curves.loss, result.a.curves.loss[:, :4])
    assert not early.a.curves.loss.flags.writeable


def test_a_stop_keeps_what_is_recorded() -> None:
    cancel = threading.Event()

    def stop_at_ten(progress: Progress[TrainingResult]) -> None:
        if progress.done >= 10:
            cancel.set()

    for threads in (1, 2):
        cancel.clear()
        result = train(SMALL, SETTINGS, DATA, cancel=cancel, on_progress=stop_at_ten, threads=threads)
        assert 10 <= result.steps_done < 30
        assert result.a.final_loss is None


@pytest.mark.parametrize("threads", [1, 2])
def test_nothing_of_a_stopped_training_stays_in_memory(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel, weights = threading.Event(), []

    def remembered(*arguments: Any) -> Parameters:
        theta = starting_parameters(*arguments)
        weights.append(weakref.ref(theta.flat))
        return theta

    def stop(trainer: Trainer, *_: object) -> None:
        cancel.set()
        trainer._checkpoint()

    monkeypatch.setattr(of_runs, "starting_parameters", remembered)
    monkeypatch.setattr(Trainer, "_mean_over", stop)
    gc.disable()
    try:
        with pytest.raises(Cancelled):
            train(SMALL, SETTINGS, DATA, cancel=cancel, threads=threads)
        assert weights
        assert [of_a_method() for of_a_method in weights] == [None] * len(weights)
    finally:
        gc.enable()


@pytest.mark.parametrize("work", [train, search])
def test_a_stop_before_anything_is_done(work: Callable[..., object]) -> None:
    cancel = threading.Event()
    cancel.set()
    for lr in (0.1, "best"):
        with pytest.raises(Cancelled):
            work(SMALL, SETTINGS.with_(lr=lr), DATA, cancel=cancel)


def test_the_search_tries_every_rate_and_takes_the_best() -> None:
    settings = SETTINGS.with_(lr="best", steps=50)
    result = train(SMALL, settings, DATA)
    again = search(SMALL, settings, DATA, executor=Threads(1))
    for method, alone in zip(result.methods, again, strict=True):
        assert method.search == alone
        assert method.rate == alone.best == alone.rates[int(np.argmin(alone.loss))]
        # every rate of the grid, and two beside the best of them
        grid = UPDATES["sgd"].rates
        best_of_grid = min(grid, key=lambda rate: alone.loss[alone.rates.index(rate)])
        beside = {float(f"{best_of_grid * factor:.3g}") for factor in (1 / 1.5, 1.5)}
        assert set(alone.rates) == {*grid, *beside}
        assert list(alone.rates) == sorted(alone.rates)
        assert (alone.runs, alone.steps) == (2, 50)


def test_the_loss_of_a_rate_is_on_rows_that_neither_training_nor_test_has() -> None:
    settings = SETTINGS.with_(lr="best", steps=50)
    found = search(SMALL, settings, DATA).b
    runs, choice = range(2), partial(DATA.for_choice, SMALL.seed)
    start = starting_parameters(SMALL, "b", runs, 3, lambda: None)
    trainer = Trainer(SMALL, "b", settings, DATA, choice, start, runs, [found.best] * 2, lambda: None)
    trainer.advance(50)
    assert min(found.loss) == pytest.approx(trainer.held_loss().mean(), rel=1e-12)
    for run in runs:
        of, final = choice(run), SPLIT(run)
        assert not set(of.held) & set(of.training)
        assert not set(final.held) & {*of.held, *of.training}
        assert {*of.held, *of.training} == set(final.training)
    assert (SPLIT(0).held != SPLIT(1).held).any()


def test_what_does_not_fit_is_refused() -> None:
    for experiment, field in (
        (Experiment(layers=1000, neurons=2048), "layers"),
        (Experiment(runs=100_000), "runs"),
        (Experiment(a="normal", neurons=1 << 20), "layers"),
        (Experiment(a="normal", sampler="implicit"), "sampler"),
    ):
        with pytest.raises(SettingError) as caught:
            train(experiment, SETTINGS, DATA)
        assert caught.value.field == field
    with pytest.raises(SettingError) as caught:
        train(SMALL, SETTINGS.with_(batch_size=49), DATA)
    assert "at most 48" in str(caught.value)


def test_features_follow_the_data() -> None:
    assert train(Experiment(layers=1, neurons=3), SETTINGS, DATA).experiment.features == 5
    assert train(Experiment(widths=(9, 4, 3)), SETTINGS, DATA).experiment.widths == (5, 4, 3)


def test_vanished_gradients_do_not_learn_and_matching_the_variance_cures_it() -> None:
    # the rate is the best of the grid for all but uniform, which none of them helps
    digits, settings = load_data("digits"), TrainingSettings(lr=0.1, steps=200)
    first = train(Experiment(layers=20, runs=2, a="uniform", b="normal"), settings, digits)
    second = train(Experiment(layers=20, runs=2, a="glorot-uniform", b="uniform"), settings, digits)
    for vanished in (first.a, second.b):
        assert np.median(vanished.final_accuracy) < 0.2
    for matched in (first.b, second.a):
        assert np.median(matched.final_accuracy) > 0.9


def test_ten_layers_of_uniform_still_learn() -> None:
    result = train(Experiment(runs=3), TrainingSettings(lr=0.3, steps=300), load_data("digits"))
    assert np.median(result.a.final_accuracy) > 0.5
    assert np.median(result.b.final_accuracy) > np.median(result.a.final_accuracy)
