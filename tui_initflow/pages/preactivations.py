"""Pre-activation distributions: a grid of small histograms, one for each layer shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_initflow.charts.axes import evenly_spread
from tui_initflow.charts.cells import Picture, Run, Style
from tui_initflow.charts.description import Histogram
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings.layers import Distributions, Layers
from tui_initflow.model.pair import Side
from tui_initflow.pages.rows import beside, columns_of, fit, paragraph, shortened, width_of

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
