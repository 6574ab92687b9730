"""What a chart shows, free of sizes and colours.

All y values are log10, unless ticks say otherwise, and may be -inf (0, an underflow), +inf or nan: those are marked at
the edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_initflow.charts.palette import Glyphs

Floats = NDArray[np.float64]
Ticks = Sequence[tuple[float, str]]
"""Values with their labels."""

LABEL_GAP = 2
"""Blank cells between two x labels, at least."""

_ROUND = tuple(digit * 10**power for power in range(6) for digit in (1, 2, 5)) + tuple(2**k for k in range(4, 17))
"""Steps of x labels: decimal ones first, powers of two for what is counted so."""

_TOUCH = 1e-9
"""A decade this near to the end of an axis is on it."""

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

LEAST_SPAN = 0.25
"""Decades a y axis shows at least, so that rounding noise does not look like a landscape."""

LARGEST = 1e12
"""Exponents beyond this are drawn at the edge, so that spans of an axis stay finite."""

_PAD = 0.04


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps `first` to the centre of the first of `cells` cells and `last` to the centre of the last.

    Columns run from the lowest value to the highest, rows from the highest to the lowest.
    """

    first: float
    last: float
    cells: int

    @classmethod
    def over(cls, first: float, last: float, cells: int) -> Scale:
        """The scale on which `first` and `last` are the outer edges of the first and the last cell."""
        half = (last - first) / (2 * cells)
        return cls(first + half, last - half, cells)

    def position(self, value: float) -> float:
        """The place in cells, from 0.5 to cells - 0.5; values outside go to the nearest end."""
        share = (value - self.first) / ((self.last - self.first) or math.inf)
        return 0.5 + min(max(share, 0.0), 1.0) * (self.cells - 1)

    def positions(self, values: Floats) -> Floats:
        """Many positions at once; nan for a value that is not finite."""
        inside = np.clip(values, min(self.first, self.last), max(self.first, self.last))
        share = (inside - self.first) / ((self.last - self.first) or math.inf)
        return np.where(np.isfinite(values), 0.5 + share * (self.cells - 1), np.nan)

    def cell(self, value: float) -> int:
        return int(self.position(value))

    def value_at(self, position: float) -> float:
        """The value at a place in cells."""
        return self.first + (position - 0.5) / max(self.cells - 1, 1) * (self.last - self.first)


def y_limits(values: Floats) -> tuple[float, float]:
    """Finite limits that hold all finite values with a little air; one decade around a constant."""
    finite = values[np.isfinite(values)]
    if len(finite) == 0:
        return -1.0, 0.0
    low, high = np.clip((finite.min(), finite.max()), -LARGEST, LARGEST).tolist()
    if high - low < 1e-9 * max(1.0, abs(low), abs(high)):
        return low - 0.5, high + 0.5
    pad = max((high - low) * _PAD, (LEAST_SPAN - (high - low)) / 2)
    return low - pad, high + pad


def y_ticks(rows: Scale, glyphs: Glyphs, unit: str) -> Ticks:
    """Ticks (log10 value, label) on rows of their own, with a free row between labels where there is room."""
    low, high = rows.last, rows.first
    gap = 2 if rows.cells > 4 else 1

    def first_fitting(candidates: Iterable[list[Numeral]]) -> Ticks:
        for numerals in candidates:
            ticks = [(e + math.log10(float(m or 1)), _written(m, e, glyphs) + unit) for m, e in numerals]
            if all(above - below >= gap for above, below in pairwise(rows.cell(value) for value, _ in ticks)):
                return ticks
        return ()

    # ratios near 1 are written out: 100x, then 10⁴x
    decades = first_fitting(_decades(low, high, rows.cells, "1" if unit else ""))
    if high - low > 2 or len(decades) >= 3:
        return decades
    finer = first_fitting(_even(low, high) if high - low < 0.7 else _mantissas(low, high))
    return finer if len(finer) > len(decades) else decades


