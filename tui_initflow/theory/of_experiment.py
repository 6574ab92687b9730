"""From the settings of an experiment to what theory says of its two methods."""

from __future__ import annotations

import math
from typing import Literal

from tui_initflow.functions.curvature import theory_activation
from tui_initflow.model.distributions import Orthogonal
from tui_initflow.model.experiment import Experiment, SettingError
from tui_initflow.model.initialisers import Initialiser, Shape
from tui_initflow.theory.budget import DepthBudget, depth_budget
from tui_initflow.theory.laws import LayerLaw, Start
from tui_initflow.theory.phase import CriticalGain, Phase, critical_gain, phase_of
from tui_initflow.theory.prediction import Prediction, predict

Side = Literal["a", "b"]


def initialiser_of(experiment: Experiment, side: Side) -> Initialiser:
    a, b = experiment.initialisers
    return a if side == "a" else b


def start_of(experiment: Experiment) -> Start:
    return "ones" if experiment.start == "ones" else "signs"


def law_of(initialiser: Initialiser, shape: Shape, sigma_b: float) -> LayerLaw:
    """What theory needs to know of an initialiser on one layer."""
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


def laws_of(experiment: Experiment, side: Side) -> tuple[LayerLaw, ...]:
    """The laws of layers 1 … L."""
    initialiser = initialiser_of(experiment, side)
    return tuple(law_of(initialiser, shape, experiment.sigma_b) for shape in experiment.shapes)


def predicted(experiment: Experiment, side: Side) -> Prediction:
    """The gradient at every point, at infinite and at finite width."""
    return predict(laws_of(experiment, side), theory_activation(experiment.activation), start_of(experiment))


def hidden_width(experiment: Experiment) -> int:
    """Of the layers that a deeper network would have more of."""
    return experiment.sizes[-2] if experiment.layers > 1 else experiment.neurons


def hidden_law(experiment: Experiment, side: Side) -> LayerLaw:
    """The law of one more hidden layer: what chi and the phase are those of."""
    width = hidden_width(experiment)
    return law_of(initialiser_of(experiment, side), (width, width), experiment.sigma_b)


def phase_of_method(experiment: Experiment, side: Side) -> Phase:
    return phase_of(hidden_law(experiment, side), theory_activation(experiment.activation))


def budget_of(experiment: Experiment, side: Side, threshold: float) -> DepthBudget:
    """How deep networks of the first layer and any number of hidden ones may be."""
    hidden = hidden_law(experiment, side)
    initialiser = initialiser_of(experiment, side)
    first = law_of(initialiser, (hidden.fan_in, experiment.features), experiment.sigma_b)
    activation = theory_activation(experiment.activation)
    return depth_budget(first, hidden, activation, start_of(experiment), threshold)


def critical_gain_of(experiment: Experiment, side: Side) -> tuple[float, CriticalGain]:
    """The gain that puts this initialiser on the edge of chaos, and what theory says of that edge.

    Raises:
        SettingError: there is none: the weights have a mean, or variance zero.
    """
    law = hidden_law(experiment.with_(**{f"gain_{side}": 1.0}), side)
    if law.mean or not law.variance:
        name = initialiser_of(experiment, side).name
        raise SettingError(f"gain_{side}", f"{name} has no critical gain", "weights have to have mean zero")
    found = critical_gain(theory_activation(experiment.activation), experiment.sigma_b**2)
    return found.gain / math.sqrt(law.sigma_w2), found
