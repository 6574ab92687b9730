"""The 10 to 90 % bands: colour behind the curves, in half rows."""

from __future__ import annotations

import math
from bisect import bisect_right

from tui_initflow.charts.cells import LOWER_SHADE, UPPER_SHADE, Style
from tui_initflow.charts.description import Series, Values
from tui_initflow.charts.plot import Plot

LEAST_HALVES = 0.7
"""Bands thinner than this many half rows hide behind their curve."""

Halves = dict[tuple[int, int], str]
"""(column, half row) in the data area to the colour there."""


def draw_bands(plot: Plot, series: tuple[Series, ...]) -> None:
    """Shade what is between low and high; call it when the curves are drawn, they keep their cells."""
    halves: Halves = {}
    for s in series:
        if s.low is not None and s.high is not None:
            _cover(halves, plot, s, s.low, s.high)
    free = {" ", plot.glyphs.grid}
    for column, row in sorted({(column, half // 2) for column, half in halves}):
        upper, lower = halves.get((column, 2 * row)), halves.get((column, 2 * row + 1))
        x, y = plot.area.left + column, plot.data_top + row
        if upper == lower or plot.canvas.char_at(x, y) not in free:
            plot.canvas.shade(x, y, upper or lower or "")
        elif not plot.glyphs.braille:
            continue
        elif upper is None:
            plot.canvas.put(x, y, LOWER_SHADE, Style(lower, None))
        else:
            plot.canvas.put(x, y, UPPER_SHADE, Style(upper, lower))


def _cover(halves: Halves, plot: Plot, series: Series, low: Values, high: Values) -> None:
    most = 2 * plot.rows.scale.cells - 1
    even = math.inf if plot.reference is None else 2 * plot.rows.position(plot.reference)
    for column in range(plot.columns.cells):
        x = plot.columns.value(column)
        bottom, top = _between(series.x, low, x), _between(series.x, high, x)
        if not (math.isfinite(bottom) and math.isfinite(top)):
            continue
        upper, lower = 2 * plot.rows.position(top), 2 * plot.rows.position(bottom)
        if lower - upper < LEAST_HALVES:
            continue
        first, last = round(upper), round(lower) - 1
        y = _between(series.x, series.y, x)
        if math.isfinite(y):
            # the curve's row is shaded whole, so that the edge does not follow dashes and dots
            row = min(int(plot.rows.position(y)), plot.rows.scale.cells - 1)
            first, last = min(first, 2 * row), max(last, 2 * row + 1)
        for half in range(max(first, 0), min(last, most) + 1):
            colour = _colour(plot, series, half + 0.5 < even)
            other = halves.get((column, half), colour)
            halves[column, half] = colour if other == colour else plot.palette.overlap


def _colour(plot: Plot, series: Series, over_reference: bool) -> str:
    if series.role == "ratio":
        return plot.palette.band_b if over_reference else plot.palette.band_a
    return plot.palette.band_a if series.role == "a" else plot.palette.band_b


def _between(xs: Values, ys: Values, x: float) -> float:
    """Straight lines between points; nan where an end is not finite."""
    right = bisect_right(xs, x)
    if right == 0 or right == len(xs):
        return ys[max(right - 1, 0)] if ys else math.nan
    x0, x1, y0, y1 = xs[right - 1], xs[right], ys[right - 1], ys[right]
    if x == x0:
        return y0
    if not (math.isfinite(y0) and math.isfinite(y1)):
        return math.nan
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
