"""Common claims about initialisers, each checked against the runs at hand, and the explanation these runs allow.

Nothing here is written down as true in advance: a statement comes with the numbers that decide it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.findings.intervals import log10_mean, verdict
from tui_initflow.findings.notation import factor, percent, plain, scientific
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS, Initialiser

MANY_SATURATED = 0.3
"""Share of saturated neurons from which saturation is named as the cause."""
SATURATING = frozenset({"tanh", "sigmoid", "softsign"})
"""Flat at both ends: only of these can saturation be a matter of weights too large."""
UNIT_SLOPE = frozenset({"tanh", "softsign", "identity"})
"""f'(z) is close to 1 wherever z is small, so that a step back is about sigma_w."""
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


@dataclass(frozen=True, slots=True)
class Portrait:
    """The few numbers of a method that explanations are made of.

    `sigma_w` is the geometric mean over the hidden layers, `dead` the share of runs in which the gradient at the
    first layer is exactly zero, `log10_step` the mean log10 factor by which one backward step multiplies the
    gradient; None at depth 1.
    """

    name: str
    initialiser: Initialiser
    log10_final: float
    log10_step: float | None
    sigma_w: float
    weight_mean: float
    saturated: float
    largest_mean_abs: float
    dead: float
    count: int

    @property
    def step_text(self) -> str:
        return "?" if self.log10_step is None else plain(self.log10_step)


def portraits(results: Results) -> tuple[Portrait, Portrait]:
    experiment = results.experiment
    a, b = (
        _portrait(name, initialiser, result, experiment)
        for name, initialiser, result in zip(
            experiment.labels, experiment.initialisers, (results.a, results.b), strict=True
        )
    )
    return a, b


def _portrait(name: str, initialiser: Initialiser, result: MethodResult, experiment: Experiment) -> Portrait:
    passed = experiment.shapes[1:] or ((experiment.neurons, experiment.neurons),)
    log10_sigmas = [math.log10(initialiser.sigma_w2(shape)) / 2 for shape in passed]
    gradient = result.log10_gradient
    layers = gradient.shape[1] - 1
    step = None
    if layers > 1:
        with np.errstate(invalid="ignore"):
            step = float(np.mean(gradient[:, 0] - gradient[:, layers - 1])) / (layers - 1)
    z = result.preactivation
    return Portrait(
        name=name,
        initialiser=initialiser,
        log10_final=float(np.mean(result.log10_final)),
        log10_step=step,
        sigma_w=10 ** (sum(log10_sigmas) / len(passed)),
        weight_mean=initialiser.mean(passed[-1]),
        saturated=float(np.mean(z.saturated)),
        largest_mean_abs=float(np.max(z.mean_abs)),
        dead=float(np.mean(np.isneginf(result.log10_final))),
        count=int(np.sum(z.count)),
    )


def claims(results: Results) -> tuple[Claim, ...]:
    """The claims that apply to this comparison, checked."""
    a, b = portraits(results)
    found = [_wins(results, a, b), _saturation(a, b), _spread(results, a, b)]
    if results.experiment.activation in UNIT_SLOPE and results.experiment.widths is None:
        found += [_step(each) for each in (a, b) if each.log10_step is not None and not each.weight_mean]
    if results.experiment.activation in SATURATING:
        found += [_mean(method) for method in (a, b) if method.weight_mean]
    found += [_torch_default(method, results) for method in (a, b) if method.initialiser.name == "uniform"]
    if _same_variance(a, b):
        found.append(_shape(results, a, b))
    else:
        found.append(_depth(results, a, b))
    found.append(_average(results))
    return tuple(found)


def _wins(results: Results, a: Portrait, b: Portrait) -> Claim:
    found = verdict(results.log10_ratio)
    measured = f"{b.name}/{a.name} {factor(found.log10_factor)} over {_runs(results)}"
    if found.interval is None:
        return Claim(f"{b.name} beats {a.name}", f"{measured}; one run decides nothing", None)
    measured += f", 95% interval {factor(found.interval.low)} to {factor(found.interval.high)}"
    return Claim(f"{b.name} beats {a.name}", measured, found.winner == "b")


