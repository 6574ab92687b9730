"""Common claims about initialisers, each checked against the runs at hand.

Nothing here is written down as true in advance: a statement comes with the numbers that decide it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tui_initflow.findings.advice import MANY_FLAT, SAME
from tui_initflow.findings.intervals import Floats
from tui_initflow.findings.notation import counted, factor, percent, plain
from tui_initflow.findings.status import status
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.findings.wording import ARITHMETIC_MEAN, GEOMETRIC_MEAN, Claim, flatness, ratio, ratio_name, symbol
from tui_initflow.model.initialisers import INITIALISERS

LITTLE = math.log10(1.5)
"""A factor up to 1.5 either way is little, as a logarithm."""
ERRORS = 2.0
"""Standard errors by which a number has to keep from a limit for the runs to decide on which side it is."""
SPREAD_OF_LAYER = 5.0
"""Variance of ln of a layer's variance of z, times its neurons: that of ReLU, of which other activations have less."""
LEAST_LAYERS = 10
"""Layers from which a power of depth can be told from an exponential."""
CLEARLY = 2.0
"""How many times more of the curve one law has to leave unexplained for the other one to be right."""


def claims(summary: Summary) -> Iterator[Claim]:
    """The claims that apply to this comparison, checked."""
    activation = summary.experiment.network.activation
    yield _wins(summary)
    if activation.flat != "nowhere":
        yield _flat(summary)
    yield _spread(summary)
    for method in summary.methods:
        block = method.method.block
        is_simple = activation.odd and summary.experiment.widths is None and not method.weight_mean
        if is_simple and block.is_plain and method.log10_step is not None:
            yield _step(method, method.log10_step)
        if activation.flat == "both sides" and method.weight_mean and block.is_plain:
            yield _mean(method)
        if not block.is_plain and np.isfinite(method.geometric_mean).all():
            yield _block(summary, method)
        if method.method.initialiser.name == "uniform":
            yield _torch_default(summary, method)
    if summary.experiment.has_same_variance:
        yield _shape(summary)
    elif summary.experiment.layers == 1:
        yield _single_layer(summary)
    elif math.isfinite(summary.verdict.log10_factor):
        yield _depth(summary)
    if math.isfinite(summary.verdict.log10_factor):
        yield _average(summary)


def _within(off: float, limit: float, error: float) -> bool | None:
    """Whether a distance is below the limit, None where its standard error leaves that open."""
    if not abs(off - limit) > ERRORS * error:
        return None
    return off < limit


def _decided(summary: Summary, holds: bool) -> bool | None:
    """A comparison of the methods is not decided by one run, nor by gradients that are exactly zero."""
    return None if summary.verdict.interval is None else holds


def _wins(summary: Summary) -> Claim:
    (a, b), larger = summary.methods, summary.verdict.larger
    holds = None if larger is None else larger == "b"
    return Claim(f"{b.name} passes more gradient to L0 than {a.name}", ratio(summary), holds)


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
        f"neurons {word} ({flatness(summary.experiment)}): {a.name} {percent(a.flat)}, {b.name} {percent(b.flat)}",
        holds,
    )


def _spread(summary: Summary) -> Claim:
    a, b = summary.methods
    first, second = a.preactivation.std, b.preactivation.std
    wider = float(np.mean(first > second))
    # what scatters in a layer is passed on to those above
    passed = np.arange(1.0, len(first) + 1)
    errors = [np.sqrt(SPREAD_OF_LAYER * passed / m.preactivation.count) / 2 for m in summary.methods]
    with np.errstate(divide="ignore", invalid="ignore"):
        clear = float(np.mean(np.abs(np.log(first / second)) > ERRORS * np.hypot(*errors)))
    layers = "layer 1" if len(first) == 1 else f"layers 1 and {len(first)}"
    return Claim(
        f"{a.name}'s pre-activations have the higher variance",
        f"std of {symbol(summary.experiment)} in {layers}: {a.name} {_ends(first)}, {b.name} {_ends(second)}",
        wider > 0.5 if clear > 0.5 else None,
    )


def _ends(values: Floats) -> str:
    ends = values[:1] if len(values) == 1 else values[[0, -1]]
    return " and ".join(f"{value:.3g}" for value in ends)


def _step(method: MethodSummary, log10_step: float) -> Claim:
    log10_sigma = math.log10(method.sigma_w)
    off = abs(log10_step - log10_sigma)
    return Claim(
        f"{method.name}: each backward step multiplies the gradient by about σ_w = sqrt(fan_in Var w) = "
        f"{plain(log10_sigma)}",
        f"{plain(log10_step)} per step ({GEOMETRIC_MEAN})",
        _within(off, math.log10(1 + SAME), method.step_error),
    )


def _mean(method: MethodSummary) -> Claim:
    return Claim(
        f"{method.name}: the non-zero mean of the weights drives the neurons into saturation",
        f"mean |z| up to {method.largest_z:.3g}, {percent(method.flat)} of neurons saturated",
        method.flat > MANY_FLAT,
    )


