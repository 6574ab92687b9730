"""The infinitely wide network with skips and norms: one neuron, followed through all its layers.

In a plain network the neurons of different layers are independent. A skip carries h on, so that a neuron's whole path
h_1 … h_L counts. Its law is known all the same: the branches z_l are independent normal numbers,

    z_l = W_l y_l + b_l ~ Normal(n mu E y, n v E y^2 + sigma_b^2)        n: fan_in, mu and v: mean and variance of W_l
    h_l = h_{l-1} + c z_l,   y_l = f(h_{l-1}) or f(N(h_{l-1}))

and N subtracts and divides by moments of h, which do not fluctuate. Backward, what arrives through W_l^T is, as in
`mean_field`, a pull along y and a normal number,

    W_l^T u = n mu E u + p y_l + Normal(0, n v E u^2)                    n: fan_out, u: the gradient for z_l
    p = n v E[du/dz_l] = n v Cov(u, z_l) / Var z_l                       by Stein's lemma, kinks or not

Expectations are means over a sample of paths. Its normal numbers are stratified, in a fixed random order; each is made
uncorrelated with the path below it, and each one backward is scaled to the exact second moment of what it adds, so
that errors do not add up over a thousand layers: they stay below 1 %, 2 % with c = 1.

Yang & Schoenholz 2017 (residual networks), Hayou et al. 2021 (stable ResNet: scales of branches), Xiong et al. 2020
(pre-norm and post-norm). The coupling of u and y: README.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import EPSILON, Block, Norm
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.mean_field import INPUT_MEAN, INPUT_SECOND_MOMENT, LayerLaw, check_chain
from tui_initflow.theory.neuron import OutOfRangeError
from tui_initflow.theory.prediction import Prediction, at_infinite_width
from tui_initflow.theory.quadrature import Array

PATHS = 1 << 14
"""Neurons in the sample: as many for a thousand layers take 400 MB and two seconds."""

NOTE = "skips and norms have no finite-width theory here"


Back = Callable[[Array], Array]
"""Leads a gradient back through a norm."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What the backward pass needs of a layer's sample, (PATHS,) each; of that of batch norm, see there.

    `argument` is what f is applied to; `normal_back` leads a gradient from there to h below, `out_back` one from this
    layer's h to the sum that it was normalised from.
    """

    branch: Array
    value: Array
    argument: Array
    normal_back: Back
    out_back: Back


def predict_blocks(
    laws: Sequence[LayerLaw], activation: Activation, block: Block, output_gradient: OutputGradient = "ones"
) -> Prediction:
    """Predict mean |delta| at every point, and mean and variance of h by layer, at infinite width.

    Raises:
        ValueError: the layers do not fit together.
    """
    check_chain(laws)
    depth = len(laws)
    q, m, log10_gradient = np.full((3, depth + 1), np.nan)
    reason: str | None = None
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            layers, heights = _forward(laws, activation, block)
            q[1:], m[1:] = [float(np.var(h)) for h in heights], [float(np.mean(h)) for h in heights]
            log10_gradient[:] = _backward(laws, activation, block, layers, heights[-1], output_gradient)
    except OutOfRangeError as error:
        reason = str(error)
    return at_infinite_width(q[1:], m[1:], log10_gradient, reason, NOTE)


def _forward(laws: Sequence[LayerLaw], activation: Activation, block: Block) -> tuple[list[Layer], list[Array]]:
    """The layers 2 … L, and the samples of h_1 … h_L."""
    order = np.random.default_rng(0)
    first = laws[0]
    spread = math.sqrt(first.fan_in * first.variance * INPUT_SECOND_MOMENT + first.bias_variance)
    h = first.fan_in * first.mean * INPUT_MEAN + spread * order.permutation(_strata())
    layers, heights = [], [h]
    for law in laws[1:]:
        argument, normal_back = _normalised(h, block.norm if block.normalises_input else "none")
        value = np.asarray(activation.function(argument), np.float64)
        spread = math.sqrt(law.sigma_w2 * float(np.mean(value * value)) + law.bias_variance)
        branch = spread * _uncorrelated(order.permutation(_strata()), np.ones(PATHS), [h, value])
        total = block.scale * (branch + law.fan_in * law.mean * float(np.mean(value)))
        if block.has_skips:
            total = total + h
        h, out_back = _normalised(total, block.norm if block.kind == "post-norm" else "none")
        layers.append(Layer(branch, value, argument, normal_back, out_back))
        heights.append(h)
    return layers, heights


def _backward(
    laws: Sequence[LayerLaw],
    activation: Activation,
    block: Block,
    layers: Sequence[Layer],
    h: Array,
    output_gradient: OutputGradient,
) -> list[float]:
    """log10 of mean |delta| at the points L0 … L{L}."""
    order = np.random.default_rng(1)
    argument, back = _normalised(h, block.norm if block.kind == "plain" else "none")
    g = np.ones(PATHS) if output_gradient == "ones" else np.where(order.permutation(_strata()) < 0, -1.0, 1.0)
    delta = back(np.asarray(activation.derivative(argument), np.float64) * g)
    log10_size = _log10_mean(delta)
    log10_gradient = [0.0, log10_size]
    for law, layer in zip(reversed(laws[1:]), reversed(layers), strict=True):
        # delta in units of its own mean
        delta = layer.out_back(delta / np.mean(np.abs(delta)))
        u = block.scale * delta
        slope = np.asarray(activation.derivative(layer.argument), np.float64)
        deviation = float(np.mean(layer.branch**2))
        steepness = float(np.mean(u * layer.branch)) / deviation if deviation else 0.0
        along = law.share_lost_along_z * max(deviation - law.bias_variance, 0.0) * steepness**2
        variance = law.fan_out * law.variance * max(float(np.mean(u * u)) - along, 0.0)
        noise = _uncorrelated(order.permutation(_strata()), slope, [slope * layer.value, delta])
        known = law.fan_out * (law.mean * float(np.mean(u)) + law.variance * steepness * layer.value)
        below = layer.normal_back(slope * known + math.sqrt(variance) * noise)
        delta = delta + below if block.has_skips else below
        log10_size += _log10_mean(delta)
        log10_gradient.append(log10_size)
    return log10_gradient[::-1]


def _log10_mean(delta: Array) -> float:
    mean = float(np.mean(np.abs(delta)))
    if not 0.0 < mean < math.inf:
        raise OutOfRangeError("no gradient passes" if mean == 0.0 else "the gradient leaves double precision")
    return math.log10(mean)


def _normalised(h: Array, norm: Norm) -> tuple[Array, Back]:
    """N(h), and what leads a gradient v back through it: (v - E v - n E[v n]) / s; rms norm leaves E v in."""
    if norm == "none":
        return h, lambda v: v
    centre = float(np.mean(h)) if norm == "layer" else 0.0
    size = math.sqrt(float(np.mean((h - centre) ** 2)) + EPSILON)
    n = (h - centre) / size

    def back(v: Array) -> Array:
        without = v - n * np.mean(v * n)
        return (without - np.mean(v) if norm == "layer" else without) / size

    return n, back


@lru_cache(maxsize=1)
def _strata() -> Array:
    """Standard normal numbers, one from the middle of each stratum; their variance is 1 exactly."""
    half = [NormalDist().inv_cdf((i + 0.5) / PATHS) for i in range(PATHS // 2)]
    numbers = np.array([*half, *(-number for number in reversed(half))])
    numbers /= np.sqrt(np.mean(numbers**2))
    return numbers


def _uncorrelated(column: Array, weight: Array, known: Sequence[Array]) -> Array:
    """`weight` times the column, with the mean square of `weight`, mean zero, and no correlation with `known`."""
    basis = np.stack([np.ones(PATHS), *(direction / (math.sqrt(np.mean(direction**2)) or 1.0) for direction in known)])
    if not np.isfinite(basis).all():
        raise OutOfRangeError("the signal leaves double precision")
    weighted = weight * column
    weighted = weighted - np.linalg.lstsq(basis @ basis.T, basis @ weighted, rcond=None)[0] @ basis
    size = np.mean(weighted**2)
    scaled: Array = weighted * np.sqrt(np.mean(weight**2) / size if size else 0.0)
    return scaled
