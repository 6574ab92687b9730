"""The infinitely wide network with batch norm: one neuron and its pre-activations for a whole batch of inputs.

Given the inputs, the pre-activations h of a neuron, one for each of the B inputs, are a vector, and neurons are
independent. What holds in `blocks` holds here with vectors for numbers and B x B matrices for variances:

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
network of that many neurons.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence

import numpy as np

from tui_initflow.engine.pool import Checkpoint, unstopped
from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import Block
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.mean_field import LayerLaw, check_chain
from tui_initflow.theory.neuron import Array
from tui_initflow.theory.prediction import Prediction, no_prediction
from tui_initflow.theory.sampled import Layer, Sample, check_finite, predict_sampled

PRODUCT = 1 << 27
"""Multiplications between two checkpoints in a product of matrices: some ten milliseconds."""
NEURONS = 1 << 12
"""Neurons in the sample of a layer: half as many leave errors of up to 3 % in twelve layers."""
SAMPLE, LEAST_BATCHES = 1 << 19, 2
"""Numbers in the sample of a layer (batches x neurons x inputs), unless there are too few batches for that."""
SMALL_BATCH, LARGEST = 32, 1 << 12
"""Most layers times inputs that are followed, which takes ten seconds. A layer of few inputs takes as long as of 32."""
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
    checkpoint: Checkpoint = unstopped,
) -> Prediction:
    """Predict mean |delta| at every point, and mean and variance of h by layer, at infinite width.

    Raises:
        ValueError: the layers do not fit together.
    """
    check_chain(laws)
    if batch < LEAST_INPUTS:
        return no_prediction(len(laws), f"over fewer than {LEAST_INPUTS} inputs E delta^2 diverges at infinite width")
    if len(laws) * max(batch, SMALL_BATCH) > LARGEST:
        return no_prediction(len(laws), f"{len(laws)} layers of {batch} inputs take too long")
    batches = _batches(laws, activation, block, batch, checkpoint)
    return predict_sampled(batches, len(laws), output_gradient, _note(laws, batch))


def _note(laws: Sequence[LayerLaw], batch: int) -> str:
    if batch < FEW_INPUTS:
        return FEW_NOTE
    return NARROW_NOTE if batch > NARROW * min(law.fan_out for law in laws) else NOTE


def _batches(
    laws: Sequence[LayerLaw], activation: Activation, block: Block, batch: int, checkpoint: Checkpoint
) -> Iterator[_Batch]:
    draws = _Draws((NEURONS, batch))
    for _ in range(max(LEAST_BATCHES, SAMPLE // (NEURONS * batch))):
        yield _Batch(draws, laws, activation, block, checkpoint)
        draws.turn()


class _Draws:
    """Random numbers for one batch after the other. Those of a layer are the same until the next batch's turn."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._inputs = np.random.default_rng(0)
        self._streams: dict[int, np.random.Generator] = {}
        self._drawn: dict[int, np.random.Generator] = {}

    def inputs(self, features: int, checkpoint: Checkpoint) -> Array:
        """The network's inputs, (inputs, features)."""
        x = np.empty((self.shape[1], features))
        for row in x:
            checkpoint()
            row[:] = self._inputs.uniform(0.25, 0.75, features)
        return x

    def noise(self, number: int) -> Array:
        """Normal numbers, (neurons, inputs), of the layer `number` on the way up, of -`number` on the way down."""
        seed = 2 * number if number > 0 else 1 - 2 * number
        stream = copy.deepcopy(self._streams.setdefault(number, np.random.default_rng(seed)))
        self._drawn[number] = stream
        return stream.standard_normal(self.shape)

    def turn(self) -> None:
        """From here on, all numbers are those of the next batch."""
        self._streams |= self._drawn


