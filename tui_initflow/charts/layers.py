"""The gradient of each layer as bars, both methods side by side."""

from __future__ import annotations

from numpy.typing import ArrayLike

from tui_initflow.charts.description import Bars
from tui_initflow.charts.numbers import values


def layer_bars(name_a: str, a: ArrayLike, name_b: str, b: ArrayLike) -> Bars:
    """`a` and `b` (L + 1,) are log10 gradients."""
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
