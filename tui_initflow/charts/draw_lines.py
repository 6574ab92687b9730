"""Draws line charts and scatters: band behind, grid and reference, curves, then marks on top."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import LineChart, Scatter, Series
from tui_initflow.charts.frame import Area, draw_title, draw_x_axis, draw_y_axis, margin_for, rows_for_data
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plotext_adapter import BRAILLE, Point, draw_strokes
from tui_initflow.charts.scale import Rising, Scale, y_limits
from tui_initflow.charts.strokes import dashed, thinned, unbroken
from tui_initflow.charts.ticks import Numerals, y_ticks

DASH, GAP = 5.0, 3.0
"""Lengths in braille dots."""

_BRAILLE_BLANK = 0x2800


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """Characters for one kind of terminal."""

    unicode: bool
    sample: dict[str, str]
    line: dict[str, str]
    marker: dict[str, str]
    below: str
    above: str
    nan: str
    infinity: str
    current: str
    cursor: str
    grid: str
    reference: str


_UNICODE = _Glyphs(
    True,
    {"a": "━━", "b": "╍╍", "reference": "┈┈"},
    {"a": BRAILLE, "b": BRAILLE, "reference": BRAILLE},
    {"a": "●", "b": "◆", "reference": "·"},
    "▼", "▲", "×", "∞", "●", "│", "┈", "╌",
)  # fmt: skip
_ASCII = _Glyphs(
    False,
    {"a": "**", "b": "oo", "reference": ".."},
    {"a": "*", "b": "o", "reference": "."},
    {"a": "*", "b": "o", "reference": "."},
    "v", "^", "x", "inf", "@", "|", ".", "-",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plot:
    """Everything the layers of a drawing share."""

    canvas: Canvas
    area: Area
    columns: Scale
    rows: Rising
    data_top: int
    glyphs: _Glyphs
    palette: Palette

    def column(self, x: float) -> int:
        return self.area.left + self.columns.cell(x)

    def row(self, y: float) -> int:
        """The canvas row of a log10 value; 0, infinity and nan have rows of their own at the edges."""
        if math.isfinite(y):
            return self.data_top + self.rows.row(y)
        return self.area.top if y == math.inf else self.area.top + self.area.height - 1

    def point(self, x: float, y: float) -> Point:
        """In cells of the area's data rows; a y that is not finite stays so."""
        return self.columns.position(x), self.rows.position(y) if math.isfinite(y) else math.nan

    def colour(self, series: Series) -> str:
        return {"a": self.palette.a, "b": self.palette.b, "reference": self.palette.muted}[series.role]


def draw_line_chart(canvas: Canvas, chart: LineChart, palette: Palette, unicode: bool) -> None:
    glyphs = _UNICODE if unicode else _ASCII
    extra = () if chart.reference is None else (chart.reference,)
    plot, labels = _layout(canvas, chart.series, chart.y_unit, extra, glyphs, palette)
    if canvas.height >= 4:
        draw_title(canvas, chart.title, _legend(chart.series, glyphs.sample, plot), palette)
    _draw_grid(plot, labels)
    if chart.reference is not None:
        _draw_row(plot, plot.row(chart.reference), glyphs.reference, Style(palette.muted, None))
    if chart.cursor is not None:
        _draw_column(plot, plot.column(chart.cursor), glyphs.cursor, Style(palette.accent, None))
    _draw_bands(plot, chart.series)
    _draw_curves(plot, chart.series)
    _draw_hostile(plot, chart.series)
    if chart.highlight is not None:
        _draw_current(plot, chart.series, chart.highlight, Style(palette.text, None, bold=True))
    if chart.cursor is not None:
        _draw_current(plot, chart.series, chart.cursor, Style(palette.accent, None, bold=True))
    draw_y_axis(canvas, plot.area, labels, unicode, palette)
    emphasis = [
        (x, Style(colour, None, bold=True))
        for x, colour in ((chart.cursor, palette.accent), (chart.highlight, palette.text))
        if x is not None
    ]
    draw_x_axis(canvas, plot.area, plot.columns, chart.x_ticks, chart.x_title, emphasis, unicode, palette)


