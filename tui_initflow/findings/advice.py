"""What happened to each method's gradient, why, and what to do about it, in sentences made of the measured numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tui_initflow.findings.notation import counted, percent, plain, scientific
from tui_initflow.findings.remedies import chosen
from tui_initflow.findings.snippets import pytorch_line
from tui_initflow.findings.status import status
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.findings.wording import GEOMETRIC_MEAN, lost_elements
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory.outlook import Outlook

SAME = 0.1
"""Relative difference up to which two factors count as about the same."""
MANY_FLAT = 0.3
"""Share of saturated neurons from which saturation is named as the cause."""
CLOSE = 0.02
"""Relative difference up to which a gain is the recommended one."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do (`remedy`), the same after what happened and why (`sentences`), and the gain in PyTorch.

    `gain` is the recommended one, or the method's own where none is better; `pytorch` draws with it.
    """

    sentences: str
    remedy: str
    gain: float
    pytorch: str


def advise(experiment: Experiment, method: MethodSummary, outlook: Outlook) -> Advice:
    """Advice for one method of the experiment: what has been tried and helps, or that nothing has to be done."""
    initialiser = method.method.initialiser
    virtue = _virtue(method, outlook)
    is_well = status(method.final) == "healthy"
    found = None if virtue and is_well else chosen(experiment, method, outlook)
    sayings = [virtue]
    if found is not None:
        remedy, after = found
        initialiser = remedy.initialiser
        outcome = (
            "not tried here, because it would take long"
            if after is None
            else f"tried, {scientific(after)} is left at L0"
        )
        sayings.append(f"{remedy.words}: {outcome}")
    elif not virtue:
        kept = "the gradient is healthy at this depth" if is_well else "nothing that was tried brings the gradient back"
        sayings.append(kept)
    remedy_words = "; ".join(saying for saying in sayings if saying)
    sentences = f"{account(experiment, method)} {remedy_words[0].upper()}{remedy_words[1:]}."
    return Advice(sentences, remedy_words, initialiser.gain, pytorch_line(initialiser))


def _virtue(method: MethodSummary, outlook: Outlook) -> str:
    """What is good about the method already; empty if nothing is."""
    block, is_well = method.method.block, status(method.final) == "healthy"
    if not block.is_plain:
        return f"its {'skips keep' if block.has_skips else 'norm keeps'} the gradient healthy at this depth" * is_well
    better = outlook.better_gain
    if method.dead or better is None or not abs(better / method.method.initialiser.gain - 1.0) < CLOSE:
        return ""
    if outlook.is_stable:
        return "its gain is on the edge of chaos already"
    # theory of wide layers is no promise for these
    return "its gain preserves the gradient at this depth already" * is_well


def explanation(summary: Summary) -> tuple[str, ...]:
    """Paragraphs: that neither gradient is larger, if so, then an account of each, the smaller first."""
    a, b = summary.methods
    accounts = tuple(account(summary.experiment, method) for method in summary.methods)
    if summary.verdict.larger is not None or summary.verdict.interval is None:
        return accounts[::-1] if summary.verdict.log10_factor < 0 else accounts
    opening = f"{a.name} and {b.name} do not differ significantly over {counted(summary.runs, 'run')}."
    if summary.experiment.has_same_variance:
        opening += " Their weights have the same variance; the shape of the distribution shows no effect."
    return (opening, *accounts)


def account(experiment: Experiment, method: MethodSummary) -> str:
    """One method's gradient, and what of it a number format loses, if the experiment has one."""
    lost = "" if method.elements is None else f" {lost_elements(method.elements)}"
    return f"{_gradient(experiment, method)}{lost}"


def _gradient(experiment: Experiment, method: MethodSummary) -> str:
    """The factor of a backward step, what reaches the first layer, and the cause.

    With skips or norms, only what reaches the first layer: steps are not alike, and their cause is not in the weights.
    """
    is_plain = method.method.block.is_plain
    if method.dead:
        cause = f", because all neurons of some layer are {experiment.network.activation.flat_word}" * is_plain
        return f"{method.name}: in {percent(method.dead)} of runs no gradient reaches the first layer{cause}."
    if not is_plain:
        return f"{method.name}: {scientific(method.final)} reaches the first layer ({GEOMETRIC_MEAN})."
    if method.log10_step is None:
        return (
            f"{method.name}: with a single layer, the gradient is the mean of f'(z), {scientific(method.final)} "
            f"({GEOMETRIC_MEAN}), and {_flat_share(experiment, method)}."
        )
    steps = experiment.layers - 1
    which = "the backward step" if steps == 1 else f"each of {steps:,} backward steps"
    return (
        f"{method.name}: {which} multiplies the gradient by {plain(method.log10_step)}, so that "
        f"{scientific(method.final)} reaches the first layer ({GEOMETRIC_MEAN}s). "
        f"{_cause(experiment, method, method.log10_step)}."
    )


def _cause(experiment: Experiment, method: MethodSummary, log10_step: float) -> str:
    """Why a backward step multiplies by what it does; never a cause that the numbers beside it contradict."""
    activation = experiment.network.activation
    flat = _flat_share(experiment, method)
    factors = sigma = f"σ_w = {plain(math.log10(method.sigma_w))}"
    if activation.flat != "nowhere":
        slope = plain(log10_step - math.log10(method.sigma_w))
        factors = f"{sigma} times an effective slope f'(z) of {slope}; {flat}"
    if abs(log10_step) < math.log10(1 + SAME) and status(method.final) == "healthy":
        return "The gradient is preserved" if method.weight_mean else f"The gradient is preserved: {factors}"
    if log10_step > 0:
        if method.weight_mean:
            width = experiment.network.hidden_width
            return f"The non-zero mean of the weights adds up over the {width} neurons of a layer"
        return f"The weights are too large: {factors}"
    if activation.flat == "both sides" and method.flat > MANY_FLAT:
        source = "The non-zero mean of the weights drives" if method.weight_mean else f"Weights with {sigma} drive"
        return f"{source} mean |z| up to {method.largest_z:.3g}, where {flat}"
    if method.weight_mean:
        return f"The weights are too small, mean and spread together ({sigma}); {flat}"
    if method.sigma_w < 1 - SAME:
        if activation.flat == "both sides":
            factors = f"{sigma}. Saturation is not the cause: {flat}"
        return f"The weights are too small: {factors}"
    return f"The factor is {factors}"


def _flat_share(experiment: Experiment, method: MethodSummary) -> str:
    return f"{percent(method.flat)} of neurons are {experiment.network.activation.flat_word}"
