"""Networks trained together, step by step; what is measured on the way, and those that diverge set aside."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.passes import Float64s, Floats
from tui_initflow.engine.preactivations import FLAT_BELOW
from tui_initflow.engine.sampling.streams import Slot, Stream
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Side
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.classifier import Classifier, Parameters, parameter_count
from tui_initflow.training.data import Dataset, Labels, Split
from tui_initflow.training.optimisers import OPTIMISERS
from tui_initflow.training.start import shapes_of

EVALUATED_TOGETHER = 64
"""Rows of the data that are classified in one go."""
UPDATED_TOGETHER = 1 << 16
"""Parameters that are updated in one go: few enough to stay in the cache."""


@dataclass(frozen=True, slots=True)
class Record:
    """Every network at one step: `loss` (networks,), the others (networks, layers).

    `loss` is that of the step's batch before the update. With delta the gradient of
    the loss of a single row: `log10_gradient`, the mean of |delta_{k+1}| in column k, 0 … L, as the app measures it,
    but with the read-out in place of the output's 1; `log10_spread`, the standard deviation of the same delta.
    `saturated` is the share of units of the layers 1 … L with |f'| < 0.1. `log10_gradient_ratio` and
    `log10_update_ratio` are the standard deviations of the gradient and of the update of W_l over that of W_l,
    1 … L+1. -inf is an exact zero; nan, for a network that has diverged or a ratio that is 0 / 0, is masked in results.
    """

    loss: Float64s
    log10_gradient: Float64s
    log10_spread: Float64s
    saturated: Float64s
    log10_gradient_ratio: Float64s
    log10_update_ratio: Float64s

    def at(self, networks: NDArray[np.intp], count: int) -> Record:
        """The record of `count` networks of which only these were measured; nan for the others."""

        return Record(*(_scattered(getattr(self, field.name), networks, count) for field in fields(self)))


def _scattered(values: Float64s, networks: NDArray[np.intp], count: int) -> Float64s:
    """Values of some networks as an array (count, …) that is nan elsewhere."""
    everywhere = np.full((count, *values.shape[1:]), np.nan)
    everywhere[networks] = values
    return everywhere


def check(experiment: Experiment, settings: TrainingSettings, data: Dataset) -> None:
    """Raise SettingError if a method has batch norm, which is not trained yet, or no weights, or data fewer rows.

    Where the sampler `auto` draws no weights for a run, training draws them: it starts from other networks of that law.
    """
    if experiment.sampler == "implicit":
        raise SettingError("sampler", "training starts from weights, of which implicit draws none", "auto or explicit")
    for method in experiment.methods:
        if method.block.norm == "batch":
            raise SettingError(f"norm_{method.side}", "batch norm cannot be trained yet", "none, layer or rms")
    rows = len(data.training)
    if settings.batch > rows:
        problem = f"{settings.batch} is more than {data.name} has"
        raise SettingError("batch", problem, f"at most {rows} rows for training")


def networks_that_fit(
    experiment: Experiment, settings: TrainingSettings, data: Dataset, most_bytes: int, of_records: int = 0
) -> int:
    """Networks whose training takes at most this much memory, with so many bytes of records for each."""
    # parameters, gradient, update and moments, and the parameters that a search starts from
    arrays = 4 + OPTIMISERS[settings.optimizer].moments
    of_parameters = arrays * 4 * parameter_count(shapes_of(experiment, len(data.classes)))
    # a layer's signal is kept with what f was applied to and, with a norm, that again
    of_signals = 3 * 4 * experiment.network.neurons * settings.batch
    return most_bytes // (of_parameters + of_signals + of_records)


class Trainer:
    """Networks of one method, from `start` on, each in the data order of its run and at its own learning rate.

    They do not depend on each other: what one of them computes is the same in any array. A network whose loss is no
    longer finite leaves the array; `diverged_at` (networks,) is the step at which it did, or -1.
    """

    def __init__(
        self,
        experiment: Experiment,
        side: Side,
        settings: TrainingSettings,
        data: Dataset,
        start: Parameters,
        runs: Sequence[int],
        rates: Sequence[float],
        checkpoint: Callable[[], None],
    ) -> None:
        self.step = 0
        self.alive = np.arange(len(runs))
        self.diverged_at = np.full(len(runs), -1)
        self._classifier = Classifier(experiment.network.activation, experiment.methods[side].block, checkpoint)
        self._optimiser = OPTIMISERS[settings.optimizer]
        self._data = data
        self._shapes = shapes_of(experiment, len(data.classes))
        self._theta, self._gradient, self._update = start, self._like(start), self._like(start)
        self._moments = self._optimiser.start(start.flat)
        self._rates = np.array(rates, np.float32)[:, None]
        self._which, self._batches = _data_order(experiment.seed, runs, len(data.training), settings.batch)
        self._is_proposed = False
        self._checkpoint = checkpoint
        _keep_freed_memory()

    @property
    def parameters(self) -> Parameters:
        """Of the networks that are `alive`, in the order of that."""
        return self._theta

    def advance(self, to: int) -> Record:
        """Train until `to` steps are taken; returns what is measured there, and with the step that would follow."""
        with np.errstate(all="ignore"):
            if self._is_proposed:
                self._take()
            while self.step < to and len(self.alive):
                self._propose()
                self._take()
            self.step = to
            diagnostics = Diagnostics()
            loss = self._propose(diagnostics)
            return self._record(loss, diagnostics).at(self.alive, len(self.diverged_at))

    def accuracy(self) -> Float64s:
        """Share of the test rows that are classified rightly (networks,); nan for a network that is not alive."""
        return self._mean_over(self._data.test, self._classifier.accuracy)

    def training_loss(self) -> Float64s:
        """On all rows for training (networks,); nan for a network that is not alive."""
        return self._mean_over(self._data.training, self._classifier.loss)

    def keep(self, networks: NDArray[np.bool_]) -> None:
        """Train only these of the networks that are alive."""
        self.alive, self._which, self._rates = self.alive[networks], self._which[networks], self._rates[networks]
        self._theta, self._gradient, self._update = (
            Parameters.of(of.flat[networks], self._shapes) for of in (self._theta, self._gradient, self._update)
        )
        self._moments = tuple(moment[networks] for moment in self._moments)

    def _like(self, theta: Parameters) -> Parameters:
        return Parameters.of(np.empty_like(theta.flat), self._shapes)

    def _propose(self, observe: Diagnostics | None = None) -> Float64s:
        """Compute the next step without taking it; returns the loss before it (networks alive,)."""
        rows = next(self._batches)[self._which]
        # the inputs of a batch are the columns of a matrix
        x, y = self._data.training.x[rows].swapaxes(1, 2), self._data.training.y[rows]
        loss = self._classifier.gradients(self._theta, x, y, self._gradient, observe).astype(np.float64)
        is_finite = np.isfinite(loss)
        if not is_finite.all():
            self.diverged_at[self.alive[~is_finite]] = self.step
            self.keep(is_finite)
            if observe is not None:
                observe.keep(is_finite)
        together = max(1, UPDATED_TOGETHER // max(1, len(self.alive)))
        for first in range(0, self._theta.flat.shape[1], together):
            self._checkpoint()
            some = np.s_[:, first : first + together]
            theta, g, moments = self._theta.flat[some], self._gradient.flat[some], [m[some] for m in self._moments]
            self._update.flat[some], after = self._optimiser.update(
                theta, g, tuple(moments), self._rates, self.step + 1
            )
            for moment, new in zip(moments, after, strict=True):
                moment[...] = new
        self._is_proposed = True
        return loss[is_finite]

    def _take(self) -> None:
        theta = self._theta.flat
        theta += self._update.flat
        self._is_proposed = False
        self.step += 1

    def _record(self, loss: Float64s, diagnostics: Diagnostics) -> Record:
        deviations = np.stack([self._deviations(part) for part in (self._theta, self._gradient, self._update)])
        gradient_ratio, update_ratio = np.log10(deviations[1:] / deviations[0])
        return Record(loss, *diagnostics.by_layer(), gradient_ratio, update_ratio)

    def _deviations(self, part: Parameters) -> Float64s:
        """Standard deviations of the weights of every layer (networks alive, layers)."""
        by_layer = []
        for w in part.weights:
            self._checkpoint()
            by_layer.append(w.std(axis=(1, 2), dtype=np.float64))
        return np.stack(by_layer, axis=1)

    def _mean_over(self, rows: Split, measure: Callable[[Parameters, Floats, Labels], Floats]) -> Float64s:
        """The mean of `measure` over these rows of the data (networks,)."""
        total = np.zeros(len(self.alive))
        with np.errstate(all="ignore"):
            for first in range(0, len(rows), EVALUATED_TOGETHER):
                some = slice(first, first + EVALUATED_TOGETHER)
                y = rows.y[some]
                total += measure(self._theta, rows.x[some].T[None], y[None]).astype(np.float64) * len(y)
        return _scattered(total / len(rows), self.alive, len(self.diverged_at))


class Diagnostics:
    """Measures every layer on the way down."""

    def __init__(self) -> None:
        self._gradient: list[Float64s] = []
        self._spread: list[Float64s] = []
        self._saturated: list[Float64s] = []

    def __call__(self, layer: int, delta: Floats, slope: Floats | None) -> None:
        # squares of small float32 underflow; the mean over the batch is taken back
        wide = delta.astype(np.float64) * delta.shape[-1]
        self._gradient.insert(0, np.abs(wide).mean(axis=(1, 2)))
        self._spread.insert(0, wide.std(axis=(1, 2)))
        if slope is not None:
            self._saturated.insert(0, np.mean(np.abs(slope) < FLAT_BELOW, axis=(1, 2)))

    def keep(self, networks: NDArray[np.bool_]) -> None:
        for measured in (self._gradient, self._spread, self._saturated):
            measured[:] = [layer[networks] for layer in measured]

    def by_layer(self) -> tuple[Float64s, Float64s, Float64s]:
        """log10 gradient, log10 spread and share of saturated units, (networks, layers)."""
        gradient, spread, saturated = (
            np.stack(measured, axis=1) for measured in (self._gradient, self._spread, self._saturated)
        )
        return np.log10(gradient), np.log10(spread), saturated


def _data_order(
    seed: int, runs: Sequence[int], rows: int, batch: int
) -> tuple[NDArray[np.intp], Iterator[NDArray[np.intp]]]:
    """Batches of row numbers (different runs, batch), and which of these each of `runs` takes.

    Every run goes through all rows in an order of its own, then again in another, without gaps between the epochs. Its
    order follows from the seed and its number: it is the same for both methods.
    """
    different, which = np.unique(np.array(runs), return_inverse=True)
    stream = Stream(seed, Slot.DATA_ORDER)

    def batches() -> Iterator[NDArray[np.intp]]:
        ahead = np.empty((len(different), 0), np.intp)
        for epoch in itertools.count():
            words = np.stack([stream.words(epoch, run * rows, rows) for run in different.tolist()])
            ahead = np.concatenate([ahead, np.argsort(words, axis=1, kind="stable")], axis=1)
            whole = ahead.shape[1] // batch
            yield from np.split(ahead[:, : whole * batch], whole, axis=1) if whole else ()
            ahead = ahead[:, whole * batch :]

    return which, batches()


def _keep_freed_memory() -> None:
    """Let glibc keep the memory of a layer that is freed for the next, instead of asking the system for it again.

    It does so up to the largest array freed so far. Other allocators do it anyway.
    """
    np.empty(1 << 20, np.float32)
