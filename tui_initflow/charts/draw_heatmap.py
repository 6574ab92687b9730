"""Draws heat maps: cells of one size with their values written in, coloured away from 0 to both sides."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tui_initflow.charts.cells import Canvas, Run, Style
from tui_initflow.charts.description import HeatMap, Place, Scale, ShareMap, evenly_spread
from tui_initflow.charts.frame import Plot, draw_framed, draw_title, length, margin_for, rows_for_data
from tui_initflow.charts.palette import Glyphs, Palette, blend, contrast

CELL_WIDTH = 5
"""Columns of a cell that holds a sign, two digits and a mark on either side."""
DECIMAL_FROM = 7
"""Columns of a cell from which its number has a decimal."""
MARGIN = 8
"""Columns that labels and titles of the y axis take, about."""

SHADES = ((0.5, 0.18), (1.0, 0.27), (2.0, 0.44), (3.0, 0.58), (6.0, 0.71), (10.0, 0.85))
"""From which distance to 0 on how much of a hue is laid over the background; small differences count most.

Few steps and these, because on terminals of 256 colours those between turn grey or change their hue."""
SCALES = ((-10.0, -3.0, -1.0, 0.0, 1.0, 3.0, 10.0), (-10.0, -1.0, 0.0, 1.0, 10.0), (-10.0, 0.0, 10.0))
SHARE_SCALES = ((0.1, 0.3, 0.5, 0.7, 0.9, 1.0), (0.1, 0.5, 0.9))
"""Values the colour scale may show, from wide to narrow."""
SHARE_SHADES = ((0.1, 0.2), (0.3, 0.52), (0.6, 0.72), (0.85, 0.9))
"""From which part of the way from the least share to 1 on how much of the hue is laid over the background."""

_VANISHING, _EXPLODING = "#3250ff", "#ff6818"


def cells_that_fit(width: int, height: int, most: int) -> tuple[int, int]:
    """Columns and rows, at most `most` of either, with which a map fills a picture of this size best."""
    across, (_, up) = max(width - MARGIN, CELL_WIDTH), rows_for_data(height)
    cell_width, cell_height = max(CELL_WIDTH, -(-across // most)), max(1, -(-up // most))
    return across // cell_width, max(1, up // cell_height)


@dataclass(frozen=True, slots=True)
class Tiles:
    """Cells along one axis: the indices of those drawn and the characters each takes."""

    indices: tuple[int, ...]
    size: int

    @property
    def length(self) -> int:
        return len(self.indices) * self.size

    @property
    def middles(self) -> Scale:
        """Maps the number of a cell to its middle character, or the left one of two."""
        before = (self.size - 1) // 2 / self.size
        return Scale(-before, len(self.indices) - 1 / self.size - before, self.length)

    def starts(self) -> Iterator[tuple[int, int]]:
        """First character and index of each cell."""
        return ((number * self.size, index) for number, index in enumerate(self.indices))


def tiles(count: int, room: int, keep: Sequence[int]) -> Tiles:
    """As many of `count` cells as there is room for, evenly spread; those of `keep` are among them."""
    if count <= room:
        return Tiles(tuple(range(count)), room // max(count, 1))
    indices = set(evenly_spread(count, room))
    kept = keep[:room]
    for index in kept:
        if index not in indices:
            indices.remove(min(indices.difference(kept), key=lambda other: abs(other - index)))
            indices.add(index)
    return Tiles(tuple(sorted(indices)), 1)


def draw_heat_map(canvas: Canvas, chart: HeatMap, palette: Palette) -> None:
    top, height = rows_for_data(canvas.height)
    left = margin_for(chart.y_labels, max(chart.x_title, chart.y_title, key=len), canvas.width)
    candidates = ((chart.cursor, palette.accent), (chart.current, palette.text))
    places = [(place, Style(colour, bold=True)) for place, colour in candidates if place is not None]
    across = tiles(len(chart.x_labels), canvas.width - left, [column for (column, _), _ in places])
    up = tiles(len(chart.y_labels), height, [row for (_, row), _ in places])
    # cells stand on the x axis, rows left over stay free above them
    rows = Scale(up.length - 1, 0, up.length)
    y_ticks = [(float(start + up.size // 2), chart.y_labels[index]) for start, index in up.starts()]
    plot = Plot(canvas, palette, left, top + height - up.length, across.middles, rows, y_ticks)
    marked = [(place, style) for place, style in places if place[0] in across.indices and place[1] in up.indices]
    x_ticks = [(float(number), chart.x_labels[index]) for number, index in enumerate(across.indices)]
    x_emphasis = [(across.indices.index(column), style) for (column, _), style in marked]
    y_emphasis = [(up.indices.index(row) * up.size + up.size // 2, style) for (_, row), style in marked]
    draw_framed(plot, (), x_ticks, chart.x_title, x_emphasis, y_emphasis)
    if plot.below + 1 < canvas.height and len(chart.y_title) < left:
        canvas.text(0, plot.below, chart.y_title, Style(palette.muted))
    for x_start, column in across.starts():
        for y_start, row in up.starts():
            text, style = _cell(chart, (column, row), across.size, palette)
            for line in range(up.size):
                written = text if line == up.size // 2 else " " * across.size
                canvas.text(left + x_start, plot.row(y_start + line), written, style)
    _draw_line(plot, chart, across, up)
    draw_title(plot, chart, _legend(chart, canvas.width - len(chart.short_title) - 2, palette))


def _draw_line(plot: Plot, chart: HeatMap, across: Tiles, up: Tiles) -> None:
    """Over the cells, around their numbers; not over a part of the rows, where it would be in a wrong place."""
    if not len(chart.line) or len(up.indices) < len(chart.y_labels):
        return
    style = Style(plot.palette.accent, bold=True)
    for start, column in across.starts():
        height = (chart.line[column] + 0.5) * up.size
        if 0 <= height < up.length:
            y = plot.row(math.floor(height))
            for x in range(plot.left + start, plot.left + start + across.size):
                if plot.canvas.char_at(x, y) == " ":
                    plot.canvas.put(x, y, plot.glyphs.line, style)


def _legend(chart: HeatMap, room: int, palette: Palette) -> list[Run]:
    """The line and its name, then the colours, as far as there is room."""
    line: list[Run] = []
    if chart.line_name:
        accent = Style(palette.accent)
        line = [(palette.glyphs.line * 2, accent._replace(bold=True)), (f" {chart.line_name}  ", accent)]
    return line + _colour_scale(chart, room - length(line), palette)


def _colour_scale(chart: HeatMap, room: int, palette: Palette) -> list[Run]:
    """Values in their colours, as many as fit, between the names of both sides if these fit too."""
    values = SHARE_SCALES if isinstance(chart, ShareMap) else SCALES

    def colour(value: float) -> Run:
        return _centred(_number(chart, value, 0), CELL_WIDTH), _style(chart, value, palette)

    scales = [[colour(value) for value in scale] for scale in values]
    muted = Style(palette.muted)
    named = [(f"{chart.low_name} ", muted), *scales[0], (f" {chart.high_name}", muted)]
    return next((scale for scale in (named, *scales) if length(scale) <= room), [])


def _cell(chart: HeatMap, place: Place, width: int, palette: Palette) -> tuple[str, Style]:
    """The text of a cell, `width` characters, and its style."""
    at = place[::-1]
    value = float(chart.values[at]) if chart.done[at] else None
    is_current, is_cursor = place == chart.current, place == chart.cursor
    style = Style(palette.muted) if value is None else _style(chart, value, palette)
    if is_cursor:
        style = Style(palette.background, palette.text)
    style = Style(style.fg, style.bg, bold=is_current or is_cursor)
    numbers, least = _texts(chart, value, width, palette.glyphs)
    if is_current:
        # no style alone says which cell it is
        mark = palette.glyphs.current
        texts = [f"[{mark}{text}]" for text in numbers] if is_cursor else [f"{mark}{text} " for text in numbers]
        texts += [f"{mark}{text}" for text in [*numbers, least]] + [mark]
    else:
        texts = [f"[{text}]" for text in numbers] if is_cursor else []
        texts += [*numbers, least]
    return next(_centred(text, width) for text in texts if len(text) <= width), style


def _centred(text: str, width: int) -> str:
    """In the middle of `width`, with numbers of one digit as far to the right as those of two."""
    longest = 5 if width >= DECIMAL_FROM else 3
    return text.rjust(min(longest, width)).center(width)


def _texts(chart: HeatMap, value: float | None, width: int, glyphs: Glyphs) -> tuple[list[str], str]:
    """How a value may be written, best first, and in a single character."""
    if value is None:
        return [], glyphs.grid
    if math.isnan(value):
        return ["nan"], glyphs.nan
    if math.isinf(value):
        return [f"{'-+'[value > 0]}{glyphs.infinity}"], glyphs.mark_of(value)
    if isinstance(chart, ShareMap):
        return [_number(chart, value, 0)], "+" if _part(chart, value) > 0.5 else "-"
    numbers = [_number(chart, value, 1)] if width >= DECIMAL_FROM else []
    return [*numbers, _number(chart, value, 0)], "0" if abs(value) <= 1 else "+" if value > 0 else "-"


def _number(chart: HeatMap, value: float, decimals: int) -> str:
    """A logarithm with its sign, which 0 has not, or a share in percent."""
    if isinstance(chart, ShareMap):
        return f"{100 * value:.{decimals}f}"
    text = f"{value:+.{decimals}f}"
    return text if float(text) else text[1:]


def _style(chart: HeatMap, value: float, palette: Palette) -> Style:
    """Text on a background that says how far a value is from 0, and to which side."""
    if math.isnan(value):
        return Style(palette.text, palette.surface)
    if isinstance(chart, ShareMap):
        step = bisect_right(SHARE_SHADES, _part(chart, value), key=lambda shade: shade[0])
        return _on(palette.good, SHARE_SHADES[step - 1][1] if step else 0.0, palette)
    low, high = (palette.a, palette.b) if chart.role == "ratio" else (_VANISHING, _EXPLODING)
    step = bisect_right(SHADES, abs(value), key=lambda shade: shade[0])
    return _on(low if value < 0 else high, SHADES[step - 1][1] if step else 0.0, palette)


def _part(chart: ShareMap, share: float) -> float:
    """Part of the way from the least share to 1."""
    return (share - chart.least) / (1.0 - chart.least) if chart.least < 1.0 else 0.0


@lru_cache(maxsize=1024)
def _on(hue: str, share: float, palette: Palette) -> Style:
    """Text that can be read on a background of `share` of a hue."""
    background = blend(hue, palette.background, share)
    text = max((palette.text, palette.background), key=lambda colour: contrast(colour, background))
    return Style(text, background)
