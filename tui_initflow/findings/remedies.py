"""What can be done about a gradient: a remedy is named once the engine has tried it, and found that it helps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tui_initflow.engine.runs import simulate
from tui_initflow.findings.status import status
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.findings.wording import gains
from tui_initflow.model.blocks import Normalise
from tui_initflow.model.cost import expected_seconds
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import Initialiser
from tui_initflow.model.network import Method
from tui_initflow.model.number_formats import NO_FORMAT
from tui_initflow.model.pair import SIDES, Side, flat
from tui_initflow.theory.outlook import Outlook, critical_gain_of

RUNS = (10, 3, 1)
"""Numbers of runs of a trial: the first for which there is time."""
SECONDS = 0.15
"""Longest trial, as far as can be told before it."""
HELPS = math.log10(1.5)
"""How much nearer to 1 a remedy has to bring the gradient, as a logarithm."""
WIDER = 8
SMALLER = (2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do, in words, and the experiment in which one method has it done."""

    words: str
    experiment: Experiment
    side: Side

    @property
    def initialiser(self) -> Initialiser:
        return self.experiment.methods[self.side].initialiser

    def tried(self) -> float | None:
        """log10 of the gradient at L0 with it, the geometric mean of a few runs; None if even one takes too long."""
        experiment = self.experiment.alone(self.side).with_(format=NO_FORMAT)
        for runs in RUNS:
            if expected_seconds(experiment.with_(runs=runs)) <= SECONDS:
                return _final(experiment.with_(runs=runs), self.side)
        return None


# a remedy is the same for many settings: whatever does not change what it leads to
@lru_cache(maxsize=64)
def _final(experiment: Experiment, side: Side) -> float:
    return float(np.mean(simulate(experiment).methods[side].log10_final))


def chosen(experiment: Experiment, method: MethodSummary, outlook: Outlook) -> tuple[Remedy, float | None] | None:
    """The first remedy that helps, and what it leads to; None if none does."""
    for remedy in remedies(experiment, method, outlook):
        after = remedy.tried()
        if after is None or helps(method.final, after):
            return remedy, after
    return None


def helps(before: float, after: float) -> bool:
    """Whether a gradient is nearer to 1 than before; both are log10."""
    if not math.isfinite(before):
        return math.isfinite(after) and status(after) != "dead"
    return abs(after) <= abs(before) - HELPS


def remedies(experiment: Experiment, method: MethodSummary, outlook: Outlook) -> Iterator[Remedy]:
    """What may help, the best first; settings that the network does not allow are left out."""
    side = method.method.side
    found = _for_plain if method.method.block.is_plain else _for_blocks
    skips = "add skips with a norm in every branch (pre-norm blocks, layer norm)"
    changes = list(found(experiment, method, outlook))
    if status(method.final) != "healthy":
        changes.append((skips, {flat("block", side): "pre-norm", flat("norm", side): "layer"}))
    for words, settings in changes:
        if experiment.allows(**settings):
            yield Remedy(words, experiment.with_(**settings), side)


Change = tuple[str, dict[str, Any]]
"""Words, and the settings that do what they say."""


def _for_plain(experiment: Experiment, method: MethodSummary, outlook: Outlook) -> Iterator[Change]:
    side, narrowest = method.method.side, min(experiment.network.widths)
    if method.dead and experiment.network.activation.flat == "left":
        if experiment.widths is None:
            wider = WIDER * narrowest
            yield f"widen the layers (the narrowest has {narrowest}), to {wider} neurons", {"neurons": wider}
        yield "use an activation that is nowhere flat, such as leaky_relu", {"activation": "leaky_relu"}
    if method.weight_mean:
        yield _with_mean_zero(experiment, side, gains(outlook))
    elif outlook.better_gain is not None:
        yield gains(outlook), {flat("gain", side): outlook.better_gain}
        if outlook.is_stable and outlook.preserving_gain is not None:
            words = f"gain {outlook.preserving_gain:.4g} preserves the gradient at this depth"
            yield words, {flat("gain", side): outlook.preserving_gain}


def _for_blocks(experiment: Experiment, method: MethodSummary, _: Outlook) -> Iterator[Change]:
    side, block = method.method.side, method.method.block
    if method.dead and experiment.start == "ones" and Normalise("neurons", centred=True) in block.steps:
        words = "start with random signs: centring, as layer norm does, takes an output gradient of ones to zero"
        yield words, {"start": "signs"}
    if method.weight_mean:
        yield _with_mean_zero(experiment, side, "the mean of the weights adds up: draw them with mean zero")
    if not block.has_skips:
        yield (
            "a norm alone does not preserve the gradient: add skips (pre-norm blocks)",
            {flat("block", side): "pre-norm"},
        )
    elif block.kind == "post-norm":
        words = "a norm after every skip scales the gradient in every block: move it into the branch (pre-norm)"
        yield words, {flat("block", side): "pre-norm"}
    elif isinstance(method.method.branch_scale, str):
        for factor in SMALLER:
            gain = method.method.initialiser.gain / factor
            words = "its branches are too strong in spite of their scale: give their weights a smaller gain"
            yield f"{words}, {gain:.3g}", {flat("gain", side): gain}
    else:
        scale = 1 / math.sqrt(experiment.layers)
        words = f"scale its branches by 1/sqrt(L), here {scale:.3g}, so that all of them together stay bounded"
        yield words, {flat("branch_scale", side): "1/sqrt(L)"}


def _with_mean_zero(experiment: Experiment, side: Side, words: str) -> Change:
    plain = Method("normal")
    gain, _ = critical_gain_of(experiment.with_(**{side: plain}), side)
    gain = float(f"{gain:.4g}")
    return f"{words} (normal, gain {gain:g})", {side: "normal", flat("gain", side): gain}


def try_remedies(summary: Summary) -> None:
    """Try what may be advised for both methods, so that it is known where it is told."""
    if summary.theory is not None:
        for side in SIDES:
            chosen(summary.experiment, summary.methods[side], summary.theory.outlooks[side])
