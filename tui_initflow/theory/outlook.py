"""What theory says of an experiment: the way in, from settings to predictions, phases and gains."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tui_initflow.engine.pool import Cancelled, Checkpoint, Stop, in_order, unstopped
from tui_initflow.engine.processors import available_processors
from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import PLAIN
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import Initialiser, Orthogonal, Shape
from tui_initflow.model.network import OutputGradient
from tui_initflow.model.pair import SIDES, Pair, Side, flat
from tui_initflow.model.settings import CRITICAL, SettingError
from tui_initflow.theory.batch_norm import predict_batch_norm
from tui_initflow.theory.blocks import predict_blocks
from tui_initflow.theory.mean_field import LayerLaw
from tui_initflow.theory.phase import CriticalGain, Phase, correlation_scale, critical_gain, phase_of
from tui_initflow.theory.prediction import (
    Prediction,
    TrainableDepth,
    no_prediction,
    predict,
    preserving_gain,
    trainable_depth,
)

SIGNS = "the sum of random signs, which differs from run to run, is multiplied by the weights' mean"
"""Why nothing is predicted: by sqrt(n), in a layer of any width n, so that wide layers are no limit to compute in."""
DEEPEST_SOLVED = 100
"""Most layers for which a gradient-preserving gain is solved for: every evaluation takes a millisecond a layer."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What theory says of one method: the prediction by layer, the phase, the trainable depth, and better gains.

    `critical_gain` makes chi = 1: at every depth if `is_stable`, else at q = 1 only. `preserving_gain` preserves the
    gradient at this depth. Either is None where there is none. Phase and trainable depth are None with skips or norms.
    """

    prediction: Prediction
    phase: Phase | None
    trainable_depth: TrainableDepth | None
    critical_gain: float | None
    is_stable: bool
    preserving_gain: float | None

    @property
    def better_gain(self) -> float | None:
        """The gain to recommend: the critical one if it is stable, else the one for this depth."""
        return self.critical_gain if self.is_stable else self.preserving_gain


@dataclass(frozen=True, slots=True)
class Theory:
    """What theory says of both methods of an experiment."""

    experiment: Experiment
    outlooks: Pair[Outlook]


def theory_of(experiment: Experiment, threshold: float, cancel: threading.Event | None = None) -> Theory:
    """The outlooks of both methods; takes 0.2 s for ten layers, 1 to 2 s for a thousand.

    Raises:
        Cancelled: `cancel` is set, within 50 ms.
    """
    stop = Stop(cancel)
    # samples are long arrays, whose operations run beside each other; the rest would wait for the interpreter's lock
    are_sampled = all(method.block != PLAIN for method in experiment.methods)
    threads = min(len(SIDES), available_processors()) if are_sampled else 1
    outlooks = dict(in_order(lambda side: _outlook(experiment, side, threshold, stop.checkpoint), SIDES, threads, stop))
    if len(outlooks) < len(SIDES):
        raise Cancelled
    return Theory(experiment, Pair(outlooks["a"], outlooks["b"]))


def outlook_of(experiment: Experiment, side: Side, threshold: float, cancel: threading.Event | None = None) -> Outlook:
    """What theory says of one method. A depth is trainable if at least `threshold` of the gradient passes it.

    Raises:
        Cancelled: `cancel` is set, within 50 ms.
    """
    return _outlook(experiment, side, threshold, Stop(cancel).checkpoint)


def _outlook(experiment: Experiment, side: Side, threshold: float, checkpoint: Checkpoint) -> Outlook:
    network, method, laws = experiment.network, experiment.methods[side], laws_of(experiment, side)
    initialiser = method.initialiser
    if network.start == "signs" and any(law.mean for law in laws):
        phase = phase_at(experiment, side, checkpoint)
        return Outlook(no_prediction(network.layers, SIGNS), phase, None, None, is_stable=False, preserving_gain=None)
    if method.block != PLAIN:
        if method.inputs > 1:
            prediction = predict_batch_norm(
                laws, network.activation, method.block, method.inputs, network.start, checkpoint
            )
        else:
            prediction = predict_blocks(laws, network.activation, method.block, network.start, checkpoint)
        return Outlook(prediction, None, None, critical_gain=None, is_stable=False, preserving_gain=None)
    hidden = hidden_law(experiment, side)
    first = layer_law(initialiser, (hidden.fan_in, network.features), network.sigma_b)
    critical: float | None = None
    is_stable, factor = False, None
    try:
        critical, at_chi_1 = critical_gain_of(experiment, side)
    except SettingError:
        pass
    else:
        is_stable = at_chi_1.stable
        if network.layers <= DEEPEST_SOLVED:
            factor = _preserving_gain(laws, network.activation, network.start, _Look(checkpoint))
    return Outlook(
        prediction=predict(laws, network.activation, network.start, checkpoint),
        phase=phase_at(experiment, side, checkpoint),
        trainable_depth=_trainable_depth(
            first, hidden, network.activation, network.start, threshold, _Look(checkpoint)
        ),
        critical_gain=critical,
        is_stable=is_stable,
        preserving_gain=None if factor is None else initialiser.gain * factor,
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """A look for a stop. All are equal, because no result depends on it: one found under another's is known."""

    checkpoint: Checkpoint = field(compare=False)