def _block(summary: Summary, method: MethodSummary) -> Claim:
    """What is said of skips, of skips scaled by depth, and of norms (De & Smith 2020, Xiong et al. 2020)."""
    block, scale, layers = method.method.block, method.method.branch_scale, method.geometric_mean[:-1]
    if block.kind == "pre-norm" and not isinstance(scale, str) and len(layers) >= LEAST_LAYERS:
        return _power_of_depth(summary, method)
    cause = "normalising every layer keeps"
    if block.kind in ("residual", "pre-norm"):
        cause = f"branches scaled by {scale} keep" if isinstance(scale, str) else "skips alone keep"
    low, high = float(layers.min()), float(layers.max())
    is_bounded = status(low) == status(high) == "healthy"
    return Claim(
        f"{method.name}: {cause} the gradient within a factor of 10",
        f"{plain(low)} to {plain(high)} in {counted(len(layers), 'layer')} ({GEOMETRIC_MEAN}s)",
        _decided(summary, is_bounded),
    )


def _power_of_depth(summary: Summary, method: MethodSummary) -> Claim:
    """Whether log gradient is linear in log(layer) or in the layer, whichever line fits better."""
    layers = method.geometric_mean[:-1]
    layer = np.arange(1.0, len(layers) + 1)
    power, off_power = _fit(np.log10(layer), layers)
    step, off_exponential = _fit(layer, layers)
    grows = float(np.ptp(layers)) > LITTLE
    is_clear = grows and max(off_power, off_exponential) > CLEARLY * min(off_power, off_exponential)
    return Claim(
        f"{method.name}: the gradient grows like a power of depth, not exponentially",
        f"layer^{power:.2f} leaves {percent(off_power)} of its spread unexplained, {factor(-step)} per layer "
        f"{percent(off_exponential)} ({GEOMETRIC_MEAN}s)",
        _decided(summary, off_power < off_exponential) if is_clear else None,
    )


def _fit(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope of the line through the points, and the share of the variance of y that it does not explain."""
    slope, offset = np.polyfit(x, y, 1)
    spread = float(np.var(y))
    return float(slope), float(np.mean((y - slope * x - offset) ** 2)) / spread if spread else 0.0


def _torch_default(summary: Summary, method: MethodSummary) -> Claim:
    shape, initialiser = summary.experiment.network.shapes[-1], method.method.initialiser
    bound = initialiser.bound(shape) * math.sqrt(shape[1])
    return Claim(
        f"{method.name} is PyTorch's default for nn.Linear, U(±1/sqrt(fan_in))",
        f"last layer, {shape[0]}x{shape[1]}: bound × sqrt(fan_in) = {bound:.3f}, "
        f"fan_in Var w = {initialiser.sigma_w2(shape):.3f}",
        initialiser.draws_as(INITIALISERS["torch-linear"], shape),
    )


def _shape(summary: Summary) -> Claim:
    """An equivalence: the interval has to lie inside its margin."""
    interval, holds = summary.verdict.interval, None
    if interval is not None and (interval.low > LITTLE or interval.high < -LITTLE):
        holds = False
    elif interval is not None and interval.low > -LITTLE and interval.high < LITTLE:
        holds = True
    return Claim(
        f"With equal variance the shape of the distribution hardly matters, by less than {factor(LITTLE)} either way",
        f"σ_w = {plain(math.log10(summary.methods.a.sigma_w))} for both; {ratio(summary)}",
        holds,
    )


def _single_layer(summary: Summary) -> Claim:
    larger = summary.verdict.larger
    holds = None if larger is None else larger == "a"
    return Claim(f"At depth 1 {summary.methods.b.name} has the smaller gradient", ratio(summary), holds)


def _depth(summary: Summary) -> Claim:
    a, b = summary.methods
    all_layers, layers = summary.verdict.log10_factor, summary.experiment.layers
    last = float(b.geometric_mean[layers - 1]) - float(a.geometric_mean[layers - 1])
    return Claim(
        "The gap is made by depth: a single layer contributes little",
        f"{ratio_name(summary.experiment)} {factor(last)} at L{layers - 1} (one layer), "
        f"{factor(all_layers)} at L0 ({layers:,} layers), {GEOMETRIC_MEAN}s",
        abs(last) < LITTLE if abs(all_layers) > 2 * LITTLE else None,
    )


def _average(summary: Summary) -> Claim:
    geometric, arithmetic = summary.verdict.log10_factor, summary.log10_mean_ratio
    return Claim(
        "Averaging the ratios of the runs gives the factor between the methods",
        f"{ARITHMETIC_MEAN} of the ratios {factor(arithmetic)}, {GEOMETRIC_MEAN} {factor(geometric)}",
        None if summary.runs < 5 else arithmetic - geometric < math.log10(1.02),
    )
