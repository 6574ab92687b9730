"""What to do about one method's gradient: a sentence made of measured numbers and theory, and a line of PyTorch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tui_initflow.findings.claims import MANY_SATURATED, SATURATING, Portrait
from tui_initflow.findings.notation import factor, percent, plain, scientific
from tui_initflow.findings.torch_line import torch_line
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory.of_experiment import hidden_width
from tui_initflow.theory.outlook import Report

HOLDS = math.log10(1.05)
"""A step within 5 % of 1 holds the gradient, as a logarithm."""
CLOSE = 0.02
"""Relative difference up to which a gain is the recommended one."""


@dataclass(frozen=True, slots=True)
class Advice:
    """`gain` is the one `torch_line` has: the recommended one, or the method's own where none is better."""

    sentence: str
    gain: float
    torch_line: str


def advise(experiment: Experiment, portrait: Portrait, report: Report) -> Advice:
    own = portrait.initialiser.gain
    gain = _better_gain(report)
    better = own if gain is None or abs(gain / own - 1.0) < CLOSE else gain
    if portrait.dead:
        parts = [_dead(experiment, portrait)]
    else:
        is_critical = report.critical_holds and better == own
        parts = [
            _measured(experiment, portrait, is_critical),
            _remedy(experiment, report, own, gain),
            _depth(experiment, report),
        ]
    sentence = "; ".join(part for part in parts if part)
    return Advice(f"{portrait.name}: {sentence}.", better, torch_line(portrait.initialiser.with_gain(better)))


def _better_gain(report: Report) -> float | None:
    return report.critical_gain if report.critical_holds else report.holding_gain


def _dead(experiment: Experiment, portrait: Portrait) -> str:
    share = percent(portrait.dead)
    return (
        f"in {share} of the runs no gradient at all reaches the first layer, some layer has dead units only; "
        f"wider layers help (the narrowest has {min(experiment.sizes[1:])}), or an activation that is nowhere flat"
    )


def _measured(experiment: Experiment, portrait: Portrait, is_critical: bool) -> str:
    layers = "1 layer leaves" if experiment.layers == 1 else f"{experiment.layers} layers leave"
    left = f"{layers} {scientific(portrait.log10_final, 1)}"
    step = portrait.log10_step
    if step is None or not math.isfinite(step):
        return left
    if abs(step) < HOLDS:
        return f"the gradient holds, {plain(step)} a layer; {left}"
    if step > 0:
        return f"the gradient grows {factor(step)} a layer, {left}: the weights are too large"
    if is_critical:
        return f"the gradient falls {factor(-step)} a layer, {left}: slowly, and ever slower with depth"
    return f"the gradient falls {factor(-step)} a layer, {left}: {_cause(experiment, portrait)}"


def _cause(experiment: Experiment, portrait: Portrait) -> str:
    saturates = experiment.activation in SATURATING and portrait.saturated > MANY_SATURATED
    if saturates and portrait.weight_mean:
        return f"the weights' mean is not zero, which saturates {percent(portrait.saturated)} of the neurons"
    if saturates:
        return f"the weights are so large that {percent(portrait.saturated)} of the neurons saturate"
    if portrait.weight_mean:
        return "the mean and the spread of the weights are together too small"
    return f"the weights are too small, σ_w = {portrait.sigma_w:.3g}, and saturation is not the cause"


def _remedy(experiment: Experiment, report: Report, own: float, gain: float | None) -> str:
    if gain is None:
        return "no gain holds it" if report.critical_gain is None else ""
    if abs(gain / own - 1.0) < CLOSE:
        return "its gain is the one on the edge of chaos" if report.critical_holds else "its gain is right"
    if report.critical_holds:
        return f"gain {gain:.3g} puts it on the edge of chaos"
    return f"{experiment.activation} has no gain for all depths, gain {gain:.3g} holds it at this one"


def _depth(experiment: Experiment, report: Report) -> str:
    budget = report.budget
    passed = scientific(math.log10(budget.threshold), 0)
    depth = next((each for each in (budget.vanishing, budget.exploding) if each is not None), None)
    layers = f"{'' if depth is None else depth} layers of {hidden_width(experiment)}".strip()
    if budget.vanishing is not None:
        return f"no network passes {passed}" if not budget.vanishing else f"up to {layers} pass {passed}"
    if budget.exploding is not None:
        return f"beyond {layers} it exceeds {scientific(-math.log10(budget.threshold), 0)}"
    return f"1000 {layers} still pass {passed}"
