"""Pre-activation distributions: a grid of small histograms, one for each layer shown."""

from __future__ import annotations

import itertools

from tui_initflow.charts.cells import Picture, Row, Style
from tui_initflow.charts.from_results import histogram_chart
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.pages.rows import PLAIN, blank, fit

MOST_LAYERS = 10
LEAST_WIDTH, LEAST_HEIGHT = 14, 7
FOOTER_ROWS = 2


def shown_layers(layers: int) -> tuple[int, ...]:
    """At most ten layers, evenly spread, first and last always among them."""
    count = min(layers, MOST_LAYERS)
    if count == 1:
        return (1,)
    return tuple(1 + round(i * (layers - 1) / (count - 1)) for i in range(count))


def histograms(summary: Summary, width: int, height: int, palette: Palette, *, unicode: bool = True) -> Picture:
    shown = shown_layers(summary.experiment.layers)
    columns = _columns(len(shown), width, height - 1)
    lines = -(-len(shown) // columns)
    cell_height = max(LEAST_HEIGHT, (height - 1) // lines)
    edges = [round(i * (width + 1) / columns) for i in range(columns + 1)]
    widths = [right - left - 1 for left, right in itertools.pairwise(edges)]
    rows = [_heading(summary, width, palette)]
    for line in range(lines):
        cells = [
            _cell(summary, layer, cell_width, cell_height, palette, unicode)
            for layer, cell_width in zip(shown[line * columns : (line + 1) * columns], widths, strict=False)
        ]
        cells += [blank(widths[i], cell_height) for i in range(len(cells), columns)]
        for parts in zip(*cells, strict=True):
            row = [run for part in parts for run in (*part, (" ", PLAIN))]
            rows.append(fit(row[:-1], width))
    return tuple(rows)


def _columns(count: int, width: int, height: int) -> int:
    """The number of columns with which the cells fill the pane best."""
    most = max(1, min(count, (width + 1) // (LEAST_WIDTH + 1)))
    fitting = [c for c in range(1, most + 1) if -(-count // c) * LEAST_HEIGHT <= height]
    return min(fitting, key=lambda c: abs((width / c) - 2.6 * height / -(-count // c))) if fitting else most


def _heading(summary: Summary, width: int, palette: Palette) -> Row:
    a, b = summary.methods
    heading = [
        ("Pre-activations z by layer ", Style(palette.text, None, bold=True)),
        ("█ ", Style(palette.a, None)),
        (f"{a.name}  ", Style(palette.a, None)),
        ("━ ", Style(palette.b, None)),
        (f"{b.name}  ", Style(palette.b, None)),
        ("mean |z|, std σ, % off scale", Style(palette.muted, None)),
    ]
    return fit(heading, width)


def _cell(summary: Summary, layer: int, width: int, height: int, palette: Palette, unicode: bool) -> Picture:
    a, b = summary.methods
    index = layer - 1
    chart = histogram_chart(layer, a.preactivation.histogram[index], b.preactivation.histogram[index])
    picture = render(chart, width, height - FOOTER_ROWS, palette, unicode=unicode)
    return (*picture, _footer(a, index, palette.a, width, palette), _footer(b, index, palette.b, width, palette))


def _footer(method: MethodSummary, index: int, colour: str, width: int, palette: Palette) -> Row:
    z = method.preactivation
    outside = int(z.below[index] + z.above[index])
    numbers = f"|z|{_short(float(z.mean_abs[index]))} σ{_short(float(z.std[index]))}"
    runs = [(numbers, Style(colour, None))]
    if outside:
        share = outside / int(z.count[index])
        text = f"{share:.0%}" if share >= 0.01 else "<1%"
        runs.append((f" {text}", Style(palette.warn, None)))
    return fit(runs, width)


def _short(value: float) -> str:
    """A non-negative number in at most five characters."""
    if value == 0:
        return "0"
    if 0.0095 <= value < 10:
        return f"{value:.2f}".removeprefix("0") if value < 1 else f"{value:.1f}"
    if 10 <= value < 1000:
        return f"{value:.0f}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"
