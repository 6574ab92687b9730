"""Gains, biases, the backward start, lists of widths and all activations, against a plain loop."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.engine.drawn_networks import inputs, matrices
from tui_initflow.engine.activations import ACTIVATIONS
from tui_initflow.engine.experiment import REAL_LIMITS, Experiment, SettingError
from tui_initflow.engine.simulate import simulate
from tui_initflow.engine.streams import Slot

Floats = NDArray[np.float64]


def plain_pass(experiment: Experiment, slot: Slot, run: int) -> tuple[list[Floats], list[float]]:
    """Pre-activations of all layers, and mean |delta| at L0 … L{L-1}, in float64, without biases, from ones."""
    activation = ACTIVATIONS[experiment.activation]
    a: Any = inputs(experiment, run)
    z: list[Floats] = []
    weights = matrices(experiment, slot, run)
    for w in weights:
        z.append(w @ a)
        a = activation.function(z[-1])
    delta = activation.derivative(z[-1])
    gradient = [float(np.abs(delta).mean())]
    for layer in range(len(weights) - 1, 0, -1):
        delta = activation.derivative(z[layer - 1]) * (weights[layer].T @ delta)
        gradient.insert(0, float(np.abs(delta).mean()))
    return z, gradient


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("slot", [Slot.A, Slot.B])
def test_a_list_of_widths_and_any_activation_against_a_plain_loop(activation: str, slot: Slot) -> None:
    experiment = Experiment(
        widths=(7, 12, 5, 9, 3), activation=activation, a="he-uniform", b="truncated-normal", gain_a=1.5, runs=3
    )
    results = simulate(experiment)
    found = results.a if slot is Slot.A else results.b
    expected = [plain_pass(experiment, slot, run) for run in range(3)]
    for run, (_, gradient) in enumerate(expected):
        np.testing.assert_allclose(10 ** found.log10_gradient[run, :-1], gradient, rtol=2e-4, atol=1e-12)
    z = found.preactivation
    assert z.count.tolist() == [36, 15, 27, 9]
    for layer in range(4):
        together = np.concatenate([each[0][layer] for each in expected])
        assert z.mean_abs[layer] == pytest.approx(np.abs(together).mean(), rel=1e-4)
        assert z.std[layer] == pytest.approx(together.std(), rel=1e-3, abs=1e-6)
        cells = int(z.histogram[layer].sum() + z.below[layer] + z.above[layer])
        assert cells == len(together)


def test_a_gain_multiplies_every_step_of_a_linear_network() -> None:
    experiment = Experiment(activation="identity", layers=30, runs=4)
    before = simulate(experiment)
    after = simulate(experiment.with_(gain_a=2.0, gain_b=0.3))
    points = np.arange(31)
    # point L{k} has passed the weights of layers k+2 … L
    steps = np.maximum(29 - points, 0)
    for gain, one, other in ((2.0, before.a, after.a), (0.3, before.b, after.b)):
        shift = other.log10_gradient - one.log10_gradient
        np.testing.assert_allclose(shift, np.tile(steps * math.log10(gain), (4, 1)), atol=1e-5)


@pytest.mark.parametrize("field", REAL_LIMITS)
def test_numbers_beyond_their_limits_are_refused_with_the_range(field: str) -> None:
    low, high = REAL_LIMITS[field]
    for good in (low, high, str(high)):
        Experiment(**{field: good})  # type: ignore[arg-type]
    for bad in (low - 1e-3, high * 1.001, math.nan, math.inf, "x", "", None, True, [1], "9" * 9999, 10**400):
        with pytest.raises(SettingError) as told:
            Experiment(**{field: bad})  # type: ignore[arg-type]
        assert told.value.field == field
        assert f"from {low:g} to {high:g}" in str(told.value)
        assert len(str(told.value)) < 120


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Normal",
        "normal:",
        "normal:2",
        "normal:0/fan_in",
        "normal:-1/fan_in",
        "normal:1e99/fan_in",
        "normal:1/fan",
        "normal:std=",
        "normal:std=0",
        "foo:1/fan_in",
        "normal:2/fan_in ",
        "normal\n",
        "n" * 10_000,
        "normal:" + "9" * 10_000 + "/fan_in",
        5,
        None,
    ],
)
@pytest.mark.parametrize("field", ["a", "b"])
def test_what_is_no_initialiser_is_refused_in_one_line(field: str, name: object) -> None:
    with pytest.raises(SettingError) as told:
        Experiment(**{field: name})  # type: ignore[arg-type]
    assert told.value.field == field
    assert "he-normal" in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500


def test_an_expression_draws_what_the_name_draws() -> None:
    named = simulate(Experiment(a="he-normal", b="glorot-uniform", runs=3))
    described = simulate(Experiment(a="normal:2/fan_in", b="uniform:1/fan_avg", runs=3))
    np.testing.assert_array_equal(named.a.log10_gradient, described.a.log10_gradient)
    np.testing.assert_array_equal(named.b.log10_gradient, described.b.log10_gradient)


def test_biases_add_their_variance_and_leave_the_weights_alone() -> None:
    experiment = Experiment(runs=400, layers=3, activation="identity")
    without, with_biases = simulate(experiment), simulate(experiment.with_(sigma_b=0.7))
    # a linear network's gradient does not see the biases: these are the same weights
    np.testing.assert_allclose(with_biases.b.log10_gradient, without.b.log10_gradient, atol=1e-6)
    variance = [each.b.preactivation.std[0] ** 2 for each in (without, with_biases)]
    neurons = 400 * 50
    assert abs(variance[1] - variance[0] - 0.49) < 5 * math.sqrt(2 / neurons) * (variance[1] + variance[0])


def test_biases_do_not_depend_on_batches_or_threads_and_differ_between_methods() -> None:
    experiment = Experiment(a="normal", b="normal", sigma_b=0.5, gain_a=0.001, gain_b=0.001, runs=9, layers=5)
    together = simulate(experiment, threads=2)
    single = [simulate(experiment.with_(runs=1), first_run=run) for run in range(9)]
    np.testing.assert_array_equal(together.a.log10_final, [each.a.log10_final[0] for each in single])
    # with weights this small the pre-activations are the biases
    assert together.a.preactivation.std[2] == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(2 * 450))
    assert together.a.preactivation.std[2] != together.b.preactivation.std[2]


def test_tiny_and_exploding_signals_keep_their_biases() -> None:
    tiny = simulate(Experiment(sigma_b=1e-6, gain_a=0.001, gain_b=0.001, layers=60, runs=3))
    assert 0.5e-6 < tiny.a.preactivation.std[-1] < 2e-6
    huge = simulate(Experiment(sigma_b=1.0, activation="relu", gain_a=100.0, gain_b=100.0, layers=60, runs=3))
    assert np.isfinite(huge.b.log10_gradient).all()
    assert huge.b.log10_final.mean() > 60


def test_random_signs_are_those_of_both_methods_and_differ_between_runs() -> None:
    # at depth 1 of a linear network the gradient is the start itself: of size 1 whatever the signs
    experiment = Experiment(layers=1, activation="identity", start="signs", runs=5)
    np.testing.assert_allclose(simulate(experiment).a.log10_final, 0.0, atol=1e-7)
    # with equal weights equal starts give equal gradients: gains of the same initialiser by slot do not, so compare
    # one layer of ones: |sum of 50 signs| differs between runs, and is even
    wide = Experiment(layers=2, neurons=50, activation="identity", start="signs", runs=40)
    ones = wide.with_(start="ones")
    assert len(set(simulate(wide).a.log10_final.tolist())) == 40
    difference = simulate(wide).a.log10_final - simulate(ones).a.log10_final
    assert (difference != 0).all()


def test_signs_and_ones_agree_for_an_odd_activation() -> None:
    experiment = Experiment(runs=1500, layers=6)
    for side in ("a", "b"):
        ones = getattr(simulate(experiment), side).log10_final
        signs = getattr(simulate(experiment.with_(start="signs", seed=1)), side).log10_final
        error = math.sqrt((ones.var() + signs.var()) / 1500)
        assert abs(ones.mean() - signs.mean()) < 5 * error


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_deep_networks_of_every_activation_stay_quiet(activation: str) -> None:
    for a, b in (("he-normal", "rand"), ("orthogonal", "normal:std=3")):
        results = simulate(Experiment(activation=activation, a=a, b=b, layers=60, neurons=20, runs=5))
        for method in (results.a, results.b):
            assert not np.isnan(method.log10_gradient).any()
            assert not np.isposinf(method.log10_gradient).any()
            assert np.isfinite(method.preactivation.log10_mean_abs[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_extreme_pre_activations_make_no_warning_and_no_nan(activation: str, dtype: type) -> None:
    z: NDArray[Any] = np.array([0.0, -0.0, 1e-30, -1e-30, 1.0, -1.0, 50.0, -50.0, 1e4, -1e4], dtype=dtype)
    for function in (ACTIVATIONS[activation].function, ACTIVATIONS[activation].derivative):
        found = function(z)
        assert np.isfinite(found).all()
        assert found.dtype == dtype
