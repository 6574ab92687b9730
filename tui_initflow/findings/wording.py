"""The phrases that pages, reports and scripts share: a finding is worded here, once.

Every gradient is named with its average: the geometric mean where methods are compared, the median by layer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_initflow.findings.intervals import Floats, Interval, Share, verdict
from tui_initflow.findings.notation import counted, factor, percent, plain, scientific
from tui_initflow.findings.status import Status, status
from tui_initflow.findings.summary import Summary
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.number_formats import NumberFormat
from tui_initflow.model.pair import OTHER, Pair, Side

if TYPE_CHECKING:
    from tui_initflow.engine.gradient_elements import ElementCounts
    from tui_initflow.engine.grid import GridPlan
    from tui_initflow.theory.outlook import Outlook

GEOMETRIC_MEAN, MEDIAN, ARITHMETIC_MEAN = "geometric mean", "median", "arithmetic mean"
HOLDS = {True: "holds", False: "does not hold", None: "undecided"}
FINAL = "Gradient at L0, the first layer"
NO_DIFFERENCE = "no significant difference"
FATES: Mapping[Status, str] = {
    "dead": "vanishes",
    "weak": "is weak",
    "healthy": "survives",
    "exploding": "explodes",
}
"""What a gradient of this status does on its way to the first layer."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement, what was measured, and whether it holds: None where these runs do not decide it."""

    statement: str
    measured: str
    holds: bool | None


def since_kept(summary: Summary, kept: Summary) -> str:
    """Since kept: Uniform 12.3x, Normal ×2 over Normal 0.98x."""
    changes = []
    for now, before in zip(summary.methods, kept.methods, strict=True):
        what = now.name if now.name == before.name else f"{now.name} over {before.name}"
        changes.append(f"{what} {factor(now.final - before.final)}")
    return f"since kept: {', '.join(changes)}"


def badge(summary: Summary) -> str:
    """The outcome where it has to be short; what is decided is in capitals: NORMAL WINS BY 61.4x."""
    if summary.verdict.larger is None:
        return outcome(summary)
    words, by, number = outcome(summary).partition(" by ")
    return f"{words}{by}".upper() + number


def winner(summary: Summary) -> Side | None:
    """The method whose gradient is healthy, or nearer to it; None if that is not decided, or if neither is."""
    larger = summary.verdict.larger
    if larger is None or _word(summary, larger) != "exploding":
        return larger
    return OTHER[larger] if _word(summary, OTHER[larger]) == "healthy" else None


def _word(summary: Summary, side: Side) -> Status:
    return status(summary.methods[side].final)


def outcome(summary: Summary) -> str:
    """Who wins, if that is decided: Normal wins by 61.4x."""
    larger, log10 = summary.verdict.larger, summary.verdict.log10_factor
    if larger is None:
        return undecided(log10, summary.runs)
    smaller, names = OTHER[larger], summary.methods.map(lambda method: method.name)
    if winner(summary) == larger:
        return f"{names[larger]} wins" + (f": {names[smaller]} is 0" if math.isinf(log10) else f" {_by(log10)}")
    if winner(summary) == smaller:
        return f"{names[smaller]} wins: {names[larger]} explodes"
    word = _word(summary, smaller)
    if word == "exploding":
        return f"both explode, {names[larger]} more {_by(log10)}"
    return f"{names[smaller]} {FATES[word]}, {names[larger]} explodes"


def _by(log10_ratio: float) -> str:
    # of gradients that are exactly zero there is no ratio
    return "in more runs" if math.isnan(log10_ratio) else f"by {factor(abs(log10_ratio))}"


def compared(names: Pair[str], log10_ratio: Floats) -> str:
    """Which gradient is larger over these runs, if they decide it."""
    found = verdict(log10_ratio)
    if found.larger is None:
        return undecided(found.log10_factor, len(log10_ratio))
    return larger_by(names, found.log10_factor)


def undecided(log10_ratio: float, runs: int) -> str:
    """1.28x in one run, or that more of them do not differ significantly."""
    return f"{factor(abs(log10_ratio))} in one run" if runs == 1 and math.isfinite(log10_ratio) else NO_DIFFERENCE


def larger_by(names: Pair[str], log10_ratio: float) -> str:
    """Normal is larger by 61.4x: of one number, nothing is certain."""
    if math.isnan(log10_ratio) or log10_ratio == 0:
        return "both are equal"
    larger: Side = "b" if log10_ratio > 0 else "a"
    if math.isinf(log10_ratio):
        return f"{names[OTHER[larger]]} is 0"
    return f"{names[larger]} is larger {_by(log10_ratio)}"


def basis(runs: int) -> str:
    """Which average a gradient or ratio is: geometric mean of 20 runs."""
    return "1 run" if runs == 1 else f"{GEOMETRIC_MEAN} of {counted(runs, 'run')}"


