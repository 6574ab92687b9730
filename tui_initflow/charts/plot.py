"""The plot that line charts and scatters share: where its axes run, and the marks of what has no place on them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tui_initflow.charts.axes import Rising, Scale, y_limits, y_ticks
from tui_initflow.charts.cells import Canvas, Style
from tui_initflow.charts.description import LineChart, Scatter, Series
from tui_initflow.charts.frame import Area, Sample, margin_for, rows_for_data
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
    columns: Scale
    rows: Rising
    labels: tuple[tuple[float, str], ...]
    reference: float | None
    glyphs: Glyphs
    palette: Palette

    def column(self, x: float) -> int:
        return self.area.left + self.columns.cell(x)

    def row(self, y: float) -> int:
        """The canvas row of a log10 value; infinity goes to the top edge, 0 and nan to the bottom edge."""
        return self.area.top + self.rows.row(self.placed(y))

    def placed(self, y: float) -> float:
        """A log10 value that is within the limits."""
        if math.isfinite(y):
            return y
        return self.rows.scale.high if y == math.inf else self.rows.scale.low

    def colour(self, series: Series, row: int) -> str:
        """The colour at a canvas row: a ratio takes that of the side that wins there."""
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
    bands = (part for s in chart.series for part in (s.low, s.high) if part is not None)
    expected = chart.expected if isinstance(chart, LineChart) else ()
    theory = (part for e in expected for part in (e.limit, e.median, e.low, e.high))
    bounds = np.concatenate([values, *bands, *theory, [] if reference is None else [reference]])
    low, high = y_limits(bounds)
    finite = Rising(Scale(low, high, height - above - below))
    row = (high - low) / max(finite.scale.cells - 1, 1)
    rows = Rising(Scale(low - row * below, high + row * above, height))
    labels = list(y_ticks(finite, glyphs.unicode, chart.y_unit)) if np.any(np.isfinite(bounds)) else []
    labels += [(rows.scale.high, glyphs.infinity)] * above
    labels += [(rows.scale.low, "/".join(bottom))] * below
    left = margin_for([text for _, text in labels], chart.x_title, canvas.width)
    xs = [x for series in chart.series for x in series.x]
    return Plot(
        canvas=canvas,
        area=Area(left, top, canvas.width - left, height),
        columns=Scale(min(xs, default=0.0), max(xs, default=0.0), canvas.width - left),
        rows=rows,
        labels=tuple(labels),
        reference=reference,
        glyphs=glyphs,
        palette=palette,
    )


def legend(plot: Plot, series: tuple[Series, ...], samples: dict[str, str]) -> list[Sample]:
    named = [(s, plot.colour(s, plot.area.top)) for s in series if s.name]
    return [Sample(samples[s.role], Style(colour, None), s.name, colour) for s, colour in named]


def unplaceable(plot: Plot, series: tuple[Series, ...]) -> Iterator[Mark]:
    """Marks of 0, infinity and nan at the edge; the second series one row further in where both are."""
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
            yield dots(
                [(x, plot.rows.value_of(row - plot.area.top))], char, Style(plot.colour(s, row), None, bold=True)
            )
