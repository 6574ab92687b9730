"""Results as tables of comma-separated values. Magnitudes are log10; values that are not finite are left empty."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.export.json import (
    RUN_FIELDS,
    element_statistics,
    gradient_statistics,
    number,
    preactivation_statistics,
    run_rows,
)
from tui_initflow.findings.intervals import band, mean_interval
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
        elements = {} if result.elements is None else element_statistics(result.elements)
        for group, first, statistics in (
            ("log10_gradient", 0, gradient_statistics(result)),
            ("preactivation", 1, preactivation_statistics(result)),
            ("format", 0, elements),
        ):
            for name, values in statistics.items():
                for layer, value in enumerate(values, first):
                    yield side, result.name, layer, f"{group}.{name}", value


def _sweep_row(over: str, point: SweepPoint) -> Row:
    spread, interval = band(point.log10_ratio), mean_interval(point.log10_ratio)
    ends = (None, None) if interval is None else (number(interval.low), number(interval.high))
    statistics = (point.mean, float(spread.p10), float(spread.p90))
    return over, point.value, len(point.log10_ratio), *map(number, statistics), *ends


def _table(header: Iterable[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
