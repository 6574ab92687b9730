"""Layer by layer: a table for each method side by side, and the bar chart of both under them."""

from __future__ import annotations

import math

from tui_initflow.charts.cells import Picture, Row, Run, Style
from tui_initflow.charts.from_results import layer_bars
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.findings.status import STATUSES, Status, status
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.findings.wording import MEDIAN
from tui_initflow.pages.choices import equalities
from tui_initflow.pages.rows import PLAIN, beside, blank, fit, level

GUTTER = 2
BAR_CHART_HEIGHT = 10


def layer_tables(summary: Summary, width: int, height: int, palette: Palette) -> Picture:
    a, b = summary.methods
    left_width = (width - GUTTER) // 2
    right_width = width - GUTTER - left_width
    left = _table(summary, a, palette.a, left_width, palette)
    right = _table(summary, b, palette.b, right_width, palette)
    tables = beside(left, right, left_width, right_width, GUTTER)
    chart_height = max(BAR_CHART_HEIGHT, height - len(tables) - 1)
    bars = layer_bars(a.name, a.band.median, b.name, b.band.median)
    return (*tables, *blank(width), *render(bars, width, chart_height, palette))


def _table(summary: Summary, method: MethodSummary, colour: str, width: int, palette: Palette) -> Picture:
    gradient, flat = method.band.median, method.preactivation.saturated
    last = len(gradient) - 1
    label = len(f"L{last}") + 1
    bar_width = max(0, width - label - 32)
    floor = _floor(summary)
    muted = Style(palette.muted, None)
    word = summary.experiment.network.activation.flat_word
    heading: list[Run] = [
        (f"{MEDIAN:>{label + 9}}", muted),
        (f"{'factor':>7}{'sat.' if word == 'saturated' else word:>5} ", muted),
        (" " * bar_width, PLAIN),
        (" status", muted),
    ]
    rows: list[Row] = [*_weights(summary, method, colour, width, palette), fit(heading, width)]
    for layer, value in enumerate(map(float, gradient)):
        step = _step(value - float(gradient[layer + 1])) if layer < last else "–"
        share = percent(float(flat[layer])) if layer < last else "–"
        state = status(value)
        cells: list[Run] = [
            (f"L{layer}".ljust(label), muted),
            (f"{scientific(value):>9}", Style(palette.text, None, bold=layer == 0)),
            (f"{step:>7}{share:>5} ", muted),
            (_bar(value, floor, bar_width), Style(colour, palette.surface)),
            (f" {state}", _status_style(state, palette)),
        ]
        rows.append(fit(cells, width))
    return tuple(rows)


def _weights(summary: Summary, method: MethodSummary, colour: str, width: int, palette: Palette) -> tuple[Row, Row]:
    """The method's name with what decides about its weights, those of the last layer; and the initialiser's names."""
    initialiser, shape = method.method.initialiser, summary.experiment.network.shapes[-1]
    numbers = f"std {initialiser.std(shape):.3g} · σ_w² {initialiser.sigma_w2(shape):.3g}"
    more = ""
    if initialiser.mean(shape):
        more = f" · mean {initialiser.mean(shape):.3g}"
    elif math.isfinite(initialiser.bound(shape)):
        more = f" · bound {initialiser.bound(shape):.3g}"
    numbers += more if len(f"{method.name} {numbers}{more}") <= width else ""
    muted = Style(palette.muted, None)
    names = equalities(initialiser, summary.experiment) or initialiser.source
    title = [(f"{method.name} ", Style(colour, None, bold=True)), (numbers, muted)]
    return fit(title, width), fit([(names, muted)], width)


def _floor(summary: Summary) -> float:
    """Where the bars of the tables begin: a decade under the smallest gradient of either method."""
    medians = [float(value) for method in summary.methods for value in method.band.median]
    smallest = min(value for value in medians if math.isfinite(value))
    return min(STATUSES[0][1], math.floor(smallest) - 1.0)


def _step(log10: float) -> str:
    """The factor to the next layer in at most six characters, as ×0.58."""
    value = 10**log10 if math.isfinite(log10) and abs(log10) < 3 else math.nan
    return f"×{value:.2f}" if 0.005 <= value < 99.95 else f"×{scientific(log10, 0)}"


def _bar(log10_gradient: float, floor: float, width: int) -> str:
    """A bar from `floor` to 1, which is 0 in log10."""
    if math.isnan(log10_gradient):
        return "?".ljust(width)[:width]
    return level((log10_gradient - floor) / -floor, width)


def _status_style(state: Status, palette: Palette) -> Style:
    colours = {"dead": palette.bad, "weak": palette.warn, "healthy": palette.good, "exploding": palette.bad}
    return Style(colours[state], None, bold=state in ("dead", "exploding"))
