"""What training gives: the curves and the diagnostics of both methods. Immutable, and nowhere nan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.preactivations import FLAT_BELOW
from tui_initflow.engine.signals import Float64s, Floats
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Pair
from tui_initflow.model.training import TrainingSettings


@dataclass(frozen=True, slots=True)
class Record:
    """Every network at one step: `loss` (networks,), the others (networks, layers).

    `loss` is that of the step's batch before the update. With delta the gradient of the loss of a single row, of that
    of all rows with batch norm: `log10_gradient`, the mean of |delta_{k+1}| in column k, 0 … L, as the app measures it,
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
        return Record(*(scattered(getattr(self, field.name), networks, count) for field in fields(self)))


def scattered(values: Float64s, networks: NDArray[np.intp], count: int) -> Float64s:
    """Values of some networks as an array (count, …) that is nan elsewhere."""
    everywhere = np.full((count, *values.shape[1:]), np.nan)
    everywhere[networks] = values
    return everywhere


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


Masked = np.ma.MaskedArray[Any, np.dtype[np.float64]]

LEARNED = 0.9
"""Test accuracy from which on a run has learned."""


@dataclass(frozen=True, slots=True)
class RateSearch:
    """The loss that a method reached at every rate tried, rising: the mean over `runs` of that on rows held back.

    It is inf if one of them diverged. `best` is the rate of the least loss, the smallest one if all diverged.
    """

    rates: tuple[float, ...]
    loss: tuple[float, ...]
    steps: int
    runs: int

    @property
    def best(self) -> float:
        return self.rates[int(np.argmin(self.loss))]

    @property
    def is_at_edge(self) -> bool:
        """Whether a rate beyond those tried may be better still."""
        return self.best in (self.rates[0], self.rates[-1])


@dataclass(frozen=True, slots=True)
class Point:
    """What some networks measured at a step; the test accuracy is (networks,)."""

    record: Record
    accuracy: Float64s


@dataclass(frozen=True, slots=True)
class Curves:
    """The test accuracy (runs, points), and the fields of `Record`: (runs, points) or (runs, points, layers).

    Masked from the step on at which a run diverged, and where a ratio was 0 / 0. -inf is log10 of an exact zero.
    """

    accuracy: Masked
    loss: Masked
    log10_gradient: Masked
    log10_spread: Masked
    saturated: Masked
    log10_gradient_ratio: Masked
    log10_update_ratio: Masked

    @classmethod
    def of(cls, points: Sequence[Sequence[Point]]) -> Curves:
        """From what every group of runs measured at every point."""

        def curve(of: Callable[[Point], Float64s]) -> Masked:
            return without_nan(np.stack([np.concatenate([of(group) for group in point]) for point in points], axis=1))

        of_record = [curve(lambda point, name=of.name: getattr(point.record, name)) for of in fields(Record)]  # type: ignore[misc]
        return cls(curve(lambda point: point.accuracy), *of_record)


def without_nan(values: Float64s) -> Masked:
    """The values, read-only, and masked where they are not known."""
    unknown = np.isnan(values) | np.isposinf(values)
    masked = np.ma.MaskedArray(np.where(unknown, 0.0, values), mask=unknown)
    masked.flags.writeable = False
    return masked


@dataclass(frozen=True, slots=True)
class MethodTraining:
    """One method's runs at learning rate `rate`, which the search found, if it was not given.

    `steps` (points,) are those at which `curves` were recorded. `diverged_at` is the step at which a run's loss was no
    longer finite; it stays as it was then. `final_loss` is the loss of a run on all training rows, inf if it diverged;
    None before all steps are done.
    """

    name: str
    rate: float
    search: RateSearch | None
    steps: NDArray[np.int_]
    curves: Curves
    chance: float
    diverged_at: tuple[int | None, ...]
    final_loss: tuple[float, ...] | None

    @property
    def final_accuracy(self) -> tuple[float, ...]:
        """The test accuracy of every run at the last step recorded; that of chance if it diverged."""
        return tuple(self.curves.accuracy[:, -1].filled(self.chance).tolist())

    @property
    def steps_to_90(self) -> tuple[int | None, ...]:
        """The first step recorded at which 90 % of the test rows were right, by run; None if it diverged later on."""
        right = np.asarray(self.curves.accuracy.filled(0.0)) >= LEARNED
        first = [int(self.steps[run.argmax()]) if run.any() else None for run in right]
        return tuple(step if at is None else None for step, at in zip(first, self.diverged_at, strict=True))


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Both methods over the same runs, in the same order of the data, as far as `steps_done`.

    `experiment` has the features of the data; `chance` is the accuracy of always giving the same answer.
    """

    experiment: Experiment
    settings: TrainingSettings
    chance: float
    a: MethodTraining
    b: MethodTraining

    @property
    def methods(self) -> Pair[MethodTraining]:
        return Pair(self.a, self.b)

    @property
    def steps_done(self) -> int:
        return int(self.a.steps[-1])
