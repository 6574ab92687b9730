"""Axes in data units: where a value goes, which limits hold the data, and which ticks are labelled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tui_initflow.charts.description import Ticks

Floats = NDArray[np.float64]

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
    """Maps `low` to the centre of the first of `cells` cells and `high` to the centre of the last."""

    low: float
    high: float
    cells: int

    @classmethod
    def over(cls, low: float, high: float, cells: int) -> Scale:
        """The scale on which `low` and `high` are the outer edges of the first and the last cell."""
        half = (high - low) / (2 * cells)
        return cls(low + half, high - half, cells)

    def position(self, value: float) -> float:
        """The place in cells, from 0.5 to cells - 0.5; values outside go to the nearest end."""
        if self.high <= self.low:
            return self.cells / 2
        share = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        return 0.5 + share * (self.cells - 1)

    def positions(self, values: Floats) -> Floats:
        """Many positions at once; nan for a value that is not finite."""
        finite = np.isfinite(values)
        if self.high <= self.low:
            return np.where(finite, self.cells / 2, np.nan)
        inside = np.clip(np.where(finite, values, self.low), self.low, self.high)
        share = (inside - self.low) / (self.high - self.low)
        return np.where(finite, 0.5 + share * (self.cells - 1), np.nan)

    def cell(self, value: float) -> int:
        return min(int(self.position(value)), self.cells - 1)

    def value_at(self, position: float) -> float:
        """The value at a place in cells."""
        return self.low + (position - 0.5) / max(self.cells - 1, 1) * (self.high - self.low)

    def values(self) -> Floats:
        """The values at the centres of the cells, (cells,)."""
        if self.cells < 2:
            return np.full(self.cells, (self.low + self.high) / 2)
        return np.linspace(self.low, self.high, self.cells)


@dataclass(frozen=True, slots=True)
class Rising:
    """A scale for rows: rows count down, values grow up."""

    scale: Scale

    def position(self, value: float) -> float:
        return self.scale.cells - self.scale.position(value)

    def positions(self, values: Floats) -> Floats:
        """Many positions at once; nan for a value that is not finite."""
        return self.scale.cells - self.scale.positions(values)

    def value_of(self, row: float) -> float:
        """The value at the middle of a row."""
        return self.scale.value_at(self.scale.cells - row - 0.5)

    def row(self, value: float) -> int:
        return max(0, min(int(self.position(value)), self.scale.cells - 1))


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


@dataclass(frozen=True, slots=True)
class Numerals:
    """How powers of ten are written on this terminal."""

    unicode: bool

    def power(self, exponent: int) -> str:
        if self.unicode:
            return "1" if exponent == 0 else "10" + str(exponent).translate(_SUPERSCRIPT)
        return "1" if exponent == 0 else f"1e{exponent}"

    def plain(self, mantissa: str, exponent: int) -> str:
        """A decimal where it is short, else with a power of ten."""
        if -3 <= exponent <= 3:
            decimals = max(0, len(mantissa.partition(".")[2]) - exponent)
            return f"{float(mantissa) * 10.0**exponent:.{decimals}f}"
        if mantissa == "1":
            return self.power(exponent)
        if self.unicode:
            return f"{mantissa}·10{str(exponent).translate(_SUPERSCRIPT)}"
        return f"{mantissa}e{exponent}"


def y_ticks(rows: Rising, unicode: bool, unit: str) -> Ticks:
    """Ticks (log10 value, label) on rows of their own, with a free row between labels where there is room."""
    axis = _Axis(rows, 2 if rows.scale.cells > 4 else 1, Numerals(unicode), unit)
    span = rows.scale.high - rows.scale.low
    decades = _decades(axis)
    if span > 2 or len(decades) >= 3:
        return decades
    finer = _even(axis) if span < 0.7 else _mantissas(axis)
    return finer if len(finer) > len(decades) else decades


def x_labels(ticks: Ticks, columns: Scale, keep: Sequence[float], width: int) -> list[Label]:
    """Labels that do not touch in a row of `width` cells: those at the values of `keep` first, then round ones."""
    labels = [_place(value, text, columns, width) for value, text in ticks]
    labels = [label for label in labels if len(label.text) <= width]
    kept: list[Label] = []
    for wanted in keep:
        kept += [label for label in labels if label.value == wanted and label.clear_of(kept)]
    if not labels:
        return []
    chosen = _round_labels(labels)
    return sorted(kept + [label for label in chosen if label.clear_of(kept)], key=lambda label: label.start)


def _round_labels(labels: list[Label]) -> list[Label]:
    """First, last and all multiples of the smallest round step between them that leaves none out."""
    ends = [labels[0]]
    if labels[-1].clear_of(ends):
        ends.append(labels[-1])
    best = ends
    for step in _ROUND:
        inner = [label for label in labels[1:-1] if label.value % step == 0]
        if len(inner) + len(ends) <= len(best) or not inner:
            continue
        # 1, 2, 4, 6 … begins with an odd step; 1, 5, 10 … hardly does
        even = step == 1 or inner[0].value - labels[0].value >= 0.75 * step
        if even and _all_clear(inner) and all(label.clear_of(ends) for label in inner):
            best = inner + ends
    return best


def _all_clear(labels: list[Label]) -> bool:
    return all(b.start - a.start - len(a.text) >= LABEL_GAP for a, b in pairwise(labels))


@dataclass(frozen=True, slots=True)
class Label:
    """A tick label in its row; the text starts at column `start`."""

    value: float
    text: str
    start: int

    def clear_of(self, others: Iterable[Label]) -> bool:
        return all(
            self.start - other.start - len(other.text) >= LABEL_GAP
            or other.start - self.start - len(self.text) >= LABEL_GAP
            for other in others
        )


def _place(value: float, text: str, columns: Scale, width: int) -> Label:
    """Centred under its tick, as plotext does, and within the row."""
    start = columns.cell(value) - (len(text) - 1) // 2
    return Label(value, text, max(0, min(start, width - len(text))))


def round_steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 … without end."""
    scale = 1
    while True:
        yield from (scale, 2 * scale, 5 * scale)
        scale *= 10


