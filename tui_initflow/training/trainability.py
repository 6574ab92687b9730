"""Where networks can be trained at all: test accuracy over gain and depth.

Figure 5 of Schoenholz et al. 2017, "Deep information propagation", arXiv 1611.01232.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Executor, Load, Progress, Report, Stop, Threads, already
from tui_initflow.engine.signals import Float64s
from tui_initflow.model.cost import expected_training_seconds
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Side
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import BEST, TrainingSettings
from tui_initflow.training.classifier import Parameters, shapes_of, starting_parameters
from tui_initflow.training.data import Dataset
from tui_initflow.training.optimisers import OPTIMISERS
from tui_initflow.training.results import Masked, without_nan
from tui_initflow.training.trainer import Trainer, check, networks_that_fit

DEPTHS = (3, 6, 10, 15, 22, 32, 46, 66)
GAINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0)
COARSE_DEPTHS, COARSE_GAINS = 3, 3
"""The coarse picture has one depth in three and one gain in three."""
TOGETHER = 15
"""Most networks that are trained in one array, of some gains at all rates: more do not stay in the cache."""

GROUP_BYTES = 120_000_000
"""Most memory of an array of networks."""

CHECKS = 16
"""Times that cells are looked at."""
KEPT: Mapping[float, int] = {1 / 4: 3, 1 / 2: 2}
"""After these shares of the steps a cell goes on with so many of its rates, by their loss on rows held back."""
NOT_BEGUN = 0.85
"""A network whose loss was never below this share of that of guessing is trained no further, if one of these holds:"""
NEGLIGIBLE = 1.0
"""all steps left would not change its signals by this factor;"""
MOVED, PATIENCE = 100.0, 3 / 16
"""or the steps taken have changed them by this factor, to no end, and are this share of all. One that has hardly moved
may still begin, late and then fast."""

Train = Callable[[Sequence[Experiment], Callable[[], None]], tuple[Float64s, Float64s]]
"""Gives accuracy and rate of every cell; is given what to call every few milliseconds."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Some cells of a depth, trained together: indices of the depth and of the gains."""

    row: int
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TrainabilityMap:
    """Test accuracy of one method at every gain and depth, (depths, gains), and the learning rate it was reached at.

    Masked where not yet done. A cell that diverged has the accuracy of chance.
    """

    side: Side
    depths: tuple[int, ...]
    gains: tuple[float, ...]
    accuracy: Masked
    rate: Masked
    rates: tuple[float, ...]
    """Learning rates, the best of which each cell has."""
    chance: float

    @property
    def done(self) -> int:
        """Cells that are trained."""
        return int(self.accuracy.count())

    @property
    def is_complete(self) -> bool:
        return self.done == self.accuracy.size


