"""The experiment as its equations: one network, in float64, layer by layer. Read this first.

    h_1     = W_1 x + b_1                               for each input x of a batch
    h_l     = W_l f(N(h_{l-1})) + b_l                   plain; N is the identity without a norm
    h_l     = h_{l-1} + c (W_l f(h_{l-1}) + b_l)        residual
    h_l     = h_{l-1} + c (W_l f(N(h_{l-1})) + b_l)     pre-norm
    h_l     = N(h_{l-1} + c (W_l f(h_{l-1}) + b_l))     post-norm
    output  = f(h_L), of a plain network f(N(h_L))
    delta_l = d (g . output) / d h_l                    g: the output gradient; with a batch, summed over the inputs

    N(h) = (h - mean h) / s,  s^2 = var h + eps         layer, batch; rms: without the mean, s^2 = mean h^2 + eps
    N'(h) v = (v - mean v - n mean(n v)) / s            n = N(h); N' is symmetric; rms: without the mean

Means are over the neurons of a layer; those of batch norm are over the batch, for each neuron. An array h or delta is
(n_l,) for one input, (batch, n_l) for a batch.

`passes` computes the same from the steps of a block, for batches of networks of any depth and without under- or
overflow, `training.classifier` for batches of inputs; both are tested against these functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.activations import Activation
from tui_initflow.functions.norms import EPSILON
from tui_initflow.model.blocks import PLAIN, Block, Norm

Vector = NDArray[Any]
"""One input, or a batch of them as rows."""
Matrix = NDArray[np.float64]

NORMS: Mapping[Norm, tuple[int, bool]] = {"layer": (-1, True), "rms": (-1, False), "batch": (0, True)}
"""The axis that means are over, and whether the mean is subtracted."""


def preactivations(
    x: Vector, weights: Sequence[Matrix], biases: Sequence[Vector], f: Activation, block: Block = PLAIN
) -> list[Vector]:
    """h_1 … h_L of the input x (F,) or (batch, F), weights W_l (n_l, n_{l-1}) and biases b_l (n_l,)."""
    h = [x @ weights[0].T + biases[0]]
    for w, b in zip(weights[1:], biases[1:], strict=True):
        h.append(next_layer(h[-1], w, b, f, block))
    return h


def next_layer(h: Vector, w: Matrix, b: Vector, f: Activation, block: Block) -> Vector:
    """h_l from h_{l-1}."""
    c = block.scale
    match block.kind:
        case "plain":
            return f.function(_n(h, block)) @ w.T + b
        case "residual":
            return h + c * (f.function(h) @ w.T + b)
        case "pre-norm":
            return h + c * (f.function(_n(h, block)) @ w.T + b)
        case "post-norm":
            return _n(h + c * (f.function(h) @ w.T + b), block)
        case _:
            assert_never(block.kind)


def output(h: Vector, f: Activation, block: Block) -> Vector:
    """The output of a network whose last layer is h."""
    return f.function(h if block.has_skips else _n(h, block))


def deltas(
    h: Sequence[Vector],
    weights: Sequence[Matrix],
    g: Vector,
    f: Activation,
    block: Block = PLAIN,
    biases: Sequence[Vector] | None = None,
) -> list[Vector]:
    """delta_1 … delta_L from h_1 … h_L and the output gradient g (n_L,) or (batch, n_L); `biases` None: without."""
    top = h[-1]
    by_layer = [f.derivative(top) * g if block.has_skips else _through_n(top, f.derivative(_n(top, block)) * g, block)]
    for layer in range(len(h) - 1, 0, -1):
        b = np.zeros(len(weights[layer])) if biases is None else biases[layer]
        by_layer.insert(0, layer_below(by_layer[0], h[layer - 1], weights[layer], b, f, block))
    return by_layer


def layer_below(delta: Vector, h: Vector, w: Matrix, b: Vector, f: Activation, block: Block) -> Vector:
    """delta_{l-1} from delta_l and h_{l-1}."""
    c = block.scale
    match block.kind:
        case "plain":
            return _through_n(h, f.derivative(_n(h, block)) * (delta @ w), block)
        case "residual":
            return delta + c * f.derivative(h) * (delta @ w)
        case "pre-norm":
            return delta + c * _through_n(h, f.derivative(_n(h, block)) * (delta @ w), block)
        case "post-norm":
            delta = _through_n(h + c * (f.function(h) @ w.T + b), delta, block)
            return delta + c * f.derivative(h) * (delta @ w)
        case _:
            assert_never(block.kind)


def _n(h: Vector, block: Block) -> Vector:
    """N(h)."""
    return h if block.norm == "none" else _n_and_s(h, block.norm)[0]


def _through_n(h: Vector, v: Vector, block: Block) -> Vector:
    """N'(h) v."""
    if block.norm == "none":
        return v
    (n, s), (axis, is_centred) = _n_and_s(h, block.norm), NORMS[block.norm]
    through: Vector = v - n * _mean(n * v, axis) - (_mean(v, axis) if is_centred else 0)
    return through / s


def _n_and_s(h: Vector, norm: Norm) -> tuple[Vector, Vector]:
    axis, is_centred = NORMS[norm]
    centred = h - _mean(h, axis) if is_centred else h
    s: Vector = np.sqrt(_mean(centred**2, axis) + EPSILON)
    return centred / s, s


def _mean(v: Vector, axis: int) -> Vector:
    mean: Vector = v.mean(axis=axis, keepdims=True)
    return mean


def log10_gradient(delta: Sequence[Vector]) -> Vector:
    """log10 of the gradient magnitude at the points L0 … L{L}: the mean of |delta_{k+1}|, and 1 at the output."""
    with np.errstate(divide="ignore"):
        return np.log10([*(np.abs(layer).mean() for layer in delta), 1.0])
