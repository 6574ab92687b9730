"""Runs of an experiment: cut into batches, spread over threads, put together in the order of the runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tui_initflow.engine.passes import Float64s
from tui_initflow.engine.pool import Cancelled, Stop, in_order, worthwhile_threads
from tui_initflow.engine.preactivations import measure
from tui_initflow.engine.results import MethodResult, PreactivationStatistics, Results
from tui_initflow.engine.sampling.streams import Slot
from tui_initflow.engine.simulator import Simulator, Workspace
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Side

__all__ = ["Cancelled", "Progress", "simulate"]

BATCH_WEIGHTS = 3 << 20
"""Weights of a batch: 12 MB, which the last level of the cache still holds when the backward pass reads them."""
BATCH_NEURONS = 1 << 17
"""Most neurons of a batch, so that narrow and deep networks take no more memory than others."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` runs are complete; `partial` gives their results, without copying what grows with them."""

    done: int
    total: int
    partial: Callable[[], Results]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some runs of one method."""

    slot: Slot
    runs: range


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Gradients (runs, L+1) and pre-activations of a batch."""

    log10_gradient: Float64s
    preactivation: PreactivationStatistics


def simulate(
    experiment: Experiment,
    *,
    first_run: int = 0,
    cancel: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    threads: int | None = None,
) -> Results:
    """Simulate `experiment.runs` runs, numbered from `first_run` on.

    Run k is a pure function of (seed, settings, method, k): the same in any batch, thread, order or number of runs.
    `on_progress` is called in the calling thread, after each batch of runs. When `cancel` is set, work ends within
    50 ms and the runs complete so far are returned, without a gap.

    Raises:
        Cancelled: not one run was complete.
    """
    stop, workspace = Stop(cancel), Workspace(experiment.seed)
    simulators = {slot: Simulator(experiment, slot, stop.checkpoint, workspace) for slot in Slot.methods()}

    def compute(batch: Batch) -> BatchResult:
        passes = simulators[batch.slot].passes(batch.runs)
        return BatchResult(passes.log10_gradient, measure(passes, batch.runs[0]))

    network, collected = experiment.network, Collected(experiment)
    workers = worthwhile_threads(_together(experiment) * network.weights // network.layers, threads)
    for batch, result in in_order(compute, _batches(experiment, first_run), workers, stop):
        collected.add(batch.slot, result)
        if on_progress is not None and batch.slot is Slot.methods()[-1]:
            on_progress(Progress(collected.complete, experiment.runs, collected.results()))
    if not collected.complete:
        raise Cancelled
    return collected.results()()


def _batches(experiment: Experiment, first_run: int) -> list[Batch]:
    """Batches of both methods in the order of the runs."""
    size = _together(experiment)
    end = first_run + experiment.runs
    starts = range(first_run, end, size)
    return [Batch(slot, range(run, min(run + size, end))) for run in starts for slot in Slot.methods()]


def _together(experiment: Experiment) -> int:
    """Runs of a batch."""
    network = experiment.network
    fit = max(1, min(BATCH_WEIGHTS // network.weights, BATCH_NEURONS // network.neurons))
    return min(fit, experiment.runs)


class Collected:
    """The batches so far, in the order of the runs."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        # memory is taken page by page, as rows are written; rows once written never change
        shape = (experiment.runs, experiment.layers + 1)
        self._log10_gradient = {slot: np.empty(shape) for slot in (Slot.A, Slot.B)}
        self._done = {Slot.A: 0, Slot.B: 0}
        self._preactivation: dict[Slot, PreactivationStatistics] = {}
        self._complete_preactivation: dict[Slot, PreactivationStatistics] = {}
        self.complete = 0
        """Runs of which both methods are done."""

    def add(self, slot: Slot, result: BatchResult) -> None:
        start = self._done[slot]
        self._done[slot] = end = start + len(result.log10_gradient)
        self._log10_gradient[slot][start:end] = result.log10_gradient
        if slot in self._preactivation:
            self._preactivation[slot] = self._preactivation[slot].joined(result.preactivation)
        else:
            self._preactivation[slot] = result.preactivation
        if self._done[Slot.A] == self._done[Slot.B]:
            self.complete = end
            self._complete_preactivation = dict(self._preactivation)

    def results(self) -> Callable[[], Results]:
        """What gives the results of the runs complete now, also later on."""
        runs, preactivation = self.complete, self._complete_preactivation

        def method(slot: Slot, side: Side) -> MethodResult:
            log10_gradient = self._log10_gradient[slot][:runs]
            log10_gradient.flags.writeable = False
            name = self._experiment.methods[side].initialiser.name
            return MethodResult(name, log10_gradient, preactivation[slot])

        return lambda: Results(self._experiment.with_(runs=runs), method(Slot.A, "a"), method(Slot.B, "b"))
