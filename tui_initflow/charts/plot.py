"""The plot both line charts and scatters draw in: where its axes run and what shares its edges."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import Style
from tui_initflow.charts.description import LineChart, Scatter, Series
from tui_initflow.charts.frame import Area, Sample, margin_for, rows_for_data
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.scale import Rising, Scale, y_limits
from tui_initflow.charts.ticks import y_ticks

LEAST_DATA_ROWS = 3
"""Rows the data keeps before 0 and infinity get rows of their own."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A canvas with its axes; `data_top` is the canvas row where the finite values begin."""

    canvas: Canvas
    area: Area
    columns: Scale
    rows: Rising
    data_top: int
    labels: tuple[tuple[int, str], ...]
    reference: float | None
    glyphs: Glyphs
    palette: Palette

    def column(self, x: float) -> int:
        return self.area.left + self.columns.cell(x)

    def row(self, y: float) -> int:
        """The canvas row of a log10 value; infinity goes to the top edge, 0 and nan to the bottom edge."""
        if math.isfinite(y):
            return self.data_top + self.rows.row(y)
        return self.area.top if y == math.inf else self.area.top + self.area.height - 1

    def colour(self, series: Series, row: int) -> str:
        """A ratio takes the colour of the side that wins where it is drawn."""
        if series.role != "ratio" or self.reference is None:
            return self.palette.a if series.role == "a" else self.palette.b
        even = self.row(self.reference)
        return self.palette.text if row == even else self.palette.b if row < even else self.palette.a


def plot_for(canvas: Canvas, chart: LineChart | Scatter, glyphs: Glyphs, palette: Palette) -> Plot:
    top, height = rows_for_data(canvas.height)
    reference = chart.reference if isinstance(chart, LineChart) else None
    values = np.array([y for series in chart.series for y in series.y])
    present = (("0", np.any(values == -math.inf)), ("nan", np.any(np.isnan(values))))
    bottom = [name for name, there in present if there]
    above = int(bool(np.any(values == math.inf)) and height - 1 >= LEAST_DATA_ROWS)
    below = int(bool(bottom) and height - above - 1 >= LEAST_DATA_ROWS)
    data_height = height - above - below
    bands = (part for s in chart.series for part in (s.low, s.high) if part is not None)
    expected = chart.expected if isinstance(chart, LineChart) else ()
    theory = (part for e in expected for part in (e.limit, e.median, e.low, e.high))
    bounds = np.concatenate([values, *bands, *theory, [] if reference is None else [reference]])
    rows = Rising(Scale(*y_limits(bounds), data_height))
    ticks = y_ticks(rows, glyphs.braille, chart.y_unit) if np.any(np.isfinite(bounds)) else ()
    labels = [(above + rows.row(value), text) for value, text in ticks]
    labels += [(0, glyphs.infinity)] * above
    labels += [(height - 1, "/".join(bottom))] * below
    left = margin_for([text for _, text in labels], chart.x_title, canvas.width)
    xs = [x for series in chart.series for x in series.x]
    return Plot(
        canvas=canvas,
        area=Area(left, top, canvas.width - left, height),
        columns=Scale(min(xs, default=0.0), max(xs, default=0.0), canvas.width - left),
        rows=rows,
        data_top=top + above,
        labels=tuple(labels),
        reference=reference,
        glyphs=glyphs,
        palette=palette,
    )


def legend(plot: Plot, series: tuple[Series, ...], samples: dict[str, str]) -> list[Sample]:
    named = [(s, plot.colour(s, plot.area.top)) for s in series if s.name]
    return [Sample(samples[s.role], Style(colour, None), s.name, colour) for s, colour in named]


def draw_row(plot: Plot, row: int, char: str, style: Style) -> None:
    """A horizontal line through the whole area at a canvas row."""
    plot.canvas.text(plot.area.left, row, char * plot.area.width, style)


def draw_grid(plot: Plot) -> None:
    for row, _ in plot.labels:
        draw_row(plot, plot.area.top + row, plot.glyphs.grid, Style(plot.palette.grid, None))


def draw_unplaceable(plot: Plot, series: tuple[Series, ...]) -> None:
    """Mark 0, infinity and nan at the edge; the second series one row further in where both are."""
    taken: dict[tuple[int, int], Series] = {}
    for s in series:
        for x, y in zip(s.x, s.y, strict=True):
            if math.isfinite(y):
                continue
            column, row = plot.column(x), plot.row(y)
            if taken.get((column, row), s) is not s and plot.area.height > 1:
                row += 1 if y == math.inf else -1
            taken[column, row] = s
            char = plot.glyphs.nan if math.isnan(y) else plot.glyphs.above if y > 0 else plot.glyphs.below
            plot.canvas.put(column, row, char, Style(plot.colour(s, row), None, bold=True))
