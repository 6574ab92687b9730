"""What theory predicts for both methods, without a measurement beside it."""

from __future__ import annotations

import numpy as np

from tui_initflow.charts.description import LineChart, Role, Series
from tui_initflow.charts.gradient import Predicted
from tui_initflow.charts.numbers import layer_ticks, values


def prediction_chart(name_a: str, a: Predicted, name_b: str, b: Predicted) -> LineChart:
    """Medians with their bands at this width; infinite width, without a band, where these are not reliable."""
    series = (_series(name_a, "a", a), _series(name_b, "b", b))
    first = min(x for each in series for x in each.x)
    return LineChart(
        title="Predicted gradient magnitude through layers, log scale",
        short_title="Predicted gradient",
        series=series,
        x_title="Layer",
        x_ticks=tuple(tick for tick in layer_ticks(len(a.log10_gradient)) if tick[0] >= first),
    )


def _series(name: str, role: Role, found: Predicted) -> Series:
    curve = np.where(found.reliable, found.log10_median, found.log10_gradient)
    low, high = (np.where(found.reliable, part, np.nan) for part in (found.log10_p10, found.log10_p90))
    known = ~np.isnan(curve)
    return Series(name, role, *(values(part[known]) for part in (np.arange(len(curve)), curve, low, high)))
