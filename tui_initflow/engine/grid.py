"""The phase chart's numbers: the final gradients of both methods at every cell of a plan, coarse to fine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.finals import log10_finals
from tui_initflow.engine.grid_plan import Cell, GridPlan, Quantity, Strip, coarse_to_fine, strip_work
from tui_initflow.engine.pool import Executor, Stop, Threads, worthwhile_threads
from tui_initflow.engine.progress import Progress, Report, already
from tui_initflow.engine.sampling.streams import Slot
from tui_initflow.engine.simulator import Workspace

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
    place = executor or Threads(worthwhile_threads(layer_work, threads, widest.signals))
    for strip, means in place.in_order(partial(_computing, plan), strips, Stop(cancel)):
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