def trainability_map(
    experiment: Experiment,
    side: Side,
    settings: TrainingSettings,
    data: Dataset,
    *,
    depths: Sequence[int] = DEPTHS,
    gains: Sequence[float] = GAINS,
    cancel: threading.Event | None = None,
    on_progress: Report[TrainabilityMap] | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
) -> TrainabilityMap:
    """Train run 0 of method `side` at every gain and depth, coarse to fine: a gain multiplies the method's own.

    With the rate `BEST`, a cell starts at all rates of the optimiser's grid, goes on with fewer of them, and has the
    one of the least loss at the end, on rows that are held back from the training and from the test. `on_progress` is
    called after some cells. When `cancel` is set, work ends within 50 ms and the cells complete so far are returned.
    It is done in threads, or by `executor`.

    Raises:
        SettingError: there is a list of widths, the deepest networks do not fit in memory, or `settings.batch_size` is
            refused as by `train`.
    """
    if experiment.widths is not None:
        raise SettingError("widths", "a list of widths has no depth to vary", "use layers and neurons instead")
    experiment = experiment.with_(features=data.features, runs=1)
    rates = OPTIMISERS[settings.optimizer].rates if settings.lr == BEST else (float(settings.lr),)
    check(experiment, settings, data)
    deepest = experiment.with_(layers=max(depths))
    fit = networks_that_fit(deepest, settings, data, GROUP_BYTES)
    if fit < len(rates):
        raise SettingError(
            "neurons", f"{len(rates)} times {deepest.network} do not fit in memory", "fewer, or less depth"
        )
    shape = (len(depths), len(gains))
    coarse, fine = coarse_to_fine(shape, depths, max(1, min(fit, TOGETHER) // len(rates)))
    accuracy, rate = np.full(shape, np.nan), np.full(shape, np.nan)

    train = partial(_accuracy_and_rate, side, settings, data, rates)
    work = partial(_computing, train, experiment, side, tuple(depths), tuple(gains))
    place = executor or Threads(threads)

    def result() -> TrainabilityMap:
        done, at = without_nan(accuracy), without_nan(rate)
        return TrainabilityMap(side, tuple(depths), tuple(gains), done, at, tuple(rates), data.chance)

    total, worked = sum(depths) * len(gains), 0
    at_depths = [experiment.with_(layers=depth).network for depth in depths]
    load = Load(seconds=sum(expected_training_seconds(at, settings, len(gains) * len(rates)) for at in at_depths))
    for cells, (accuracies, chosen) in place.in_order(work, [*coarse, *fine], Stop(cancel), load):
        accuracy[cells.row, list(cells.columns)] = accuracies
        rate[cells.row, list(cells.columns)] = chosen
        worked += depths[cells.row] * len(cells.columns)
        if on_progress is not None:
            so_far = result()
            on_progress(Progress("cells", so_far.done, accuracy.size, worked / total, already(so_far)))
    return result()


def coarse_to_fine(shape: tuple[int, int], depths: Sequence[int], together: int) -> tuple[list[Cells], list[Cells]]:
    """The cells of the coarse picture, and all others, so many `together`; deep ones first: threads end together."""
    rows, columns = range(shape[0]), range(shape[1])
    coarse_rows, coarse_columns = rows[::COARSE_DEPTHS], columns[::COARSE_GAINS]

    def cut(row: int, columns: Sequence[int]) -> list[Cells]:
        return [Cells(row, tuple(columns[i : i + together])) for i in range(0, len(columns), together)]

    by_depth = sorted(rows, key=lambda row: -depths[row])
    coarse = [cells for row in by_depth if row in coarse_rows for cells in cut(row, coarse_columns)]
    others = {row: [c for c in columns if row not in coarse_rows or c not in coarse_columns] for row in by_depth}
    return coarse, [cells for row in by_depth for cells in cut(row, others[row])]


def _computing(
    train: Train,
    experiment: Experiment,
    side: Side,
    depths: Sequence[int],
    gains: Sequence[float],
    stop: Stop,
) -> Callable[[Cells], tuple[Float64s, Float64s]]:
    """What trains some cells."""

    def compute(cells: Cells) -> tuple[Float64s, Float64s]:
        at = experiment.with_(layers=depths[cells.row])
        own = at.methods[side].settings.gain
        some = [at.with_method(side, gain=own * gains[column]) for column in cells.columns]
        return train(some, stop.checkpoint)

    return compute


def _accuracy_and_rate(
    side: Side,
    settings: TrainingSettings,
    data: Dataset,
    rates: Sequence[float],
    cells: Sequence[Experiment],
    checkpoint: Callable[[], None],
) -> tuple[Float64s, Float64s]:
    """Accuracies of cells of the same depth."""
    classes = len(data.classes)
    starts = [starting_parameters(cell, side, range(1), classes, checkpoint).flat for cell in cells]
    shapes = shapes_of(cells[0], classes)
    theta = Parameters.of(np.concatenate([start for start in starts for _ in rates]), shapes)
    rate_of, seed = np.tile(rates, len(cells)), cells[0].seed
    # what is chosen among is trained on fewer rows; a single rate as by `train`
    split, test = partial(data.for_choice if len(rates) > 1 else data.for_test, seed), data.for_test(seed, 0).held
    trainer = Trainer(cells[0], side, settings, data, split, theta, [0] * len(rate_of), rate_of.tolist(), checkpoint)

    accuracy, final_loss = np.full(len(rate_of), data.chance), np.full(len(rate_of), np.inf)
    moved, change, least_loss = np.zeros(len(rate_of)), np.zeros(len(rate_of)), np.full(len(rate_of), np.inf)
    halvings = {math.ceil(settings.steps * share): kept for share, kept in KEPT.items()}
    looks = np.linspace(settings.steps / CHECKS, settings.steps, CHECKS).round().astype(int).tolist()
    for step in sorted({0, *looks, *halvings}):
        moved += change * (step - trainer.step)
        trainer.advance(step)
        loss, update_ratio = trainer.change()
        change, least_loss = _change(update_ratio, shapes[-1][1]), np.fmin(least_loss, loss)
        is_hopeless = change * (settings.steps - step) < NEGLIGIBLE
        if step >= settings.steps * PATIENCE:
            is_hopeless |= moved >= MOVED
        has_begun = least_loss < NOT_BEGUN * math.log(classes)
        is_done = (is_hopeless & ~has_begun) | (step == settings.steps)
        if step in halvings:
            is_done |= _worst(trainer.held_loss().reshape(len(cells), -1), halvings[step]).ravel()
        leaving = is_done[trainer.alive]
        done = trainer.alive[leaving]
        if len(done):
            final_loss[done] = np.fmin(trainer.held_loss()[done], np.inf)
            accuracy[done] = trainer.accuracy_on(test)[done]
            trainer.keep(~leaving)
        if not len(trainer.alive):
            break
    has_diverged = trainer.diverged_at >= 0
    final_loss[has_diverged], accuracy[has_diverged] = np.inf, data.chance
    chosen = final_loss.reshape(len(cells), -1).argmin(axis=1) + np.arange(0, len(rate_of), len(rates))
    return accuracy[chosen], rate_of[chosen]


def _worst(loss: Float64s, kept: int) -> NDArray[np.bool_]:
    """Those of the rates of each cell (cells, rates) that are not among the `kept` of the least loss."""
    rank = np.where(np.isfinite(loss), loss, np.inf).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    worst: NDArray[np.bool_] = rank >= kept
    return worst


def _change(update_ratio: Float64s, neurons: int) -> Float64s:
    """By how much a step changes the signals of each network at most, relative to them.

    An update has rank 1 but for the batch: it acts on a signal sqrt(n) times as strongly as weights of the same size.
    All layers together change a signal at most by the sum.
    """
    change: Float64s = np.fmin(update_ratio, 1.0).sum(axis=1) * math.sqrt(neurons)
    return change
