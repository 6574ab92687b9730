"""Layer by layer: a table for each network, side by side, and the bar chart of them all below."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_initflow.charts.cells import PLAIN, Picture, Row, Run, Style
from tui_initflow.charts.description import Bars, Histogram, evenly_spread
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings.layers import Distributions, Layers, LayerSeries
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.findings.status import STATUSES, by_point
from tui_initflow.findings.wording import MEDIAN
from tui_initflow.model.pair import Side
from tui_initflow.pages.gradient import LONGEST_TICK
from tui_initflow.pages.rows import beside, cells, columns_of, fit, level, paragraph, shortened, width_of

GUTTER = 2
NUMBERS = 24
"""Cells of a row for its numbers, and the blanks around a bar and a status."""
LEAST_LABEL = 4
UNKNOWN = "–"
"""The status of a gradient that is not a number."""
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
    states = max(
        len(at.status or UNKNOWN) for one in layers.series for at in by_point(one.gradient.median.tolist(), ())
    )
    narrow = (width - GUTTER * (count - 1)) // count
    fits = 1 + max(map(cells, layers.points)) + NUMBERS + states <= narrow
    widths = [*[narrow] * (count - 1), width - (narrow + GUTTER) * (count - 1)] if fits else [width] * count
    tables = [
        _table(layers, one, palette.of(side), room, states, palette)
        for (side, one), room in zip(layers.sides, widths, strict=True)
    ]
    return beside(tables, widths, GUTTER) if fits else tuple(row for table in tables for row in table)


def _table(layers: Layers, one: LayerSeries, colour: str, width: int, states: int, palette: Palette) -> Picture:
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
    for name, at in zip(layers.points, by_point(one.gradient.median.tolist(), shares), strict=True):
        step = "–" if math.isnan(at.factor) else _step(at.factor)
        known = "–" if math.isnan(at.share) else percent(at.share)
        state = at.status or UNKNOWN
        runs: list[Run] = [
            ("".join(text for text, _ in fit([(shortened(name, label - 1), muted)], label)), muted),
            (f"{scientific(at.gradient):>9}", Style(palette.text, bold=name == layers.points[0])),
            (f"{step:>7}{known:>6} ", muted),
            (level((at.gradient - floor) / -floor, bar_width), Style(colour, palette.surface)),
            (f" {state}", _state_style(state, palette)),
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


def _state_style(state: str, palette: Palette) -> Style:
    colours = {"dead": palette.bad, "weak": palette.warn, "healthy": palette.good, "exploding": palette.bad}
    return Style(colours.get(state, palette.muted), bold=state in ("dead", "exploding"))


MOST_LAYERS = 10
LEAST_WIDTH, LEAST_HEIGHT = 15, 7
NOTHING = "No pre-activations were measured."

Measured = Sequence[tuple[Side, Distributions]]


def histograms(layers: Layers, width: int, height: int, palette: Palette) -> Picture:
    """At most ten of the layers that were measured, evenly spread, first and last always among them."""
    measured = [(side, one.z) for side, one in layers.sides if one.z is not None]
    known = [unit for unit in range(len(layers.units)) if any(not math.isnan(z.std[unit]) for _, z in measured)]
    if not known:
        return paragraph(NOTHING, width, Style(palette.muted))
    units = [known[index] for index in evenly_spread(len(known), MOST_LAYERS)]
    rows = [*_heading(layers, measured, width, palette)]
    height -= len(rows)
    footers = [[_footer(layers.symbol, z, unit, palette.of(side), palette) for side, z in measured] for unit in units]
    least_width = max(LEAST_WIDTH, *(width_of(footer) for pair in footers for footer in pair))
    columns = _columns(len(units), width, height, least_width)
    cell_height = max(LEAST_HEIGHT, height // -(-len(units) // columns))
    widths = columns_of(width, columns)
    cells: list[Picture] = []
    for i, (unit, pair) in enumerate(zip(units, footers, strict=True)):
        cell_width = widths[i % columns]
        chart = _histogram(shortened(layers.units[unit], cell_width), measured, unit)
        picture = render(chart, cell_width, cell_height - len(pair), palette)
        cells.append((*picture, *(fit(footer, cell_width) for footer in pair)))
    for first in range(0, len(cells), columns):
        line = cells[first : first + columns]
        rows += (fit(row, width) for row in beside(line, widths[: len(line)], 1))
    return tuple(rows)


def _histogram(title: str, measured: Measured, unit: int) -> Histogram:
    counts = {side: z.histogram[unit].tolist() for side, z in measured}
    _, z = measured[0]
    return Histogram(title, z.low, z.high, counts.get("a", [0] * z.histogram.shape[1]), counts.get("b", ()))


def _columns(count: int, width: int, height: int, least_width: int) -> int:
    """How many columns of cells fill the pane best."""
    most = max(1, min(count, (width + 1) // (least_width + 1)))
    fitting = [c for c in range(1, most + 1) if -(-count // c) * LEAST_HEIGHT <= height]
    return min(fitting, key=lambda c: abs((width / c) - 2.6 * height / -(-count // c))) if fitting else most


def _heading(layers: Layers, measured: Measured, width: int, palette: Palette) -> Picture:
    """What is shown and, in a row of its own where the first one is full, what the numbers are."""
    names: list[Run] = [(f"Pre-activations {layers.symbol} by layer ", Style(palette.text, bold=True))]
    for side, one in layers.sides:
        if one.z is not None:
            colour = Style(palette.of(side))
            names += [("█ " if side == "a" else "━ ", colour), (f"{one.name}  ", colour)]
    high = measured[0][1].high
    numbers = [(f"mean |{layers.symbol}|, std σ, % beyond ±{high:g}", Style(palette.muted))]
    if width_of([*names, *numbers]) <= width:
        return (fit([*names, *numbers], width),)
    return fit(names, width), fit(numbers, width)


def _footer(symbol: str, z: Distributions, unit: int, colour: str, palette: Palette) -> list[Run]:
    """Mean |z|, standard deviation, and the share of neurons outside the histogram."""
    mean, std, share = float(z.mean_abs[unit]), float(z.std[unit]), float(z.outside[unit])
    if math.isnan(std):
        return [("not measured", Style(palette.muted))]
    runs = [(f"|{symbol}|{_short(mean)} σ{_short(std)}", Style(colour))]
    if share > 0:
        runs.append((f" {share:.0%}" if share >= 0.01 else " <1%", Style(palette.warn)))
    return runs


def _short(value: float) -> str:
    """A non-negative number in at most five characters."""
    if value == 0:
        return "0"
    if 0.0095 <= value < 10:
        return f"{value:.2f}".removeprefix("0") if value < 1 else f"{value:.1f}"
    if 10 <= value < 1000:
        return f"{value:.0f}"
    return f"{value:.0e}"
