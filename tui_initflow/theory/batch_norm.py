"""The infinitely wide network with batch norm: one neuron and its pre-activations for a whole batch of inputs.

Given the inputs, the pre-activations h of a neuron, one for each of the B inputs, are a vector, and neurons are
independent. All of `blocks` holds with vectors for numbers and B x B matrices for variances:

    z_l = W_l y_l + b_l ~ Normal(n mu E y, n v E y y^T + sigma_b^2)      n: fan_in, mu and v: mean and variance of W_l
    W_l^T u = n mu E u + n v P y_l + Normal(0, n v E u u^T)              n: fan_out, u: the gradient for z_l
    P = E[du/dz_l]^T = E[u z_l^T] Cov(z_l)^-1                            by Stein's lemma

N normalises each vector by its own mean and variance, which do fluctuate. Large batches of ReLU multiply E delta^2 by
pi / (pi - 1) in every layer: Yang et al. 2019, A Mean Field Theory of Batch Normalization.

The products of 64 inputs differ by chance, and more inputs than features are linearly dependent. So the kernel of the
first layer is that of inputs drawn at random, `features` numbers each, and the prediction is the mean of |delta| over
several such batches, as a simulation's is over its runs.

Expectations are means over a sample of neurons. Normal vectors have their exact second moments in it, and none with
the path below them. Backward, the sampled P holds rank / neurons of the variance that the noise then lacks, as in a
network of so many neurons.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import EPSILON, Block
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.blocks import Back, Layer
from tui_initflow.theory.mean_field import LayerLaw, check_chain
from tui_initflow.theory.neuron import OutOfRangeError
from tui_initflow.theory.prediction import Prediction, at_infinite_width
from tui_initflow.theory.quadrature import Array

NEURONS = 1 << 12
"""Neurons in the sample of a layer: half as many leave errors of up to 3 % in twelve layers."""
SAMPLE, LEAST_BATCHES = 1 << 19, 2
"""Numbers in the sample of a layer, as far as there are that many batches: batches, times neurons, times inputs."""
SMALL_BATCH, LARGEST = 32, 1 << 12
"""Most layers times inputs that are followed, which takes ten seconds. A layer of few inputs takes as long as of 32."""
ROUNDING = 1e-13
"""Share of a neuron's gradient that a norm passes on below which it is rounding; see `engine.blocks`."""
SMALLEST_EIGENVALUE = 1e-10
"""Relative to the largest, of matrices that may be singular: those of linear layers are."""

LEAST_INPUTS, FEW_INPUTS = 4, 6
"""Inputs from which on E 1 / s^2, so E delta^2, and E 1 / s^4 exist: s^2 has inputs - 1 degrees of freedom."""

NOTE = "batch norm has no finite-width theory here"
NARROW_NOTE = f"the layers are narrow beside the batch, and {NOTE}"
FEW_NOTE = f"over so few inputs gradients have a heavy tail, and {NOTE}"
NARROW = 0.05
"""Inputs per neuron above which predictions for infinite width can be off by more than 3 %."""


def predict_batch_norm(
    laws: Sequence[LayerLaw],
    activation: Activation,
    block: Block,
    batch: int,
    output_gradient: OutputGradient = "ones",
) -> Prediction:
    """Predict mean |delta| at every point, and mean and variance of h by layer, at infinite width.

    Raises:
        ValueError: the layers do not fit together.
    """
    check_chain(laws)
    q, m, log10_gradient = np.full((3, len(laws) + 1), np.nan)
    reason: str | None = None
    try:
        if batch < LEAST_INPUTS:
            raise OutOfRangeError(f"over fewer than {LEAST_INPUTS} inputs E delta^2 diverges at infinite width")
        if len(laws) * max(batch, SMALL_BATCH) > LARGEST:
            raise OutOfRangeError(f"{len(laws)} layers of {batch} inputs take too long")
        with np.errstate(over="ignore", invalid="ignore"):
            network = _Sampled(laws, activation, block, batch)
            heights = [(float(np.var(h)), float(np.mean(h))) for h in network.upwards()]
            log10_gradient[:] = network.gradients(output_gradient)
            q[1:], m[1:] = zip(*heights, strict=True)
    except OutOfRangeError as error:
        reason = str(error)
    return at_infinite_width(q[1:], m[1:], log10_gradient, reason, _note(laws, batch))


