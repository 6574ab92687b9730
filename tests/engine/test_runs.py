"""Simulations: reproducible to the last bit, cancellable, and in line with what is known of the demo."""

from __future__ import annotations

import math
import threading
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.engine import drawn_networks
from tests.engine.reference_runs import EXPERIMENTS
from tui_initflow import Experiment, simulate
from tui_initflow.engine import pool, runs, simulator, weights
from tui_initflow.engine.pool import Progress
from tui_initflow.engine.preactivations import PreactivationStatistics
from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.engine.runs import Cancelled
from tui_initflow.engine.streams import Slot
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.presets import PRESETS


def content(results: Results) -> list[bytes]:
    """Everything in the results, bit by bit."""
    return [part for method in (results.a, results.b) for part in method_content(method)]


def method_content(method: MethodResult) -> list[bytes]:
    z = method.preactivation
    counts = [np.asarray(getattr(z, f.name)).tobytes() for f in fields(PreactivationStatistics) if f.name != "sums"]
    total = z.sums.total
    return [method.log10_gradient.tobytes(), *counts, total.values.tobytes(), total.exponents.tobytes()]


LARGER = {
    "default": Experiment(runs=23, seed=1),
    "deep": Experiment(runs=3, layers=400, neurons=11, features=9, seed=3),
    "rand": Experiment(runs=7, layers=40, neurons=7, features=3, a="rand", b="glorot-uniform", seed=2),
    "wide": Experiment(runs=3, layers=2, neurons=130, features=2, seed=4),
    "without weights": Experiment(
        widths=(5, 40, 9, 30), a="he-normal", b="orthogonal", sampler="implicit", sigma_b=0.1, start="signs", runs=11
    ),
    "blocks without weights": Experiment(
        layers=9, a="normal", b="orthogonal", sampler="implicit", block_a="residual", norm_b="layer", runs=7, neurons=12
    ),
    "some without weights": Experiment(a="normal", layers=2, neurons=300, runs=4),
}


@pytest.mark.slow
@pytest.mark.parametrize("experiment", [*EXPERIMENTS.values(), *LARGER.values()], ids=[*EXPERIMENTS, *LARGER])
def test_batches_threads_and_number_of_runs_change_nothing(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = content(simulate(experiment, threads=1))
    monkeypatch.setattr(pool, "INLINE_WEIGHTS", 0)
    for batch_runs in (1, 2, 5):
        monkeypatch.setattr(runs, "BATCH_WEIGHTS", batch_runs * experiment.drawn)
        for threads in (1, 2, 3):
            assert content(simulate(experiment, threads=threads)) == expected
    monkeypatch.setattr(weights, "DRAWN_AT_ONCE", 1)
    assert content(simulate(experiment)) == expected
    first = simulate(experiment.with_(runs=1))
    whole = simulate(experiment, earlier=first)
    assert content(whole) == expected
    assert whole.experiment == experiment


def test_redrawn_weights_are_those_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "TILE_WEIGHTS", 300)
    experiment = Experiment(layers=6, neurons=21, features=33, runs=4)
    kept = content(simulate(experiment))
    monkeypatch.setattr(simulator, "KEPT_WEIGHTS", 0)
    assert content(simulate(experiment)) == kept


