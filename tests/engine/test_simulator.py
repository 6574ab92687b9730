"""Simulated networks of any widths, biases, output gradients, gains and activations, against the reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.engine import drawn_networks
from tests.engine.fixed_weights import random_weights
from tests.engine.reference_runs import EXPERIMENTS, biases, engine_weights, reference_run, signs
from tui_initflow import Experiment, simulate
from tui_initflow.engine.passes import Networks, backward, forward
from tui_initflow.engine.pool import unstopped
from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.engine.simulator import Simulator
from tui_initflow.engine.streams import Slot
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.blocks import PLAIN

SLOTS = [Slot.A, Slot.B]


def of(results: Results, slot: Slot) -> MethodResult:
    return results.a if slot is Slot.A else results.b


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_run_is_that_of_the_reference_equations(name: str, slot: Slot) -> None:
    experiment = EXPERIMENTS[name]
    result = of(simulate(experiment), slot)
    runs = [reference_run(experiment, slot, run) for run in range(experiment.runs)]
    # float32 against float64
    np.testing.assert_allclose(result.log10_gradient[:, :-1], [run.log10_gradient for run in runs], atol=5e-5)
    assert (result.log10_gradient[:, -1] == 0).all()
    z = [np.concatenate(layer) for layer in zip(*(run.z for run in runs), strict=True)]
    measured = result.preactivation
    assert measured.count.tolist() == [experiment.runs * width for width in experiment.network.sizes[1:]]
    np.testing.assert_allclose(measured.mean_abs, [np.abs(layer).mean() for layer in z], rtol=1e-4)
    np.testing.assert_allclose(measured.mean, [layer.mean() for layer in z], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(measured.std, [layer.std() for layer in z], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(10**measured.log10_std, measured.std, rtol=1e-12)
    np.testing.assert_allclose(10**measured.log10_mean_abs, measured.mean_abs, rtol=1e-12)
    slopes = [np.abs(ACTIVATIONS[experiment.activation].derivative(layer)) for layer in z]
    assert measured.saturated_count.tolist() == [np.count_nonzero(slope < 0.1) for slope in slopes]
    assert measured.histogram.tolist() == [np.histogram(layer, 15, (-4, 4))[0].tolist() for layer in z]


@pytest.mark.parametrize("slot", SLOTS)
def test_weights_are_read_from_the_stream_run_by_run_and_layer_by_layer(slot: Slot) -> None:
    experiment = EXPERIMENTS["plain"]
    initialiser, runs = experiment.methods[slot.side].initialiser, range(2, 6)
    drawn = engine_weights(initialiser, experiment.network.shapes, runs, experiment.seed, slot)
    for index, run in enumerate(runs):
        for w, expected in zip(drawn, drawn_networks.matrices(experiment, slot, run), strict=True):
            np.testing.assert_allclose(w[index], expected, rtol=1e-6)


FALL_AND_RISE = {
    # 20 layers of 4 neurons shrink the signal to 2^-50, 25 of 200 bring it back to 2^-20
    "narrow, then wide": Experiment(
        widths=(4, *[4] * 20, *[200] * 25, *[400] * 10),
        a="uniform:std=0.1",
        b="normal:std=0.1",
        sampler="explicit",
        runs=2,
    ),
    "one neuron": Experiment(layers=400, neurons=1, features=1, a="normal", gain_a=1.9, gain_b=1.85, runs=8),
    "one neuron of elu": Experiment(
        layers=400, neurons=1, features=1, a="normal", gain_a=1.9, gain_b=1.8, runs=8, activation="elu"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("name", FALL_AND_RISE)
def test_signals_that_vanish_and_come_back_meet_the_activation_at_their_true_size(name: str, slot: Slot) -> None:
    experiment = FALL_AND_RISE[name]
    result = of(simulate(experiment), slot)
    least, came_back = math.inf, 0
    for run in range(experiment.runs):
        expected = reference_run(experiment, slot, run)
        size = np.array([np.abs(z).max() for z in expected.z])
        least = min(least, size.min())
        came_back += size[size.argmin() :].max() > 2.0**20 * size.min()
        # rounding to float32 once a layer; a run goes through a thousandth of a decade at most
        np.testing.assert_allclose(result.log10_gradient[run, :-1], expected.log10_gradient, atol=2e-3)
    assert least < 2.0**-45
    assert came_back


@pytest.mark.slow
@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize(("activation", "sigma_b"), [("gelu", 5.0), ("silu", 20.0)])
def test_a_bias_beside_a_signal_that_a_tail_wiped_out(activation: str, sigma_b: float, slot: Slot) -> None:
    """gelu(-12) is 2^-105: the next layer is its bias, at its true size."""
    experiment = Experiment(
        layers=20, neurons=1, features=1, sigma_b=sigma_b, activation=activation, b="uniform", runs=40
    )
    result = of(simulate(experiment), slot)
    wiped_out = 0
    for run in range(experiment.runs):
        expected = reference_run(experiment, slot, run)
        wiped_out += sum(0 < abs(float(ACTIVATIONS[activation].function(z)[0])) < 2.0**-40 for z in expected.z)
        np.testing.assert_allclose(result.log10_gradient[run, :-1], expected.log10_gradient, atol=2e-3)
    assert wiped_out > 40


RUNS = 2000


@pytest.mark.parametrize("slot", SLOTS)
def test_biases_add_their_variance_to_the_first_layer(slot: Slot) -> None:
    features, n, sigma_b = 30, 20, 0.8
    experiment = Experiment(
        widths=(features, n), a="normal:1/fan_in", b="uniform:1/fan_in", sigma_b=sigma_b, runs=RUNS, seed=8
    )
    measured = of(simulate(experiment), slot).preactivation
    without = of(simulate(experiment.with_(sigma_b=0.0)), slot).preactivation
    # given x, z has variance |x|^2 / F + sigma_b^2 = q, E x^2 = 13/48, Var x^2 = 61/2880; neurons of a run share x
    q = 13 / 48 + sigma_b**2
    standard_error = math.sqrt((2 * q**2 / n + 61 / 2880 / features) / RUNS)
    assert abs(measured.std[0] ** 2 - q) < 5 * standard_error
    assert abs(without.std[0] ** 2 - 13 / 48) < 5 * standard_error
    # which tells sigma_b^2 from none, and from sigma_b
    assert 5 * standard_error < 0.1 * sigma_b**2


@pytest.mark.parametrize("slot", SLOTS)
def test_biases_change_no_weight_and_are_drawn_for_each_method_and_run(slot: Slot) -> None:
    experiment = Experiment(layers=2, neurons=9, features=6, sigma_b=0.5, runs=5, seed=9)
    runs = range(3, 8)
    with_bias = Simulator(experiment, slot, lambda: None).first_layer(runs)
    without = Simulator(experiment.with_(sigma_b=0.0), slot, lambda: None).first_layer(runs)
    expected = np.array([biases(experiment, slot, run)[0] for run in runs])
    np.testing.assert_allclose(with_bias - without, expected, atol=1e-6)
    drawn = [biases(experiment, side, run)[layer] for side in SLOTS for run in runs for layer in range(2)]
    assert len(np.unique(drawn)) == 2 * 5 * 2 * 9


@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_biases_have_mean_zero_and_reach_every_layer(activation: str) -> None:
    """Where the weights are next to nothing z is the bias."""
    experiment = Experiment(
        widths=(3, 40, 40, 40),
        a="normal:std=1e-9",
        b="uniform:std=1e-9",
        sigma_b=2.0,
        activation=activation,
        runs=500,
    )
    results = simulate(experiment)
    count = 500 * 40
    for slot in SLOTS:
        measured = of(results, slot).preactivation
        assert np.abs(measured.mean).max() < 5 * 2.0 / math.sqrt(count)
        assert np.abs(measured.std**2 - 4.0).max() < 5 * 4.0 * math.sqrt(2 / count)


def test_gradient_of_one_linear_layer_is_exactly_one_for_either_output_gradient() -> None:
    for start in ("ones", "signs"):
        results = simulate(Experiment(layers=1, neurons=7, activation="identity", start=start, runs=9))
        assert not results.a.log10_gradient.any()
        assert not results.b.log10_gradient.any()


@pytest.mark.parametrize("slot", SLOTS)
def test_both_methods_get_the_same_signs_and_runs_different_ones(slot: Slot) -> None:
    """Two linear layers: the gradient is the mean of |W_2^T g|, with the same g for both methods."""
    experiment = Experiment(widths=(4, 6, 11), activation="identity", start="signs", runs=40, seed=2)
    log10_gradient = of(simulate(experiment), slot).log10_gradient
    starts = np.array([signs(experiment, run) for run in range(40)])
    for run, g in enumerate(starts):
        w = drawn_networks.matrices(experiment, slot, run)[1]
        assert 10 ** log10_gradient[run, 0] == pytest.approx(np.abs(w.T @ g).mean(), rel=1e-5)
    assert len(np.unique(starts, axis=0)) > 38  # of 2^11
    assert abs(starts.mean()) < 5 / math.sqrt(starts.size)


def test_deep_networks_of_tanh_forget_the_output_gradient() -> None:
    experiment = Experiment(layers=20, neurons=30, features=20, a="glorot-uniform", b="lecun-uniform", runs=RUNS)
    ones, signed = simulate(experiment), simulate(experiment.with_(start="signs", seed=1))
    for slot in SLOTS:
        finals = of(ones, slot).log10_final, of(signed, slot).log10_final
        # a median's standard error is 1.25 of a mean's
        error = 1.25 * math.hypot(*(values.std() for values in finals)) / math.sqrt(RUNS)
        assert abs(np.median(finals[0]) - np.median(finals[1])) < 5 * error
        assert error < 0.02
    # relu does not: its derivative, and so a signal of ones, has a mean
    relu = experiment.with_(activation="relu", layers=4, a="he-uniform")
    ones, signed = simulate(relu), simulate(relu.with_(start="signs", seed=1))
    error = 1.25 * math.hypot(ones.a.log10_final.std(), signed.a.log10_final.std()) / math.sqrt(RUNS)
    assert np.median(ones.a.log10_final) - np.median(signed.a.log10_final) > 5 * error


@pytest.mark.parametrize("name", ["uniform", "rand", "truncated-normal", "orthogonal", "normal:std=0.02"])
@pytest.mark.parametrize("gain", [1e-3, 0.3, 1.7, 1e3])
def test_a_gain_multiplies_the_gradient_of_linear_networks_once_per_matrix(name: str, gain: float) -> None:
    layers = 30
    plain = Experiment(layers=layers, neurons=7, features=5, activation="identity", a=name, b=name, runs=4)
    shifts = np.append(np.arange(layers - 1, -1, -1), 0) * math.log10(gain)
    before, after = simulate(plain), simulate(plain.with_(gain_a=gain))
    np.testing.assert_allclose(after.a.log10_gradient - before.a.log10_gradient, [shifts] * 4, atol=1e-6)
    assert (after.b.log10_gradient == before.b.log10_gradient).all()
    np.testing.assert_allclose(
        simulate(plain.with_(gain_b=gain)).b.log10_gradient - before.b.log10_gradient, [shifts] * 4, atol=1e-6
    )
    # and the signal, which meets one matrix more
    grown = np.arange(1, layers + 1) * math.log10(gain)
    sizes = after.a.preactivation.log10_mean_abs - before.a.preactivation.log10_mean_abs
    np.testing.assert_allclose(sizes, grown, atol=1e-5)


HOSTILE = {
    "plain": Experiment(layers=20, neurons=25, features=9, a="he-normal", b="rand", runs=5),
    "huge": Experiment(
        layers=20, neurons=25, features=9, a="he-normal", b="rand", gain_a=1e3, gain_b=1e3, sigma_b=100.0, runs=5
    ),
    "tiny": Experiment(
        layers=20, neurons=25, features=9, a="he-normal", b="rand", gain_a=1e-3, gain_b=1e-3, sigma_b=1e-30, runs=5
    ),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("setting", HOSTILE)
def test_no_activation_warns_or_gives_nan(setting: str, name: str) -> None:
    """numpy's warnings are errors here; one thread, so that they are raised in this one."""
    results = simulate(HOSTILE[setting].with_(activation=name), threads=1)
    for slot in SLOTS:
        log10_gradient = of(results, slot).log10_gradient
        assert not np.isnan(log10_gradient).any()
        assert (log10_gradient < math.inf).all()
        assert (log10_gradient[:, -1] == 0).all()
        measured = of(results, slot).preactivation
        assert np.isfinite(measured.mean).all()
        assert np.isfinite(measured.std).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_signals_pass_both_ways_without_a_warning(name: str, dtype: type) -> None:
    activation, layers, n = ACTIVATIONS[name], 9, 6
    weights = random_weights([n] * (layers + 1), 4, [1.0] * layers, dtype=dtype)
    z_1: NDArray[np.float32 | np.float64] = np.tile(
        np.array([1e4, -1e4, 1e4, -1e4, 0.0, -0.0], dtype), (4, 1)
    ) * np.array([[1], [-1], [1e-4], [1e4]], dtype)
    networks = Networks(weights, activation, PLAIN)
    passed = forward(networks, z_1, unstopped)
    (log10_gradient,) = backward(networks, passed, np.ones((1, 1)))
    assert passed.h.signals.dtype == dtype
    assert np.isfinite(passed.h.signals).all()
    assert not np.isnan(log10_gradient).any()
    assert (log10_gradient < math.inf).all()


def test_an_expression_draws_what_the_name_draws() -> None:
    named = simulate(Experiment(a="he-normal", b="glorot-uniform", runs=3))
    described = simulate(Experiment(a="normal:2/fan_in", b="uniform:1/fan_avg", runs=3))
    np.testing.assert_array_equal(named.a.log10_gradient, described.a.log10_gradient)
    np.testing.assert_array_equal(named.b.log10_gradient, described.b.log10_gradient)
