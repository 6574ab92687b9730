"""The infinitely wide network with skips and norms: one neuron, followed through all its layers.

In a plain network the neurons of different layers are independent. A skip carries h on, so that a neuron's whole path
h_1 … h_L counts. Its law is known all the same: the branches z_l are independent normal numbers,

    z_l = W_l y_l + b_l ~ Normal(n mu E y, n v E y^2 + sigma_b^2)        n: fan_in, mu and v: mean and variance of W_l
    h_l = h_{l-1} + c z_l,   y_l = f(h_{l-1}) or f(N(h_{l-1}))

and N subtracts and divides by moments of h, which do not fluctuate. Backward, what arrives through W_l^T is, as in
`mean_field`, a pull along y and a normal number,

    W_l^T u = n mu E u + p y_l + Normal(0, n v E u^2)                    n: fan_out, u: the gradient for z_l
    p = n v E[du/dz_l] = n v Cov(u, z_l) / Var z_l                       by Stein's lemma, kinks or not

Expectations are means over a sample of paths. Its normal numbers are stratified, in random orders; each is made
uncorrelated with the path below it, and each one backward is scaled to the exact second moment of what it adds, so
that errors do not add up over a thousand layers: they stay below 1 %, 2 % with c = 1.

Yang & Schoenholz 2017 (residual networks), Hayou et al. 2021 (stable ResNet: scales of branches), Xiong et al. 2020
(pre-norm and post-norm). The coupling of u and y: README.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np

from tui_initflow.engine.pool import Checkpoint, unstopped
from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import Block
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.mean_field import INPUT_MEAN, INPUT_SECOND_MOMENT, LayerLaw, check_chain
from tui_initflow.theory.neuron import Array, OutOfRangeError
from tui_initflow.theory.prediction import Prediction
from tui_initflow.theory.sampled import Layer, Sample, predict_sampled

PATHS = 1 << 14
"""Neurons in the sample: as many for a thousand layers take a second."""
LEAST_LENGTH = 1e-7
"""What is left of a direction without others is one of its own if it is longer than this share of it."""

NOTE = "skips and norms have no finite-width theory here"


def predict_blocks(
    laws: Sequence[LayerLaw],
    activation: Activation,
    block: Block,
    output_gradient: OutputGradient = "ones",
    checkpoint: Checkpoint = unstopped,
) -> Prediction:
    """Predict mean |delta| at every point, and mean and variance of h by layer, at infinite width.

    Raises:
        ValueError: the layers do not fit together.
    """
    check_chain(laws)
    return predict_sampled([_Paths(laws, activation, block, PATHS, checkpoint)], len(laws), output_gradient, NOTE)


class _Paths(Sample):
    """Neurons that see one input: arrays are (PATHS,)."""

    def __init__(self, laws: Sequence[LayerLaw], *settings: Any) -> None:
        super().__init__(laws, *settings)
        draws = np.random.default_rng(0)
        # multiples and offsets: on the way up, and after those of all layers on the way down
        self._orders = draws.integers(PATHS, size=(2 * len(laws) + 1, 2))
        self._orders[:, 0] |= 1

    def first(self, law: LayerLaw) -> Array:
        spread = math.sqrt(law.fan_in * law.variance * INPUT_SECOND_MOMENT + law.bias_variance)
        return law.fan_in * law.mean * INPUT_MEAN + spread * self._noise(1)

    def branch(self, number: int, law: LayerLaw, below: Array, value: Array) -> Array:
        spread = law.sigma_w2 * _mean_square(value) + law.bias_variance
        return _uncorrelated(self._noise(number), spread, [below, value])

    def signs(self) -> Array:
        return np.sign(self._noise(0))

    def arriving(self, number: int, law: LayerLaw, layer: Layer, u: Array, slope: Array) -> Array:
        deviation = _mean_square(layer.branch)
        steepness = float(u @ layer.branch) / PATHS / deviation if deviation else 0.0
        along = law.share_lost_along_z * max(deviation - law.bias_variance, 0.0) * steepness**2
        variance = law.fan_out * law.variance * max(_mean_square(u) - along, 0.0)
        pulled = slope * layer.value
        arriving = _uncorrelated(slope * self._noise(-number), variance * _mean_square(slope), [pulled, u])
        arriving += slope * (law.fan_out * law.mean * _mean(u))
        arriving += pulled * (law.fan_out * law.variance * steepness)
        return arriving

    def _noise(self, number: int) -> Array:
        """The normal numbers of the layer `number` on the way up, of -`number` on the way down."""
        multiple, offset = self._orders[number]
        # an odd multiple modulo a power of two leaves none out
        noise: Array = _strata()[multiple * np.arange(PATHS) + offset & PATHS - 1]
        return noise


@lru_cache(maxsize=1)
def _strata() -> Array:
    """Standard normal numbers in a random order, one from the middle of each stratum; their variance is 1 exactly."""
    half = [NormalDist().inv_cdf((i + 0.5) / PATHS) for i in range(PATHS // 2)]
    numbers = np.array([*half, *(-number for number in reversed(half))])
    numbers /= np.sqrt(np.mean(numbers**2))
    return np.random.default_rng(1).permutation(numbers)


def _uncorrelated(column: Array, size: float, known: Sequence[Array]) -> Array:
    """What is left of the column without its mean and its correlation with `known`, with the mean square `size`."""
    column = column - _mean(column)
    directions: list[Array] = []
    for of in known:
        direction = of - _mean(of)
        for other in directions:
            direction -= (direction @ other) * other
        length = math.sqrt(direction @ direction)
        if not math.isfinite(length):
            raise OutOfRangeError("the signal leaves double precision")
        # the rest is rounding if, say, f is linear and both are the same
        if length > LEAST_LENGTH * math.sqrt(of @ of):
            direction /= length
            directions.append(direction)
    for direction in directions:
        column -= (column @ direction) * direction
    left = _mean_square(column)
    column *= math.sqrt(size / left) if left else 0.0
    return column


def _mean(v: Array) -> float:
    return float(np.add.reduce(v)) / len(v)


def _mean_square(v: Array) -> float:
    return float(v @ v) / len(v)
