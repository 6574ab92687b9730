"""Draws line charts and scatters: plotext draws the curves and the marks, the bands are laid behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from tui_initflow.charts.bands import draw_bands
from tui_initflow.charts.cells import Canvas, Style
from tui_initflow.charts.description import Expectation, LineChart, Scatter, Series, Values
from tui_initflow.charts.frame import Sample, draw_framed, draw_title, draw_x_title, rule, x_axis, y_axis
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plot import Plot, legend, plot_for, unplaceable
from tui_initflow.charts.plotext_adapter import Mark, Point, Stroke, dots
from tui_initflow.charts.strokes import DOTS_Y, dashed, simplified, unbroken

DASH, GAP = 6.0, 4.0
"""Lengths in braille dots."""

MARK_EVERY = 4
"""Columns between two marks of theory, at least, so that the curve under them stays visible."""


def draw_line_chart(canvas: Canvas, chart: LineChart, palette: Palette, glyphs: Glyphs) -> None:
    plot = plot_for(canvas, chart, glyphs, palette)
    entries = [*legend(plot, chart.series, glyphs.sample), *_expected_sample(plot, chart)]
    draw_title(canvas, chart.title, chart.short_title, entries, palette)
    emphasis = [
        (x, Style(colour, None, bold=True))
        for x, colour in ((chart.cursor, palette.accent), (chart.highlight, palette.text))
        if x is not None
    ]
    marks: list[Mark] = [_limit(plot, expected) for expected in chart.expected]
    for series in chart.series:
        marks += _curve(plot, series)
    for expected in chart.expected:
        marks += _expected_marks(plot, expected)
    marks += unplaceable(plot, chart.series)
    for x, style in reversed(emphasis):
        points = [(x, y) for s in chart.series for at, y in zip(s.x, s.y, strict=True) if at == x and math.isfinite(y)]
        marks.append(dots(points, glyphs.current, style))
    _draw(plot, chart, marks, emphasis)
    if chart.reference is not None:
        _colour_by_winner(plot, chart.series)
    draw_bands(plot, chart.series)


def draw_scatter(canvas: Canvas, chart: Scatter, palette: Palette, glyphs: Glyphs) -> None:
    plot = plot_for(canvas, chart, glyphs, palette)
    draw_title(canvas, chart.title, chart.short_title, legend(plot, chart.series, glyphs.marker), palette)
    marks: list[Mark] = []
    for series in chart.series:
        points = [point for point in zip(series.x, series.y, strict=True) if math.isfinite(point[1])]
        marks.append(dots(points, glyphs.marker[series.role], Style(plot.colour(series, 0), None)))
    _draw(plot, chart, [*marks, *unplaceable(plot, chart.series)], [])
    _shade_covered(plot, chart.series)


def _draw(plot: Plot, chart: LineChart | Scatter, marks: Sequence[Mark], emphasis: list[tuple[float, Style]]) -> None:
    """The marks in their frame, over a dotted line at every label and lines at the reference and the cursor."""
    palette, glyphs, canvas = plot.palette, plot.glyphs, plot.canvas
    rules = [rule(plot.columns, y, glyphs.grid, palette.grid) for y, _ in plot.labels if y != plot.reference]
    if plot.reference is not None:
        rules.append(rule(plot.columns, plot.reference, glyphs.reference, palette.muted))
    if isinstance(chart, LineChart) and chart.cursor is not None:
        ends = [(chart.cursor, plot.rows.scale.low), (chart.cursor, plot.rows.scale.high)]
        rules.append(Mark([ends], glyphs.vertical, Style(palette.accent, None)))
    x = x_axis(canvas, plot.area, plot.columns, chart.x_ticks, emphasis, palette)
    y = y_axis(plot.area, plot.rows.scale, plot.labels, palette)
    draw_framed(canvas, plot.area, x, y, [*rules, *marks], glyphs)
    draw_x_title(canvas, plot.area, chart.x_title, palette)


def _curve(plot: Plot, series: Series) -> Iterator[Mark]:
    """Lines two dots thick, dashed for b; a marker for a point without neighbours."""
    colour = plot.colour(series, plot.area.top)
    stretches = [simplified(stretch) for stretch in unbroken(_cells(plot, series.x, series.y))]
    strokes = [stretch for stretch in stretches if len(stretch) > 1]
    if series.role == "b":
        strokes = [dash for stretch in strokes for dash in dashed(stretch, DASH, GAP)]
    lines = [_values(plot, stroke) for stroke in strokes]
    dot = (plot.rows.scale.high - plot.rows.scale.low) / max(plot.area.height - 1, 1) / DOTS_Y
    floor = [y - dot for line in lines for _, y in line] if plot.glyphs.unicode else []
    yield Mark(lines, plot.glyphs.curve[series.role], Style(colour, None), floor)
    alone = [_values(plot, stretch)[0] for stretch in stretches if len(stretch) == 1]
    yield dots(alone, plot.glyphs.marker[series.role], Style(colour, None))


def _limit(plot: Plot, expected: Expectation) -> Mark:
    """The thin line of infinite width, which the curves hide where both agree."""
    strokes = [simplified(stroke) for stroke in unbroken(_cells(plot, expected.x, expected.limit)) if len(stroke) > 1]
    return Mark([_values(plot, stroke) for stroke in strokes], plot.glyphs.thin, Style(plot.palette.muted, None))


def _cells(plot: Plot, x: Values, y: Values) -> list[Point]:
    """The points in cells; a y that is not finite stays so."""
    columns, rows = plot.columns.positions(np.array(x)), plot.rows.positions(np.array(y))
    return list(zip(columns.tolist(), rows.tolist(), strict=True))


def _values(plot: Plot, stroke: Stroke) -> list[Point]:
    """A stroke in cells in data units again."""
    return [(plot.columns.value_at(x), plot.rows.value_of(y - 0.5)) for x, y in stroke]


def _expected_marks(plot: Plot, expected: Expectation) -> Iterator[Mark]:
    """Medians with whiskers, as many as keep their distance."""
    style = Style(plot.palette.text, None, bold=True)
    medians: list[Point] = []
    whiskers: tuple[list[Point], list[Point]] = ([], [])
    free_from = -math.inf
    for x, median, *ends in zip(expected.x, expected.median, expected.high, expected.low, strict=True):
        column = plot.column(x)
        if column < free_from or not math.isfinite(median):
            continue
        free_from = column + MARK_EVERY
        medians.append((x, median))
        for end, points in zip(ends, whiskers, strict=True):
            if math.isfinite(end) and plot.row(end) != plot.row(median):
                points.append((x, end))
    for points, glyph in zip(whiskers, plot.glyphs.whiskers, strict=True):
        yield dots(points, glyph, style)
    yield dots(medians, plot.glyphs.expected[expected.role], style)


def _expected_sample(plot: Plot, chart: LineChart) -> list[Sample]:
    """The legend entry, where theory is drawn."""
    if not chart.expected:
        return []
    marks = "".join(plot.glyphs.expected[expected.role] for expected in chart.expected)
    return [Sample(marks, Style(plot.palette.text, None, bold=True), "theory", plot.palette.text)]


def _colour_by_winner(plot: Plot, series: tuple[Series, ...]) -> None:
    """Give what is drawn in a ratio's colour the colour of the side that wins in its row."""
    for s in series:
        if s.role == "ratio":
            drawn = plot.colour(s, plot.area.top)
            for row in range(plot.area.top, plot.area.top + plot.area.height):
                plot.canvas.recolour(row, drawn, plot.colour(s, row))


def _shade_covered(plot: Plot, series: tuple[Series, ...]) -> None:
    """A band's colour behind a marker says that one of another series is under it."""
    seen: dict[tuple[int, int], str] = {}
    for s in series:
        for x, y in zip(s.x, s.y, strict=True):
            cell = plot.column(x), plot.row(y)
            if math.isfinite(y) and seen.setdefault(cell, s.role) != s.role:
                plot.canvas.shade(*cell, plot.palette.band_a)
