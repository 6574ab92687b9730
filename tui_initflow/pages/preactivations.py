"""Pre-activation distributions: a grid of small histograms, one for each layer shown."""

from __future__ import annotations

from tui_initflow.charts.axes import evenly_spread
from tui_initflow.charts.cells import Picture, Run, Style
from tui_initflow.charts.description import Histogram
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.engine.preactivations import HISTOGRAM_RANGE, PreactivationStatistics
from tui_initflow.findings.summary import Summary
from tui_initflow.findings.wording import symbol
from tui_initflow.pages.rows import beside, columns_of, fit, width_of

MOST_LAYERS = 10
LEAST_WIDTH, LEAST_HEIGHT = 15, 7
FOOTER_ROWS = 2


def shown_layers(layers: int) -> tuple[int, ...]:
    """At most ten layers, evenly spread, first and last always among them."""
    return tuple(1 + index for index in evenly_spread(layers, MOST_LAYERS))


def histograms(summary: Summary, width: int, height: int, palette: Palette, *, unicode: bool = True) -> Picture:
    layers = shown_layers(summary.experiment.layers)
    rows = [*_heading(summary, width, palette)]
    height -= len(rows)
    methods = tuple(zip(summary.methods, (palette.a, palette.b), strict=True))
    name = symbol(summary.experiment)
    footers = [
        [_footer(name, method.preactivation, layer - 1, colour, palette) for method, colour in methods]
        for layer in layers
    ]
    least_width = max(LEAST_WIDTH, *(width_of(footer) for pair in footers for footer in pair))
    columns = _columns(len(layers), width, height, least_width)
    lines = -(-len(layers) // columns)
    cell_height = max(LEAST_HEIGHT, height // lines)
    widths = columns_of(width, columns)
    cells: list[Picture] = []
    for i, (layer, pair) in enumerate(zip(layers, footers, strict=True)):
        cell_width = widths[i % columns]
        a, b = (method.preactivation.histogram[layer - 1].tolist() for method in summary.methods)
        chart = Histogram(f"L{layer}", *HISTOGRAM_RANGE, a, b)
        picture = render(chart, cell_width, cell_height - FOOTER_ROWS, palette, unicode=unicode)
        cells.append((*picture, *(fit(footer, cell_width) for footer in pair)))
    for first in range(0, len(cells), columns):
        line = cells[first : first + columns]
        rows += (fit(row, width) for row in beside(line, widths[: len(line)], 1))
    return tuple(rows)


def _columns(count: int, width: int, height: int, least_width: int) -> int:
    """How many columns of cells fill the pane best."""
    most = max(1, min(count, (width + 1) // (least_width + 1)))
    fitting = [c for c in range(1, most + 1) if -(-count // c) * LEAST_HEIGHT <= height]
    return min(fitting, key=lambda c: abs((width / c) - 2.6 * height / -(-count // c))) if fitting else most


def _heading(summary: Summary, width: int, palette: Palette) -> Picture:
    """What is shown and, in a row of its own where the first one is full, what the numbers are."""
    a, b = summary.methods
    names = [
        (f"Pre-activations {symbol(summary.experiment)} by layer ", Style(palette.text, bold=True)),
        ("█ ", Style(palette.a)),
        (f"{a.name}  ", Style(palette.a)),
        ("━ ", Style(palette.b)),
        (f"{b.name}  ", Style(palette.b)),
    ]
    numbers = [(f"mean |{symbol(summary.experiment)}|, std σ, % beyond ±4", Style(palette.muted))]
    if width_of([*names, *numbers]) <= width:
        return (fit([*names, *numbers], width),)
    return fit(names, width), fit(numbers, width)


def _footer(name: str, z: PreactivationStatistics, index: int, colour: str, palette: Palette) -> list[Run]:
    """Mean |z|, standard deviation, and the share of neurons outside the histogram."""
    numbers = f"|{name}|{_short(float(z.mean_abs[index]))} σ{_short(float(z.std[index]))}"
    runs = [(numbers, Style(colour))]
    outside = int(z.below[index] + z.above[index])
    if outside:
        share = outside / int(z.count[index])
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
