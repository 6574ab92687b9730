"""Curves as strokes: broken where a value is not finite, simplified below a dot, dashed by length."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

from tui_initflow.charts.braille import DOTS_X, DOTS_Y
from tui_initflow.charts.plotext_adapter import Point

_TOLERANCE = 0.4 / DOTS_Y
"""How far a simplified stroke may be off, in rows."""


def unbroken(points: Iterable[Point]) -> list[list[Point]]:
    """The stretches between points that are not finite."""
    stretches: list[list[Point]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            stretches[-1].append(point)
        elif stretches[-1]:
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def simplified(stroke: list[Point]) -> list[Point]:
    """The same picture from fewer points, as each costs 30 µs to draw: x must not decrease."""
    return _without_straights(_one_column_at_a_time(stroke))


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


def _one_column_at_a_time(stroke: list[Point]) -> list[Point]:
    """At most four points a dot column: first, lowest, highest, last."""
    kept: list[Point] = []
    start = 0
    for end in range(1, len(stroke) + 1):
        if end == len(stroke) or int(stroke[end][0] * DOTS_X) != int(stroke[start][0] * DOTS_X):
            column = stroke[start:end]
            kept += column if len(column) <= 4 else _extremes(column)
            start = end
    return kept


def _extremes(column: list[Point]) -> list[Point]:
    inner = range(1, len(column) - 1)
    low = min(inner, key=lambda i: column[i][1])
    high = max(inner, key=lambda i: column[i][1])
    return [column[i] for i in sorted({0, low, high, len(column) - 1})]


def _without_straights(stroke: list[Point]) -> list[Point]:
    """Drop points while one straight line passes all of them within the tolerance."""
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
