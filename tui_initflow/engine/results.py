"""What a simulation found. Immutable."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.run_sums import RunSums
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Pair

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

HISTOGRAM_BINS = 15
HISTOGRAM_RANGE = (-4.0, 4.0)
FLAT_BELOW = 0.1
"""A neuron is flat, that is saturated or off, where |f'(z)| is below this."""


@dataclass(frozen=True, slots=True)
class PreactivationStatistics:
    """Pre-activations z of all neurons of all runs, by hidden layer 1..L.

    Every array has shape (L,), the histogram (L, 15). `count` is the number of neurons of a layer over all runs;
    `below` and `above` count what lies outside the histogram's [-4, 4).
    """

    count: Counts
    saturated_count: Counts
    histogram: Counts
    below: Counts
    above: Counts
    sums: RunSums

    @property
    def mean(self) -> Floats:
        total = self.sums.total
        return _ldexp(total.values[1] / self.count, total.exponents)

    @property
    def mean_abs(self) -> Floats:
        """Mean of |z|; 0 where it is below 1e-308, see `log10_mean_abs`."""
        total = self.sums.total
        return _ldexp(total.values[0] / self.count, total.exponents)

    @property
    def std(self) -> Floats:
        """Standard deviation about the mean of the layer; 0 where it is below 1e-308, see `log10_std`."""
        return _ldexp(self._unscaled_std(), self.sums.total.exponents)

    @property
    def log10_mean_abs(self) -> Floats:
        """log10 of the mean of |z|, at any size; -inf where every z is exactly zero."""
        total = self.sums.total
        return _log10(total.values[0] / self.count, total.exponents)

    @property
    def log10_std(self) -> Floats:
        """log10 of the standard deviation, at any size; -inf where there is no deviation at all."""
        return _log10(self._unscaled_std(), self.sums.total.exponents)

    @property
    def saturated(self) -> Floats:
        """Share of neurons with |f'(z)| < 0.1."""
        return self.saturated_count / self.count

    def _unscaled_std(self) -> Floats:
        _, total, total_square = self.sums.total.values
        variance = total_square / self.count - (total / self.count) ** 2
        # equal values leave a rounding error on either side of zero
        std: Floats = np.sqrt(np.maximum(variance, 0.0))
        return std

    def joined(self, later: PreactivationStatistics) -> PreactivationStatistics:
        """These runs and the ones right after them: the same, to the last bit, as if simulated together."""
        return PreactivationStatistics(
            self.count + later.count,
            self.saturated_count + later.saturated_count,
            self.histogram + later.histogram,
            self.below + later.below,
            self.above + later.above,
            self.sums.joined(later.sums),
        )


def _ldexp(values: Floats, exponents: NDArray[np.int32]) -> Floats:
    scaled: Floats = np.ldexp(values, exponents)
    return scaled


def _log10(values: Floats, exponents: NDArray[np.int32]) -> Floats:
    with np.errstate(divide="ignore"):
        logarithms: Floats = np.log10(values) + exponents * np.log10(2.0)
    return logarithms


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One method's runs. `log10_gradient` has shape (runs, L+1), column k the point L{k}; -inf is an exact zero."""

    name: str
    log10_gradient: Floats
    preactivation: PreactivationStatistics

    @property
    def log10_final(self) -> Floats:
        """log10 of the final gradient, at L0, by run (runs,)."""
        return self.log10_gradient[:, 0]

    def joined(self, later: MethodResult) -> MethodResult:
        return MethodResult(
            self.name,
            np.concatenate([self.log10_gradient, later.log10_gradient]),
            self.preactivation.joined(later.preactivation),
        )


@dataclass(frozen=True, slots=True)
class Results:
    """Both methods over the same runs, `experiment.runs` of them: a stop makes fewer than were asked for."""

    experiment: Experiment
    a: MethodResult
    b: MethodResult

    @property
    def methods(self) -> Pair[MethodResult]:
        return Pair(self.a, self.b)

    @property
    def runs(self) -> int:
        """Runs done."""
        return len(self.a.log10_gradient)

    @property
    def log10_ratio(self) -> Floats:
        """log10 of b's final gradient over a's, by run (runs,); nan where both are exactly zero."""
        with np.errstate(invalid="ignore"):
            return self.b.log10_final - self.a.log10_final

    def extended(self, more: Results) -> Results:
        """These runs and the ones right after them: the same, to the last bit, as one longer simulation.

        `more` has to be simulated with `first_run` the number of runs after which it goes on.

        Raises:
            ValueError: `more` is of other settings.
        """
        if replace(more.experiment, runs=1) != replace(self.experiment, runs=1):
            raise ValueError("only runs of the same settings can be put together")
        runs = self.runs + more.runs
        return Results(replace(self.experiment, runs=runs), self.a.joined(more.a), self.b.joined(more.b))
