"""The equations themselves: against loops over single numbers, and as derivatives of the loss."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tui_initflow.engine.reference import deltas, log10_gradient, preactivations
from tui_initflow.functions.activations import ACTIVATIONS, Activation

Floats = NDArray[np.float64]
SHAPES = ((1, 1), (3, 4), (3, 4, 4), (2, 5, 5, 5, 5), (4, 2, 7, 3))


def network(sizes: tuple[int, ...], seed: int = 2) -> tuple[Floats, list[Floats], list[Floats]]:
    """Input, weights and biases."""
    generator = np.random.default_rng(seed)
    layers = list(zip(sizes[1:], sizes[:-1], strict=True))
    weights = [1.3 * generator.standard_normal(shape) / math.sqrt(shape[1]) for shape in layers]
    biases = [0.1 * generator.standard_normal(fan_out) for fan_out, _ in layers]
    return generator.uniform(0.25, 0.75, sizes[0]), weights, biases


def test_tanh_networks_agree_with_loops_over_single_numbers() -> None:
    for sizes in SHAPES:
        x, weights, biases = network(sizes)
        a, z = x.tolist(), []
        for w, b in zip(weights, biases, strict=True):
            z.append([sum(w[i, j] * a[j] for j in range(len(a))) + b[i] for i in range(len(b))])
            a = [math.tanh(v) for v in z[-1]]
        computed_z = preactivations(x, weights, biases, ACTIVATIONS["tanh"])
        for layer, expected in enumerate(z):
            np.testing.assert_allclose(computed_z[layer], expected, rtol=1e-12)

        delta = [1 - math.tanh(v) ** 2 for v in z[-1]]
        expected_deltas = [delta]
        for layer in range(len(z) - 2, -1, -1):
            w = weights[layer + 1]
            arriving = [sum(w[i, j] * delta[i] for i in range(len(delta))) for j in range(w.shape[1])]
            delta = [(1 - math.tanh(v) ** 2) * arrived for v, arrived in zip(z[layer], arriving, strict=True)]
            expected_deltas.insert(0, delta)
        for got, expected in zip(
            deltas(computed_z, weights, np.ones(sizes[-1]), ACTIVATIONS["tanh"]), expected_deltas, strict=True
        ):
            np.testing.assert_allclose(got, expected, rtol=1e-10)


def loss(f: Activation, z: Floats, weights: list[Floats], biases: list[Floats], g: Floats) -> float:
    """g a_L, given the pre-activations of a layer and what lies above it."""
    a = f.function(z)
    for w, b in zip(weights, biases, strict=True):
        a = f.function(w @ a + b)
    return float(g @ a)


def test_delta_is_the_derivative_of_the_loss() -> None:
    """The loss is the sum of g a_L, so delta_l = d loss / d z_l."""
    step = 1e-5
    for name in ("tanh", "gelu", "sigmoid", "softplus", "silu"):
        f = ACTIVATIONS[name]
        for sizes in SHAPES:
            x, weights, biases = network(sizes)
            g = np.random.default_rng(5).standard_normal(sizes[-1])
            z = preactivations(x, weights, biases, f)
            computed = deltas(z, weights, g, f)

            for layer in range(len(z)):
                for i, unit in enumerate(np.eye(len(z[layer]))):
                    above = weights[layer + 1 :], biases[layer + 1 :]
                    up, down = (loss(f, z[layer] + sign * step * unit, *above, g) for sign in (1, -1))
                    assert computed[layer][i] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-9), name


def test_the_gradient_magnitude_is_the_mean_and_one_at_the_output() -> None:
    log10 = log10_gradient([np.array([0.0, -0.2]), np.array([0.0])])
    assert log10.tolist() == [-1.0, -math.inf, 0.0]