def ratio_name(experiment: Experiment) -> str:
    a, b = experiment.methods
    return f"{b.label}/{a.label}"


def factor_interval(interval: Interval | None) -> str:
    """95% CI 50.1x to 70.2x."""
    return "no 95% CI" if interval is None else f"95% CI {factor(interval.low)} to {factor(interval.high)}"


def badge_interval(summary: Summary) -> str:
    """The interval of the badge's factor, which is the larger gradient over the smaller."""
    larger, interval = summary.verdict.larger, summary.verdict.interval
    if larger == "a" and interval is not None:
        interval = Interval(-interval.high, -interval.low)
    name = "" if interval is None or " by " in outcome(summary) else "ratio "
    return f"{name}{factor_interval(interval)}"


def share_interval(share: Share) -> str:
    """95% CI 83% to 99%."""
    return f"95% CI {percent(share.interval.low)} to {percent(share.interval.high)}"


def ratio(summary: Summary) -> str:
    """Normal/Uniform 61.4x (geometric mean), 95% CI 50.1x to 70.2x."""
    name, log10 = ratio_name(summary.experiment), summary.verdict.log10_factor
    if not math.isfinite(log10):
        return f"{name} undefined: some gradients are exactly 0"
    if summary.runs == 1:
        return f"{name} {factor(log10)}; one run has no confidence interval"
    return f"{name} {factor(log10)} ({GEOMETRIC_MEAN}), {factor_interval(summary.verdict.interval)}"


def averages(summary: Summary) -> tuple[tuple[str, str, str], ...]:
    """Each average of the final gradient: its name, a's and b's."""
    numbers = [(scientific(m.final), scientific(m.median), scientific(m.arithmetic_mean)) for m in summary.methods]
    return tuple(zip((GEOMETRIC_MEAN, MEDIAN, ARITHMETIC_MEAN), *numbers, strict=True))


def by_run(summary: Summary) -> str:
    """Normal is larger in 95% of runs (19 of 20), 95% CI 76% to 99%; with ties, in how many runs each is."""
    (a, b), of_a, of_b = summary.methods, summary.larger.a, summary.larger.b
    ties = summary.runs - of_a.count - of_b.count
    if ties:
        return (
            f"{b.name} is larger in {of_b.count:,} of {counted(summary.runs, 'run')}, {a.name} in {of_a.count:,}; "
            f"in {ties:,} both are equal"
        )
    share = f"{percent(of_b.value)} of runs ({of_b.count:,} of {of_b.total:,})"
    return f"{b.name} is larger in {share}, {share_interval(of_b)}"


FEW = 0.001
"""Share of lost gradient elements below which no loss scale is asked for."""


WORTHWHILE = 0.1
"""Share of the lost elements that a loss scale has to save to be named."""


def lost_elements(elements: ElementCounts) -> str:
    """In fp16, 9% of the gradient elements are lost, 34% at L0: 9% become 0, 0% overflow. A loss scale of 2^12 …"""
    total, name = max(int(elements.nonzero.sum()), 1), elements.format.name
    lost, best = elements.lost_with(0), elements.best_scale
    if lost < FEW:
        return f"In {name}, {'no' if lost == 0 else f'only {percent(lost)} of the'} gradient elements are lost."
    zero, infinite = (percent(int(counts.sum()) / total) for counts in (elements.flushed, elements.overflowed))
    text = (
        f"In {name}, {percent(lost)} of the gradient elements are lost, {percent(float(elements.lost[0]))} at L0: "
        f"{zero} become 0, {infinite} overflow."
    )
    remaining = elements.lost_with(best)
    if remaining > (1 - WORTHWHILE) * lost:
        return f"{text} No loss scale rescues many of them without overflow elsewhere."
    effect = f"brings that down to {percent(remaining)}" if remaining else "saves them all"
    limit = "; a larger one makes others overflow" if remaining and best == elements.largest_scale else ""
    return f"{text} A loss scale of 2^{best} {effect}{limit}."


def format_limits(number_format: NumberFormat) -> str:
    """Where the zones of the gradient chart begin."""
    exponents = (number_format.log2_smallest, number_format.least_exponent)
    smallest, normal = (scientific(exponent * math.log10(2), 1) for exponent in exponents)
    largest = scientific(math.log10(number_format.largest), 1)
    return (
        f"{number_format.name}: below {smallest} elements become 0, below {normal} they lose digits, "
        f"above {largest} they overflow."
    )


def symbol(experiment: Experiment) -> str:
    """Symbol of pre-activations: z, or h where there are skips or norms. In a plain network both are the same."""
    return "z" if _is_plain(experiment) else "h"


def flatness(experiment: Experiment) -> str:
    """What makes a neuron saturated or off; f is applied to z only where the networks are plain."""
    return "|f'(z)| < 0.1" if _is_plain(experiment) else "|f'| < 0.1"


