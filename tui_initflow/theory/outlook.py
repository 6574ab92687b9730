"""All that theory says of one method of an experiment, computed once."""

from __future__ import annotations

from dataclasses import dataclass

from tui_initflow.functions.curvature import theory_activation
from tui_initflow.model.experiment import Experiment, SettingError
from tui_initflow.theory.budget import DepthBudget, holding_gain
from tui_initflow.theory.of_experiment import (
    Side,
    budget_of,
    critical_gain_of,
    laws_of,
    phase_of_method,
    predicted,
    start_of,
)
from tui_initflow.theory.phase import Phase
from tui_initflow.theory.prediction import Prediction

THRESHOLD = 1e-3
"""The part of the gradient that a network has to pass to the first layer to count as trainable."""
DEEPEST_SOLVED = 100
"""The gain that holds a gradient is looked for up to this many layers: a step takes a millisecond a layer."""


@dataclass(frozen=True, slots=True)
class Report:
    """Prediction by layer, phase, deepest network, and the gains that would do better.

    `critical_gain` has chi = 1, at every depth where `critical_holds`; `holding_gain` keeps the gradient at this
    depth. Either is None where there is none.
    """

    prediction: Prediction
    phase: Phase
    budget: DepthBudget
    critical_gain: float | None
    critical_holds: bool
    holding_gain: float | None


def report_of(experiment: Experiment, side: Side, threshold: float = THRESHOLD) -> Report:
    """What theory says of method `side`; takes 0.1 s for ten layers, 1 s for a thousand."""
    gain, holds = None, False
    try:
        gain, found = critical_gain_of(experiment, side)
        holds = found.stable
    except SettingError:
        pass
    return Report(
        prediction=predicted(experiment, side),
        phase=phase_of_method(experiment, side),
        budget=budget_of(experiment, side, threshold),
        critical_gain=gain,
        critical_holds=holds,
        holding_gain=None if gain is None else _holding(experiment, side),
    )


def _holding(experiment: Experiment, side: Side) -> float | None:
    if experiment.layers > DEEPEST_SOLVED:
        return None
    activation = theory_activation(experiment.activation)
    factor = holding_gain(laws_of(experiment, side), activation, start_of(experiment))
    own = experiment.gain_a if side == "a" else experiment.gain_b
    return None if factor is None else own * factor
