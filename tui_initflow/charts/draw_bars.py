"""Draws bars side by side on a log axis that begins a decade under the smallest value."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import Bars, Values
from tui_initflow.charts.frame import Area, Sample, draw_title, draw_x_axis, draw_y_axis, margin_for, rows_for_data
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette, blend
from tui_initflow.charts.scale import LARGEST, Rising, Scale
from tui_initflow.charts.ticks import round_steps, y_ticks

WIDEST_BAR = 8
"""Cells."""


@dataclass(frozen=True, slots=True)
class _Fill:
    """How the bars of one series are filled: whole cells, and the eighths at their top."""

    char: str
    whole: Style
    part: Style


def draw_bars(canvas: Canvas, chart: Bars, palette: Palette, glyphs: Glyphs) -> None:
    top, height = rows_for_data(canvas.height)
    floor, ceiling = _limits((*chart.a, *chart.b), height)
    # bars stand on the lower edge of the last row, so the axis ends half a row beyond the outer centres
    half = (ceiling - floor) / (2 * height)
    rows = Rising(Scale(floor + half, ceiling - half, height))
    labels = tuple((rows.row(v), text) for v, text in y_ticks(rows, glyphs.braille, chart.y_unit))
    left = margin_for([text for _, text in labels], "", canvas.width)
    area = Area(left, top, canvas.width - left, height)
    fill_a = _Fill(glyphs.full, Style(palette.a, None), Style(palette.a, None))
    # a hatch keeps B apart from A without colour
    fill_b = _Fill(glyphs.hatch, Style(blend(palette.b, palette.background, 0.55), palette.b), Style(palette.b, None))
    legend = [
        Sample(glyphs.full * 2, fill_a.whole, chart.a_name, palette.a),
        Sample(glyphs.hatch * 2, fill_b.whole, chart.b_name, palette.b),
    ]
    draw_title(canvas, chart.title, chart.short_title, legend, palette)
    for row, _ in labels:
        canvas.text(left, top + row, glyphs.grid * area.width, Style(palette.grid, None))
    shown = _shown(len(chart.labels), area.width)
    pitch = max(1, area.width // max(len(shown), 1))
    bar = min(WIDEST_BAR, max(1, (pitch - 1) // 2))
    ticks = []
    for place, index in enumerate(shown):
        start = left + place * pitch
        ticks.append((float(place * pitch + bar - 1), chart.labels[index]))
        for column in range(start, start + bar):
            _draw_bar(canvas, area, column, chart.a[index], (floor, ceiling), fill_a, glyphs)
            _draw_bar(canvas, area, column + bar, chart.b[index], (floor, ceiling), fill_b, glyphs)
    draw_y_axis(canvas, area, labels, glyphs, palette)
    columns = Scale(0.0, float(area.width - 1), area.width)
    draw_x_axis(canvas, area, columns, tuple(ticks), "", (), glyphs, palette)


def _limits(values: Values, height: int) -> tuple[float, float]:
    """From a round decade under the smallest value to half a row above the largest, which gets the top row."""
    finite = [min(max(value, -LARGEST), LARGEST) for value in values if math.isfinite(value)]
    if not finite:
        return -1.0, 0.0
    low, high = min(finite), max(finite)
    floor = math.floor(low - 0.5)
    high = max(high, floor + 1.0)
    return float(floor), high + (high - floor) / (2 * height - 1)


def _shown(count: int, width: int) -> list[int]:
    """The labels that get a pair of bars and a gap: every 1st, 2nd, 5th, 10th … and the last."""
    most = max(1, width // 3)
    for step in round_steps():
        shown = list(range(0, count, step))
        if shown and shown[-1] != count - 1:
            shown.append(count - 1)
        if len(shown) <= most or step > count:
            return shown[:most]
    return []


def _draw_bar(
    canvas: Canvas, area: Area, column: int, value: float, limits: tuple[float, float], fill: _Fill, glyphs: Glyphs
) -> None:
    bottom = area.top + area.height - 1
    if math.isnan(value) or value == -math.inf:
        canvas.put(column, bottom, glyphs.nan if math.isnan(value) else glyphs.below, fill.part)
        return
    floor, ceiling = limits
    if value == math.inf:
        canvas.put(column, area.top, glyphs.above, fill.part)
        whole, rest = area.height - 1, 0
    else:
        share = min(max((value - floor) / (ceiling - floor), 0.0), 1.0)
        whole, rest = divmod(max(1, round(share * area.height * 8)), 8)
    if rest and glyphs.braille:
        canvas.put(column, bottom - whole, glyphs.eighths[rest], fill.part)
    elif rest >= 4:
        canvas.put(column, bottom - whole, fill.char, fill.whole)
    for row in range(whole):
        canvas.put(column, bottom - row, fill.char, fill.whole)
