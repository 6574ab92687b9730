"""Results as JSON.

Magnitudes are log10 everywhere, so that nothing under- or overflows. JSON has no infinity: a gradient that is exactly
zero (log10 is -inf), and an interval that a single run does not have, are null. `schemas` has the contract.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_initflow import __version__
from tui_initflow.engine.grid import GridResult
from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.export.schemas.runs import OF_B
from tui_initflow.findings.intervals import Floats, Interval, Share, band, mean, mean_interval
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import GLOROT
from tui_initflow.model.network import Method
from tui_initflow.model.pair import SIDES

if TYPE_CHECKING:
    from tui_initflow.engine.gradient_elements import ElementCounts
    from tui_initflow.engine.grid_plan import Quantity
    from tui_initflow.export.listing import Listing
    from tui_initflow.findings.health import Health
    from tui_initflow.findings.inspection import Inspection, TensorFinding
    from tui_initflow.findings.learning import TrainedMap
    from tui_initflow.findings.movement import Movement
    from tui_initflow.theory.outlook import Outlook, Theory
    from tui_initflow.training.results import TrainingResult

Number = float | None
Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | Number

TOGETHER = 1 << 10
"""Tensors whose text is put together before that of all of them."""
RUN_FIELDS = ("run", "log10_final_a", "log10_final_b", "log10_ratio")
"""One run, numbered from 1 as in the charts: both final gradients, and b's over a's."""


def to_json(
    result: Results
    | SweepResult
    | GridResult
    | Theory
    | Health
    | TrainingResult
    | TrainedMap
    | Inspection
    | Movement
    | Listing,
) -> str:
    """The result on one line."""
    text = _line({"version": __version__, "numpy": np.__version__, **_object(result)})
    tensors = getattr(result, "tensors", None)
    return text if tensors is None else _with_tensors(text, tensors)


def _with_tensors(text: str, tensors: Sequence[TensorFinding]) -> str:
    """The JSON of an inspection with its tensors, written as they come: all of them as objects take much memory."""
    from tui_initflow.export.checkpoints import values_of

    before, after = text.split('"tensors": []')
    parts = [f'{before}"tensors": [']
    for start in range(0, len(tensors), TOGETHER):
        rows = (json.dumps(values_of(one), allow_nan=False) for one in tensors[start : start + TOGETHER])
        parts += [", " * (start > 0), ", ".join(rows)]
    # at once: it is as large as all of them
    return "".join((*parts, f"]{after}"))


def _object(result: Any) -> Mapping[str, Json]:
    """What the JSON of a result has after the versions."""
    if isinstance(result, Results):
        return _run(result)
    if isinstance(result, SweepResult):
        return _sweep(result)
    if isinstance(result, GridResult):
        return _grid(result)
    if isinstance(result, dict):
        return result
    # loads theory and training, which runs and sweeps do without
    from tui_initflow.findings.inspection import Inspection
    from tui_initflow.findings.learning import TrainedMap
    from tui_initflow.findings.movement import Movement
    from tui_initflow.theory.outlook import Theory
    from tui_initflow.training.results import TrainingResult

    if isinstance(result, Inspection):
        from tui_initflow.export.checkpoints import inspection_object

        return inspection_object(result)
    if isinstance(result, Movement):
        from tui_initflow.export.movement import movement_object

        return movement_object(result)
    if isinstance(result, (TrainingResult, TrainedMap)):
        return _training(result)
    return _theory(result) if isinstance(result, Theory) else _health(result)


def to_json_lines(results: Results | TrainingResult, done: int = 0) -> str:
    """One line per run, or per recorded step of training, without the first `done` of them."""
    if not isinstance(results, Results):
        from tui_initflow.export.training import step_rows

        return "".join(map(_line, step_rows(results, done)))
    return "".join(_line(dict(zip(RUN_FIELDS, row, strict=True))) for row in run_rows(results, done))


def run_rows(results: Results, done: int = 0) -> Iterator[tuple[int, Number, Number, Number]]:
    """The values of `RUN_FIELDS` for each run, without the first `done` runs."""
    columns = (results.a.log10_final, results.b.log10_final, results.log10_ratio)
    rows = zip(*(column[done:].tolist() for column in columns), strict=True)
    return ((run, _number(a), _number(b), _number(ratio)) for run, (a, b, ratio) in enumerate(rows, done + 1))


def _number(value: float) -> Number:
    """The value, or None where it is not finite."""
    return value if math.isfinite(value) else None


def _run(results: Results) -> dict[str, Json]:
    ratio = results.log10_ratio
    wins = Share(int(np.count_nonzero(ratio > 0)), results.runs)
    return {
        "settings": _settings(results.experiment.with_(runs=results.runs)),
        **{side: _method(results.methods[side], results.experiment.methods[side]) for side in SIDES},
        "comparison": {
            "log10_ratio": {"mean": _number(mean(ratio)), "ci95": _ends(mean_interval(ratio))},
            "b_wins": {"share": wins.value, "ci95": _ends(wins.interval)},
        },
    }


def _sweep(result: SweepResult) -> dict[str, Json]:
    return {
        "settings": _settings(result.experiment),
        "over": result.over,
        "points": [_point(result, point) for point in result.points],
    }


def _point(result: SweepResult, point: SweepPoint) -> dict[str, Json]:
    methods = result.experiment.with_(**{result.over: point.value}).methods
    samplers: dict[str, Json] = {method.side: method.sampler for method in methods}
    return {"value": point.value, "sampler": samplers, "log10_ratio": ratio_statistics(point)}


def _grid(result: GridResult) -> dict[str, Json]:
    """Means over the runs, one row for each depth; null where a cell is not computed, too."""
    plan = result.plan
    (over, against), methods = plan.axes, plan.experiment.methods

    def rows(quantity: Quantity) -> list[Json]:
        return [_numbers(row) for row in result.log10(quantity)]

    return {
        "settings": _settings(plan.experiment),
        "over": over,
        "against": against,
        over: list(plan.x_values),
        against: list(plan.y_values),
        **{side: {"name": methods[side].initialiser.name, "log10_final": rows(side)} for side in SIDES},
        "log10_ratio": rows("ratio"),
    }


def _theory(theory: Theory) -> dict[str, Json]:
    # nothing is drawn
    written: dict[str, Json] = {"settings": _settings(theory.experiment, "runs", "seed")}
    for side in SIDES:
        name = theory.experiment.methods[side].initialiser.name
        written[side] = {"name": name, **_outlook(theory.outlooks[side])}
    return written


def _training(result: TrainingResult | TrainedMap) -> dict[str, Json]:
    from tui_initflow.export.training import training_object, training_settings

    settings = {**_settings(result.experiment), **training_settings(result.settings)}
    return {"settings": settings, **training_object(result)}


def _health(health: Health) -> dict[str, Json]:
    method, budget = health.method, health.outlook.trainable_depth
    return {
        # only method a is judged
        "settings": _settings(health.experiment, *OF_B),
        "sampler": health.experiment.methods.a.sampler,
        "healthy": health.problem is None,
        "problem": health.problem,
        "min_gradient": health.min_gradient,
        "log10_final": {name: _number(float(values[0])) for name, values in method.band._asdict().items()},
        "within": {"share": health.within.value, "ci95": _ends(health.within.interval)},
        "saturated": method.flat,
        "dead": method.dead,
        "depth_budget": {"vanishing": budget.vanishing, "exploding": budget.exploding} if budget else None,
        **_format(method.elements),
        **_learning(health.training),
        "advice": health.advice.sentences,
        "pytorch": health.advice.pytorch,
    }


def _learning(training: TrainingResult | None) -> dict[str, Json]:
    if training is None:
        return {}
    from tui_initflow.export.training import training_settings

    a = training.a
    learned: dict[str, Json] = {"lr": a.rate, "final_accuracy": list(a.final_accuracy), "chance": a.chance}
    return {"training": {**training_settings(training.settings), **learned}}


def _settings(experiment: Experiment, *left_out: str) -> dict[str, Json]:
    """The settings that reproduce the numbers: the demo's, then any others that are not the default.

    `scale` is "glorot" where both methods share that scale, sqrt(2 / (fan_in + fan_out)), and null otherwise.
    """
    shared = all(method.initialiser.rule == GLOROT for method in experiment.methods)
    demo: dict[str, Json] = {}
    others: dict[str, Json] = {}
    for name, setting in SETTINGS.items():
        value = getattr(experiment, name)
        if name == "a":
            demo["scale"] = "glorot" if shared else None
        if name in left_out:
            continue
        if setting.in_demo:
            demo[name] = value
        elif value != setting.default:
            others[name] = value
    return {**demo, **others}


def _method(result: MethodResult, method: Method) -> dict[str, Json]:
    by_layer = statistics_by_layer(result)
    return {
        "name": result.name,
        "sampler": method.sampler,
        "log10_gradient": by_layer["log10_gradient"],
        "log10_final": _numbers(result.log10_final),
        "preactivation": by_layer["preactivation"],
        **_format(result.elements),
    }


def _format(elements: ElementCounts | None) -> dict[str, Json]:
    """What the number format loses by layer, and of all layers without and with the best loss scale."""
    if elements is None:
        return {}
    lost: dict[str, Json] = {
        "name": elements.format.name,
        **_element_statistics(elements),
        "log2_loss_scale": elements.best_scale,
        "lost": elements.lost_with(0),
        "lost_with_loss_scale": elements.lost_with(elements.best_scale),
    }
    return {"format": lost}


def statistics_by_layer(result: MethodResult) -> dict[str, dict[str, Sequence[Number]]]:
    """Each statistic as a list, beside a list of its layers.

    log10 gradients, at the points L0 … L{L}, are taken over the runs, and their mean is the geometric one;
    pre-activations are those of the hidden layers 1 … L. Elements of the gradient are counted in a number format only.
    """
    points = range(result.log10_gradient.shape[1])
    spread = _columns(band(result.log10_gradient), "median", "p10", "p90")
    geometric_mean = _numbers(np.mean(result.log10_gradient, axis=0))
    of_z = _columns(result.preactivation, "mean_abs", "std", "saturated")
    statistics: dict[str, dict[str, Sequence[Number]]] = {
        "log10_gradient": {"layer": list(points), **spread, "mean": geometric_mean},
        "preactivation": {"layer": list(points[1:]), **of_z},
    }
    return statistics if result.elements is None else {**statistics, "format": _element_statistics(result.elements)}


def _element_statistics(elements: ElementCounts) -> dict[str, Sequence[Number]]:
    """Shares of the gradient elements that are not exactly 0, at the points L0 … L{L-1}."""
    counts = {"zero": elements.flushed, "subnormal": elements.subnormal, "overflow": elements.overflowed}
    shares = {name: _numbers(count / np.maximum(elements.nonzero, 1)) for name, count in counts.items()}
    return {"layer": list(range(len(elements.nonzero))), **shares}


def _outlook(outlook: Outlook) -> dict[str, Json]:
    prediction, phase, budget = outlook.prediction, outlook.phase, outlook.trainable_depth
    return {
        **_columns(prediction, "q", "m", "log10_gradient"),
        "finite_width": {
            **_columns(prediction, "log10_median", "log10_p10", "log10_p90", "sd_ln"),
            "reliable": prediction.reliable.tolist(),
        },
        "chi": _number(phase.chi) if phase else None,
        "xi": _number(phase.xi) if phase else None,
        "phase": phase.name if phase else None,
        "q_star": _number(phase.q_star) if phase else None,
        "depth_budget": asdict(budget) if budget else None,
        "critical_gain": outlook.critical_gain,
        "critical_gain_holds": outlook.is_stable,
        "holding_gain": outlook.preserving_gain,
        "reason": prediction.reason,
        "note": prediction.note,
    }


def ratio_statistics(point: SweepPoint) -> dict[str, Any]:
    """Mean, deciles and 95 % interval of log10 b/a over the runs of a point."""
    spread, interval = band(point.log10_ratio), mean_interval(point.log10_ratio)
    deciles = {"p10": _number(float(spread.p10)), "p90": _number(float(spread.p90))}
    return {"mean": _number(point.mean), **deciles, "ci95": _ends(interval)}


def _columns(record: object, *names: str) -> dict[str, list[Number]]:
    """Arrays of a record, by the names that they have there."""
    return {name: _numbers(getattr(record, name)) for name in names}


def _numbers(values: Floats) -> list[Number]:
    return [_number(value) for value in values.tolist()]


def _ends(interval: Interval | None) -> list[Number] | None:
    return None if interval is None else [_number(interval.low), _number(interval.high)]


def _line(value: Mapping[str, Json]) -> str:
    return json.dumps(value, allow_nan=False) + "\n"
