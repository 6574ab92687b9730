"""Results as JSON.

Magnitudes are log10 everywhere, so that nothing under- or overflows. JSON has no infinity: a gradient that is exactly
zero (log10 is -inf), and an interval that a single run does not have, are null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui_initflow import __version__
from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.findings.intervals import Floats, Interval, Share, band, mean, mean_interval
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import GLOROT
from tui_initflow.model.pair import SIDES

if TYPE_CHECKING:
    from tui_initflow.engine.gradient_elements import ElementCounts
    from tui_initflow.export.listing import Listing
    from tui_initflow.findings.health import Health
    from tui_initflow.theory.depth import TrainableDepth
    from tui_initflow.theory.outlook import Outlook, Theory

Number = float | None
Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | Number

RUN_FIELDS = ("run", "log10_final_a", "log10_final_b", "log10_ratio")
"""One run, numbered from 1 as in the charts: both final gradients, and b's over a's."""


def to_json(result: Results | SweepResult | Theory | Health | Listing) -> str:
    """The result on one line."""
    if isinstance(result, Results):
        return _line(_run(result))
    if isinstance(result, SweepResult):
        return _line(_sweep(result))
    if isinstance(result, dict):
        return _line(result)
    # loads the theory, which runs and sweeps do without
    from tui_initflow.theory.outlook import Theory

    return _line(_theory(result) if isinstance(result, Theory) else _health(result))


def to_json_lines(results: Results, done: int = 0) -> str:
    """One line per run, without the first `done` runs."""
    return "".join(_line(dict(zip(RUN_FIELDS, row, strict=True))) for row in run_rows(results, done))


def run_rows(results: Results, done: int = 0) -> Iterator[tuple[int, Number, Number, Number]]:
    """The values of `RUN_FIELDS` for each run, without the first `done` runs."""
    columns = (results.a.log10_final, results.b.log10_final, results.log10_ratio)
    rows = zip(*(column[done:].tolist() for column in columns), strict=True)
    return ((run, number(a), number(b), number(ratio)) for run, (a, b, ratio) in enumerate(rows, done + 1))


def number(value: float) -> Number:
    """The value, or None where it is not finite."""
    return value if math.isfinite(value) else None


def _run(results: Results) -> dict[str, Json]:
    ratio = results.log10_ratio
    wins = Share(int(np.count_nonzero(ratio > 0)), results.runs)
    return {
        "version": __version__,
        "settings": _settings(results.experiment.with_(runs=results.runs)),
        "a": _method(results.a),
        "b": _method(results.b),
        "comparison": {
            "log10_ratio": {"mean": number(mean(ratio)), "ci95": _ends(mean_interval(ratio))},
            "b_wins": {"share": wins.value, "ci95": _ends(wins.interval)},
        },
    }


def _sweep(result: SweepResult) -> dict[str, Json]:
    return {
        "version": __version__,
        "settings": _settings(result.experiment),
        "over": result.over,
        "points": [_point(point) for point in result.points],
    }


def _theory(theory: Theory) -> dict[str, Json]:
    settings = _settings(theory.experiment)
    # nothing is drawn
    del settings["runs"], settings["seed"]
    methods = theory.experiment.methods
    return {
        "version": __version__,
        "settings": settings,
        **{side: {"name": methods[side].initialiser.name, **_outlook(theory.outlooks[side])} for side in SIDES},
    }


def _health(health: Health) -> dict[str, Json]:
    settings = _settings(health.experiment)
    # only method a is judged
    for other in ("b", "gain_b"):
        settings.pop(other, None)
    method, budget = health.method, health.outlook.trainable_depth
    p10, p90 = method.band.p10, method.band.p90
    return {
        "version": __version__,
        "settings": settings,
        "healthy": health.problem is None,
        "problem": health.problem,
        "min_gradient": health.min_gradient,
        "log10_final": {"median": number(method.median), "p10": number(float(p10[0])), "p90": number(float(p90[0]))},
        "within": {"share": health.within.value, "ci95": _ends(health.within.interval)},
        "saturated": method.flat,
        "dead": method.dead,
        "depth_budget": _budget(budget) if budget else None,
        **_format(method.elements),
        "advice": health.advice.sentences,
        "pytorch": health.advice.pytorch,
    }


def _settings(experiment: Experiment) -> dict[str, Json]:
    """The settings that reproduce the numbers: the demo's, then any others that are not the default.

    `scale` is "glorot" where both methods share that scale, sqrt(2 / (fan_in + fan_out)), and null otherwise.
    """
    shared = all(method.initialiser.rule == GLOROT for method in experiment.methods)
    settings: dict[str, Json] = {}
    for name, setting in SETTINGS.items():
        if name == "a":
            settings["scale"] = "glorot" if shared else None
        if setting.in_demo:
            settings[name] = getattr(experiment, name)
    for name, setting in SETTINGS.items():
        value = getattr(experiment, name)
        if not setting.in_demo and value != setting.default:
            settings[name] = value
    return settings


def _method(result: MethodResult) -> dict[str, Json]:
    points = result.log10_gradient.shape[1]
    return {
        "name": result.name,
        "log10_gradient": {"layer": list(range(points)), **gradient_statistics(result)},
        "log10_final": _numbers(result.log10_final),
        "preactivation": {"layer": list(range(1, points)), **preactivation_statistics(result)},
        **_format(result.elements),
    }


def _format(elements: ElementCounts | None) -> dict[str, Json]:
    """What the number format loses by layer, and of all layers without and with the best loss scale."""
    if elements is None:
        return {}
    scales = {"lost": 0, "lost_with_loss_scale": elements.best_scale}
    return {
        "format": {
            "name": elements.format.name,
            "layer": list(range(len(elements.nonzero))),
            **element_statistics(elements),
            "log2_loss_scale": elements.best_scale,
            **{name: elements.lost_with(scale) for name, scale in scales.items()},
        }
    }


def _point(point: SweepPoint) -> dict[str, Json]:
    spread = band(point.log10_ratio)
    return {
        "value": point.value,
        "log10_ratio": {
            "mean": number(point.mean),
            "p10": number(float(spread.p10)),
            "p90": number(float(spread.p90)),
            "ci95": _ends(mean_interval(point.log10_ratio)),
        },
    }


def _outlook(outlook: Outlook) -> dict[str, Json]:
    prediction, phase, budget = outlook.prediction, outlook.phase, outlook.trainable_depth
    return {
        "q": _numbers(prediction.q),
        "m": _numbers(prediction.m),
        "log10_gradient": _numbers(prediction.log10_gradient),
        "finite_width": {
            "log10_median": _numbers(prediction.log10_median),
            "log10_p10": _numbers(prediction.log10_p10),
            "log10_p90": _numbers(prediction.log10_p90),
            "sd_ln": _numbers(prediction.sd_ln),
            "reliable": prediction.reliable.tolist(),
        },
        "chi": number(phase.chi) if phase else None,
        "xi": number(phase.xi) if phase else None,
        "phase": phase.name if phase else None,
        "q_star": number(phase.q_star) if phase else None,
        "depth_budget": {"threshold": budget.threshold, **_budget(budget)} if budget else None,
        "critical_gain": outlook.critical_gain,
        "critical_gain_holds": outlook.is_stable,
        "holding_gain": outlook.preserving_gain,
        "reason": prediction.reason,
        "note": prediction.note,
    }


def _budget(budget: TrainableDepth) -> dict[str, Json]:
    return {"vanishing": budget.vanishing, "exploding": budget.exploding}


def gradient_statistics(result: MethodResult) -> dict[str, list[Number]]:
    """log10 gradients over the runs, each (L+1,) for the points L0 … L{L}; the mean is the geometric one."""
    spread = band(result.log10_gradient)
    mean_log10 = np.mean(result.log10_gradient, axis=0)
    statistics = {"median": spread.median, "p10": spread.p10, "p90": spread.p90, "mean": mean_log10}
    return {name: _numbers(values) for name, values in statistics.items()}


def element_statistics(elements: ElementCounts) -> dict[str, list[Number]]:
    """Shares of the gradient elements that are not exactly 0, each (L,) for the points L0 … L{L-1}."""
    counts = {"zero": elements.flushed, "subnormal": elements.subnormal, "overflow": elements.overflowed}
    return {name: _numbers(count / np.maximum(elements.nonzero, 1)) for name, count in counts.items()}


def preactivation_statistics(result: MethodResult) -> dict[str, list[Number]]:
    """Each (L,) for the hidden layers 1 … L."""
    z = result.preactivation
    return {"mean_abs": _numbers(z.mean_abs), "std": _numbers(z.std), "saturated": _numbers(z.saturated)}


def _numbers(values: Floats) -> list[Number]:
    return [number(value) for value in values.tolist()]


def _ends(interval: Interval | None) -> list[Json] | None:
    return None if interval is None else [number(interval.low), number(interval.high)]


def _line(value: Mapping[str, Json]) -> str:
    return json.dumps(value, allow_nan=False) + "\n"
