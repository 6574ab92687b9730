"""Charts to draw in tests, one of each kind, from whatever numbers a test brings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tui_initflow.charts.cells import Picture
from tui_initflow.charts.description import Chart
from tui_initflow.charts.from_results import gradient_chart, histogram_chart, layer_bars, runs_chart, sweep_chart


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with its quantiles, (points,)."""

    median: NDArray[np.float64]
    p10: NDArray[np.float64]
    p90: NDArray[np.float64]


def spread(median: ArrayLike, half: float = 0.2) -> Spread:
    middle = np.array(median, dtype=np.float64)
    return Spread(middle, middle - half, middle + half)


def every_chart(a: ArrayLike, b: ArrayLike) -> list[Chart]:
    """One chart of each kind from log10 values `a` and `b` of the same length."""
    with np.errstate(all="ignore"):
        counts = np.nan_to_num(np.abs(np.array(a, dtype=np.float64)), nan=0.0, posinf=1e300, neginf=0.0)
        xs = [float(x) for x in range(1, len(np.asarray(a)) + 1)]
        return [
            gradient_chart("Uniform", spread(a), "Normal", spread(b)),
            gradient_chart("Uniform", spread(a, 0.0), "Normal", spread(b, 0.0)),
            sweep_chart("Normal/Uniform", "Layers", xs, a, spread(a).p10, b, current=2.0, cursor=3.0),
            runs_chart("Uniform", a, "Normal", b, 1),
            layer_bars("Uniform", a, "Normal", b),
            histogram_chart(1, counts, counts[::-1]),
        ]


def demo() -> Chart:
    """The gradient through ten layers as the demo shows it."""
    t = np.linspace(1.0, 0.0, 11)
    return gradient_chart("Uniform", spread(-2.33 * t), "Normal", spread(-0.545 * t))


def lines(picture: Picture) -> list[str]:
    """The characters of each row, shade and all."""
    return ["".join(text for text, _ in row) for row in picture]
