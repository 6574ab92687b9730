"""Curves as strokes: broken where a value is not finite, simplified below a dot, dashed by length."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby, pairwise

from tui_initflow.charts.plotext_adapter import Point

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
    """The same picture from fewer points, as each costs 13 µs to draw: x must not decrease.

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
