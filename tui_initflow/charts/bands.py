"""The 10 to 90 % bands, in half rows, and zones of values: colour behind the curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui_initflow.charts.axes import Floats, Scale
from tui_initflow.charts.cells import LOWER_SHADE, UPPER_SHADE, Style
from tui_initflow.charts.description import Series, Zone
from tui_initflow.charts.frame import Plot

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
