"""A sweep: the same comparison at several values of one setting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Stop, in_order, worthwhile_threads
from tui_initflow.engine.sampling.streams import Slot
from tui_initflow.engine.simulator import Method, Workspace
from tui_initflow.model.experiment import Experiment
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
BATCH_WEIGHTS = 1 << 22
BATCH_NEURONS = 1 << 17
"""Most weights and neurons of the points and runs that are computed together."""


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
class SweepProgress:
    """`done` of `total` points are complete: `fraction` of the work, which gave `partial`."""

    done: int
    total: int
    fraction: float
    partial: SweepResult


@dataclass(frozen=True, slots=True)
class Group:
    """Points that have all layers but the first in common, as far as they have them; one method's half of these.

    They differ in depth or in features: the last point is the deepest, and its weights are those of the others.
    """

    points: tuple[Experiment, ...]
    slot: Slot

    @property
    def together(self) -> int:
        """Runs that are computed together."""
        weights, neurons = sum(map(_weights, self.points)), sum(map(_neurons, self.points))
        return max(1, min(BATCH_WEIGHTS // weights, BATCH_NEURONS // neurons))

    @property
    def layer_weights(self) -> int:
        """Weights of one layer, on average."""
        return self.points[-1].network.weights // self.points[-1].layers


def _weights(point: Experiment) -> int:
    return point.network.weights


def _neurons(point: Experiment) -> int:
    return point.network.neurons


def sweep_values(experiment: Experiment, over: str) -> tuple[int, ...]:
    """The demo's points and the current value, in order.

    Raises:
        SettingError: `over` is no setting to sweep.
    """
    if over not in SWEEP_VALUES:
        raise SettingError("over", f"{over[:20]} cannot be swept", f"one of {', '.join(SWEEP_VALUES)}")
    if experiment.widths is not None and over != "features":
        raise SettingError("over", f"{over} cannot be swept with a list of widths", "features can")
    return tuple(sorted({*SWEEP_VALUES[over], getattr(experiment, over)}))


def affordable_runs(experiment: Experiment, over: str) -> int:
    """Runs per point, 3 to 16, that keep a sweep over its usual values quick: from a budget of weights alone."""
    at_points = (experiment.with_(runs=1, **{over: value}) for value in sweep_values(experiment, over))
    # points that are computed together share the weights of the deepest
    weights = sum(2 * _weights(group[-1]) for group in _groups(at_points, over))
    return min(max(AFFORDABLE_WEIGHTS // weights, LEAST_RUNS), MOST_RUNS)


def sweep(
    experiment: Experiment,
    over: str,
    values: Iterable[int] | None = None,
    *,
    cancel: threading.Event | None = None,
    on_progress: Callable[[SweepProgress], None] | None = None,
    threads: int | None = None,
) -> SweepResult:
    """`experiment.runs` runs at each of `values` (`sweep_values` if None) of the setting `over`.

    A point is what `simulate` gives for its settings, so points share their random streams (common random numbers):
    the runs of one point are independent of each other, the same run of two points is not. Layers of the same shape
    even have the same weights at every point, and are drawn once for those points that are computed together.
    `on_progress` is called in the calling thread after each point, or after some that are computed together. When
    `cancel` is set, work ends within 50 ms and the points complete so far are returned.

    Raises:
        SettingError: `over` is no setting to sweep, or a value is not allowed.
    """
    chosen = sweep_values(experiment, over)
    if values is not None:
        chosen = tuple(sorted(set(values)))
    at_points = [experiment.with_(**{over: value}) for value in chosen]
    halves = [Group(group, slot) for group in _groups(at_points, over) for slot in Slot.methods()]
    work = sum(map(_weights, at_points))
    stop = Stop(cancel)
    points: list[SweepPoint] = []
    half_done: dict[Slot, NDArray[np.float64]] = {}
    worked = 0
    largest = max((min(half.together, experiment.runs) * half.layer_weights for half in halves), default=0)
    workers = worthwhile_threads(largest, threads)
    for half, log10_finals in in_order(_computer(experiment, stop), halves, workers, stop):
        half_done[half.slot] = log10_finals
        if len(half_done) < len(Slot.methods()):
            continue
        with np.errstate(invalid="ignore"):
            log10_ratios = half_done[Slot.B] - half_done[Slot.A]
        points += [SweepPoint(getattr(at, over), ratios) for at, ratios in zip(half.points, log10_ratios, strict=True)]
        half_done = {}
        worked += sum(map(_weights, half.points))
        if on_progress is not None:
            partial = SweepResult(experiment, over, tuple(points))
            on_progress(SweepProgress(len(points), len(chosen), worked / work, partial))
    return SweepResult(experiment, over, tuple(points))


def _groups(at_points: Iterable[Experiment], over: str) -> list[tuple[Experiment, ...]]:
    """Consecutive points whose networks have weights in common, few enough to be computed together."""
    groups: list[list[Experiment]] = []
    for point in at_points:
        if groups and over != "neurons":
            larger = [*groups[-1], point]
            if sum(map(_weights, larger)) <= BATCH_WEIGHTS and sum(map(_neurons, larger)) <= BATCH_NEURONS:
                groups[-1] = larger
                continue
        groups.append([point])
    return [tuple(group) for group in groups]


def _computer(experiment: Experiment, stop: Stop) -> Callable[[Group], NDArray[np.float64]]:
    workspace = Workspace(experiment.seed)

    def compute(group: Group) -> NDArray[np.float64]:
        """log10 of the final gradient by point and run."""
        by_features = {at.features: Method(at, group.slot, stop.checkpoint, workspace) for at in group.points}
        *_, deepest = by_features.values()
        depths = sorted({at.layers for at in group.points}, reverse=True)

        def log10_finals(runs: range) -> NDArray[np.float64]:
            z_1 = np.stack([method.first_layer(runs) for method in by_features.values()])
            return deepest.log10_finals(z_1, runs, depths)[::-1].reshape(len(group.points), len(runs))

        starts = range(0, experiment.runs, group.together)
        batches = [range(run, min(run + group.together, experiment.runs)) for run in starts]
        return np.concatenate([log10_finals(runs) for runs in batches], axis=1)

    return compute
