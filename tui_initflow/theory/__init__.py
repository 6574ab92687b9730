"""What mean-field theory predicts for a network before any of it is drawn.

Pure functions on numbers and arrays: numpy and the standard library, no simulation, no drawing. `predict` gives
the gradient at every point of a network with the band that finite width puts around it, `phase` where an
initialiser and an activation stand between order and chaos, `critical_gain` the gain that stands on the edge.
"""

from tui_initflow.functions.curvature import THEORY_NAMES, TheoryActivation, theory_activation
from tui_initflow.theory.budget import DepthBudget, depth_budget, holding_gain
from tui_initflow.theory.laws import (
    TRUNCATED_NORMAL_EXCESS_KURTOSIS,
    UNIFORM_EXCESS_KURTOSIS,
    LayerLaw,
    Start,
    network_laws,
)
from tui_initflow.theory.phase import CriticalGain, Phase, critical_gain, phase, phase_of
from tui_initflow.theory.prediction import Prediction, predict

__all__ = [
    "THEORY_NAMES",
    "TRUNCATED_NORMAL_EXCESS_KURTOSIS",
    "UNIFORM_EXCESS_KURTOSIS",
    "CriticalGain",
    "DepthBudget",
    "LayerLaw",
    "Phase",
    "Prediction",
    "Start",
    "TheoryActivation",
    "critical_gain",
    "depth_budget",
    "holding_gain",
    "network_laws",
    "phase",
    "phase_of",
    "predict",
    "theory_activation",
]