def _saturation(a: Portrait, b: Portrait) -> Claim:
    pooled = (a.saturated + b.saturated) / 2
    error = math.sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / a.count + 1 / b.count))
    difference = a.saturated - b.saturated
    holds = None
    # neurons of one network are not independent: five standard errors, not two
    if abs(difference) > 5 * error:
        holds = difference > 0
    elif max(a.saturated, b.saturated) < 0.01:
        holds = False
    return Claim(
        f"{a.name} pushes more neurons into saturation than {b.name}",
        f"saturated, |f'(z)| < 0.1: {a.name} {percent(a.saturated)}, {b.name} {percent(b.saturated)}",
        holds,
    )


def _spread(results: Results, a: Portrait, b: Portrait) -> Claim:
    first, second = results.a.preactivation.std, results.b.preactivation.std
    wider = float(np.mean(first > second))
    clear = float(np.mean(np.abs(first - second) > 0.05 * np.maximum(first, second)))
    last = len(first) - 1
    layers = "layer 1" if last == 0 else f"layers 1 and {last + 1}"
    return Claim(
        f"{a.name}'s pre-activations have the higher variance",
        f"standard deviation in {layers}: {a.name} {_pair(first)}, {b.name} {_pair(second)}",
        wider > 0.5 if clear > 0.5 else None,
    )


