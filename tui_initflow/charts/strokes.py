"""Curves as strokes: broken where a value is not finite, thinned to the dots there are, dashed by length."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

from tui_initflow.charts.plotext_adapter import Point, Stroke

DOTS_X, DOTS_Y = 2, 4
"""Braille dots in a cell."""


def unbroken(points: Iterable[Point]) -> list[list[Point]]:
    """The stretches between points that are not finite."""
    stretches: list[list[Point]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            stretches[-1].append(point)
        elif stretches[-1]:
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def thinned(stroke: list[Point]) -> list[Point]:
    """At most four points a dot column (first, lowest, highest, last): the same picture from fewer points."""
    kept: list[Point] = []
    start = 0
    for end in range(1, len(stroke) + 1):
        if end == len(stroke) or int(stroke[end][0] * DOTS_X) != int(stroke[start][0] * DOTS_X):
            column = stroke[start:end]
            kept += column if len(column) <= 4 else _extremes(column)
            start = end
    return kept


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


def thickened(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Every stroke two dots thick in both directions, about its middle."""
    right, down = 0.5 / DOTS_X, 0.5 / DOTS_Y
    return [
        [(x + dx, y + dy) for x, y in stroke]
        for stroke in strokes
        for dx, dy in ((-right, -down), (right, -down), (-right, down))
    ]


def _extremes(column: list[Point]) -> list[Point]:
    inner = range(1, len(column) - 1)
    low = min(inner, key=lambda i: column[i][1])
    high = max(inner, key=lambda i: column[i][1])
    return [column[i] for i in sorted({0, low, high, len(column) - 1})]
