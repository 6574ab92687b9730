"""The gate for scripts: does enough of the gradient reach the first layer, and not too much of it?"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tui_initflow import __version__
from tui_initflow.engine.results import Results
from tui_initflow.export.text import Json, method_names, number, settings_dict
from tui_initflow.export.theory import budget_line, phase_line
from tui_initflow.findings.advice import Advice, advise
from tui_initflow.findings.claims import portraits
from tui_initflow.findings.intervals import Interval, band, wilson_interval
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.theory.outlook import report_of


@dataclass(frozen=True, slots=True)
class Health:
    """Method a's gradient at the first layer, as log10, and what it is judged by.

    Healthy is a median between `min_gradient` and 1 / `min_gradient`; `within` is the share of runs in between.
    """

    results: Results
    min_gradient: float
    log10_median: float
    log10_band: Interval
    within: float
    within_interval: Interval
    saturated: float
    dead: float
    phase: str
    budget: str
    vanishing: int | None
    exploding: int | None
    advice: Advice

    @property
    def problem(self) -> str | None:
        """In a word, what is wrong."""
        limit = -math.log10(self.min_gradient)
        if self.log10_median < -limit:
            return "vanishing"
        return "exploding" if self.log10_median > limit else None


def examine(results: Results, min_gradient: float) -> Health:
    """Judge method a by its runs and by theory."""
    finals = results.a.log10_final
    spread = band(finals)
    within = int(np.count_nonzero(np.abs(finals) <= -math.log10(min_gradient)))
    with np.errstate(invalid="ignore"):
        portrait, _ = portraits(results)
    report = report_of(results.experiment, "a", min_gradient)
    return Health(
        results=results,
        min_gradient=min_gradient,
        log10_median=float(spread.median),
        log10_band=Interval(float(spread.p10), float(spread.p90)),
        within=within / results.runs,
        within_interval=wilson_interval(within, results.runs),
        saturated=portrait.saturated,
        dead=portrait.dead,
        phase=phase_line(report),
        budget=budget_line(report),
        vanishing=report.budget.vanishing,
        exploding=report.budget.exploding,
        advice=advise(results.experiment, portrait, report),
    )


def health_json(health: Health) -> str:
    settings = dict(settings_dict(health.results.experiment, health.results.runs))
    for other in ("b", "gain_b"):
        settings.pop(other, None)
    found: dict[str, Json] = {
        "version": __version__,
        "settings": settings,
        "healthy": health.problem is None,
        "problem": health.problem,
        "min_gradient": health.min_gradient,
        "log10_final": {
            "median": number(health.log10_median),
            "p10": number(health.log10_band.low),
            "p90": number(health.log10_band.high),
        },
        "within": {"share": health.within, "ci95": [health.within_interval.low, health.within_interval.high]},
        "saturated": health.saturated,
        "dead": health.dead,
        "depth_budget": {"vanishing": health.vanishing, "exploding": health.exploding},
        "advice": health.advice.sentence,
        "pytorch": health.advice.torch_line,
    }
    return json.dumps(found, allow_nan=False) + "\n"


def health_text(health: Health) -> str:
    low, high = scientific(math.log10(health.min_gradient), 0), f"{1 / health.min_gradient:g}"
    name, _ = method_names(health.results.experiment)
    verdict = "HEALTHY" if health.problem is None else f"NOT HEALTHY, {health.problem}"
    runs = "1 run" if health.results.runs == 1 else f"{health.results.runs} runs"
    within = health.within_interval
    lines = [
        f"{name}, {health.results.experiment.activation}: {verdict}",
        f"  gradient at the first layer  median {scientific(health.log10_median)}, "
        f"10-90% of {runs} {scientific(health.log10_band.low)} to {scientific(health.log10_band.high)}",
        f"  between {low} and {high}      {percent(health.within)} of the runs "
        f"(95% interval {percent(within.low)} to {percent(within.high)})",
        f"  saturated neurons            {percent(health.saturated)}, |f'(z)| < 0.1",
        f"  runs without any gradient    {percent(health.dead)}",
        f"  theory                       {health.phase}",
        f"  depth budget                 {health.budget}",
        f"  advice                       {health.advice.sentence}",
        f"  PyTorch                      {health.advice.torch_line}",
    ]
    return "\n".join(lines) + "\n"


HEALTH_WRITERS: Mapping[str, Callable[[Health], str]] = MappingProxyType({"text": health_text, "json": health_json})
