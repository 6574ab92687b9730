"""The 10 to 90 % bands: colour behind the curves, in half rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui_initflow.charts.axes import Floats, Scale
from tui_initflow.charts.cells import LOWER_SHADE, UPPER_SHADE, Style
from tui_initflow.charts.description import Series
from tui_initflow.charts.plot import Plot

LEAST_ROWS = 0.35
"""Bands thinner than this many rows hide behind their curve."""

CURVE_REACH = 0.3
"""Rows a curve is thick, above and below its middle."""

_NONE, _A, _B, _BOTH = range(4)

Halves = NDArray[np.int8]
"""(half rows, columns) of the data area: which bands are there."""


def draw_bands(plot: Plot, series: Sequence[Series]) -> None:
    """Shade what is between low and high; call it when the curves are drawn, they keep their cells."""
    halves: Halves = np.zeros((2 * plot.area.rows.cells, plot.area.columns.cells), dtype=np.int8)
    for s in series:
        if s.band and len(s.x):
            band = _band(plot, s)
            shared = (band != _NONE) & (halves != _NONE) & (band != halves)
            halves = np.where(shared, _BOTH, np.maximum(band, halves))
    colours = (None, plot.palette.band_a, plot.palette.band_b, plot.palette.overlap)
    free = {" ", plot.glyphs.grid}
    rows, columns = np.nonzero(halves[::2] | halves[1::2])
    cells = (rows, columns, halves[2 * rows, columns], halves[2 * rows + 1, columns])
    for row, column, above, below in zip(*(part.tolist() for part in cells), strict=True):
        upper, lower = colours[above], colours[below]
        x, y = plot.area.left + column, plot.area.top + row
        if upper == lower or plot.canvas.char_at(x, y) not in free:
            plot.canvas.shade(x, y, upper or lower)
        elif not plot.glyphs.unicode:
            continue
        elif upper is None:
            plot.canvas.put(x, y, LOWER_SHADE, Style(lower, None))
        else:
            plot.canvas.put(x, y, UPPER_SHADE, Style(upper, lower))


def _band(plot: Plot, series: Series) -> Halves:
    rows, columns = plot.area.rows, plot.area.columns.values()
    low, high = series.band
    ends = (2 * rows.positions(series.y), _ends(rows, low), _ends(rows, high))
    curve, lower, upper = (np.interp(columns, series.x, end) for end in ends)
    shown = lower - upper >= 2 * LEAST_ROWS
    first, last = np.round(upper), np.round(lower) - 1
    # rows the curve touches are shaded whole, so that the edge does not follow dashes and dots
    row = np.minimum(np.floor(curve / 2), rows.cells - 1)
    first, last = np.fmin(first, 2 * row), np.fmax(last, 2 * row + 1)
    first = np.where(np.abs(first // 2 + 0.5 - curve / 2) < 0.5 + CURVE_REACH, first // 2 * 2, first)
    last = np.where(np.abs(last // 2 + 0.5 - curve / 2) < 0.5 + CURVE_REACH, last // 2 * 2 + 1, last)
    half = np.arange(2 * rows.cells)[:, None]
    inside = shown & (half >= first) & (half <= last)
    return np.where(inside, _kinds(plot, series, half), _NONE).astype(np.int8)


def _ends(rows: Scale, values: Floats) -> Floats:
    """Half rows of one end of the interval; infinity is the edge of the plot, nan leaves the band out."""
    edges = [values == np.inf, values == -np.inf]
    return 2 * np.select(edges, [0.0, float(rows.cells)], default=rows.positions(values))


def _kinds(plot: Plot, series: Series, half: NDArray[np.int_]) -> NDArray[np.int_]:
    """The band of each half row, (half rows, 1)."""
    if series.role == "ratio":
        even = math.inf if plot.reference is None else 2 * plot.area.rows.position(plot.reference)
        return np.where(half + 0.5 < even, _B, _A)
    return np.full_like(half, _A if series.role == "a" else _B)
