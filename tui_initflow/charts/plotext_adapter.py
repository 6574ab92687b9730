"""The only place that talks to plotext: a frame and the marks in it go in, a picture comes out.

plotext 6.1 draws the axes, the ticks, the grid, the curves and the bars, on its logarithmic scale where the axis is
logarithmic. It aborts the process on NaN and on drawings far larger than the canvas, so only finite numbers within
the limits ever reach it. Importing it takes 150 ms: the app does so in a worker, after its first paint.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, Literal

import plotext

from tui_initflow.charts.cells import PLAIN, Picture, Run, Style
from tui_initflow.charts.palette import channels

Point = tuple[float, float]
Stroke = Sequence[Point]
"""Points joined by straight lines."""
Tick = tuple[float, str, Style]
"""A value of an axis, its label, and the style of the label."""

REPRESENTABLE = 150.0
"""Powers of ten up to this exponent, either way, can be given to a logarithmic scale, and those half a cell further."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `low` at the centre of the first cell to `high` at the centre of the last.

    On a logarithmic axis the values of limits, ticks and marks are log10. `line` is the colour of the axis line,
    None for no line.
    """

    low: float
    high: float
    ticks: tuple[Tick, ...] = ()
    line: str | None = None
    logarithmic: bool = False

    @property
    def limits(self) -> tuple[float, float]:
        """Two numbers that differ: one value alone is in the middle."""
        return (self.low, self.high) if self.low < self.high else (self.low - 0.5, self.low + 0.5)


@dataclass(frozen=True, slots=True)
class Frame:
    """`width` x `height` cells, the axes and their labels included."""

    width: int
    height: int
    x: Axis
    y: Axis


@dataclass(frozen=True, slots=True)
class Mark:
    """Strokes in one style; a stroke of one point is a dot.

    `floor` has a y for each of the points, down to which the stroke is filled; it is empty where nothing is. Points
    are joined by a line that is thin where it is "simple", and leaves out no cell that it crosses where it is "full".
    """

    strokes: Sequence[Stroke]
    marker: str
    style: Style
    floor: Sequence[float] = ()
    joined: Literal["simple", "full"] = "simple"


def dots(points: Iterable[Point], marker: str, style: Style) -> Mark:
    """Points that are not joined."""
    return Mark([[point] for point in points], marker, style)


def bars(first: float, floor: float, tops: Sequence[float], width: float, marker: str, style: Style) -> Mark:
    """Bars from `floor` up to `tops` (bars,), `width` wide around x = `first`, `first` + 1, …

    A bar whose top is its floor is not drawn. One mark for all, as `figure.bar` makes a signal for every bar, at ten
    times the cost.
    """
    # plotext is off by up to 0.002 cells: a bar that ends where the next cell begins would be seen there
    half = 0.99 * width / 2
    standing = [(first + place, top) for place, top in enumerate(tops) if top != floor]
    strokes = [[(x - half, y), (x + half, y)] for x, y in standing]
    return Mark(strokes, marker, style, [floor] * (2 * len(strokes)), "full")


# plotext draws on one figure for the whole process
_lock = Lock()


def draw(frame: Frame, marks: Sequence[Mark]) -> Picture:
    """The frame with its marks, later ones over earlier ones, on a background that is left as it is."""
    if frame.width < 1 or frame.height < 1:
        return ()
    low, high = frame.y.limits
    with _lock:
        figure: Any = plotext.figure
        plotext.terminal.limit(False, False)
        figure.clear.data()
        figure.clear.settings()
        _set_up(figure, frame)
        # on a logarithmic scale plotext takes 1 off the lowest value where all are the same, so these two are not
        ends = dots([(frame.x.low, low), (frame.x.low, high)], " ", PLAIN)
        for mark in (ends, *marks):
            _draw_mark(figure, mark, frame)
        text: str = figure.build().string()
        figure.clear.data()
    # plotext fills the frame exactly: every row has its width
    return tuple(tuple(_runs(line)) for line in text.splitlines())


def _set_up(figure: Any, frame: Frame) -> None:
    figure.plot_size(frame.width, frame.height)
    figure.canvas("default")
    figure.legend(False)
    figure.axes(False)
    for name, side, axis in (("x", "lower", frame.x), ("y", "left", frame.y)):
        ruler = figure.ruler(name, side)
        ruler.lim(*axis.limits)
        labels = [plotext.colorize(text, _pixel(style)) for _, text, style in axis.ticks]
        ruler.ticks([value for value, *_ in axis.ticks], labels)
        if axis.line is not None:
            figure.axes(True, pixel=_pixel(Style(axis.line)), axis=name, side=side)
    # the curves have the right-hand ruler, which is not shown: in 6.1 a logarithmic one with ticks forgets its limits
    ruler = figure.ruler("y", "right")
    ruler.frequency(0)
    low, high = frame.y.limits
    if _is_logarithmic(frame.y):
        ruler.scale("log").lim(10.0**low, 10.0**high)
    else:
        ruler.lim(low, high)


def _is_logarithmic(axis: Axis) -> bool:
    """Whether plotext gets the numbers themselves. Their logarithms are the same picture where they do not exist."""
    return axis.logarithmic and axis.low > -REPRESENTABLE and axis.high < REPRESENTABLE


def _within(values: Iterable[float], axis: Axis, cells: int) -> list[float]:
    """The values, as near as half a cell outside the limits and hardly that: further out plotext would abort."""
    low, high = axis.limits
    half = 0.49 * (high - low) / max(cells - 1, 1)
    numbers = list(values)
    if not all(map(math.isfinite, numbers)):
        raise ValueError("a mark has a coordinate that is not finite")
    return [min(max(value, low - half), high + half) for value in numbers]


def _draw_mark(figure: Any, mark: Mark, frame: Frame) -> None:
    points = [point for stroke in mark.strokes for point in stroke]
    if not points:
        return
    xs = _within((x for x, _ in points), frame.x, frame.width)
    marker = plotext.marker(mark.marker, _pixel(mark.style))

    def signal(values: Iterable[float]) -> Any:
        ys = _within(values, frame.y, frame.height)
        numbers = [10.0**y for y in ys] if _is_logarithmic(frame.y) else ys
        return figure.signal(xs, numbers, marker=marker, yside="right")

    drawn = signal(y for _, y in points)
    if len(points) > len(mark.strokes):
        drawn.lines(True)
        start = 0
        for stroke in mark.strokes:
            drawn.line(start, False)
            start += len(stroke)
    if mark.floor:
        drawn.fill(signal(mark.floor)).density("full", "fill").density(mark.joined, "line")
    figure.draw(drawn)


@lru_cache(maxsize=64)
def _pixel(style: Style) -> Any:
    colour = None if style.fg is None else channels(style.fg)
    return plotext.pixel(colour, None, "bold" if style.bold else None)


_CODES = re.compile(r"\x1b\[([0-9;]*)m")
_COLOUR = re.compile(r"38;2;(\d+);(\d+);(\d+)")


def _runs(line: str) -> Iterator[Run]:
    style = PLAIN
    # the pieces alternate: text, the codes of a sequence, text …
    for number, piece in enumerate(_CODES.split(line)):
        if number % 2:
            style = _after(style, piece)
        elif piece:
            yield piece, style


@lru_cache(maxsize=256)
def _after(style: Style, codes: str) -> Style:
    """The style after a sequence; of those that plotext writes only colours of the text and bold mean something."""
    if codes == "0":
        return PLAIN
    if codes == "1":
        return style._replace(bold=True)
    colour = _COLOUR.fullmatch(codes)
    return style if colour is None else style._replace(fg="#" + "".join(f"{int(part):02x}" for part in colour.groups()))
