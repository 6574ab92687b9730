"""Charts to draw in tests, one of each kind, from whatever numbers a test brings."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tui_initflow.charts.cells import Picture
from tui_initflow.charts.description import Bars, Chart, Histogram, LineChart, Role, Scatter, Series


def series(name: str, role: Role, y: ArrayLike, half: float = 0.2) -> Series:
    """A curve over 0, 1, 2 … with a band that reaches `half` up and down."""
    middle = np.array(y, dtype=np.float64)
    return Series(name, role, np.arange(len(middle), dtype=np.float64), middle, (middle - half, middle + half))


def gradient(a: ArrayLike, b: ArrayLike, half: float = 0.2) -> LineChart:
    curves = (series("Uniform", "a", a, half), series("Normal", "b", b, half))
    ticks = [(x, f"L{x:g}") for x in curves[0].x.tolist()]
    return LineChart("Gradient magnitude through layers, log scale", "Gradient", curves, "Layer", ticks)


def sweep(mean: Series, current: float | None = None, cursor: float | None = None) -> LineChart:
    ticks = [(x, f"{x:g}") for x in mean.x.tolist()]
    shown = ("Normal/Uniform by Layers", "Ratio by Layers", [mean], "Layers", ticks, "x")
    return LineChart(*shown, reference=0.0, highlight=current, cursor=cursor)


def runs(a: ArrayLike, b: ArrayLike) -> Scatter:
    numbers = np.arange(1.0, len(np.asarray(a)) + 1)
    points = (
        Series("Uniform", "a", numbers, np.array(a, dtype=np.float64)),
        Series("Normal", "b", numbers, np.array(b, dtype=np.float64)),
    )
    ticks = [(x, f"{x:g}") for x in numbers.tolist()]
    return Scatter("Final gradient by run", "Final gradient", points, "Run", ticks)


def bars(a: list[float], b: list[float]) -> Bars:
    labels = [f"L{layer}" for layer in range(len(a))]
    return Bars("Gradient by layer", "Gradient", labels, [("Uniform", a), ("Normal", b)])


def histogram(a_counts: list[float], b_counts: list[float]) -> Histogram:
    return Histogram("L1", -4.0, 4.0, a_counts, b_counts)


def every_chart(a: ArrayLike, b: ArrayLike) -> list[Chart]:
    """One chart of each kind from log10 values `a` and `b` of the same length."""
    with np.errstate(all="ignore"):
        first, second = (np.array(values, dtype=np.float64) for values in (a, b))
        counts = np.nan_to_num(np.abs(first), nan=0.0, posinf=1e300, neginf=0.0).tolist()
        xs = np.arange(1.0, len(first) + 1)
        return [
            gradient(a, b),
            gradient(a, b, 0.0),
            sweep(Series("", "ratio", xs, first, (first - 0.2, second)), current=2.0, cursor=3.0),
            runs(a, b),
            bars(first.tolist(), second.tolist()),
            histogram(counts, counts[::-1]),
        ]


def demo() -> Chart:
    """The gradient through ten layers as the demo shows it."""
    t = np.linspace(1.0, 0.0, 11)
    return gradient(-2.33 * t, -0.545 * t)


def lines(picture: Picture) -> list[str]:
    """The characters of each row, shade and all."""
    return ["".join(text for text, _ in row) for row in picture]
