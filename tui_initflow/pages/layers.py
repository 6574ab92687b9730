"""Layer by layer: a table for each network, side by side, and the bar chart of them all below."""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import Literal

from tui_initflow.charts.cells import PLAIN, Picture, Row, Run, Style
from tui_initflow.charts.description import Bars
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings.layers import Layers, LayerSeries
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.findings.status import STATUSES, Status, status
from tui_initflow.findings.wording import MEDIAN
from tui_initflow.pages.gradient import LONGEST_TICK
from tui_initflow.pages.rows import beside, cells, fit, level, paragraph, shortened

GUTTER = 2
NUMBERS = 24
"""Cells of a row for its numbers, and the blanks around a bar and a status."""
LEAST_LABEL = 4
BAR_CHART_HEIGHT = 10


def layer_tables(layers: Layers, width: int, height: int, palette: Palette) -> Picture:
    tables = _tables(layers, width, palette)
    basis = "1 run" if layers.runs == 1 else f"Medians of {layers.runs:,} runs"
    share = f"; {': '.join(layers.share)}" if any(layers.share) else ""
    legend = f"{basis}; factor to next layer{share}"
    words = tuple(row for text in (legend, layers.note) if text for row in paragraph(text, width, Style(palette.muted)))
    heights = [(one.name, one.gradient.median.tolist()) for one in layers.series]
    labels = [shortened(name, LONGEST_TICK) for name in layers.points]
    bars = Bars("Gradient by layer", "Gradient", labels, heights)
    chart_height = max(BAR_CHART_HEIGHT, height - len(tables) - len(words))
    return (*tables, *words, *render(bars, width, chart_height, palette))


def _tables(layers: Layers, width: int, palette: Palette) -> Picture:
    """Beside each other, or one below the other where the names of the layers are too long for that."""
    count = len(layers.series)
    states = max(len(_state(value)) for one in layers.series for value in one.gradient.median.tolist())
    narrow = (width - GUTTER * (count - 1)) // count
    fits = 1 + max(map(cells, layers.points)) + NUMBERS + states <= narrow
    widths = [*[narrow] * (count - 1), width - (narrow + GUTTER) * (count - 1)] if fits else [width] * count
    tables = [
        _table(layers, one, palette.of(side), room, states, palette)
        for (side, one), room in zip(layers.sides, widths, strict=True)
    ]
    return beside(tables, widths, GUTTER) if fits else tuple(row for table in tables for row in table)


def _table(layers: Layers, one: LayerSeries, colour: str, width: int, states: int, palette: Palette) -> Picture:
    medians = one.gradient.median.tolist()
    shares = [] if one.share is None else one.share.median.tolist()
    label = min(max(map(cells, layers.points)) + 1, max(LEAST_LABEL, width - NUMBERS - states))
    bar_width = max(0, width - label - NUMBERS - states)
    floor = _floor(layers)
    muted = Style(palette.muted)
    heading: list[Run] = [
        (f"{MEDIAN:>{label + 9}}", muted),
        (f"{'factor':>7}{layers.share[0]:>6} ", muted),
        (" " * bar_width, PLAIN),
        (" status", muted),
    ]
    rows: list[Row] = [*_weights(one, colour, width, palette), fit(heading, width)]
    for name, value, above, share in zip_longest(layers.points, medians, medians[1:], shares):
        step = "–" if above is None else _step(value - above)
        known = "–" if share is None or math.isnan(share) else percent(share)
        runs: list[Run] = [
            ("".join(text for text, _ in fit([(shortened(name, label - 1), muted)], label)), muted),
            (f"{scientific(value):>9}", Style(palette.text, bold=name == layers.points[0])),
            (f"{step:>7}{known:>6} ", muted),
            (level((value - floor) / -floor, bar_width), Style(colour, palette.surface)),
            (f" {_state(value)}", _state_style(_state(value), palette)),
        ]
        rows.append(fit(runs, width))
    return tuple(rows)


def _weights(one: LayerSeries, colour: str, width: int, palette: Palette) -> tuple[Row, Row]:
    """The name with as many numbers of the last layer's weights as fit; below, where they come from."""
    muted, numbers = Style(palette.muted), list(one.weights)
    while numbers and cells(f"{one.name} {' · '.join(numbers)}") > width:
        numbers.pop()
    title = [(f"{one.name} ", Style(colour, bold=True)), (" · ".join(numbers), muted)]
    return fit(title, width), fit([(one.origin, muted)], width)


def _floor(layers: Layers) -> float:
    """Where the bars of the tables begin, as log10: a decade below the smallest gradient. They are full at 1."""
    medians = [value for one in layers.series for value in one.gradient.median.tolist()]
    smallest = min(filter(math.isfinite, medians), default=0.0)
    return min(STATUSES[0][1], math.floor(smallest) - 1.0)


def _step(log10: float) -> str:
    """The factor to the next layer in at most six characters: ×0.58."""
    value = 10**log10 if math.isfinite(log10) and abs(log10) < 3 else math.nan
    return f"×{value:.2f}" if 0.005 <= value < 99.95 else f"×{scientific(log10, 0)}"


def _state(value: float) -> Status | Literal["–"]:
    """The status, which a gradient that is not a number does not have."""
    return "–" if math.isnan(value) else status(value)


def _state_style(state: Status | Literal["–"], palette: Palette) -> Style:
    colours = {"dead": palette.bad, "weak": palette.warn, "healthy": palette.good, "exploding": palette.bad}
    return Style(colours.get(state, palette.muted), bold=state in ("dead", "exploding"))
