"""Draws bars side by side on a log axis that begins a decade under the smallest value."""

from __future__ import annotations

import math

from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import Bars
from tui_initflow.charts.frame import Area, draw_title, draw_x_axis, draw_y_axis, margin_for, rows_for_data
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.scale import Rising, Scale
from tui_initflow.charts.ticks import Numerals, y_ticks

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def draw_bars(canvas: Canvas, chart: Bars, palette: Palette, unicode: bool) -> None:
    top, height = rows_for_data(canvas.height)
    floor, ceiling = _limits((*chart.a, *chart.b))
    # bars stand on the lower edge of the last row, so the axis runs half a row further than the centres
    half = (ceiling - floor) / max(2 * height, 1)
    rows = Rising(Scale(floor + half, ceiling - half, height))
    labels = [(rows.row(v), text) for v, text in y_ticks(rows, Numerals(unicode), chart.y_unit)]
    left = margin_for([text for _, text in labels], canvas.width)
    area = Area(left, top, canvas.width - left, height)
    full_a, full_b = ("█", "▒") if unicode else ("#", ":")
    if canvas.height >= 4:
        legend = [(full_a, chart.a_name, palette.a), (full_b, chart.b_name, palette.b)]
        draw_title(canvas, chart.title, legend, palette)
    for row, _ in labels:
        canvas.text(left, top + row, ("┈" if unicode else ".") * area.width, Style(palette.grid, None))
    shown = _shown(len(chart.labels), area.width)
    pitch = area.width / max(len(shown), 1)
    bar = max(1, int((pitch - 1) // 2))
    centres = []
    for place, index in enumerate(shown):
        start = left + int(place * pitch)
        centres.append((float(start - left + bar - 1), chart.labels[index]))
        for offset, value, full, colour in (
            (0, chart.a[index], full_a, palette.a),
            (bar, chart.b[index], full_b, palette.b),
        ):
            for column in range(start + offset, min(start + offset + bar, canvas.width)):
                _draw_bar(canvas, area, column, value, (floor, ceiling), full, Style(colour, None), unicode)
    draw_y_axis(canvas, area, labels, unicode, palette)
    columns = Scale(0.0, float(max(area.width - 1, 0)), area.width)
    draw_x_axis(canvas, area, columns, tuple(centres), "", (), unicode, palette)


def _limits(values: tuple[float, ...]) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return -1.0, 0.0
    low, high = math.floor(min(finite)), max(finite)
    floor = low - 1.0 if low >= min(finite) - 0.5 else float(low)
    return floor, max(high, floor + 1.0)


def _shown(count: int, width: int) -> list[int]:
    """The labels that get a pair of bars and a gap, evenly spread from the first to the last."""
    most = max(1, width // 3)
    if count <= most:
        return list(range(count))
    if most == 1:
        return [0]
    return [round(i * (count - 1) / (most - 1)) for i in range(most)]


def _draw_bar(
    canvas: Canvas,
    area: Area,
    column: int,
    value: float,
    limits: tuple[float, float],
    full: str,
    style: Style,
    unicode: bool,
) -> None:
    bottom = area.top + area.height - 1
    if math.isnan(value) or value == -math.inf:
        char = ("×" if math.isnan(value) else "▼") if unicode else ("x" if math.isnan(value) else "v")
        canvas.put(column, bottom, char, style)
        return
    floor, ceiling = limits
    share = min(max((value - floor) / (ceiling - floor), 0.0), 1.0)
    eighths = max(1, round(share * area.height * 8))
    whole, rest = divmod(eighths, 8)
    for row in range(whole):
        canvas.put(column, bottom - row, full, style)
    if rest and unicode:
        canvas.put(column, bottom - whole, _EIGHTHS[rest], style)
    elif rest >= 4:
        canvas.put(column, bottom - whole, full, style)
    if value == math.inf:
        canvas.put(column, area.top, "▲" if unicode else "^", style)
