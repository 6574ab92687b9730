"""A sweep of one setting: the chart of the ratio, and in words what it shows or what one point says."""

from __future__ import annotations

import numpy as np

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.description import LineChart, Series
from tui_initflow.charts.draw_lines import x_at
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.engine.sweep import SweepPoint, SweepResult, sweep_values
from tui_initflow.findings.intervals import band
from tui_initflow.findings.wording import basis, compared, ratio_name, sweep_caption
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.pages.rows import blank, paragraph


def readout(experiment: Experiment, over: str, point: SweepPoint) -> str:
    """One point in words: Layers 14: Normal is larger by 380x."""
    result = compared(experiment.methods.map(lambda method: method.label), point.log10_ratio)
    runs = len(point.log10_ratio)
    return f"{SETTINGS[over].label} {point.value}: {result}{f' ({basis(runs)})' if runs > 1 else ''}"


def sweep(
    result: SweepResult,
    experiment: Experiment,
    cursor: int | None,
    width: int,
    height: int,
    palette: Palette,
) -> Picture:
    """The chart with its caption, or with the point at index `cursor` read out. `experiment` is the point marked."""
    muted, text = Style(palette.muted), Style(palette.text, bold=True)
    over, points = result.over, result.points
    at = None if cursor is None else points[min(cursor, len(points) - 1)]
    caption = sweep_caption(experiment, over, points[0].value, points[-1].value, _runs(result))
    lines = paragraph(caption, width, muted) if at is None else paragraph(readout(experiment, over, at), width, text)
    # a reading has as many rows as the caption, so that the chart does not jump while the cursor moves
    rows = _caption_rows(experiment, _runs(result), width)
    chart = _chart(result, experiment, at)
    drawn = render(chart, width, max(1, height - rows), palette)
    return (*drawn, *lines, *blank(width, rows - len(lines)))


def point_at(
    result: SweepResult, experiment: Experiment, column: int, width: int, height: int, palette: Palette
) -> int:
    """The index of the point nearest to a column of what `sweep` draws at this size."""
    rows = max(1, height - _caption_rows(experiment, _runs(result), width))
    x = x_at(_chart(result, experiment, None), column, width, rows, palette)
    return min(range(len(result.points)), key=lambda index: abs(result.points[index].value - x))


def _runs(result: SweepResult) -> int:
    return len(result.points[0].log10_ratio)


def _chart(result: SweepResult, experiment: Experiment, at: SweepPoint | None) -> LineChart:
    over, points = result.over, result.points
    x, mean = np.array([(point.value, point.mean) for point in points]).T
    spread = band(np.stack([point.log10_ratio for point in points], axis=1))
    return LineChart(
        title=f"{ratio_name(experiment)} by {SETTINGS[over].label}",
        short_title=f"Ratio by {SETTINGS[over].label}",
        series=[Series("", "ratio", x, mean, (spread.p10, spread.p90))],
        x_title=SETTINGS[over].label,
        x_ticks=[(point.value, str(point.value)) for point in points],
        y_unit="x",
        reference=0.0,
        highlight=getattr(experiment, over),
        cursor=None if at is None else at.value,
    )


def _caption_rows(experiment: Experiment, runs: int, width: int) -> int:
    """Rows of the longest caption, so that charts side by side are equally high."""
    swept = SIZES if experiment.widths is None else ("features",)
    ends = {name: sweep_values(experiment, name) for name in swept}
    captions = (sweep_caption(experiment, name, values[0], values[-1], runs) for name, values in ends.items())
    return max(len(paragraph(caption, width)) for caption in captions)
