"""The final gradients of both methods, run by run."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tui_initflow.charts.description import Scatter, Series
from tui_initflow.charts.numbers import values

SHOWN = 100
"""The last runs that are shown."""


def runs_chart(name_a: str, final_a: ArrayLike, name_b: str, final_b: ArrayLike, first_run: int = 1) -> Scatter:
    """`final_a` and `final_b` (runs,) are log10 final gradients, the first of them that of run `first_run`."""
    a, b = values(final_a), values(final_b)
    first_run += max(0, len(a) - SHOWN)
    a, b = a[-SHOWN:], b[-SHOWN:]
    runs = values(np.arange(first_run, first_run + len(a)))
    return Scatter(
        title="Final gradient by run",
        short_title="Final gradient",
        series=(Series(name_a, "a", runs, a), Series(name_b, "b", runs, b)),
        x_title="Run",
        x_ticks=tuple((run, f"{run:g}") for run in runs),
    )