def _note(laws: Sequence[LayerLaw], batch: int) -> str:
    if batch < FEW_INPUTS:
        return FEW_NOTE
    return NARROW_NOTE if batch > NARROW * min(law.fan_out for law in laws) else NOTE


class _Sampled:
    """A sample of neurons in every layer; arrays are (batches, neurons, inputs), kernels (batches, inputs, inputs).

    A layer is drawn from that below it and a seed of its own, so that few layers have to be kept for the way back.
    """

    def __init__(self, laws: Sequence[LayerLaw], activation: Activation, block: Block, batch: int) -> None:
        self._laws = laws
        self._activation = activation
        self._block = block
        self._shape = (max(LEAST_BATCHES, SAMPLE // (NEURONS * batch)), NEURONS, batch)
        self._stride = math.isqrt(len(laws)) + 1
        self._kept: dict[int, Array] = {}

    def upwards(self) -> Iterator[Array]:
        """h_1 … h_L."""
        batches, _, batch = self._shape
        law = self._laws[0]
        x = np.random.default_rng(0).uniform(0.25, 0.75, (batches, batch, law.fan_in))
        kernel = law.variance * x @ x.swapaxes(1, 2) + law.bias_variance
        h = law.mean * np.sum(x, axis=-1)[:, None] + _uncorrelated(self._noise(1)) @ _root(kernel)
        yield h
        for number in range(2, len(self._laws) + 1):
            if (number - 2) % self._stride == 0:
                self._kept[number] = h
            _, h = self._layer(number, h)
            yield h
        self._top = h

    def gradients(self, output_gradient: OutputGradient) -> list[float]:
        """log10 of mean |delta| at the points L0 … L{L}, once all layers have been drawn upwards."""
        argument, back = _normalised(self._top) if self._block.kind == "plain" else (self._top, _unchanged)
        g = np.ones(()) if output_gradient == "ones" else np.sign(self._noise(0))
        delta = back(np.asarray(self._activation.derivative(argument), np.float64) * g)
        size = _size(delta)
        log_size = np.log(size)
        log10_gradient = [0.0, _log10_mean(log_size)]
        for number, layer in self._downwards():
            # delta in units of its own mean
            delta = self._one_layer_down(number, layer, delta / size[:, None, None])
            size = _size(delta)
            log_size = log_size + np.log(size)
            log10_gradient.append(_log10_mean(log_size))
        return log10_gradient[::-1]

    def _downwards(self) -> Iterator[tuple[int, Layer]]:
        """The layers L … 2 with their numbers, drawn again from what is kept."""
        for first, h in sorted(self._kept.items(), reverse=True):
            layers = []
            for number in range(first, min(first + self._stride, len(self._laws) + 1)):
                layer, h = self._layer(number, h)
                layers.append((number, layer))
            yield from reversed(layers)

    def _layer(self, number: int, below: Array) -> tuple[Layer, Array]:
        """A layer, and its h, from h of that below."""
        law, block = self._laws[number - 1], self._block
        argument, normal_back = _normalised(below) if block.normalises_input else (below, _unchanged)
        value = np.asarray(self._activation.function(argument), np.float64)
        kernel = law.sigma_w2 * _second_moments(value, value) + law.bias_variance
        branch = _uncorrelated(self._noise(number), *([below, value] if block.has_skips else [])) @ _root(kernel)
        h = block.scale * (branch + law.fan_in * law.mean * np.mean(value, axis=1, keepdims=True))
        if block.has_skips:
            h = h + below
        h, out_back = _normalised(h) if block.kind == "post-norm" else (h, _unchanged)
        return Layer(branch, value, argument, normal_back, out_back), h

    def _one_layer_down(self, number: int, layer: Layer, delta: Array) -> Array:
        law, block, value = self._laws[number - 1], self._block, layer.value
        delta = layer.out_back(delta)
        u = block.scale * delta
        kernel = law.sigma_w2 * _second_moments(value, value)
        steepness = _inverse(kernel + law.bias_variance) @ _second_moments(layer.branch, u)
        along = steepness.swapaxes(1, 2) @ kernel @ steepness
        rank = np.linalg.matrix_rank(kernel, rtol=SMALLEST_EIGENVALUE, hermitian=True)
        fluctuating = (1.0 - law.share_lost_along_z) * (rank / NEURONS)[:, None, None]
        moments = _second_moments(u, u)
        covariance = (1.0 - fluctuating) * moments - law.share_lost_along_z * along
        noise = _uncorrelated(self._noise(-number), value) @ _root(law.fan_out * law.variance * covariance)
        known = law.fan_out * (law.mean * np.mean(u, axis=1, keepdims=True) + law.variance * value @ steepness)
        slope = np.asarray(self._activation.derivative(layer.argument), np.float64)
        below = layer.normal_back(slope * (known + noise))
        return delta + below if block.has_skips else below

    def _noise(self, number: int) -> Array:
        """Normal numbers: the same for the same number, of a layer on the way up, less than 1 on the way down."""
        seed = 2 * number if number > 0 else 1 - 2 * number
        return np.random.default_rng(seed).standard_normal(self._shape)


def _unchanged(v: Array) -> Array:
    return v


def _normalised(h: Array) -> tuple[Array, Back]:
    """N(h), and what leads a gradient v back through it: (v - mean v - n mean(n v)) / s, means over the inputs."""
    n: Array = h - np.mean(h, axis=-1, keepdims=True)
    s = np.sqrt(np.mean(n * n, axis=-1, keepdims=True) + EPSILON)
    n /= s

    def back(v: Array) -> Array:
        through = v - n * np.mean(n * v, axis=-1, keepdims=True) - np.mean(v, axis=-1, keepdims=True)
        exact_zero = np.abs(through).max(axis=-1, keepdims=True) < ROUNDING * np.abs(v).max(axis=-1, keepdims=True)
        return np.where(exact_zero, 0.0, through / s)

    return n, back


def _second_moments(u: Array, v: Array) -> Array:
    """E u v^T over the neurons."""
    moments: Array = u.swapaxes(1, 2) @ v / u.shape[1]
    return moments


def _root(kernel: Array) -> Array:
    """The symmetric root: standard normal rows times it have this covariance."""
    if not np.isfinite(kernel).all():
        raise OutOfRangeError("the signal leaves double precision")
    values, vectors = np.linalg.eigh(kernel)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0.0))[:, None]) @ vectors.swapaxes(1, 2)
    return root


