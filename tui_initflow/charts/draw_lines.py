"""Draws line charts and scatters: plotext draws the curves and the marks, the bands are laid behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tui_initflow.charts.cells import Canvas, Style
from tui_initflow.charts.description import LineChart, Scale, Scatter, Series, thinned, y_limits, y_ticks
from tui_initflow.charts.draw_bars import DOTS_Y, dashed, draw_bands, draw_zones, simplified, unbroken
from tui_initflow.charts.frame import Plot, Sample, draw_framed, draw_title, legend, margin_for, rows_for_data
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plotext_adapter import Mark, Point, Stroke, dots

DASH, GAP = 6.0, 4.0
"""Lengths in braille dots."""

MARK_EVERY = 4
"""Columns between two marks of theory, at least, so that the curve under them stays visible."""

LEAST_DATA_ROWS = 3
"""Rows the data keeps before 0 and infinity get rows of their own."""


def draw_line_chart(canvas: Canvas, chart: LineChart, palette: Palette) -> None:
    plot = _plot(canvas, chart, palette)
    samples = _samples(plot, chart, palette.glyphs.sample)
    if chart.expected:
        piece = "".join(palette.glyphs.expected[series.role] for series in chart.expected)
        samples.append((piece, Style(palette.text, bold=True), chart.expected[0].name))
    samples += [(palette.glyphs.ghost, Style(palette.muted), series.name) for series in chart.ghosts if series.name]
    draw_title(plot, chart, legend(samples, canvas.width))
    marks = [_thin(plot, series, palette.muted) for series in chart.limits]
    marks += [_thin(plot, series, _colour(plot, series, 0)) for series in chart.ghosts]
    for series in chart.series:
        marks += _curve(plot, series)
    for series in chart.expected:
        marks += _expected_marks(plot, series)
    _draw(plot, chart, marks)
    if chart.reference is not None:
        _colour_by_side(plot, chart.series)
    draw_zones(plot, chart.zones)
    draw_bands(plot, chart.series)


def x_at(chart: LineChart, column: int, width: int, height: int, palette: Palette) -> float:
    """The x value under a column of the chart as it is drawn at this size; the nearest end outside of the data."""
    plot = _plot(Canvas(width, height), chart, palette)
    return plot.columns.value_at(min(max(column - plot.left + 0.5, 0.5), plot.columns.cells - 0.5))


def draw_scatter(canvas: Canvas, chart: Scatter, palette: Palette) -> None:
    plot, marker = _plot(canvas, chart, palette), palette.glyphs.marker
    draw_title(plot, chart, legend(_samples(plot, chart, marker), canvas.width))
    _draw(plot, chart, [dots(_finite(s), marker[s.role], Style(_colour(plot, s, 0))) for s in chart.series])
    # a band's colour behind a marker says that one of another series is under it
    seen: dict[tuple[int, int], str] = {}
    for s in chart.series:
        for x, y in _finite(s):
            cell = plot.column(x), plot.row(y)
            if seen.setdefault(cell, s.role) != s.role:
                canvas.shade(*cell, palette.band_a)


def _plot(canvas: Canvas, chart: LineChart, palette: Palette) -> Plot:
    """Where its data is drawn; infinities have the top row to themselves, zeros and nan the bottom row."""
    top, height = rows_for_data(canvas.height)
    values = np.concatenate([[], *(series.y for series in chart.series)])
    present = (("0", np.any(values == -math.inf)), ("nan", np.any(np.isnan(values))))
    bottom = [name for name, is_present in present if is_present]
    above = int(bool(np.any(values == math.inf)) and height > LEAST_DATA_ROWS)
    below = int(bool(bottom) and height - above > LEAST_DATA_ROWS)
    drawn = (*chart.series, *chart.limits, *chart.expected, *chart.ghosts)
    bounds = np.concatenate([values, *(part for series in drawn for part in (series.y, *series.band))])
    marked = [value for value, _ in chart.y_ticks]
    if chart.reference is not None:
        marked.append(chart.reference)
    bounds = np.append(bounds, marked)
    low, high = y_limits(bounds)
    finite = Scale(high, low, height - above - below)
    row = (high - low) / max(finite.cells - 1, 1)
    rows = Scale(high + row * above, low - row * below, height)
    labels = []
    if chart.y_ticks:
        labels = [chart.y_ticks[index] for index in thinned(len(chart.y_ticks), finite.cells // 2)]
    elif np.any(np.isfinite(bounds)):
        labels = [*y_ticks(finite, palette.glyphs, chart.y_unit)]
    labels += [(rows.first, palette.glyphs.infinity)] * above
    labels += [(rows.last, "/".join(bottom))] * below
    left = margin_for([text for _, text in labels], chart.x_title, canvas.width)
    # ticks are where there could be values, though there are none
    ticks = [x for x, _ in chart.x_ticks]
    xs = np.concatenate([ticks, *(series.x for series in (*chart.series, *chart.ghosts))]).tolist() or [0.0]
    if not all(map(math.isfinite, xs)):
        raise ValueError("the x values of a series must be finite")
    # a single value is in the middle
    half = 0.5 if min(xs) == max(xs) else 0.0
    columns = Scale(min(xs) - half, max(xs) + half, canvas.width - left)
    return Plot(canvas, palette, left, top, columns, rows, labels, chart.reference)


def _samples(plot: Plot, chart: LineChart, pieces: Mapping[str, str]) -> list[Sample]:
    return [(pieces[s.role], Style(_colour(plot, s, 0)), s.name) for s in chart.series if s.name]


def _colour(plot: Plot, series: Series, row: int) -> str:
    """The colour at a canvas row: a ratio takes that of the larger side there."""
    palette = plot.palette
    if series.role != "ratio" or plot.reference is None:
        return palette.a if series.role == "a" else palette.b
    even = plot.row(plot.reference)
    return palette.text if row == even else palette.b if row < even else palette.a


def _draw(plot: Plot, chart: LineChart, marks: Sequence[Mark]) -> None:
    """The marks over the grid and the cursor; over them what has no place and what is emphasised."""
    palette, glyphs = plot.palette, plot.glyphs
    behind = plot.grid()
    if chart.cursor is not None:
        ends = [(chart.cursor, plot.rows.first), (chart.cursor, plot.rows.last)]
        behind.append(Mark([ends], glyphs.vertical, Style(palette.accent)))
    marked = ((chart.cursor, palette.accent), (chart.highlight, palette.text))
    emphasis = [(x, Style(colour, bold=True)) for x, colour in marked if x is not None]
    emphasised = [
        dots([(at, y) for series in chart.series for at, y in _finite(series) if at == x], glyphs.current, style)
        for x, style in reversed(emphasis)
    ]
    drawn = [*behind, *marks, *_unplaceable(plot, chart.series), *emphasised]
    draw_framed(plot, drawn, chart.x_ticks, chart.x_title, emphasis)


def _unplaceable(plot: Plot, series: Sequence[Series]) -> Iterator[Mark]:
    """Marks of 0, infinity and nan at the edge; the second series one row further in where both are."""
    taken: dict[tuple[int, int], Series] = {}
    for s in series:
        for x, y in s.points:
            if math.isfinite(y):
                continue
            column, row = plot.column(x), plot.row(y if y == math.inf else -math.inf)
            if taken.get((column, row), s) is not s and plot.rows.cells > 1:
                row += 1 if y == math.inf else -1
            taken[column, row] = s
            style = Style(_colour(plot, s, row), bold=True)
            yield dots([(x, plot.rows.value_at(row - plot.top + 0.5))], plot.glyphs.mark_of(y), style)


def _curve(plot: Plot, series: Series) -> Iterator[Mark]:
    """Lines two dots thick, dashed for b; a marker for a point without neighbours."""
    colour = _colour(plot, series, plot.top)
    stretches = _stretches(plot, series)
    strokes = [stretch for stretch in stretches if len(stretch) > 1]
    if series.role == "b":
        strokes = [dash for stretch in strokes for dash in dashed(stretch, DASH, GAP)]
    lines, rows = [_values(plot, stroke) for stroke in strokes], plot.rows
    dot = (rows.first - rows.last) / max(rows.cells - 1, 1) / DOTS_Y
    floor = [y - dot for line in lines for _, y in line] if plot.glyphs.unicode else []
    yield Mark(lines, plot.glyphs.curve[series.role], Style(colour), floor)
    alone = [_values(plot, stretch)[0] for stretch in stretches if len(stretch) == 1]
    yield dots(alone, plot.glyphs.marker[series.role], Style(colour))


def _thin(plot: Plot, series: Series, colour: str) -> Mark:
    """A thin line, which the curves hide where both agree."""
    strokes = [_values(plot, stretch) for stretch in _stretches(plot, series) if len(stretch) > 1]
    return Mark(strokes, plot.glyphs.thin, Style(colour))


def _finite(series: Series) -> list[Point]:
    return [(x, y) for x, y in series.points if math.isfinite(y)]


def _stretches(plot: Plot, series: Series) -> list[list[Point]]:
    """The curve in cells, broken where it is not finite."""
    columns, rows = plot.columns.positions(series.x), plot.rows.positions(series.y)
    return [simplified(stretch) for stretch in unbroken(zip(columns.tolist(), rows.tolist(), strict=True))]


def _values(plot: Plot, stroke: Stroke) -> list[Point]:
    """A stroke in cells in data units again."""
    return [(plot.columns.value_at(x), plot.rows.value_at(y)) for x, y in stroke]


def _expected_marks(plot: Plot, expected: Series) -> Iterator[Mark]:
    """Medians with whiskers, as many as keep their distance."""
    style = Style(plot.palette.text, bold=True)
    medians: list[Point] = []
    whiskers: tuple[list[Point], list[Point]] = ([], [])
    free_from = -math.inf
    low, high = expected.band
    for x, median, *ends in np.stack([expected.x, expected.y, high, low], axis=1).tolist():
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


def _colour_by_side(plot: Plot, series: Sequence[Series]) -> None:
    """Give what is drawn in a ratio's colour the colour of the larger side in its row."""
    for s in series:
        for row in range(plot.top, plot.below):
            plot.canvas.recolour(row, _colour(plot, s, plot.top), _colour(plot, s, row))
