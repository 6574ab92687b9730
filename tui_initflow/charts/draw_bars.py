"""Draws bars: both methods side by side for each layer, and two distributions over each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from tui_initflow.charts.cells import LOWER_SHADE, UPPER_SHADE, Canvas, Style
from tui_initflow.charts.description import LARGEST, Bars, Floats, Histogram, Scale, Series, Zone, thinned, y_ticks
from tui_initflow.charts.frame import Plot, draw_framed, draw_title, legend, margin_for, rows_for_data
from tui_initflow.charts.palette import Palette, blend
from tui_initflow.charts.plotext_adapter import Axis, Frame, Mark, Point, bars, dots, draw

DOTS_X, DOTS_Y = 2, 4
"""Braille dots in a cell."""

_TOLERANCE = 0.4 / DOTS_Y
"""How far a simplified stroke may be off, in rows."""


def unbroken(points: Iterable[Point]) -> list[list[Point]]:
    """The stretches between points that are not finite."""
    stretches = groupby(points, key=lambda point: math.isfinite(point[1]))
    return [list(stretch) for is_finite, stretch in stretches if is_finite]


def dashed(stroke: list[Point], dash: float, gap: float) -> list[list[Point]]:
    """Dashes and gaps along the stroke; lengths in dots."""
    dashes: list[list[Point]] = [[stroke[0]]]
    drawing, left = True, dash
    for (x0, y0), (x1, y1) in pairwise(stroke):
        length = max(abs(x1 - x0) * DOTS_X, abs(y1 - y0) * DOTS_Y)
        done = 0.0
        while length - done > left:
            done += left
            turn = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length)
            if drawing:
                dashes[-1].append(turn)
            else:
                dashes.append([turn])
            drawing = not drawing
            left = dash if drawing else gap
        left -= length - done
        if drawing:
            dashes[-1].append((x1, y1))
    return dashes


def simplified(stroke: list[Point]) -> list[Point]:
    """Fewer points that give the same picture, as each costs 13 µs to draw: x must not decrease.

    Points are dropped while one straight line passes all of them within the tolerance.
    """
    if len(stroke) < 3:
        return stroke
    kept = [stroke[0]]
    (x0, y0), previous = stroke[0], stroke[0]
    least, most = -math.inf, math.inf
    for x, y in stroke[1:]:
        run = x - x0
        if run <= 0 or not least <= (y - y0) / run <= most:
            if previous != kept[-1]:
                kept.append(previous)
            x0, y0 = previous
            run = x - x0
            least, most = -math.inf, math.inf
        if run > 0:
            least = max(least, (y - _TOLERANCE - y0) / run)
            most = min(most, (y + _TOLERANCE - y0) / run)
        previous = (x, y)
    kept.append(stroke[-1])
    return kept


LEAST_ROWS = 0.35
"""Bands thinner than this many rows hide behind their curve."""

CURVE_REACH = 0.3
"""Rows a curve is thick, above and below its middle."""

Halves = NDArray[np.int8]
"""(half rows, columns) of the data area, which bands are there: the bit for a, that for b, or both."""

_A, _B = 1, 2


def draw_zones(plot: Plot, zones: Sequence[Zone]) -> None:
    """Shade the rows of the zones, and name each in its first row with room, as far to the right as there is room."""
    canvas, palette = plot.canvas, plot.palette
    right = plot.left + plot.columns.cells
    free = {" ", plot.glyphs.grid}
    for zone in zones:
        rows = [row for row in range(plot.rows.cells) if zone.low < plot.rows.value_at(row + 0.5) < zone.high]
        for row in rows:
            for column in range(plot.left, right):
                canvas.shade(column, plot.top + row, palette.lost if zone.is_lost else palette.imprecise)
        for y in (plot.top + row for row in rows):
            room = "".join(" " if canvas.char_at(x, y) in free else "x" for x in range(plot.left, right))
            start = room.rfind(" " * len(zone.name))
            if start >= 0:
                canvas.text(plot.left + start, y, zone.name, Style(palette.muted))
                break


def draw_bands(plot: Plot, series: Sequence[Series]) -> None:
    """Shade what is between low and high; call it when the curves are drawn, they keep their cells."""
    halves: Halves = np.zeros((2 * plot.rows.cells, plot.columns.cells), dtype=np.int8)
    for s in series:
        if s.band and len(s.x):
            halves |= _band(plot, s)
    colours = (None, plot.palette.band_a, plot.palette.band_b, plot.palette.overlap)
    free = {" ", plot.glyphs.grid}
    rows, columns = np.nonzero(halves[::2] | halves[1::2])
    cells = (rows, columns, halves[2 * rows, columns], halves[2 * rows + 1, columns])
    for row, column, above, below in zip(*(part.tolist() for part in cells), strict=True):
        upper, lower = colours[above], colours[below]
        x, y = plot.left + column, plot.top + row
        if upper == lower or plot.canvas.char_at(x, y) not in free:
            plot.canvas.shade(x, y, upper or lower)
        elif not plot.glyphs.unicode:
            continue
        elif upper is None:
            plot.canvas.put(x, y, LOWER_SHADE, Style(lower))
        else:
            plot.canvas.put(x, y, UPPER_SHADE, Style(upper, lower))


def _band(plot: Plot, series: Series) -> Halves:
    rows, columns = plot.rows, plot.columns
    low, high = series.band
    ends = (2 * rows.positions(series.y), _ends(rows, low), _ends(rows, high))
    middles = np.linspace(columns.first, columns.last, columns.cells)
    curve, lower, upper = (np.interp(middles, series.x, end) for end in ends)
    shown = lower - upper >= 2 * LEAST_ROWS
    first, last = np.round(upper), np.round(lower) - 1
    # rows the curve touches are shaded whole, so that the edge does not follow dashes and dots
    row = np.minimum(np.floor(curve / 2), rows.cells - 1)
    first, last = np.fmin(first, 2 * row), np.fmax(last, 2 * row + 1)
    first = np.where(np.abs(first // 2 + 0.5 - curve / 2) < 0.5 + CURVE_REACH, first // 2 * 2, first)
    last = np.where(np.abs(last // 2 + 0.5 - curve / 2) < 0.5 + CURVE_REACH, last // 2 * 2 + 1, last)
    half = np.arange(2 * rows.cells)[:, None]
    inside = shown & (half >= first) & (half <= last)
    kinds = np.array(_A if series.role == "a" else _B)
    if series.role == "ratio" and plot.reference is not None:
        kinds = np.where(half + 0.5 < 2 * rows.position(plot.reference), _B, _A)
    return np.where(inside, kinds, 0).astype(np.int8)


def _ends(rows: Scale, values: Floats) -> Floats:
    """Half rows of one end of the interval; infinity is the edge of the plot, nan leaves the band out."""
    edges = [values == np.inf, values == -np.inf]
    return 2 * np.select(edges, [0.0, float(rows.cells)], default=rows.positions(values))


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
    labels = y_ticks(rows, glyphs, "")
    left = margin_for([text for _, text in labels], "", canvas.width)
    width = canvas.width - left
    # each has its bars and a gap
    count = len(chart.series)
    labelled = thinned(len(chart.labels), max(1, width // (count + 1)))
    pitch = max(1, width // max(len(labelled), 1))
    bar = min(WIDEST // count, max(1, (pitch - 1) // count))
    # as much is left free before the first bars as behind the last
    first = (width - pitch * (len(labelled) - 1) - count * bar) // 2
    # in units of the pitch, so that labels, in the columns at or left of the middles of their bars, are at 0, 1, 2 …
    middle = first + (count * bar - 1) // 2
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
        marks.append(
            bars(columns.value_at(first + side * bar + bar / 2), floor, tops, bar / pitch, glyphs.bar, Style(colour))
        )
        for place, index in enumerate(labelled):
            # what has no end is marked at the edge where it would be
            if not math.isfinite(values[index]):
                edge = ceiling if values[index] == math.inf else floor
                cells = [columns.value_at(first + place * pitch + side * bar + cell + 0.5) for cell in range(bar)]
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
