"""The learning rate that suits a method best, by trying: so that none of them decides the winner in silence."""

from __future__ import annotations

import math
import threading

from tui_initflow.engine.pool import Cancelled, Stop, in_order
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import SIDES, Pair, Side
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.classifier import Parameters
from tui_initflow.training.data import Dataset
from tui_initflow.training.optimisers import OPTIMISERS
from tui_initflow.training.results import RateSearch
from tui_initflow.training.start import shapes_of, starting_parameters
from tui_initflow.training.trainer import Trainer

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
