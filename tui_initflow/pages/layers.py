"""Layer by layer: a table for each method side by side, and the bar chart of both under them."""

from __future__ import annotations

import math

from tui_initflow.charts.cells import Picture, Row, Run, Style
from tui_initflow.charts.layers import layer_bars
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.pages.choices import equalities
from tui_initflow.pages.rows import PLAIN, beside, blank, fit

GUTTER = 2
BAR_CHART_HEIGHT = 10
EIGHTHS = " ▏▎▍▌▋▊▉█"
STATUSES = ((-3.0, "dead"), (-1.0, "weak"), (1.0, "healthy"), (math.inf, "exploding"))


def status(log10_gradient: float) -> str:
    """The word for a gradient: dead < 1e-3, weak < 1e-1, healthy to 1e1, exploding above."""
    for limit, word in STATUSES[:2]:
        if log10_gradient < limit:
            return word
    return "healthy" if log10_gradient <= STATUSES[2][0] else "exploding"


def layer_tables(summary: Summary, width: int, height: int, palette: Palette) -> Picture:
    left_width = (width - GUTTER) // 2
    right_width = width - GUTTER - left_width
    floor = _floor(summary)
    tables = beside(
        (
            *_weights(summary, summary.a, left_width, palette),
            *_table(summary.a, palette.a, floor, left_width, palette),
        ),
        (
            *_weights(summary, summary.b, right_width, palette),
            *_table(summary.b, palette.b, floor, right_width, palette),
        ),
        left_width,
        right_width,
        GUTTER,
    )
    chart_height = max(BAR_CHART_HEIGHT, height - len(tables) - 1)
    bars = layer_bars(summary.a.name, summary.a.gradient.median, summary.b.name, summary.b.gradient.median)
    return (*tables, *blank(width), *render(bars, width, chart_height, palette))


def _weights(summary: Summary, method: MethodSummary, width: int, palette: Palette) -> Picture:
    """What decides about the weights: those of the last layer, and the other names of the initialiser."""
    initialiser, shape = method.portrait.initialiser, summary.experiment.shapes[-1]
    numbers = [f"std {initialiser.std(shape):.3g}", f"σ_w² {initialiser.sigma_w2(shape):.3g}"]
    if initialiser.mean(shape):
        numbers.append(f"mean {initialiser.mean(shape):.3g}")
    elif math.isfinite(initialiser.bound(shape)):
        numbers.append(f"bound {initialiser.bound(shape):.3g}")
    muted = Style(palette.muted, None)
    names = equalities(initialiser, summary.experiment) or initialiser.source
    return (fit([(" · ".join(numbers), muted)], width), fit([(names, muted)], width))


def _floor(summary: Summary) -> float:
    """Where the in-cell bars begin: a decade under the smallest gradient of either method."""
    smallest = [
        float(value)
        for method in (summary.a, summary.b)
        for value in method.gradient.median
        if math.isfinite(value)
    ]
    return min(-3.0, math.floor(min(smallest)) - 1.0)


def _table(method: MethodSummary, colour: str, floor: float, width: int, palette: Palette) -> Picture:
    gradient = method.gradient.median
    saturated = method.preactivation.saturated
    label = len(f"L{len(gradient) - 1}") + 1
    bar_width = max(0, width - label - 32)
    muted = Style(palette.muted, None)
    heading: list[Run] = [
        (f"{method.name:<{label + 9}.{label + 9}}", Style(colour, None, bold=True)),
        (f"{'factor':>7}{'sat.':>5} ", muted),
        (" " * bar_width, PLAIN),
        (" status", muted),
    ]
    rows: list[Row] = [fit(heading, width)]
    last = len(gradient) - 1
    for layer, value in enumerate(map(float, gradient)):
        factor = _factor(value - float(gradient[layer + 1])) if layer < last else "–"
        share = percent(float(saturated[layer])) if layer < last else "–"
        word = status(value)
        rows.append(
            fit(
                [
                    (f"L{layer}".ljust(label), muted),
                    (f"{scientific(value):>9}", Style(palette.text, None, bold=layer == 0)),
                    (f"{factor:>7}{share:>5} ", muted),
                    (_bar(value, floor, bar_width), Style(colour, palette.surface)),
                    (
                        f" {word}",
                        Style(_status_colour(word, palette), None, bold=word in ("dead", "exploding")),
                    ),
                ],
                width,
            )
        )
    return tuple(rows)


def _factor(log10: float) -> str:
    """The step to the next layer in at most six characters, as ×0.58."""
    value = 10**log10 if math.isfinite(log10) and abs(log10) < 3 else math.nan
    return f"×{value:.2f}" if 0.005 <= value < 99.95 else f"×{scientific(log10, 0)}"


def _bar(log10_gradient: float, floor: float, width: int) -> str:
    """A bar from `floor` to 1 (0 in log10), in eighths of a cell."""
    if math.isnan(log10_gradient):
        return "?".ljust(width)[:width]
    share = min(max((log10_gradient - floor) / -floor, 0.0), 1.0)
    eighths = round(share * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (EIGHTHS[rest] if rest else "")).ljust(width)


def _status_colour(word: str, palette: Palette) -> str:
    return {"dead": palette.bad, "weak": palette.warn, "healthy": palette.good, "exploding": palette.bad}[word]
