"""Draws heat maps: cells of one size with their values written in, coloured away from 0 to both sides."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tui_initflow.charts.axes import Scale
from tui_initflow.charts.cells import Canvas, Style
from tui_initflow.charts.description import HeatMap, Place
from tui_initflow.charts.frame import TITLE_FROM, Area, draw_framed, draw_x_title, margin_for, rows_for_data, x_axis
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette, blend, contrast
from tui_initflow.charts.plotext_adapter import Axis, Tick

CELL_WIDTH = 5
"""Columns of a cell that holds a sign, two digits and a mark on either side."""
DECIMAL_FROM = 7
"""Columns of a cell from which its number has a decimal."""
MARGIN = 8
"""Columns that labels and titles of the y axis take, about."""

SHADES = ((0.5, 0.18), (1.0, 0.27), (2.0, 0.44), (3.0, 0.58), (6.0, 0.71), (10.0, 0.85))
"""From which distance to 0 on how much of a hue is laid over the background; small differences count most.

Few steps and these, because on terminals of 256 colours those between turn grey or change their hue."""
SCALES = ((-10, -3, -1, 0, 1, 3, 10), (-10, -1, 0, 1, 10), (-10, 0, 10))
"""Values the colour scale may show, from wide to narrow."""

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
    indices = {round(number * (count - 1) / max(room - 1, 1)) for number in range(room)}
    kept = keep[:room]
    for index in kept:
        if index not in indices:
            indices.remove(min(indices.difference(kept), key=lambda other: abs(other - index)))
            indices.add(index)
    return Tiles(tuple(sorted(indices)), 1)


def draw_heat_map(canvas: Canvas, chart: HeatMap, palette: Palette, glyphs: Glyphs) -> None:
    top, height = rows_for_data(canvas.height)
    left = margin_for(chart.y_labels, max(chart.x_title, chart.y_title, key=len), canvas.width)
    marked = [place for place in (chart.cursor, chart.current) if place is not None]
    across = tiles(len(chart.x_labels), canvas.width - left, [column for column, _ in marked])
    up = tiles(len(chart.y_labels), height, [row for _, row in marked])
    # cells stand on the x axis, rows left over stay free above them
    area = Area(left, top + height - up.length, across.middles, Scale(up.length - 1, 0, up.length))
    _draw_axes(canvas, chart, area, (across, up), palette, glyphs)
    for x, column in across.starts():
        for y, row in up.starts():
            text, style = _cell(chart, (column, row), across.size, palette, glyphs)
            lowest = area.row(y)
            for line in range(up.size):
                written = text if line == up.size // 2 else " " * across.size
                canvas.text(area.left + x, lowest - line, written, style)
    _draw_title(canvas, chart, palette)


def _draw_axes(
    canvas: Canvas, chart: HeatMap, area: Area, cells: tuple[Tiles, Tiles], palette: Palette, glyphs: Glyphs
) -> None:
    across, up = cells
    marked = [
        (place, Style(colour, None, bold=True))
        for place, colour in ((chart.cursor, palette.accent), (chart.current, palette.text))
        if place is not None and place[0] in across.indices and place[1] in up.indices
    ]
    ticks = tuple((float(number), chart.x_labels[index]) for number, index in enumerate(across.indices))
    emphasis = [(float(across.indices.index(place[0])), style) for place, style in marked]
    x = x_axis(canvas, area, ticks, emphasis, palette)
    styles = {place[1]: style for place, style in marked[::-1]}
    labels = [
        Tick(start + up.size // 2, chart.y_labels[index], styles.get(index, Style(palette.muted, None)))
        for start, index in up.starts()
    ]
    y = Axis(0, area.rows.first, *((tuple(labels), palette.grid) if area.left else ()))
    draw_framed(canvas, area, x, y, (), glyphs)
    draw_x_title(canvas, area, chart.x_title, palette)
    if area.below + 1 < canvas.height and len(chart.y_title) < area.left:
        canvas.text(0, area.below, chart.y_title, Style(palette.muted, None))


def _draw_title(canvas: Canvas, chart: HeatMap, palette: Palette) -> None:
    """Title to the left, colour scale to the right, as much of both as fits."""
    if canvas.height < TITLE_FROM:
        return
    names = (f"{chart.low_name} ", f" {chart.high_name}")
    scales = [(names, SCALES[0]), *((("", ""), values) for values in SCALES)]
    room = canvas.width - len(chart.short_title) - 2
    fitting = [(ends, values) for ends, values in scales if len("".join(ends)) + CELL_WIDTH * len(values) <= room]
    (low, high), values = fitting[0] if fitting else (("", ""), ())
    column = canvas.width - len(low) - len(high) - CELL_WIDTH * len(values)
    room = column - 2 if values else canvas.width
    title = next((text for text in (chart.title, chart.short_title) if len(text) <= room), "")
    canvas.text(0, 0, title, Style(palette.text, None, bold=True))
    canvas.text(column, 0, low, Style(palette.muted, None))
    column += len(low)
    for value in values:
        canvas.text(column, 0, _centred(_number(value, 0), CELL_WIDTH), _style(chart, value, palette))
        column += CELL_WIDTH
    canvas.text(column, 0, high, Style(palette.muted, None))


def _cell(chart: HeatMap, place: Place, width: int, palette: Palette, glyphs: Glyphs) -> tuple[str, Style]:
    """The text of a cell, `width` characters, and its style."""
    at = place[::-1]
    value = float(chart.log10[at]) if chart.done[at] else None
    is_current, is_cursor = place == chart.current, place == chart.cursor
    style = Style(palette.muted, None) if value is None else _style(chart, value, palette)
    if is_cursor:
        style = Style(palette.background, palette.text)
    style = Style(style.fg, style.bg, bold=is_current or is_cursor)
    numbers, least = _texts(value, width, glyphs)
    if is_current:
        # no style alone says which cell it is
        mark = glyphs.current
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


def _texts(value: float | None, width: int, glyphs: Glyphs) -> tuple[list[str], str]:
    """How a value may be written, best first, and in a single character."""
    if value is None:
        return [], glyphs.grid
    if math.isnan(value):
        return ["nan"], glyphs.nan
    if math.isinf(value):
        return [f"{'-+'[value > 0]}{glyphs.infinity}"], glyphs.mark_of(value)
    numbers = [_number(value, 1)] if width >= DECIMAL_FROM else []
    return [*numbers, _number(value, 0)], "0" if abs(value) <= 1 else "+" if value > 0 else "-"


def _number(value: float, decimals: int) -> str:
    """With its sign, which 0 has not."""
    text = f"{value:+.{decimals}f}"
    return text if float(text) else text[1:]


def _style(chart: HeatMap, value: float, palette: Palette) -> Style:
    """Text on a background that says how far a value is from 0, and to which side."""
    if math.isnan(value):
        return Style(palette.text, palette.surface)
    low, high = (palette.a, palette.b) if chart.role == "ratio" else (_VANISHING, _EXPLODING)
    step = bisect_right(SHADES, abs(value), key=lambda shade: shade[0])
    return _on(low if value < 0 else high, SHADES[step - 1][1] if step else 0.0, palette)


@lru_cache(maxsize=1024)
def _on(hue: str, share: float, palette: Palette) -> Style:
    """Text that can be read on a background of `share` of a hue."""
    background = blend(hue, palette.background, share)
    text = max((palette.text, palette.background), key=lambda colour: contrast(colour, background))
    return Style(text, background)
