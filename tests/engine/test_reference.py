"""The equations themselves: against loops over single numbers, and as derivatives of the loss."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tui_initflow.engine.reference import deltas, log10_gradient, next_layer, output, preactivations
from tui_initflow.functions.activations import ACTIVATIONS, Activation
from tui_initflow.model.blocks import BLOCKS, PLAIN, Block

Floats = NDArray[np.float64]
EVERY_BLOCK = tuple(
    Block(kind, norm, scale)
    for kind, row in BLOCKS.items()
    for norm in row.norms
    for scale in ((1.0, 0.3) if Block(kind, norm).has_skips else (1.0,))
)
BATCH_NORMS = tuple(block for block in EVERY_BLOCK if block.couples_inputs)
BLOCKS_AND_NORMS = tuple(block for block in EVERY_BLOCK if not block.couples_inputs)
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


def loss(f: Activation, h: Floats, weights: list[Floats], biases: list[Floats], g: Floats, block: Block) -> float:
    """g . output, summed over the inputs, given a layer and what lies above it."""
    for w, b in zip(weights, biases, strict=True):
        h = next_layer(h, w, b, f, block)
    return float(np.sum(g * output(h, f, block)))


def test_blocks_are_what_they_are_called() -> None:
    """Two layers, each kind written out."""
    (x, (w_1, w_2), (b_1, b_2)), f = network((3, 4, 4)), ACTIVATIONS["tanh"]
    h = w_1 @ x + b_1
    n = (h - h.mean()) / np.sqrt(h.var() + 1e-5)
    r = h / np.sqrt(np.mean(h**2) + 1e-5)
    joined = h + 0.3 * (w_2 @ np.tanh(h) + b_2)
    expected = {
        PLAIN: w_2 @ np.tanh(h) + b_2,
        Block("plain", "layer"): w_2 @ np.tanh(n) + b_2,
        Block("plain", "rms"): w_2 @ np.tanh(r) + b_2,
        Block("residual", scale=0.3): joined,
        Block("pre-norm", "layer", 0.3): h + 0.3 * (w_2 @ np.tanh(n) + b_2),
        Block("pre-norm", "rms", 0.3): h + 0.3 * (w_2 @ np.tanh(r) + b_2),
        Block("post-norm", "layer", 0.3): (joined - joined.mean()) / np.sqrt(joined.var() + 1e-5),
        Block("post-norm", "rms", 0.3): joined / np.sqrt(np.mean(joined**2) + 1e-5),
    }
    for block, h_2 in expected.items():
        computed = preactivations(x, [w_1, w_2], [b_1, b_2], f, block)
        np.testing.assert_allclose(computed[0], h, rtol=1e-12)
        np.testing.assert_allclose(computed[1], h_2, rtol=1e-12, atol=1e-14, err_msg=str(block))


def test_delta_is_the_derivative_of_the_loss() -> None:
    """The loss is g . output, so delta_l = d loss / d h_l."""
    step = 1e-5
    for name, block in itertools.product(("tanh", "gelu", "sigmoid", "softplus", "silu"), BLOCKS_AND_NORMS):
        f = ACTIVATIONS[name]
        for sizes in SHAPES:
            if block.has_skips and len(set(sizes[1:])) > 1:
                continue
            if block.norm == "rms" and sizes[-1] == 1:
                # the derivative is that of a sign, 0 but for eps, and changes within the step
                continue
            x, weights, biases = network(sizes)
            g = np.random.default_rng(5).standard_normal(sizes[-1])
            z = preactivations(x, weights, biases, f, block)
            computed = deltas(z, weights, g, f, block, biases)

            for layer in range(len(z)):
                for i, unit in enumerate(np.eye(len(z[layer]))):
                    above = weights[layer + 1 :], biases[layer + 1 :]
                    up, down = (loss(f, z[layer] + sign * step * unit, *above, g, block) for sign in (1, -1))
                    slope = (up - down) / (2 * step)
                    assert computed[layer][i] == pytest.approx(slope, rel=1e-5, abs=1e-9), (name, block)


def test_batch_norm_is_over_the_inputs_of_each_neuron() -> None:
    """Two layers and four inputs, each neuron by itself."""
    (_, (w_1, w_2), (b_1, b_2)), f = network((3, 4, 4)), ACTIVATIONS["tanh"]
    x = np.random.default_rng(1).uniform(0.25, 0.75, (4, 3))
    h = np.array([w_1 @ one + b_1 for one in x])

    def over_the_inputs(layer: Floats) -> Floats:
        columns = [(column - column.mean()) / math.sqrt(column.var() + 1e-5) for column in layer.T]
        return np.stack(columns, axis=1)

    plain = np.array([w_2 @ np.tanh(one) + b_2 for one in over_the_inputs(h)])
    joined = np.array([one + 0.3 * (w_2 @ np.tanh(one) + b_2) for one in h])
    expected = {
        Block("plain", "batch"): plain,
        Block("pre-norm", "batch", 0.3): h + 0.3 * plain,
        Block("post-norm", "batch", 0.3): over_the_inputs(joined),
    }
    for block, h_2 in expected.items():
        first, second = preactivations(x, [w_1, w_2], [b_1, b_2], f, block)
        np.testing.assert_allclose(first, h, rtol=1e-12)
        np.testing.assert_allclose(second, h_2, rtol=1e-10, atol=1e-12, err_msg=str(block))


@pytest.mark.parametrize("block", BATCH_NORMS, ids=str)
def test_delta_of_a_batch_is_the_derivative_of_the_loss(block: Block) -> None:
    step = 1e-5
    for name, batch in itertools.product(("tanh", "gelu", "softplus"), (3, 6)):
        f = ACTIVATIONS[name]
        for sizes in SHAPES:
            if block.has_skips and len(set(sizes[1:])) > 1:
                continue
            generator, (_, weights, biases) = np.random.default_rng(5), network(sizes)
            g = generator.standard_normal((batch, sizes[-1]))
            h = preactivations(generator.uniform(0.25, 0.75, (batch, sizes[0])), weights, biases, f, block)
            computed = deltas(h, weights, g, f, block, biases)
            for layer, values in enumerate(h):
                above = weights[layer + 1 :], biases[layer + 1 :]
                for index in np.ndindex(values.shape):
                    unit = np.zeros_like(values)
                    unit[index] = step
                    slope = loss(f, values + unit, *above, g, block) - loss(f, values - unit, *above, g, block)
                    assert computed[layer][index] == pytest.approx(slope / (2 * step), rel=1e-4, abs=1e-7), name


def test_the_gradient_magnitude_is_the_mean_and_one_at_the_output() -> None:
    log10 = log10_gradient([np.array([0.0, -0.2]), np.array([0.0])])
    assert log10.tolist() == [-1.0, -math.inf, 0.0]
