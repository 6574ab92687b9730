"""The prediction for one network: the curve to draw beside the measurement, and the band around it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Checkpoint, unstopped
from tui_initflow.functions.activations import Activation
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.finite_width import fluctuations
from tui_initflow.theory.mean_field import (
    LayerLaw,
    Signal,
    backward,
    check_chain,
    forward,
    log_mean_absolute,
    network_laws,
)
from tui_initflow.theory.neuron import Array, Neuron, OutOfRangeError, brackets, interpolate

_LN_10 = math.log(10.0)
_GAIN_STEP = 1.25
_GAIN_STEPS = 60


@dataclass(frozen=True, slots=True)
class TrainableDepth:
    """The deepest networks whose first layer still gets at least `threshold`, and at most 1 / `threshold`.

    None where every depth up to the largest one asked about does. Where the gradient vanishes first, `exploding` is
    None.
    """

    threshold: float
    vanishing: int | None
    exploding: int | None


def trainable_depth(
    first: LayerLaw,
    hidden: LayerLaw,
    activation: Activation,
    output_gradient: OutputGradient = "ones",
    threshold: float = 1e-3,
    max_depth: int = 1000,
    checkpoint: Checkpoint = unstopped,
) -> TrainableDepth:
    """Predict how deep networks of one first and any number of equal hidden layers may be, at infinite width.

    The gradient is E |delta_1| for an output gradient of magnitude 1.
    """
    laws = network_laws(first, hidden, max_depth)
    check_chain(laws[:2])
    neurons: list[Neuron] = []
    deeper = forward(laws, activation, checkpoint)  # networks of every depth share one forward pass

    def log_gradient(depth: int) -> float:
        """ln E |delta_1| at this depth. Raises OutOfRangeError where theory has no number."""
        neurons.extend(islice(deeper, max(depth - len(neurons), 0)))
        *_, signal = backward(laws[:depth], neurons[:depth], output_gradient, checkpoint)
        return log_mean_absolute(neurons[0], signal)

    limit = -math.log(threshold)
    beyond = 1
    try:
        while abs(log_gradient(beyond)) <= limit:
            if beyond == max_depth:
                return TrainableDepth(threshold, None, None)
            beyond = min(2 * beyond, max_depth)
    except OutOfRangeError:
        return TrainableDepth(threshold, None, None)
    vanishes = log_gradient(beyond) < 0
    sign = -1 if vanishes else 1
    within = beyond // 2
    within += bisect_left(range(within + 1, beyond), True, key=lambda depth: sign * log_gradient(depth) > limit)
    return TrainableDepth(threshold, within, None) if vanishes else TrainableDepth(threshold, None, within)


def preserving_gain(
    laws: Sequence[LayerLaw],
    activation: Activation,
    output_gradient: OutputGradient = "ones",
    log10_target: float = 0.0,
    checkpoint: Checkpoint = unstopped,
) -> float | None:
    """The factor on all weights at which the first layer gets the gradient 10^log10_target, nearest to 1.

    None if there is none between 1e-5 and 1e5, as in a tanh network of one layer, whose slopes are below 1.
    """
    check_chain(laws)

    def excess(log_gain: float) -> float:
        scaled = [law.scaled(math.exp(log_gain)) for law in laws]
        neurons = list(forward(scaled, activation, checkpoint))
        *_, signal = backward(scaled, neurons, output_gradient, checkpoint)
        return log_mean_absolute(neurons[0], signal) - log10_target * _LN_10

    try:
        first = (0.0, excess(0.0))
        if first[1] == 0.0:
            return 1.0
        step = -math.copysign(math.log(_GAIN_STEP), first[1])
        further = accumulate(repeat(step, _GAIN_STEPS - 1), initial=step)
        bracket = next(brackets(chain([first], ((gain, excess(gain)) for gain in further))), None)
        return None if bracket is None else math.exp(interpolate(excess, bracket))
    except OutOfRangeError:
        return None


LARGEST_RELIABLE_SD = 0.9
LARGEST_RELIABLE_DRIFT = 1.0
"""Largest shift of ln mean |delta| at finite width: terms of second order in 1 / n are no longer small beyond it."""
LARGEST_LAYER_VARIANCE = 0.05
"""Largest variance that a layer may add to ln mean |delta|. ReLU adds more below 25 neurons, and its runs then reach
further down than the band."""
LARGEST_RELIABLE_TAIL = 0.1
_NORMAL_DECILE = 1.2815515655446004

HEAVY_TAIL_NOTE = (
    "at this width q scatters so far that its growth is not linear: runs have a heavy tail and a lower median"
)
WIDE_SPREAD_NOTE = "the network is too deep for its width: runs scatter by more than a factor of 2.5"
NARROW_NOTE = "the layers are so narrow that runs reach further down than the band"


@dataclass(frozen=True, slots=True)
class Prediction:
    """log10 of mean |delta| at the points L0 ... L{L}, shape (L+1,), and the pre-activations of layers 1 ... L.

    NaN where theory has no number; `reason` says why. Where `reliable` is false, the finite-width numbers (median,
    decile band, sd) should not be drawn as if they were known; `note` says why.
    """

    q: Array
    """Variance of z, layers 1 ... L."""
    m: Array
    """Mean of z, layers 1 ... L."""
    log10_gradient: Array
    """Infinite width: E |delta|, points L0 ... L{L}."""
    log10_median: Array
    """Finite width: the median over runs."""
    log10_p10: Array
    log10_p90: Array
    sd_ln: Array
    """Finite width: standard deviation over runs of ln mean |delta|."""
    reliable: NDArray[np.bool_]
    reason: str | None = None
    note: str | None = None


def at_infinite_width(
    q: Array, m: Array, log10_gradient: Array, *, reason: str | None = None, note: str | None = None
) -> Prediction:
    """A prediction without numbers for finite width, which `note` explains, or without any, for a `reason`."""
    unknown = np.full(len(log10_gradient), np.nan)
    return Prediction(
        q=q,
        m=m,
        log10_gradient=log10_gradient,
        log10_median=unknown,
        log10_p10=unknown,
        log10_p90=unknown,
        sd_ln=unknown,
        reliable=np.zeros(len(log10_gradient), np.bool_),
        reason=reason,
        note=note,
    )


def no_prediction(layers: int, reason: str) -> Prediction:
    """No numbers, and why there are none."""
    unknown = np.full(layers + 1, np.nan)
    return at_infinite_width(unknown[1:], unknown[1:], unknown, reason=reason)


State = TypeVar("State")


def predict(
    laws: Sequence[LayerLaw],
    activation: Activation,
    output_gradient: OutputGradient = "ones",
    checkpoint: Checkpoint = unstopped,
) -> Prediction:
    """Predict the gradient magnitude at every point of a network.

    Raises:
        ValueError: the layers do not fit together.
    """
    check_chain(laws)
    depth = len(laws)
    neurons, failure = _until_failure(forward(laws, activation, checkpoint))
    reason = failure and f"layer {len(neurons) + 1}: {failure}"
    signals: list[Signal] = []
    if reason is None:
        signals, failure = _until_failure(backward(laws, neurons, output_gradient, checkpoint))
        reason = failure and f"layer {depth - len(signals) + 1}: {failure}"

    log_mean, drift, sd = np.full((3, depth + 1), np.nan)
    log_mean[depth] = drift[depth] = sd[depth] = 0.0
    for layer, signal in zip(range(depth - 1, -1, -1), signals, strict=False):
        checkpoint()
        log_mean[layer] = log_mean_absolute(neurons[layer], signal)
    tail = 0.0
    if reason is None:
        # fourth powers of a saturated slope may leave double precision: then there is no finite-width number
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            finite = fluctuations(laws, neurons, signals[::-1], checkpoint)
        drift[:depth] = [layer.drift for layer in finite.layers]
        sd[:depth] = np.sqrt([layer.variance for layer in finite.layers])
        tail = finite.tail

    heavy = not tail <= LARGEST_RELIABLE_TAIL
    with np.errstate(invalid="ignore"):
        reliable = np.isfinite(drift) & (sd <= LARGEST_RELIABLE_SD) & (abs(drift) <= LARGEST_RELIABLE_DRIFT)
        narrow = bool(sd[0] ** 2 > LARGEST_LAYER_VARIANCE * depth)
    if heavy or narrow:
        reliable[:depth] = False
    note = None
    if reason is None and not reliable.all():
        note = HEAVY_TAIL_NOTE if heavy else NARROW_NOTE if narrow else WIDE_SPREAD_NOTE
    q, m = np.full((2, depth), np.nan)
    q[: len(neurons)] = [neuron.variance for neuron in neurons]
    m[: len(neurons)] = [neuron.mean for neuron in neurons]
    median = log_mean + drift
    return Prediction(
        q=q,
        m=m,
        log10_gradient=log_mean / _LN_10,
        log10_median=median / _LN_10,
        log10_p10=(median - _NORMAL_DECILE * sd) / _LN_10,
        log10_p90=(median + _NORMAL_DECILE * sd) / _LN_10,
        sd_ln=sd,
        reliable=reliable,
        reason=reason,
        note=note,
    )


def _until_failure(states: Iterator[State]) -> tuple[list[State], str | None]:
    """The states up to the first one that theory has no number for, and why it has none."""
    computed: list[State] = []
    try:
        for state in states:
            computed.append(state)  # noqa: PERF402 - what came before a failure is kept
    except OutOfRangeError as error:
        return computed, str(error)
    return computed, None
