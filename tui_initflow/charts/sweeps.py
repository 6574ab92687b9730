"""The ratio of the two methods against one swept setting."""

from __future__ import annotations

from numpy.typing import ArrayLike

from tui_initflow.charts.description import LineChart, Series
from tui_initflow.charts.numbers import values as floats


def sweep_chart(
    ratio: str,
    over: str,
    values: ArrayLike,
    mean: ArrayLike,
    p10: ArrayLike,
    p90: ArrayLike,
    *,
    current: float | None = None,
    cursor: float | None = None,
) -> LineChart:
    """`ratio` names the ratio, `over` the setting; mean, p10 and p90 are log10 ratios at `values`."""
    xs = floats(values)
    series = Series("", "ratio", xs, floats(mean), floats(p10), floats(p90))
    return LineChart(
        title=f"{ratio} by {over}",
        short_title=f"Ratio by {over}",
        series=(series,),
        x_title=over,
        x_ticks=tuple((x, f"{x:g}") for x in xs),
        y_unit="x",
        reference=0.0,
        highlight=None if current is None else float(current),
        cursor=None if cursor is None else float(cursor),
    )
