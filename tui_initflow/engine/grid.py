"""The phase chart's numbers: the final gradients of both methods at every cell of a plan, coarse to fine."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Executor, Load, Progress, Report, Stop, Threads, already
from tui_initflow.engine.simulator import Workspace
from tui_initflow.engine.streams import Slot
from tui_initflow.engine.sweep import log10_finals
from tui_initflow.model.cost import ORTHOGONAL_WORK, WEIGHTS_A_SECOND
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import Orthogonal
from tui_initflow.model.network import METHOD_SETTINGS, sampler_of
from tui_initflow.model.pair import SIDES, flat
from tui_initflow.model.settings import Real, Setting, SettingError, Whole

Quantity = Literal["a", "b", "ratio"]
"""What a cell shows: the final gradient of one method, or b's over a's."""
Axes = tuple[str, str]
"""The settings along x and y."""

AXES: tuple[Axes, ...] = (("gain", "layers"), ("neurons", "layers"))
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"gain": (0.25, 4.0), "neurons": (2, 200), "layers": (1, 50)}
)
"""Ends of the axes, which are extended if the current value lies at an end or outside."""
BEYOND = 1.5
"""How far an axis extends beyond such a value."""

LEAST_CELLS, MOST_CELLS = 4, 24
"""Cells along an axis."""
MOST_RUNS = 3
"""Runs per cell: few, because the eye averages over neighbouring cells."""
AFFORDABLE_WORK = 1_000_000_000
"""Work that takes a second or two. The unit is drawing and using one weight."""
USE_WORK = 0.2
"""Work of using a weight that is already drawn."""
LAYER_WORK = 40_000
"""Work of a layer besides its weights."""
SIGNAL_WORK = 6
"""Work of a neuron on the way forward or back, where no weights are drawn."""
STRIDES = (4, 2, 1)
"""Every fourth cell is computed first, then every second, then all."""


class Cell(NamedTuple):
    """A position in a grid, counted from the smallest values."""

    column: int
    row: int


class Strip(NamedTuple):
    """Cells of one column, from the shallowest to the deepest network: each is the beginning of the next."""

    column: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GridPlan:
    """What to compute: `experiment.runs` runs at each pair of `x_values` and `y_values`, both rising.

    Both methods get the gain, so that one grid shows either of them and their ratio.
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
        """The settings of a cell that its `quantity` depends on."""
        x, layers = self.x_values[cell.column], self.y_values[cell.row]
        return {**_along_x(self.axes, x, quantity), "layers": layers}

    def neurons(self, column: int) -> int:
        """Neurons per layer in a column."""
        return int(self.x_values[column]) if self.axes[0] == "neurons" else self.experiment.network.widest

    def at(self, cell: Cell) -> Experiment:
        """The experiment of a cell."""
        return self.experiment.with_(**self.settings(cell, "ratio"))

    def place(self, experiment: Experiment, quantity: Quantity) -> Cell | None:
        """The cell of an experiment's settings; None if the grid has none or is of another experiment."""
        for column, x in enumerate(self.x_values):
            along_x = _along_x(self.axes, x, quantity)
            if any(SETTINGS[name].of(experiment) != value for name, value in along_x.items()):
                continue
            if experiment.layers in self.y_values and self._is_of(experiment):
                return Cell(column, self.y_values.index(experiment.layers))
        return None

    def _is_of(self, experiment: Experiment) -> bool:
        """Whether this is a grid of the experiment: whether all settings but those along the axes are the same."""
        if experiment.widths is not None:
            return False
        along = self.settings(Cell(0, 0), "ratio")
        return experiment.with_(runs=self.experiment.runs, **along) == self.experiment.with_(**along)


