"""Common claims about initialisers, each checked against the runs at hand, and the explanation these runs allow.

Nothing here is written down as true in advance: a statement comes with the numbers that decide it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tui_initflow.findings.intervals import Floats
from tui_initflow.findings.notation import counted, factor, percent, plain, scientific
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.findings.wording import factor_interval, ratio_name
from tui_initflow.model.initialisers import INITIALISERS

MANY_FLAT = 0.3
"""Share of saturated neurons from which saturation is named as the cause."""
LITTLE = math.log10(1.5)
"""A factor up to 1.5 either way is little, as a logarithm."""
SAME = 0.1
"""Relative difference up to which two factors count as about the same."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement, what was measured, and whether it holds: None where these runs do not decide it."""

    statement: str
    measured: str
    holds: bool | None


def claims(summary: Summary) -> tuple[Claim, ...]:
    """The claims that apply to this comparison, checked."""
    return tuple(_claims(summary))


def _claims(summary: Summary) -> Iterator[Claim]:
    activation = summary.experiment.network.activation
    yield _wins(summary)
    if activation.flat != "nowhere":
        yield _flat(summary)
    yield _spread(summary)
    for method in summary.methods:
        plain = activation.odd and summary.experiment.widths is None and not method.weight_mean
        if plain and method.log10_step is not None:
            yield _step(method, method.log10_step)
        if activation.flat == "both sides" and method.weight_mean:
            yield _mean(method)
        if method.method.initialiser.name == "uniform":
            yield _torch_default(summary, method)
    yield _shape(summary) if _same_variance(summary) else _depth(summary)
    yield _average(summary)


def _wins(summary: Summary) -> Claim:
    a, b = summary.methods
    verdict = summary.verdict
    measured = f"{_ratio(summary)} over {counted(summary.runs, 'run')}"
    if verdict.interval is None:
        return Claim(f"{b.name} beats {a.name}", f"{measured}; one run decides nothing", None)
    return Claim(f"{b.name} beats {a.name}", f"{measured}, {factor_interval(verdict.interval)}", verdict.winner == "b")


def _flat(summary: Summary) -> Claim:
    a, b = summary.methods
    word = summary.experiment.network.activation.flat_word
    counts = [int(np.sum(method.preactivation.count)) for method in summary.methods]
    pooled = (a.flat + b.flat) / 2
    error = math.sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / counts[0] + 1 / counts[1]))
    holds = None
    # neurons of one network are not independent: five standard errors, not two
    if abs(a.flat - b.flat) > 5 * error:
        holds = a.flat > b.flat
    elif max(a.flat, b.flat) < 0.01:
        holds = False
    pushes = "pushes more neurons into saturation" if word == "saturated" else "switches more neurons off"
    return Claim(
        f"{a.name} {pushes} than {b.name}",
        f"neurons {word}, |f'(z)| < 0.1: {a.name} {percent(a.flat)}, {b.name} {percent(b.flat)}",
        holds,
    )


def _spread(summary: Summary) -> Claim:
    a, b = summary.methods
    first, second = a.preactivation.std, b.preactivation.std
    wider = float(np.mean(first > second))
    clear = float(np.mean(np.abs(first - second) > 0.05 * np.maximum(first, second)))
    layers = "layer 1" if len(first) == 1 else f"layers 1 and {len(first)}"
    return Claim(
        f"{a.name}'s pre-activations have the higher variance",
        f"standard deviation in {layers}: {a.name} {_ends(first)}, {b.name} {_ends(second)}",
        wider > 0.5 if clear > 0.5 else None,
    )


def _ends(values: Floats) -> str:
    ends = values[:1] if len(values) == 1 else values[[0, -1]]
    return " and ".join(f"{value:.3g}" for value in ends)


def _step(method: MethodSummary, log10_step: float) -> Claim:
    log10_sigma = math.log10(method.sigma_w)
    close = abs(log10_step - log10_sigma) < math.log10(1 + SAME)
    return Claim(
        f"{method.name}: each backward step multiplies the gradient by about σ_w = sqrt(fan_in Var w) = "
        f"{plain(log10_sigma)}",
        f"{plain(log10_step)} per step, geometric mean",
        close if math.isfinite(log10_step) else None,
    )


def _mean(method: MethodSummary) -> Claim:
    return Claim(
        f"{method.name}: weights with a non-zero mean drive the neurons into saturation",
        f"mean |z| reaches {_largest_z(method)}, {percent(method.flat)} of neurons saturated",
        method.flat > MANY_FLAT,
    )


def _torch_default(summary: Summary, method: MethodSummary) -> Claim:
    hidden, initialiser = summary.experiment.network.shapes[-1], method.method.initialiser
    bound = initialiser.bound(hidden) * math.sqrt(hidden[1])
    return Claim(
        f"{method.name} is what PyTorch's nn.Linear draws by default, U(±1/sqrt(fan_in)), on square layers",
        f"bound × sqrt(fan_in) = {bound:.3f}, fan_in Var w = {initialiser.sigma_w2(hidden):.3f}",
        initialiser.draws_as(INITIALISERS["torch-linear"], hidden),
    )


