"""Draws scatters: one marker a point."""

from __future__ import annotations

import math

from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import Scatter
from tui_initflow.charts.frame import draw_title, draw_x_axis, draw_y_axis
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plot import draw_grid, draw_unplaceable, legend, plot_for


def draw_scatter(canvas: Canvas, chart: Scatter, palette: Palette, glyphs: Glyphs) -> None:
    plot = plot_for(canvas, chart, glyphs, palette)
    draw_title(canvas, chart.title, chart.short_title, legend(plot, chart.series, glyphs.marker), palette)
    draw_grid(plot)
    seen: dict[tuple[int, int], str] = {}
    for series in chart.series:
        for x, y in zip(series.x, series.y, strict=True):
            if not math.isfinite(y):
                continue
            column, row = plot.column(x), plot.row(y)
            colour = plot.colour(series, row)
            # the band colour behind a marker says that one of the other series is under it
            covers = seen.setdefault((column, row), series.role) != series.role
            canvas.put(column, row, glyphs.marker[series.role], Style(colour, palette.band_a if covers else None))
    draw_unplaceable(plot, chart.series)
    draw_y_axis(canvas, plot.area, plot.labels, glyphs, palette)
    draw_x_axis(canvas, plot.area, plot.columns, chart.x_ticks, chart.x_title, (), glyphs, palette)
