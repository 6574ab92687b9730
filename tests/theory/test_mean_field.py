"""The infinitely wide network: against closed forms, an independent recursion, known digits and drawn networks."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import erf

from tests.theory.networks import chain, draw_matrices, draw_neurons, network
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.initialisers import INPUT
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.mean_field import (
    INPUT_COVARIANCE,
    INPUT_FOURTH_MOMENT,
    INPUT_MEAN,
    INPUT_SECOND_MOMENT,
    LayerLaw,
    network_laws,
)
from tui_initflow.theory.neuron import Array
from tui_initflow.theory.prediction import predict

# predicted mean |delta| at L0 ... L9, F = 64, n = 500; a dash where the digits are not known
KNOWN = {
    ("uniform", "tanh"): ".005521 .009755 .01701 .02952 .05117 .08864 .1535 .2660 .4607 1",
    ("normal", "tanh"): ".5428 .5731 .6019 .6295 .6560 .6815 .7061 .7300 .7531 .9720",
    ("rand", "tanh"): "1.596e-70 3.191e-71 1.000e-65 - - - - - - 9.19e-10",
    ("he-normal", "relu"): "1.035 .9847 .9319 .8758 .8159 .7513 .6805 .6015 .5104 .5",
    ("lecun-normal", "selu"): "1.853 1.594 1.400 1.253 1.138 1.046 .9713 .9080 .8529 1.004",
    ("orthogonal", "tanh"): ".6178 .6380 .6576 .6766 .6951 .7132 .7308 .7481 .7649 .9794",
    # the first value was tabulated as .05821 by a quadrature not cut where gelu' changes its sign
    ("he-normal", "gelu"): ".05824 - - - - - - - .2872 .5",
}


def test_moments_of_the_input_are_those_of_its_distribution() -> None:
    low, high = (Fraction(end) for end in (INPUT.low, INPUT.high))

    def moment(power: int) -> Fraction:
        return (high ** (power + 1) - low ** (power + 1)) / ((power + 1) * (high - low))

    assert float(moment(1)) == INPUT_MEAN == INPUT.mean
    assert (float(moment(2)), float(moment(4))) == (INPUT_SECOND_MOMENT, INPUT_FOURTH_MOMENT)
    covariance = [[float(moment(i + j) - moment(i) * moment(j)) for j in (1, 2)] for i in (1, 2)]
    assert np.array_equal(covariance, INPUT_COVARIANCE)


@pytest.mark.parametrize(("initialiser", "activation"), KNOWN)
def test_known_digits_at_500_neurons(initialiser: str, activation: str) -> None:
    digits = KNOWN[initialiser, activation]
    predicted = 10.0 ** predict(network(initialiser, 500), ACTIVATIONS[activation]).log10_gradient
    assert predicted[10] == 1.0
    for value, known in zip(predicted, digits.split(), strict=False):
        if known != "-":
            mantissa, _, exponent = known.partition("e")
            last_digit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
            assert abs(value - float(known)) <= 0.51 * last_digit


def test_relu_with_he_and_ones_has_a_closed_form() -> None:
    """E delta_l^2 = 1/2 + (L - l) / pi, where textbooks say 1/2."""
    depth = 10
    predicted = 10.0 ** predict(network("he-normal", 500, depth), ACTIVATIONS["relu"]).log10_gradient
    # mean |delta| of the same
    known = [1.034913, 0.984746, 0.931882, 0.875832, 0.815942, 0.751292, 0.680528, 0.601496, 0.510369, 0.5]
    np.testing.assert_allclose(predicted[:depth], known, atol=6e-7)
    signs = 10.0 ** predict(network("he-normal", 500, depth), ACTIVATIONS["relu"], "signs").log10_gradient
    np.testing.assert_allclose(signs[: depth - 1], math.sqrt(2.0 / math.pi) / 2.0, rtol=1e-12)


@pytest.mark.parametrize("start", ["ones", "signs"])
@pytest.mark.parametrize("widths", [[64, 50, 50, 50], [784, 512, 256, 128, 10]])
def test_linear_network_is_exact(start: OutputGradient, widths: list[int]) -> None:
    laws = chain("normal", widths)
    predicted = predict(laws, ACTIVATIONS["identity"], start).log10_gradient
    log_variance = 0.0
    assert predicted[-2] == pytest.approx(0.0, abs=1e-12)
    for layer in range(len(laws) - 1, 0, -1):
        log_variance += math.log10(laws[layer].fan_out * laws[layer].variance)
        assert predicted[layer - 1] == pytest.approx(0.5 * (log_variance + math.log10(2.0 / math.pi)), abs=1e-12)


def _reference(laws: tuple[LayerLaw, ...], name: str, start: OutputGradient, points: int = 200_001) -> Array:
    """The recursion on one uniform grid, with f'' by parts and scipy's erf: plain, slow, for smooth integrands."""
    activation = ACTIVATIONS[name]
    u = np.linspace(-14.0, 14.0, points)
    w = np.exp(-0.5 * u * u)
    w /= w.sum()
    layers = []
    mean, square = 0.5, 13.0 / 48.0
    for law in laws:
        m, q = law.fan_in * law.mean * mean, law.sigma_w2 * square + law.bias_variance
        f = activation.function(m + math.sqrt(q) * u)
        layers.append((q, f, activation.derivative(m + math.sqrt(q) * u)))
        mean, square = float(w @ f), float(w @ f**2)
    big_m, a, v, scale = (1.0, 0.0, 0.0, 0.0) if start == "ones" else (0.0, 0.0, 1.0, 0.0)
    logs: list[float] = []
    for law, (q, f, slope) in zip(reversed(laws), reversed(layers), strict=True):
        centre = big_m + a * f
        if start == "signs" and not logs:
            size = np.ones_like(f)
        elif v == 0.0:
            size = np.abs(centre)
        else:
            size = math.sqrt(2 * v / math.pi) * np.exp(-(centre**2) / (2 * v)) + centre * erf(centre / math.sqrt(2 * v))
        logs.append(math.log(float(w @ (np.abs(slope) * size))) + scale)
        p = float(w @ (slope**2 * (centre**2 + v)))
        tilt = float(w @ (u * slope * centre)) / math.sqrt(q)
        big_m, a = law.fan_out * law.mean * float(w @ (slope * centre)), law.fan_out * law.variance * tilt
        v = law.fan_out * law.variance * p
        unit = math.sqrt(v + big_m**2)
        big_m, a, v, scale = big_m / unit, a / unit, v / unit**2, scale + math.log(unit)
    return np.array([*logs[::-1], 0.0]) / math.log(10.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("initialiser", "activation", "tolerance"),
    [
        ("uniform", "tanh", 1e-9),
        ("rand", "tanh", 1e-9),
        ("normal", "sigmoid", 1e-9),
        ("he-normal", "softplus", 1e-9),
        ("rand", "gelu", 1e-9),
        ("rand", "silu", 1e-9),
        ("he-normal", "gelu", 1e-8),  # the grid is not cut at the kink of |f'|
        ("he-normal", "silu", 1e-8),
        ("lecun-normal", "elu", 1e-8),
        ("lecun-normal", "softsign", 1e-8),
        ("lecun-normal", "selu", 1e-4),  # nor at the jump of f', which costs a step of the grid
        ("he-normal", "leaky_relu", 1e-4),
    ],
)
@pytest.mark.parametrize("start", ["ones", "signs"])
def test_recursion_against_a_plain_one(
    initialiser: str, activation: str, tolerance: float, start: OutputGradient
) -> None:
    laws = chain(initialiser, [64, 100, 50, 80, 30, 60])
    predicted = predict(laws, ACTIVATIONS[activation], start)
    assert predicted.reason is None
    np.testing.assert_allclose(predicted.log10_gradient, _reference(laws, activation, start), atol=tolerance)


