"""Preactivations and backward against finite differences, against plain loops and against exact arithmetic."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.engine.fixed_weights import FixedWeights, random_weights
from tui_initflow.engine import reference
from tui_initflow.engine.passes import Networks, backward, forward
from tui_initflow.engine.pool import unstopped
from tui_initflow.engine.products import first_layer
from tui_initflow.engine.signals import REST, Preactivations, rescaled
from tui_initflow.functions.activations import ACTIVATIONS, Activation
from tui_initflow.model.blocks import PLAIN

TANH = ACTIVATIONS["tanh"]


def both(
    weights: FixedWeights, x: NDArray[Any], activation: Activation = TANH
) -> tuple[Preactivations, NDArray[np.float64]]:
    networks = Networks(weights, activation, PLAIN)
    passed = forward(networks, first_layer(x, weights), unstopped)
    (log10_gradient,) = backward(networks, passed, np.ones((1, 1)))
    return passed.h, log10_gradient


def preactivations(passed: Preactivations) -> list[NDArray[np.float64]]:
    layers = passed.by_layer(passed.signals)
    return [np.ldexp(z, e[:, None]) for z, e in zip(layers, passed.exponents, strict=True)]


def test_rescaling_moves_what_is_too_small_or_large_and_what_can_return() -> None:
    log2_sizes = np.array([-60, -30, 30, 60, -60, -20, -20, 20, 60])
    exponents = np.array([0, 0, 0, 0, -100, -100, -3, 100, 100], np.int32)
    # a size of 2^s is 0.5 * 2^(s + 1)
    at_rest = np.array([-59 + REST, 0, 0, 61 - REST, -159 + REST, -119 + REST, 0, 121 - REST, 161 - REST])
    a = np.ldexp(np.array([0.25, -1.0]), log2_sizes[:, None])
    for due in (True, False):
        moved, moved_exponents = rescaled(a, exponents, due=due)
        assert moved_exponents.tolist() == np.where(due | (exponents != 0), at_rest, 0).tolist()
        np.testing.assert_array_equal(np.ldexp(moved, moved_exponents[:, None]), np.ldexp(a, exponents[:, None]))


def test_an_exact_zero_stays_zero() -> None:
    a, exponents = np.zeros((2, 3)), np.array([0, -7], np.int32)
    moved, moved_exponents = rescaled(a, exponents, due=True)
    assert not moved.any()
    assert moved_exponents.tolist() == exponents.tolist()


def test_every_run_of_a_batch_is_the_reference() -> None:
    for name, activation in ACTIVATIONS.items():
        for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 2e-5)):
            weights = random_weights([5, 6, 7, 6, 4], 3, [1.1, 0.8, 0.5, 2.0], dtype=dtype)
            x: NDArray[Any] = np.random.default_rng(1).uniform(0.25, 0.75, (3, 5)).astype(dtype)
            passed, log10_gradient = both(weights, x, activation)
            for run in range(3):
                w = [s * m[run].astype(np.float64) for s, m in zip(weights.scales, weights.matrices, strict=True)]
                none = [np.zeros(len(matrix)) for matrix in w]
                z = reference.preactivations(x[run].astype(np.float64), w, none, activation)
                delta = reference.deltas(z, w, np.ones(4), activation)
                expected = reference.log10_gradient(delta)
                np.testing.assert_allclose(10 ** log10_gradient[run], 10**expected, rtol=tolerance, err_msg=name)
                for layer, expected_z in enumerate(z):
                    z_run = preactivations(passed)[layer][run]
                    np.testing.assert_allclose(z_run, expected_z, rtol=10 * tolerance, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_blocks_of_rows_give_what_whole_layers_give(rows: int) -> None:
    whole = random_weights([7, 6, 6, 6], 2, [1.0] * 3)
    x = np.full((2, 7), 0.5)
    in_blocks = FixedWeights(whole.matrices, whole.scales, rows)
    np.testing.assert_allclose(both(whole, x)[0].signals, both(in_blocks, x)[0].signals, rtol=1e-12)
    np.testing.assert_allclose(both(whole, x)[1], both(in_blocks, x)[1], rtol=1e-12)


def exactly(weights: FixedWeights, x: NDArray[Any], slope_at: Any, function: Any) -> tuple[list[float], list[float]]:
    """log10 of the gradients at L0 … L{L-1} and of the mean |z| by layer, with unlimited exponents."""
    w = [mpmath.mpf(s) * mpmath.matrix(m[0].tolist()) for s, m in zip(weights.scales, weights.matrices, strict=True)]
    a, z = mpmath.matrix(x[0].tolist()), []
    for matrix in w:
        z.append(matrix * a)
        a = z[-1].apply(function)
    arriving = mpmath.ones(len(a), 1)
    gradients: list[float] = []
    for layer in range(len(w) - 1, -1, -1):
        delta = mpmath.matrix([slope_at(v) * d for v, d in zip(z[layer], arriving, strict=True)])
        gradients.insert(0, float(mpmath.log10(sum(map(abs, delta)) / len(delta))))
        arriving = w[layer].T * delta
    return gradients, [float(mpmath.log10(sum(map(abs, v)) / len(v))) for v in z]


def relu(v: Any) -> Any:
    return max(v, mpmath.mpf(0))


EXTREMES = {
    "tanh decays to 1e-600": (TANH, 0.25, mpmath.tanh, lambda v: mpmath.sech(v) ** 2),
    "tanh decays to 1e-240": (TANH, 0.577, mpmath.tanh, lambda v: mpmath.sech(v) ** 2),
    "tanh is chaotic": (TANH, 5.0, mpmath.tanh, lambda v: mpmath.sech(v) ** 2),
    "identity explodes": (ACTIVATIONS["identity"], 4.0, lambda v: v, lambda v: mpmath.mpf(1)),
    "identity vanishes": (ACTIVATIONS["identity"], 0.25, lambda v: v, lambda v: mpmath.mpf(1)),
    "relu explodes": (ACTIVATIONS["relu"], 6.0, relu, lambda v: mpmath.mpf(v > 0)),
    "relu vanishes": (ACTIVATIONS["relu"], 0.1, relu, lambda v: mpmath.mpf(v > 0)),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", EXTREMES)
def test_a_thousand_layers_neither_under_nor_overflow(case: str) -> None:
    """In float64, so that what is tested is the propagated exponents and not the chaos of rounding."""
    activation, scale, function, slope_at = EXTREMES[case]
    layers, n = 1000, 3
    weights = random_weights([3, *[n] * layers], 1, [scale] * layers, seed=4)
    if case == "tanh is chaotic":
        layers = 15
        weights = FixedWeights(weights.matrices[:layers], weights.scales[:layers])
    if case.startswith("relu"):
        # of so few neurons none must be dead
        weights = FixedWeights([np.abs(m) for m in weights.matrices], weights.scales)
    x = np.array([[0.3, 0.5, 0.7]])
    passed, log10_gradient = both(weights, x, activation)
    gradients, sizes = exactly(weights, x, slope_at, function)
    assert max(map(abs, gradients)) > (500 if layers == 1000 and scale != 0.577 else 0)
    np.testing.assert_allclose(log10_gradient[0, :-1], gradients, atol=1e-6)
    layers_z = passed.by_layer(passed.signals)
    log10_size = [math.log10(np.abs(z).mean()) for z in layers_z] + passed.exponents[:, 0] * math.log10(2)
    np.testing.assert_allclose(log10_size, sizes, atol=1e-6)


FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "tanh": (mpmath.tanh, lambda v: mpmath.sech(v) ** 2),
    "sigmoid": (lambda v: 1 / (1 + mpmath.exp(-v)), lambda v: 1 / (2 + mpmath.exp(v) + mpmath.exp(-v))),
    "softsign": (lambda v: v / (1 + abs(v)), lambda v: 1 / (1 + abs(v)) ** 2),
    "softplus": (lambda v: mpmath.log1p(mpmath.exp(v)), lambda v: 1 / (1 + mpmath.exp(-v))),
    # mpmath has no ncdf far out
    "gelu": (
        lambda v: v * mpmath.ncdf(v) if abs(v) < 100 else relu(v),
        lambda v: mpmath.ncdf(v) + v * mpmath.npdf(v) if abs(v) < 100 else mpmath.mpf(v > 0),
    ),
    "relu": (relu, lambda v: mpmath.mpf(v > 0)),
    "leaky_relu": (lambda v: max(v, v / 100), lambda v: mpmath.mpf(1 if v > 0 else 0.01)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_weights_of_any_size_are_carried(name: str) -> None:
    """As a checkpoint may have them: far beyond float32, in one layer or in several that make up for each other."""
    function, slope_at = FUNCTIONS[name]

    def in_float64(v: Any) -> Any:
        return mpmath.mpf(float(slope_at(v)))

    x = np.array([[0.3, 0.5, 0.7]], np.float32)
    for scales in (
        (1e-300, 1, 1),
        (1, 1e-90, 1e90),
        (1e300, 1e-300, 1),
        (1e60, 1, 1e-120),
        (1, 1e-30, 1e300),
        (1e-30, 1, 1e38),
    ):
        weights = random_weights([3, 4, 4, 4], 1, scales, seed=6, dtype=np.float32)
        passed, log10_gradient = both(weights, x, ACTIVATIONS[name])
        gradients, sizes = exactly(weights, x, in_float64, function)
        np.testing.assert_allclose(log10_gradient[0, :-1], gradients, atol=1e-4, err_msg=str(scales))
        log10_size = [math.log10(np.abs(z).mean()) for z in passed.by_layer(passed.signals)]
        np.testing.assert_allclose(
            log10_size + passed.exponents[:, 0] * math.log10(2), sizes, atol=1e-4, err_msg=str(scales)
        )


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "smallest"), [(0.577, -150), (0.25, -500)])
def test_float32_weights_are_right_to_a_thousandth_of_a_decade(scale: float, smallest: int) -> None:
    layers = 1000
    weights = random_weights([4, *[5] * layers], 1, [scale] * layers, seed=5, dtype=np.float32)
    x = np.full((1, 4), 0.5, np.float32)
    passed, log10_gradient = both(weights, x)
    gradients, _ = exactly(weights, x, lambda v: mpmath.sech(v) ** 2, mpmath.tanh)
    assert gradients[0] < smallest
    np.testing.assert_allclose(log10_gradient[0, :-1], gradients, atol=1e-3)
    assert np.abs(passed.signals[-5:]).max() > 2.0**-60


def test_runs_of_a_batch_keep_their_own_exponents() -> None:
    """A run that vanishes beside one that does not."""
    layers = 300
    weights = random_weights([4, *[9] * layers], 2, [1.0] * layers, seed=6)
    for matrix in weights.matrices:
        matrix[0] *= 0.2
    x = np.full((2, 4), 0.5)
    _, together = both(weights, x)
    for run in range(2):
        alone = FixedWeights([m[run : run + 1] for m in weights.matrices], weights.scales)
        np.testing.assert_array_equal(both(alone, x[run : run + 1])[1][0], together[run])


def test_an_exactly_zero_gradient_is_marked() -> None:
    weights = random_weights([3, 4, 4, 4], 2, [1.0] * 3)
    weights.matrices[1][0] = 0.0
    passed, log10_gradient = both(weights, np.full((2, 3), 0.5))
    assert log10_gradient[0].tolist() == [-math.inf, log10_gradient[0, 1], log10_gradient[0, 2], 0.0]
    assert np.isfinite(log10_gradient[0, 1:]).all()
    assert np.isfinite(log10_gradient[1]).all()
    assert np.isfinite(passed.signals).all()


def test_all_weights_zero() -> None:
    weights = FixedWeights([np.zeros((1, 4, 3)), *[np.zeros((1, 4, 4))] * 20], [1.0] * 21)
    passed, log10_gradient = both(weights, np.full((1, 3), 0.5))
    # f'(0) = 1 of tanh still passes through the last layer
    assert log10_gradient[0].tolist() == [-math.inf] * 20 + [0.0, 0.0]
    assert not passed.signals.any()


@pytest.mark.parametrize("size", [0.0, 1e-300, 0.5, 9.0, 19.5, 100.0, 350.0, 1e300])
def test_slope_of_tanh_has_no_cancellation_and_never_warns(size: float) -> None:
    z = np.array([size, -size])
    with np.errstate(all="raise", under="ignore"):
        slope = TANH.derivative(z)
    expected = float(mpmath.sech(mpmath.mpf(size)) ** 2) if size < 1e5 else 0.0
    assert slope.tolist() == pytest.approx([expected] * 2, rel=1e-12)
    if size <= 350:
        assert (slope > 0).all()
