"""What a step of the story measures: its run, the right answer, and every number that its text names."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tui_initflow.engine.grid import GridResult
from tui_initflow.engine.pool import Executor, Progress, Report, begun
from tui_initflow.findings import wording
from tui_initflow.findings.learning import accuracy
from tui_initflow.findings.notation import percent, plain, scientific
from tui_initflow.findings.summary import MethodSummary, Summary, summarise
from tui_initflow.lab import load_data, plane, run, train
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import SettingError
from tui_initflow.story.steps import STEPS, Measure, Step, step_facts
from tui_initflow.theory.outlook import critical_gain_of
from tui_initflow.training.results import TrainingResult

MAP_CELLS = 14, 10
"""Columns and rows of a map; they fill a picture on the smallest terminal."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step with the runs of its experiment; with the map or the training that its picture shows."""

    step: Step
    summary: Summary
    grid: GridResult | None = None
    training: TrainingResult | None = None

    @property
    def right(self) -> int:
        """The index of the right answer."""
        return self.step.right(MEASURES[self.step.measure](self))

    @property
    def explanation(self) -> str:
        return self.step.explanation.format(**facts(self))


def play(
    step: Step, cancel: threading.Event, report: Report[object], *, place: Executor | None = None
) -> Outcome | None:
    """Run what a step shows; None if it is stopped before that is complete."""
    report(begun("drawing weights"))
    experiment, grid, training = step.experiment, None, None
    results = run(experiment, cancel, place=place)
    if step.pane == "phase":
        grid = plane(experiment, ("gain", "layers"), MAP_CELLS, cancel, place=place)
    if step.training is not None:
        report(begun("trying learning rates"))
        data = load_data(step.training.data, cancel)
        training = None if data is None else train(experiment, step.training, data, cancel, report, place=place)
    if results is None or cancel.is_set():
        return None
    return Outcome(step, summarise(results), grid, training)


@dataclass(frozen=True, slots=True)
class Story:
    """All steps, run; what is written as a hand-out."""

    outcomes: tuple[Outcome, ...]


def play_all(cancel: threading.Event, report: Report[object], *, place: Executor | None = None) -> Story | None:
    """Run every step; None if it is stopped before the last one is complete."""
    outcomes = []
    for number, step in enumerate(STEPS, 1):
        which = f"story {number}/{len(STEPS)}"

        def in_story(progress: Progress[object], which: str = which) -> None:
            report(replace(progress, what=f"{which}: {progress.what}"))

        outcome = play(step, cancel, in_story, place=place)
        if outcome is None:
            return None
        outcomes.append(outcome)
    return Story(tuple(outcomes))


def _training(outcome: Outcome) -> TrainingResult:
    assert outcome.training is not None
    return outcome.training


MEASURES: Mapping[Measure, Callable[[Outcome], float]] = {
    "left of a": lambda outcome: 10**outcome.summary.methods.a.final,
    "a over b": lambda outcome: 10**-outcome.summary.verdict.log10_factor,
    "b over a": lambda outcome: 10**outcome.summary.verdict.log10_factor,
    "gap": lambda outcome: 10 ** abs(outcome.summary.verdict.log10_factor),
    "saturated": lambda outcome: outcome.summary.methods.a.flat,
    "critical variance": lambda outcome: critical_variance(outcome.step.experiment),
    "accuracy": lambda outcome: accuracy(_training(outcome).a),
}


def critical_variance(experiment: Experiment) -> float:
    """The factor on the variance of a's weights that puts them on the edge of chaos, by theory; nan without one."""
    try:
        gain, _ = critical_gain_of(experiment, "a")
    except SettingError:
        return math.nan
    return gain**2


def facts(outcome: Outcome) -> dict[str, str]:
    """Every field that the text of a step may have, from its settings and its run."""
    experiment, summary = outcome.step.experiment, outcome.summary
    a, b = summary.methods
    log10_ratio = summary.verdict.log10_factor
    found = step_facts(outcome.step) | _method_facts("a", a) | _method_facts("b", b)
    found |= {
        "wins": wording.outcome(summary),
        "ratio": wording.ratio(summary),
        "left": percent(10**-log10_ratio),
        "variances": f"{(b.sigma_w / a.sigma_w) ** 2:.3g}",
        "demo_sigma_w2": f"{INITIALISERS['uniform'].sigma_w2(experiment.network.shapes[-1]):.3g}",
    }
    if outcome.step.measure == "critical variance":
        found["critical_variance"] = f"{critical_variance(experiment):.3g}"
    if outcome.training is not None:
        methods = {"a": outcome.training.a, "b": outcome.training.b}
        found |= {f"{side}_accuracy": percent(accuracy(training)) for side, training in methods.items()}
        found["chance"] = percent(outcome.training.chance)
    return found


def _method_facts(side: str, method: MethodSummary) -> dict[str, str]:
    z = method.preactivation
    found = {
        "name": method.name,
        "flat": percent(method.flat),
        "first_std": f"{float(z.std[0]):.2g}",
        "last_std": f"{float(z.std[-1]):.2g}",
        "largest_z": f"{method.largest_z:.3g}",
        "sigma_w": plain(math.log10(method.sigma_w)),
        "sigma_w2": f"{method.sigma_w**2:.3g}",
    }
    if method.log10_step is not None:
        found["step"] = plain(method.log10_step)
    return {side: scientific(method.final)} | {f"{side}_{name}": text for name, text in found.items()}
