"""Both methods trained: runs in groups, groups spread over threads, all of them from one recorded step to the next."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Cancelled, Progress, Report, Stop, available_threads, in_order
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import SIDES, Pair, Side
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import BEST, TrainingSettings
from tui_initflow.training.classifier import Parameters, shapes_of, starting_parameters
from tui_initflow.training.data import Dataset
from tui_initflow.training.optimisers import OPTIMISERS
from tui_initflow.training.results import Curves, MethodTraining, Point, RateSearch, TrainingResult
from tui_initflow.training.trainer import Trainer, check, networks_that_fit

SEARCH_RUNS = 2
SEARCH_STEPS = 200


def search(
    experiment: Experiment,
    settings: TrainingSettings,
    data: Dataset,
    *,
    cancel: threading.Event | None = None,
    threads: int = 2,
) -> Pair[RateSearch]:
    """The loss of each method at every rate of the optimiser's grid, after a part of the steps.

    Runs 0 and 1, whatever the number of runs, take `SEARCH_STEPS` steps at most: with five rates, the work of four runs
    of the default 500 steps for each method. `experiment` has to have the features of the data.

    Raises:
        Cancelled: `cancel` was set.
    """
    checkpoint = Stop(cancel).checkpoint
    rates, runs = OPTIMISERS[settings.optimizer].rates, range(SEARCH_RUNS)
    steps = min(SEARCH_STEPS, settings.steps)

    def compute(side: Side) -> RateSearch:
        start = starting_parameters(experiment, side, runs, len(data.classes), checkpoint)
        losses = []
        for rate in rates:
            theta = Parameters.of(start.flat.copy(), shapes_of(experiment, len(data.classes)))
            trainer = Trainer(experiment, side, settings, data, theta, runs, [rate] * len(runs), checkpoint)
            trainer.advance(steps)
            loss = float(trainer.training_loss().mean())
            losses.append(loss if math.isfinite(loss) else math.inf)
        return RateSearch(rates, tuple(losses), steps, len(runs))

    found = dict(in_order(compute, SIDES, threads, Stop(cancel)))
    if len(found) < len(SIDES):
        raise Cancelled
    return Pair(found["a"], found["b"])


__all__ = ["Cancelled", "train"]

POINTS = 50
"""Steps that are recorded, about; each costs as much as two or three others."""
TRAINING_BYTES = 200_000_000
"""Most memory that all runs of both methods may take."""
TOGETHER_SIGNALS = 1 << 15
"""Most numbers in a layer of a group of runs, unless one run has more: few enough to stay in the cache."""


Computed = TypeVar("Computed")


@dataclass(frozen=True, slots=True)
class Group:
    """Some runs of one method, that are trained in one array."""

    side: Side
    runs: range


def train(
    experiment: Experiment,
    settings: TrainingSettings,
    data: Dataset,
    *,
    cancel: threading.Event | None = None,
    on_progress: Report[TrainingResult] | None = None,
    on_search: Callable[[Pair[RateSearch]], None] | None = None,
    threads: int | None = None,
) -> TrainingResult:
    """Train all runs of both methods on data; the experiment's features follow the data.

    Run k is a pure function of (seed, settings, method, k): the same in any group, thread or number of runs, to the
    last bit on one kind of processor; between others, rounding errors grow with the steps. Step s of run k has the
    same rows of the data for both methods. Batch norm is over the rows of a step, `settings.batch`; the experiment's
    own `batch` is for what is measured without data, and changes nothing here.
    `on_search` is called with what the search for a learning rate found, `on_progress` at each recorded step. When
    `cancel` is set, work ends within 50 ms and what is recorded so far is returned.

    Raises:
        SettingError: the networks do not fit in memory, the batch is larger than the data, or it is one row and a
            method has batch norm.
        Cancelled: nothing was recorded.
    """
    experiment = experiment.with_(features=data.features)
    check(experiment, settings, data)
    _check_memory(experiment, settings, data)
    checkpoint, workers = Stop(cancel).checkpoint, threads or available_threads()
    searches: Pair[RateSearch] | None = None
    if settings.lr == BEST:
        searches = search(experiment, settings, data, cancel=cancel, threads=workers)
        if on_search is not None:
            on_search(searches)
    rates = Pair.of(lambda side: searches[side].best if searches else float(settings.lr))
    groups = list(_groups(experiment, settings))

    def start(group: Group) -> Trainer:
        theta = starting_parameters(experiment, group.side, group.runs, len(data.classes), checkpoint)
        rate = [rates[group.side]] * len(group.runs)
        return Trainer(experiment, group.side, settings, data, theta, group.runs, rate, checkpoint)

    def of_all_groups(compute: Callable[[Group], Computed]) -> dict[Group, Computed]:
        computed = dict(in_order(compute, groups, workers, Stop(cancel)))
        if len(computed) < len(groups):
            raise Cancelled
        return computed

    collected = Collected(experiment, settings, data, rates, searches)
    try:
        trainers = of_all_groups(start)
        for step in recorded_steps(settings.steps):

            def advance(group: Group, step: int = step) -> Point:
                trainers[group].advance(step)
                return Point(trainers[group].record(), trainers[group].accuracy())

            collected.add(step, of_all_groups(advance), trainers)
            if on_progress is not None:
                share = step / settings.steps
                on_progress(Progress("steps", step, settings.steps, share, collected.results()))
        collected.end(of_all_groups(lambda group: trainers[group].training_loss()))
    except Cancelled:
        if not collected.steps:
            raise
    return collected.results()()


def recorded_steps(steps: int) -> list[int]:
    """The steps from 0 to `steps` that are recorded: half evenly, half more densely at the beginning."""
    even = np.linspace(0, steps, POINTS // 2 + 1)
    early = np.geomspace(1, steps, POINTS // 2)
    return sorted({0, *np.rint(even).astype(int).tolist(), *np.rint(early).astype(int).tolist()})


def _groups(experiment: Experiment, settings: TrainingSettings) -> Iterator[Group]:
    size = max(1, TOGETHER_SIGNALS // (experiment.network.widest * settings.batch))
    for first in range(0, experiment.runs, size):
        for side in SIDES:
            yield Group(side, range(first, min(first + size, experiment.runs)))


def _check_memory(experiment: Experiment, settings: TrainingSettings, data: Dataset) -> None:
    of_records = 5 * 8 * (experiment.layers + 1) * len(recorded_steps(settings.steps))
    fit = networks_that_fit(experiment, settings, data, TRAINING_BYTES // 2, of_records)
    if fit < 1:
        raise SettingError("layers", f"training {experiment.network} does not fit in memory", "a smaller network")
    if experiment.runs > fit:
        problem = f"{experiment.runs} trainings do not fit in memory"
        raise SettingError("runs", problem, f"at most {fit} of this network")


class Collected:
    """What is recorded so far."""

    def __init__(
        self,
        experiment: Experiment,
        settings: TrainingSettings,
        data: Dataset,
        rates: Pair[float],
        searches: Pair[RateSearch] | None,
    ) -> None:
        self.steps: list[int] = []
        self._experiment, self._settings, self._chance = experiment, settings, data.chance
        self._rates, self._searches = rates, searches
        self._points: Pair[list[list[Point]]] = Pair([], [])
        self._diverged_at: Pair[tuple[int | None, ...]] = Pair((), ())
        self._final_loss: Pair[tuple[float, ...]] | None = None

    def add(self, step: int, points: dict[Group, Point], trainers: dict[Group, Trainer]) -> None:
        """What all groups measured at the next step."""
        self.steps.append(step)
        for side in SIDES:
            self._points[side].append([point for group, point in points.items() if group.side == side])
        steps = _by_method({group: trainer.diverged_at for group, trainer in trainers.items()})
        self._diverged_at = steps.map(lambda runs: tuple(int(at) if at >= 0 else None for at in runs))

    def end(self, losses: dict[Group, NDArray[np.float64]]) -> None:
        """All steps are done; the losses on all training rows, nan of runs that diverged."""
        without_nan = _by_method(losses).map(lambda loss: np.where(np.isfinite(loss), loss, np.inf))
        self._final_loss = without_nan.map(lambda loss: tuple(loss.tolist()))

    def results(self) -> Callable[[], TrainingResult]:
        """A function that gives what is recorded now, whenever it is called."""
        points, diverged_at, final_loss = len(self.steps), self._diverged_at, self._final_loss

        def method(side: Side) -> MethodTraining:
            return MethodTraining(
                name=self._experiment.methods[side].name,
                rate=self._rates[side],
                search=self._searches[side] if self._searches else None,
                steps=np.array(self.steps[:points]),
                curves=Curves.of(self._points[side][:points]),
                chance=self._chance,
                diverged_at=diverged_at[side],
                final_loss=final_loss[side] if final_loss else None,
            )

        return lambda: TrainingResult(self._experiment, self._settings, self._chance, method("a"), method("b"))


def _by_method(by_group: dict[Group, NDArray[np.float64]] | dict[Group, NDArray[np.int_]]) -> Pair[NDArray[np.float64]]:
    """The arrays (runs,) of all groups of a method, one after the other."""
    return Pair.of(lambda side: np.concatenate([values for group, values in by_group.items() if group.side == side]))
