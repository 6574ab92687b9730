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
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Checkpoint, unstopped
from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import Block
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.mean_field import INPUT_MEAN, INPUT_SECOND_MOMENT, LayerLaw, check_chain
from tui_initflow.theory.neuron import Array
from tui_initflow.theory.prediction import Prediction
from tui_initflow.theory.sampled import Layer, Sample, check_finite, predict_sampled

PATHS = 1 << 14
"""Neurons in the sample: as many for a thousand layers take two seconds."""

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

    def __init__(self, *settings: Any) -> None:
        super().__init__(*settings)
        self._up, self._down = np.random.default_rng(0), np.random.default_rng(1)
        # the order in which a layer's neurons have the strata, in half the memory of their numbers
        self._orders: dict[int, NDArray[np.uint16]] = {}

    def first(self, law: LayerLaw) -> Array:
        spread = math.sqrt(law.fan_in * law.variance * INPUT_SECOND_MOMENT + law.bias_variance)
        return law.fan_in * law.mean * INPUT_MEAN + spread * self._stratified(1)

    def branch(self, number: int, law: LayerLaw, below: Array, value: Array) -> Array:
        spread = math.sqrt(law.sigma_w2 * float(np.mean(value * value)) + law.bias_variance)
        return spread * _uncorrelated(self._stratified(number), np.ones(PATHS), [below, value])

    def signs(self) -> Array:
        return np.where(self._down.permutation(_strata()) < 0, -1.0, 1.0)

    def arriving(self, number: int, law: LayerLaw, layer: Layer, u: Array, slope: Array) -> Array:
        deviation = float(np.mean(layer.branch**2))
        steepness = float(np.mean(u * layer.branch)) / deviation if deviation else 0.0
        along = law.share_lost_along_z * max(deviation - law.bias_variance, 0.0) * steepness**2
        variance = law.fan_out * law.variance * max(float(np.mean(u * u)) - along, 0.0)
        noise = _uncorrelated(self._down.permutation(_strata()), slope, [slope * layer.value, u])
        known = law.fan_out * (law.mean * float(np.mean(u)) + law.variance * steepness * layer.value)
        return slope * known + math.sqrt(variance) * noise

    def _stratified(self, number: int) -> Array:
        """The normal numbers of a layer on the way up."""
        if number not in self._orders:
            self._orders[number] = self._up.permutation(PATHS).astype(np.uint16)
        return _strata()[self._orders[number]]


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
    check_finite(basis)
    weighted = weight * column
    weighted = weighted - np.linalg.lstsq(basis @ basis.T, basis @ weighted, rcond=None)[0] @ basis
    size = np.mean(weighted**2)
    scaled: Array = weighted * np.sqrt(np.mean(weight**2) / size if size else 0.0)
    return scaled
