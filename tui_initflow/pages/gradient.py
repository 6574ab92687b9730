"""Gradient magnitude through the layers, with how to read it, or with theory beside the measurement."""

from __future__ import annotations

import math

import numpy as np

from tui_initflow.charts.cells import Picture, Row, Style
from tui_initflow.charts.description import Floats, LineChart, Role, Series, Ticks, Zone, thinned
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings import wording
from tui_initflow.findings.intervals import Band
from tui_initflow.findings.layers import Layers
from tui_initflow.model.number_formats import NumberFormat
from tui_initflow.pages.rows import paragraph, shortened

MARKS = "○◇"
MOST_TICKS, LONGEST_TICK = 60, 16


def gradient(layers: Layers, width: int, height: int, palette: Palette, *, kept: Layers | None = None) -> Picture:
    """The curves; behind them, thin, those of a result that was kept to compare with."""
    predicted = [(side, one.predicted) for side, one in layers.sides if one.predicted is not None]
    chart = LineChart(
        title="Gradient magnitude through layers, log scale",
        short_title="Gradient",
        series=[_series(one.name, side, *one.gradient) for side, one in layers.sides],
        x_title="Layer",
        x_ticks=_ticks(max((layers, kept or layers), key=lambda one: len(one.points)).points),
        limits=[_series("", side, theory.limit) for side, theory in predicted],
        # without a reliable number there is nothing to draw but the limit
        expected=[_series("theory", side, *theory.spread) for side, theory in predicted],
        zones=[] if layers.number_format is None else _zones(layers.number_format),
        ghosts=[] if kept is None else _ghosts(kept),
    )
    note = notes(layers, width, palette)
    return (*render(chart, width, max(1, height - len(note)), palette), *note)


def notes(layers: Layers, width: int, palette: Palette) -> Picture:
    """The rows under the chart: how to read it, how far theory is off, and what a number format loses."""
    muted, rows = Style(palette.muted), list[Row]()
    predicted = [(mark, *one) for mark, one in zip(MARKS, layers.sides, strict=False) if one[1].predicted is not None]
    if predicted:
        marks = "".join(mark for mark, *_ in predicted)
        legend = f"Line: median; {marks}: predicted; shade, ┬┴: 10-90%; thin: infinite width"
        rows += paragraph(legend, width, muted)
    for mark, side, one in predicted:
        assert one.predicted is not None
        said = f"{one.name}: {one.predicted.remark}"
        rows += paragraph(said, width, Style(palette.of(side)), hanging=f"{mark} ")
    if layers.number_format is not None:
        rows += paragraph(wording.format_limits(layers.number_format), width, muted)
    for side, one in layers.sides:
        if one.lost:
            rows += paragraph(f"{one.name}: {one.lost}", width, Style(palette.of(side)))
    rows = rows or [*paragraph(_how_to_read(layers), width, muted)]
    return (*rows, *paragraph(layers.note, width, muted)) if layers.note else tuple(rows)


def _how_to_read(layers: Layers) -> str:
    ends = [float(one.gradient.median[-1]) for one in layers.series]
    start = f", where {'both start' if len(ends) > 1 else 'it starts'} at 1," if not any(ends) else ""
    averages = " Line: median; shade: 10-90%." if layers.runs > 1 else ""
    flow = "Gradients flow" if len(ends) > 1 else "The gradient flows"
    return (
        f"{flow} right to left: from the output{start} to {layers.points[0]}, the first layer, "
        f"the one that matters.{averages}"
    )


def _ghosts(kept: Layers) -> list[Series]:
    # one name for all in the legend
    last = kept.series[-1]
    return [_series("kept" if one is last else "", side, one.gradient.median) for side, one in kept.sides]


def _zones(number_format: NumberFormat) -> list[Zone]:
    """What the number format does not hold, or holds with fewer digits."""
    name, log10_2 = number_format.name, math.log10(2.0)
    smallest, normal = number_format.log2_smallest * log10_2, number_format.least_exponent * log10_2
    return [
        Zone(f"{name}: becomes 0", -math.inf, smallest, is_lost=True),
        Zone(f"{name}: loses digits", smallest, normal, is_lost=False),
        Zone(f"{name}: overflows", math.log10(number_format.largest), math.inf, is_lost=True),
    ]


def prediction_chart(layers: Layers) -> LineChart:
    """What theory predicts without a measurement beside it; what it does not know is left out."""
    places = np.arange(len(layers.points), dtype=np.float64)
    series = [known_series(one.name, side, places, one.gradient) for side, one in layers.sides]
    first = min((x for one in series for x in one.x), default=0.0)
    return LineChart(
        title="Predicted gradient magnitude through layers, log scale",
        short_title="Predicted gradient",
        series=series,
        x_title="Layer",
        x_ticks=[tick for tick in _ticks(layers.points) if tick[0] >= first],
    )


def known_series(name: str, role: Role, x: Floats, spread: Band) -> Series:
    """The median with its deciles where it is known."""
    known = ~np.isnan(spread.median)
    return Series(name, role, x[known], spread.median[known], (spread.p10[known], spread.p90[known]))


def _series(name: str, role: Role, curve: Floats, *ends: Floats) -> Series:
    return Series(name, role, np.arange(len(curve), dtype=np.float64), curve, ends)


def _ticks(points: tuple[str, ...]) -> Ticks:
    """Every n-th of many."""
    return [(float(place), shortened(points[place], LONGEST_TICK)) for place in thinned(len(points), MOST_TICKS)]
