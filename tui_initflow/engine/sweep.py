"""A sweep: the same comparison at several values of one setting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.finals import (
    BATCH_SIGNALS,
    BATCH_WEIGHTS,
    PartProgress,
    log10_finals,
    runs_together,
    share_layers,
)
from tui_initflow.engine.pool import Executor, Stop, Threads, worthwhile_threads
from tui_initflow.engine.sampling.streams import Slot
from tui_initflow.engine.simulator import Workspace
from tui_initflow.model.cost import INPUT_WORK
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import SIDES
from tui_initflow.model.settings import SettingError

SWEEP_VALUES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "layers": tuple(range(1, 21)),
        "neurons": (1, *range(10, 101, 10)),
        "features": (1, *range(16, 129, 16)),
    }
)
"""The demo's points."""
LEAST_RUNS, MOST_RUNS = 3, 16
AFFORDABLE_WEIGHTS = 6_000_000
"""Weights drawn for a sweep: about 30 ms of work."""


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """log10 of b's final gradient over a's, by run (runs,), at one value of the setting."""

    value: int
    log10_ratio: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """Mean of log10: the logarithm of the geometric mean; nan where infinities of both signs have none."""
        with np.errstate(invalid="ignore"):
            return float(np.mean(self.log10_ratio))


@dataclass(frozen=True, slots=True)
class SweepResult:
    """The points computed, in the order of their values."""

    experiment: Experiment
    over: str
    points: tuple[SweepPoint, ...]


SweepProgress = PartProgress[SweepResult]

Group = tuple[Experiment, ...]
"""Points that share all layers but the first, as far as they have them; the last one is the deepest."""


def sweep_values(experiment: Experiment, over: str) -> tuple[int, ...]:
    """The demo's points, as far as batch norm leaves memory for them, and the current value, in order.

    Raises:
        SettingError: `over` is not a setting that can be swept.
    """
    if over not in SWEEP_VALUES:
        raise SettingError("over", f"{over[:20]} cannot be swept", f"one of {', '.join(SWEEP_VALUES)}")
    if experiment.widths is not None and over != "features":
        raise SettingError("over", f"{over} cannot be swept with a list of widths", "features can")
    values = sorted({*SWEEP_VALUES[over], getattr(experiment, over)})
    return tuple(value for value in values if experiment.allows(**{over: value}))


def affordable_runs(experiment: Experiment, over: str) -> int:
    """Runs per point, 3 to 16, that keep a sweep over its usual values quick, from the number of weights alone."""
    points = (experiment.with_(runs=1, **{over: value}) for value in sweep_values(experiment, over))
    # points computed together share the weights of the deepest
    weights = sum(group[-1].work for group in _groups(points, over))
    work = sum(weights * (1 + INPUT_WORK * (method.inputs - 1)) for method in experiment.methods)
    return min(max(int(AFFORDABLE_WEIGHTS // work), LEAST_RUNS), MOST_RUNS)


def sweep(
    experiment: Experiment,
    over: str,
    values: Iterable[int] | None = None,
    *,
    cancel: threading.Event | None = None,
    on_progress: Callable[[SweepProgress], None] | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
) -> SweepResult:
    """`experiment.runs` runs at each of `values` (`sweep_values` if None) of the setting `over`.

    A point is what `simulate` gives for its settings, so points share their random streams (common random numbers):
    the runs of one point are independent, the same run at two points is not. Layers of the same shape have the same
    weights at every point, and are drawn once for the points that are computed together.
    `on_progress` is called in the calling thread after each point or group of points. When `cancel` is set, work ends
    within 50 ms and the points complete so far are returned. It is done in threads, or by `executor`.

    Raises:
        SettingError: `over` is not a setting that can be swept, or a value is not allowed.
    """
    chosen = sweep_values(experiment, over)
    if values is not None:
        chosen = tuple(sorted(set(values)))
    groups = _groups((experiment.with_(**{over: value}) for value in chosen), over)
    halves = [(group, slot) for group in groups for slot in Slot.methods()]
    work = sum(map(_work, groups))
    points: list[SweepPoint] = []
    finals: dict[Slot, NDArray[np.float64]] = {}
    worked = 0
    signals = max((sum(at.signals for at in group) for group in groups), default=1)
    place = executor or Threads(worthwhile_threads(max(map(_layer_work, groups), default=0), threads, signals))
    for (group, slot), by_point in place.in_order(partial(_computing, experiment.seed), halves, Stop(cancel)):
        finals[slot] = by_point
        if len(finals) < len(Slot.methods()):
            continue
        with np.errstate(invalid="ignore"):
            log10_ratios = finals[Slot.B] - finals[Slot.A]
        points += [SweepPoint(getattr(at, over), ratios) for at, ratios in zip(group, log10_ratios, strict=True)]
        finals = {}
        worked += _work(group)
        if on_progress is not None:
            so_far = SweepResult(experiment, over, tuple(points))
            on_progress(PartProgress(len(points), len(chosen), worked / work, so_far))
    return SweepResult(experiment, over, tuple(points))


def _computing(seed: int, stop: Stop) -> Callable[[tuple[Group, Slot]], NDArray[np.float64]]:
    """What computes the final gradients of a group by one method, (points, runs)."""
    workspace = Workspace(seed)
    return lambda half: log10_finals(*half, stop, workspace)


def _groups(points: Iterable[Experiment], over: str) -> list[Group]:
    """Consecutive points that share weights and are small enough to be computed together."""
    groups: list[Group] = []
    for point in points:
        if groups and over != "neurons":
            larger = (*groups[-1], point)
            fits = _work(larger) <= BATCH_WEIGHTS and sum(at.signals for at in larger) <= BATCH_SIGNALS
            if fits and all(share_layers(larger, side) for side in SIDES):
                groups[-1] = larger
                continue
        groups.append((point,))
    return groups


def _work(group: Group) -> int:
    return sum(at.work for at in group)


def _layer_work(group: Group) -> int:
    """Of an average layer, of all runs that are computed together."""
    deepest = group[-1]
    return min(runs_together(group), deepest.runs) * (deepest.work // deepest.layers)
