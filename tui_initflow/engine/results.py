"""The results of a simulation: both methods over the same runs. Immutable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui_initflow.engine.gradient_elements import ElementCounts
from tui_initflow.engine.preactivations import PreactivationStatistics
from tui_initflow.engine.signals import Float64s
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Pair


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is counted and summed over one method's runs; `elements` only for an experiment with a number format."""

    preactivation: PreactivationStatistics
    elements: ElementCounts | None

    def joined(self, later: Statistics) -> Statistics:
        """These runs and the ones right after them."""
        elements = self.elements.joined(later.elements) if self.elements and later.elements else None
        return Statistics(self.preactivation.joined(later.preactivation), elements)


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One method's runs. `log10_gradient` has shape (runs, L+1), column k the point L{k}; -inf is an exact zero."""

    name: str
    log10_gradient: Float64s
    statistics: Statistics

    @property
    def preactivation(self) -> PreactivationStatistics:
        return self.statistics.preactivation

    @property
    def elements(self) -> ElementCounts | None:
        return self.statistics.elements

    @property
    def log10_final(self) -> Float64s:
        """log10 of the final gradient, at L0, by run (runs,)."""
        return self.log10_gradient[:, 0]

    def joined(self, later: MethodResult) -> MethodResult:
        return MethodResult(
            self.name,
            np.concatenate([self.log10_gradient, later.log10_gradient]),
            self.statistics.joined(later.statistics),
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
    def log10_ratio(self) -> Float64s:
        """log10 of b's final gradient over a's, by run (runs,); nan where both are exactly zero."""
        with np.errstate(invalid="ignore"):
            return self.b.log10_final - self.a.log10_final
