"""The gradient magnitude of both methods through the layers."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tui_initflow.charts.description import LineChart, Role, Series
from tui_initflow.charts.numbers import layer_ticks, values


class Spread(Protocol):
    """Median and 10 % and 90 % quantiles over the runs, each (L + 1,) in log10."""

    @property
    def median(self) -> NDArray[np.float64]: ...
    @property
    def p10(self) -> NDArray[np.float64]: ...
    @property
    def p90(self) -> NDArray[np.float64]: ...


def gradient_chart(name_a: str, a: Spread, name_b: str, b: Spread) -> LineChart:
    return LineChart(
        title="Gradient magnitude through layers, log scale",
        short_title="Gradient",
        series=(_series(name_a, "a", a), _series(name_b, "b", b)),
        x_title="Layer",
        x_ticks=layer_ticks(len(a.median)),
    )


def _series(name: str, role: Role, spread: Spread) -> Series:
    x = values(np.arange(len(spread.median)))
    median, low, high = (values(part) for part in (spread.median, spread.p10, spread.p90))
    # one run has no band
    return Series(name, role, x, median) if low == high else Series(name, role, x, median, low, high)
