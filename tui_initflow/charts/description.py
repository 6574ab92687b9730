"""What a chart shows, free of sizes and colours; equal descriptions draw equal pictures.

All y values are log10 and may be -inf (0, an underflow), +inf or nan: those are marked at the edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Role = Literal["a", "b", "ratio"]
Ticks = tuple[tuple[float, str], ...]
Values = tuple[float, ...]

LARGEST_X = 1e15


@dataclass(frozen=True, slots=True)
class Series:
    """One curve: x (points,), y (points,) in log10, and a band low..high (points,) where there is one."""

    name: str
    role: Role
    x: Values
    y: Values
    low: Values | None = None
    high: Values | None = None

    def __post_init__(self) -> None:
        for values in (self.y, self.low, self.high):
            if values is not None and len(values) != len(self.x):
                raise ValueError(f"{self.name}: {len(self.x)} x values but {len(values)} y values")
        if not all(abs(x) <= LARGEST_X for x in self.x):
            raise ValueError(f"{self.name}: x values must be finite and at most {LARGEST_X:g}")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What theory expects of a series at the same x: (points,) in log10, nan where it has no number.

    `limit` is drawn as a thin line under the series, `median` as marks on it, low..high as whiskers.
    """

    role: Role
    x: Values
    limit: Values
    median: Values
    low: Values
    high: Values


@dataclass(frozen=True, slots=True)
class LineChart:
    """Curves over a common x; `reference` is the log10 y of a dashed line, `highlight` and `cursor` are x."""

    title: str
    short_title: str
    series: tuple[Series, ...]
    x_title: str
    x_ticks: Ticks
    y_unit: str = ""
    reference: float | None = None
    highlight: float | None = None
    cursor: float | None = None
    expected: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class Scatter:
    """One marker a point, not joined: for points that have no order worth a line."""

    title: str
    short_title: str
    series: tuple[Series, ...]
    x_title: str
    x_ticks: Ticks
    y_unit: str = ""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Two distributions over the same bins: edges (bins + 1,), counts (bins,), each drawn to its own peak."""

    title: str
    edges: Values
    a_counts: Values
    b_counts: Values
    footers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for counts in (self.a_counts, self.b_counts):
            if len(counts) + 1 != len(self.edges):
                raise ValueError(f"{self.title}: {len(counts)} counts for {len(self.edges)} edges")
            if not all(math.isfinite(count) and count >= 0 for count in counts):
                raise ValueError(f"{self.title}: counts must be finite and not negative")


@dataclass(frozen=True, slots=True)
class Bars:
    """Two bars side by side for each label, heights in log10 (labels,)."""

    title: str
    short_title: str
    labels: tuple[str, ...]
    a_name: str
    a: Values
    b_name: str
    b: Values
    y_unit: str = ""

    def __post_init__(self) -> None:
        if not len(self.labels) == len(self.a) == len(self.b):
            raise ValueError(f"{self.title}: {len(self.labels)} labels, {len(self.a)} and {len(self.b)} values")


Place = tuple[int, int]
"""(column, row), counted from the left and from the bottom."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Values over two axes as coloured cells: rows from the bottom up, each (columns,), None where missing.

    Values are log10; `low_name` and `high_name` say what those below and above 0 mean.
    """

    title: str
    short_title: str
    role: Role
    rows: tuple[tuple[float | None, ...], ...]
    x_title: str
    x_labels: tuple[str, ...]
    y_title: str
    y_labels: tuple[str, ...]
    low_name: str
    high_name: str
    current: Place | None = None
    cursor: Place | None = None

    def __post_init__(self) -> None:
        if len(self.rows) != len(self.y_labels):
            raise ValueError(f"{self.title}: {len(self.rows)} rows, {len(self.y_labels)} labels")
        if any(len(row) != len(self.x_labels) for row in self.rows):
            raise ValueError(f"{self.title}: rows of {len(self.x_labels)} cells are needed")
        for place in (self.current, self.cursor):
            if place is not None and not (0 <= place[0] < len(self.x_labels) and 0 <= place[1] < len(self.y_labels)):
                raise ValueError(f"{self.title}: {place} is no cell")


Chart = LineChart | Scatter | Histogram | Bars | HeatMap
