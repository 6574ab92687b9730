"""Where the data of a chart is drawn, and what surrounds it: the title line with the legend, axes and labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tui_initflow.charts.cells import PLAIN, Canvas, Run, Style
from tui_initflow.charts.description import Bars, HeatMap, LineChart, Scale, Ticks, x_labels
from tui_initflow.charts.palette import Glyphs, Palette
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
class Plot:
    """The cells of a canvas that data is drawn in, from column `left` and row `top` on, and its y labels.

    At `reference`, in data units, methods are even; a ratio has the colour of the larger side.
    """

    canvas: Canvas
    palette: Palette
    left: int
    top: int
    columns: Scale
    rows: Scale
    y_ticks: Ticks
    reference: float | None = None

    @property
    def glyphs(self) -> Glyphs:
        return self.palette.glyphs

    @property
    def below(self) -> int:
        """The first row under it."""
        return self.top + self.rows.cells

    def column(self, x: float) -> int:
        return self.left + self.columns.cell(x)

    def row(self, y: float) -> int:
        return self.top + self.rows.cell(y)

    def grid(self) -> list[Mark]:
        """A dotted line at every label, and a dashed one at the reference."""
        glyphs, palette = self.glyphs, self.palette
        lines = [(y, glyphs.grid, palette.grid) for y, _ in self.y_ticks if y != self.reference]
        if self.reference is not None:
            lines.append((self.reference, glyphs.reference, palette.muted))
        ends = self.columns.first, self.columns.last
        return [Mark([[(x, y) for x in ends]], marker, Style(colour)) for y, marker, colour in lines]


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
    """The samples, each with its name in its colour; names are shortened if they do not all fit."""
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


def draw_title(plot: Plot, chart: LineChart | Bars | HeatMap, right: Sequence[Run]) -> None:
    """Title to the left, a legend to the right; the title gives way to a shorter one or to none."""
    canvas = plot.canvas
    if canvas.height < TITLE_FROM:
        return
    column = max(0, canvas.width - length(right))
    room = column - 2 if right else canvas.width
    title = next((text for text in (chart.title, chart.short_title) if len(text) <= room), "")
    canvas.text(0, 0, title, Style(plot.palette.text, bold=True))
    for text, style in right:
        canvas.text(column, 0, text, style)
        column += len(text)


def length(runs: Iterable[Run]) -> int:
    return sum(len(text) for text, _ in runs)


Emphasis = Sequence[tuple[float, Style]]
"""Values whose labels have a style of their own; that of the first counts where a value is in it twice."""


def draw_framed(
    plot: Plot,
    marks: Sequence[Mark],
    x_ticks: Ticks,
    x_title: str = "",
    x_emphasis: Emphasis = (),
    y_emphasis: Emphasis = (),
) -> None:
    """Have plotext draw the marks and, around them, the axes, whose y values are log10.

    As many ticks of x are drawn as have room for their labels, those of `x_emphasis` first; ticks of y, where there is
    a margin for them. The title is under the y labels, where it fits there.
    """
    canvas, columns, rows, line = plot.canvas, plot.columns, plot.rows, plot.palette.grid
    muted = Style(plot.palette.muted)

    def styled(ticks: Ticks, emphasis: Emphasis) -> tuple[Tick, ...]:
        styles = dict(reversed(emphasis))
        return tuple((value, text, styles.get(value, muted)) for value, text in ticks)

    rows_below = canvas.height - plot.below
    labels = x_labels(x_ticks, columns, [value for value, _ in x_emphasis]) if rows_below else []
    shown = styled([label[:2] for label in labels], x_emphasis)
    x = Axis(columns.first, columns.last, shown, line if rows_below > 1 else None)
    y = Axis(rows.last, rows.first, logarithmic=True)
    if plot.left:
        y = replace(y, ticks=styled(plot.y_ticks, y_emphasis), line=line)
    # plotext gives labels and lines the room that they need and the data the rest
    left = plot.left - max((len(text) for _, text, _ in y.ticks), default=0) - (y.line is not None)
    height = rows.cells + bool(x.ticks) + (x.line is not None)
    frame = Frame(plot.left + columns.cells - left, height, x, y)
    canvas.paste(left, plot.top, draw(frame, marks), plot.glyphs.drawn)
    if len(x_title) < plot.left and rows_below:
        canvas.text(0, canvas.height - 1, x_title, muted)
