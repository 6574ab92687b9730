"""Networks to predict, and two ways to draw them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.mean_field import LayerLaw, network_laws
from tui_initflow.theory.neuron import Array
from tui_initflow.theory.outlook import layer_law


def layer(initialiser: str, fan_in: int, fan_out: int) -> LayerLaw:
    return layer_law(INITIALISERS[initialiser], (fan_out, fan_in))


def network(initialiser: str, neurons: int, depth: int = 10, features: int = 64) -> tuple[LayerLaw, ...]:
    return network_laws(layer(initialiser, features, neurons), layer(initialiser, neurons, neurons), depth)


def chain(initialiser: str, widths: Sequence[int], gain: float = 1.0) -> tuple[LayerLaw, ...]:
    return tuple(layer(initialiser, fan_in, fan_out).scaled(gain) for fan_in, fan_out in itertools.pairwise(widths))


def draw_matrices(
    laws: Sequence[LayerLaw], activation: str, start: OutputGradient, runs: int, seed: int, uniform: bool = False
) -> Array:
    """ln mean |delta| of (layers, runs), by drawing every weight."""
    f, rng = ACTIVATIONS[activation], np.random.default_rng(seed)
    weights, z = [], []
    h = rng.uniform(0.25, 0.75, (runs, laws[0].fan_in))
    for law in laws:
        shape = (runs, law.fan_out, law.fan_in)
        if law.orthogonal:
            tall = (runs, max(law.fan_out, law.fan_in), min(law.fan_out, law.fan_in))
            q, r = np.linalg.qr(rng.standard_normal(tall))
            q *= np.sign(np.einsum("rii->ri", r))[:, None, :] * math.sqrt(law.variance * tall[1])
            w = (q if law.fan_out >= law.fan_in else q.transpose(0, 2, 1)).astype(np.float32)
        elif uniform:
            w = (rng.random(shape, np.float32) - np.float32(0.5)) * np.float32(math.sqrt(12.0 * law.variance))
            w += np.float32(law.mean)
        else:
            w = rng.standard_normal(shape, np.float32) * np.float32(math.sqrt(law.variance))
            w += np.float32(law.mean)
        weights.append(w)
        z.append(np.matvec(w, h.astype(np.float32)).astype(np.float64))
        h = np.asarray(f.function(z[-1]), np.float64)
    g = _start(start, h, rng)
    gradients, scale = [], np.zeros(runs)
    for w, here in zip(reversed(weights), reversed(z), strict=True):
        delta = f.derivative(here) * g
        mean = np.abs(delta).mean(axis=1)
        scale = scale + np.log(mean)
        gradients.append(scale)
        g = np.vecmat((delta / mean[:, None]).astype(np.float32), w).astype(np.float64)
    return np.array(gradients[::-1])


def draw_neurons(laws: Sequence[LayerLaw], activation: str, start: OutputGradient, runs: int, seed: int) -> Array:
    """The same for normal weights, thousands of times faster: the exact conditional laws of z and of W^T delta.

    Given h, z = W h is Normal(mu sum h, v |h|^2 + sigma_b^2). Given z, a row of W is normal with mean
    mu + v h (z - m) / q, so W^T delta is that summed over delta, and normal noise of covariance
    v |delta|^2 (1 - v h h^T / q).
    """
    f, rng = ACTIVATIONS[activation], np.random.default_rng(seed)
    hs, zs, ms, qs = [rng.uniform(0.25, 0.75, (runs, laws[0].fan_in))], [], [], []
    for law in laws:
        ms.append(law.mean * hs[-1].sum(axis=1, keepdims=True))
        qs.append(law.variance * np.square(hs[-1]).sum(axis=1, keepdims=True) + law.bias_variance)
        zs.append(ms[-1] + np.sqrt(qs[-1]) * rng.standard_normal((runs, law.fan_out)))
        hs.append(np.asarray(f.function(zs[-1]), np.float64))
    g = _start(start, hs[-1], rng)
    gradients, scale = [], np.zeros((runs, 1))
    for index in range(len(laws) - 1, -1, -1):
        law, z, h, q = laws[index], zs[index], hs[index], qs[index]
        delta = f.derivative(z) * g
        mean = np.abs(delta).mean(axis=1, keepdims=True)
        scale = scale + np.log(mean)
        gradients.append(scale[:, 0])
        delta /= mean
        square = np.square(h).sum(axis=1, keepdims=True)
        noise = rng.standard_normal(h.shape)
        kept = np.sqrt(np.maximum(1.0 - law.variance * square / q, 0.0))
        noise -= (1.0 - kept) * h * (noise * h).sum(axis=1, keepdims=True) / square
        pull = law.variance * ((z - ms[index]) * delta).sum(axis=1, keepdims=True) / q
        size = np.sqrt(law.variance * np.square(delta).sum(axis=1, keepdims=True))
        g = law.mean * delta.sum(axis=1, keepdims=True) + pull * h + size * noise
    return np.array(gradients[::-1])


def _start(start: OutputGradient, like: Array, rng: np.random.Generator) -> Array:
    return np.ones_like(like) if start == "ones" else rng.choice([-1.0, 1.0], like.shape)