@pytest.mark.parametrize("b", ["normal", "orthogonal", "truncated-normal"])
def test_layers_drawn_together_are_those_drawn_one_by_one(b: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # an odd number of weights leaves half a word; layers of other shapes come before and between
    experiment = Experiment(widths=(5, 7, 7, 7, 4, 7, 7, 3, 3, 3, 3), b=b, runs=5, seed=8)
    together = content(simulate(experiment, first_run=3))
    for numbers in (0, 5 * 50 * 2):
        monkeypatch.setattr(weights, "SMALL_LAYERS", numbers)
        assert content(simulate(experiment, first_run=3)) == together


def test_many_extensions_equal_one_simulation() -> None:
    experiment = Experiment(layers=4, neurons=9, features=5, runs=30, seed=9)
    grown = simulate(experiment.with_(runs=3))
    while grown.runs < 30:
        grown = simulate(experiment.with_(runs=grown.runs + 9), earlier=grown)
    assert content(grown) == content(simulate(experiment))


def test_only_runs_of_the_same_settings_are_joined() -> None:
    experiment = Experiment(layers=2, neurons=3, features=3)
    with pytest.raises(ValueError, match="same settings"):
        simulate(experiment.with_(seed=1, runs=2), earlier=simulate(experiment))


def test_outliers_and_saturation_are_counted() -> None:
    measured = simulate(Experiment(a="rand", neurons=100, runs=20)).a.preactivation
    assert (measured.histogram.sum(axis=1) + measured.below + measured.above == measured.count).all()
    assert measured.above.sum() > 0.5 * measured.count[0]
    assert measured.below.sum() == 0
    # |z| is about 5: all but the first layer are saturated
    assert measured.saturated[1:].min() > 0.99


def test_signals_beyond_any_number_are_infinite_and_their_logarithms_right() -> None:
    z = simulate(Experiment(layers=150, neurons=5, gain_a=1e3, activation="identity")).a.preactivation
    assert np.isposinf(z.mean_abs[-1])
    assert np.isposinf(z.std[-1])
    assert np.isfinite(z.log10_mean_abs).all()
    assert z.log10_mean_abs[-1] > 308


def test_the_smallest_network() -> None:
    results = simulate(Experiment(layers=1, neurons=1, features=1, runs=2000))
    assert results.a.log10_gradient.shape == (2000, 2)
    assert (results.a.log10_gradient[:, 1] == 0).all()
    x_bound = 0.75
    # delta = 1 - tanh(w x)^2 with |w| < 1
    assert 1 - math.tanh(x_bound) ** 2 <= 10 ** results.a.log10_final.min()
    assert results.a.log10_final.max() <= 0


def test_both_methods_see_the_same_input_and_draw_their_own_weights() -> None:
    results = simulate(Experiment(a="normal", b="normal", runs=500))
    assert not np.intersect1d(results.a.log10_final, results.b.log10_final).size
    correlation = np.corrcoef(results.a.log10_final, results.b.log10_final)[0, 1]
    assert abs(correlation) < 5 / math.sqrt(500)


def test_seeds_differ() -> None:
    experiment = Experiment(runs=3)
    assert content(simulate(experiment)) != content(simulate(experiment.with_(seed=1)))


# what is known of the demo (thousands of runs): median of the final gradient, median |log10| deviation aside
KNOWN_MEDIANS = {"demo": (4.64e-3, 2.85e-1), "matched": (2.83e-1, 2.85e-1), "rand": (1.2e-18, 2.85e-1)}


@pytest.mark.parametrize("preset", KNOWN_MEDIANS)
def test_medians_of_the_presets(preset: str) -> None:
    results = simulate(PRESETS[preset].applied_to(Experiment(runs=2000, seed=12)))
    for method, known in zip((results.a, results.b), KNOWN_MEDIANS[preset], strict=True):
        spread = method.log10_final.std()
        # a median's standard error is 1.25 of a mean's; the known value has an error of its own
        tolerance = 5 * 1.25 * spread / math.sqrt(2000) + math.log10(1.02)
        assert abs(np.median(method.log10_final) - math.log10(known)) < tolerance


def test_ratios_of_the_demo() -> None:
    ratio = simulate(Experiment(runs=2000, seed=13)).log10_ratio
    assert abs(ratio.mean() - math.log10(61.5)) < 5 * ratio.std() / math.sqrt(2000) + math.log10(1.02)
    assert (ratio > 0).mean() > 0.995
    one_layer = simulate(Experiment(runs=2000, layers=1)).log10_ratio
    assert abs(one_layer.mean() - math.log10(0.88)) < 5 * one_layer.std() / math.sqrt(2000) + math.log10(1.01)


def test_standard_deviations_of_the_demo() -> None:
    results = simulate(Experiment(runs=1000))
    # in the first layer exactly sqrt(F s^2 Var(D) E x^2)
    for method, variance in ((results.a, 1 / 3), (results.b, 1.0)):
        expected = math.sqrt(64 * (2 / 114) * variance * 13 / 48)
        assert method.preactivation.std[0] == pytest.approx(expected, rel=0.01)
    assert results.a.preactivation.std[[0, 1, -1]] == pytest.approx([0.32, 0.17, 0.002], rel=0.05)
    assert results.b.preactivation.std[-1] == pytest.approx(0.22, rel=0.05)


@pytest.mark.slow
def test_depth_1000_is_not_lost() -> None:
    results = simulate(Experiment(layers=1000, runs=8))
    finals = results.a.log10_final
    # 0.577 a layer, a little less for the finite width
    assert abs(finals.mean() - 999 * math.log10(1 / math.sqrt(3))) < 9
    assert np.isfinite(results.a.log10_gradient).all()
    # from layer 1 on the signal shrinks at the same rate as the gradient
    log10_std = results.a.preactivation.log10_std
    assert log10_std[-1] == pytest.approx(finals.mean(), abs=9)
    assert 10 ** log10_std[500] == pytest.approx(results.a.preactivation.std[500], rel=1e-9)


def reference_log10(experiment: Experiment, slot: Slot) -> NDArray[np.float64]:
    """The gradient by point of run 0 in float64, normalised after every step: an independent way to the numbers."""
    activation = ACTIVATIONS[experiment.activation]
    a: NDArray[Any] = drawn_networks.inputs(experiment, 0)
    matrices = drawn_networks.matrices(experiment, slot, 0)
    slopes, size = [], 1.0
    points: list[float] = []
    for w in matrices:
        z = w @ a
        if 1e-30 < size < 1e30:
            slopes.append(activation.derivative(z * size))
            a = activation.function(z * size) / size
        else:
            slopes.append(np.ones_like(z))
            a = z
        norm = np.abs(a).max()
        a, size = a / norm, min(max(size * norm, 1e-200), 1e200)
    log10, delta = 0.0, slopes[-1]
    for layer in range(len(matrices) - 1, -1, -1):
        norm = np.abs(delta).mean()
        log10 += math.log10(norm)
        points.insert(0, log10)
        delta = delta / norm
        if layer:
            delta = slopes[layer - 1] * (matrices[layer].T @ delta)
    return np.array(points)


@pytest.mark.parametrize("slot", [Slot.A, Slot.B])
def test_depth_1000_is_right_to_a_thousandth_of_a_decade(slot: Slot) -> None:
    experiment = Experiment(layers=1000, neurons=16, features=8, seed=6)
    results = simulate(experiment)
    log10_gradient = (results.a if slot is Slot.A else results.b).log10_gradient[0, :-1]
    np.testing.assert_allclose(log10_gradient, reference_log10(experiment, slot), atol=1e-3)
    assert slot is Slot.B or log10_gradient[0] < -239


EXTREMES = {
    "decay": Experiment(layers=1000, neurons=16, features=8, gain_a=0.435, gain_b=0.25),
    "explosion": Experiment(layers=1000, neurons=16, features=8, activation="identity", gain_a=7.1, gain_b=4.1),
    "least weights": Experiment(
        layers=60, neurons=16, features=8, a="uniform:std=1e-9", b="normal:std=1e-9", gain_a=1e-3, gain_b=1e-3
    ),
    "largest weights": Experiment(
        layers=60,
        neurons=16,
        features=8,
        activation="identity",
        a="uniform:std=1e9",
        b="normal:std=1e9",
        gain_a=1e3,
        gain_b=1e3,
    ),
}


@pytest.mark.parametrize("slot", [Slot.A, Slot.B])
@pytest.mark.parametrize("name", EXTREMES)
def test_six_hundred_decades_are_right_to_a_thousandth(name: str, slot: Slot) -> None:
    experiment = EXTREMES[name]
    results = simulate(experiment)
    log10_gradient = (results.a if slot is Slot.A else results.b).log10_gradient[0, :-1]
    assert abs(log10_gradient[0]) > 590
    np.testing.assert_allclose(log10_gradient, reference_log10(experiment, slot), atol=1e-3)


class Stopper:
    """Cancels after some progress and keeps what was reported."""

    def __init__(self, after: int) -> None:
        self.cancel = threading.Event()
        self.reports: list[Progress[Results]] = []
        self._after = after

    def __call__(self, progress: Progress[Results]) -> None:
        self.reports.append(progress)
        if len(self.reports) == self._after:
            self.cancel.set()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("first_run", [0, 5])
def test_cancelling_keeps_the_first_runs(threads: int, first_run: int, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = Experiment(runs=40, layers=3, neurons=10, features=4)
    monkeypatch.setattr(runs, "BATCH_WEIGHTS", 3 * experiment.network.weights)
    monkeypatch.setattr(pool, "INLINE_WEIGHTS", 0)
    stopper = Stopper(after=2)
    results = simulate(experiment, first_run=first_run, cancel=stopper.cancel, on_progress=stopper, threads=threads)
    assert 6 <= results.runs < 40
    assert results.experiment == experiment.with_(runs=results.runs)
    assert content(results) == content(simulate(results.experiment, first_run=first_run))


@pytest.mark.parametrize("runs", [1, 50])
def test_a_simulation_cancelled_before_its_first_run_raises(runs: int) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        simulate(Experiment(runs=runs), cancel=cancel)


def test_cancel_is_checked_between_the_layers_of_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in checks, not in seconds."""

    class Counting(threading.Event):
        checks = 0

        def is_set(self) -> bool:
            type(self).checks += 1
            return False

    simulate(Experiment(layers=200, neurons=4, features=4), cancel=Counting())
    assert Counting.checks > 2 * 2 * 200
    Counting.checks = 0
    monkeypatch.setattr(simulator, "KEPT_WEIGHTS", 0)
    simulate(Experiment(layers=1, neurons=64, features=65536), cancel=Counting())
    assert Counting.checks > 2 * 64 * 65536 / (1 << 18)


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_rises_to_the_total_and_its_results_stay_what_they_were(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = Experiment(runs=20, layers=3, neurons=10, features=4)
    monkeypatch.setattr(runs, "BATCH_WEIGHTS", 3 * experiment.network.weights)
    monkeypatch.setattr(pool, "INLINE_WEIGHTS", 0)
    reports: list[Progress[Results]] = []
    seen: list[list[bytes]] = []

    def note(progress: Progress[Results]) -> None:
        reports.append(progress)
        seen.append(content(progress.partial()))

    simulate(experiment, on_progress=note, threads=threads)
    assert [report.done for report in reports] == [3, 6, 9, 12, 15, 18, 20]
    assert {report.total for report in reports} == {20}
    assert [content(report.partial()) for report in reports] == seen
    for report in reports[:3]:
        assert content(report.partial()) == content(simulate(experiment.with_(runs=report.done)))


def test_progress_is_reported_in_the_calling_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "INLINE_WEIGHTS", 0)
    threads: set[int] = set()
    simulate(Experiment(runs=3), on_progress=lambda _: threads.add(threading.get_ident()), threads=2)
    assert threads == {threading.get_ident()}


def test_an_error_in_the_callback_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BATCH_WEIGHTS", 1)
    monkeypatch.setattr(pool, "INLINE_WEIGHTS", 0)

    def fail(_: Progress[Results]) -> None:
        raise RuntimeError("no more")

    before = threading.active_count()
    with pytest.raises(RuntimeError, match="no more"):
        simulate(Experiment(runs=200), on_progress=fail, threads=2)
    assert threading.active_count() == before


def test_results_cannot_be_changed() -> None:
    results = simulate(Experiment(runs=3))
    with pytest.raises(ValueError, match="read-only"):
        results.a.log10_gradient[0, 0] = 1.0
