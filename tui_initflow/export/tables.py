"""Results as CSV: tidy tables. What does not exist is left empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.export.data import RUN_FIELDS, ratio_statistics, run_rows, statistics_by_layer
from tui_initflow.model.pair import SIDES

if TYPE_CHECKING:
    from tui_initflow.findings.inspection import Inspection
    from tui_initflow.findings.movement import Movement
    from tui_initflow.training.results import TrainingResult

RATIO = ("mean", "p10", "p90")
SWEEP_FIELDS = ("over", "value", "runs", *(f"log10_ratio.{name}" for name in RATIO), "ci95.low", "ci95.high")


def to_csv(result: Results | SweepResult | TrainingResult | Inspection | Movement) -> str:
    """One row per method, layer and statistic; for a sweep, one per point; of training, at each recorded step.

    Of a checkpoint, one row per tensor.
    """
    if not isinstance(result, (Results, SweepResult)):
        from tui_initflow.findings.inspection import Inspection
        from tui_initflow.findings.movement import Movement

        if isinstance(result, Inspection):
            from tui_initflow.export import checkpoints

            return _table(checkpoints.FIELDS, checkpoints.csv_rows(result))
        if isinstance(result, Movement):
            from tui_initflow.export import movement

            return _table(movement.FIELDS, movement.csv_rows(result))
        from tui_initflow.export.training import CSV_FIELDS, csv_rows

        return _table(CSV_FIELDS, csv_rows(result))
    if isinstance(result, SweepResult):
        return _table(SWEEP_FIELDS, (_sweep_row(result.over, point) for point in result.points))
    return _table(("side", "method", "layer", "statistic", "value"), _statistics(result))


def to_csv_by_run(results: Results) -> str:
    """One row per run."""
    return _table(RUN_FIELDS, run_rows(results))


def _statistics(results: Results) -> Iterator[tuple[object, ...]]:
    # `side` tells two equal methods apart
    for side in SIDES:
        result = results.methods[side]
        for group, statistics in statistics_by_layer(result).items():
            layers = statistics.pop("layer")
            for name, values in statistics.items():
                for layer, value in zip(layers, values, strict=True):
                    yield side, result.name, layer, f"{group}.{name}", value


def _sweep_row(over: str, point: SweepPoint) -> tuple[object, ...]:
    *statistics, ends = ratio_statistics(point).values()
    return over, point.value, len(point.log10_ratio), *statistics, *(ends or (None, None))


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    # loaded here because JSON does without
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
