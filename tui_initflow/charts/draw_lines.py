"""Draws line charts: grid and reference, curves, bands behind them, then marks on top."""

from __future__ import annotations

import math

import numpy as np

from tui_initflow.charts.bands import draw_bands
from tui_initflow.charts.braille import BLANK, DOTS_X, DOTS_Y, Masks, masks, thickened
from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import LineChart, Series
from tui_initflow.charts.draw_expected import draw_limits, draw_marks, expected_sample
from tui_initflow.charts.frame import draw_title, draw_x_axis, draw_y_axis
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plot import Plot, draw_grid, draw_row, draw_unplaceable, legend, plot_for
from tui_initflow.charts.plotext_adapter import Point, draw_strokes
from tui_initflow.charts.strokes import dashed, simplified, unbroken

DASH, GAP = 6.0, 4.0
"""Lengths in braille dots."""


def draw_line_chart(canvas: Canvas, chart: LineChart, palette: Palette, glyphs: Glyphs) -> None:
    plot = plot_for(canvas, chart, glyphs, palette)
    entries = [*legend(plot, chart.series, glyphs.sample), *expected_sample(plot, chart)]
    draw_title(canvas, chart.title, chart.short_title, entries, palette)
    draw_grid(plot)
    if chart.reference is not None:
        draw_row(plot, plot.row(chart.reference), glyphs.reference, Style(palette.muted, None))
    if chart.cursor is not None:
        for row in range(plot.area.height):
            canvas.put(plot.column(chart.cursor), plot.area.top + row, glyphs.vertical, Style(palette.accent, None))
    draw_limits(plot, chart)
    _draw_curves(plot, chart.series)
    draw_bands(plot, chart.series)
    draw_marks(plot, chart)
    draw_unplaceable(plot, chart.series)
    emphasis = [
        (x, Style(colour, None, bold=True))
        for x, colour in ((chart.cursor, palette.accent), (chart.highlight, palette.text))
        if x is not None
    ]
    for x, style in reversed(emphasis):
        _draw_current(plot, chart.series, x, style)
    draw_y_axis(plot.canvas, plot.area, plot.labels, glyphs, palette)
    draw_x_axis(canvas, plot.area, plot.columns, chart.x_ticks, chart.x_title, emphasis, glyphs, palette)


def _draw_curves(plot: Plot, series: tuple[Series, ...]) -> None:
    draw = _draw_dots if plot.glyphs.braille else _draw_characters
    dots: Masks = np.zeros((plot.rows.scale.cells, plot.area.width), dtype=np.uint8)
    for s in series:
        stretches = [simplified(stretch) for stretch in unbroken(_points(plot, s))]
        strokes = [stretch for stretch in stretches if len(stretch) > 1]
        if s.role == "b":
            strokes = [dash for stretch in strokes for dash in dashed(stretch, DASH, GAP)]
        draw(plot, s, strokes, dots)
        for x, y in (stretch[0] for stretch in stretches if len(stretch) == 1):
            row = plot.data_top + int(y)
            marker = plot.glyphs.marker[s.role]
            plot.canvas.put(plot.area.left + int(x), row, marker, Style(plot.colour(s, row), None))


def _points(plot: Plot, series: Series) -> list[Point]:
    """The points in cells; a y that is not finite stays so."""
    x = plot.columns.positions(np.array(series.x))
    y = plot.rows.positions(np.array(series.y))
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _draw_dots(plot: Plot, series: Series, strokes: list[list[Point]], dots: Masks) -> None:
    """Lines two dots thick; `dots` are those of earlier curves, which stay, and get the new ones."""
    # half a dot up and left, as thickening grows down and right
    shifted = [[(x - 0.5 / DOTS_X, y - 0.5 / DOTS_Y) for x, y in stroke] for stroke in strokes]
    drawn = thickened(masks(draw_strokes(plot.area.width, plot.rows.scale.cells, shifted)))
    dots |= drawn
    for row in range(len(drawn)):
        style = Style(plot.colour(series, plot.data_top + row), None)
        for column in np.flatnonzero(drawn[row]).tolist():
            char = chr(BLANK + int(dots[row, column]))
            plot.canvas.put(plot.area.left + column, plot.data_top + row, char, style)


def _draw_characters(plot: Plot, series: Series, strokes: list[list[Point]], _dots: Masks) -> None:
    lines = draw_strokes(plot.area.width, plot.rows.scale.cells, strokes, plot.glyphs.line[series.role])
    for row, line in enumerate(lines, plot.data_top):
        style = Style(plot.colour(series, row), None)
        for column, char in enumerate(line, plot.area.left):
            if char != " ":
                plot.canvas.put(column, row, char, style)


def _draw_current(plot: Plot, series: tuple[Series, ...], at: float, style: Style) -> None:
    for s in series:
        for x, y in zip(s.x, s.y, strict=True):
            if x == at and math.isfinite(y):
                plot.canvas.put(plot.column(x), plot.row(y), plot.glyphs.current, style)
