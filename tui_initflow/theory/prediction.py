"""The prediction for one network: the curve to draw beside the measurement, and the band around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Checkpoint, unstopped
from tui_initflow.functions.activations import Activation
from tui_initflow.model.network import OutputGradient
from tui_initflow.theory.finite_width import fluctuations
from tui_initflow.theory.mean_field import LayerLaw, Signal, backward, check_chain, forward, log_mean_absolute
from tui_initflow.theory.neuron import OutOfRangeError
from tui_initflow.theory.quadrature import Array

LARGEST_RELIABLE_SD = 1.0
LARGEST_RELIABLE_TAIL = 0.1
_NORMAL_DECILE = 1.2815515655446004
_LN_10 = float(np.log(10.0))

HEAVY_TAIL_NOTE = (
    "at this width q scatters so far that its growth is not linear: runs have a heavy tail and a lower median"
)
WIDE_SPREAD_NOTE = "the network is too deep for its width: runs scatter by more than a factor e"


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
        reliable = np.isfinite(drift) & (sd <= LARGEST_RELIABLE_SD)
    if heavy:
        reliable[:depth] = False
    note = None
    if reason is None and not reliable.all():
        note = HEAVY_TAIL_NOTE if heavy else WIDE_SPREAD_NOTE
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
