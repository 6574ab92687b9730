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
from typing import Any

import plotext

from tui_initflow.charts.cells import PLAIN, Picture, Row, Style

Point = tuple[float, float]
Stroke = Sequence[Point]
"""Points joined by straight lines."""

REPRESENTABLE = 150.0
"""Powers of ten up to this exponent, either way, can be given to a logarithmic scale, and those half a cell further."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A label at a value of an axis."""

    value: float
    text: str
    style: Style


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
class Curve:
    """Strokes of one colour; `thickness` is how far down they reach, in y units."""

    strokes: Sequence[Stroke]
    marker: str
    colour: str
    thickness: float = 0.0


@dataclass(frozen=True, slots=True)
class Dots:
    """Points that are not joined, one character each."""

    points: Sequence[Point]
    marker: str
    style: Style


@dataclass(frozen=True, slots=True)
class Bars:
    """Filled bars from `floor` up to `tops` (bars,), `width` wide around x = `first`, `first` + 1, …

    A bar whose top is its floor is not drawn.
    """

    first: float
    floor: float
    tops: Sequence[float]
    width: float
    marker: str
    colour: str


Mark = Curve | Dots | Bars

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
        plane = _Plane(frame)
        # on a logarithmic scale plotext takes 1 off the lowest value where all are the same, so these two are not
        _draw_dots(figure, Dots([(frame.x.low, low), (frame.x.low, high)], " ", PLAIN), plane)
        for mark in marks:
            match mark:
                case Curve():
                    _draw_curve(figure, mark, plane)
                case Dots():
                    _draw_dots(figure, mark, plane)
                case Bars():
                    _draw_bars(figure, mark, plane)
        text: str = figure.build().string()
        figure.clear.data()
    return _picture(text, frame)


def _set_up(figure: Any, frame: Frame) -> None:
    figure.plot_size(frame.width, frame.height)
    figure.canvas("default")
    figure.legend(False)
    figure.axes(False)
    for name, side, axis in (("x", "lower", frame.x), ("y", "left", frame.y)):
        ruler = figure.ruler(name, side)
        ruler.lim(*axis.limits)
        ruler.ticks([tick.value for tick in axis.ticks], [_label(tick) for tick in axis.ticks])
        if axis.line is not None:
            figure.axes(True, pixel=_pixel(axis.line), axis=name, side=side)
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


class _Plane:
    """Turns values within the limits into the numbers that plotext's rulers take."""

    def __init__(self, frame: Frame) -> None:
        self._x, self._y = frame.x, frame.y
        self._columns, self._rows = frame.width, frame.height
        self._logarithmic = _is_logarithmic(frame.y)

    def xs(self, values: Iterable[float]) -> list[float]:
        return [_within(value, *self._x.limits) for value in values]

    def ys(self, values: Iterable[float]) -> list[float]:
        return self._numbers(_within(value, *self._y.limits) for value in values)

    def sides(self, values: Iterable[float]) -> list[float]:
        """What of curves and bars may reach half a cell further than the limits."""
        return [_within(value, *_wider(self._x.limits, self._columns)) for value in values]

    def ends(self, values: Iterable[float]) -> list[float]:
        """The same for y values."""
        return self._numbers(_within(value, *_wider(self._y.limits, self._rows)) for value in values)

    def _numbers(self, values: Iterable[float]) -> list[float]:
        return [10.0**value for value in values] if self._logarithmic else list(values)


def _wider(limits: tuple[float, float], cells: int) -> tuple[float, float]:
    """Limits with half a cell more at both ends, and hardly that: further out plotext would abort."""
    low, high = limits
    half = 0.49 * (high - low) / max(cells - 1, 1)
    return low - half, high + half


def _within(value: float, low: float, high: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"a mark has a coordinate that is not finite: {value}")
    return min(max(value, low), high)


