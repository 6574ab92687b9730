"""What to do about one method's gradient: a sentence of measured numbers and theory, and a line of PyTorch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tui_initflow.findings.claims import MANY_FLAT
from tui_initflow.findings.notation import factor, percent, plain, scientific
from tui_initflow.findings.pytorch import pytorch_line
from tui_initflow.findings.summary import MethodSummary
from tui_initflow.findings.wording import trainable_depth
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory.outlook import Outlook

PRESERVED = math.log10(1.05)
"""A step within 5 % of 1 preserves the gradient, as a logarithm."""
CLOSE = 0.02
"""Relative difference up to which a gain is the recommended one."""


@dataclass(frozen=True, slots=True)
class Advice:
    """`gain` is the one in `pytorch`: the recommended one, or the method's own where none is better."""

    sentence: str
    gain: float
    pytorch: str


def advise(experiment: Experiment, method: MethodSummary, outlook: Outlook) -> Advice:
    """Advice for one method of the experiment."""
    initialiser = method.method.initialiser
    better = initialiser.gain if _is_recommended(initialiser.gain, outlook) else outlook.better_gain
    gain = initialiser.gain if better is None else better
    if method.dead:
        parts = [_dead(experiment, method)]
    else:
        is_critical = outlook.is_stable and gain == initialiser.gain
        parts = [
            _measured(experiment, method, is_critical),
            _remedy(experiment, method, outlook),
            trainable_depth(experiment, outlook),
        ]
    sentence = "; ".join(part for part in parts if part)
    return Advice(f"{method.name}: {sentence}.", gain, pytorch_line(initialiser.with_gain(gain)))


def _is_recommended(gain: float, outlook: Outlook) -> bool:
    return outlook.better_gain is not None and abs(outlook.better_gain / gain - 1.0) < CLOSE


def _dead(experiment: Experiment, method: MethodSummary) -> str:
    return (
        f"in {percent(method.dead)} of the runs no gradient reaches the first layer, because all units of some layer "
        f"are off; widen the layers (the narrowest has {min(experiment.network.widths)}) or use an activation that is "
        "nowhere flat"
    )


def _measured(experiment: Experiment, method: MethodSummary, is_critical: bool) -> str:
    layers = "1 layer leaves" if experiment.layers == 1 else f"{experiment.layers:,} layers leave"
    left = f"{layers} {scientific(method.final, 1)} (geometric mean)"
    step = method.log10_step
    if step is None or not math.isfinite(step):
        return left
    if abs(step) < PRESERVED:
        return f"the gradient is preserved, {plain(step)} per layer; {left}"
    if step > 0:
        return f"the gradient grows {factor(step)} per layer, {left}: the weights are too large"
    if is_critical:
        return f"the gradient falls {factor(-step)} per layer, {left}: slowly, and ever slower with depth"
    return f"the gradient falls {factor(-step)} per layer, {left}: {_cause(experiment, method)}"


def _cause(experiment: Experiment, method: MethodSummary) -> str:
    saturates = experiment.network.activation.flat == "both sides" and method.flat > MANY_FLAT
    if saturates and method.weight_mean:
        return f"the weights have a non-zero mean, which saturates {percent(method.flat)} of the neurons"
    if saturates:
        return f"the weights are so large that {percent(method.flat)} of the neurons saturate"
    if method.weight_mean:
        return "the mean and the spread of the weights are together too small"
    return f"the weights are too small, σ_w = {method.sigma_w:.3g}, and saturation is not the cause"


def _remedy(experiment: Experiment, method: MethodSummary, outlook: Outlook) -> str:
    if outlook.better_gain is None:
        return "no gain preserves it" if outlook.critical_gain is None else ""
    if _is_recommended(method.method.initialiser.gain, outlook):
        return "its gain is the one on the edge of chaos" if outlook.is_stable else "its gain is right"
    if outlook.is_stable:
        return f"gain {outlook.better_gain:.3g} puts it on the edge of chaos"
    return (
        f"no gain suits {experiment.activation} at every depth, gain {outlook.better_gain:.3g} preserves the gradient "
        "at this one"
    )
