"""A sweep: the same comparison at several values of one setting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.finals import BATCH_SIGNALS, BATCH_WEIGHTS, log10_finals, runs_together
from tui_initflow.engine.pool import Executor, Stop, Threads, worthwhile_threads
from tui_initflow.engine.progress import Progress, Report
from tui_initflow.engine.sampling.streams import Slot
from tui_initflow.engine.simulator import Workspace
from tui_initflow.model.blocks import Block
from tui_initflow.model.cost import INPUT_WORK
from tui_initflow.model.experiment import RESULT_BYTES, Experiment
from tui_initflow.model.pair import Pair
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


@dataclass(frozen=True, slots=True)
class Group:
    """Points that share all layers but the first, as far as they have them; the last one is the deepest.

    `work` and `signals` are those of a run at every point, and `blocks` the methods', which all points share. To ask
    an experiment for them takes longer than to compute a small one, so it is done once.
    """

    points: tuple[Experiment, ...]
    work: int
    signals: int
    blocks: Pair[Block]

    @classmethod
    def of(cls, point: Experiment) -> Group:
        return cls((point,), point.work, point.signals, point.methods.map(lambda method: method.block))

    def joined(self, other: Group) -> Group:
        """With points of the same blocks."""
        return Group((*self.points, *other.points), self.work + other.work, self.signals + other.signals, self.blocks)


def sweep_values(experiment: Experiment, over: str) -> tuple[int, ...]:
    """The demo's points, as far as batch norm leaves memory for them, and the current value, in order.

    Raises:
        SettingError: `over` is not a setting that can be swept.
    """
    return tuple(getattr(point, over) for point in _usual_points(experiment, over))


def _usual_points(experiment: Experiment, over: str) -> list[Experiment]:
    """At `sweep_values`."""
    _check(experiment, over)
    points = []
    for value in sorted({*SWEEP_VALUES[over], getattr(experiment, over)}):
        with suppress(SettingError):
            points.append(experiment.with_(**{over: value}))
    return points


def _check(experiment: Experiment, over: str) -> None:
    if over not in SWEEP_VALUES:
        raise SettingError("over", f"{over[:20]} cannot be swept", f"one of {', '.join(SWEEP_VALUES)}")
    if experiment.widths is not None and over != "features":
        raise SettingError("over", f"{over} cannot be swept with a list of widths", "features can")


def affordable_runs(experiment: Experiment, over: str) -> int:
    """Runs per point, 3 to 16, that keep a sweep over its usual values quick, from the number of weights alone."""
    groups = _groups(_usual_points(experiment, over), over)
    # points computed together share the weights of the deepest
    weights = sum(group.points[-1].work for group in groups)
    work = sum(weights * (1 + INPUT_WORK * (method.inputs - 1)) for method in experiment.methods)
    return min(max(int(AFFORDABLE_WEIGHTS // work), LEAST_RUNS), MOST_RUNS)


def sweep(
    experiment: Experiment,
    over: str,
    values: Iterable[int] | None = None,
    *,
    cancel: threading.Event | None = None,
    on_progress: Report[SweepResult] | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
) -> SweepResult:
    """`experiment.runs` runs at each of `values` (`sweep_values` if None) of the setting `over`.

    A point is what `simulate` gives for its settings, so points share their random streams (common random numbers):
    the runs of one point are independent, the same run at two points is not. Layers of the same shape have the same
    weights at every point, and are drawn once for the points that are computed together.
    `on_progress` is called after each point or group of points. When `cancel` is set, work ends
    within 50 ms and the points complete so far are returned. It is done in threads, or by `executor`.

    Raises:
        SettingError: `over` is not a setting that can be swept, a value is not allowed, or they do not fit in memory.
    """
    if values is None:
        chosen = _usual_points(experiment, over)
    else:
        _check(experiment, over)
        chosen = [experiment.with_(**{over: value}) for value in sorted(set(values))]
        fit = RESULT_BYTES // (2 * 8 * max(1, len(chosen)))
        if experiment.runs > fit:
            problem = f"{experiment.runs} at each of {len(chosen)} values do not fit in memory"
            raise SettingError("runs", problem, f"at most {fit}")
    groups = _groups(chosen, over)
    halves = [(group, slot) for group in groups for slot in Slot.methods()]
    work = sum(group.work for group in groups)
    points: list[SweepPoint] = []
    finals: dict[Slot, NDArray[np.float64]] = {}
    worked = 0
    signals = max((group.signals for group in groups), default=1)
    place = executor or Threads(worthwhile_threads(max(map(_layer_work, groups), default=0), threads, signals))
    for (group, slot), by_point in place.in_order(partial(_computing, experiment.seed), halves, Stop(cancel)):
        finals[slot] = by_point
        if len(finals) < len(Slot.methods()):
            continue
        with np.errstate(invalid="ignore"):
            log10_ratios = finals[Slot.B] - finals[Slot.A]
        points += [SweepPoint(getattr(at, over), ratios) for at, ratios in zip(group.points, log10_ratios, strict=True)]
        finals = {}
        worked += group.work
        if on_progress is not None:
            so_far = partial(SweepResult, experiment, over, tuple(points))
            on_progress(Progress(f"sweep: {over}", len(points), len(chosen), worked / work, so_far))
    return SweepResult(experiment, over, tuple(points))


def _computing(seed: int, stop: Stop) -> Callable[[tuple[Group, Slot]], NDArray[np.float64]]:
    """What computes the final gradients of a group by one method, (points, runs)."""
    workspace = Workspace(seed)

    def compute(half: tuple[Group, Slot]) -> NDArray[np.float64]:
        group, slot = half
        return log10_finals(group.points, slot, stop, workspace)

    return compute


def _groups(points: Iterable[Experiment], over: str) -> list[Group]:
    """Consecutive points that share weights and are small enough to be computed together."""
    groups: list[Group] = []
    for group in map(Group.of, points):
        if groups and over != "neurons" and groups[-1].blocks == group.blocks:
            larger = groups[-1].joined(group)
            if larger.work <= BATCH_WEIGHTS and larger.signals <= BATCH_SIGNALS:
                groups[-1] = larger
                continue
        groups.append(group)
    return groups


def _layer_work(group: Group) -> int:
    """Of an average layer, of all runs that are computed together."""
    deepest = group.points[-1]
    return min(runs_together(group.points), deepest.runs) * (deepest.work // deepest.layers)
