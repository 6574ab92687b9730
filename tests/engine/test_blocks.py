"""Networks with skips and norms: against the reference, and against what is known of them exactly."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.engine.fixed_weights import FixedWeights, random_weights
from tests.engine.test_reference import BLOCKS_AND_NORMS
from tui_initflow.engine import reference
from tui_initflow.engine.grid import Cell, GridPlan, compute_grid
from tui_initflow.engine.passes import Networks, backward, forward
from tui_initflow.engine.pool import unstopped
from tui_initflow.engine.products import first_layer
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.signals import Preactivations
from tui_initflow.engine.sweep import sweep
from tui_initflow.functions.activations import ACTIVATIONS, Activation
from tui_initflow.functions.norms import EPSILON
from tui_initflow.model.blocks import PLAIN, Block, Normalise
from tui_initflow.model.experiment import Experiment

BLOCKS = tuple(block for block in BLOCKS_AND_NORMS if block != PLAIN)
SETTINGS: tuple[dict[str, Any], ...] = tuple(
    {f"{name}_{side}": value for side in "ab" for name, value in both.items()}
    for both in (
        {"norm": "layer"},
        {"norm": "rms"},
        {"norm": "batch"},
        {"block": "residual"},
        {"block": "residual", "branch_scale": 0.3},
        {"block": "residual", "branch_scale": "1/sqrt(L)"},
        {"block": "pre-norm", "norm": "layer"},
        {"block": "pre-norm", "norm": "rms", "branch_scale": "1/L"},
        {"block": "post-norm", "norm": "layer"},
        {"block": "post-norm", "norm": "rms", "branch_scale": 0.5},
        {"block": "pre-norm", "norm": "batch"},
        {"block": "post-norm", "norm": "batch", "branch_scale": "1/L"},
    )
)
"""Every kind of block, for both methods."""


def both(
    weights: FixedWeights,
    x: NDArray[Any],
    activation: Activation,
    block: Block,
    g: NDArray[Any] | None = None,
    biases: Sequence[NDArray[Any]] | None = None,
    depths: Sequence[int] | None = None,
) -> tuple[Preactivations, NDArray[np.float64], NDArray[np.float64]]:
    """Layers, slopes and log10 gradients (depths, runs, L+1)."""
    h_1 = first_layer(x, weights, None if biases is None else biases[0])
    g = np.ones((1, 1)) if g is None else g
    networks = Networks(weights, activation, block, biases)
    passed = forward(networks, h_1, unstopped)
    return passed.h, passed.slopes, backward(networks, passed, g, depths)


def normed(h: NDArray[Any], block: Block) -> NDArray[Any]:
    """N(h) of a layer norm or an rms norm."""
    centred = h - h.mean() if block.norm == "layer" else h
    return np.asarray(centred / np.sqrt(np.mean(centred**2) + EPSILON))


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.kind} {block.norm} {block.scale}")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_run_of_a_batch_is_the_reference(block: Block, dtype: Any) -> None:
    generator = np.random.default_rng(3)
    for name, n, has_bias in itertools.product(("tanh", "relu", "gelu", "selu"), (1, 5, 50), (False, True)):
        f, runs, layers, case = ACTIVATIONS[name], 2, 5, f"{name} {n} {has_bias}"
        weights = random_weights([7, *[n] * layers], runs, [1.1, 0.8, 1.4, 2.0, 1.0], seed=n, dtype=dtype)
        if name == "relu" and n < 50:
            # of so few neurons all may be off
            weights = FixedWeights([np.abs(m) for m in weights.matrices], weights.scales)
        x = generator.uniform(0.25, 0.75, (runs, 7)).astype(dtype)
        g = generator.choice([-1.0, 1.0], (runs, n))
        biases = [0.3 * np.abs(generator.standard_normal((runs, n))).astype(dtype) for _ in range(layers)]
        passed, slopes, (log10_gradient,) = both(weights, x, f, block, g, biases if has_bias else None)
        h_by_layer = passed.by_layer(passed.signals)
        # a norm takes away what does not change its output; of one neuron that leaves eps, a difference of two numbers
        # of size 1, and elsewhere it may leave nothing but rounding
        rtol = 1e-8 if dtype is np.float64 else 2e-4 if n > 1 else 0.02
        atol = 1e-13 if dtype is np.float64 else 1e-6
        for run in range(runs):
            w = [s * m[run].astype(np.float64) for s, m in zip(weights.scales, weights.matrices, strict=True)]
            b = [bias[run] * (1.0 if has_bias else 0.0) for bias in biases]
            h = reference.preactivations(x[run].astype(np.float64), w, b, f, block)
            delta = reference.deltas(h, w, g[run], f, block, b)
            expected = reference.log10_gradient(delta)
            np.testing.assert_allclose(10 ** log10_gradient[run], 10**expected, rtol=rtol, atol=atol, err_msg=case)
            for layer, expected_h in enumerate(h):
                computed = np.ldexp(h_by_layer[layer][run], passed.exponents[layer, run])
                tolerance = 1e-10 if dtype is np.float64 else 1e-4
                np.testing.assert_allclose(computed, expected_h, rtol=tolerance, atol=tolerance, err_msg=case)
            if dtype is np.float64:
                argument = [normed(layer, block) if isinstance(block.steps[0], Normalise) else layer for layer in h]
                if block.has_skips:
                    argument[-1] = h[-1]
                expected_slopes = f.derivative(np.concatenate(argument))
                by_layer = [layer[run] for layer in passed.by_layer(slopes)]
                np.testing.assert_allclose(np.concatenate(by_layer), expected_slopes, atol=1e-8, err_msg=case)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.kind} {block.norm} {block.scale}")
def test_several_depths_at_once_are_those_networks(block: Block) -> None:
    weights = random_weights([4, *[6] * 7], 2, [1.3] * 7)
    x, f = np.random.default_rng(0).uniform(0.25, 0.75, (2, 4)), ACTIVATIONS["gelu"]
    _, _, together = both(weights, x, f, block, depths=(7, 3, 1))
    for of_depth, depth in zip(together, (7, 3, 1), strict=True):
        alone = FixedWeights(weights.matrices[:depth], weights.scales[:depth])
        _, _, (expected,) = both(alone, x, f, block)
        np.testing.assert_allclose(of_depth[:, : depth + 1], expected, atol=1e-12)


def test_blocks_of_rows_give_what_whole_layers_give() -> None:
    whole = random_weights([7, 6, 6, 6], 2, [1.0] * 3)
    in_rows = FixedWeights(whole.matrices, whole.scales, 2)
    x = np.full((2, 7), 0.5)
    for block in BLOCKS:
        one, other = (both(weights, x, ACTIVATIONS["tanh"], block) for weights in (whole, in_rows))
        np.testing.assert_allclose(one[0].signals, other[0].signals, rtol=1e-12)
        np.testing.assert_allclose(one[2], other[2], rtol=1e-12)


def exact_residual(weights: FixedWeights, x: NDArray[Any], f: Any, slope: Any, c: float) -> tuple[list[float], ...]:
    """log10 of the mean |h| by layer and of the gradients at L0 … L{L-1}, with unlimited exponents."""
    w = [mpmath.mpf(s) * mpmath.matrix(m[0].tolist()) for s, m in zip(weights.scales, weights.matrices, strict=True)]
    h = [w[0] * mpmath.matrix(x[0].tolist())]
    for matrix in w[1:]:
        h.append(h[-1] + c * (matrix * h[-1].apply(f)))
    delta = h[-1].apply(slope)
    gradients = [delta]
    for layer in range(len(w) - 1, 0, -1):
        arrived = w[layer].T * delta
        delta = delta + c * mpmath.matrix([slope(v) * d for v, d in zip(h[layer - 1], arrived, strict=True)])
        gradients.insert(0, delta)
    sizes, sums = ([float(mpmath.log10(sum(map(abs, v)) / len(v))) for v in part] for part in (h, gradients))
    return sizes, sums


SIGN_OR_ZERO = {
    "relu": (lambda v: max(v, mpmath.mpf(0)), lambda v: mpmath.mpf(v > 0)),
    "identity": (lambda v: v, lambda v: mpmath.mpf(1)),
    "tanh": (mpmath.tanh, lambda v: mpmath.sech(v) ** 2),
}
EXTREMES = {
    "relu explodes": ("relu", 3, 3.0, 1.0),
    "identity explodes": ("identity", 3, 4.0, 1.0),
    "identity of one neuron vanishes": ("identity", 1, 1.0, 1.0),
    "tanh with a tiny input": ("tanh", 3, 1e-20, 1e-3),
    "tanh grows": ("tanh", 3, 1.0, 1e-2),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", EXTREMES)
def test_a_thousand_residual_blocks_neither_under_nor_overflow(case: str) -> None:
    name, n, scale, c = EXTREMES[case]
    layers, (f, slope) = 1000, SIGN_OR_ZERO[name]
    weights = random_weights([3, *[n] * layers], 1, [scale] * layers, seed=4)
    if n == 1:
        # 1 + c w is uniform from 0 to 2, of mean logarithm ln 2 - 1
        uniform = np.random.default_rng(1).uniform(-1, 1, layers)
        weights = FixedWeights([weights.matrices[0], *uniform[1:, None, None, None]], weights.scales)
    x = np.array([[0.3, 0.5, 0.7]])
    passed, _, (log10_gradient,) = both(weights, x, ACTIVATIONS[name], Block("residual", scale=c))
    sizes, gradients = exact_residual(weights, x, f, slope, c)
    computed = [math.log10(np.abs(h).mean()) for h in passed.by_layer(passed.signals)]
    np.testing.assert_allclose(computed + passed.exponents[:, 0] * math.log10(2), sizes, atol=1e-6)
    np.testing.assert_allclose(log10_gradient[0, :-1], gradients, atol=1e-6)
    if name != "tanh":
        assert abs(gradients[0]) > 100


@pytest.mark.slow
def test_residual_relu_with_he_doubles_its_variance_in_every_block() -> None:
    """E h^2 doubles, 2^999 of layer 1's, and so does E delta^2; logarithms of a run scatter by its width below that."""
    layers, n, runs = 1000, 256, 2
    experiment = Experiment(
        layers=layers, neurons=n, activation="relu", a="he-normal", b="he-normal", block_a="residual", runs=runs
    )
    results = simulate(experiment.with_(block_b="residual", branch_scale_b="1/sqrt(L)"))
    growth = (layers - 1) * math.log10(2) / 2
    # ln of a run's growth has a standard deviation and a bias of at most sqrt(5 L / n) and 5 L / 2 n
    spread, bias = math.sqrt(5 * layers / n) / math.log(10), 5 * layers / (4 * n) / math.log(10)
    std, gradient = results.a.preactivation.log10_std, results.a.log10_gradient
    assert std[-1] - std[0] == pytest.approx(growth, abs=bias + 4 * spread)
    assert std[-1] > 140
    assert gradient[:, 0].mean() == pytest.approx(growth, abs=bias + 4 * spread)
    assert np.abs(results.b.log10_gradient).max() < 1.0


