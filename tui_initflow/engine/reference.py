"""The experiment as its equations: one network, in float64, layer by layer. Read this first.

    a_0     = x
    z_l     = W_l a_{l-1} + b_l
    a_l     = f(z_l)                                    l = 1 … L
    delta_L = f'(z_L) * g                               g: the output gradient
    delta_l = f'(z_l) * (W_{l+1}^T delta_{l+1})         l = L-1 … 1

`passes` computes the same for batches of networks of any depth without under- or overflow, and is tested against
these functions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.activations import Activation

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


def preactivations(x: Vector, weights: Sequence[Matrix], biases: Sequence[Vector], f: Activation) -> list[Vector]:
    """z_1 … z_L of the input x (F,), weights W_l (n_l, n_{l-1}) and biases b_l (n_l,)."""
    a, z = x, []
    for w, b in zip(weights, biases, strict=True):
        z.append(w @ a + b)
        a = np.asarray(f.function(z[-1]), np.float64)
    return z


def deltas(z: Sequence[Vector], weights: Sequence[Matrix], g: Vector, f: Activation) -> list[Vector]:
    """delta_1 … delta_L from the pre-activations and the output gradient g (n_L,)."""
    delta = np.asarray(f.derivative(z[-1]) * g, np.float64)
    by_layer = [delta]
    for layer in range(len(z) - 1, 0, -1):
        delta = np.asarray(f.derivative(z[layer - 1]) * (weights[layer].T @ delta), np.float64)
        by_layer.insert(0, delta)
    return by_layer


def log10_gradient(delta: Sequence[Vector]) -> Vector:
    """log10 of the gradient magnitude at the points L0 … L{L}: the mean of |delta_{k+1}|, and 1 at the output."""
    with np.errstate(divide="ignore"):
        return np.log10([*(np.abs(layer).mean() for layer in delta), 1.0])
