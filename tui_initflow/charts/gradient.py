"""The gradient magnitude of both methods through the layers."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tui_initflow.charts.description import Expectation, LineChart, Role, Series
from tui_initflow.charts.numbers import layer_ticks, values


class Spread(Protocol):
    """Median and 10 % and 90 % quantiles over the runs, each (L + 1,) in log10."""

    @property
    def median(self) -> NDArray[np.float64]: ...
    @property
    def p10(self) -> NDArray[np.float64]: ...
    @property
    def p90(self) -> NDArray[np.float64]: ...


class Predicted(Protocol):
    """Of the same points, each (L + 1,) in log10: at infinite width, and median and quantiles at this width."""

    @property
    def log10_gradient(self) -> NDArray[np.float64]: ...
    @property
    def log10_median(self) -> NDArray[np.float64]: ...
    @property
    def log10_p10(self) -> NDArray[np.float64]: ...
    @property
    def log10_p90(self) -> NDArray[np.float64]: ...
    @property
    def reliable(self) -> NDArray[np.bool_]: ...


def gradient_chart(
    name_a: str, a: Spread, name_b: str, b: Spread, predicted: tuple[Predicted, Predicted] | None = None
) -> LineChart:
    """Both methods' gradients; what `predicted` has of a and b is drawn over them."""
    roles: tuple[Role, Role] = ("a", "b")
    return LineChart(
        title="Gradient magnitude through layers, log scale",
        short_title="Gradient",
        series=(_series(name_a, "a", a), _series(name_b, "b", b)),
        x_title="Layer",
        x_ticks=layer_ticks(len(a.median)),
        expected=() if predicted is None else tuple(map(_expectation, roles, predicted)),
    )


def _expectation(role: Role, found: Predicted) -> Expectation:
    # without a reliable number there is nothing to draw but the limit
    median, low, high = (
        values(np.where(found.reliable, part, np.nan))
        for part in (found.log10_median, found.log10_p10, found.log10_p90)
    )
    return Expectation(
        role, values(np.arange(len(found.log10_gradient))), values(found.log10_gradient), median, low, high
    )


def _series(name: str, role: Role, spread: Spread) -> Series:
    x = values(np.arange(len(spread.median)))
    median, low, high = (values(part) for part in (spread.median, spread.p10, spread.p90))
    # one run has no band
    return Series(name, role, x, median) if low == high else Series(name, role, x, median, low, high)
