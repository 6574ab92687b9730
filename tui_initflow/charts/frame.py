"""The furniture around a plot: title line with the legend, axes, tick labels; and the area left for the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import Ticks
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.scale import Scale
from tui_initflow.charts.ticks import x_labels

TITLE_FROM, TICKS_FROM = 4, 3
"""Rows a chart needs before one is spent on its title or its x labels."""

AXIS_LINE_FROM = 10
"""Rows a chart needs before a row is spent on the line of its x axis."""


X_TITLE_FROM = 48
"""Columns a chart needs before some are spent on the title of its x axis."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A legend entry: a piece of the series as it is drawn, and its name in its colour."""

    piece: str
    style: Style
    name: str
    colour: str

    @property
    def width(self) -> int:
        return len(self.piece) + 1 + len(self.name)

    def named_within(self, room: int) -> Sample:
        name = self.name if len(self.name) <= room else self.name[: max(room - 1, 0)] + "…"
        return Sample(self.piece, self.style, name, self.colour)


@dataclass(frozen=True, slots=True)
class Area:
    """The cells the data is drawn in."""

    left: int
    top: int
    width: int
    height: int


def rows_for_data(height: int) -> tuple[int, int]:
    """First row and number of rows of the data in a chart of `height` rows."""
    title = int(height >= TITLE_FROM)
    ticks = int(height >= TICKS_FROM)
    line = int(height >= AXIS_LINE_FROM)
    return title, height - title - ticks - line


def margin_for(labels: Sequence[str], x_title: str, width: int) -> int:
    """Columns for the y labels and the axis line; none where they would take half of the chart.

    A wide chart keeps room for the title of its x axis too, which stands under the y labels.
    """
    needed = max(map(len, labels), default=0) + 1
    if x_title and width >= X_TITLE_FROM:
        needed = max(needed, len(x_title) + 1)
    return needed if needed * 2 < width else 0


def draw_title(canvas: Canvas, title: str, short_title: str, legend: Sequence[Sample], palette: Palette) -> None:
    """Title to the left, legend to the right; the title gives way first, then the names are cut."""
    if canvas.height < TITLE_FROM:
        return
    room = canvas.width - (_width(legend) + 2 if legend else 0)
    shown = next((text for text in (title, short_title) if len(text) <= room), "")
    canvas.text(0, 0, shown, Style(palette.text, None, bold=True))
    if _width(legend) > canvas.width:
        without_names = _width([sample.named_within(0) for sample in legend])
        each = 1 + max(0, (canvas.width - without_names) // len(legend))
        legend = [sample.named_within(each) for sample in legend]
    column = max(0, canvas.width - _width(legend))
    for sample in legend:
        canvas.text(column, 0, sample.piece, sample.style)
        canvas.text(column + len(sample.piece) + 1, 0, sample.name, Style(sample.colour, None))
        column += sample.width + 2


def draw_y_axis(
    canvas: Canvas, area: Area, labels: Sequence[tuple[int, str]], glyphs: Glyphs, palette: Palette
) -> None:
    """Labels (row within the area, text) left of a vertical line."""
    if area.left == 0:
        return
    for row in range(area.height):
        canvas.put(area.left - 1, area.top + row, glyphs.vertical, Style(palette.grid, None))
    for row, text in labels:
        canvas.put(area.left - 1, area.top + row, glyphs.tick_left, Style(palette.grid, None))
        canvas.text(area.left - 1 - len(text), area.top + row, text, Style(palette.muted, None))


def draw_x_axis(
    canvas: Canvas,
    area: Area,
    columns: Scale,
    ticks: Ticks,
    title: str,
    emphasis: Sequence[tuple[float, Style]],
    glyphs: Glyphs,
    palette: Palette,
) -> None:
    """The axis line where there is a row for it, the labels under it, the title where labels leave room."""
    below = area.top + area.height
    if below >= canvas.height:
        return
    labels = x_labels(ticks, columns, [value for value, _ in emphasis], canvas.width, area.left)
    styles = dict(reversed(emphasis))
    if below + 1 < canvas.height:
        canvas.text(area.left, below, glyphs.horizontal * area.width, Style(palette.grid, None))
        if area.left:
            canvas.put(area.left - 1, below, glyphs.corner, Style(palette.grid, None))
        for label in labels:
            canvas.put(label.column, below, glyphs.tick_below, Style(palette.grid, None))
    row = canvas.height - 1
    for label in labels:
        canvas.text(label.start, row, label.text, styles.get(label.value, Style(palette.muted, None)))
    first = min((label.start for label in labels), default=canvas.width)
    if title and len(title) + 1 <= first:
        canvas.text(0, row, title, Style(palette.muted, None))


def _width(legend: Sequence[Sample]) -> int:
    return sum(sample.width for sample in legend) + 2 * max(len(legend) - 1, 0)
