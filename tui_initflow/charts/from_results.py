"""Descriptions of the charts, from arrays of results and predictions."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tui_initflow.charts.axes import round_steps
from tui_initflow.charts.description import (
    Bars,
    Expectation,
    HeatMap,
    Histogram,
    LineChart,
    Place,
    Role,
    Scatter,
    Series,
    Ticks,
    Values,
)

MOST_RUNS = 100
"""The last runs that a scatter shows."""

REACH = 4.0
"""Histograms have bins from -REACH to REACH."""

_MOST_TICKS = 60


class Spread(Protocol):
    """Median and 10 % and 90 % quantiles over the runs, each (L + 1,) in log10."""

    @property
    def median(self) -> NDArray[np.float64]: ...
    @property
    def p10(self) -> NDArray[np.float64]: ...
    @property
    def p90(self) -> NDArray[np.float64]: ...


class Predicted(Protocol):
    """What theory predicts, each (L + 1,) in log10: at infinite width, and median and quantiles at this width."""

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
    """Both methods' gradients through the layers; what `predicted` has of a and b is drawn over them."""
    roles: tuple[Role, Role] = ("a", "b")
    return LineChart(
        title="Gradient magnitude through layers, log scale",
        short_title="Gradient",
        series=(_measured(name_a, "a", a), _measured(name_b, "b", b)),
        x_title="Layer",
        x_ticks=_layer_ticks(len(a.median)),
        expected=() if predicted is None else tuple(map(_expectation, roles, predicted)),
    )


def _measured(name: str, role: Role, spread: Spread) -> Series:
    x = values(np.arange(len(spread.median)))
    median, low, high = (values(part) for part in (spread.median, spread.p10, spread.p90))
    # one run has no band
    return Series(name, role, x, median) if low == high else Series(name, role, x, median, low, high)


def _expectation(role: Role, predicted: Predicted) -> Expectation:
    # without a reliable number there is nothing to draw but the limit
    median, low, high = (
        values(np.where(predicted.reliable, part, np.nan))
        for part in (predicted.log10_median, predicted.log10_p10, predicted.log10_p90)
    )
    x = values(np.arange(len(predicted.log10_gradient)))
    return Expectation(role, x, values(predicted.log10_gradient), median, low, high)


def prediction_chart(name_a: str, a: Predicted, name_b: str, b: Predicted) -> LineChart:
    """What theory predicts without a measurement beside it.

    Medians with their bands at this width; infinite width, without a band, where these are not reliable.
    """
    series = (_predicted(name_a, "a", a), _predicted(name_b, "b", b))
    first = min((x for s in series for x in s.x), default=0.0)
    return LineChart(
        title="Predicted gradient magnitude through layers, log scale",
        short_title="Predicted gradient",
        series=series,
        x_title="Layer",
        x_ticks=tuple(tick for tick in _layer_ticks(len(a.log10_gradient)) if tick[0] >= first),
    )


def _predicted(name: str, role: Role, predicted: Predicted) -> Series:
    curve = np.where(predicted.reliable, predicted.log10_median, predicted.log10_gradient)
    low, high = (np.where(predicted.reliable, part, np.nan) for part in (predicted.log10_p10, predicted.log10_p90))
    known = ~np.isnan(curve)
    return Series(name, role, *(values(part[known]) for part in (np.arange(len(curve)), curve, low, high)))


def sweep_chart(
    ratio: str,
    over: str,
    at: ArrayLike,
    mean: ArrayLike,
    p10: ArrayLike,
    p90: ArrayLike,
    *,
    current: float | None = None,
    cursor: float | None = None,
) -> LineChart:
    """`ratio` names the ratio, `over` the setting; mean, p10 and p90 are log10 ratios at the values `at`."""
    xs = values(at)
    series = Series("", "ratio", xs, values(mean), values(p10), values(p90))
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


def runs_chart(name_a: str, final_a: ArrayLike, name_b: str, final_b: ArrayLike, first_run: int = 1) -> Scatter:
    """`final_a` and `final_b` (runs,) are log10 final gradients, the first of them that of run `first_run`."""
    a, b = values(final_a), values(final_b)
    first_run += max(0, len(a) - MOST_RUNS)
    a, b = a[-MOST_RUNS:], b[-MOST_RUNS:]
    runs = values(np.arange(first_run, first_run + len(a)))
    return Scatter(
        title="Final gradient by run",
        short_title="Final gradient",
        series=(Series(name_a, "a", runs, a), Series(name_b, "b", runs, b)),
        x_title="Run",
        x_ticks=tuple((run, f"{run:g}") for run in runs),
    )


def layer_bars(name_a: str, a: ArrayLike, name_b: str, b: ArrayLike) -> Bars:
    """`a` and `b` (L + 1,) are log10 gradients by layer."""
    heights = values(a)
    return Bars(
        title="Gradient by layer",
        short_title="Gradient",
        labels=tuple(f"L{layer}" for layer in range(len(heights))),
        a_name=name_a,
        a=heights,
        b_name=name_b,
        b=values(b),
    )


def histogram_chart(layer: int, counts_a: ArrayLike, counts_b: ArrayLike, footers: tuple[str, ...] = ()) -> Histogram:
    """The pre-activations of one layer: `counts_a` and `counts_b` (bins,) in equal bins over [-4, 4]."""
    a, b = values(counts_a), values(counts_b)
    edges = values(np.linspace(-REACH, REACH, len(a) + 1))
    return Histogram(title=f"L{layer}", edges=edges, a_counts=a, b_counts=b, footers=footers)


def heat_map(
    title: str,
    short_title: str,
    role: Role,
    log10: ArrayLike,
    done: NDArray[np.bool_],
    *,
    x: tuple[str, ArrayLike],
    y: tuple[str, ArrayLike],
    sides: tuple[str, str],
    current: Place | None = None,
    cursor: Place | None = None,
) -> HeatMap:
    """`log10` (rows, columns) where `done`, from the smallest y on; x and y are a name and its values.

    `sides` say what values below and above 0 mean.
    """
    numbers = np.asarray(log10, dtype=np.float64)
    rows = (zip(*pair, strict=True) for pair in zip(numbers.tolist(), done.tolist(), strict=True))
    return HeatMap(
        title=title,
        short_title=short_title,
        role=role,
        rows=tuple(tuple(_number(number) if is_done else None for number, is_done in row) for row in rows),
        x_title=x[0],
        x_labels=tuple(f"{value:g}" for value in values(x[1])),
        y_title=y[0],
        y_labels=tuple(f"{value:g}" for value in values(y[1])),
        low_name=sides[0],
        high_name=sides[1],
        current=current,
        cursor=cursor,
    )


def values(array: ArrayLike) -> Values:
    """A one-dimensional array as a tuple of floats."""
    numbers = np.asarray(array, dtype=np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"a series has one dimension, not shape {numbers.shape}")
    return tuple(map(_number, numbers.tolist()))


def _number(number: float) -> float:
    # one nan object, so that descriptions with nan in the same places are equal
    return math.nan if number != number else number


def _layer_ticks(points: int) -> Ticks:
    """L0 … L{points - 1}, every n-th of many."""
    step = next(step for step in round_steps() if step * _MOST_TICKS >= points)
    layers = [*range(0, points - 1, step), points - 1] if points else []
    return tuple((float(layer), f"L{layer}") for layer in layers)
