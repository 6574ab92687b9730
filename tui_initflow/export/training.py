"""Training as JSON, CSV and text. Losses and accuracies are numbers, other magnitudes log10."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tui_initflow.findings.intervals import Floats, Masked, band_of_known
from tui_initflow.findings.learning import TrainedMap, verdict
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.findings.wording import long_title
from tui_initflow.model.pair import SIDES
from tui_initflow.model.training import TRAINING_SETTINGS, TrainingSettings
from tui_initflow.training.results import MethodTraining, TrainingResult

Number = float | None

ROWS = 12
"""Of the table of steps in the text."""


def training_settings(settings: TrainingSettings) -> dict[str, Any]:
    """For JSON, beside those of the experiment."""
    return {name: getattr(settings, name) for name in TRAINING_SETTINGS}


def training_object(result: TrainingResult | TrainedMap) -> dict[str, Any]:
    """What JSON has below its head, which is that of every command."""
    if isinstance(result, TrainedMap):
        return map_object(result)
    return {**{side: _method(result.methods[side]) for side in SIDES}, "chance": result.chance}


def _method(training: MethodTraining) -> dict[str, Any]:
    curves = training.curves
    gradient = band_of_known(curves.log10_gradient).median
    update = band_of_known(curves.log10_update_ratio).median
    return {
        "name": training.name,
        "lr": training.rate,
        "search": _search(training),
        "step": training.steps.tolist(),
        **{name: _spread(getattr(curves, name)) for name in ("loss", "accuracy")},
        "final_accuracy": list(training.final_accuracy),
        "diverged_at": list(training.diverged_at),
        "steps_to_90": list(training.steps_to_90),
        "log10_gradient": {"before": _numbers(gradient[0]), "after": _numbers(gradient[-1])},
        "log10_update_ratio": {
            "layer": list(range(1, update.shape[1] + 1)),
            "step": training.steps.tolist(),
            "values": [_numbers(row) for row in update],
        },
    }


def _search(training: MethodTraining) -> dict[str, Any] | None:
    if training.search is None:
        return None
    found = training.search
    return {"lr": list(found.rates), "loss": _numbers(np.array(found.loss)), "steps": found.steps, "runs": found.runs}


def _spread(values: Masked) -> dict[str, list[Number]]:
    return {name: _numbers(column) for name, column in band_of_known(values)._asdict().items()}


def _numbers(values: Floats) -> list[Number]:
    return [value if np.isfinite(value) else None for value in values.tolist()]


def map_object(report: TrainedMap) -> dict[str, Any]:
    """Accuracy by depth and gain, null where a cell is not done."""
    trained = report.trained
    depth = [None if xi is None or not np.isfinite(xi) else xi for xi in report.depth_scales]
    return {
        "gain": list(trained.gains),
        "layers": list(trained.depths),
        "accuracy": [_numbers(row.filled(np.nan)) for row in trained.accuracy],
        "theory_depth": depth,
        "chance": trained.chance,
    }


def step_rows(result: TrainingResult, done: int = 0) -> Iterator[Mapping[str, Any]]:
    """The medians of both methods at each recorded step, without the first `done` of them."""
    columns = {
        f"{name}_{side}": _numbers(band_of_known(getattr(result.methods[side].curves, name)).median)
        for name in ("loss", "accuracy")
        for side in SIDES
    }
    for point, step in list(enumerate(result.a.steps.tolist()))[done:]:
        yield {"step": step, **{name: column[point] for name, column in columns.items()}}


def csv_rows(result: TrainingResult) -> Iterator[tuple[object, ...]]:
    """Side, method, step, layer ("" if it is of none), statistic and value."""
    for side in SIDES:
        training = result.methods[side]
        for name in ("loss", "accuracy"):
            for statistic, column in _spread(getattr(training.curves, name)).items():
                for step, value in zip(training.steps.tolist(), column, strict=True):
                    yield side, training.name, step, "", f"{name}.{statistic}", value
        for name, first in (("log10_gradient", 0), ("saturated", 1), ("log10_update_ratio", 1)):
            medians = band_of_known(getattr(training.curves, name)).median
            for step, row in zip(training.steps.tolist(), medians, strict=True):
                for layer, value in enumerate(_numbers(row), first):
                    yield side, training.name, step, layer, f"{name}.median", value


CSV_FIELDS = ("side", "method", "step", "layer", "statistic", "value")


def training_lines(result: TrainingResult) -> list[str]:
    """The verdicts, and a table of some steps."""
    labels = [method.label for method in result.experiment.methods]
    pairs, heading = [f"{label:<19.19}" for label in labels], f"{'loss':>9} {'accuracy':>9}"
    lines = [
        long_title(result.experiment),
        "",
        *verdict(result),
        "",
        f"{'':>6}  {'  '.join(pairs)}".rstrip(),
        f"{'step':>6}  {heading}  {heading}",
    ]
    rows = list(step_rows(result))
    shown = np.unique(np.linspace(0, len(rows) - 1, min(ROWS, len(rows))).round().astype(int))
    for row in (rows[index] for index in shown):
        cells = (f"{_loss(row[f'loss_{side}']):>9} {_share(row[f'accuracy_{side}']):>9}" for side in SIDES)
        lines.append(f"{row['step']:>6}  {'  '.join(cells)}")
    return [*lines, *_gradients(result)]


def _loss(value: Number) -> str:
    return "-" if value is None else f"{value:.3g}"


def _share(value: Number) -> str:
    return "-" if value is None else percent(value)


def _gradients(result: TrainingResult) -> list[str]:
    """The gradient at the first layer, before and after."""
    lines = ["", "Gradient at L0 of the loss, median: before, after"]
    for side in SIDES:
        gradient = band_of_known(result.methods[side].curves.log10_gradient).median[[0, -1], 0]
        before, after = ("-" if np.isnan(value) else scientific(float(value)) for value in gradient)
        lines.append(f"  {result.experiment.methods[side].label:<20} {before:>9} {after:>9}")
    return lines
