"""What theory says of an experiment as JSON and as plain text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tui_initflow import __version__
from tui_initflow.export.text import Json, method_names, number, numbers, settings_dict
from tui_initflow.findings.notation import plain, scientific
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory.outlook import Report, report_of

MOST_ROWS = 21
Reports = Mapping[str, Report]


def reports(experiment: Experiment) -> Reports:
    return {"a": report_of(experiment, "a"), "b": report_of(experiment, "b")}


def theory_dict(experiment: Experiment, found: Reports) -> dict[str, Json]:
    """What `theory --json` prints: null where theory has no number."""
    settings = dict(settings_dict(experiment, experiment.runs))
    del settings["runs"], settings["seed"]
    names = dict(zip("ab", (experiment.a, experiment.b), strict=True))
    return {
        "version": __version__,
        "settings": settings,
        **{side: {"name": names[side], **_report_dict(report)} for side, report in found.items()},
    }


def _report_dict(report: Report) -> dict[str, Json]:
    prediction, budget = report.prediction, report.budget
    return {
        "q": numbers(prediction.q),
        "m": numbers(prediction.m),
        "log10_gradient": numbers(prediction.log10_gradient),
        "finite_width": {
            "log10_median": numbers(prediction.log10_median),
            "log10_p10": numbers(prediction.log10_p10),
            "log10_p90": numbers(prediction.log10_p90),
            "sd_ln": numbers(prediction.sd_ln),
            "reliable": [bool(each) for each in prediction.reliable],
        },
        "chi": number(report.phase.chi),
        "xi": number(report.phase.xi),
        "phase": report.phase.name,
        "q_star": number(report.phase.q_star),
        "depth_budget": {
            "threshold": budget.threshold,
            "vanishing": budget.vanishing,
            "exploding": budget.exploding,
        },
        "critical_gain": report.critical_gain,
        "critical_gain_holds": report.critical_holds,
        "holding_gain": report.holding_gain,
        "reason": prediction.reason,
        "note": prediction.note,
    }


def theory_json(experiment: Experiment, found: Reports) -> str:
    return json.dumps(theory_dict(experiment, found), allow_nan=False) + "\n"


def theory_text(experiment: Experiment, found: Reports) -> str:
    """Tables for people. ASCII, for any terminal."""
    lines = []
    for name, report in zip(method_names(experiment), found.values(), strict=True):
        lines += [f"{name}, {experiment.activation}: {phase_line(report)}", f"  {budget_line(report)}"]
        lines += [
            f"  {text}" for text in (gain_line(report), report.prediction.reason, report.prediction.note) if text
        ]
        lines += ["", *_table(report), ""]
    return "\n".join(lines[:-1]) + "\n"


def phase_line(report: Report) -> str:
    phase = report.phase
    depth = "infinite" if math.isinf(phase.xi) else plain(math.log10(phase.xi)) if phase.xi > 0 else "0"
    chi = plain(math.log10(phase.chi)) if phase.chi > 0 else "0"
    return f"{phase.name} phase, chi {chi}, depth scale {depth} layers"


def budget_line(report: Report) -> str:
    budget = report.budget
    passed = scientific(math.log10(budget.threshold), 0)
    if budget.vanishing is not None:
        return f"networks of up to {budget.vanishing} layers pass {passed} of the gradient"
    if budget.exploding is not None:
        return f"networks of up to {budget.exploding} layers keep the gradient below {1 / budget.threshold:g}"
    return f"networks of 1000 layers still pass {passed} of the gradient"


def gain_line(report: Report) -> str:
    if report.critical_gain is None:
        return "no gain is critical: the weights have a mean"
    if report.critical_holds:
        return f"gain {report.critical_gain:.4g} is critical"
    text = f"gain {report.critical_gain:.4g} has chi = 1 at q = 1 only, none holds at every depth"
    return text if report.holding_gain is None else f"{text}; {report.holding_gain:.4g} holds at this depth"


def _table(report: Report) -> list[str]:
    prediction = report.prediction
    points = len(prediction.log10_gradient)
    shown = np.unique(np.linspace(0, points - 1, min(points, MOST_ROWS)).round().astype(int)).tolist()
    lines = [f"  {'layer':<6}{'infinite':>10}{'median':>11}{'10%':>11}{'90%':>11}   finite width"]
    for point in shown:
        finite = "".join(
            f"{_written(values, point):>11}"
            for values in (prediction.log10_median, prediction.log10_p10, prediction.log10_p90)
        )
        doubt = "" if prediction.reliable[point] else "   unreliable"
        lines.append(f"  {f'L{point}':<6}{_written(prediction.log10_gradient, point):>10}{finite}{doubt}")
    if len(shown) < points:
        lines.append(f"  {len(shown)} of {points} points; --json has them all")
    return lines


def _written(values: NDArray[np.float64], point: int) -> str:
    value = float(values[point])
    return "-" if math.isnan(value) else scientific(value)


THEORY_WRITERS: Mapping[str, Callable[[Experiment, Reports], str]] = MappingProxyType(
    {"text": theory_text, "json": theory_json}
)