def _is_plain(experiment: Experiment) -> bool:
    return all(method.block.is_plain for method in experiment.methods)


def title(experiment: Experiment) -> str:
    """Uniform vs Normal, 64-50x10, tanh."""
    a, b = experiment.methods
    return f"{a.label} vs {b.label}, {experiment.network}, {experiment.activation}"


def long_title(experiment: Experiment) -> str:
    """All settings in a sentence."""
    a, b = experiment.methods
    bias = f", biases with standard deviation {experiment.sigma_b:g}" if experiment.sigma_b else ""
    start = "" if experiment.start == "ones" else f", output gradient {experiment.start}"
    sizes = (
        f"{counted(experiment.layers, 'layer')} of {counted(experiment.network.widest, 'neuron')}, "
        f"{counted(experiment.features, 'feature')}"
    )
    if experiment.widths is not None:
        sizes = f"widths {experiment.network}"
    return (
        f"{a.label} vs {b.label}: {sizes}, {experiment.activation}{bias}{start}, "
        f"seed {experiment.seed}, {counted(experiment.runs, 'run')}"
    )


def sweep_title(experiment: Experiment, over: str) -> str:
    """What varies and what is fixed, in a sentence."""
    fixed = [f"{name} {getattr(experiment, name)}" for name in SIZES if name != over]
    if experiment.widths is not None:
        fixed = [f"widths {experiment.network}"]
    return (
        f"{ratio_name(experiment)} over {over}; {', '.join(fixed)}, {experiment.activation}, "
        f"seed {experiment.seed}, {counted(experiment.runs, 'run')} at each value"
    )


def sweep_caption(experiment: Experiment, over: str, first: int, last: int, runs: int) -> str:
    """What is fixed, what varies, which is larger above 1x, and which averages line and band are."""
    fixed = " and ".join(f"{SETTINGS[name].label}={getattr(experiment, name)}" for name in SIZES if name != over)
    if experiment.widths is not None:
        fixed = f"Widths {str(experiment.network).partition('-')[2]}"
    averages = "1 run" if runs == 1 else f"{GEOMETRIC_MEAN} and 10-90% of {counted(runs, 'run')}"
    return (
        f"{fixed}, {SETTINGS[over].label} from {first} to {last}; above 1x {experiment.methods.b.label} is larger; "
        f"{averages}"
    )


def grid_names(plan: GridPlan) -> Pair[str]:
    """The names of both methods, without their gains where the grid varies these."""
    experiment = plan.experiment
    plain = experiment.with_(gain_a=1.0, gain_b=1.0) if "gain" in plan.axes else experiment
    return plain.methods.map(lambda method: method.label)


def phase(outlook: Outlook) -> str:
    """Ordered phase, chi 0.31, depth scale 0.85 layers. Chaos is where similar inputs part, and not mere growth."""
    if outlook.phase is None:
        return "no phase is known"
    name, chi, xi = outlook.phase.name, outlook.phase.chi, outlook.phase.xi
    where = "signals grow without bound" if math.isinf(outlook.phase.q_star) else f"{name} phase"
    depth = "infinite depth scale" if name == "critical" or math.isinf(xi) else f"depth scale {_plain(xi)} layers"
    return f"{where}, chi {_plain(chi)}, {depth}"


def _plain(value: float) -> str:
    return plain(math.log10(value)) if value > 0 else "0"


def trainable_depth(outlook: Outlook) -> str:
    """How deep a network of such layers may be, by theory of wide ones: narrow layers pass less."""
    depth = outlook.trainable_depth
    if depth is None:
        return "no trainable depth is known"
    share = f"{scientific(math.log10(depth.threshold), 0)} of the gradient"
    if depth.vanishing == 0:
        return f"no network passes {share}"
    if depth.vanishing is not None:
        passes = "passes" if depth.vanishing == 1 else "pass"
        return f"at most {counted(depth.vanishing, 'wide layer')} {passes} {share}"
    if depth.exploding is not None:
        return f"beyond {counted(depth.exploding, 'wide layer')} the gradient exceeds {1 / depth.threshold:g}"
    return f"1,000 wide layers still pass {share}"


def gains(outlook: Outlook) -> str:
    """Which gain is critical, and which one preserves the gradient at this depth where none is critical at all."""
    if outlook.phase is None:
        return "no better gain is known"
    if outlook.critical_gain is None:
        return "no gain is critical while the weights have a non-zero mean: draw them with mean zero"
    if outlook.is_stable:
        return f"gain {outlook.critical_gain:.4g} puts it on the edge of chaos (chi = 1)"
    text = f"no gain is critical at every depth: with gain {outlook.critical_gain:.4g}, chi = 1 at q = 1 only"
    if outlook.preserving_gain is None:
        return text
    return f"{text}; gain {outlook.preserving_gain:.4g} preserves the gradient at this depth"
