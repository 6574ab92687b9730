"""The phrases that pages, reports and scripts share: a finding is worded here, once.

Every gradient is said with the average it is: the geometric mean where methods are compared, the median by layer.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui_initflow.findings.intervals import Interval, Share
from tui_initflow.findings.notation import counted, factor, percent, plain, scientific
from tui_initflow.findings.summary import Summary
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment

if TYPE_CHECKING:
    from tui_initflow.theory.outlook import Outlook

GEOMETRIC_MEAN, MEDIAN, ARITHMETIC_MEAN = "geometric mean", "median", "arithmetic mean"
HOLDS = {True: "holds", False: "does not hold", None: "undecided"}
FINAL = "Gradient at L0, the first layer"


def badge(summary: Summary) -> str:
    """Who wins: NORMAL WINS BY 61.4x."""
    winner, log10 = summary.verdict.winner, summary.verdict.log10_factor
    if winner is None:
        return "tie" if summary.runs == 1 else "no significant difference"
    return f"{summary.methods[winner].name.upper()} WINS BY {factor(abs(log10))}"


def basis(runs: int) -> str:
    """What the final gradients that are compared are: geometric mean of 20 runs."""
    return "1 run" if runs == 1 else f"{GEOMETRIC_MEAN} of {counted(runs, 'run')}"


def ratio_name(experiment: Experiment) -> str:
    a, b = experiment.methods
    return f"{b.label}/{a.label}"


def factor_interval(interval: Interval | None) -> str:
    """95% CI 50.1x to 70.2x."""
    if interval is None:
        return "one run has no interval"
    return f"95% CI {factor(interval.low)} to {factor(interval.high)}"


def share_interval(share: Share) -> str:
    """95% CI 83% to 99%."""
    return f"95% CI {percent(share.interval.low)} to {percent(share.interval.high)}"


def ratio(summary: Summary) -> str:
    """The ratio with its interval, in words."""
    log10 = summary.verdict.log10_factor
    if math.isnan(log10):
        return f"{ratio_name(summary.experiment)}: none, both are exactly zero"
    return f"{ratio_name(summary.experiment)} {factor(log10)}, {factor_interval(summary.verdict.interval)}"


def wins(summary: Summary) -> str:
    """How often b wins, in words."""
    share = summary.wins
    return (
        f"{summary.methods.b.name} wins {percent(share.value)} of runs ({share.count:,} of {share.total:,}), "
        f"{share_interval(share)}"
    )


def network(experiment: Experiment) -> str:
    """10 layers of 50 neurons, 64 features."""
    if experiment.widths is not None:
        return f"widths {experiment.network}"
    return (
        f"{counted(experiment.layers, 'layer')} of {counted(experiment.network.widest, 'neuron')}, "
        f"{counted(experiment.features, 'feature')}"
    )


def title(experiment: Experiment) -> str:
    """What is compared, in a line: Uniform vs Normal, 64-50x10, tanh."""
    a, b = experiment.methods
    return f"{a.label} vs {b.label}, {experiment.network}, {experiment.activation}"


def long_title(experiment: Experiment) -> str:
    """All settings in a sentence."""
    a, b = experiment.methods
    bias = f", biases with standard deviation {experiment.sigma_b:g}" if experiment.sigma_b else ""
    start = "" if experiment.start == "ones" else f", output gradient {experiment.start}"
    return (
        f"{a.label} vs {b.label}: {network(experiment)}, {experiment.activation}{bias}{start}, "
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
    """What is fixed, what varies, which side is whose, and what a point is."""
    fixed = " and ".join(f"{SETTINGS[name].label}={getattr(experiment, name)}" for name in SIZES if name != over)
    if experiment.widths is not None:
        fixed = f"Widths {str(experiment.network).partition('-')[2]}"
    return (
        f"{fixed}, {SETTINGS[over].label} from {first} to {last}; above 1x {experiment.methods.b.label} wins; "
        f"{basis(runs)}"
    )


def phase(outlook: Outlook) -> str:
    """Ordered phase, chi 0.31, depth scale 0.85 layers."""
    found = outlook.phase
    depth = "infinite" if math.isinf(found.xi) else plain(math.log10(found.xi)) if found.xi > 0 else "0"
    chi = plain(math.log10(found.chi)) if found.chi > 0 else "0"
    return f"{found.name} phase, chi {chi}, depth scale {depth} layers"


def trainable_depth(experiment: Experiment, outlook: Outlook) -> str:
    """How deep a network of these layers may be."""
    budget, width = outlook.trainable_depth, experiment.network.hidden_width
    passed = scientific(math.log10(budget.threshold), 0)
    if budget.vanishing == 0:
        return f"no network passes {passed} of the gradient"
    if budget.vanishing is not None:
        return f"up to {counted(budget.vanishing, 'layer')} of {width} pass {passed} of the gradient"
    if budget.exploding is not None:
        return f"beyond {counted(budget.exploding, 'layer')} of {width} the gradient exceeds {1 / budget.threshold:g}"
    return f"1,000 layers of {width} still pass {passed} of the gradient"


def gains(outlook: Outlook) -> str:
    """Which gain is critical, and which one preserves the gradient where that one does not."""
    if outlook.critical_gain is None:
        return "no gain is critical: the weights have a non-zero mean"
    if outlook.is_stable:
        return f"gain {outlook.critical_gain:.4g} is critical"
    text = f"gain {outlook.critical_gain:.4g} has chi = 1 at q = 1 only, none is critical at every depth"
    if outlook.preserving_gain is None:
        return text
    return f"{text}; gain {outlook.preserving_gain:.4g} preserves the gradient at this depth"
