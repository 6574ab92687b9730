"""Draws what theory expects: a thin line under the curves, marks and whiskers on them."""

from __future__ import annotations

import math

import numpy as np

from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import Expectation, LineChart
from tui_initflow.charts.frame import Sample
from tui_initflow.charts.plot import Plot
from tui_initflow.charts.plotext_adapter import Point, draw_strokes
from tui_initflow.charts.strokes import simplified, unbroken

MARK_EVERY = 4
"""Columns between two marks, at least, so that the curve under them stays visible."""


def draw_limits(plot: Plot, chart: LineChart) -> None:
    """The thin lines; call it before the curves, which hide them where both agree."""
    marker = plot.glyphs.line["ratio"] if plot.glyphs.braille else plot.glyphs.reference
    for expected in chart.expected:
        strokes = [simplified(stroke) for stroke in unbroken(_points(plot, expected)) if len(stroke) > 1]
        lines = draw_strokes(plot.area.width, plot.rows.scale.cells, strokes, marker)
        for row, line in enumerate(lines, plot.data_top):
            for column, char in enumerate(line, plot.area.left):
                if char not in " \u2800":
                    plot.canvas.put(column, row, char, Style(plot.palette.muted, None))


def _points(plot: Plot, expected: Expectation) -> list[Point]:
    x = plot.columns.positions(np.array(expected.x))
    y = plot.rows.positions(np.array(expected.limit))
    return list(zip(x.tolist(), y.tolist(), strict=True))


def draw_marks(plot: Plot, chart: LineChart) -> None:
    """Medians and whiskers, as many as keep their distance; call it last."""
    style = Style(plot.palette.text, None, bold=True)
    upper, lower = plot.glyphs.whiskers[0], plot.glyphs.whiskers[1]
    for expected in chart.expected:
        free_from = -math.inf
        for x, median, low, high in zip(expected.x, expected.median, expected.low, expected.high, strict=True):
            column = plot.column(x)
            if column < free_from or not math.isfinite(median):
                continue
            free_from = column + MARK_EVERY
            row = plot.row(median)
            for end, whisker in ((high, upper), (low, lower)):
                if math.isfinite(end) and plot.row(end) != row:
                    plot.canvas.put(column, plot.row(end), whisker, style)
            plot.canvas.put(column, row, plot.glyphs.expected[expected.role], style)


def expected_sample(plot: Plot, chart: LineChart) -> list[Sample]:
    """The legend entry, where theory is drawn."""
    if not chart.expected:
        return []
    marks = "".join(plot.glyphs.expected[expected.role] for expected in chart.expected)
    return [Sample(marks, Style(plot.palette.text, None, bold=True), "theory", plot.palette.text)]
