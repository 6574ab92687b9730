"""The whole prediction for one network: the line to draw beside the measurement, and the band around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.activations import Activation
from tui_initflow.theory.finite_width import Fluctuations, fluctuations
from tui_initflow.theory.laws import LayerLaw, Start, check_chain
from tui_initflow.theory.mean_field import backward, forward
from tui_initflow.theory.neuron import Neuron, OutOfRangeError
from tui_initflow.theory.quadrature import Array
from tui_initflow.theory.signal import Signal, log_mean_absolute

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
    """Mean |delta| at the points L0 ... L{L}, as common logarithms, and the pre-activations of layers 1 ... L.

    Where theory has no number there is NaN, and `reason` says why. Where `reliable` is false the finite-width
    numbers (median, decile band, sd) should not be drawn as if they were known, and `note` says why.
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


def predict(laws: Sequence[LayerLaw], activation: Activation, start: Start = "ones") -> Prediction:
    """Predict the gradient magnitude at every point of a network."""
    check_chain(laws)
    neurons, reason = _forward_until_failure(laws, activation)
    signals: list[Signal] = []
    if reason is None:
        signals, reason = _backward_until_failure(laws, neurons, start)
    depth = len(laws)

    log_mean = np.full(depth + 1, np.nan)
    log_mean[depth] = 0.0
    for layer, signal in zip(range(depth - 1, -1, -1), reversed(signals), strict=False):
        log_mean[layer] = log_mean_absolute(neurons[layer], signal)
    drift, sd = np.full(depth + 1, np.nan), np.full(depth + 1, np.nan)
    drift[depth] = sd[depth] = 0.0
    tail = 0.0
    if reason is None:
        finite = _finite_width(laws, neurons, signals)
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
    median = log_mean + drift
    return Prediction(
        q=_padded([neuron.variance for neuron in neurons], depth),
        m=_padded([neuron.mean for neuron in neurons], depth),
        log10_gradient=log_mean / _LN_10,
        log10_median=median / _LN_10,
        log10_p10=(median - _NORMAL_DECILE * sd) / _LN_10,
        log10_p90=(median + _NORMAL_DECILE * sd) / _LN_10,
        sd_ln=sd,
        reliable=reliable,
        reason=reason,
        note=note,
    )


def _forward_until_failure(laws: Sequence[LayerLaw], activation: Activation) -> tuple[list[Neuron], str | None]:
    neurons: list[Neuron] = []
    try:
        for neuron in forward(laws, activation):
            neurons.append(neuron)  # noqa: PERF402 - what came before a failure is kept
    except OutOfRangeError as error:
        return neurons, f"layer {len(neurons) + 1}: {error}"
    return neurons, None


def _backward_until_failure(
    laws: Sequence[LayerLaw], neurons: Sequence[Neuron], start: Start
) -> tuple[list[Signal], str | None]:
    signals: list[Signal] = []
    try:
        for signal in backward(laws, neurons, start):
            signals.append(signal)  # noqa: PERF402 - as above
    except OutOfRangeError as error:
        return signals[::-1], f"layer {len(laws) - len(signals) + 1}: {error}"
    return signals[::-1], None


def _finite_width(laws: Sequence[LayerLaw], neurons: Sequence[Neuron], signals: Sequence[Signal]) -> Fluctuations:
    # fourth powers of a saturated slope may leave double precision: then there is no finite-width number
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return fluctuations(laws, neurons, signals)


def _padded(values: Sequence[float], length: int) -> Array:
    padded = np.full(length, np.nan)
    padded[: len(values)] = values
    return padded