def test_norms_of_signals_far_below_eps_do_not_underflow() -> None:
    """Below eps a norm divides by sqrt(eps): a linear network loses the same factor in every layer."""
    layers, n, scale = 400, 4, 1e-4
    weights = random_weights([3, *[n] * layers], 1, [scale] * layers, seed=3, dtype=np.float32)
    x, f = np.full((1, 3), 0.5, np.float32), ACTIVATIONS["identity"]
    passed, _, (log10_gradient,) = both(weights, x, f, Block("plain", "rms"))
    linear = FixedWeights(weights.matrices, [scale, *[scale / math.sqrt(1e-5)] * (layers - 1)])
    h, *_ = exact_linear(linear, x)
    computed = np.log10(np.abs(passed.by_layer(passed.signals)[-1]).mean()) + passed.exponents[-1, 0] * math.log10(2)
    assert h[-1] < -500
    # layer 2 alone is not quite in the linear range
    assert computed == pytest.approx(h[-1], abs=1e-2)
    assert log10_gradient[0, 0] < -500


def exact_linear(weights: FixedWeights, x: NDArray[Any]) -> tuple[list[float]]:
    """log10 of the mean |h| by layer of a linear network."""
    h, log10, sizes = x[0].astype(np.float64), 0.0, []
    for s, m in zip(weights.scales, weights.matrices, strict=True):
        h = m[0] @ h
        size = np.abs(h).mean()
        h, log10 = h / size, log10 + math.log10(size) + math.log10(s)
        sizes.append(log10)
    return (sizes,)