class _Batch(Sample):
    """Neurons that see a batch of inputs: arrays are (neurons, inputs), kernels (inputs, inputs)."""

    def __init__(
        self,
        draws: _Draws,
        laws: Sequence[LayerLaw],
        activation: Activation,
        block: Block,
        checkpoint: Checkpoint,
    ) -> None:
        super().__init__(laws, activation, block, math.prod(draws.shape), checkpoint)
        self._draws = draws

    def first(self, law: LayerLaw) -> Array:
        x = self._draws.inputs(law.fan_in, self.checkpoint).T
        kernel = law.sigma_w2 * self._second_moments(x, x) + law.bias_variance
        h = self._product(self._uncorrelated(self._draws.noise(1)), _root(kernel))
        h += law.mean * np.sum(x, axis=0)
        return h

    def branch(self, number: int, law: LayerLaw, below: Array, value: Array) -> Array:
        kernel = law.sigma_w2 * self._second_moments(value, value) + law.bias_variance
        known = (below, value) if self.block.has_skips else ()
        return self._product(self._uncorrelated(self._draws.noise(number), *known), _root(kernel))

    def signs(self) -> Array:
        return np.sign(self._draws.noise(0))

    def arriving(self, number: int, law: LayerLaw, layer: Layer, u: Array, slope: Array) -> Array:
        value = layer.value
        kernel = law.sigma_w2 * self._second_moments(value, value)
        steepness = _inverse(kernel + law.bias_variance) @ self._second_moments(layer.branch, u)
        along = steepness.T @ kernel @ steepness
        rank = np.linalg.matrix_rank(kernel, rtol=SMALLEST_EIGENVALUE, hermitian=True)
        fluctuating = (1.0 - law.share_lost_along_z) * (rank / NEURONS)
        covariance = (1.0 - fluctuating) * self._second_moments(u, u) - law.share_lost_along_z * along
        noise = self._uncorrelated(self._draws.noise(-number), value)
        arriving = self._product(noise, _root(law.fan_out * law.variance * covariance))
        arriving += law.fan_out * law.mean * np.mean(u, axis=0)
        arriving += self._product(value, law.fan_out * law.variance * steepness)
        arriving *= slope
        return arriving

    def _uncorrelated(self, noise: Array, *known: Array) -> Array:
        """The noise with mean zero, unit second moments and no correlation with `known`."""
        basis = np.concatenate([np.ones((len(noise), 1)), *known], axis=-1)
        check_finite(basis)
        basis /= np.maximum(np.sqrt(np.mean(basis * basis, axis=0)), np.finfo(np.float64).tiny)
        along = _inverse(self._second_moments(basis, basis)) @ self._second_moments(basis, noise)
        rest = noise - self._product(basis, along)
        root = np.linalg.cholesky(self._second_moments(rest, rest))
        return self._product(rest, np.linalg.inv(root).T)

    def _second_moments(self, u: Array, v: Array) -> Array:
        """E u v^T over the neurons."""
        moments = np.zeros((u.shape[1], v.shape[1]))
        for rows in self._pieces(len(u), moments.size):
            moments += u[rows].T @ v[rows]
        moments /= len(u)
        return moments

    def _product(self, u: Array, matrix: Array) -> Array:
        """The matrix applied to every neuron."""
        product = np.empty((len(u), matrix.shape[1]))
        for rows in self._pieces(len(u), matrix.size):
            np.matmul(u[rows], matrix, out=product[rows])
        return product

    def _pieces(self, neurons: int, multiplications: int) -> Iterator[slice]:
        """Neurons that are multiplied between two checkpoints, given the multiplications of each."""
        together = max(1, PRODUCT // multiplications)
        for first in range(0, neurons, together):
            self.checkpoint()
            yield slice(first, first + together)
        self.checkpoint()


def _root(kernel: Array) -> Array:
    """The symmetric root: standard normal rows times it have this covariance."""
    check_finite(kernel)
    values, vectors = np.linalg.eigh(kernel)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def _inverse(kernel: Array) -> Array:
    return np.asarray(np.linalg.pinv(kernel, rtol=SMALLEST_EIGENVALUE, hermitian=True), np.float64)
