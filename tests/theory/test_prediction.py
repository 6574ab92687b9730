"""Depth, hostile settings, and saying so where theory has no number."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.theory.networks import chain, layer, network
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.mean_field import LayerLaw, network_laws
from tui_initflow.theory.phase import phase_of
from tui_initflow.theory.prediction import predict


@pytest.mark.parametrize("activation", ["silu", "gelu", "softplus", "elu"])
def test_far_from_zero_a_bend_is_a_kink(activation: str) -> None:
    """Where z is 1e30, with a mean, all of these are ReLU; their f'' cannot be resolved there."""
    laws = chain("rand", [64, *[10] * 30], gain=8.0)
    smooth, kinked = (predict(laws, ACTIVATIONS[name]).log10_gradient for name in (activation, "relu"))
    np.testing.assert_allclose(smooth, kinked, atol=0.05)


@pytest.mark.slow
def test_depth_1000_neither_underflows_nor_overflows() -> None:
    predicted = predict(network("uniform", 50, 1000), ACTIVATIONS["tanh"])
    gradient = predicted.log10_gradient
    assert predicted.reason is None
    assert gradient[500] - gradient[501] == pytest.approx(-0.5 * math.log10(3.0), abs=1e-12)
    assert gradient[0] == pytest.approx(-238.476, abs=1e-3)
    assert predicted.q[-1] >= 0.0
    assert np.all(np.isfinite(predicted.sd_ln))


def test_shapes_and_the_last_point() -> None:
    predicted = predict(network("normal", 50, 1), ACTIVATIONS["tanh"])
    assert predicted.q.shape == predicted.m.shape == (1,)
    for values in (predicted.log10_gradient, predicted.log10_median, predicted.sd_ln, predicted.reliable):
        assert values.shape == (2,)
    assert predicted.log10_gradient[1] == predicted.log10_median[1] == predicted.sd_ln[1] == 0.0
    assert predicted.q[0] == pytest.approx(64 * 2 / 114 * 13 / 48)


def test_layers_must_fit_onto_each_other() -> None:
    with pytest.raises(ValueError, match="layer 1 has 5 neurons, layer 2 takes 6"):
        predict([LayerLaw(4, 5, 1.0), LayerLaw(6, 5, 1.0)], ACTIVATIONS["tanh"])
    with pytest.raises(ValueError, match="at least one layer"):
        predict([], ACTIVATIONS["tanh"])
    with pytest.raises(ValueError, match="negative"):
        LayerLaw(4, 5, -1.0)
    with pytest.raises(ValueError, match="negative"):
        LayerLaw(4, 5, math.nan)
    with pytest.raises(ValueError, match="mean zero"):
        LayerLaw(4, 5, 1.0, mean=1.0, orthogonal=True)


@pytest.mark.parametrize(
    ("activation", "gain", "reason"),
    [
        ("relu", 1e6, "grow beyond"),
        ("relu", 1e-6, "shrink below"),
        ("tanh", 0.0, "all zero"),
        ("relu", 0.0, "derivative zero"),
    ],
)
def test_where_there_is_no_number_there_is_a_reason(activation: str, gain: float, reason: str) -> None:
    laws = [law.scaled(gain) for law in network("he-normal", 50, 200)]
    predicted = predict(laws, ACTIVATIONS[activation])
    assert predicted.reason is not None
    assert reason in predicted.reason
    assert predicted.reason.startswith("layer ")
    assert np.isnan(predicted.log10_gradient[0])
    assert predicted.log10_gradient[-1] == 0.0
    assert not predicted.reliable[:-1].any()


@pytest.mark.slow
@given(
    activation=st.sampled_from(list(ACTIVATIONS)),
    initialiser=st.sampled_from(["uniform", "normal", "rand", "he-normal", "orthogonal"]),
    start=st.sampled_from(["ones", "signs"]),
    widths=st.lists(st.integers(1, 2048), min_size=2, max_size=7),
    log_gain=st.floats(-4.0, 4.0),
    sigma_b2=st.sampled_from([0.0, 1e-6, 1.0]),
)
@settings(max_examples=100, deadline=None)
def test_any_network_has_finite_numbers_or_a_reason(
    activation: str, initialiser: str, start: OutputGradient, widths: list[int], log_gain: float, sigma_b2: float
) -> None:
    laws = []
    for fan_in, fan_out in itertools.pairwise(widths):
        law = layer(initialiser, fan_in, fan_out).scaled(10.0**log_gain)
        laws.append(LayerLaw(fan_in, fan_out, law.variance, law.mean, sigma_b2, law.orthogonal, law.excess_kurtosis))
    predicted = predict(laws, ACTIVATIONS[activation], start)
    if predicted.reason is None:
        assert np.all(np.isfinite(predicted.log10_gradient))
        assert np.all(np.isfinite(predicted.q))
    drawn = predicted.reliable
    for values in (predicted.log10_median, predicted.log10_p10, predicted.log10_p90, predicted.sd_ln):
        assert np.all(np.isfinite(values[drawn]))
    assert np.all(predicted.log10_p10[drawn] <= predicted.log10_p90[drawn])
    assert predicted.reason is not None or predicted.note is not None or drawn.all()


def test_wide_first_layer_of_rand_keeps_its_exponent() -> None:
    laws = network_laws(layer("rand", 65536, 2048), layer("rand", 2048, 2048), 20)
    predicted = predict(laws, ACTIVATIONS["tanh"])
    assert predicted.m[0] == pytest.approx(89.128, abs=1e-3)
    # far from the ends every layer multiplies by the same factor, of 1e-18
    step = predicted.log10_gradient[5] - predicted.log10_gradient[6]
    assert step == pytest.approx(math.log10(phase_of(laws[1], ACTIVATIONS["tanh"]).factor), rel=1e-9)
    assert step < -17.0