@pytest.mark.parametrize("settings", [s for s in SETTINGS if s.get("block_a") in ("residual", "pre-norm")], ids=str)
def test_without_branches_the_skip_carries_the_gradient(settings: dict[str, Any]) -> None:
    results = simulate(Experiment(layers=300, neurons=5, runs=3, **{**settings, "branch_scale_a": 0}))
    gradient, size = results.a.log10_gradient[:, :-1], results.a.preactivation.mean_abs
    np.testing.assert_allclose(gradient, gradient[:, -1:] * np.ones(300), atol=1e-12)
    np.testing.assert_array_equal(size, size[0])


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_a_layer_norm_of_one_neuron_is_zero(activation: str) -> None:
    norms: dict[str, Any] = {"norm_a": "layer", "norm_b": "layer"}
    experiment = Experiment(layers=4, neurons=1, runs=2, activation=activation, block_b="post-norm", **norms)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = simulate(experiment)
    assert np.isneginf(results.a.log10_gradient[:, :-1]).all()
    assert np.isneginf(results.b.log10_gradient[:, :3]).all()
    assert not results.b.preactivation.mean_abs[1:].any()


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_point_of_a_sweep_is_a_simulation(settings: dict[str, Any]) -> None:
    experiment = Experiment(layers=4, neurons=6, features=5, runs=3, sigma_b=0.1, start="signs", **settings)
    for over, values in (("layers", [1, 2, 5, 9]), ("features", [3, 8]), ("neurons", [1, 7])):
        for point in sweep(experiment, over, values).points:
            alone = simulate(experiment.with_(**{over: point.value}))
            np.testing.assert_array_equal(point.log10_ratio, alone.log10_ratio, err_msg=f"{over} {point.value}")


