"""Results in sentences, one statement each: for screen readers, which read a table or a box badly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tui_initflow.charts.axes import evenly_spread
from tui_initflow.findings import wording
from tui_initflow.findings.advice import advise, explanation
from tui_initflow.findings.claims import Claim, claims
from tui_initflow.findings.learning import learning_claims, verdict
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.findings.status import status
from tui_initflow.findings.summary import Summary
from tui_initflow.model.pair import SIDES
from tui_initflow.theory.outlook import Theory
from tui_initflow.training.results import TrainingResult

MOST_LAYERS = 21
"""Points told of a deep network."""


def result(summary: Summary) -> list[str]:
    """Who wins, by how much, and how certain that is."""
    told = [
        wording.outcome(summary),
        *(f"{method.name}: {scientific(method.final)} of the gradient is left at L0" for method in summary.methods),
        f"Measured: {wording.basis(summary.runs)}",
        f"Ratio: {wording.ratio(summary)}",
    ]
    if summary.runs > 1:
        told.append(wording.wins(summary))
    told += [wording.lost_elements(method.elements) for method in summary.methods if method.elements is not None]
    return _statements(told)


def layers(summary: Summary) -> list[str]:
    """The gradient at every layer, or at evenly spread ones, from the first layer to the output."""
    word, points = summary.experiment.network.activation.flat_word, summary.experiment.layers + 1
    told = ["Median gradients follow, from the first layer to the output"]
    for point in evenly_spread(points, MOST_LAYERS):
        for method in summary.methods:
            gradient, flat = float(method.band.median[point]), method.preactivation.saturated
            # the last point is the output, which has no neurons
            share = f", {percent(float(flat[point]))} of the neurons {word}" if point < len(flat) else ""
            told.append(f"L{point}, {method.name}: {scientific(gradient)}, {status(gradient)}{share}")
    return _statements(told)


def why(summary: Summary) -> list[str]:
    """What these runs show, and which common claims hold for them."""
    return _statements([*explanation(summary), *_checked(claims(summary))])


def theory(predicted: Theory, summary: Summary | None) -> list[str]:
    """What theory predicts, and advice if there are runs."""
    told: list[str] = []
    for side, outlook in zip(SIDES, predicted.outlooks, strict=True):
        method = predicted.experiment.methods[side]
        notes = (wording.gains(outlook), outlook.prediction.reason, outlook.prediction.note)
        told += [
            f"{method.label}, in theory: {wording.phase(outlook)}",
            wording.trainable_depth(predicted.experiment, outlook),
            *(note for note in notes if note),
        ]
        if summary is not None:
            advice = advise(summary.experiment, summary.methods[side], outlook)
            told += [f"Advice for {method.label}: {advice.remedy}", f"In PyTorch: {advice.pytorch}"]
    return _statements(told)


def training(trained: TrainingResult) -> list[str]:
    """Whether both methods learn, and what that says of the gradient before."""
    return _statements([*verdict(trained), *_checked(learning_claims(trained))])


def _checked(checked: Iterable[Claim]) -> Iterator[str]:
    for claim in checked:
        yield f"Claim: {claim.statement}"
        yield f"It {'is ' if claim.holds is None else ''}{wording.HOLDS[claim.holds]}: {claim.measured}"


def _statements(told: Iterable[str]) -> list[str]:
    """One statement each, with a capital and a full stop."""
    parts = (part for text in told for part in re.split(r"(?<=[a-z0-9)%]\.) (?=[A-Z])", text))
    return [f"{part[:1].upper()}{part[1:]}".rstrip(".") + "." for part in parts]
