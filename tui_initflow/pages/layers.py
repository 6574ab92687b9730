"""Layer by layer: a table for each method, side by side, and the bar chart of both below them."""

from __future__ import annotations

import math

from tui_initflow.charts.cells import PLAIN, Picture, Row, Run, Style
from tui_initflow.charts.description import Bars
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.findings.status import STATUSES, Status, status
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.findings.wording import MEDIAN, flatness
from tui_initflow.model.number_formats import NO_FORMAT
from tui_initflow.pages.choices import equalities
from tui_initflow.pages.rows import beside, fit, level, paragraph

GUTTER = 2
BAR_CHART_HEIGHT = 10


def layer_tables(summary: Summary, width: int, height: int, palette: Palette) -> Picture:
    a, b = summary.methods
    widths = ((width - GUTTER) // 2, width - GUTTER - (width - GUTTER) // 2)
    sides = zip(summary.methods, (palette.a, palette.b), widths, strict=True)
    tables = beside([_table(summary, method, colour, room, palette) for method, colour, room in sides], widths, GUTTER)
    runs = "1 run" if summary.runs == 1 else f"Medians of {summary.runs:,} runs"
    columns = f"factor to next layer; {': '.join(_share(summary))}"
    legend = paragraph(f"{runs}; {columns}", width, Style(palette.muted))
    labels = [f"L{layer}" for layer in range(summary.experiment.layers + 1)]
    heights = (a.name, a.band.median.tolist(), b.name, b.band.median.tolist())
    bars = Bars("Gradient by layer", "Gradient", labels, *heights)
    chart_height = max(BAR_CHART_HEIGHT, height - len(tables) - len(legend))
    return (*tables, *legend, *render(bars, width, chart_height, palette))


def _share(summary: Summary) -> tuple[str, str]:
    """The heading of the column of shares, and of what they are: flat neurons, or what the number format loses."""
    number_format = summary.experiment.format
    if number_format != NO_FORMAT:
        return "lost", f"gradient elements that become 0 or overflow in {number_format}"
    word = summary.experiment.network.activation.flat_word
    return "sat." if word == "saturated" else word, f"neurons with {flatness(summary.experiment)}"


def _table(summary: Summary, method: MethodSummary, colour: str, width: int, palette: Palette) -> Picture:
    gradient = method.band.median
    shares = method.preactivation.saturated if method.elements is None else method.elements.lost
    last = len(gradient) - 1
    label = len(f"L{last}") + 1
    longest = max(len(status(float(value))) for value in gradient)
    bar_width = max(0, width - label - longest - 24)
    floor = _floor(summary)
    muted = Style(palette.muted)
    heading: list[Run] = [
        (f"{MEDIAN:>{label + 9}}", muted),
        (f"{'factor':>7}{_share(summary)[0]:>6} ", muted),
        (" " * bar_width, PLAIN),
        (" status", muted),
    ]
    rows: list[Row] = [*_weights(summary, method, colour, width, palette), fit(heading, width)]
    for layer, value in enumerate(map(float, gradient)):
        step = _step(value - float(gradient[layer + 1])) if layer < last else "–"
        share = percent(float(shares[layer])) if layer < last else "–"
        state = status(value)
        cells: list[Run] = [
            (f"L{layer}".ljust(label), muted),
            (f"{scientific(value):>9}", Style(palette.text, bold=layer == 0)),
            (f"{step:>7}{share:>6} ", muted),
            (level((value - floor) / -floor, bar_width), Style(colour, palette.surface)),
            (f" {state}", _status_style(state, palette)),
        ]
        rows.append(fit(cells, width))
    return tuple(rows)


def _weights(summary: Summary, method: MethodSummary, colour: str, width: int, palette: Palette) -> tuple[Row, Row]:
    """The method's name with the numbers of its weights in the last layer; below, the initialiser's other names."""
    initialiser, shape = method.method.initialiser, summary.experiment.network.shapes[-1]
    numbers = [f"σ_w² {initialiser.sigma_w2(shape):.3g}", f"std {initialiser.std(shape):.3g}"]
    if initialiser.mean(shape):
        numbers.append(f"mean {initialiser.mean(shape):.3g}")
    elif math.isfinite(initialiser.bound(shape)):
        numbers.append(f"bound {initialiser.bound(shape):.3g}")
    while numbers and len(f"{method.name} {' · '.join(numbers)}") > width:
        numbers.pop()
    muted = Style(palette.muted)
    names = equalities(initialiser, summary.experiment) or initialiser.source
    title = [(f"{method.name} ", Style(colour, bold=True)), (" · ".join(numbers), muted)]
    return fit(title, width), fit([(names, muted)], width)


def _floor(summary: Summary) -> float:
    """Where the bars of the tables begin, as log10: a decade below the smallest gradient. They are full at 1."""
    medians = [float(value) for method in summary.methods for value in method.band.median]
    smallest = min(value for value in medians if math.isfinite(value))
    return min(STATUSES[0][1], math.floor(smallest) - 1.0)


def _step(log10: float) -> str:
    """The factor to the next layer in at most six characters: ×0.58."""
    value = 10**log10 if math.isfinite(log10) and abs(log10) < 3 else math.nan
    return f"×{value:.2f}" if 0.005 <= value < 99.95 else f"×{scientific(log10, 0)}"


def _status_style(state: Status, palette: Palette) -> Style:
    colours = {"dead": palette.bad, "weak": palette.warn, "healthy": palette.good, "exploding": palette.bad}
    return Style(colours[state], bold=state in ("dead", "exploding"))