def plan_grid(experiment: Experiment, axes: Axes, columns: int = 16, rows: int = 12) -> GridPlan:
    """A grid of about `columns` x `rows` cells around an experiment, one of which has its settings.

    Columns and rows are clipped to 4 … 24. Large networks get fewer runs per cell (`experiment.runs` of the grid, 3 at
    most), then fewer cells.

    Raises:
        SettingError: unknown axes, or the experiment has a list of widths.
    """
    columns, rows = (min(max(cells, LEAST_CELLS), MOST_CELLS) for cells in (columns, rows))
    for runs, share in _thriftier():
        cells = (max(LEAST_CELLS, round(count * share)) for count in (columns, rows))
        plan = whole_grid(experiment.with_(runs=runs), axes, *cells)
        if sum(strip_work(plan, strip) for strip in coarse_to_fine(plan.shape)) <= AFFORDABLE_WORK:
            break
    return plan


def whole_grid(experiment: Experiment, axes: Axes, columns: int = 16, rows: int = 12) -> GridPlan:
    """A grid with `experiment.runs` runs per cell and all cells, whatever they cost.

    Raises:
        SettingError: unknown axes, or the experiment has a list of widths.
    """
    if axes not in AXES:
        known = " or ".join(" x ".join(pair) for pair in AXES)
        raise SettingError("axes", f"{' x '.join(axes)[:40]} cannot be charted", known)
    if experiment.widths is not None:
        raise SettingError("axes", "a list of widths has no depth to vary", "use layers and neurons instead")
    depths = _whole_values("layers", experiment.layers, rows)
    y_values = tuple(layers for layers in depths if experiment.allows(layers=layers))
    return GridPlan(experiment, axes, _x_values(experiment, axes, columns, max(y_values)), y_values)


def coarse_to_fine(shape: tuple[int, int]) -> list[Strip]:
    """Every cell of (rows, columns) once, those of a coarse grid first."""
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
    return {flat("gain", side): x for side in SIDES if quantity in (side, "ratio")}


def strip_work(plan: GridPlan, strip: Strip) -> int:
    """Work of a strip: what its deepest networks draw, and what the others use of it.

    Where a branch scale depends on the depth, every network is drawn.
    """
    experiment, neurons = plan.experiment, plan.neurons(strip.column)
    depths = [plan.y_values[row] for row in strip.rows]
    work = 0.0
    for method in experiment.methods:
        drawn_depths = depths if isinstance(method.branch_scale, str) else depths[-1:]
        distribution = method.initialiser.distribution
        if sampler_of(experiment.sampler, distribution, method.inputs, neurons) == "implicit":
            passed: float = SIGNAL_WORK * neurons * (sum(drawn_depths) + sum(depths))
        else:
            used = sum(depths) * neurons**2 * method.inputs
            drawn = sum(neurons * experiment.features + (depth - 1) * neurons**2 for depth in drawn_depths)
            draw = 1 + ORTHOGONAL_WORK * neurons * isinstance(distribution, Orthogonal)
            passed = draw * drawn + USE_WORK * used
        work += experiment.runs * passed + LAYER_WORK * depths[-1]
    return round(work)


def _thriftier() -> Iterator[tuple[int, float]]:
    """Runs per cell and the share of the columns and rows asked for, most expensive first."""
    yield from ((runs, 1.0) for runs in range(MOST_RUNS, 0, -1))
    yield from ((1, LEAST_CELLS / cells) for cells in range(LEAST_CELLS + 1, MOST_CELLS + 1))


def _x_values(experiment: Experiment, axes: Axes, count: int, deepest: int) -> tuple[float, ...]:
    if axes[0] == "neurons":
        widths = _whole_values("neurons", experiment.network.widest, count)
        # an orthogonal matrix of many features fits only a narrow layer, and so do many inputs of batch norm
        return tuple(neurons for neurons in widths if experiment.allows(neurons=neurons, layers=deepest))
    current = (experiment.a.gain, experiment.b.gain)
    low, high = _ends("gain", current, METHOD_SETTINGS["gain"])
    # an odd count has 1 in the middle; two digits are what a gain's label shows
    gains = np.geomspace(low, high, count - 1 + count % 2)
    return _with(current, (float(f"{gain:.2g}") for gain in gains))


