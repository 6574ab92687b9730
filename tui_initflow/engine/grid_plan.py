"""The plan of a phase chart: which cells of a plane of two settings to compute, in which order, at what cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from tui_initflow.model.distributions import Orthogonal
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.settings import Real, Setting, SettingError, Whole

Quantity = Literal["a", "b", "ratio"]
"""What a cell shows: the final gradient of one method, or b's over a's."""
Axes = tuple[str, str]
"""The settings along x and y."""

AXES: tuple[Axes, ...] = (("gain", "layers"), ("neurons", "layers"))
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"gain": (0.25, 4.0), "neurons": (2, 200), "layers": (1, 50)}
)
"""Ends of the axes; further where the current value would lie at an end or outside."""
BEYOND = 1.5
"""How far an axis goes on beyond a current value outside of its usual range."""

LEAST_CELLS, MOST_CELLS = 4, 24
"""Cells along an axis."""
MOST_RUNS = 3
"""Runs of a cell: few, as the eye averages over its neighbours."""
AFFORDABLE_WORK = 1_000_000_000
"""Work of a grid that is done in a second or two, in weights drawn and used."""
USE_WORK = 0.2
"""What it costs to use a weight that is drawn already."""
LAYER_WORK = 40_000
"""What a layer costs beside its weights, however few these are."""
ORTHOGONAL_WORK = 0.25
"""What it costs to make a weight orthogonal to those of one neuron more."""
STRIDES = (4, 2, 1)
"""Every fourth cell is computed first, then every second, then all."""


class Cell(NamedTuple):
    """A place in a grid, counted from the smallest values."""

    column: int
    row: int


class Strip(NamedTuple):
    """Some cells of one column, from the shallowest to the deepest, whose layers all of them begin with."""

    column: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GridPlan:
    """What to compute: `experiment.runs` runs at each pair of `x_values` and `y_values`, both rising.

    A gain is given to both methods, so that one grid shows either of them and their ratio.
    """

    experiment: Experiment
    axes: Axes
    x_values: tuple[float, ...]
    y_values: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.y_values), len(self.x_values)

    def settings(self, cell: Cell, quantity: Quantity) -> dict[str, Any]:
        """The settings of a cell that its `quantity` depends on, to change an experiment with."""
        x, layers = self.x_values[cell.column], self.y_values[cell.row]
        return {**_along_x(self.axes, x, quantity), "layers": layers}

    def neurons(self, column: int) -> int:
        """Neurons of a layer."""
        return int(self.x_values[column]) if self.axes[0] == "neurons" else self.experiment.network.widest

    def at(self, cell: Cell) -> Experiment:
        """The experiment of a cell."""
        return self.experiment.with_(**self.settings(cell, "ratio"))

    def place(self, experiment: Experiment, quantity: Quantity) -> Cell | None:
        """The cell of an experiment's settings; None where the grid has none or is of another experiment."""
        for column, x in enumerate(self.x_values):
            here = _along_x(self.axes, x, quantity)
            if any(getattr(experiment, name) != value for name, value in here.items()):
                continue
            if experiment.layers in self.y_values and self.holds(experiment):
                return Cell(column, self.y_values.index(experiment.layers))
        return None

    def holds(self, experiment: Experiment) -> bool:
        """Whether this is the grid of the experiment, that is whether all that is not along an axis is the same."""
        if experiment.widths is not None:
            return False
        along = self.settings(Cell(0, 0), "ratio")
        return experiment.with_(runs=self.experiment.runs, **along) == self.experiment.with_(**along)


def plan_grid(experiment: Experiment, axes: Axes, columns: int = 16, rows: int = 12) -> GridPlan:
    """A grid around an experiment of about `columns` x `rows` cells that holds the current settings.

    Columns and rows are taken as 4 to 24. Large networks get fewer runs a cell (`experiment.runs` of the grid, 3 at
    most), then fewer cells.

    Raises:
        SettingError: these are no axes, or the experiment has a list of widths.
    """
    if axes not in AXES:
        known = " or ".join(" x ".join(each) for each in AXES)
        raise SettingError("axes", f"{' x '.join(axes)[:40]} is no plane", known)
    if experiment.widths is not None:
        raise SettingError("axes", "a list of widths has no depth to vary", "use layers and neurons instead")
    columns, rows = (min(max(cells, LEAST_CELLS), MOST_CELLS) for cells in (columns, rows))
    for runs, share in _thriftier():
        plan = GridPlan(
            experiment.with_(runs=runs),
            axes,
            _x_values(experiment, axes, max(LEAST_CELLS, round(columns * share))),
            _whole_values("layers", experiment.layers, max(LEAST_CELLS, round(rows * share))),
        )
        if sum(strip_work(plan, strip) for strip in coarse_to_fine(plan.shape)) <= AFFORDABLE_WORK:
            break
    return plan