Numeral = tuple[str, int]
"""A mantissa, which is empty for a power of ten, and an exponent."""


def _written(mantissa: str, exponent: int, glyphs: Glyphs) -> str:
    """A decimal where it is short, else with a power of ten."""
    if mantissa and -3 <= exponent <= 3:
        decimals = max(0, len(mantissa.partition(".")[2]) - exponent)
        return f"{float(mantissa) * 10.0**exponent:.{decimals}f}"
    if exponent == 0:
        return "1"
    if not glyphs.unicode:
        return f"{mantissa or 1}e{exponent}"
    power = f"10{str(exponent).translate(_SUPERSCRIPT)}"
    return power if mantissa in ("", "1") else f"{mantissa}·{power}"


def _decades(low: float, high: float, cells: int, mantissa: str) -> Iterator[list[Numeral]]:
    """Powers of ten, every 1st, 2nd, 5th, 10th …"""
    for step in _round_steps():
        first, last = math.ceil(low / step - _TOUCH), math.floor(high / step + _TOUCH)
        if last - first < cells:
            yield [(mantissa, exponent) for exponent in range(first * step, last * step + 1, step)]


def _mantissas(low: float, high: float) -> Iterator[list[Numeral]]:
    """1, 2, 5 times a power of ten, or more digits where they fit, for a range of about a decade."""
    exponents = range(math.floor(low), math.floor(high) + 1)
    for mantissas in (("1", "1.5", "2", "3", "5", "7"), ("1", "2", "5"), ("1", "5")):
        yield [(m, e) for e in exponents for m in mantissas if low <= e + math.log10(float(m)) <= high]


def _even(low: float, high: float) -> Iterator[list[Numeral]]:
    """Even steps of 1, 2 or 5 times a power of ten, for a range of less than a decade."""
    exponent = math.floor(low)
    first, last = 10 ** (low - exponent), 10 ** (high - exponent)
    for step in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10):
        decimals = 2 if step < 0.1 else 1 if step < 1 else 0
        multiples = range(math.ceil(first / step), math.floor(last / step) + 1)
        yield [(f"{k * step:.{decimals}f}", exponent) for k in multiples]


class Label(NamedTuple):
    """A tick label in its row; the text starts at column `start`."""

    value: float
    text: str
    start: int


