"""Draws two distributions over each other: A as a filled shape, B as an outline."""

from __future__ import annotations

import math

from tui_initflow.charts.braille import BLANK, masks, thickened
from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import Histogram
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette, blend
from tui_initflow.charts.plotext_adapter import Point, draw_strokes

THICK_FROM = 30
"""Columns from which the outline can be two dots thick and its steps still be told apart."""

_EMPTY = " " + chr(BLANK)

_FILL = 0.55
"""How much of A's colour its fill has, so that the outline of B stands out on it."""


def draw_histogram(canvas: Canvas, chart: Histogram, palette: Palette, glyphs: Glyphs) -> None:
    width = canvas.width
    title = 1 if canvas.height >= 3 else 0
    ticks = 1 if canvas.height >= 2 else 0
    footers = chart.footers[: max(0, canvas.height - title - ticks - 3)]
    height = canvas.height - title - ticks - len(footers)
    if title:
        canvas.text(0, 0, chart.title, Style(palette.text, None, bold=True))
    a, b = _shares(chart.a_counts), _shares(chart.b_counts)
    fill = blend(palette.a, palette.background, _FILL)
    filled: set[tuple[int, int]] = set()
    for column, share in enumerate(_by_column(a, width)):
        eighths = round(share * height * 8) or int(share > 0)
        for row in range(height):
            part = min(8, max(0, eighths - 8 * (height - 1 - row)))
            if part >= 4:
                filled.add((column, row))
            if part:
                canvas.put(column, title + row, glyphs.eighths[part], Style(fill, None))
    lines = draw_strokes(width, height, [_outline(b, width, height)], glyphs.line["b"])
    if width >= THICK_FROM and glyphs.braille:
        lines = ["".join(chr(BLANK + bits) for bits in row) for row in thickened(masks(lines)).tolist()]
    for row, line in enumerate(lines):
        for column, char in enumerate(line):
            if char not in _EMPTY:
                style = Style(palette.b, fill if (column, row) in filled else None)
                canvas.put(column, title + row, char, style)
    for label, share in _x_labels(chart.edges):
        if ticks:
            start = round(share * (width - len(label)))
            canvas.text(start, title + height, label, Style(palette.muted, None))
    for row, footer in enumerate(footers):
        canvas.text(0, title + height + ticks + row, footer, Style(palette.muted, None))


def _shares(counts: tuple[float, ...]) -> list[float]:
    """Counts as shares of their own peak."""
    peak = max(counts, default=0.0)
    return [count / peak if peak > 0 else 0.0 for count in counts]


def _by_column(shares: list[float], width: int) -> list[float]:
    """The share drawn in each column; where bins are narrower than columns, the tallest of them."""
    if not shares:
        return []
    bins = len(shares) / width
    middles = (min(int((column + 0.5) * bins), len(shares) - 1) for column in range(width))
    if bins <= 1:
        return [shares[middle] for middle in middles]
    return [
        max(shares[int(column * bins) : max(math.ceil((column + 1) * bins), middle + 1)])
        for column, middle in enumerate(middles)
    ]


def _outline(shares: list[float], width: int, height: int) -> list[Point]:
    """The steps along the top of the bins; empty bins at both ends are left out."""
    used = [index for index, share in enumerate(shares) if share > 0]
    if not used:
        return []
    points: list[Point] = [(used[0] * width / len(shares), float(height))]
    for index in range(used[0], used[-1] + 1):
        y = height * (1 - shares[index])
        left, right = index * width / len(shares), (index + 1) * width / len(shares)
        points += [(left, y), (right - 0.5, y)]
    points.append((points[-1][0], float(height)))
    return points


def _x_labels(edges: tuple[float, ...]) -> list[tuple[str, float]]:
    """Both ends and the middle, with their places as shares of the width."""
    low, high = edges[0], edges[-1]
    return [(f"{low:g}", 0.0), (f"{(low + high) / 2:g}", 0.5), (f"{high:g}", 1.0)]
