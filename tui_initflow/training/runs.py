"""Both methods trained: runs in groups, groups spread over an executor, all from one recorded step to the next."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Cancelled, Chunks, Executor, Load, Progress, Report, Stop, Threads
from tui_initflow.model.cost import expected_training_seconds
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import SIDES, Pair, Side
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import BEST, TrainingSettings
from tui_initflow.training.classifier import parameter_count, shapes_of, starting_parameters
from tui_initflow.training.data import Dataset
from tui_initflow.training.optimisers import OPTIMISERS
from tui_initflow.training.results import Curves, MethodTraining, Point, RateSearch, TrainingResult
from tui_initflow.training.trainer import Trainer, check, networks_that_fit

SEARCH_RUNS = 2
FINER = 1.5
"""Factor between the best rate of the optimiser's grid and those that are tried beside it."""


def search(
    experiment: Experiment,
    settings: TrainingSettings,
    data: Dataset,
    *,
    cancel: threading.Event | None = None,
    executor: Executor | None = None,
) -> Pair[RateSearch]:
    """The loss of each method, after all steps, at the rates of the optimiser's grid and then near the best of them.

    It is that on rows that are held back from the training, and from the test. Runs 0 and 1 are trained for it,
    whatever the number of runs. `experiment` has to have the features of the data.

    Raises:
        Cancelled: `cancel` was set.
    """
    work, place = partial(_trying, experiment, settings, data), executor or Threads()
    seconds = expected_training_seconds(experiment.network, settings, SEARCH_RUNS)
    losses: dict[Trial, float] = {}

    def tried(trials: list[Trial]) -> Pair[RateSearch]:
        losses.update(place.in_order(work, trials, Stop(cancel), Load(seconds=len(trials) * seconds)))
        if any(trial not in losses for trial in trials):
            raise Cancelled
        return Pair.of(lambda side: _found(side, losses, settings.steps))

    coarse = tried([Trial(side, rate) for side in SIDES for rate in OPTIMISERS[settings.optimizer].rates])
    near = [(side, float(f"{coarse[side].best * factor:.3g}")) for side in SIDES for factor in (1 / FINER, FINER)]
    return tried([Trial(side, rate) for side, rate in near])


def _found(side: Side, losses: dict[Trial, float], steps: int) -> RateSearch:
    rates = tuple(sorted(trial.rate for trial in losses if trial.side == side))
    return RateSearch(rates, tuple(losses[Trial(side, rate)] for rate in rates), steps, SEARCH_RUNS)


class Trial(NamedTuple):
    """A learning rate that is tried with a method."""

    side: Side
    rate: float


def _trying(experiment: Experiment, settings: TrainingSettings, data: Dataset, stop: Stop) -> Callable[[Trial], float]:
    """What gives the loss after all steps, infinite if it diverges."""
    runs, split = range(SEARCH_RUNS), partial(data.for_choice, experiment.seed)

    def compute(trial: Trial) -> float:
        theta = starting_parameters(experiment, trial.side, runs, len(data.classes), stop.checkpoint)
        rates = [trial.rate] * len(runs)
        trainer = Trainer(experiment, trial.side, settings, data, split, theta, runs, rates, stop.checkpoint)
        trainer.advance(settings.steps)
        loss = float(trainer.held_loss().mean())
        return loss if math.isfinite(loss) else math.inf

    return compute


__all__ = ["Cancelled", "train"]

POINTS = 50
"""Steps that are recorded, about; each costs as much as two or three others."""
TRAINING_BYTES = 200_000_000
"""Most memory that all runs of both methods may take."""
TOGETHER_SIGNALS = 1 << 15
"""Most numbers in a layer of a group of runs, unless one run has more: few enough to stay in the cache."""
STRETCH_SECONDS = 0.2
"""Training from one report to the next, of the steps recorded meanwhile: to hand the trainers over costs time too."""
MOST_SENT = 1 << 21
"""Most parameters of a group that are sent to where it is trained and back, at each recorded step. The products of
larger ones take so long that threads do not wait for each other."""