def _inverse(kernel: Array) -> Array:
    return np.asarray(np.linalg.pinv(kernel, rtol=SMALLEST_EIGENVALUE, hermitian=True), np.float64)


def _uncorrelated(noise: Array, *known: Array) -> Array:
    """The noise with mean zero, unit second moments and no correlation with `known`."""
    basis = np.concatenate([np.ones((*noise.shape[:2], 1)), *known], axis=-1)
    if not np.isfinite(basis).all():
        raise OutOfRangeError("the signal leaves double precision")
    basis /= np.maximum(np.sqrt(np.mean(basis * basis, axis=1, keepdims=True)), np.finfo(np.float64).tiny)
    rest: Array = noise - basis @ (_inverse(_second_moments(basis, basis)) @ _second_moments(basis, noise))
    root = np.linalg.cholesky(_second_moments(rest, rest))
    uncorrelated: Array = rest @ np.linalg.inv(root).swapaxes(1, 2)
    return uncorrelated


def _size(delta: Array) -> Array:
    """mean |delta| of each batch."""
    size: Array = np.mean(np.abs(delta), axis=(1, 2))
    if not (np.all(size > 0.0) and np.isfinite(size).all()):
        raise OutOfRangeError("no gradient passes" if np.min(size) == 0.0 else "the gradient leaves double precision")
    return size


def _log10_mean(log_size: Array) -> float:
    """log10 of the mean over the batches."""
    largest = float(np.max(log_size))
    return (largest + math.log(float(np.mean(np.exp(log_size - largest))))) / math.log(10.0)
