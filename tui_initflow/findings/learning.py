"""What training showed: how each method learned, in words made of the measured numbers."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from tui_initflow.findings.notation import counted, percent
from tui_initflow.model.experiment import Method
from tui_initflow.model.training import OPTIMISER_TITLES
from tui_initflow.training.results import MethodTraining, TrainingResult

BEYOND_CHANCE = 2.0
"""A run has learned something if it is right this many times as often as chance is."""


def verdict(result: TrainingResult) -> tuple[str, str]:
    """A sentence for each method: Normal learns the digits in 500 steps of SGD at rate 0.1: 97% …"""
    methods = result.experiment.methods
    return (_sentence(result, methods.a, result.a), _sentence(result, methods.b, result.b))


def _sentence(result: TrainingResult, method: Method, training: MethodTraining) -> str:
    accuracy = statistics.median(training.final_accuracy)
    steps = f"{counted(result.steps_done, 'step')} of {OPTIMISER_TITLES[result.settings.optimizer]}"
    reached = f"{percent(accuracy)} of the test rows are classified correctly (chance {percent(training.chance)})"
    if accuracy < BEYOND_CHANCE * training.chance:
        rates = "any rate tried" if training.search else f"rate {training.rate:g}"
        text = f"{method.label} has not learned in {steps} at {rates}: {reached}"
    else:
        text = f"{method.label} learns in {steps} at rate {training.rate:g}: {reached}, {_to_90(training.steps_to_90)}"
    diverged = sum(at is not None for at in training.diverged_at)
    return f"{text}; {diverged} of {counted(len(training.diverged_at), 'run')} diverged." if diverged else f"{text}."


def _to_90(steps: Sequence[int | None]) -> str:
    """90% after 49 steps (40 to 49)."""
    known = sorted(at for at in steps if at is not None)
    if not known:
        return "no run reaches 90%"
    middle, ends = statistics.median(known), f" ({known[0]:,} to {known[-1]:,})" if len(known) > 1 else ""
    few = "" if len(known) == len(steps) else f" in {len(known)} of {len(steps)} runs"
    return f"90% after {middle:,.0f} steps{ends}{few}"
