"""What surrounds the data of a chart: the title line with the legend, and the room that axes and labels take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui_initflow.charts.axes import Scale, Ticks, x_labels
from tui_initflow.charts.cells import PLAIN, Canvas, Run, Style
from tui_initflow.charts.description import Bars, HeatMap, LineChart
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plotext_adapter import Axis, Frame, Mark, Tick, draw

TITLE_FROM, TICKS_FROM = 4, 3
"""Rows a chart needs before one is spent on its title or its x labels."""

AXIS_LINE_FROM = 10
"""Rows a chart needs before a row is spent on the line of its x axis."""

X_TITLE_FROM = 48
"""Columns a chart needs before some are spent on the title of its x axis."""


Sample = tuple[str, Style, str]
"""A legend entry: a piece of the series as it is drawn, its style, and the name of the series."""


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


def legend(samples: Sequence[Sample], width: int) -> list[Run]:
    """The samples, each with its name in its colour; where there is no room for the names, they are cut."""
    room = width + 2 - sum(len(piece) + 4 for piece, _, _ in samples)
    letters = max((len(name) for *_, name in samples), default=0)
    if sum(len(name) - 1 for *_, name in samples) > room:
        letters = 1 + max(0, room // len(samples))
    runs: list[Run] = []
    for piece, style, name in samples:
        cut = name if len(name) <= letters else f"{name[: letters - 1]}…"
        # what is hatched has its colour behind the hatch
        runs += [(piece, style), (" ", PLAIN), (cut, Style(style.bg or style.fg)), ("  ", PLAIN)]
    return runs[:-1]


def draw_title(canvas: Canvas, chart: LineChart | Bars | HeatMap, right: Sequence[Run], palette: Palette) -> None:
    """Title to the left, a legend to the right; the title gives way to a shorter one or to none."""
    if canvas.height < TITLE_FROM:
        return
    column = max(0, canvas.width - length(right))
    room = column - 2 if right else canvas.width
    title = next((text for text in (chart.title, chart.short_title) if len(text) <= room), "")
    canvas.text(0, 0, title, Style(palette.text, bold=True))
    for text, style in right:
        canvas.text(column, 0, text, style)
        column += len(text)


def length(runs: Iterable[Run]) -> int:
    return sum(len(text) for text, _ in runs)


Emphasis = Sequence[tuple[float, Style]]
"""Values whose labels have a style of their own; that of the first counts where a value is in it twice."""


def x_axis(canvas: Canvas, area: Area, ticks: Ticks, emphasis: Emphasis, palette: Palette) -> Axis:
    """As many ticks as have room for their labels, those of `emphasis` first."""
    rows, columns = canvas.height - area.below, area.columns
    labels = x_labels(ticks, columns, [value for value, _ in emphasis]) if rows else []
    drawn = _ticks([(label.value, label.text) for label in labels], emphasis, palette)
    return Axis(columns.first, columns.last, drawn, palette.grid if rows > 1 else None)


def y_axis(area: Area, ticks: Ticks, emphasis: Emphasis, palette: Palette) -> Axis:
    """A logarithmic axis with these ticks, where there is a margin for them."""
    low, high = area.rows.last, area.rows.first
    if not area.left:
        return Axis(low, high, logarithmic=True)
    return Axis(low, high, _ticks(ticks, emphasis, palette), palette.grid, logarithmic=True)


def _ticks(ticks: Ticks, emphasis: Emphasis, palette: Palette) -> tuple[Tick, ...]:
    styles = dict(reversed(emphasis))
    return tuple(Tick(value, text, styles.get(value, Style(palette.muted))) for value, text in ticks)


def rule(area: Area, y: float, marker: str, colour: str) -> Mark:
    """A horizontal line through the whole area."""
    return Mark([[(area.columns.first, y), (area.columns.last, y)]], marker, Style(colour))


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
        canvas.text(0, canvas.height - 1, title, Style(palette.muted))
