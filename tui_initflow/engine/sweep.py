"""A sweep: the same comparison at several values of one setting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.experiment import Experiment, SettingError
from tui_initflow.engine.method import Method
from tui_initflow.engine.streams import Slot
from tui_initflow.engine.threads import Stop, available_threads, in_order

SWEEP_VALUES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "layers": tuple(range(1, 21)),
        "neurons": (1, *range(10, 101, 10)),
        "features": (1, *range(16, 129, 16)),
    }
)
"""The demo's points."""
LEAST_RUNS, MOST_RUNS = 3, 30
AFFORDABLE_WEIGHTS = 30_000_000
"""Weights of a sweep that two threads draw and use in about 30 ms."""
BATCH_WEIGHTS = 1 << 19
"""Weights that are drawn together where a point has many runs."""


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """log10 of b's final gradient over a's, by run (runs,), at one value of the setting."""

    value: int
    log10_ratio: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """Mean of log10: the logarithm of the geometric mean."""
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
class PointHalf:
    """The runs of one method at one value."""

    experiment: Experiment
    value: int
    slot: Slot


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
    """Runs per point, 3 to 30, that keep a sweep over its usual values quick: from a budget of weights alone."""
    at_points = (experiment.with_(runs=1, **{over: value}) for value in sweep_values(experiment, over))
    weights = sum(2 * point.weights_per_run for point in at_points)
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
    the runs of one point are independent of each other, the same run of two points is not.
    `on_progress` is called in the calling thread after each point. When `cancel` is set, work ends within 50 ms and
    the points complete so far are returned.

    Raises:
        SettingError: `over` is no setting to sweep, or a value is not allowed.
    """
    chosen = sweep_values(experiment, over)
    if values is not None:
        chosen = tuple(sorted(set(values)))
    at_points = [experiment.with_(**{over: value}) for value in chosen]
    halves = [
        PointHalf(at, value, slot) for at, value in zip(at_points, chosen, strict=True) for slot in Slot.methods()
    ]
    work = sum(at.weights_per_run for at in at_points)
    stop = Stop(cancel)
    points: list[SweepPoint] = []
    half_done: dict[Slot, NDArray[np.float64]] = {}
    worked = 0
    for half, log10_final in in_order(_computer(stop), halves, threads or available_threads(), stop):
        half_done[half.slot] = log10_final
        if len(half_done) < len(Slot.methods()):
            continue
        with np.errstate(invalid="ignore"):
            points.append(SweepPoint(half.value, half_done[Slot.B] - half_done[Slot.A]))
        half_done = {}
        worked += half.experiment.weights_per_run
        if on_progress is not None:
            partial = SweepResult(experiment, over, tuple(points))
            on_progress(SweepProgress(len(points), len(chosen), worked / work, partial))
    return SweepResult(experiment, over, tuple(points))


def _computer(stop: Stop) -> Callable[[PointHalf], NDArray[np.float64]]:
    def compute(half: PointHalf) -> NDArray[np.float64]:
        """log10 of the final gradient by run."""
        method = Method(half.experiment, half.slot, stop.checkpoint)
        size = max(1, BATCH_WEIGHTS // half.experiment.weights_per_run)
        starts = range(0, half.experiment.runs, size)
        batches = [range(run, min(run + size, half.experiment.runs)) for run in starts]
        return np.concatenate([method.passes(runs).log10_gradient[:, 0] for runs in batches])

    return compute
