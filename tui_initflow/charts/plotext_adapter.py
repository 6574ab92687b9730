"""The only place that talks to plotext: strokes in cells go in, lines of characters come out.

plotext 6.1 aborts the process on NaN and on drawings far larger than the canvas, so nothing but
finite points inside the canvas ever reaches it. Importing it takes 150 ms: the app does so in a worker, after its
first paint.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from threading import Lock
from typing import Any

import plotext

Point = tuple[float, float]
Stroke = Sequence[Point]
"""Points joined by straight lines, in cells: x to the right, y down, (0, 0) the top left corner."""

BRAILLE = "braille"

_EDGE = 1e-3
"""Keeps points off the outer edge, in cells."""

# plotext draws on one figure for the whole process
_lock = Lock()


def draw_strokes(width: int, height: int, strokes: Sequence[Stroke], marker: str = BRAILLE) -> list[str]:
    """Draw the strokes on `height` lines of `width` characters; `marker` is BRAILLE or one character."""
    blank = [" " * width] * height
    xs: list[float] = []
    ys: list[float] = []
    starts: list[int] = []
    for stroke in strokes:
        if not stroke:
            continue
        starts.append(len(xs))
        for x, y in stroke:
            if not (math.isfinite(x) and math.isfinite(y)):
                raise ValueError(f"a stroke holds a point that is not finite: {x}, {y}")
            xs.append(min(max(x, _EDGE), width - _EDGE))
            ys.append(height - min(max(y, _EDGE), height - _EDGE))
    if not xs or width < 1 or height < 1:
        return blank
    with _lock:
        text = _build(width, height, xs, ys, starts, marker)
    lines = text.split("\n")
    return [line.ljust(width)[:width] for line in (lines + blank)[:height]]


def _build(width: int, height: int, xs: list[float], ys: list[float], starts: list[int], marker: str) -> str:
    figure: Any = plotext.figure
    plotext.terminal.limit(False, False)
    figure.clear.data()
    figure.axes(False)
    figure.legend(False)
    figure.canvas("default")
    figure.ruler("both", "both").frequency(0)
    figure.plot_size(width, height)
    figure.ruler("x", "lower").alignment(lim="edge").lim(0, width)
    figure.ruler("y", "left").alignment(lim="edge").lim(0, height)
    signal = figure.signal(xs, ys, marker=plotext.marker(marker)).lines(True)
    for start in starts:
        signal.line(start, False)
    figure.draw(signal)
    text: str = figure.build().string(colorless=True)
    figure.clear.data()
    return text
