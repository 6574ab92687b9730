"""Values over two settings as a heat map."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tui_initflow.charts.description import HeatMap, Place, Role
from tui_initflow.charts.numbers import values as floats


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
        rows=tuple(tuple(_value(number) if is_there else None for number, is_there in row) for row in rows),
        x_title=x[0],
        x_labels=tuple(f"{value:g}" for value in floats(x[1])),
        y_title=y[0],
        y_labels=tuple(f"{value:g}" for value in floats(y[1])),
        low_name=sides[0],
        high_name=sides[1],
        current=current,
        cursor=cursor,
    )


def _value(number: float) -> float:
    # one nan object, so that maps with nan in the same places are equal
    return math.nan if math.isnan(number) else number
