"""Draws bars: both methods side by side for each layer, and two distributions over each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_initflow.charts.axes import LARGEST, Scale, round_steps, y_ticks
from tui_initflow.charts.cells import Canvas, Style
from tui_initflow.charts.description import Bars, Histogram
from tui_initflow.charts.frame import (
    Area,
    Sample,
    draw_framed,
    draw_title,
    margin_for,
    rows_for_data,
    rule,
    x_axis,
    y_axis,
)
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette, blend
from tui_initflow.charts.plotext_adapter import Axis, Frame, Mark, Point, bars, draw

WIDEST_BAR = 8
"""Cells."""

STEPS = 2
"""Heights of a bar within a row, to which it is rounded: plotext has blocks of half a cell."""

FILL = 0.55
"""How much of A's colour its histogram has, so that the outline of B stands out on it."""


def draw_bars(canvas: Canvas, chart: Bars, palette: Palette, glyphs: Glyphs) -> None:
    top, height = rows_for_data(canvas.height)
    floor, ceiling = _limits((*chart.a, *chart.b), height)
    rows = Scale.over(ceiling, floor, height)
    labels = y_ticks(rows, glyphs.unicode, "")
    left = margin_for([text for _, text in labels], "", canvas.width)
    width = canvas.width - left
    labelled = _labelled(len(chart.labels), width)
    pitch = max(1, width // max(len(labelled), 1))
    bar = min(WIDEST_BAR, max(1, (pitch - 1) // 2))
    # in units of the pitch, so that pairs of bars, or rather the columns left of their middles, are at 0, 1, 2 …
    area = Area(left, top, Scale((1 - bar) / pitch, (width - bar) / pitch, width), rows)
    hatch = Style(blend(palette.b, palette.background, 0.55), palette.b)
    legend = [
        Sample(glyphs.full * 2, Style(palette.a, None), chart.a_name),
        Sample(glyphs.hatch * 2, hatch, chart.b_name),
    ]
    draw_title(canvas, chart.title, chart.short_title, legend, palette)
    marks = [rule(area, y, glyphs.grid, palette.grid) for y, _ in labels]
    for place, (values, colour) in enumerate(((chart.a, palette.a), (chart.b, palette.b))):
        tops = [_top(values[index], floor, ceiling, height) for index in labelled]
        middle = area.columns.value_at(place * bar + bar / 2)
        marks.append(bars(middle, floor, tops, bar / pitch, glyphs.bar, Style(colour, None)))
    ticks = [(float(place), chart.labels[index]) for place, index in enumerate(labelled)]
    x = x_axis(canvas, area, ticks, (), palette)
    draw_framed(canvas, area, x, y_axis(area, labels, palette), marks, glyphs)
    for place, index in enumerate(labelled):
        start = area.left + place * pitch
        _mark(canvas, area, range(start, start + bar), chart.a[index], Style(palette.a, None), glyphs)
        _mark(canvas, area, range(start + bar, start + 2 * bar), chart.b[index], Style(palette.b, None), glyphs)
    # a hatch tells B from A without colour
    canvas.replace(palette.b, glyphs.full, glyphs.hatch, hatch)


def _limits(values: Sequence[float], height: int) -> tuple[float, float]:
    """From a round decade under the smallest value to half a row above the largest, which gets the top row."""
    finite = [min(max(value, -LARGEST), LARGEST) for value in values if math.isfinite(value)]
    if not finite:
        return -1.0, 0.0
    low, high = min(finite), max(finite)
    floor = math.floor(low - 0.5)
    high = max(high, floor + 1.0)
    return float(floor), high + (high - floor) / (2 * height - 1)


def _labelled(count: int, width: int) -> list[int]:
    """The labels that get a pair of bars and a gap: every 1st, 2nd, 5th, 10th … and the last."""
    most = max(1, width // 3)
    for step in round_steps():
        labelled = list(range(0, count, step))
        if labelled and labelled[-1] != count - 1:
            labelled.append(count - 1)
        if len(labelled) <= most or step > count:
            return labelled[:most]
    return []


def _top(value: float, floor: float, ceiling: float, height: int) -> float:
    """Where a bar ends: a step above the floor at least, except for what has no height."""
    if math.isnan(value) or value == -math.inf:
        return floor
    share = min(max((value - floor) / (ceiling - floor), 0.0), 1.0)
    return floor + max(_rounded(share, height), 0.95 / (STEPS * height)) * (ceiling - floor)


def _rounded(share: float, height: int) -> float:
    """A share of `height` rows that plotext, which draws a step that is only begun, draws as the nearest step."""
    steps = round(share * STEPS * height)
    return max(steps - 0.05, 0.0) / (STEPS * height)


def _mark(canvas: Canvas, area: Area, columns: range, value: float, style: Style, glyphs: Glyphs) -> None:
    """Marks in place of a bar that has no end, at the edge where it would be."""
    if not math.isfinite(value):
        row = area.top if value == math.inf else area.below - 1
        canvas.text(columns.start, row, glyphs.mark_of(value) * len(columns), style)


def draw_histogram(canvas: Canvas, chart: Histogram, palette: Palette, glyphs: Glyphs) -> None:
    """A as filled bars, B as an outline over them."""
    title, ticks = int(canvas.height >= 3), int(canvas.height >= 2)
    width, height = canvas.width, canvas.height - title - ticks
    if title:
        canvas.text(0, 0, chart.title, Style(palette.text, None, bold=True))
    columns, rows = Scale.over(0.0, len(chart.a_counts), width), Scale.over(0.0, 1.0, height)
    frame = Frame(width, height, Axis(columns.first, columns.last), Axis(rows.first, rows.last))
    fill = Style(blend(palette.a, palette.background, FILL), None)
    shares = _shares(chart.a_counts)
    filled = bars(0.5, 0.0, [_rounded(share, height) for share in shares], 1.0, glyphs.bar, fill)
    low = [index for index, share in enumerate(shares) if share > 0 == _rounded(share, height)]
    slivers = Mark([[(index + 0.05, 0.0), (index + 0.95, 0.0)] for index in low], glyphs.sliver, fill)
    outline = Mark(_outline(_shares(chart.b_counts), width), glyphs.curve["b"], Style(palette.b, None))
    canvas.paste(0, title, draw(frame, [slivers, filled]), glyphs.drawn)
    canvas.overlay(0, title, draw(frame, [outline]), glyphs.solid)
    for share in (0.0, 0.5, 1.0)[: 3 * ticks]:
        label = f"{chart.low + share * (chart.high - chart.low):g}"
        canvas.text(round(share * (width - len(label))), title + height, label, Style(palette.muted, None))


def _shares(counts: Sequence[float]) -> list[float]:
    """Counts as shares of their own peak."""
    peak = max(counts, default=0.0)
    return [count / peak if peak > 0 else 0.0 for count in counts]


def _outline(shares: Sequence[float], width: int) -> list[list[Point]]:
    """The steps along the top of the bins; empty bins at both ends are left out."""
    used = [index for index, share in enumerate(shares) if share > 0]
    if not used:
        return []
    dot = len(shares) / (2 * width)
    points: list[Point] = [(float(used[0]), 0.0)]
    for index in range(used[0], used[-1] + 1):
        points += [(float(index), shares[index]), (index + 1 - dot, shares[index])]
    return [[*points, (points[-1][0], 0.0)]]