Measured = TypeVar("Measured")


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
    executor: Executor | None = None,
) -> TrainingResult:
    """Train all runs of both methods on data; the experiment's features follow the data.

    Run k is a pure function of (seed, settings, method, k): the same in any group, thread or number of runs, to the
    last bit on one kind of processor; between others, rounding errors grow with the steps. Step s of run k has the
    same rows of the data for both methods. Batch norm is over the `settings.batch_size` rows of a step; the
    experiment's own `batch` is for what is measured without data, and changes nothing here.
    `on_search` is called with what the search for a learning rate found, `on_progress` of each recorded step, some
    of them together. When `cancel` is set, work ends within 50 ms and what was reported so far is returned.

    Raises:
        SettingError: the networks do not fit in memory, the batch is larger than the data, or it is one row and a
            method has batch norm.
        Cancelled: nothing was recorded.
    """
    experiment = experiment.with_(features=data.features)
    check(experiment, settings, data)
    _check_memory(experiment, settings, data)
    place = executor or Threads(threads)
    searches: Pair[RateSearch] | None = None
    if settings.lr == BEST:
        searches = search(experiment, settings, data, cancel=cancel, executor=place)
        if on_search is not None:
            on_search(searches)
    rates = Pair.of(lambda side: searches[side].best if searches else float(settings.lr))
    groups = list(_groups(experiment, settings))
    if len(groups[0].runs) * parameter_count(shapes_of(experiment, len(data.classes))) > MOST_SENT:
        place = Threads(threads)
    work = partial(_training, experiment, settings, data, rates)
    load = Load(seconds=2 * expected_training_seconds(experiment.network, settings, experiment.runs))
    trainers: dict[Group, Trainer] = {}

    def measured(steps: Sequence[int], measure: Callable[[Trainer], Measured]) -> dict[Group, list[Measured]]:
        """What `measure` gives for each group after each of so many steps."""
        stretches = [Stretch(group, trainers.get(group), steps, measure) for group in groups]
        done = [(stretch.group, *trained) for stretch, trained in place.in_order(work, stretches, Stop(cancel), load)]
        if len(done) < len(groups):
            raise Cancelled
        trainers.update((group, trainer) for group, trainer, _ in done)
        return {group: value for group, _, value in done}

    collected, chunks = Collected(experiment, settings, data, rates, searches), Chunks(recorded_steps(settings.steps))
    try:
        while chunks:
            steps, started = chunks.next(1), perf_counter()
            of_groups = measured(steps, _recorded)
            chunks.took(len(steps), perf_counter() - started, STRETCH_SECONDS)
            for at, step in enumerate(steps):
                Stop(cancel).checkpoint()
                collected.add(step, {group: recorded[at] for group, recorded in of_groups.items()})
                if on_progress is not None:
                    share = step / settings.steps
                    on_progress(Progress("steps", step, settings.steps, share, collected.results()))
        losses = measured([settings.steps], Trainer.training_loss)
        collected.end({group: loss for group, (loss,) in losses.items()})
    except Cancelled:
        if not collected.steps:
            raise
    return collected.results()()


class Stretch(NamedTuple):
    """A group from where its trainer is, at the start if there is none yet, to the last of some steps.

    `measure` is called after each of them.
    """

    group: Group
    trainer: Trainer | None
    steps: Sequence[int]
    measure: Callable[[Trainer], Any]


class Recorded(NamedTuple):
    """What is recorded of a group after a step, and at which step its networks diverged, (networks,), -1 if not yet."""

    point: Point
    diverged_at: NDArray[np.int_]


def _training(
    experiment: Experiment, settings: TrainingSettings, data: Dataset, rates: Pair[float], stop: Stop
) -> Callable[[Stretch], tuple[Trainer, list[Any]]]:
    """What trains a group over a stretch; it gives the trainer, too."""

    def start(group: Group) -> Trainer:
        theta = starting_parameters(experiment, group.side, group.runs, len(data.classes), stop.checkpoint)
        rate, split = [rates[group.side]] * len(group.runs), partial(data.for_test, experiment.seed)
        return Trainer(experiment, group.side, settings, data, split, theta, group.runs, rate, stop.checkpoint)

    def compute(stretch: Stretch) -> tuple[Trainer, list[Any]]:
        trainer, measured = stretch.trainer or start(stretch.group), []
        trainer.attach(experiment, data, stop.checkpoint)
        for step in stretch.steps:
            trainer.advance(step)
            measured.append(stretch.measure(trainer))
        return trainer, measured

    return compute


def _recorded(trainer: Trainer) -> Recorded:
    return Recorded(Point(trainer.record(), trainer.accuracy()), trainer.diverged_at.copy())


def recorded_steps(steps: int) -> list[int]:
    """The steps from 0 to `steps` that are recorded: half evenly, half more densely at the beginning."""
    even = np.linspace(0, steps, POINTS // 2 + 1)
    early = np.geomspace(1, steps, POINTS // 2)
    return sorted({0, *np.rint(even).astype(int).tolist(), *np.rint(early).astype(int).tolist()})


def _groups(experiment: Experiment, settings: TrainingSettings) -> Iterator[Group]:
    size = max(1, TOGETHER_SIGNALS // (experiment.network.widest * settings.batch_size))
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

    def add(self, step: int, recorded: dict[Group, Recorded]) -> None:
        """What all groups measured at the next step."""
        self.steps.append(step)
        for side in SIDES:
            self._points[side].append([of.point for group, of in recorded.items() if group.side == side])
        steps = _by_method({group: of.diverged_at for group, of in recorded.items()})
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
