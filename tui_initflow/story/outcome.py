"""What a step of the story measures: its run, the right answer, and every number that its text names."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui_initflow.engine.grid import GridResult, compute_grid
from tui_initflow.engine.grid_plan import plan_grid
from tui_initflow.engine.runs import Cancelled, simulate
from tui_initflow.findings import wording
from tui_initflow.findings.learning import accuracy
from tui_initflow.findings.notation import percent, plain, scientific
from tui_initflow.findings.summary import MethodSummary, Summary, summarise
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import SettingError
from tui_initflow.story.steps import STEPS, Measure, Step, step_facts
from tui_initflow.theory.outlook import critical_gain_of
from tui_initflow.training.data import load_data
from tui_initflow.training.results import TrainingResult
from tui_initflow.training.runs import train

MAP_COLUMNS, MAP_ROWS = 14, 10
"""Cells of a map; they fill a picture on the smallest terminal."""


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


def play(step: Step, cancel: threading.Event, on_progress: Callable[[str], None]) -> Outcome:
    """Run what a step shows; `on_progress` is told what is computed.

    Raises:
        Cancelled: `cancel` was set first.
    """
    on_progress("drawing weights")
    summary = summarise(simulate(step.experiment, cancel=cancel))
    grid = training = None
    if step.pane == "phase":
        grid = compute_grid(plan_grid(step.experiment, ("gain", "layers"), MAP_COLUMNS, MAP_ROWS), cancel=cancel)
    if step.training is not None:
        on_progress("trying learning rates")
        training = train(
            step.experiment,
            step.training,
            load_data(step.training.data),
            cancel=cancel,
            on_progress=lambda progress: on_progress(f"training, step {progress.step}/{progress.steps}"),
        )
    if cancel.is_set():
        raise Cancelled
    return Outcome(step, summary, grid, training)


@dataclass(frozen=True, slots=True)
class Story:
    """All steps, run; what is written as a hand-out."""

    outcomes: tuple[Outcome, ...]


def play_all(cancel: threading.Event, on_progress: Callable[[str], None]) -> Story:
    """Run every step; `on_progress` is told which one and what of it.

    Raises:
        Cancelled: `cancel` was set first.
    """

    def played(number: int, step: Step) -> Outcome:
        return play(step, cancel, lambda text: on_progress(f"story {number}/{len(STEPS)}: {text}"))

    return Story(tuple(played(number, step) for number, step in enumerate(STEPS, 1)))


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
        "wins": wording.wins_by(summary.methods.map(lambda method: method.name), log10_ratio),
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