def test_bias_variance_enters_forward() -> None:
    law = LayerLaw(50, 50, 2.25 / 50, bias_variance=0.0025)
    predicted = predict(network_laws(law, law, 60), ACTIVATIONS["tanh"])
    assert predicted.q[-1] == pytest.approx(0.7983871143, rel=1e-9)


@pytest.mark.parametrize(
    ("initialiser", "activation", "tolerance"),
    [
        ("uniform", "tanh", 0.03),
        ("normal", "tanh", 0.03),
        ("rand", "tanh", 0.03),
        ("he-normal", "relu", 0.03),
        ("lecun-normal", "selu", 0.03),
        ("he-normal", "gelu", 0.10),
    ],
)
def test_every_layer_agrees_with_simulation_at_500(initialiser: str, activation: str, tolerance: float) -> None:
    laws = network(initialiser, 500)
    logs = draw_neurons(laws, activation, "ones", runs=600, seed=5)
    predicted = predict(laws, ACTIVATIONS[activation]).log10_gradient[:-1] * math.log(10.0)
    error = 1.2533 * logs.std(axis=1) / math.sqrt(logs.shape[1])  # of a median
    assert np.all(np.abs(predicted - np.median(logs, axis=1)) < tolerance + 3.0 * error)


@pytest.mark.parametrize(
    ("initialiser", "activation", "tolerance"),
    [("uniform", "tanh", 0.03), ("he-normal", "relu", 0.03), ("rand", "tanh", 0.03), ("orthogonal", "tanh", 0.01)],
)
def test_every_layer_agrees_with_drawn_matrices(initialiser: str, activation: str, tolerance: float) -> None:
    neurons, runs = (80, 60) if initialiser == "orthogonal" else (200, 40)
    laws = network(initialiser, neurons, depth=6)
    logs = draw_matrices(laws, activation, "ones", runs, seed=6, uniform=initialiser in {"uniform", "rand"})
    predicted = predict(laws, ACTIVATIONS[activation]).log10_gradient[:-1] * math.log(10.0)
    error = logs.std(axis=1) / math.sqrt(runs)
    assert np.all(np.abs(predicted - logs.mean(axis=1)) < tolerance + 4.0 * error)