def x_labels(ticks: Ticks, columns: Scale, keep: Sequence[float]) -> list[Label]:
    """Labels that do not touch in a row: those at the values of `keep` first, then round ones."""
    # centred under their ticks, as plotext does, and within the row
    labels = [
        Label(value, text, max(0, min(columns.cell(value) - (len(text) - 1) // 2, columns.cells - len(text))))
        for value, text in ticks
        if len(text) <= columns.cells
    ]
    kept: list[Label] = []
    for wanted in keep:
        kept += [label for label in labels if label.value == wanted and _apart([*kept, label])]
    kept += [label for label in _round_labels(labels) if _apart([*kept, label])]
    return sorted(kept, key=lambda label: label.start)


def _round_labels(labels: list[Label]) -> list[Label]:
    """First, last and all multiples of the smallest round step between them that leaves none out."""
    ends = labels[:1] + [last for last in labels[-1:] if _apart([labels[0], last])]
    # where the last label is in the way of all round ones, it goes
    return _with_round(labels, ends) or _with_round(labels, labels[:1]) or ends


def _with_round(labels: list[Label], ends: list[Label]) -> list[Label]:
    """These and the round ones between them; none if no round one has room."""
    best: list[Label] = []
    for step in _ROUND:
        inner = [label for label in labels[1:-1] if label.value % step == 0]
        # 1, 2, 4, 6 … begins with an odd step; 1, 5, 10 … hardly does
        even = step == 1 or (inner and inner[0].value - labels[0].value >= 0.75 * step)
        if inner and even and len(inner) + len(ends) > len(best) and _apart([*ends, *inner]):
            best = [*ends, *inner]
    return best


def _apart(labels: Iterable[Label]) -> bool:
    in_order = sorted(labels, key=lambda label: label.start)
    return all(b.start - a.start - len(a.text) >= LABEL_GAP for a, b in pairwise(in_order))


def evenly_spread(count: int, most: int) -> list[int]:
    """At most `most` of the numbers from 0 to count - 1, the first and the last among them if there are two."""
    chosen = min(count, most)
    return [round(number * (count - 1) / max(chosen - 1, 1)) for number in range(chosen)]


def thinned(count: int, most: int) -> list[int]:
    """Every 1st, 2nd, 5th, 10th … of the numbers from 0 to count - 1, as far as `most` allow, and the last."""
    choices = ([*range(0, count - 1, step), *range(count)[-1:]] for step in _round_steps())
    return next(chosen for chosen in choices if len(chosen) <= max(most, 2))[:most]


def _round_steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 … without end."""
    scale = 1
    while True:
        yield from (scale, 2 * scale, 5 * scale)
        scale *= 10


Role = Literal["a", "b", "ratio"]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve: finite x (points,), y (points,) in log10, and of its band, if it has one, both ends: low and high."""

    name: str
    role: Role
    x: Floats
    y: Floats
    band: tuple[Floats, ...] = ()

    @property
    def points(self) -> list[tuple[float, float]]:
        return list(zip(self.x.tolist(), self.y.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Zone:
    """Values from `low` to `high`, log10 or infinite, that are out of reach (`is_lost`) or hardly in it."""

    name: str
    low: float
    high: float
    is_lost: bool


@dataclass(frozen=True, slots=True, eq=False)
class LineChart:
    """Curves over a common x; `reference` is the log10 y of a dashed line, `highlight` and `cursor` are x.

    `limits` are thin lines under the curves, and `expected` are marks over them, their bands whiskers: what theory
    says, or how things were before. `ghosts` are thin lines in the colours of the curves. `zones` are shaded as far as
    they are in sight. With `y_ticks`, y is no logarithm: the axis reaches over all of them.
    """

    title: str
    short_title: str
    series: Sequence[Series]
    x_title: str
    x_ticks: Ticks
    y_unit: str = ""
    reference: float | None = None
    highlight: float | None = None
    cursor: float | None = None
    limits: Sequence[Series] = ()
    expected: Sequence[Series] = ()
    zones: Sequence[Zone] = ()
    y_ticks: Ticks = ()
    ghosts: Sequence[Series] = ()


class Scatter(LineChart):
    """One marker a point, not joined: for points that have no order worth a line."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Two distributions over the same equal bins from `low` to `high`, counts (bins,), each drawn to its own peak.

    One of them alone has no counts of the other.
    """

    title: str
    low: float
    high: float
    a_counts: Sequence[float]
    b_counts: Sequence[float]


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """One bar or two side by side for each label: their name, and heights in log10 (labels,)."""

    title: str
    short_title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]


Place = tuple[int, int]
"""(column, row), counted from the left and from the bottom."""


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """Values over two axes as coloured cells: log10 (rows, columns) from the bottom up, known where `done`.

    `low_name` and `high_name` say what values below and above 0 mean. `line` (columns,) goes over the cells, in rows
    from the middle of the lowest one; nan leaves a column out.
    """

    title: str
    short_title: str
    role: Role
    values: Floats
    done: NDArray[np.bool_]
    x_title: str
    x_labels: Sequence[str]
    y_title: str
    y_labels: Sequence[str]
    low_name: str
    high_name: str
    current: Place | None = None
    cursor: Place | None = None
    line: Sequence[float] = ()
    line_name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ShareMap(HeatMap):
    """A scale for values from 0 to 1, which are written in percent and coloured from `least` on."""

    least: float = 0.0


Chart = LineChart | Histogram | Bars | HeatMap
