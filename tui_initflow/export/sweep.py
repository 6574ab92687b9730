"""A sweep: the ratio of both methods at every value of a setting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.export.data import Json, ends, finite, settings_of
from tui_initflow.findings import wording
from tui_initflow.findings.intervals import band, mean_interval
from tui_initflow.findings.notation import factor
from tui_initflow.pages.parts import Chart, Code, Heading, Passage, Table, Title

CHART_ROWS = 20
RATIO = ("mean", "p10", "p90")
FIELDS = ("over", "value", "runs", *(f"log10_ratio.{name}" for name in RATIO), "ci95.low", "ci95.high")


def as_json(result: SweepResult) -> Mapping[str, Json]:
    return {
        "settings": settings_of(result.experiment),
        "over": result.over,
        "points": [
            {"value": point.value, "sampler": _samplers(result, point), "log10_ratio": _statistics(point)}
            for point in result.points
        ],
    }


def _samplers(result: SweepResult, point: SweepPoint) -> Mapping[str, Json]:
    return {method.side: method.sampler for method in result.experiment.with_(**{result.over: point.value}).methods}


def _statistics(point: SweepPoint) -> Mapping[str, Any]:
    """Mean, deciles and 95 % interval of log10 b/a over the runs of a point."""
    spread = band(point.log10_ratio)
    deciles = {"p10": finite(float(spread.p10)), "p90": finite(float(spread.p90))}
    return {"mean": finite(point.mean), **deciles, "ci95": ends(mean_interval(point.log10_ratio))}


def rows(result: SweepResult) -> Iterator[Iterable[object]]:
    yield FIELDS
    for point in result.points:
        *statistics, interval = _statistics(point).values()
        yield result.over, point.value, len(point.log10_ratio), *statistics, *(interval or (None, None))


def summary(result: SweepResult) -> Iterator[Passage]:
    yield [Title(wording.sweep_title(result.experiment, result.over))]
    yield [_table(result)]


def charts(result: SweepResult) -> Iterator[Passage]:
    yield [Title(wording.sweep_title(result.experiment, result.over))]
    yield [_chart(result)]


def report(result: SweepResult) -> Iterator[Passage]:
    from tui_initflow.export.run import settings_table
    from tui_initflow.findings.snippets import command_line

    experiment, over, values = result.experiment, result.over, [str(point.value) for point in result.points]
    yield [Title(wording.sweep_title(experiment, over))]
    yield [settings_table(experiment, {over: f"{values[0]} to {values[-1]}"})]
    yield [_chart(result)]
    yield [_table(result)]
    yield [Heading("Reproduce")]
    yield [Code(f"{command_line(experiment, 'sweep')} --over {over} --values {','.join(values)}", "sh")]


def _chart(result: SweepResult) -> Chart:
    from tui_initflow.pages.sweeps import sweep

    return Chart(partial(sweep, result, result.experiment, None), CHART_ROWS)


def _table(result: SweepResult) -> Table:
    header = (result.over, f"ratio, {wording.GEOMETRIC_MEAN}", "10-90% of runs", "interval of the ratio")
    return Table(header, [_cells(point) for point in result.points], ">><<")


def _cells(point: SweepPoint) -> tuple[str, ...]:
    spread, interval = band(point.log10_ratio), mean_interval(point.log10_ratio)
    between = f"{factor(float(spread.p10))} to {factor(float(spread.p90))}"
    return str(point.value), factor(point.mean), between, wording.factor_interval(interval)
