"""Everything that pages and reports say about a set of runs, computed once, in the thread that computed the runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui_initflow.engine.gradient_elements import ElementCounts
from tui_initflow.engine.preactivations import PreactivationStatistics
from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.findings.intervals import Band, Floats, Share, Verdict, band, log10_mean, mean, verdict
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.network import AppliedMethod
from tui_initflow.model.pair import Pair

if TYPE_CHECKING:
    from tui_initflow.theory.outlook import Theory

RECENT = 100
"""Number of runs kept for the chart of final gradients; the statistics cover all runs."""


@dataclass(frozen=True, slots=True)
class MethodSummary:
    """One method's runs; gradients are log10.

    `band` and `geometric_mean` have one value per point L0 … L{L}, (L+1,); `median`, `arithmetic_mean` and
    `recent_finals` describe the final gradient, the one at L0. `sigma_w` is the geometric mean over the hidden layers,
    `log10_step` the mean log10 factor of one backward step, None at depth 1, and `step_error` the standard error of
    this mean, infinite for a single run. `flat` is the share of neurons with |f'(z)| < 0.1, `dead` the share of runs
    whose gradient at L0 is exactly zero. `elements` counts what the experiment's number format loses, if it has one.
    """

    method: AppliedMethod
    band: Band
    geometric_mean: Floats
    median: float
    arithmetic_mean: float
    recent_finals: Floats
    preactivation: PreactivationStatistics
    sigma_w: float
    weight_mean: float
    log10_step: float | None
    step_error: float
    flat: float
    dead: float
    elements: ElementCounts | None

    @property
    def name(self) -> str:
        return self.method.label

    @property
    def final(self) -> float:
        """Geometric mean of the final gradient, as log10: the number the methods are compared by."""
        return float(self.geometric_mean[0])

    @property
    def largest_z(self) -> float:
        """Mean |z| of the layer where it is largest."""
        return float(np.max(self.preactivation.mean_abs))


@dataclass(frozen=True, slots=True)
class Summary:
    """Both methods and their comparison, over `runs` runs of `experiment`.

    `larger` is the share of runs in which each has the larger final gradient; the others are ties, of gradients that
    are exactly zero. `log10_mean_ratio` is the log10 of the arithmetic mean of the ratios b/a. `theory` is None unless
    the user asked for it.
    """

    experiment: Experiment
    runs: int
    methods: Pair[MethodSummary]
    verdict: Verdict
    larger: Pair[Share]
    log10_mean_ratio: float
    theory: Theory | None = None


def summarise(results: Results) -> Summary:
    experiment = results.experiment.with_(runs=results.runs)
    ratio = results.log10_ratio
    # a gradient of exactly zero is -inf as log10; statistics that are undefined then become nan
    with np.errstate(invalid="ignore"):
        return Summary(
            experiment=experiment,
            runs=results.runs,
            methods=Pair.of(lambda side: _method(experiment, experiment.methods[side], results.methods[side])),
            verdict=verdict(ratio),
            larger=larger(results),
            log10_mean_ratio=log10_mean(ratio),
        )


def larger(results: Results) -> Pair[Share]:
    """In how many of the runs each method has the larger final gradient."""
    ratio = results.log10_ratio
    return Pair(*(Share(int(np.count_nonzero(sign * ratio > 0)), results.runs) for sign in (-1, 1)))


def _method(experiment: Experiment, method: AppliedMethod, result: MethodResult) -> MethodSummary:
    network, initialiser = experiment.network, method.initialiser
    # a network of one layer has no hidden weights: take those that a deeper one would have
    passed = network.shapes[1:] or ((network.widest, network.widest),)
    log10_sigmas = [math.log10(initialiser.sigma_w2(shape)) / 2 for shape in passed]
    geometric_mean = np.mean(result.log10_gradient, axis=0)
    spread = band(result.log10_gradient)
    finals = result.log10_final
    step, step_error = None, math.inf
    if network.layers > 1:
        steps = (finals - result.log10_gradient[:, network.layers - 1]) / (network.layers - 1)
        step = mean(steps)
        if len(steps) > 1 and math.isfinite(step):
            step_error = float(np.std(steps, ddof=1)) / math.sqrt(len(steps))
    return MethodSummary(
        method=method,
        band=spread,
        geometric_mean=geometric_mean,
        median=float(spread.median[0]),
        arithmetic_mean=log10_mean(finals),
        recent_finals=finals[-RECENT:].copy(),
        preactivation=result.preactivation,
        sigma_w=10 ** (sum(log10_sigmas) / len(passed)),
        weight_mean=initialiser.mean(passed[-1]),
        log10_step=step,
        step_error=step_error,
        flat=mean(result.preactivation.saturated),
        dead=mean(np.isneginf(finals).astype(np.float64)),
        elements=result.elements,
    )
