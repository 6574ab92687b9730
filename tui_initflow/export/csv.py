"""Results as tables of comma-separated values. Magnitudes are log10; values that are not finite are left empty."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.export.json import RUN_FIELDS, ratio_statistics, run_rows, statistics_by_layer
from tui_initflow.model.pair import SIDES

Row = tuple[object, ...]

RATIO = ("mean", "p10", "p90")
SWEEP_FIELDS = ("over", "value", "runs", *(f"log10_ratio.{name}" for name in RATIO), "ci95.low", "ci95.high")


def to_csv(result: Results | SweepResult) -> str:
    """For runs, one row per method, layer and statistic; for a sweep, one row per point."""
    if isinstance(result, SweepResult):
        return _table(SWEEP_FIELDS, (_sweep_row(result.over, point) for point in result.points))
    return _table(("side", "method", "layer", "statistic", "value"), _statistics(result))


def to_csv_by_run(results: Results) -> str:
    """One row per run."""
    return _table(RUN_FIELDS, run_rows(results))


def _statistics(results: Results) -> Iterator[Row]:
    # `side` tells two equal methods apart
    for side in SIDES:
        result = results.methods[side]
        for group, statistics in statistics_by_layer(result).items():
            layers = statistics.pop("layer")
            for name, values in statistics.items():
                for layer, value in zip(layers, values, strict=True):
                    yield side, result.name, layer, f"{group}.{name}", value


def _sweep_row(over: str, point: SweepPoint) -> Row:
    *statistics, ends = ratio_statistics(point).values()
    return over, point.value, len(point.log10_ratio), *statistics, *(ends or (None, None))


def _table(header: Iterable[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
