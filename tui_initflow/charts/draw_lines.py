"""Draws line charts: grid and reference, curves, bands behind them, then marks on top."""

from __future__ import annotations

import math

from tui_initflow.charts.bands import draw_bands
from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import LineChart, Series
from tui_initflow.charts.frame import draw_title, draw_x_axis, draw_y_axis
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plot import Plot, draw_grid, draw_row, draw_unplaceable, legend, plot_for
from tui_initflow.charts.plotext_adapter import Point, Stroke, draw_strokes
from tui_initflow.charts.strokes import dashed, thickened, thinned, unbroken

DASH, GAP = 6.0, 4.0
"""Lengths in braille dots."""

_BRAILLE_BLANK = 0x2800


def draw_line_chart(canvas: Canvas, chart: LineChart, palette: Palette, glyphs: Glyphs) -> None:
    plot = plot_for(canvas, chart, glyphs, palette)
    draw_title(canvas, chart.title, chart.short_title, legend(plot, chart.series, glyphs.sample), palette)
    draw_grid(plot)
    if chart.reference is not None:
        draw_row(plot, plot.row(chart.reference), glyphs.reference, Style(palette.muted, None))
    if chart.cursor is not None:
        for row in range(plot.area.height):
            canvas.put(plot.column(chart.cursor), plot.area.top + row, glyphs.vertical, Style(palette.accent, None))
    _draw_curves(plot, chart.series)
    draw_bands(plot, chart.series)
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
    dots: dict[tuple[int, int], int] = {}
    for s in series:
        stretches = [thinned(stretch) for stretch in unbroken(_points(plot, s))]
        strokes = _pen(plot, s, stretches)
        lines = draw_strokes(plot.area.width, plot.rows.scale.cells, strokes, plot.glyphs.line[s.role])
        for row, line in enumerate(lines, plot.data_top):
            style = Style(plot.colour(s, row), None)
            for column, char in enumerate(line, plot.area.left):
                if char == " ":
                    continue
                if plot.glyphs.braille:
                    # dots of an earlier curve in this cell stay
                    dots[column, row] = dots.get((column, row), 0) | (ord(char) - _BRAILLE_BLANK)
                    char = chr(_BRAILLE_BLANK + dots[column, row])
                plot.canvas.put(column, row, char, style)
        for x, y in (stretch[0] for stretch in stretches if len(stretch) == 1):
            row = plot.data_top + int(y)
            marker = plot.glyphs.marker[s.role]
            plot.canvas.put(plot.area.left + int(x), row, marker, Style(plot.colour(s, row), None))


def _points(plot: Plot, series: Series) -> list[Point]:
    """The points in cells; a y that is not finite stays so."""
    return [
        (plot.columns.position(x), plot.rows.position(y) if math.isfinite(y) else math.nan)
        for x, y in zip(series.x, series.y, strict=True)
    ]


def _pen(plot: Plot, series: Series, stretches: list[list[Point]]) -> list[Stroke]:
    """The strokes as they are drawn: B is dashed, and braille is two dots thick."""
    strokes = [stretch for stretch in stretches if len(stretch) > 1]
    if series.role == "b":
        strokes = [dash for stretch in strokes for dash in dashed(stretch, DASH, GAP)]
    return thickened(strokes) if plot.glyphs.braille else [*strokes]


def _draw_current(plot: Plot, series: tuple[Series, ...], at: float, style: Style) -> None:
    for s in series:
        for x, y in zip(s.x, s.y, strict=True):
            if x == at and math.isfinite(y):
                plot.canvas.put(plot.column(x), plot.row(y), plot.glyphs.current, style)
