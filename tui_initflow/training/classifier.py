"""A network that classifies: the experiment's hidden layers and a read-out layer, for many networks at once.

    h_1 … h_L          the hidden layers: the equations of `engine.reference`, for a batch of inputs x
    z      = W_{L+1} output + b_{L+1}           the read-out
    p      = exp(z) / sum exp(z)                softmax
    loss   = mean over the batch of -ln p[y]    cross-entropy

    delta_{L+1} = (p - [y]) / batch             d loss / d z
    delta_l     = d loss / d h_l                backward as in `engine.reference`
    d loss / d W_l = c delta_l a_{l-1}^T        summed over the batch; c, the branch scale, only beside a skip
    d loss / d b_l = c delta_l 1                after a post-norm, delta is that before the norm

Batch norm is over the rows of the batch; rows to be classified are normalised by a `Population`.
Arrays are (networks, neurons, batch), so W a is a product of matrices for every network. Everything is float32, as it
is where networks are trained: what under- or overflows does so here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np

from tui_initflow.engine.products import ONE_THREAD
from tui_initflow.engine.signals import Floats
from tui_initflow.engine.streams import Slot, Stream
from tui_initflow.engine.weights import DrawnWeights, WeightPlan, drawn_numbers
from tui_initflow.functions.activations import Activation
from tui_initflow.functions.norms import EPSILON, Normalised, normalised
from tui_initflow.model.blocks import Activate, Add, Block, Linear, Normalise, Steps
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import Normal, Shape
from tui_initflow.model.pair import Pair, Side
from tui_initflow.training.data import Labels

Observer = Callable[[int, Floats, Floats | None], None]
"""Is handed (l, delta_l, f'), both (networks, n_l, batch); f' is at what f is applied to, and None for the read-out."""
Normaliser = Callable[[Normalise, int, Floats], Normalised]
"""N(h), from (N, how many norms came before on the way, h)."""
AXES = {"neurons": -2, "inputs": -1}
"""Axes of (networks, neurons, batch) that a norm takes its means over."""

LEAST_ROWS = 8
"""Rows that a part of a large product has, if it can: with fewer, BLAS takes several times longer."""

SLOPES_BY_VALUE: Mapping[str, Callable[[Floats], Floats]] = {
    "tanh": lambda a: 1 - a * a,
    "sigmoid": lambda a: a * (1 - a),
}
"""f' as a function of f(z), where that is cheaper, as PyTorch computes it."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights W_1 … W_{L+1}, each (networks, fan_out, fan_in), and biases (networks, fan_out): views of `flat`.

    `flat` is (networks, parameters), layer by layer, the weights first.
    """

    flat: Floats
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    @classmethod
    def of(cls, flat: Floats, shapes: Sequence[Shape]) -> Parameters:
        weights, biases, end = [], [], 0
        for fan_out, fan_in in shapes:
            start, middle = end, end + fan_out * fan_in
            end = middle + fan_out
            weights.append(flat[:, start:middle].reshape(len(flat), fan_out, fan_in))
            biases.append(flat[:, middle:end])
        return cls(flat, tuple(weights), tuple(biases))

    def __reduce__(self) -> tuple[Any, ...]:
        # views of one array again, where it is sent
        return Parameters.of, (self.flat, [weights.shape[1:] for weights in self.weights])


def parameter_count(shapes: Sequence[Shape]) -> int:
    """Weights and biases of a network."""
    return sum(fan_out * (fan_in + 1) for fan_out, fan_in in shapes)


@dataclass(frozen=True, slots=True)
class Passed:
    """What the backward pass needs: a = f(argument) of each hidden layer, and the norms on the way."""

    arguments: list[Floats]
    a: list[Floats]
    norms: list[Normalised]


def by_themselves(step: Normalise, _place: int, h: Floats) -> Normalised:
    """N(h) from the moments of these rows."""
    return normalised(h, AXES[step.over], centred=step.centred)


class Population:
    """Mean and variance of every neuron, for batch norm of rows that are classified each by itself.

    They are the means of those of some batches for training, the variance times m / (m - 1) with m rows in a batch:
    algorithm 2 of Ioffe & Szegedy 2015. Running averages would depend on the steps before, and know nothing at step 0.
    """

    def __init__(self) -> None:
        self._moments: dict[int, list[tuple[Floats, Floats]]] = {}

    def measure(self, step: Normalise, place: int, h: Floats) -> Normalised:
        """Normalise a batch for training by its own moments, and remember them."""
        at, rows = by_themselves(step, place, h), h.shape[-1]
        epsilon = h.dtype.type(EPSILON)
        variance = (at.deviation * at.deviation - epsilon) * h.dtype.type(rows / (rows - 1))
        self._moments.setdefault(place, []).append((at.mean, variance))
        return at

    def normalise(self, step: Normalise, place: int, h: Floats) -> Normalised:
        """Normalise any rows by the moments measured."""
        mean, variance = (sum(of_batches) / len(of_batches) for of_batches in zip(*self._moments[place], strict=True))
        deviation: Floats = np.sqrt(variance + h.dtype.type(EPSILON))
        return Normalised((h - mean) / deviation, mean, deviation, AXES[step.over], step.centred)


class Classifier:
    """The equations of an experiment's method. `checkpoint` is called every few milliseconds, and may raise."""

    def __init__(self, activation: Activation, block: Block, checkpoint: Callable[[], None]) -> None:
        self._activation = activation
        self._block = block
        self._checkpoint = checkpoint

    def population(self, theta: Parameters, batches: Iterable[Floats]) -> Population:
        """What batch norm normalises rows by that are classified; `batches` of rows for training are like x below."""
        population = Population()
        for x in batches:
            self._forward(theta, x, population.measure)
        return population

    def logits(self, theta: Parameters, x: Floats, normalise: Normaliser | None = None) -> Floats:
        """z (networks, classes, batch) of inputs x (networks or 1, features, batch).

        Unless `normalise` is given, batch norm is over this batch, as in training.
        """
        return self._forward(theta, x, normalise or by_themselves)[0]

    def loss(self, theta: Parameters, x: Floats, y: Labels, normalise: Normaliser | None = None) -> Floats:
        """The loss of every network (networks,) on inputs x with classes y (networks or 1, batch)."""
        return cross_entropy(self.logits(theta, x, normalise), y)[0]

    def accuracy(self, theta: Parameters, x: Floats, y: Labels, normalise: Normaliser | None = None) -> Floats:
        """Share of the inputs that every network classifies rightly (networks,)."""
        right: Floats = np.mean(self.logits(theta, x, normalise).argmax(axis=1) == y, axis=-1)
        return right

    def gradients(
        self, theta: Parameters, x: Floats, y: Labels, out: Parameters, observe: Observer | None = None
    ) -> Floats:
        """The loss of every network (networks,) on its batch; writes its gradients to `out`."""
        z, passed = self._forward(theta, x, by_themselves)
        loss, delta = cross_entropy(z, y)
        if observe is not None:
            observe(len(theta.weights), delta, None)
        self._backward(theta, x, passed, delta, out, observe)
        return loss

    def _forward(self, theta: Parameters, x: Floats, normalise: Normaliser) -> tuple[Floats, Passed]:
        """The logits, and what leads back."""
        passed = Passed([], [], [])
        h = self._affine(theta, 0, x)
        for layer, steps in enumerate(self._blocks(theta), start=1):
            y = h
            for step in steps:
                match step:
                    case Normalise():
                        passed.norms.append(normalise(step, len(passed.norms), y))
                        y = passed.norms[-1].n
                    case Activate():
                        passed.arguments.append(y)
                        y = self._activation.function(y)
                        passed.a.append(y)
                    case Linear():
                        y = self._affine(theta, layer, y)
                    case Add():
                        if step.scale != 1.0:
                            y *= y.dtype.type(step.scale)
                        y += h
                    case _:
                        assert_never(step)
            h = y
        return h, passed

    def _backward(
        self,
        theta: Parameters,
        x: Floats,
        passed: Passed,
        delta: Floats,
        out: Parameters,
        observe: Observer | None,
    ) -> None:
        for layer, steps in reversed(list(enumerate(self._blocks(theta), start=1))):
            skip = None
            for step in reversed(steps):
                match step:
                    case Normalise():
                        delta = passed.norms.pop().back(delta)
                    case Activate():
                        slope = self._slope(passed, layer - 1)
                        delta *= slope
                    case Linear():
                        delta = self._through_affine(theta, layer, delta, passed.a[layer - 1], out)
                    case Add():
                        skip = delta
                        if step.scale != 1.0:
                            delta = delta * delta.dtype.type(step.scale)
                    case _:
                        assert_never(step)
            if skip is not None:
                delta += skip
            if observe is not None:
                observe(layer, delta, slope)
        self._through_affine(theta, 0, delta, x, out, down=False)

    def _blocks(self, theta: Parameters) -> list[Steps]:
        """The steps from h_1 to h_2, and so on, and from h_L to the logits."""
        return [*[self._block.steps] * (len(theta.weights) - 2), (*self._block.head, Linear())]

    def _affine(self, theta: Parameters, layer: int, a: Floats) -> Floats:
        """W a + b."""
        z = self._product(theta.weights[layer], a)
        z += theta.biases[layer][..., None]
        return z

    def _through_affine(
        self, theta: Parameters, layer: int, delta: Floats, a: Floats, out: Parameters, *, down: bool = True
    ) -> Floats:
        """Write delta a^T and delta 1 to `out`; returns W^T delta unless that goes nowhere."""
        # the copy costs less than BLAS takes longer for the product with a transposed matrix on the right
        self._product(delta, np.ascontiguousarray(a.swapaxes(1, 2)), out.weights[layer])
        # the sum over the batch
        np.matvec(delta, np.ones(delta.shape[-1], delta.dtype), out=out.biases[layer])
        return self._product(theta.weights[layer].swapaxes(1, 2), delta) if down else delta

    def _slope(self, passed: Passed, layer: int) -> Floats:
        by_value = SLOPES_BY_VALUE.get(self._activation.name)
        return by_value(passed.a[layer]) if by_value else self._activation.derivative(passed.arguments[layer])

    def _product(self, left: Floats, right: Floats, out: Floats | None = None) -> Floats:
        """Products of matrices (networks, …), in parts so small that BLAS starts no threads of its own."""
        rows, inner, columns = left.shape[1], left.shape[2], right.shape[2]
        if rows * inner * columns <= ONE_THREAD:
            self._checkpoint()
            product: Floats = np.matmul(left, right, out=out)
            return product
        if out is None:
            networks = len(right) if len(left) == 1 else len(left)
            out = np.empty((networks, rows, columns), left.dtype)
        wide = min(columns, max(1, ONE_THREAD // (inner * LEAST_ROWS)))
        high = max(1, ONE_THREAD // (inner * wide))
        for first in range(0, columns, wide):
            self._checkpoint()
            some_right, some_out = right[..., first : first + wide], out[..., first : first + wide]
            for row in range(0, rows, high):
                np.matmul(left[:, row : row + high], some_right, out=some_out[:, row : row + high])
        return out


def cross_entropy(z: Floats, y: Labels) -> tuple[Floats, Floats]:
    """The mean loss (networks,) of logits z (networks, classes, batch), and its gradient with respect to z."""
    y = np.broadcast_to(y[:, None], (len(z), 1, z.shape[-1]))
    largest = z.max(axis=1, keepdims=True)
    p = np.exp(z - largest)
    total = p.sum(axis=1, keepdims=True)
    loss: Floats = (np.log(total) + largest - np.take_along_axis(z, y, axis=1)).mean(axis=(1, 2))
    p /= total
    np.put_along_axis(p, y, np.take_along_axis(p, y, axis=1) - 1, axis=1)
    p /= z.dtype.type(z.shape[-1])
    return loss, p


SLOTS = Pair((Slot.A, Slot.BIAS_A), (Slot.B, Slot.BIAS_B))
"""The weights and the biases of each method."""


def shapes_of(experiment: Experiment, classes: int) -> tuple[Shape, ...]:
    """(fan_out, fan_in) of the hidden layers and the read-out."""
    return (*experiment.network.shapes, (classes, experiment.network.widths[-1]))


def starting_parameters(
    experiment: Experiment, side: Side, runs: range, classes: int, checkpoint: Callable[[], None]
) -> Parameters:
    """The networks that a method draws for `runs`, and their read-out: layer L+1 of the same streams, without bias."""
    shapes = shapes_of(experiment, classes)
    theta = Parameters.of(np.zeros((len(runs), parameter_count(shapes)), np.float32), shapes)
    weight_slot, bias_slot = SLOTS[side]
    plan = WeightPlan(experiment.methods[side].initialiser, shapes)
    buffer = np.empty(len(runs) * plan.numbers(keep=False), np.float32)
    drawn = DrawnWeights(plan, Stream(experiment.seed, weight_slot), runs, buffer, checkpoint, keep=False)
    for layer, (scale, w) in enumerate(zip(drawn.scales, theta.weights, strict=True), 1):
        for rows, d in drawn.tiles(layer):
            np.multiply(d, np.float32(scale), out=w[:, rows])
    if experiment.sigma_b:
        stream, distribution = Stream(experiment.seed, bias_slot), Normal(experiment.sigma_b)
        for layer, b in enumerate(theta.biases[:-1], 1):
            b[...] = drawn_numbers(stream, layer, runs, distribution, b.shape[1], checkpoint)
    return theta
