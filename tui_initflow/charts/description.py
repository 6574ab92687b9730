"""What a chart shows, free of sizes and colours.

All y values are log10, unless ticks say otherwise, and may be -inf (0, an underflow), +inf or nan: those are marked at
the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tui_initflow.charts.axes import Floats, Ticks

Role = Literal["a", "b", "ratio"]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve: finite x (points,), y (points,) in log10, and of its band, if it has one, both ends: low and high."""

    name: str
    role: Role
    x: Floats
    y: Floats
    band: tuple[Floats, ...] = ()

    @property
    def points(self) -> list[tuple[float, float]]:
        return list(zip(self.x.tolist(), self.y.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Zone:
    """Values from `low` to `high`, log10 or infinite, that are out of reach (`is_lost`) or hardly in it."""

    name: str
    low: float
    high: float
    is_lost: bool


@dataclass(frozen=True, slots=True, eq=False)
class LineChart:
    """Curves over a common x; `reference` is the log10 y of a dashed line, `highlight` and `cursor` are x.

    `limits` are thin lines under the curves, and `expected` are marks over them, their bands whiskers: what theory
    says, or how things were before. `ghosts` are thin lines in the colours of the curves. `zones` are shaded as far as
    they are in sight. With `y_ticks`, y is no logarithm: the axis reaches over all of them.
    """

    title: str
    short_title: str
    series: Sequence[Series]
    x_title: str
    x_ticks: Ticks
    y_unit: str = ""
    reference: float | None = None
    highlight: float | None = None
    cursor: float | None = None
    limits: Sequence[Series] = ()
    expected: Sequence[Series] = ()
    zones: Sequence[Zone] = ()
    y_ticks: Ticks = ()
    ghosts: Sequence[Series] = ()


class Scatter(LineChart):
    """One marker a point, not joined: for points that have no order worth a line."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Two distributions over the same equal bins from `low` to `high`, counts (bins,), each drawn to its own peak.

    One of them alone has no counts of the other.
    """

    title: str
    low: float
    high: float
    a_counts: Sequence[float]
    b_counts: Sequence[float]


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """One bar or two side by side for each label: their name, and heights in log10 (labels,)."""

    title: str
    short_title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]


Place = tuple[int, int]
"""(column, row), counted from the left and from the bottom."""


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """Values over two axes as coloured cells: log10 (rows, columns) from the bottom up, known where `done`.

    `low_name` and `high_name` say what values below and above 0 mean. `line` (columns,) goes over the cells, in rows
    from the middle of the lowest one; nan leaves a column out.
    """

    title: str
    short_title: str
    role: Role
    values: Floats
    done: NDArray[np.bool_]
    x_title: str
    x_labels: Sequence[str]
    y_title: str
    y_labels: Sequence[str]
    low_name: str
    high_name: str
    current: Place | None = None
    cursor: Place | None = None
    line: Sequence[float] = ()
    line_name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ShareMap(HeatMap):
    """The same with values from 0 to 1, which are written in percent and coloured from `least` on."""

    least: float = 0.0


Chart = LineChart | Histogram | Bars | HeatMap
