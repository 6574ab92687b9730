"""The experiment as its equations: one network, in float64, layer by layer. Read this first.

    h_1     = W_1 x + b_1                               for each input x of a batch
    h_l     = W_l f(N(h_{l-1})) + b_l                   plain; N is the identity without a norm
    h_l     = h_{l-1} + c (W_l f(h_{l-1}) + b_l)        residual
    h_l     = h_{l-1} + c (W_l f(N(h_{l-1})) + b_l)     pre-norm
    h_l     = N(h_{l-1} + c (W_l f(h_{l-1}) + b_l))     post-norm
    output  = f(h_L), of a plain network f(N(h_L))
    delta_l = d (g . output) / d h_l                    g: the output gradient; with a batch, summed over the inputs

    N(h) = (h - mean h) / s,  s^2 = var h + eps         layer; rms: without the mean, s^2 = mean h^2 + eps
    N'(h) v = (v - mean v - n mean(n v)) / s            n = N(h); N' is symmetric; rms: without the mean

Means are over the neurons of a layer; those of batch norm are over the batch, for each neuron. An array h or delta is
(n_l,) for one input, (batch, n_l) for a batch.

`passes` and `blocks` compute the same for batches of networks of any depth without under- or overflow, and are tested
against these functions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import EPSILON, PLAIN, Block, Norm

Vector = NDArray[np.float64]
"""One input, or a batch of them as rows."""
Matrix = NDArray[np.float64]


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
    branch = np.asarray(f.function(argument(h, block)), np.float64) @ w.T + b
    if not block.has_skips:
        return branch
    joined = h + block.scale * branch
    return normalised(joined, block.norm) if block.kind == "post-norm" else joined


def argument(h: Vector, block: Block) -> Vector:
    """What f is applied to inside the network."""
    return normalised(h, block.norm) if block.normalises_input else h


def output(h: Vector, f: Activation, block: Block) -> Vector:
    """The output of a network whose last layer is h."""
    return np.asarray(f.function(h if block.has_skips else argument(h, block)), np.float64)


def deltas(
    h: Sequence[Vector],
    weights: Sequence[Matrix],
    g: Vector,
    f: Activation,
    block: Block = PLAIN,
    biases: Sequence[Vector] | None = None,
) -> list[Vector]:
    """delta_1 … delta_L from h_1 … h_L and the output gradient g (n_L,) or (batch, n_L); `biases` None: without."""
    n_by_layer = [argument(layer, block) for layer in h]
    if block.has_skips:
        delta = np.asarray(f.derivative(h[-1]) * g, np.float64)
    else:
        delta = through_argument(h[-1], np.asarray(f.derivative(n_by_layer[-1]) * g, np.float64), block)
    by_layer = [delta]
    for layer in range(len(h) - 1, 0, -1):
        below, w = h[layer - 1], weights[layer]
        if block.kind == "post-norm":
            b = 0.0 if biases is None else biases[layer]
            joined = below + block.scale * (f.function(below) @ w.T + b)
            delta = through_norm(joined, delta, block.norm)
        through_branch = through_argument(below, f.derivative(n_by_layer[layer - 1]) * (delta @ w), block)
        delta = delta + block.scale * through_branch if block.has_skips else through_branch
        by_layer.insert(0, delta)
    return by_layer


def through_argument(h: Vector, v: Vector, block: Block) -> Vector:
    """d (v . argument) / d h."""
    return through_norm(h, v, block.norm) if block.normalises_input else v


def normalised(h: Vector, norm: Norm) -> Vector:
    """N(h)."""
    if norm == "none":
        return h
    n, _ = _normalised(h, norm)
    return n


def through_norm(h: Vector, v: Vector, norm: Norm) -> Vector:
    """N'(h) v."""
    if norm == "none":
        return v
    n, s = _normalised(h, norm)
    without_size = v - n * _mean(n * v, norm)
    return np.asarray((without_size if norm == "rms" else without_size - _mean(v, norm)) / s, np.float64)


def _normalised(h: Vector, norm: Norm) -> tuple[Vector, Vector]:
    """N(h) and s."""
    centred = h if norm == "rms" else h - _mean(h, norm)
    s = np.sqrt(_mean(centred**2, norm) + EPSILON)
    return centred / s, s


def _mean(v: Vector, norm: Norm) -> Vector:
    return np.asarray(np.mean(v, axis=0 if norm == "batch" else -1, keepdims=True), np.float64)


def log10_gradient(delta: Sequence[Vector]) -> Vector:
    """log10 of the gradient magnitude at the points L0 … L{L}: the mean of |delta_{k+1}|, and 1 at the output."""
    with np.errstate(divide="ignore"):
        return np.log10([*(np.abs(layer).mean() for layer in delta), 1.0])
