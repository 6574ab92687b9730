"""What surrounds the data of a chart: the title line with the legend, and the room that axes and labels take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_initflow.charts.axes import Scale, Ticks, x_labels
from tui_initflow.charts.cells import Canvas, Style
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plotext_adapter import Axis, Frame, Mark, Tick, draw

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

    @property
    def width(self) -> int:
        return len(self.piece) + 1 + len(self.name)

    def named_within(self, room: int) -> Sample:
        name = self.name if len(self.name) <= room else self.name[: max(room - 1, 0)] + "…"
        return Sample(self.piece, self.style, name)


@dataclass(frozen=True, slots=True)
class Area:
    """The cells the data is drawn in, from column `left` and row `top` of the canvas on."""

    left: int
    top: int
    columns: Scale
    rows: Scale

    @property
    def below(self) -> int:
        """The first row under it."""
        return self.top + self.rows.cells

    def column(self, x: float) -> int:
        return self.left + self.columns.cell(x)

    def row(self, y: float) -> int:
        return self.top + self.rows.cell(y)

    def value_of(self, row: int) -> float:
        """The y in the middle of a row of the canvas."""
        return self.rows.value_at(row - self.top + 0.5)


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
    fitting = next((text for text in (title, short_title) if len(text) <= room), "")
    canvas.text(0, 0, fitting, Style(palette.text, None, bold=True))
    if _width(legend) > canvas.width:
        without_names = _width([sample.named_within(0) for sample in legend])
        letters = 1 + max(0, (canvas.width - without_names) // len(legend))
        legend = [sample.named_within(letters) for sample in legend]
    column = max(0, canvas.width - _width(legend))
    for sample in legend:
        canvas.text(column, 0, sample.piece, sample.style)
        # what is hatched has its colour behind the hatch
        canvas.text(column + len(sample.piece) + 1, 0, sample.name, Style(sample.style.bg or sample.style.fg, None))
        column += sample.width + 2


def x_axis(canvas: Canvas, area: Area, ticks: Ticks, emphasis: Sequence[tuple[float, Style]], palette: Palette) -> Axis:
    """As many ticks as have room for their labels, those of `emphasis` first and in its style."""
    rows, columns = canvas.height - area.below, area.columns
    styles, muted = dict(reversed(emphasis)), Style(palette.muted, None)
    labels = x_labels(ticks, columns, [value for value, _ in emphasis]) if rows else []
    drawn = tuple(Tick(label.value, label.text, styles.get(label.value, muted)) for label in labels)
    return Axis(columns.first, columns.last, drawn, palette.grid if rows > 1 else None)


def y_axis(area: Area, labels: Ticks, palette: Palette) -> Axis:
    """A logarithmic axis with these labels, where there is a margin for them."""
    low, high = area.rows.last, area.rows.first
    if not area.left:
        return Axis(low, high, logarithmic=True)
    drawn = tuple(Tick(value, text, Style(palette.muted, None)) for value, text in labels)
    return Axis(low, high, drawn, palette.grid, logarithmic=True)


def rule(area: Area, y: float, marker: str, colour: str) -> Mark:
    """A horizontal line through the whole area."""
    return Mark([[(area.columns.first, y), (area.columns.last, y)]], marker, Style(colour, None))


def draw_framed(canvas: Canvas, area: Area, x: Axis, y: Axis, marks: Sequence[Mark], glyphs: Glyphs) -> None:
    """Have plotext draw the marks in the area, and around it the axes."""
    # plotext gives labels and lines the room that they need and the data the rest
    left = area.left - max((len(tick.text) for tick in y.ticks), default=0) - (y.line is not None)
    height = area.rows.cells + bool(x.ticks) + (x.line is not None)
    frame = Frame(area.left + area.columns.cells - left, height, x, y)
    canvas.paste(left, area.top, draw(frame, marks), glyphs.drawn)


def draw_x_title(canvas: Canvas, area: Area, title: str, palette: Palette) -> None:
    """The title of the x axis under the y labels, where it fits there."""
    if len(title) < area.left and area.below < canvas.height:
        canvas.text(0, canvas.height - 1, title, Style(palette.muted, None))


def _width(legend: Sequence[Sample]) -> int:
    return sum(sample.width for sample in legend) + 2 * max(len(legend) - 1, 0)
