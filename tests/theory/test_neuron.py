"""Gaussian expectations over the neurons of a layer, against 25-digit ones and mpmath."""

from __future__ import annotations

import math

import mpmath as mp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.functions.test_activations import EXACT
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.theory.neuron import Neuron, OutOfRangeError, neuron

TANH = [
    (0.01, 0.009805468756, 0.9806702435, 0.9901945312),
    (0.1, 0.08421392842, 0.8492070684, 0.9157860716),
    (1.0, 0.3942944904, 0.4644029024, 0.6057055096),
    (5.0, 0.668444885, 0.2306253756, 0.331555115),
]
AT_ONE = {
    "tanh": (0.0, 0.3942944904, 1.592537, 0.4644029024, 1.467414),
    "sigmoid": (0.5, 0.2933790359, 1.846229, 0.04483624135, 4.722646),
    "relu": (0.3989422804, 0.5, 1.414214, 0.5, 1.414214),
    "elu": (0.1605205723, 0.6449454175, 1.245198, 0.6681020012, 1.223429),
    "selu": (0.0, 1.0, 1.0, 1.071574992, 0.966026),
    "gelu": (0.2820947918, 0.4252214826, 1.533530, 0.4558508656, 1.481114),
    "silu": (0.2066209641, 0.3557755198, 1.676532, 0.3794823516, 1.623320),
    "softplus": (0.8060591833, 0.9212459089, 1.041867, 0.2933790359, 1.846229),
}


def slope(layer: Neuron) -> float:
    return layer.slope * math.exp(layer.log_unit)


def slope2(layer: Neuron) -> float:
    return layer.slope2 * math.exp(2.0 * layer.log_unit)


@pytest.mark.parametrize(("q", "square", "squared_slope", "mean_slope"), TANH)
def test_tanh_moments(q: float, square: float, squared_slope: float, mean_slope: float) -> None:
    layer = neuron(ACTIVATIONS["tanh"], 0.0, q)
    assert layer.output_square == pytest.approx(square, rel=1e-9)
    assert slope2(layer) == pytest.approx(squared_slope, rel=1e-9)
    assert slope(layer) == pytest.approx(mean_slope, rel=1e-9)


@pytest.mark.parametrize("name", AT_ONE)
def test_moments_and_gains_at_variance_one(name: str) -> None:
    mean, square, gain, squared_slope, back_gain = AT_ONE[name]
    layer = neuron(ACTIVATIONS[name], 0.0, 1.0)
    assert layer.output_mean == pytest.approx(mean, rel=1e-9, abs=1e-12)
    assert layer.output_square == pytest.approx(square, rel=1e-9)
    assert slope2(layer) == pytest.approx(squared_slope, rel=1e-9)
    assert 1.0 / math.sqrt(layer.output_square) == pytest.approx(gain, abs=6e-7)
    assert 1.0 / math.sqrt(slope2(layer)) == pytest.approx(back_gain, abs=6e-7)


@pytest.mark.slow
@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize(("mean", "q"), [(0.7, 2.0), (-3.0, 50.0), (0.0, 400.0)])
def test_moments_with_mean_and_kinks_at_large_variance(name: str, mean: float, q: float) -> None:
    activation = ACTIVATIONS[name]
    layer = neuron(activation, mean, q)
    with mp.workdps(25):
        s = mp.sqrt(q)
        cuts = sorted(
            {mean + s * k for k in (-12, -6, -3, -1, 0, 1, 3, 6, 12)}
            | {c for c in (-30, -10, -4, -1, 0, 1, 4, 10, 30) if abs(c - mean) < 12 * s}
            | {kink.at for kink in activation.kinks}
        )

        def expectation(power: int, of_slope: bool) -> float:
            def integrand(z: mp.mpf) -> mp.mpf:
                value = mp.diff(EXACT[name], z, h=mp.mpf(10) ** -10) if of_slope else EXACT[name](z)
                return value**power * mp.npdf(z, mean, s)

            return float(mp.quad(integrand, cuts, method="gauss-legendre", maxdegree=3))

        assert layer.output_mean == pytest.approx(expectation(1, False), rel=1e-9, abs=1e-12)
        assert layer.output_square == pytest.approx(expectation(2, False), rel=1e-9)
        if (mean, q) == (0.7, 2.0) and name in {"tanh", "selu", "gelu"}:  # differences of 25 digits are slow
            assert slope2(layer) == pytest.approx(expectation(2, True), rel=1e-8)


@given(
    name=st.sampled_from(list(ACTIVATIONS)),
    mean=st.floats(-3.0, 3.0),
    q=st.floats(0.05, 30.0),
)
@settings(max_examples=60, deadline=None)
def test_integration_by_parts_counts_the_jumps(name: str, mean: float, q: float) -> None:
    """Stein's lemma: E f''(z) = E f'(z) (z - m) / q, whatever f, with its kinks counted."""
    layer = neuron(ACTIVATIONS[name], mean, q)
    by_parts = float(layer.slope_weight(1) @ layer.nodes.standardised) / math.sqrt(q)
    size = float(layer.absolute_slope_weight.sum()) / math.sqrt(q)
    assert layer.mean_curvature == pytest.approx(by_parts, rel=1e-9, abs=1e-11 * size)


@pytest.mark.parametrize(("mean", "q"), [(11.18, 1 / 12), (22.6, 1 / 12), (89.0, 0.05), (60.0, 9.0)])
def test_saturated_slopes_keep_their_logarithm(mean: float, q: float) -> None:
    """tanh' is 4 e^(-2 z) out there: its moments are those of a log-normal."""
    layer = neuron(ACTIVATIONS["tanh"], mean, q)
    for power, moment in ((1, layer.slope), (2, layer.slope2)):
        exact = power * (math.log(4.0) - 2.0 * mean) + 2.0 * q * power**2
        assert math.log(moment) + power * layer.log_unit == pytest.approx(exact, rel=1e-9, abs=1e-8)


def test_slopes_below_double_precision_are_refused_not_guessed() -> None:
    with pytest.raises(OutOfRangeError, match="saturated"):
        neuron(ACTIVATIONS["tanh"], 905.0, 133.0)
    with pytest.raises(OutOfRangeError, match="zero"):
        neuron(ACTIVATIONS["relu"], -100.0, 1.0)


def test_point_mass_is_one_node() -> None:
    layer = neuron(ACTIVATIONS["sigmoid"], 0.5, 0.0)
    assert layer.output_mean == pytest.approx(1.0 / (1.0 + math.exp(-0.5)))
    assert layer.output_square == pytest.approx(layer.output_mean**2)
