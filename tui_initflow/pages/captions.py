"""What the settings are called and what a sweep compares, in words."""

from __future__ import annotations

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.widths import widths_text

NAMES = {"layers": "Layers", "neurons": "Neurons", "features": "Features"}


def ratio_name(experiment: Experiment) -> str:
    a, b = experiment.labels
    return f"{b}/{a}"


def sweep_caption(experiment: Experiment, over: str, first: int, last: int) -> str:
    """What is fixed, what varies and which side is whose."""
    fixed = " and ".join(f"{NAMES[name]}={getattr(experiment, name)}" for name in NAMES if name != over)
    if experiment.widths is not None:
        fixed = f"Widths {widths_text(experiment.widths).partition('-')[2]}"
    return f"{fixed}, {NAMES[over]} from {first} to {last}; above 1x {experiment.labels[1]} wins"


def network_text(experiment: Experiment) -> str:
    """The settings of an experiment in one short line."""
    a, b = experiment.labels
    shape = f"{experiment.features}-{experiment.neurons}x{experiment.layers}"
    if experiment.widths is not None:
        shape = widths_text(experiment.widths)
    return f"{a} vs {b}, {shape}, {experiment.activation}"
