"""Tick values and labels: decades on a log axis, and as many labels as fit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tui_initflow.charts.description import Ticks
from tui_initflow.charts.scale import Rising, Scale

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Numerals:
    """How powers of ten are written on this terminal."""

    unicode: bool

    def power(self, exponent: int) -> str:
        if self.unicode:
            return "1" if exponent == 0 else "10" + str(exponent).translate(_SUPERSCRIPT)
        return "1" if exponent == 0 else f"1e{exponent}"

    def number(self, mantissa: str, exponent: int) -> str:
        if self.unicode:
            return f"{mantissa}·10{str(exponent).translate(_SUPERSCRIPT)}"
        return f"{mantissa}e{exponent}"


def y_ticks(rows: Rising, numerals: Numerals, unit: str) -> Ticks:
    """Ticks (log10 value, label) on rows of their own, with a free row between labels where there is room."""
    low, high = rows.scale.low, rows.scale.high
    gap = 2 if rows.scale.cells > 4 else 1
    for step in _steps():
        ticks = _decades(low, high, step, numerals, unit)
        if _apart(ticks, rows, gap):
            break
    if len(ticks) >= 2 or high - low > 4:
        return ticks or _decades(low, high, 1, numerals, unit)[:1]
    finer = _within_a_decade(low, high, rows, gap, numerals, unit)
    return finer if len(finer) > len(ticks) else ticks


def thinned(ticks: Ticks, columns: Scale, keep: Sequence[float], width: int, offset: int) -> list[Label]:
    """Labels that do not touch: those at the values of `keep` first, then every 2nd, 5th, 10th … tick.

    `width` is that of the row in cells and `offset` the column where the axis starts.
    """
    labels = [_place(value, text, columns, width, offset) for value, text in ticks]
    labels = [label for label in labels if len(label.text) <= width]
    kept: list[Label] = []
    for wanted in keep:
        for label in labels:
            if label.value == wanted and all(label.clear_of(other) for other in kept):
                kept.append(label)
    for step in _steps():
        chosen = labels[::step]
        if all(a.clear_of(b) for a, b in pairwise(chosen)):
            break
    chosen = [label for label in chosen if all(label.clear_of(other) for other in kept)]
    kept += chosen
    if labels and all(labels[-1].clear_of(other) for other in kept):
        kept.append(labels[-1])
    return sorted(kept, key=lambda label: label.start)


@dataclass(frozen=True, slots=True)
class Label:
    """A tick label in its row: the text starts at column `start`, the tick is at `column`."""

    value: float
    text: str
    start: int
    column: int

    def clear_of(self, other: Label) -> bool:
        return self.start > other.start + len(other.text) or other.start > self.start + len(self.text)


def _place(value: float, text: str, columns: Scale, width: int, offset: int) -> Label:
    column = offset + columns.cell(value)
    start = max(0, min(column - (len(text) - 1) // 2, width - len(text)))
    return Label(value, text, start, column)


def _steps() -> Iterator[int]:
    scale = 1
    while True:
        yield from (scale, 2 * scale, 5 * scale)
        scale *= 10


def _apart(ticks: Ticks, rows: Rising, gap: int) -> bool:
    places = [rows.row(value) for value, _ in ticks]
    return all(a - b >= gap for a, b in pairwise(places))


def _decades(low: float, high: float, step: int, numerals: Numerals, unit: str) -> Ticks:
    first, last = math.ceil(low / step), math.floor(high / step)
    # a range of many decades with a small step is asked for only to be refused
    exponents = [k * step for k in range(first, min(last, first + 1000) + 1)]
    plain = unit and all(-3 <= exponent <= 3 for exponent in exponents)
    return tuple((float(e), (f"{10.0**e:g}" if plain else numerals.power(e)) + unit) for e in exponents)


def _within_a_decade(low: float, high: float, rows: Rising, gap: int, numerals: Numerals, unit: str) -> Ticks:
    """Round numbers in even steps, for a range of few decades: 0.5, 1, 2 … or 2.0, 2.5, 3.0."""
    best: Ticks = ()
    for mantissas in ((1, 2, 5), (1, 1.5, 2, 3, 5, 7), tuple(range(1, 10))):
        ticks = tuple(
            (exponent + math.log10(m), _plain(f"{m:g}", exponent, numerals) + unit)
            for exponent in range(math.floor(low), math.floor(high) + 1)
            for m in mantissas
            if low <= exponent + math.log10(m) <= high
        )
        if len(ticks) > len(best) and _apart(ticks, rows, gap):
            best = ticks
    return best if len(best) >= 2 else _even(low, high, rows, gap, numerals, unit) or best


def _even(low: float, high: float, rows: Rising, gap: int, numerals: Numerals, unit: str) -> Ticks:
    """Evenly spaced values in linear steps of 1, 2 or 5 · 10^k."""
    exponent = math.floor(low)
    first, last = 10 ** (low - exponent), 10 ** (high - exponent)
    for power in (-2, -1, 0):
        for digit in (1, 2, 5):
            step = digit * 10.0**power
            ticks = tuple(
                (exponent + math.log10(k * step), _plain(f"{k * step:.{-power}f}", exponent, numerals) + unit)
                for k in range(math.ceil(first / step), math.floor(last / step) + 1)
            )
            if ticks and _apart(ticks, rows, gap):
                return ticks
    return ()


def _plain(mantissa: str, exponent: int, numerals: Numerals) -> str:
    """A decimal where it is short, else with a power of ten."""
    if -3 <= exponent <= 3:
        decimals = max(0, len(mantissa.partition(".")[2]) - exponent)
        return f"{float(mantissa) * 10.0**exponent:.{decimals}f}"
    return numerals.number(mantissa, exponent)
