"""Everything the screen says about a set of runs, computed once where the runs were computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.results import MethodResult, Preactivations, Results
from tui_initflow.findings.claims import Claim, Portrait, claims, explanation, portraits
from tui_initflow.findings.intervals import Band, Interval, Verdict, band, log10_mean, verdict, wilson_interval
from tui_initflow.model.experiment import Experiment

if TYPE_CHECKING:
    from tui_initflow.theory.outlook import Report

RECENT = 100
"""Runs kept for the chart of final gradients; the statistics are over all of them."""


@dataclass(frozen=True, slots=True)
class MethodSummary:
    """One method's runs: gradients by point (L+1,) as log10, the final gradient's means, pre-activations."""

    gradient: Band
    log10_mean: float
    log10_median: float
    log10_geometric_mean: float
    recent_finals: NDArray[np.float64]
    preactivation: Preactivations
    portrait: Portrait

    @property
    def name(self) -> str:
        return self.portrait.name


@dataclass(frozen=True, slots=True)
class Summary:
    """Both methods and their comparison, over `runs` runs of `experiment`."""

    experiment: Experiment
    runs: int
    a: MethodSummary
    b: MethodSummary
    verdict: Verdict
    b_wins: int
    b_wins_interval: Interval
    claims: tuple[Claim, ...]
    explanation: str
    theory: tuple[Report, Report] | None = None
    """Of a and b, where it was asked for."""

    @property
    def methods(self) -> tuple[MethodSummary, MethodSummary]:
        return self.a, self.b


def summarise(results: Results) -> Summary:
    # runs whose gradient is exactly zero are -inf as log10; what is undefined for these becomes nan
    with np.errstate(invalid="ignore"):
        return _summarise(results)


def _summarise(results: Results) -> Summary:
    experiment = results.experiment
    first, second = portraits(results)
    wins = int(np.count_nonzero(results.log10_ratio > 0))
    return Summary(
        experiment=experiment,
        runs=results.runs,
        a=_method(first, results.a),
        b=_method(second, results.b),
        verdict=verdict(results.log10_ratio),
        b_wins=wins,
        b_wins_interval=wilson_interval(wins, results.runs),
        claims=claims(results),
        explanation=explanation(results),
    )


def _method(portrait: Portrait, result: MethodResult) -> MethodSummary:
    gradient = band(result.log10_gradient)
    finals = result.log10_final
    return MethodSummary(
        gradient=gradient,
        log10_mean=log10_mean(finals),
        log10_median=float(gradient.median[0]),
        log10_geometric_mean=float(np.mean(finals)),
        recent_finals=finals[-RECENT:].copy(),
        preactivation=result.preactivation,
        portrait=portrait,
    )
