"""The furniture around a plot: title line with the legend, axes, tick labels; and the area left for the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import Ticks
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.scale import Scale
from tui_initflow.charts.ticks import thinned

Sample = tuple[str, str, str]
"""A legend entry: the sample's characters, the name, the colour of both."""

AXIS_LINE_FROM = 10
"""Rows a chart needs before a row is spent on the line of its x axis."""


@dataclass(frozen=True, slots=True)
class Area:
    """The cells the data is drawn in."""

    left: int
    top: int
    width: int
    height: int


def rows_for_data(height: int) -> tuple[int, int]:
    """First row and number of rows of the data in a chart of `height` rows."""
    title = 1 if height >= 4 else 0
    ticks = 1 if height >= 3 else 0
    line = 1 if height >= AXIS_LINE_FROM else 0
    return title, height - title - ticks - line


def margin_for(labels: Sequence[str], width: int) -> int:
    """Columns for the y labels and the axis line; none where they would take half of the chart."""
    needed = max(map(len, labels), default=0) + 1
    return needed if needed * 2 < width else 0


def draw_title(canvas: Canvas, title: str, legend: Sequence[Sample], palette: Palette) -> None:
    """Title to the left, legend to the right; the title gives way, at its words, then names are cut."""
    legend_width = _legend_width(legend)
    shown = title
    while shown and legend and len(shown) + 2 + legend_width > canvas.width:
        shown = shown.rpartition(" ")[0]
    if not legend and len(shown) > canvas.width:
        shown = shown[: max(canvas.width - 1, 0)] + "…"
    canvas.text(0, 0, shown, Style(palette.text, None, bold=True))
    if legend_width > canvas.width:
        room = max(1, (canvas.width - _legend_width([(s, "", c) for s, _, c in legend])) // max(len(legend), 1))
        legend = [(s, n if len(n) <= room else n[: room - 1] + "…", c) for s, n, c in legend]
    column = max(0, canvas.width - _legend_width(legend))
    for sample, name, colour in legend:
        canvas.text(column, 0, f"{sample} {name}", Style(colour, None))
        column += len(sample) + len(name) + 3


def draw_y_axis(
    canvas: Canvas, area: Area, labels: Sequence[tuple[int, str]], unicode: bool, palette: Palette
) -> None:
    """Labels (row within the area, text) left of a vertical line."""
    if area.left == 0:
        return
    line, tick = ("│", "┤") if unicode else ("|", "+")
    for row in range(area.height):
        canvas.put(area.left - 1, area.top + row, line, Style(palette.grid, None))
    for row, text in labels:
        canvas.put(area.left - 1, area.top + row, tick, Style(palette.grid, None))
        canvas.text(area.left - 1 - len(text), area.top + row, text, Style(palette.muted, None))


def draw_x_axis(
    canvas: Canvas,
    area: Area,
    columns: Scale,
    ticks: Ticks,
    title: str,
    emphasis: Sequence[tuple[float, Style]],
    unicode: bool,
    palette: Palette,
) -> None:
    """The axis line where there is a row for it, the labels under it, the title where labels leave room."""
    below = area.top + area.height
    if below >= canvas.height:
        return
    labels = thinned(ticks, columns, [value for value, _ in emphasis], canvas.width, area.left)
    styles = dict(reversed(emphasis))
    if below + 1 < canvas.height:
        line, tick, corner = ("─", "┴", "└") if unicode else ("-", "+", "+")
        canvas.text(area.left, below, line * area.width, Style(palette.grid, None))
        if area.left:
            canvas.put(area.left - 1, below, corner, Style(palette.grid, None))
        for label in labels:
            canvas.put(label.column, below, tick, Style(palette.grid, None))
    row = canvas.height - 1
    for label in labels:
        canvas.text(label.start, row, label.text, styles.get(label.value, Style(palette.muted, None)))
    first = min((label.start for label in labels), default=canvas.width)
    if title and len(title) + 1 <= first:
        canvas.text(0, row, title, Style(palette.muted, None))


def _legend_width(legend: Sequence[Sample]) -> int:
    return sum(len(sample) + 1 + len(name) for sample, name, _ in legend) + 2 * max(len(legend) - 1, 0)