def draw_scatter(canvas: Canvas, chart: Scatter, palette: Palette, unicode: bool) -> None:
    glyphs = _UNICODE if unicode else _ASCII
    plot, labels = _layout(canvas, chart.series, chart.y_unit, (), glyphs, palette)
    if canvas.height >= 4:
        draw_title(canvas, chart.title, _legend(chart.series, glyphs.marker, plot), palette)
    _draw_grid(plot, labels)
    for series in chart.series:
        style = Style(plot.colour(series), None)
        for x, y in zip(series.x, series.y, strict=True):
            if math.isfinite(y):
                canvas.put(plot.column(x), plot.row(y), glyphs.marker[series.role], style)
    _draw_hostile(plot, chart.series)
    draw_y_axis(canvas, plot.area, labels, unicode, palette)
    draw_x_axis(canvas, plot.area, plot.columns, chart.x_ticks, chart.x_title, (), unicode, palette)


def _layout(
    canvas: Canvas,
    series: tuple[Series, ...],
    unit: str,
    extra: tuple[float, ...],
    glyphs: _Glyphs,
    palette: Palette,
) -> tuple[_Plot, list[tuple[int, str]]]:
    """The plot and its y labels (row within the area, text)."""
    top, height = rows_for_data(canvas.height)
    values = [y for s in series for y in s.y]
    edge_rows = [value for value, there in _edges(values) if there]
    above = [value for value in edge_rows if value == math.inf]
    below = [value for value in edge_rows if value != math.inf]
    # rows of their own for what has no place on a log axis, while the data keeps three
    reserve_above = len(above) if height - len(above) >= 3 else 0
    reserve_below = min(len(below), 1) if height - reserve_above - 1 >= 3 else 0
    data_height = max(1, height - reserve_above - reserve_below)
    bounds = (y for s in series for part in (s.y, s.low, s.high) if part is not None for y in part)
    rows = Rising(Scale(*y_limits([*bounds, *extra]), data_height))
    numerals = Numerals(glyphs.unicode)
    finite = bool(extra) or any(map(math.isfinite, values))
    ticks = y_ticks(rows, numerals, unit) if finite else ()
    labels = [(reserve_above + rows.row(value), text) for value, text in ticks]
    if reserve_above:
        labels.append((0, glyphs.infinity))
    if reserve_below:
        names = [("0" if value == -math.inf else "nan") for value in below]
        labels.append((height - 1, "/".join(names)))
    left = margin_for([text for _, text in labels], canvas.width)
    area = Area(left, top, canvas.width - left, height)
    xs = [x for s in series for x in s.x]
    columns = Scale(min(xs, default=0.0), max(xs, default=0.0), area.width)
    return _Plot(canvas, area, columns, rows, top + reserve_above, glyphs, palette), labels


def _edges(values: list[float]) -> Iterable[tuple[float, bool]]:
    yield math.inf, math.inf in values
    yield -math.inf, -math.inf in values
    yield math.nan, any(map(math.isnan, values))


def _legend(series: tuple[Series, ...], samples: dict[str, str], plot: _Plot) -> list[tuple[str, str, str]]:
    return [(samples[s.role], s.name, plot.colour(s)) for s in series if s.name]


def _draw_grid(plot: _Plot, labels: list[tuple[int, str]]) -> None:
    for row, _ in labels:
        _draw_row(plot, plot.area.top + row, plot.glyphs.grid, Style(plot.palette.grid, None))


def _draw_row(plot: _Plot, row: int, char: str, style: Style) -> None:
    plot.canvas.text(plot.area.left, row, char * plot.area.width, style)


def _draw_column(plot: _Plot, column: int, char: str, style: Style) -> None:
    for row in range(plot.area.height):
        plot.canvas.put(column, plot.area.top + row, char, style)