@dataclass(frozen=True, slots=True)
class _Axis:
    """The rows of a y axis, how far apart its labels are at least, and how they are written."""

    rows: Rising
    gap: int
    numerals: Numerals
    unit: str

    def power(self, exponent: int) -> str:
        """Ratios near 1 are written out: 100x, then 10⁴x."""
        written_out = self.unit and -3 <= exponent <= 3
        return (f"{10.0**exponent:g}" if written_out else self.numerals.power(exponent)) + self.unit

    def fits(self, ticks: Ticks) -> bool:
        places = [self.rows.row(value) for value, _ in ticks]
        return all(a - b >= self.gap for a, b in pairwise(places))


def _decades(axis: _Axis) -> Ticks:
    """Powers of ten, every 1st, 2nd, 5th, 10th …: the first that fit."""
    low, high = axis.rows.scale.low, axis.rows.scale.high
    for step in round_steps():
        first, last = math.ceil(low / step - _TOUCH), math.floor(high / step + _TOUCH)
        if last - first >= axis.rows.scale.cells:
            continue
        ticks = tuple(
            (float(exponent), axis.power(exponent)) for exponent in range(first * step, last * step + 1, step)
        )
        if axis.fits(ticks):
            return ticks
    return ()


def _mantissas(axis: _Axis) -> Ticks:
    """1, 2, 5 times a power of ten, or more digits where they fit, for a range of about a decade."""
    low, high = axis.rows.scale.low, axis.rows.scale.high
    best: Ticks = ()
    for mantissas in ((1, 5), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        ticks = tuple(
            (exponent + math.log10(m), axis.numerals.plain(f"{m:g}", exponent) + axis.unit)
            for exponent in range(math.floor(low), math.floor(high) + 1)
            for m in mantissas
            if low <= exponent + math.log10(m) <= high
        )
        if axis.fits(ticks):
            best = ticks
    return best


def _even(axis: _Axis) -> Ticks:
    """Even steps of 1, 2 or 5 times a power of ten, for a range of less than a decade."""
    low, high = axis.rows.scale.low, axis.rows.scale.high
    exponent = math.floor(low)
    first, last = 10 ** (low - exponent), 10 ** (high - exponent)
    for step in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10):
        decimals = 2 if step < 0.1 else 1 if step < 1 else 0
        ticks = tuple(
            (
                exponent + math.log10(k * step),
                axis.numerals.plain(f"{k * step:.{decimals}f}", exponent) + axis.unit,
            )
            for k in range(math.ceil(first / step), math.floor(last / step) + 1)
        )
        if axis.fits(ticks):
            return ticks
    return ()
