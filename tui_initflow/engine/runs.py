"""Runs of an experiment: cut into batches, spread over threads, collected in the order of the runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from tui_initflow.engine.pool import Cancelled, Executor, Load, Progress, Report, Stop, Threads
from tui_initflow.engine.preactivations import PreactivationStatistics
from tui_initflow.engine.results import MethodResult, Results, Statistics
from tui_initflow.engine.signals import Float64s
from tui_initflow.engine.simulator import Simulator, Workspace
from tui_initflow.engine.streams import Slot
from tui_initflow.model.cost import expected_seconds
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import SIDES, Pair, Side

__all__ = ["Cancelled", "simulate"]

BATCH_WEIGHTS = 3 << 20
"""Most numbers drawn for a batch: 12 MB, still in the last level of the cache when the backward pass reads them."""
BATCH_SIGNALS = 1 << 19
"""Most signals of a batch, one for each neuron and input, so that narrow, deep networks and batch norm take no more
memory than others."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some runs of one method."""

    slot: Slot
    runs: range


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Gradients (runs, L+1) and statistics of a batch."""

    log10_gradient: Float64s
    statistics: Statistics


def simulate(
    experiment: Experiment,
    *,
    first_run: int = 0,
    cancel: threading.Event | None = None,
    on_progress: Report[Results] | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    earlier: Results | Collected | None = None,
) -> Results:
    """Simulate `experiment.runs` runs, numbered from `first_run` on.

    Run k is a pure function of (seed, settings, method, k): the same in any batch, thread, order or number of runs, to
    the last bit on one kind of processor. `on_progress` is called after each batch of runs; a partial result does not
    copy the gradients. When `cancel` is set, work ends within 50 ms and the runs complete so far are returned, without
    gaps. It is done in threads, or by `executor`. `earlier` has the first of the runs, done before: it goes on with the
    next. Those that are collected already, for as many runs as the experiment has, are not copied.

    Raises:
        Cancelled: no run was complete.
        ValueError: `earlier` is of other settings, or has more runs.
    """
    if isinstance(earlier, Results):
        earlier = Collected.of(earlier, experiment.runs)
    collected = Collected(experiment) if earlier is None else earlier
    if collected.experiment != experiment:
        raise ValueError("only fewer runs of the same settings can be gone on with")
    runs = range(first_run + collected.runs, first_run + experiment.runs)
    work, batches, place = partial(_computing, experiment), _batches(experiment, runs), executor or Threads(threads)
    results: dict[Side, BatchResult] = {}
    for batch, result in place.in_order(work, batches, Stop(cancel), _load(experiment, len(runs))):
        results[batch.slot.side] = result
        if len(results) < len(SIDES):
            continue
        collected.add(Pair(results["a"], results["b"]))
        results = {}
        if on_progress is not None:
            done, total = collected.runs, experiment.runs
            on_progress(Progress("runs", done, total, done / total, collected.results()))
    if not collected.runs:
        raise Cancelled
    return collected.results()()


def _computing(experiment: Experiment, stop: Stop) -> Callable[[Batch], BatchResult]:
    """What computes a batch; simulators share streams and memory."""
    workspace = Workspace(experiment.seed)
    simulators = {slot: Simulator(experiment, slot, stop.checkpoint, workspace) for slot in Slot.methods()}

    def compute(batch: Batch) -> BatchResult:
        passes = simulators[batch.slot].passes(batch.runs)
        statistics = Statistics(PreactivationStatistics.of(passes, batch.runs[0], stop.checkpoint), passes.elements)
        return BatchResult(passes.log10_gradient, statistics)

    return compute


def _batches(experiment: Experiment, runs: range) -> list[Batch]:
    """Batches of both methods in the order of the runs."""
    size = _together(experiment)
    batches = (runs[first : first + size] for first in range(0, len(runs), size))
    return [Batch(slot, batch) for batch in batches for slot in Slot.methods()]


def _load(experiment: Experiment, runs: int) -> Load:
    """What so many of its runs ask of a place."""
    layer_work = _together(experiment) * experiment.inputs * experiment.work // experiment.layers
    return Load(layer_work, experiment.signals, expected_seconds(experiment) * runs / experiment.runs)


def _together(experiment: Experiment) -> int:
    """Runs per batch."""
    fit = max(1, min(BATCH_WEIGHTS // experiment.drawn, BATCH_SIGNALS // experiment.signals))
    return min(fit, experiment.runs)


class Collected:
    """The results of the batches of an experiment so far, in the order of the runs; `runs` are complete."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.runs = 0
        # memory is taken page by page, as rows are written; rows are written once
        shape = (experiment.runs, experiment.layers + 1)
        self._log10_gradient = Pair(np.empty(shape), np.empty(shape))
        self._statistics: Pair[Statistics] | None = None

    @classmethod
    def of(cls, results: Results, runs: int) -> Collected:
        """A copy of the results with room for this many runs, if there are not more already."""
        collected = cls(results.experiment.with_(runs=max(runs, results.runs)))
        collected.add(results.methods.map(lambda method: BatchResult(method.log10_gradient, method.statistics)))
        return collected

    def room(self, side: Side, runs: int) -> Float64s:
        """Where the gradients (runs, L+1) of the next runs will be: `add` copies none that are there already."""
        return self._log10_gradient[side][self.runs : self.runs + runs]

    def add(self, batch: Pair[BatchResult]) -> None:
        """The next runs of both methods."""
        for side in SIDES:
            gradients = batch[side].log10_gradient
            self.room(side, len(gradients))[:] = gradients
        self.runs += len(batch.a.log10_gradient)
        earlier, later = self._statistics, batch.map(lambda result: result.statistics)
        self._statistics = later if earlier is None else Pair.of(lambda side: earlier[side].joined(later[side]))

    def results(self) -> Callable[[], Results]:
        """A function that gives the results of the runs complete now, whenever it is called."""
        runs, statistics = self.runs, self._statistics
        assert statistics is not None

        def method(side: Side) -> MethodResult:
            log10_gradient = self._log10_gradient[side][:runs]
            log10_gradient.flags.writeable = False
            name = self.experiment.methods[side].initialiser.name
            return MethodResult(name, log10_gradient, statistics[side])

        return lambda: Results(self.experiment.with_(runs=runs), method("a"), method("b"))