def _draw_bands(plot: _Plot, series: tuple[Series, ...]) -> None:
    """Shade the cells whose greater part lies between low and high."""
    covered: dict[tuple[int, int], str] = {}
    colours = {"a": plot.palette.band_a, "b": plot.palette.band_b, "reference": plot.palette.grid}
    for s in series:
        if s.low is None or s.high is None:
            continue
        low, high = _interpolator(s.x, s.low), _interpolator(s.x, s.high)
        for cell in range(plot.columns.cells):
            x = plot.columns.value(cell)
            bottom, top = low(x), high(x)
            if not (math.isfinite(bottom) and math.isfinite(top)) or bottom == top:
                continue
            first, last = round(plot.rows.position(top)), round(plot.rows.position(bottom))
            for row in range(first, last):
                colour = plot.palette.overlap if (cell, row) in covered else colours[s.role]
                covered[cell, row] = colour
                plot.canvas.shade(plot.area.left + cell, plot.data_top + row, colour)


def _interpolator(xs: tuple[float, ...], ys: tuple[float, ...]) -> Callable[[float], float]:
    """Straight lines between points; nan where an end is not finite."""

    def at(x: float) -> float:
        right = bisect_right(xs, x)
        if right == 0:
            return ys[0] if xs else math.nan
        if right == len(xs):
            return ys[-1]
        x0, x1, y0, y1 = xs[right - 1], xs[right], ys[right - 1], ys[right]
        if x == x0:
            return y0
        if not (math.isfinite(y0) and math.isfinite(y1)):
            return math.nan
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)

    return at


def _draw_curves(plot: _Plot, series: tuple[Series, ...]) -> None:
    dots: dict[tuple[int, int], int] = {}
    width, height = plot.area.width, plot.rows.scale.cells
    for s in series:
        stretches = [thinned(stretch) for stretch in unbroken(map(plot.point, s.x, s.y))]
        strokes = [d for stretch in stretches for d in dashed(stretch, DASH, GAP)] if s.role == "b" else stretches
        style = Style(plot.colour(s), None)
        lines = draw_strokes(width, height, strokes, plot.glyphs.line[s.role])
        for row, line in enumerate(lines):
            for column, char in enumerate(line):
                if char in " ⠀":
                    continue
                if plot.glyphs.unicode:
                    # dots of an earlier curve in this cell stay
                    dots[column, row] = dots.get((column, row), 0) | (ord(char) - _BRAILLE_BLANK)
                    char = chr(_BRAILLE_BLANK + dots[column, row])
                plot.canvas.put(plot.area.left + column, plot.data_top + row, char, style)
        for stretch in stretches:
            if len(stretch) == 1:
                x, y = stretch[0]
                marker = plot.glyphs.marker[s.role]
                plot.canvas.put(plot.area.left + int(x), plot.data_top + int(y), marker, style)


def _draw_hostile(plot: _Plot, series: tuple[Series, ...]) -> None:
    """Mark 0, infinity and nan at the edge; the second series one row further in where both are."""
    taken: dict[tuple[int, int], Series] = {}
    for s in series:
        style = Style(plot.colour(s), None, bold=True)
        for x, y in zip(s.x, s.y, strict=True):
            if math.isfinite(y):
                continue
            column, row = plot.column(x), plot.row(y)
            if taken.get((column, row), s) is not s and plot.area.height > 1:
                row += 1 if y == math.inf else -1
            taken[column, row] = s
            char = plot.glyphs.nan if math.isnan(y) else plot.glyphs.above if y > 0 else plot.glyphs.below
            plot.canvas.put(column, row, char, style)


def _draw_current(plot: _Plot, series: tuple[Series, ...], at: float, style: Style) -> None:
    for s in series:
        for x, y in zip(s.x, s.y, strict=True):
            if x == at and math.isfinite(y):
                plot.canvas.put(plot.column(x), plot.row(y), plot.glyphs.current, style)
