"""The verdict of `check`, for scripts: does enough of the gradient reach the first layer, and not too much?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tui_initflow.engine.results import Results
from tui_initflow.findings.advice import Advice, advise
from tui_initflow.findings.intervals import Share
from tui_initflow.findings.learning import has_learned
from tui_initflow.findings.status import Status, status
from tui_initflow.findings.summary import MethodSummary, summarise
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory.outlook import Outlook
from tui_initflow.training.results import TrainingResult


@dataclass(frozen=True, slots=True)
class Health:
    """Method a of an experiment, and the numbers it is judged by.

    A network passes if its median final gradient lies between `min_gradient` and 1 / `min_gradient`. `within` is the
    share of runs that do. With a training, it has to learn too.
    """

    experiment: Experiment
    min_gradient: float
    method: MethodSummary
    within: Share
    outlook: Outlook
    advice: Advice
    training: TrainingResult | None = None
    """Training of the same method, if it has to learn too."""

    @property
    def status(self) -> Status:
        """The word for the median gradient, whatever `min_gradient` is."""
        return status(self.method.median)

    @property
    def problem(self) -> str | None:
        """What is wrong, in a word; None if the network passes."""
        limit = -math.log10(self.min_gradient)
        if self.method.median < -limit:
            return "vanishing"
        if self.method.median > limit:
            return "exploding"
        return None if self.training is None or has_learned(self.training.a) else "not learning"


def examine(results: Results, min_gradient: float, outlook: Outlook, training: TrainingResult | None = None) -> Health:
    """Examine method a by its runs, by theory's `outlook` on it and, if there is one, by its training."""
    summary = summarise(results)
    experiment, method = summary.experiment, summary.methods.a
    within = int(np.count_nonzero(np.abs(results.a.log10_final) <= -math.log10(min_gradient)))
    return Health(
        experiment=experiment,
        min_gradient=min_gradient,
        method=method,
        within=Share(within, results.runs),
        outlook=outlook,
        advice=advise(experiment, method, outlook),
        training=training,
    )
