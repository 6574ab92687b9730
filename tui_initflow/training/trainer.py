"""Networks trained together, step by step; what is measured on the way, and those that diverge set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.signals import Float64s, Floats
from tui_initflow.engine.streams import Slot, Stream
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Side
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import BEST, TrainingSettings
from tui_initflow.training.classifier import Classifier, Normaliser, Parameters, parameter_count, shapes_of
from tui_initflow.training.data import Dataset, Labels, Split
from tui_initflow.training.optimisers import OPTIMISERS
from tui_initflow.training.results import Diagnostics, Record, scattered

EVALUATED_TOGETHER = 64
"""Rows of the data that are classified in one go."""
SAMPLE_BATCHES = 8
"""Parts that batch norm's means are taken over for evaluation: they are within 0.04 standard deviations of those over
all rows, a third of how far off they are in each step's batch."""
UPDATED_TOGETHER = 1 << 16
"""Parameters that are updated in one go: few enough to stay in the cache."""
SUMMED_TOGETHER = 1 << 14
"""Weights of a network over which a sum in float64 is taken in one go, whatever is trained beside it."""


def check(experiment: Experiment, settings: TrainingSettings, data: Dataset) -> None:
    """Raise SettingError if no weights are drawn, or a batch is larger than the data or too small for batch norm.

    Where the sampler `auto` draws no weights for a run, training draws them: it starts from other networks of that law.
    """
    if experiment.sampler == "implicit":
        raise SettingError("sampler", "training starts from weights, of which implicit draws none", "auto or explicit")
    if settings.batch_size == 1 and any(method.block.couples_inputs for method in experiment.methods):
        raise SettingError("batch_size", "a batch of 1 has variance 0", "a whole number from 2, or another norm")
    split = data.for_choice if settings.lr == BEST else data.for_test
    rows = len(split(experiment.seed, 0).training)
    if settings.batch_size > rows:
        problem = f"{settings.batch_size} is more than {data.name} has"
        raise SettingError("batch_size", problem, f"at most {rows} rows for training")


def networks_that_fit(
    experiment: Experiment, settings: TrainingSettings, data: Dataset, most_bytes: int, of_records: int = 0
) -> int:
    """Networks whose training takes at most `most_bytes`, with `of_records` bytes of records for each."""
    # parameters, gradient, update and moments, and the parameters that a search starts from
    arrays = 4 + OPTIMISERS[settings.optimizer].moments
    of_parameters = arrays * 4 * parameter_count(shapes_of(experiment, len(data.classes)))
    # a layer's signal is kept with what f was applied to and, with a norm, that again
    of_signals = 3 * 4 * experiment.network.neurons * settings.batch_size
    return most_bytes // (of_parameters + of_signals + of_records)


