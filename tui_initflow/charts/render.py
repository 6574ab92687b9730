"""Any chart at any size."""

from __future__ import annotations

from tui_initflow.charts.cells import Canvas, Picture
from tui_initflow.charts.description import Bars, Chart, HeatMap, Histogram, LineChart, Scatter
from tui_initflow.charts.draw_bars import draw_bars, draw_histogram
from tui_initflow.charts.draw_heatmap import draw_heat_map
from tui_initflow.charts.draw_lines import draw_line_chart, draw_scatter
from tui_initflow.charts.palette import Palette


def render(chart: Chart, width: int, height: int, palette: Palette) -> Picture:
    """The chart as exactly `height` rows of exactly `width` cells; what does not fit is left out."""
    canvas = Canvas(max(width, 0), max(height, 0))
    if width >= 1 and height >= 1:
        match chart:
            case Scatter():
                draw_scatter(canvas, chart, palette)
            case LineChart():
                draw_line_chart(canvas, chart, palette)
            case Histogram():
                draw_histogram(canvas, chart, palette)
            case Bars():
                draw_bars(canvas, chart, palette)
            case HeatMap():
                draw_heat_map(canvas, chart, palette)
    return canvas.picture()
