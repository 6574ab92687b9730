"""Results as JSON, CSV and plain text. Pure functions: they return what the caller writes.

Magnitudes are log10 everywhere, so that nothing under- or overflows on its way. JSON and CSV have no infinity: a
gradient that is exactly zero (log10 is -inf), and an interval that a single run does not have, are null and empty.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tui_initflow import __version__
from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.findings.intervals import Interval, Verdict, band, mean_interval, verdict, wilson_interval
from tui_initflow.findings.notation import factor, percent, scientific
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import GLOROT
from tui_initflow.model.widths import widths_text

Floats = NDArray[np.float64]
Number = float | None
Json = Mapping[str, "Json"] | list["Json"] | str | int | Number

UNUSUAL = ("gain_a", "gain_b", "sigma_b", "start")
"""Settings that are told where they are not the demo's."""
RUN_FIELDS = ("run", "log10_final_a", "log10_final_b", "log10_ratio")
"""Of one run, numbered from 1 as in the charts: both final gradients, b's over a's."""
MOST_ROWS = 21
"""Rows of the table in the plain text."""


def run_dict(results: Results) -> dict[str, Json]:
    """What `run --json` prints."""
    ratio = results.log10_ratio
    wins = int(np.count_nonzero(ratio > 0))
    return {
        "version": __version__,
        "settings": settings_dict(results.experiment, results.runs),
        "a": _method_dict(results.a),
        "b": _method_dict(results.b),
        "comparison": {
            "log10_ratio": {"mean": number(_mean(ratio)), "ci95": _pair(mean_interval(ratio))},
            "b_wins": {"share": wins / results.runs, "ci95": _pair(wilson_interval(wins, results.runs))},
        },
    }


def sweep_dict(result: SweepResult) -> dict[str, Json]:
    """What `sweep --json` prints."""
    return {
        "settings": settings_dict(result.experiment, result.experiment.runs),
        "over": result.over,
        "points": [_point_dict(point) for point in result.points],
    }


def settings_dict(experiment: Experiment, runs: int) -> dict[str, Json]:
    """The settings that give the same numbers again: `runs` are those done, which a stop makes fewer."""
    settings: dict[str, Json] = {
        "layers": experiment.layers,
        "neurons": experiment.neurons,
        "features": experiment.features,
        "activation": experiment.activation,
        "scale": _scale(experiment),
        "a": experiment.a,
        "b": experiment.b,
        "runs": runs,
        "seed": experiment.seed,
    }
    if experiment.widths is not None:
        settings |= {"neurons": None, "widths": list(experiment.widths)}
    standard = Experiment()
    return settings | {
        name: getattr(experiment, name) for name in UNUSUAL if getattr(experiment, name) != getattr(standard, name)
    }


def _scale(experiment: Experiment) -> Json:
    """glorot where both methods share that scale, sqrt(2 / (fan_in + fan_out)); null where each has its own."""
    return "glorot" if all(each.rule == GLOROT for each in experiment.initialisers) else None


def _method_dict(result: MethodResult) -> dict[str, Json]:
    gradient = _gradient_statistics(result)
    preactivation = _preactivation_statistics(result)
    layers = len(preactivation["std"])
    return {
        "name": result.name,
        "log10_gradient": {"layer": list(range(layers + 1)), **{k: numbers(v) for k, v in gradient.items()}},
        "log10_final": numbers(result.log10_final),
        "preactivation": {
            "layer": list(range(1, layers + 1)),
            **{k: numbers(v) for k, v in preactivation.items()},
        },
    }


def _point_dict(point: SweepPoint) -> dict[str, Json]:
    spread = band(point.log10_ratio)
    return {
        "value": point.value,
        "log10_ratio": {
            "mean": number(_mean(point.log10_ratio)),
            "p10": number(float(spread.p10)),
            "p90": number(float(spread.p90)),
            "ci95": _pair(mean_interval(point.log10_ratio)),
        },
    }


def _gradient_statistics(result: MethodResult) -> dict[str, Floats]:
    """log10 gradients over the runs, each (L+1,) for the points L0 … L{L}."""
    spread = band(result.log10_gradient)
    return {
        "median": spread.median,
        "p10": spread.p10,
        "p90": spread.p90,
        "mean": np.mean(result.log10_gradient, axis=0),
    }


def _preactivation_statistics(result: MethodResult) -> dict[str, Floats]:
    """Each (L,) for the hidden layers 1 … L."""
    found = result.preactivation
    return {"mean_abs": found.mean_abs, "std": found.std, "saturated": found.saturated}


def _mean(values: Floats) -> float:
    # infinities of both signs, from zero gradients, have no mean
    with np.errstate(invalid="ignore"):
        return float(np.mean(values))