def test_saturation_is_counted_where_f_is_applied() -> None:
    """A pre-norm network of growing h saturates only in its last layer, whose h goes to f as it is."""
    experiment = Experiment(layers=30, neurons=40, runs=5, a="normal", block_a="pre-norm", norm_a="layer", gain_a=30.0)
    saturated = simulate(experiment).a.preactivation.saturated
    assert saturated[-1] > 0.9
    assert saturated[:-1].max() < 0.3


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_cell_of_a_grid_is_a_simulation(settings: dict[str, Any]) -> None:
    experiment = Experiment(layers=4, neurons=6, features=5, runs=2, **settings)
    plan = GridPlan(experiment, ("gain", "layers"), (0.5, 2.0), (1, 4, 9))
    result = compute_grid(plan)
    for row, column in itertools.product(range(3), range(2)):
        alone = simulate(plan.at(Cell(column, row)))
        assert result.log10_a[row, column] == np.mean(alone.a.log10_final)
        assert result.log10_b[row, column] == np.mean(alone.b.log10_final)


def test_methods_may_differ_in_their_blocks() -> None:
    """Each is what it is beside itself."""
    experiment = Experiment(layers=5, neurons=8, runs=3, a="normal", b="normal")
    mixed = simulate(experiment.with_(block_a="residual", norm_b="rms"))
    residual = simulate(experiment.with_(block_a="residual", block_b="residual"))
    normed = simulate(experiment.with_(norm_a="rms", norm_b="rms"))
    np.testing.assert_array_equal(mixed.a.log10_gradient, residual.a.log10_gradient)
    np.testing.assert_array_equal(mixed.b.log10_gradient, normed.b.log10_gradient)


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("activation", ["tanh", "relu", "softplus"])
def test_the_largest_and_smallest_settings_stay_in_range(settings: dict[str, Any], activation: str) -> None:
    has_skips = "block_a" in settings
    for gain, std, c, features in ((1e3, "1e9", 1e3, 65536), (1e-3, "1e-9", 1e-9, 1), (1e3, "1e9", 1e-300, 3)):
        weights = {"a": f"normal:std={std}", "b": f"uniform:std={std}", "gain_a": gain, "gain_b": gain}
        scales = {"branch_scale_a": c, "branch_scale_b": c} if has_skips else {}
        experiment = Experiment(layers=60, neurons=20, features=features, runs=2, activation=activation)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            results = simulate(experiment.with_(**{**settings, **weights, **scales}))
        for method in results.methods:
            assert not np.isnan(method.log10_gradient).any()
            assert (method.log10_gradient < np.inf).all()
            assert np.isfinite(method.preactivation.log10_std[0])
            assert not np.isnan(method.preactivation.log10_std).any()
            assert (method.preactivation.log10_std < np.inf).all()


@pytest.mark.parametrize(
    "settings",
    [{"norm": "layer"}, {"norm": "batch"}, *({"block": "post-norm", "norm": norm} for norm in ("layer", "batch"))],
    ids=str,
)
def test_the_sum_of_what_a_norm_gives_has_no_gradient(settings: dict[str, str]) -> None:
    """With layer or batch norm it is always 0; rounding must not look like a small gradient."""
    both_sides = {f"{name}_{side}": value for side in "ab" for name, value in settings.items()}
    ones = Experiment(layers=5, neurons=7, runs=6, activation="identity").with_(**both_sides)
    # a post-norm network ends with f(h_L), and the norm is below h_L
    below = 4 if "block" in settings else 5
    for method in simulate(ones).methods:
        assert np.isneginf(method.log10_gradient[:, :below]).all()
    signs = simulate(ones.with_(start="signs"))
    assert np.isfinite(signs.a.log10_gradient[:, 0]).any()