def _pair(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    ends = values[:1] if len(values) == 1 else values[[0, -1]]
    return " and ".join(f"{value:.3g}" for value in ends)


def _step(method: Portrait) -> Claim:
    assert method.log10_step is not None
    sigma = plain(math.log10(method.sigma_w))
    close = abs(method.log10_step - math.log10(method.sigma_w)) < math.log10(1 + SAME)
    return Claim(
        f"{method.name}: each backward step multiplies the gradient by about σ_w = sqrt(fan_in Var w) = {sigma}",
        f"measured {method.step_text} per step",
        close if math.isfinite(method.log10_step) else None,
    )


def _mean(method: Portrait) -> Claim:
    return Claim(
        f"{method.name}: weights with a mean other than zero drive the neurons into saturation",
        f"|z| averages up to {method.largest_mean_abs:.3g}, {percent(method.saturated)} of neurons saturated",
        method.saturated > MANY_SATURATED,
    )


def _torch_default(method: Portrait, results: Results) -> Claim:
    hidden = results.experiment.shapes[-1]
    bound = method.initialiser.bound(hidden) * math.sqrt(hidden[1])
    return Claim(
        f"{method.name} is what PyTorch's nn.Linear draws by default, U(±1/sqrt(fan_in)), on square layers",
        f"bound x sqrt(fan_in) = {bound:.3f}, fan_in Var w = {method.initialiser.sigma_w2(hidden):.3f}",
        method.initialiser.draws_as(INITIALISERS["torch-linear"], hidden),
    )


def _same_variance(a: Portrait, b: Portrait) -> bool:
    return math.isclose(a.sigma_w, b.sigma_w) and not a.weight_mean and not b.weight_mean


def _shape(results: Results, a: Portrait, b: Portrait) -> Claim:
    found = verdict(results.log10_ratio)
    close = abs(found.log10_factor) < math.log10(1 + SAME)
    return Claim(
        "With equal variance the shape of the distribution hardly matters",
        f"σ_w = {plain(math.log10(a.sigma_w))} for both; {b.name}/{a.name} {factor(found.log10_factor)}",
        None if found.interval is None else found.winner is None or close,
    )


def _depth(results: Results, a: Portrait, b: Portrait) -> Claim:
    ratio = results.b.log10_gradient - results.a.log10_gradient
    layers = ratio.shape[1] - 1
    if layers == 1:
        found = verdict(results.log10_ratio)
        return Claim(
            f"At depth 1 {b.name} has the smaller gradient",
            f"{b.name}/{a.name} {factor(found.log10_factor)}",
            None if found.winner is None or found.interval is None else found.winner == "a",
        )
    first, last = float(np.mean(ratio[:, 0])), float(np.mean(ratio[:, layers - 1]))
    return Claim(
        "The gap is made by depth: one layer alone makes little of it",
        f"{b.name}/{a.name} {factor(last)} at L{layers - 1}, one layer deep; {factor(first)} at L0",
        abs(last) < LITTLE if abs(first) > 2 * LITTLE else None,
    )


def _average(results: Results) -> Claim:
    ratio = results.log10_ratio
    geometric, arithmetic = float(np.mean(ratio)), log10_mean(ratio)
    return Claim(
        "Averaging the ratios of the runs gives the factor between the methods",
        f"average of the ratios {factor(arithmetic)}, geometric mean {factor(geometric)}",
        None
        if len(ratio) < 5 or not math.isfinite(arithmetic - geometric)
        else arithmetic - geometric < math.log10(1.02),
    )


def _runs(results: Results) -> str:
    return "1 run" if results.runs == 1 else f"{results.runs:,} runs"


def explanation(results: Results) -> str:
    """What happened and why, in a few sentences made of the measured numbers."""
    a, b = portraits(results)
    found = verdict(results.log10_ratio)
    if found.winner is None and found.interval is not None:
        opening = f"{a.name} and {b.name} do not differ significantly over {_runs(results)}."
        if _same_variance(a, b):
            opening += " Their weights have the same variance: that decides, not the shape of the distribution."
        return f"{opening} {_fate(a, results)} {_fate(b, results)}"
    loser, winner = (b, a) if found.log10_factor < 0 else (a, b)
    return f"{_fate(loser, results)} {_fate(winner, results)}"


def _fate(method: Portrait, results: Results) -> str:
    """One method's gradient and its cause."""
    layers = results.experiment.layers
    if method.log10_step is None:
        return (
            f"{method.name}: at one layer the gradient is just the mean of f'(z), "
            f"{scientific(method.log10_final)}, with {percent(method.saturated)} of the neurons saturated."
        )
    if not math.isfinite(method.log10_step):
        return f"{method.name}: the gradient reaches the first layer as an exact zero in at least one run."
    steps = "the one backward step" if layers == 2 else f"each of {layers - 1} backward steps"
    arrives = f"so {scientific(method.log10_final)} arrives at the first layer"
    each = f"{method.name}'s gradient is multiplied by {method.step_text} at {steps}, {arrives}."
    return f"{each} {_cause(method, results)}"


def _cause(method: Portrait, results: Results) -> str:
    assert method.log10_step is not None
    step = 10**method.log10_step
    sigma = plain(math.log10(method.sigma_w))
    saturated = percent(method.saturated)
    if method.saturated > MANY_SATURATED and results.experiment.activation in SATURATING:
        source = "Its weights do not average zero, so" if method.weight_mean else "Its weights are so large that"
        return f"{source} |z| averages up to {method.largest_mean_abs:.3g}: {saturated} of neurons saturated."
    if step > 1 + SAME:
        return f"It grows: σ_w = {sigma} is more than the activation takes away."
    if step > 1 - SAME:
        return f"That is close to 1: σ_w = {sigma}, and {saturated} of neurons saturated."
    if method.sigma_w < 1 - SAME and results.experiment.activation in SATURATING:
        return f"Its weights are too small: σ_w = {sigma}. Saturation is not the cause: {saturated} of neurons."
    if method.weight_mean:
        return (
            f"Its weights do not average zero; they are spread by σ_w = {sigma}. {saturated} of neurons saturated."
        )
    slope = plain(method.log10_step - math.log10(method.sigma_w))
    name = ACTIVATIONS[results.experiment.activation].name
    return f"The slope of {name} costs a factor of {slope} at σ_w = {sigma}; {saturated} of neurons saturated."