def number(value: float) -> Number:
    """The value, null where it is not finite."""
    return value if math.isfinite(value) else None


def numbers(values: Floats) -> list[Json]:
    return [number(value) for value in values.tolist()]


def _pair(interval: Interval | None) -> list[Json] | None:
    return None if interval is None else [number(interval.low), number(interval.high)]


def run_json(results: Results) -> str:
    """`run --json`: one line."""
    return _json(run_dict(results))


def sweep_json(result: SweepResult) -> str:
    """`sweep --json`: one line."""
    return _json(sweep_dict(result))


def _json(value: Mapping[str, Json]) -> str:
    return json.dumps(value, allow_nan=False) + "\n"


def run_csv(results: Results) -> str:
    """`run --csv`: one row per method, layer and statistic. `side` tells two equal methods apart."""
    return _csv(("side", "method", "layer", "statistic", "value"), _run_rows(results))


def _run_rows(results: Results) -> Iterator[tuple[object, ...]]:
    for side, result in (("a", results.a), ("b", results.b)):
        for group, first, statistics in (
            ("log10_gradient", 0, _gradient_statistics(result)),
            ("preactivation", 1, _preactivation_statistics(result)),
        ):
            for name, values in statistics.items():
                for layer, value in enumerate(values.tolist(), first):
                    yield side, result.name, layer, f"{group}.{name}", number(value)


def run_jsonl(results: Results) -> str:
    """`run --jsonl`: one line per run."""
    return run_lines(results, 0)


def run_lines(results: Results, done: int) -> str:
    """The lines of the runs after the first `done`."""
    return "".join(_json(dict(zip(RUN_FIELDS, row, strict=True))) for row in _runs_of(results, done))


def run_csv_by_run(results: Results) -> str:
    """`run --csv-runs`: one row per run."""
    return _csv(RUN_FIELDS, _runs_of(results, 0))


def _runs_of(results: Results, done: int) -> Iterator[tuple[int, Number, Number, Number]]:
    """What `RUN_FIELDS` names of the runs after the first `done`."""
    columns = (results.a.log10_final, results.b.log10_final, results.log10_ratio)
    rows = zip(*(column[done:].tolist() for column in columns), strict=True)
    return ((run, number(a), number(b), number(ratio)) for run, (a, b, ratio) in enumerate(rows, done + 1))


def sweep_csv(result: SweepResult) -> str:
    """`sweep --csv`: one row per point."""
    header = (
        "over",
        "value",
        "runs",
        "log10_ratio.mean",
        "log10_ratio.p10",
        "log10_ratio.p90",
        "ci95.low",
        "ci95.high",
    )
    return _csv(header, (_sweep_row(result.over, point) for point in result.points))


def _sweep_row(over: str, point: SweepPoint) -> tuple[object, ...]:
    spread, interval = band(point.log10_ratio), mean_interval(point.log10_ratio)
    ends = (None, None) if interval is None else (number(interval.low), number(interval.high))
    statistics = (_mean(point.log10_ratio), float(spread.p10), float(spread.p90))
    return over, point.value, len(point.log10_ratio), *map(number, statistics), *ends


