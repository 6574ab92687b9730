"""What training showed: how each method learned and which claims hold, in words made of the measured numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui_initflow.findings.intervals import band_of_known, median_interval
from tui_initflow.findings.notation import counted, percent, scientific
from tui_initflow.findings.status import status
from tui_initflow.findings.wording import FATES, Claim
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.network import AppliedMethod
from tui_initflow.model.pair import SIDES
from tui_initflow.model.training import OPTIMISER_TITLES, TrainingSettings
from tui_initflow.training.results import MethodTraining, TrainingResult
from tui_initflow.training.trainability import TrainabilityMap

BEYOND_CHANCE = 1 / 8
"""Share of the way from chance to 1 that a median accuracy has to be on for a method to have learned anything."""


@dataclass(frozen=True, slots=True)
class TrainedMap:
    """A trainability map, and theory's depth scale of the correlation at each gain; None where there is none."""

    experiment: Experiment
    settings: TrainingSettings
    trained: TrainabilityMap
    depth_scales: tuple[float | None, ...]


def accuracy(training: MethodTraining) -> float:
    """The median of the runs' test accuracy at the last step recorded."""
    return statistics.median(training.final_accuracy)


def has_learned(training: MethodTraining) -> bool:
    return accuracy(training) >= training.chance + BEYOND_CHANCE * (1 - training.chance)


def verdict(result: TrainingResult) -> tuple[str, str]:
    """A sentence for each method: Normal learns: 90% of the test rows right after 38 steps, 97% after 500 …"""
    methods = result.experiment.methods
    return (_sentence(result, methods.a, result.a), _sentence(result, methods.b, result.b))


def _sentence(result: TrainingResult, method: AppliedMethod, training: MethodTraining) -> str:
    if has_learned(training):
        text = (
            f"{method.label} learns: {_to_90(training.steps_to_90)}, {_right(training)} after {_steps(result)} "
            f"at rate {training.rate:g} (chance {percent(training.chance)})"
        )
        if training.search is not None and training.search.is_at_edge:
            text += "; no rate beyond this one was tried"
    else:
        rates = "any rate tried" if training.search else f"rate {training.rate:g}"
        text = (
            f"{method.label} has not learned in {_steps(result)} at {rates}: {_right(training)} of the test rows right "
            f"(chance {percent(training.chance)})"
        )
    diverged = sum(at is not None for at in training.diverged_at)
    return f"{text}; {diverged} of {counted(len(training.diverged_at), 'run')} diverged." if diverged else f"{text}."


def _steps(result: TrainingResult) -> str:
    return f"{counted(result.steps_done, 'step')} of {OPTIMISER_TITLES[result.settings.optimizer]}"


def _right(training: MethodTraining) -> str:
    """78% (61% to 85%)."""
    ends = median_interval(training.final_accuracy)
    return percent(accuracy(training)) + (f" ({percent(ends.low)} to {percent(ends.high)})" if ends else "")


def _to_90(steps: Sequence[int | None]) -> str:
    """90% of the test rows right after 49 steps (40 to 49)."""
    known = [math.inf if at is None else at for at in steps]
    late = sum(map(math.isinf, known))
    if late == len(known):
        return "90% of the test rows right in no run"
    middle, ends = statistics.median_low(known), median_interval(known)
    if math.isinf(middle):
        return f"90% of the test rows right in {len(known) - late} of {len(known)} runs"
    last = "" if ends is None else f"{ends.high:,.0f}" if math.isfinite(ends.high) else "never"
    return f"90% of the test rows right after {middle:,.0f} steps" + (f" ({ends.low:,.0f} to {last})" if ends else "")


def learning_claims(result: TrainingResult) -> Iterator[Claim]:
    """What is said of gradients and learning, checked against this training."""
    for side in SIDES:
        yield _decides(result, result.experiment.methods[side], result.methods[side])
    if result.experiment.has_same_variance or not all(map(has_learned, result.methods)):
        yield _cure(result)


def _decides(result: TrainingResult, method: AppliedMethod, training: MethodTraining) -> Claim:
    """Whether the gradient before training tells if a method learns."""
    before = band_of_known(training.curves.log10_gradient).median[0]
    # the read-out's part, which is at all layers alike, does not count
    log10_share = float(before[0] - before[-1]) if math.isfinite(before[-1]) else math.nan
    word = status(log10_share)
    learns = has_learned(training)
    diverged = all(at is not None for at in training.diverged_at)
    forced = diverged and training.search is None
    right = f"{_right(training)} of the test rows are right"
    reached = f"all runs diverged at rate {training.rate:g}" if diverged else right
    fate = "so it learns" if word == "healthy" else f"so {OPTIMISER_TITLES[result.settings.optimizer]} cannot train it"
    return Claim(
        f"{method.label}'s gradient {FATES[word]}, {fate}",
        f"at the start, {scientific(log10_share)} of the last layer's gradient reaches L0; after {_steps(result)}, "
        f"{reached}",
        # what only a rate made diverge says nothing of the gradient
        None if math.isnan(log10_share) or forced else learns == (word == "healthy"),
    )


def _cure(result: TrainingResult) -> Claim:
    """Whether both methods learn once only the shape of their distributions differs."""
    a, b = result.experiment.methods
    reached = f"{a.label} {percent(accuracy(result.a))}, {b.label} {percent(accuracy(result.b))}"
    if not result.experiment.has_same_variance:
        return Claim("Matching the variance cures it", f"{reached}; not measured with equal variance yet", None)
    return Claim(
        "Matching the variance cures it: both methods learn",
        f"{reached}, after {_steps(result)} with equal variance",
        all(map(has_learned, result.methods)),
    )