def _whole_values(name: str, current: int, count: int) -> tuple[int, ...]:
    """About `count` whole numbers including the current one, as evenly spaced in ratio as whole numbers can be."""
    low, high = (round(end) for end in _ends(name, (current,), SETTINGS[name]))
    values = [low]
    for remaining in range(min(count - 1, high - low), 0, -1):
        even = values[-1] * (high / values[-1]) ** (1 / remaining)
        values.append(max(values[-1] + 1, min(round(even), high - remaining + 1)))
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
    """The values in order, with the current ones in place of those nearest to them."""
    chosen: set[Number] = set(values)
    for number in current:
        if number not in chosen:
            chosen.remove(min(chosen.difference(current), key=lambda value: abs(math.log(value / number))))
            chosen.add(number)
    return tuple(sorted(chosen))


Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GridResult:
    """Means over runs of log10 of the final gradient, (rows, columns), read-only; -inf is an exact zero.

    `done` (rows, columns) says which cells are computed; the others are nan.
    """

    plan: GridPlan
    done: NDArray[np.bool_]
    log10_a: Floats
    log10_b: Floats

    @classmethod
    def empty(cls, plan: GridPlan) -> GridResult:
        """No cell computed yet."""
        return _result(plan, np.zeros(plan.shape, np.bool_), np.full((2, *plan.shape), np.nan))

    def log10(self, quantity: Quantity) -> Floats:
        """The values of all cells (rows, columns); a ratio of two exact zeros is nan."""
        if quantity == "ratio":
            with np.errstate(invalid="ignore"):
                return self.log10_b - self.log10_a
        return self.log10_a if quantity == "a" else self.log10_b


def compute_grid(
    plan: GridPlan,
    *,
    cancel: threading.Event | None = None,
    on_progress: Report[GridResult] | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
) -> GridResult:
    """Both final gradients at every cell, coarse to fine.

    A cell is what `simulate` gives for its settings, so all cells share their random streams, and those that differ
    only in depth share their layers.
    `on_progress` is called after each strip of cells. When `cancel` is set, work ends within
    50 ms and the cells complete so far are returned. It is done in threads, or by `executor`.
    """
    strips = coarse_to_fine(plan.shape)
    work = sum(strip_work(plan, strip) for strip in strips)
    done, log10 = np.zeros(plan.shape, np.bool_), np.full((2, *plan.shape), np.nan)
    worked = 0
    widest = plan.at(Cell(int(np.argmax(plan.x_values)), len(plan.y_values) - 1))
    layer_work = plan.experiment.runs * widest.work // widest.layers
    load, place = Load(layer_work, widest.signals, work / WEIGHTS_A_SECOND), executor or Threads(threads)
    for strip, means in place.in_order(partial(_computing, plan), strips, Stop(cancel), load):
        log10[:, strip.rows, strip.column] = means
        done[strip.rows, strip.column] = True
        worked += strip_work(plan, strip)
        if on_progress is not None:
            so_far = _result(plan, done, log10)
            on_progress(Progress("cells", int(done.sum()), done.size, worked / work, already(so_far)))
    return _result(plan, done, log10)


def _computing(plan: GridPlan, stop: Stop) -> Callable[[Strip], Floats]:
    """What computes the means of log10 of the final gradients of a and of b over a strip, (2, rows)."""
    workspace = Workspace(plan.experiment.seed)

    def compute(strip: Strip) -> Floats:
        cells = [plan.at(Cell(strip.column, row)) for row in strip.rows]
        return np.stack([log10_finals(cells, slot, stop, workspace).mean(axis=1) for slot in (Slot.A, Slot.B)])

    return compute


def _result(plan: GridPlan, done: NDArray[np.bool_], log10: Floats) -> GridResult:
    """A copy of the cells computed so far: the arrays are filled further."""
    done, log10 = done.copy(), log10.copy()
    done.flags.writeable = log10.flags.writeable = False
    return GridResult(plan, done, *log10)
