"""Draws bars: both methods side by side for each layer, and two distributions over each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_initflow.charts.axes import LARGEST, Scale, thinned, y_ticks
from tui_initflow.charts.cells import Canvas, Style
from tui_initflow.charts.description import Bars, Histogram
from tui_initflow.charts.frame import Plot, draw_framed, draw_title, legend, margin_for, rows_for_data
from tui_initflow.charts.palette import Palette, blend
from tui_initflow.charts.plotext_adapter import Axis, Frame, Mark, Point, bars, dots, draw

WIDEST = 16
"""Cells of the bars of a label."""

STEPS = 2
"""Heights of a bar within a row, to which it is rounded: plotext has blocks of half a cell."""

FILL = 0.55
"""How much of A's colour its histogram has, so that the outline of B stands out on it."""


def draw_bars(canvas: Canvas, chart: Bars, palette: Palette) -> None:
    top, height = rows_for_data(canvas.height)
    glyphs = palette.glyphs
    floor, ceiling = _limits([value for _, values in chart.series for value in values], height)
    rows = Scale.over(ceiling, floor, height)
    labels = y_ticks(rows, glyphs.unicode, "")
    left = margin_for([text for _, text in labels], "", canvas.width)
    width = canvas.width - left
    # each has its bars and a gap
    count = len(chart.series)
    labelled = thinned(len(chart.labels), max(1, width // (count + 1)))
    pitch = max(1, width // max(len(labelled), 1))
    bar = min(WIDEST // count, max(1, (pitch - 1) // count))
    # in units of the pitch, so that labels, in the columns at or left of the middles of their bars, are at 0, 1, 2 …
    middle = (count * bar - 1) // 2
    columns = Scale(-middle / pitch, (width - 1 - middle) / pitch, width)
    plot = Plot(canvas, palette, left, top, columns, rows, labels)
    hatch = Style(blend(palette.b, palette.background, 0.55), palette.b)
    looks = [(glyphs.full, Style(palette.a)), (glyphs.hatch, hatch)][:count]
    samples = [(glyph * 2, style, name) for (glyph, style), (name, _) in zip(looks, chart.series, strict=True)]
    draw_title(plot, chart, legend(samples, canvas.width))
    marks = plot.grid()
    endless: list[Mark] = []
    for side, ((_, values), colour) in enumerate(zip(chart.series, (palette.a, palette.b), strict=False)):
        tops = [_top(values[index], floor, ceiling, height) for index in labelled]
        marks.append(bars(columns.value_at(side * bar + bar / 2), floor, tops, bar / pitch, glyphs.bar, Style(colour)))
        for place, index in enumerate(labelled):
            # what has no end is marked at the edge where it would be
            if not math.isfinite(values[index]):
                edge = ceiling if values[index] == math.inf else floor
                cells = [columns.value_at(place * pitch + side * bar + cell + 0.5) for cell in range(bar)]
                endless.append(dots([(x, edge) for x in cells], glyphs.mark_of(values[index]), Style(colour)))
    ticks = [(float(place), chart.labels[index]) for place, index in enumerate(labelled)]
    draw_framed(plot, [*marks, *endless], ticks)
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


def draw_histogram(canvas: Canvas, chart: Histogram, palette: Palette) -> None:
    """A as filled bars, B as an outline over them."""
    glyphs, title, ticks = palette.glyphs, int(canvas.height >= 3), int(canvas.height >= 2)
    width, height = canvas.width, canvas.height - title - ticks
    if title:
        canvas.text(0, 0, chart.title, Style(palette.text, bold=True))
    columns, rows = Scale.over(0.0, len(chart.a_counts), width), Scale.over(0.0, 1.0, height)
    frame = Frame(width, height, Axis(columns.first, columns.last), Axis(rows.first, rows.last))
    fill = Style(blend(palette.a, palette.background, FILL))
    shares = _shares(chart.a_counts)
    filled = bars(0.5, 0.0, [_rounded(share, height) for share in shares], 1.0, glyphs.bar, fill)
    low = [index for index, share in enumerate(shares) if share > 0 == _rounded(share, height)]
    slivers = Mark([[(index + 0.05, 0.0), (index + 0.95, 0.0)] for index in low], glyphs.sliver, fill)
    outline = Mark(_outline(_shares(chart.b_counts), width), glyphs.curve["b"], Style(palette.b))
    canvas.paste(0, title, draw(frame, [slivers, filled]), glyphs.drawn)
    canvas.overlay(0, title, draw(frame, [outline]), glyphs.solid)
    for share in (0.0, 0.5, 1.0)[: 3 * ticks]:
        label = f"{(1 - share) * chart.low + share * chart.high:g}"
        canvas.text(round(share * (width - len(label))), title + height, label, Style(palette.muted))


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
