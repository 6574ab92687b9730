"""The plot that line charts and scatters share: where its axes run, and the marks of what has no place on them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tui_initflow.charts.axes import Scale, Ticks, y_limits, y_ticks
from tui_initflow.charts.cells import Canvas, Style
from tui_initflow.charts.description import LineChart, Series
from tui_initflow.charts.frame import Area, margin_for, rows_for_data
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.plotext_adapter import Mark, dots

LEAST_DATA_ROWS = 3
"""Rows the data keeps before 0 and infinity get rows of their own."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A canvas with its axes. `labels` are log10 values with their texts.

    Where the data has infinities, the top row is theirs; zeros and nan have the bottom row.
    """

    canvas: Canvas
    area: Area
    labels: Ticks
    reference: float | None
    glyphs: Glyphs
    palette: Palette

    def colour(self, series: Series, row: int) -> str:
        """The colour at a canvas row: a ratio takes that of the side that wins there."""
        if series.role != "ratio" or self.reference is None:
            return self.palette.a if series.role == "a" else self.palette.b
        even = self.area.row(self.reference)
        return self.palette.text if row == even else self.palette.b if row < even else self.palette.a


def plot_for(canvas: Canvas, chart: LineChart, glyphs: Glyphs, palette: Palette) -> Plot:
    top, height = rows_for_data(canvas.height)
    values = np.concatenate([[], *(series.y for series in chart.series)])
    present = (("0", np.any(values == -math.inf)), ("nan", np.any(np.isnan(values))))
    bottom = [name for name, is_present in present if is_present]
    above = int(bool(np.any(values == math.inf)) and height - 1 >= LEAST_DATA_ROWS)
    below = int(bool(bottom) and height - above - 1 >= LEAST_DATA_ROWS)
    drawn = (*chart.series, *chart.limits, *chart.expected)
    bounds = np.concatenate([values, *(part for series in drawn for part in (series.y, *series.band))])
    if chart.reference is not None:
        bounds = np.append(bounds, chart.reference)
    low, high = y_limits(bounds)
    finite = Scale(high, low, height - above - below)
    row = (high - low) / max(finite.cells - 1, 1)
    rows = Scale(high + row * above, low - row * below, height)
    labels = [*y_ticks(finite, glyphs.unicode, chart.y_unit)] if np.any(np.isfinite(bounds)) else []
    labels += [(rows.first, glyphs.infinity)] * above
    labels += [(rows.last, "/".join(bottom))] * below
    left = margin_for([text for _, text in labels], chart.x_title, canvas.width)
    xs = np.concatenate([[], *(series.x for series in chart.series)]).tolist() or [0.0]
    # a single value is in the middle
    if not all(map(math.isfinite, xs)):
        raise ValueError("the x values of a series must be finite")
    half = 0.5 if min(xs) == max(xs) else 0.0
    columns = Scale(min(xs) - half, max(xs) + half, canvas.width - left)
    return Plot(canvas, Area(left, top, columns, rows), labels, chart.reference, glyphs, palette)


def unplaceable(plot: Plot, series: Sequence[Series]) -> Iterator[Mark]:
    """Marks of 0, infinity and nan at the edge; the second series one row further in where both are."""
    taken: dict[tuple[int, int], Series] = {}
    for s in series:
        for x, y in s.points:
            if math.isfinite(y):
                continue
            column, row = plot.area.column(x), plot.area.row(y if y == math.inf else -math.inf)
            if taken.get((column, row), s) is not s and plot.area.rows.cells > 1:
                row += 1 if y == math.inf else -1
            taken[column, row] = s
            style = Style(plot.colour(s, row), bold=True)
            yield dots([(x, plot.area.rows.value_at(row - plot.area.top + 0.5))], plot.glyphs.mark_of(y), style)