def _csv(header: Iterable[str], rows: Iterable[tuple[object, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def run_text(results: Results) -> str:
    """What `run` prints for people: final gradients, the verdict, a table by layer. ASCII, for any terminal."""
    experiment = results.experiment
    lines = [title(experiment, results.runs), "", *verdict_lines(results), "", *_layer_table(results)]
    return "\n".join(lines) + "\n"


def verdict_lines(results: Results) -> list[str]:
    """Both final gradients, their ratio, and who wins how often."""
    a, b = method_names(results.experiment)
    width = max(len(a), len(b))
    wins = int(np.count_nonzero(results.log10_ratio > 0))
    share = wilson_interval(wins, results.runs)
    return [
        "Final gradient, at the first layer" + (", geometric mean over the runs:" if results.runs > 1 else ":"),
        *(
            f"  {name:<{width}}  {scientific(_mean(side.log10_final))}"
            for name, side in ((a, results.a), (b, results.b))
        ),
        "",
        _verdict(verdict(results.log10_ratio), a, b),
        f"{b} wins {wins} of {results.runs} {_plural('run', results.runs)}"
        + (f", 95% interval {percent(share.low)} to {percent(share.high)}" if results.runs > 1 else ""),
    ]


def sweep_text(result: SweepResult) -> str:
    """What `sweep` prints for people: a row per point."""
    lines = [sweep_title(result), "", f"{result.over:>8}  {'ratio':>10}  95% interval"]
    for point in result.points:
        interval = mean_interval(point.log10_ratio)
        lines.append(f"{point.value:>8}  {factor(_mean(point.log10_ratio)):>10}  {_interval(interval)}")
    return "\n".join(lines) + "\n"


def sweep_title(result: SweepResult) -> str:
    """What varies and what is fixed, in a sentence."""
    experiment = result.experiment
    a, b = method_names(experiment)
    fixed = [f"{name} {getattr(experiment, name)}" for name in ("layers", "neurons", "features")]
    fixed = [text for text in fixed if not text.startswith(result.over)]
    if experiment.widths is not None:
        fixed = [f"widths {widths_text(experiment.widths)}"]
    return (
        f"Ratio {b} / {a} over {result.over}; "
        + ", ".join(fixed)
        + f", {experiment.activation}, seed {experiment.seed}, {_runs(experiment.runs)} at each value"
    )


def title(experiment: Experiment, runs: int) -> str:
    """All settings in a sentence."""
    a, b = method_names(experiment)
    network = (
        f"{_plural_of(experiment.layers, 'layer')} of {_plural_of(experiment.neurons, 'neuron')}, "
        f"{_plural_of(experiment.features, 'feature')}"
    )
    if experiment.widths is not None:
        network = f"widths {widths_text(experiment.widths)}"
    bias = f", biases of standard deviation {experiment.sigma_b:g}" if experiment.sigma_b else ""
    start = "" if experiment.start == "ones" else f", backward start {experiment.start}"
    return (
        f"{a} against {b}: {network}, {experiment.activation}{bias}{start}, seed {experiment.seed}, {_runs(runs)}"
    )


def method_names(experiment: Experiment) -> tuple[str, str]:
    """Both methods as on the command line, with their gains, told apart where they are the same."""
    names = [
        name if gain == 1.0 else f"{name} x{gain:.4g}"
        for name, gain in ((experiment.a, experiment.gain_a), (experiment.b, experiment.gain_b))
    ]
    if names[0] == names[1]:
        return f"{names[0]} (a)", f"{names[1]} (b)"
    return names[0], names[1]


def _verdict(found: Verdict, a: str, b: str) -> str:
    if math.isnan(found.log10_factor):
        return f"Ratio {b} / {a}: none, both are exactly zero"
    ratio = f"Ratio {b} / {a}: {factor(found.log10_factor)}"
    if found.interval is not None:
        ratio += f", 95% interval {_interval(found.interval)}"
    if found.winner is None:
        return f"{ratio}. No significant difference"
    winner = (b if found.winner == "b" else a).upper()
    return f"{ratio}. {winner} WINS BY {factor(abs(found.log10_factor))}"


def _interval(interval: Interval | None) -> str:
    return "none" if interval is None else f"{factor(interval.low)} to {factor(interval.high)}"


def _layer_table(results: Results) -> list[str]:
    """Median gradient at a point, its factor to the next, saturated share: both methods side by side."""
    points = results.experiment.layers + 1
    shown = np.unique(np.linspace(0, points - 1, min(points, MOST_ROWS)).round().astype(int)).tolist()
    columns = [_layer_columns(side) for side in (results.a, results.b)]
    heading = f"{'gradient':>10} {'factor':>7} {'satur.':>6}"
    lines = [
        "       " + "  ".join(f"{name:<25.25}" for name in method_names(results.experiment)).rstrip(),
        f"layer {heading}  {heading}",
        *(f"{f'L{point}':<5} " + "  ".join(column[point] for column in columns) for point in shown),
    ]
    if len(shown) < points:
        lines.append(f"{len(shown)} of {points} points; --csv has them all")
    return [line.rstrip() for line in lines]


def _layer_columns(result: MethodResult) -> list[str]:
    gradient = band(result.log10_gradient).median
    with np.errstate(invalid="ignore"):
        factors = [*10.0 ** np.diff(-gradient), math.nan]
    # the gradient at point L{k} is that of layer k + 1; the last point is the output, which has no neurons
    saturated = [percent(float(share)) for share in result.preactivation.saturated] + ["-"]
    return [
        f"{scientific(float(value)):>10} {f'{step:.3f}' if math.isfinite(step) else '-':>7} {share:>6}"
        for value, step, share in zip(gradient, factors, saturated, strict=True)
    ]


def _runs(count: int) -> str:
    return _plural_of(count, "run")


def _plural_of(count: int, noun: str) -> str:
    return f"{count} {_plural(noun, count)}"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


RUN_WRITERS: Mapping[str, Callable[[Results], str]] = MappingProxyType(
    {"text": run_text, "json": run_json, "jsonl": run_jsonl, "csv": run_csv, "csv-runs": run_csv_by_run}
)
SWEEP_WRITERS: Mapping[str, Callable[[SweepResult], str]] = MappingProxyType(
    {"text": sweep_text, "json": sweep_json, "csv": sweep_csv}
)