class Trainer:
    """Networks of one method, from `start` on, each at its own learning rate.

    `split` gives the rows of a run by its number; they come in an order of its own, too.

    They do not depend on each other: what one of them computes is the same in any array. A network whose loss is no
    longer finite leaves the array; `diverged_at` (networks,) is the step at which it did, or -1.
    """

    def __init__(
        self,
        experiment: Experiment,
        side: Side,
        settings: TrainingSettings,
        data: Dataset,
        split: Callable[[int], Split],
        start: Parameters,
        runs: Sequence[int],
        rates: Sequence[float],
        checkpoint: Callable[[], None],
    ) -> None:
        self.step = 0
        self.alive = np.arange(len(runs))
        self.diverged_at = np.full(len(runs), -1)
        self._side: Side = side
        self._optimiser = OPTIMISERS[settings.optimizer]
        self._shapes = shapes_of(experiment, len(data.classes))
        self._theta, self._gradient = start, self._like(start)
        self._update: Parameters | None = None
        self._moments = self._optimiser.start(start.flat)
        self._rates = np.array(rates, np.float32)[:, None]
        different, self._which = np.unique(np.array(runs), return_inverse=True)
        splits = [split(run) for run in different.tolist()]
        self._training, self._held = np.stack([of.training for of in splits]), np.stack([of.held for of in splits])
        runs_and_rows = experiment.seed, different.tolist(), self._training.shape[1]
        self._batches: Iterator[NDArray[np.intp]] = DataOrder(*runs_and_rows, settings.batch_size)
        self._sample = _sample(self._training, *runs_and_rows)
        self._has_batch_norm = experiment.methods[side].block.couples_inputs
        self.attach(experiment, data, checkpoint)

    def attach(self, experiment: Experiment, data: Dataset, checkpoint: Callable[[], None]) -> None:
        """Go on with this checkpoint, and with the same experiment and data, which a trainer is not sent with."""
        self._data, self._checkpoint = data, checkpoint
        block = experiment.methods[self._side].block
        self._classifier = Classifier(experiment.network.activation, block, checkpoint)
        _keep_freed_memory()

    def __getstate__(self) -> dict[str, Any]:
        """All that the next steps depend on, but for what `attach` brings."""
        left_out = {"_data", "_checkpoint", "_classifier", "_gradient"}
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._gradient = self._like(self._theta)

    @property
    def parameters(self) -> Parameters:
        """Parameters of the networks that are `alive`, in that order."""
        return self._theta

    def advance(self, to: int) -> None:
        """Train until `to` steps are taken."""
        with np.errstate(all="ignore"):
            while self.step < to and len(self.alive):
                self._take()
        if not len(self.alive):
            self.step, self._update = to, None

    def record(self) -> Record:
        """What is measured at this step, and with the update that would follow; nan for a network that is not alive."""
        diagnostics = Diagnostics()
        with np.errstate(all="ignore"):
            loss, update = self._propose(diagnostics)
            deviations = np.stack([self._deviations(part) for part in (self._theta, self._gradient, update)])
            gradient_ratio, update_ratio = np.log10(deviations[1:] / deviations[0])
            record = Record(loss, *diagnostics.by_layer(), gradient_ratio, update_ratio)
        return record.at(self.alive, len(self.diverged_at))

    def change(self) -> tuple[Float64s, Float64s]:
        """A glance at this step, which costs less than a record: loss (networks,), |update| / |W_l| (networks, layers).

        The loss is that of the step's batch, the update the one that would follow; below 1e-22 it may count as 0. nan
        for a network that is not alive.
        """
        with np.errstate(all="ignore"):
            loss, update = self._propose()
            ratios = [
                np.sqrt(_squares(u) / _squares(w)) for u, w in zip(update.weights, self._theta.weights, strict=True)
            ]
        ratio = np.stack(ratios, axis=1).astype(np.float64)
        return self._everywhere(loss), self._everywhere(ratio)

    def accuracy(self) -> Float64s:
        """Share of the rows held back that are classified rightly (networks,); nan for a network that is not alive."""
        return self._everywhere(self._mean_over(self._held, self._classifier.accuracy))

    def accuracy_on(self, rows: Labels) -> Float64s:
        """Share of these rows of the data that are classified rightly (networks,); nan for one that is not alive."""
        everyones = np.broadcast_to(rows, (len(self._held), len(rows)))
        return self._everywhere(self._mean_over(everyones, self._classifier.accuracy))

    def held_loss(self) -> Float64s:
        """On the rows held back (networks,); nan for a network that is not alive."""
        return self._everywhere(self._mean_over(self._held, self._classifier.loss))

    def training_loss(self) -> Float64s:
        """On all rows for training (networks,); nan for a network that is not alive."""
        return self._everywhere(self._mean_over(self._training, self._classifier.loss))

    def keep(self, networks: NDArray[np.bool_]) -> None:
        """Train only these of the networks that are alive."""
        self.alive, self._which, self._rates = self.alive[networks], self._which[networks], self._rates[networks]
        self._theta, self._gradient = (self._only(networks, of) for of in (self._theta, self._gradient))
        self._update = self._update and self._only(networks, self._update)
        self._moments = tuple(moment[networks] for moment in self._moments)

    def _like(self, theta: Parameters) -> Parameters:
        return Parameters.of(np.empty_like(theta.flat), self._shapes)

    def _only(self, networks: NDArray[np.bool_], of: Parameters) -> Parameters:
        return Parameters.of(of.flat[networks], self._shapes)

    def _take(self) -> None:
        """Take the next step."""
        theta = self._theta.flat
        if self._update is not None:
            theta += self._update.flat
            self._update = None
        else:
            self._compute_gradient()
            theta = self._theta.flat
            for some, update in self._updates():
                theta[some] += update
        self.step += 1

    def _propose(self, observe: Diagnostics | None = None) -> tuple[Float64s, Parameters]:
        """Compute the next step without taking it; the loss before it (networks alive,), and its update."""
        assert self._update is None, "a step is proposed once"
        loss = self._compute_gradient(observe)
        proposed = self._update = self._like(self._theta)
        for some, update in self._updates():
            proposed.flat[some] = update
        return loss, proposed

    def _compute_gradient(self, observe: Diagnostics | None = None) -> Float64s:
        """Compute the gradients of the next batch; returns the loss (networks alive,)."""
        rows = np.take_along_axis(self._training, next(self._batches), axis=1)[self._which]
        # the inputs of a batch are the columns of a matrix
        x, y = self._data.x[rows].swapaxes(1, 2), self._data.y[rows]
        loss = self._classifier.gradients(self._theta, x, y, self._gradient, observe).astype(np.float64)
        is_finite = np.isfinite(loss)
        if not is_finite.all():
            self.diverged_at[self.alive[~is_finite]] = self.step
            self.keep(is_finite)
            if observe is not None:
                observe.keep(is_finite)
        return loss[is_finite]

    def _updates(self) -> Iterator[tuple[tuple[slice, slice], Floats]]:
        """The updates that follow from the gradient, for some parameters of all networks at a time."""
        together = max(1, UPDATED_TOGETHER // max(1, len(self.alive)))
        for first in range(0, self._theta.flat.shape[1], together):
            self._checkpoint()
            some = np.s_[:, first : first + together]
            moments = tuple(moment[some] for moment in self._moments)
            update, after = self._optimiser.update(
                self._theta.flat[some], self._gradient.flat[some], moments, self._rates, self.step + 1
            )
            for moment, new in zip(moments, after, strict=True):
                moment[...] = new
            yield some, update

    def _deviations(self, part: Parameters) -> Float64s:
        """Standard deviations of the weights of every layer (networks alive, layers)."""
        return np.stack([self._deviation(_by_network(w)) for w in part.weights], axis=1)

    def _deviation(self, w: Floats) -> Float64s:
        mean, squares = w.mean(axis=1, keepdims=True, dtype=np.float64), np.zeros(len(w))
        for first in range(0, w.shape[1], SUMMED_TOGETHER):
            self._checkpoint()
            centred = w[:, first : first + SUMMED_TOGETHER] - mean
            squares += np.vecdot(centred, centred)
        deviation: Float64s = np.sqrt(squares / w.shape[1])
        return deviation

    def _everywhere(self, values: Float64s) -> Float64s:
        """Values of the networks that are alive for all, nan for the others."""
        return scattered(values, self.alive, len(self.diverged_at))

    def _mean_over(
        self, rows: Labels, measure: Callable[[Parameters, Floats, Labels, Normaliser | None], Floats]
    ) -> Float64s:
        """The mean of `measure` over these rows of each run (runs, rows), of the networks that are alive."""
        total, normalise = np.zeros(len(self.alive)), None
        with np.errstate(all="ignore"):
            if self._has_batch_norm:
                sample = (x for x, _ in self._parts(self._sample))
                normalise = self._classifier.population(self._theta, sample).normalise
            for x, y in self._parts(rows):
                total += measure(self._theta, x, y, normalise).astype(np.float64) * y.shape[1]
        total /= rows.shape[1]
        return total

    def _parts(self, rows: Labels) -> Iterator[tuple[Floats, Labels]]:
        """Inputs (networks, features, part) and classes (networks, part) for evaluation; of one run, (1, …)."""
        # networks of one run share its rows
        which = self._which if len(rows) > 1 else self._which[:1]
        for first in range(0, rows.shape[1], EVALUATED_TOGETHER):
            some = rows[which, first : first + EVALUATED_TOGETHER]
            yield self._data.x[some].swapaxes(1, 2), self._data.y[some]


def _by_network(w: Floats) -> Floats:
    """A view (networks, weights) of a layer."""
    return w.reshape(len(w), w.shape[1] * w.shape[2])


def _squares(w: Floats) -> Floats:
    """The sum over a layer of a network (networks,)."""
    squares: Floats = np.vecdot(_by_network(w), _by_network(w))
    return squares


class DataOrder:
    """Gives batch after batch of row numbers (runs, batch).

    Every run goes through all rows in an order of its own, then again in another, without gaps between the epochs. Its
    order follows from the seed and its number: it is the same for both methods.
    """

    def __init__(self, seed: int, runs: Sequence[int], rows: int, batch: int) -> None:
        self._stream = Stream(seed, Slot.DATA_ORDER)
        self._runs, self._rows, self._batch = runs, rows, batch
        self._epoch = 0
        self._ahead = np.empty((len(runs), 0), np.intp)

    def __iter__(self) -> Iterator[NDArray[np.intp]]:
        return self

    def __next__(self) -> NDArray[np.intp]:
        while self._ahead.shape[1] < self._batch:
            words = np.stack([self._stream.words(self._epoch, run * self._rows, self._rows) for run in self._runs])
            self._ahead = np.concatenate([self._ahead, np.argsort(words, axis=1, kind="stable")], axis=1)
            self._epoch += 1
        batch, self._ahead = np.split(self._ahead, [self._batch], axis=1)
        return batch


def _sample(training: Labels, seed: int, runs: Sequence[int], rows: int) -> Labels:
    """Rows for training, the first in the order of each run (runs, sample): some whole parts, or all that there are."""
    size = min(SAMPLE_BATCHES * EVALUATED_TOGETHER, rows)
    first = np.take_along_axis(training, next(DataOrder(seed, runs, rows, size)), axis=1)
    return first[:, : size - size % min(EVALUATED_TOGETHER, size)]


def _keep_freed_memory() -> None:
    """Let glibc keep the memory of a layer that is freed for the next, instead of asking the system for it again.

    It does so up to the largest array freed so far. Other allocators do it anyway.
    """
    np.empty(1 << 20, np.float32)