def coarse_to_fine(shape: tuple[int, int]) -> list[Strip]:
    """Every cell of (rows, columns) once, those of a coarse grid over the whole plane first."""
    rows, columns = shape
    done: set[Cell] = set()
    strips = []
    for stride in STRIDES:
        for column in range(0, columns, stride):
            missing = tuple(row for row in range(0, rows, stride) if Cell(column, row) not in done)
            done.update(Cell(column, row) for row in missing)
            if missing:
                strips.append(Strip(column, missing))
    return strips


def _along_x(axes: Axes, x: float, quantity: Quantity) -> dict[str, Any]:
    if axes[0] != "gain":
        return {axes[0]: int(x)}
    return {f"gain_{side}": x for side in ("a", "b") if quantity in (side, "ratio")}


def strip_work(plan: GridPlan, strip: Strip) -> int:
    """What a strip costs: the weights of its deepest networks are drawn, those of all others only used."""
    experiment, neurons = plan.experiment, plan.neurons(strip.column)
    depths = [plan.y_values[row] for row in strip.rows]
    drawn = neurons * experiment.features + (depths[-1] - 1) * neurons**2
    used = sum(depths) * neurons**2
    work = 0.0
    for method in experiment.methods:
        draw = 1 + ORTHOGONAL_WORK * neurons * isinstance(method.initialiser.distribution, Orthogonal)
        work += experiment.runs * (draw * drawn + USE_WORK * used) + LAYER_WORK * depths[-1]
    return round(work)


def _thriftier() -> Iterator[tuple[int, float]]:
    """Runs a cell and the share of the columns and rows asked for, dearest first."""
    yield from ((runs, 1.0) for runs in range(MOST_RUNS, 0, -1))
    yield from ((1, LEAST_CELLS / cells) for cells in range(LEAST_CELLS + 1, MOST_CELLS + 1))


def _x_values(experiment: Experiment, axes: Axes, count: int) -> tuple[float, ...]:
    if axes[0] == "neurons":
        widths = _whole_values("neurons", experiment.network.widest, count)
        return tuple(neurons for neurons in widths if _is_allowed(experiment, neurons))
    current = (experiment.gain_a, experiment.gain_b)
    low, high = _ends("gain", current, SETTINGS["gain_a"])
    # an odd number has 1 in its middle; two digits are enough to place a gain and are what its label shows
    gains = np.geomspace(low, high, count - 1 + count % 2)
    return _with(current, (float(f"{gain:.2g}") for gain in gains))


def _is_allowed(experiment: Experiment, neurons: int) -> bool:
    """An orthogonal matrix of many features fits only a narrow layer."""
    try:
        experiment.with_(neurons=neurons)
    except SettingError:
        return False
    return True


def _whole_values(name: str, current: int, count: int) -> tuple[int, ...]:
    """About `count` whole numbers, the current one among them, at even ratios as far as whole numbers allow."""
    low, high = (round(end) for end in _ends(name, (current,), SETTINGS[name]))
    values = [low]
    for left in range(min(count - 1, high - low), 0, -1):
        even = values[-1] * (high / values[-1]) ** (1 / left)
        values.append(max(values[-1] + 1, min(round(even), high - left + 1)))
    return _with((current,), values)


def _ends(name: str, current: Sequence[float], setting: Setting) -> tuple[float, float]:
    low, high = RANGES[name]
    if min(current) <= low:
        low = min(current) / BEYOND
    if max(current) >= high:
        high = max(current) * BEYOND
    assert isinstance(setting.kind, (Whole, Real))
    return max(low, setting.kind.low), min(high, setting.kind.high)


Number = TypeVar("Number", int, float)


def _with(current: Sequence[Number], values: Iterable[Number]) -> tuple[Number, ...]:
    """The values in order, those nearest to the current ones replaced by these."""
    found: set[Number] = set(values)
    for each in current:
        if each not in found:
            nearest = min(found.difference(current), key=lambda value: abs(math.log(value / each)))
            found.remove(nearest)
            found.add(each)
    return tuple(sorted(found))