# both take most of the time, and neither depends on the runs, the seed or what else a user changes most
@lru_cache(maxsize=64)
def _trainable_depth(
    first: LayerLaw, hidden: LayerLaw, activation: Activation, start: OutputGradient, threshold: float, look: _Look
) -> TrainableDepth:
    return trainable_depth(first, hidden, activation, start, threshold, checkpoint=look.checkpoint)


@lru_cache(maxsize=64)
def _preserving_gain(
    laws: tuple[LayerLaw, ...], activation: Activation, start: OutputGradient, look: _Look
) -> float | None:
    return preserving_gain(laws, activation, start, checkpoint=look.checkpoint)


def phase_at(experiment: Experiment, side: Side, checkpoint: Checkpoint = unstopped) -> Phase | None:
    """The phase of one method; None with skips or norms, where none is known."""
    if experiment.methods[side].block != PLAIN:
        return None
    return phase_of(hidden_law(experiment, side), experiment.network.activation, checkpoint)


def correlation_scale_at(experiment: Experiment, side: Side) -> float | None:
    """How far one method's networks tell inputs apart, in layers; None with skips or norms, where it is not known."""
    if experiment.methods[side].block != PLAIN:
        return None
    return correlation_scale(hidden_law(experiment, side), experiment.network.activation)


def laws_of(experiment: Experiment, side: Side) -> tuple[LayerLaw, ...]:
    """The laws of layers 1 … L."""
    network, initialiser = experiment.network, experiment.methods[side].initialiser
    return tuple(layer_law(initialiser, shape, network.sigma_b) for shape in network.shapes)


def hidden_law(experiment: Experiment, side: Side) -> LayerLaw:
    """The law of one more hidden layer, which is what chi and the phase refer to."""
    width = experiment.network.hidden_width
    return layer_law(experiment.methods[side].initialiser, (width, width), experiment.sigma_b)


def layer_law(initialiser: Initialiser, shape: Shape, sigma_b: float = 0.0) -> LayerLaw:
    """The law of one layer's weights and biases."""
    fan_out, fan_in = shape
    return LayerLaw(
        fan_in=fan_in,
        fan_out=fan_out,
        variance=initialiser.variance(shape),
        mean=initialiser.mean(shape),
        bias_variance=sigma_b**2,
        orthogonal=isinstance(initialiser.distribution, Orthogonal),
        excess_kurtosis=initialiser.distribution.excess_kurtosis,
    )


def critical_gain_of(experiment: Experiment, side: Side) -> tuple[float, CriticalGain]:
    """The gain that puts this initialiser on the edge of chaos, and what theory says of that edge.

    Raises:
        SettingError: there is none, because the weights have a mean, or variance zero, or none is known.
    """
    if experiment.methods[side].block != PLAIN:
        raise SettingError(flat("gain", side), "no critical gain is known with skips or norms", "use a number")
    law = hidden_law(experiment.with_method(side, gain=1.0), side)
    if law.mean or not law.variance:
        name = experiment.methods[side].initialiser.name
        raise SettingError(flat("gain", side), f"{name} has no critical gain", "weights have to have mean zero")
    at_chi_1 = critical_gain(experiment.network.activation, experiment.sigma_b**2)
    return at_chi_1.gain / math.sqrt(law.sigma_w2), at_chi_1


def with_critical_gains(experiment: Experiment, settings: Mapping[str, Any]) -> Experiment:
    """A copy of the experiment with these settings, where a gain may be given as "critical".

    Raises:
        SettingError: a setting is not allowed, or there is no critical gain.
    """
    numbers = {name: value for name, value in settings.items() if value != CRITICAL}
    changed = experiment.with_(**numbers)
    gains = {
        name: critical_gain_of(changed, side)[0]
        for side in SIDES
        if settings.get(name := flat("gain", side)) == CRITICAL
    }
    return changed.with_(**gains)
