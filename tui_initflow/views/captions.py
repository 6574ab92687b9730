"""What the settings are called and what a sweep compares, in words."""

from __future__ import annotations

from tui_initflow.engine.experiment import Experiment
from tui_initflow.engine.initialisers import INITIALISERS

NAMES = {"layers": "Layers", "neurons": "Neurons", "features": "Features"}


def ratio_name(experiment: Experiment) -> str:
    return f"{INITIALISERS[experiment.b].short}/{INITIALISERS[experiment.a].short}"


def sweep_caption(experiment: Experiment, over: str, first: int, last: int) -> str:
    """What is fixed, what varies and which side is whose."""
    fixed = " and ".join(f"{NAMES[name]}={getattr(experiment, name)}" for name in NAMES if name != over)
    return f"{fixed}, {NAMES[over]} from {first} to {last}; above 1x {INITIALISERS[experiment.b].short} wins"
