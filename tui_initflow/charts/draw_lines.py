"""Draws line charts and scatters: plotext draws the curves and the marks, the bands are laid behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tui_initflow.charts.bands import draw_bands, draw_zones
from tui_initflow.charts.cells import Canvas, Style
from tui_initflow.charts.description import LineChart, Scatter, Series
from tui_initflow.charts.frame import Sample, draw_framed, draw_title, draw_x_title, legend, rule, x_axis, y_axis
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plot import Plot, plot_for, unplaceable
from tui_initflow.charts.plotext_adapter import Mark, Point, Stroke, dots
from tui_initflow.charts.strokes import DOTS_Y, dashed, simplified, unbroken

DASH, GAP = 6.0, 4.0
"""Lengths in braille dots."""

MARK_EVERY = 4
"""Columns between two marks of theory, at least, so that the curve under them stays visible."""


def draw_line_chart(canvas: Canvas, chart: LineChart, palette: Palette, glyphs: Glyphs) -> None:
    plot = plot_for(canvas, chart, glyphs, palette)
    samples = _samples(plot, chart, glyphs.sample)
    if chart.expected:
        piece = "".join(glyphs.expected[series.role] for series in chart.expected)
        samples.append((piece, Style(palette.text, bold=True), "theory"))
    draw_title(canvas, chart, legend(samples, canvas.width), palette)
    emphasis = [
        (x, Style(colour, bold=True))
        for x, colour in ((chart.cursor, palette.accent), (chart.highlight, palette.text))
        if x is not None
    ]
    marks: list[Mark] = [_limit(plot, series) for series in chart.limits]
    for series in chart.series:
        marks += _curve(plot, series)
    for series in chart.expected:
        marks += _expected_marks(plot, series)
    marks += unplaceable(plot, chart.series)
    for x, style in reversed(emphasis):
        points = [(at, y) for series in chart.series for at, y in _finite(series) if at == x]
        marks.append(dots(points, glyphs.current, style))
    _draw(plot, chart, marks, emphasis)
    if chart.reference is not None:
        _colour_by_winner(plot, chart.series)
    draw_zones(plot, chart.zones)
    draw_bands(plot, chart.series)


def draw_scatter(canvas: Canvas, chart: Scatter, palette: Palette, glyphs: Glyphs) -> None:
    plot = plot_for(canvas, chart, glyphs, palette)
    draw_title(canvas, chart, legend(_samples(plot, chart, glyphs.marker), canvas.width), palette)
    marks = [dots(_finite(s), glyphs.marker[s.role], Style(plot.colour(s, 0))) for s in chart.series]
    _draw(plot, chart, [*marks, *unplaceable(plot, chart.series)], [])
    _shade_covered(plot, chart.series)


def _samples(plot: Plot, chart: LineChart, pieces: Mapping[str, str]) -> list[Sample]:
    return [(pieces[s.role], Style(plot.colour(s, 0)), s.name) for s in chart.series if s.name]


def _draw(plot: Plot, chart: LineChart, marks: Sequence[Mark], emphasis: list[tuple[float, Style]]) -> None:
    """The marks in their frame, over a dotted line at every label and lines at the reference and the cursor."""
    palette, glyphs, canvas = plot.palette, plot.glyphs, plot.canvas
    rules = [rule(plot.area, y, glyphs.grid, palette.grid) for y, _ in plot.labels if y != plot.reference]
    if plot.reference is not None:
        rules.append(rule(plot.area, plot.reference, glyphs.reference, palette.muted))
    if chart.cursor is not None:
        ends = [(chart.cursor, plot.area.rows.first), (chart.cursor, plot.area.rows.last)]
        rules.append(Mark([ends], glyphs.vertical, Style(palette.accent)))
    x = x_axis(canvas, plot.area, chart.x_ticks, emphasis, palette)
    y = y_axis(plot.area, plot.labels, (), palette)
    draw_framed(canvas, plot.area, x, y, [*rules, *marks], glyphs)
    draw_x_title(canvas, plot.area, chart.x_title, palette)


def _curve(plot: Plot, series: Series) -> Iterator[Mark]:
    """Lines two dots thick, dashed for b; a marker for a point without neighbours."""
    colour = plot.colour(series, plot.area.top)
    stretches = _stretches(plot, series)
    strokes = [stretch for stretch in stretches if len(stretch) > 1]
    if series.role == "b":
        strokes = [dash for stretch in strokes for dash in dashed(stretch, DASH, GAP)]
    lines, rows = [_values(plot, stroke) for stroke in strokes], plot.area.rows
    dot = (rows.first - rows.last) / max(rows.cells - 1, 1) / DOTS_Y
    floor = [y - dot for line in lines for _, y in line] if plot.glyphs.unicode else []
    yield Mark(lines, plot.glyphs.curve[series.role], Style(colour), floor)
    alone = [_values(plot, stretch)[0] for stretch in stretches if len(stretch) == 1]
    yield dots(alone, plot.glyphs.marker[series.role], Style(colour))


def _limit(plot: Plot, limit: Series) -> Mark:
    """The thin line of infinite width, which the curves hide where both agree."""
    strokes = [_values(plot, stretch) for stretch in _stretches(plot, limit) if len(stretch) > 1]
    return Mark(strokes, plot.glyphs.thin, Style(plot.palette.muted))


def _finite(series: Series) -> list[Point]:
    return [(x, y) for x, y in series.points if math.isfinite(y)]


def _stretches(plot: Plot, series: Series) -> list[list[Point]]:
    """The curve in cells, broken where it is not finite."""
    columns, rows = plot.area.columns.positions(series.x), plot.area.rows.positions(series.y)
    return [simplified(stretch) for stretch in unbroken(zip(columns.tolist(), rows.tolist(), strict=True))]


def _values(plot: Plot, stroke: Stroke) -> list[Point]:
    """A stroke in cells in data units again."""
    return [(plot.area.columns.value_at(x), plot.area.rows.value_at(y)) for x, y in stroke]


def _expected_marks(plot: Plot, expected: Series) -> Iterator[Mark]:
    """Medians with whiskers, as many as keep their distance."""
    style = Style(plot.palette.text, bold=True)
    medians: list[Point] = []
    whiskers: tuple[list[Point], list[Point]] = ([], [])
    free_from = -math.inf
    low, high = expected.band
    for x, median, *ends in np.stack([expected.x, expected.y, high, low], axis=1).tolist():
        column = plot.area.column(x)
        if column < free_from or not math.isfinite(median):
            continue
        free_from = column + MARK_EVERY
        medians.append((x, median))
        for end, points in zip(ends, whiskers, strict=True):
            if math.isfinite(end) and plot.area.row(end) != plot.area.row(median):
                points.append((x, end))
    for points, glyph in zip(whiskers, plot.glyphs.whiskers, strict=True):
        yield dots(points, glyph, style)
    yield dots(medians, plot.glyphs.expected[expected.role], style)


def _colour_by_winner(plot: Plot, series: Sequence[Series]) -> None:
    """Give what is drawn in a ratio's colour the colour of the side that wins in its row."""
    for s in series:
        for row in range(plot.area.top, plot.area.below):
            plot.canvas.recolour(row, plot.colour(s, plot.area.top), plot.colour(s, row))


def _shade_covered(plot: Plot, series: Sequence[Series]) -> None:
    """A band's colour behind a marker says that one of another series is under it."""
    seen: dict[tuple[int, int], str] = {}
    for s in series:
        for x, y in _finite(s):
            cell = plot.area.column(x), plot.area.row(y)
            if seen.setdefault(cell, s.role) != s.role:
                plot.canvas.shade(*cell, plot.palette.band_a)