def _draw_curve(figure: Any, curve: Curve, plane: _Plane) -> None:
    points = [point for stroke in curve.strokes for point in stroke]
    if not points:
        return
    xs, ys = plane.sides(x for x, _ in points), plane.ends(y for _, y in points)
    marker = _marker(curve.marker, Style(curve.colour, None))
    signal = figure.signal(xs, ys, marker=marker, yside="right").lines(True)
    start = 0
    for stroke in curve.strokes:
        signal.line(start, False)
        start += len(stroke)
    if curve.thickness:
        below = plane.ends(y - curve.thickness for _, y in points)
        signal.fill(figure.signal(xs, below, marker=marker, yside="right"))
        signal.density("full", "fill")
    figure.draw(signal)


def _draw_dots(figure: Any, dots: Dots, plane: _Plane) -> None:
    if dots.points:
        xs, ys = plane.xs(x for x, _ in dots.points), plane.ys(y for _, y in dots.points)
        figure.draw(figure.signal(xs, ys, marker=_marker(dots.marker, dots.style), yside="right"))


def _draw_bars(figure: Any, bars: Bars, plane: _Plane) -> None:
    """One filled signal, as `figure.bar` makes one for every bar, at ten times the cost."""
    # plotext is off by up to 0.002 cells: a bar that ends where the next cell begins would be seen there
    half = 0.99 * bars.width / 2
    standing = [(bars.first + place, top) for place, top in enumerate(bars.tops) if top != bars.floor]
    if not standing:
        return
    xs = plane.sides(x + side for x, _ in standing for side in (-half, half))
    tops = plane.ends(top for _, top in standing for _side in range(2))
    marker = _marker(bars.marker, Style(bars.colour, None))
    signal = figure.signal(xs, tops, marker=marker, yside="right").lines(True)
    for start in range(0, len(xs), 2):
        signal.line(start, False)
    floors = plane.ends([bars.floor] * len(xs))
    signal.fill(figure.signal(xs, floors, marker=marker, yside="right")).density("full")
    figure.draw(signal)


def _marker(marker: str, style: Style) -> Any:
    return plotext.marker(marker, _pixel(style.fg, bold=style.bold))


def _label(tick: Tick) -> Any:
    return plotext.colorize(tick.text, _pixel(tick.style.fg, bold=tick.style.bold))


@lru_cache(maxsize=64)
def _pixel(colour: str | None, *, bold: bool = False) -> Any:
    channels = None if colour is None else tuple(bytes.fromhex(colour[1:]))
    return plotext.pixel(channels, None, "bold" if bold else None)


_CODES = re.compile(r"\x1b\[([0-9;]*)m")
_COLOUR = re.compile(r"38;2;(\d+);(\d+);(\d+)")


def _picture(text: str, frame: Frame) -> Picture:
    """plotext's text with escape sequences as rows of exactly the width of the frame."""
    rows = [tuple(_runs(line, frame.width)) for line in text.split("\n")[: frame.height]]
    blank: Row = ((" " * frame.width, PLAIN),)
    return (*rows, *[blank] * (frame.height - len(rows)))


def _runs(line: str, width: int) -> Iterator[tuple[str, Style]]:
    style = PLAIN
    room = width
    # the pieces alternate: text, the codes of a sequence, text …
    for number, piece in enumerate(_CODES.split(line)):
        if number % 2:
            style = _after(style, piece)
        elif piece and room:
            yield piece[:room], style
            room -= len(piece[:room])
    if room:
        yield " " * room, PLAIN


@lru_cache(maxsize=256)
def _after(style: Style, codes: str) -> Style:
    """The style after a sequence; of those that plotext writes only colours of the text and bold mean something."""
    if codes == "0":
        return PLAIN
    if codes == "1":
        return style._replace(bold=True)
    colour = _COLOUR.fullmatch(codes)
    return style if colour is None else style._replace(fg="#" + "".join(f"{int(part):02x}" for part in colour.groups()))
