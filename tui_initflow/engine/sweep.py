"""A sweep: the same comparison at several values of one setting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Executor, Load, Progress, Report, Stop, Threads
from tui_initflow.engine.signals import Float64s
from tui_initflow.engine.simulator import Simulator, Workspace
from tui_initflow.engine.streams import Slot
from tui_initflow.model.blocks import Block
from tui_initflow.model.cost import INPUT_WORK, WEIGHTS_A_SECOND
from tui_initflow.model.experiment import RESULT_BYTES, Experiment
from tui_initflow.model.pair import Pair, Side
from tui_initflow.model.settings import SettingError

BATCH_WEIGHTS = 1 << 22
BATCH_SIGNALS = 1 << 20
"""Most numbers drawn and signals of the networks and runs that are computed together."""
BATCH_GRADIENTS = 1 << 22
"""Most gradients of theirs that are kept meanwhile, at every point of the network of every depth."""


def runs_together(experiments: Sequence[Experiment]) -> int:
    """How many runs of these experiments, which share layers, are computed together."""
    deepest, variants = experiments[-1], len({experiment.features for experiment in experiments})
    signals, gradients = variants * deepest.signals, len(experiments) * (deepest.layers + 1)
    return max(1, min(BATCH_WEIGHTS // deepest.drawn, BATCH_SIGNALS // signals, BATCH_GRADIENTS // gradients))


def log10_finals(experiments: Sequence[Experiment], slot: Slot, stop: Stop, workspace: Workspace) -> Float64s:
    """log10 of one method's final gradients, (experiments, runs).

    The experiments differ in depth, rising, or in features; the last one is the deepest.
    """
    # a gradient of each network goes back through the layers they share
    most = max(1, BATCH_SIGNALS // experiments[-1].network.widest)
    step = most if _share_layers(experiments, slot.side) else 1
    finals = np.empty((len(experiments), experiments[-1].runs))
    for first in range(0, len(experiments), step):
        part = slice(first, first + step)
        _fill(finals[part], experiments[part], slot, stop, workspace)
    return finals


def _share_layers(experiments: Sequence[Experiment], side: Side) -> bool:
    """Whether this method's networks of these depths or features have the same layers, as far as they have them."""
    return len({at.methods[side].block for at in experiments}) == 1


def _fill(finals: Float64s, experiments: Sequence[Experiment], slot: Slot, stop: Stop, workspace: Workspace) -> None:
    """Write those of experiments that are computed together."""
    by_features = {at.features: at for at in experiments}
    simulators = [Simulator(at, slot, stop.checkpoint, workspace) for at in by_features.values()]
    depths = sorted({at.layers for at in experiments}, reverse=True)
    total, size = experiments[-1].runs, runs_together(experiments)
    for first in range(0, total, size):
        runs = range(first, min(first + size, total))
        z_1 = np.stack([simulator.first_layer(runs) for simulator in simulators])
        batch = simulators[-1].log10_finals(z_1, runs, depths)
        finals[:, runs.start : runs.stop] = batch[::-1].reshape(len(experiments), len(runs))


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
    load = Load(
        layer_work=max(map(_layer_work, groups), default=0),
        signals=max((group.signals for group in groups), default=1),
        seconds=2 * experiment.runs * work / WEIGHTS_A_SECOND,
    )
    place = executor or Threads(threads)
    for (group, slot), by_point in place.in_order(partial(_computing, experiment.seed), halves, Stop(cancel), load):
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
    """Work of an average layer for the runs that are computed together."""
    deepest = group.points[-1]
    return min(runs_together(group.points), deepest.runs) * (deepest.work // deepest.layers)
