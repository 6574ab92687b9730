"""The pre-activations of one layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tui_initflow.charts.description import Histogram
from tui_initflow.charts.numbers import values

REACH = 4.0
"""The bins reach from -REACH to REACH."""


def histogram_chart(layer: int, counts_a: ArrayLike, counts_b: ArrayLike, footers: tuple[str, ...] = ()) -> Histogram:
    """`counts_a` and `counts_b` (bins,) are counts in equal bins over [-4, 4]."""
    a, b = values(counts_a), values(counts_b)
    return Histogram(
        title=f"L{layer}",
        edges=values(np.linspace(-REACH, REACH, len(a) + 1)),
        a_counts=a,
        b_counts=b,
        footers=footers,
    )
