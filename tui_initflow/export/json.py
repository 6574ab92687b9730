"""Results as JSON.

Magnitudes are log10 everywhere, so that nothing under- or overflows on its way. JSON has no infinity: a gradient that
is exactly zero (log10 is -inf), and an interval that a single run does not have, are null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import numpy as np

from tui_initflow import __version__
from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.export.values import Json, Number, number, numbers, settings_content
from tui_initflow.findings.intervals import Floats, Interval, Share, band, mean, mean_interval

RUN_FIELDS = ("run", "log10_final_a", "log10_final_b", "log10_ratio")
"""Of one run, numbered from 1 as in the charts: both final gradients, b's over a's."""


def content(found: object) -> Mapping[str, Json]:
    """What JSON says of a result."""
    match found:
        case Results():
            return _run(found)
        case SweepResult():
            return _sweep(found)
    # loads the theory, which runs and sweeps do without
    from tui_initflow.export.theory import content as theory_content

    return theory_content(found)


def to_json(found: object) -> str:
    """The result on one line."""
    return _line(content(found))


def to_json_lines(found: object) -> str:
    """A line for each run."""
    assert isinstance(found, Results)
    return run_lines(found, 0)


def run_lines(results: Results, done: int) -> str:
    """The lines of the runs after the first `done`."""
    return "".join(_line(dict(zip(RUN_FIELDS, row, strict=True))) for row in run_rows(results, done))


def run_rows(results: Results, done: int) -> Iterator[tuple[int, Number, Number, Number]]:
    """What `RUN_FIELDS` names, of the runs after the first `done`."""
    columns = (results.a.log10_final, results.b.log10_final, results.log10_ratio)
    rows = zip(*(column[done:].tolist() for column in columns), strict=True)
    return ((run, number(a), number(b), number(ratio)) for run, (a, b, ratio) in enumerate(rows, done + 1))


def _line(value: Mapping[str, Json]) -> str:
    return json.dumps(value, allow_nan=False) + "\n"


def _run(results: Results) -> dict[str, Json]:
    ratio = results.log10_ratio
    wins = Share(int(np.count_nonzero(ratio > 0)), results.runs)
    return {
        "version": __version__,
        "settings": settings_content(results.experiment.with_(runs=results.runs)),
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
        "settings": settings_content(result.experiment),
        "over": result.over,
        "points": [_point(point) for point in result.points],
    }


def _method(result: MethodResult) -> dict[str, Json]:
    gradient, preactivation = gradient_statistics(result), preactivation_statistics(result)
    layers = len(preactivation["std"])
    return {
        "name": result.name,
        "log10_gradient": {"layer": list(range(layers + 1)), **_numbers_by_name(gradient)},
        "log10_final": numbers(result.log10_final),
        "preactivation": {"layer": list(range(1, layers + 1)), **_numbers_by_name(preactivation)},
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


def gradient_statistics(result: MethodResult) -> dict[str, Floats]:
    """log10 gradients over the runs, each (L+1,) for the points L0 … L{L}; the mean is the geometric one."""
    spread = band(result.log10_gradient)
    mean_log10 = np.mean(result.log10_gradient, axis=0)
    return {"median": spread.median, "p10": spread.p10, "p90": spread.p90, "mean": mean_log10}


def preactivation_statistics(result: MethodResult) -> dict[str, Floats]:
    """Each (L,) for the hidden layers 1 … L."""
    z = result.preactivation
    return {"mean_abs": z.mean_abs, "std": z.std, "saturated": z.saturated}


def _numbers_by_name(arrays: Mapping[str, Floats]) -> dict[str, Json]:
    return {name: numbers(values) for name, values in arrays.items()}


def _ends(interval: Interval | None) -> list[Json] | None:
    return None if interval is None else [number(interval.low), number(interval.high)]