def _same_variance(summary: Summary) -> bool:
    a, b = summary.methods
    return math.isclose(a.sigma_w, b.sigma_w) and not a.weight_mean and not b.weight_mean


def _shape(summary: Summary) -> Claim:
    verdict = summary.verdict
    close = abs(verdict.log10_factor) < math.log10(1 + SAME)
    return Claim(
        "With equal variance the shape of the distribution hardly matters",
        f"σ_w = {plain(math.log10(summary.methods.a.sigma_w))} for both; {_ratio(summary)}",
        None if verdict.interval is None else verdict.winner is None or close,
    )


def _depth(summary: Summary) -> Claim:
    a, b = summary.methods
    verdict, layers = summary.verdict, summary.experiment.layers
    if layers == 1:
        return Claim(
            f"At depth 1 {b.name} has the smaller gradient",
            _ratio(summary),
            None if verdict.winner is None or verdict.interval is None else verdict.winner == "a",
        )
    last = float(b.geometric_mean[layers - 1]) - float(a.geometric_mean[layers - 1])
    return Claim(
        "The gap is made by depth: one layer alone makes little of it",
        f"{ratio_name(summary.experiment)} {factor(last)} at L{layers - 1}, one layer deep; "
        f"{factor(verdict.log10_factor)} at L0",
        abs(last) < LITTLE if abs(verdict.log10_factor) > 2 * LITTLE else None,
    )


def _average(summary: Summary) -> Claim:
    geometric, arithmetic = summary.verdict.log10_factor, summary.log10_mean_ratio
    undecided = summary.runs < 5 or not math.isfinite(arithmetic - geometric)
    return Claim(
        "Averaging the ratios of the runs gives the factor between the methods",
        f"arithmetic mean of the ratios {factor(arithmetic)}, geometric mean {factor(geometric)}",
        None if undecided else arithmetic - geometric < math.log10(1.02),
    )


def _ratio(summary: Summary) -> str:
    return f"{ratio_name(summary.experiment)} {factor(summary.verdict.log10_factor)}"


def _largest_z(method: MethodSummary) -> str:
    return f"{float(np.max(method.preactivation.mean_abs)):.3g}"


def explanation(summary: Summary) -> str:
    """What happened and why, in a few sentences made of the measured numbers."""
    a, b = summary.methods
    verdict = summary.verdict
    if verdict.winner is None and verdict.interval is not None:
        opening = f"{a.name} and {b.name} do not differ significantly over {counted(summary.runs, 'run')}."
        if _same_variance(summary):
            opening += " Their weights have the same variance: that decides, not the shape of the distribution."
        return f"{opening} {_fate(summary, a)} {_fate(summary, b)}"
    loser, winner = (b, a) if verdict.log10_factor < 0 else (a, b)
    return f"{_fate(summary, loser)} {_fate(summary, winner)}"


def _fate(summary: Summary, method: MethodSummary) -> str:
    """One method's gradient and its cause."""
    layers = summary.experiment.layers
    flat = _flat_share(summary, method)
    if method.log10_step is None:
        return (
            f"{method.name}: with one layer the gradient is just the mean of f'(z), {scientific(method.final)}, "
            f"with {flat}."
        )
    if not math.isfinite(method.log10_step):
        return f"{method.name}: in at least one run the gradient at the first layer is exactly zero."
    steps = "the one backward step" if layers == 2 else f"each of {layers - 1} backward steps"
    step = plain(method.log10_step)
    return (
        f"{method.name}'s gradient is multiplied by {step} at {steps}, so {scientific(method.final)} reaches the "
        f"first layer. {_cause(summary, method, method.log10_step)}"
    )


def _cause(summary: Summary, method: MethodSummary, log10_step: float) -> str:
    activation = summary.experiment.network.activation
    step, sigma = 10**log10_step, plain(math.log10(method.sigma_w))
    flat = _flat_share(summary, method)
    if method.flat > MANY_FLAT and activation.flat == "both sides":
        source = "Its weights have a non-zero mean" if method.weight_mean else "Its weights are so large"
        joint = ", so" if method.weight_mean else " that"
        return f"{source}{joint} mean |z| reaches {_largest_z(method)}: {flat}."
    if step > 1 + SAME:
        return f"It grows: σ_w = {sigma} is more than the activation takes away."
    if step > 1 - SAME:
        return f"That is close to 1: σ_w = {sigma}, and {flat}."
    if method.sigma_w < 1 - SAME and activation.flat == "both sides":
        return f"Its weights are too small: σ_w = {sigma}. Saturation is not the cause: {flat}."
    if method.weight_mean:
        return f"Its weights have a non-zero mean and a spread of σ_w = {sigma}; {flat}."
    slope = plain(log10_step - math.log10(method.sigma_w))
    return f"The slope of {activation.name} costs a factor of {slope} at σ_w = {sigma}; {flat}."


def _flat_share(summary: Summary, method: MethodSummary) -> str:
    return f"{percent(method.flat)} of neurons {summary.experiment.network.activation.flat_word}"
