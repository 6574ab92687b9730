"""What is wrong with a checkpoint: a status for every tensor, and what becomes of a gradient in its weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np

from tui_initflow.checkpoints.chain import Propagated, natural
from tui_initflow.checkpoints.changes import Change, Changes
from tui_initflow.checkpoints.looks_like import is_initial
from tui_initflow.checkpoints.scan import Measured
from tui_initflow.findings.layers import Layers
from tui_initflow.findings.notation import counted, scientific
from tui_initflow.findings.status import LARGE, SMALL, WORST_FIRST, WeightStatus
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.theory.outlook import Theory
from tui_initflow.theory.phase import critical_gain

STILL = 1e-3
"""A weight that has changed by less than this share of its size has not moved."""
MOST_NAMED = 3
"""Tensors that a sentence names."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Two files, and what differs between them."""

    before: str
    after: str
    changes: Changes

    @property
    def sentence(self) -> str:
        """The first 6 of 10 layers have not moved: |dW|/|W| is at most 2.1e-05 there, 0.13 in the others' median."""
        broken = [one.name for one in self.changes.common if not one.is_finite]
        said = f" {named(broken)}: NaN or infinities." if broken else ""
        return f"{self._of_layers}{said}"

    @property
    def _of_layers(self) -> str:
        layers = sorted(
            (one for one in self.changes.common if one.role.kind in ("linear", "convolution")),
            key=lambda one: natural(one.name),
        )
        if not layers:
            return "They have no weights of layers in common."
        still = [one.relative < STILL for one in layers]
        count = len(layers)
        if all(still):
            return f"No layer has moved: |dW|/|W| is at most {_largest(layers)} in {counted(count, 'layer')}."
        if not any(still):
            return f"Every layer has moved: |dW|/|W| is {_median(layers)} in the median of {counted(count, 'layer')}."
        first = still.index(False)
        moved = [one for one, is_still in zip(layers, still, strict=True) if not is_still]
        unmoved = [one for one, is_still in zip(layers, still, strict=True) if is_still]
        which = f"{len(unmoved)} of {counted(count, 'layer')}"
        if first == len(unmoved):
            which = f"The first {which}" if first > 1 else f"The first of {counted(count, 'layer')}"
        has = "has" if len(unmoved) == 1 else "have"
        others = f"{_median(moved)} in the others' median"
        return f"{which} {has} not moved: |dW|/|W| is at most {_largest(unmoved)} there, {others}."


def _largest(layers: Sequence[Change]) -> str:
    return f"{max(one.relative for one in layers):.2g}"


def _median(layers: Sequence[Change]) -> str:
    known = [one.relative for one in layers if math.isfinite(one.relative)]
    return f"{np.median(known):.2g}" if known else "unknown"


@dataclass(frozen=True, slots=True)
class TensorFinding:
    """A tensor, its status, and its gain over the critical one of the activation, of linear and convolution weights."""

    measured: Measured
    gain_ratio: float | None
    status: WeightStatus


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file with its tensors, in the order shown, of which there are `total`.

    `propagated` is None where no weights chain, and `no_chain` says why. `theory` is that of the networks drawn
    beside the chain, if they are; `layers` are the chain, for the panes.
    """

    file: str
    activation: str
    min_gradient: float
    total: int
    tensors: tuple[TensorFinding, ...]
    propagated: Propagated | None
    no_chain: str | None
    theory: Theory | None
    layers: Layers | None

    def sorted_by(self, column: str) -> Inspection:
        """This inspection with its tensors in the order of `sorted_by`."""
        return replace(self, tensors=sorted_by(self.tensors, column))

    @property
    def broken(self) -> tuple[str, ...]:
        """Names of the tensors with NaN or infinities."""
        return tuple(one.measured.name for one in self.tensors if one.status == "broken")

    @property
    def log10_final(self) -> float | None:
        """The median gradient at the first layer of the chain."""
        return None if self.propagated is None else float(np.median(self.propagated.method.log10_final))

    @property
    def problems(self) -> tuple[str, ...]:
        """What `--check` fails for."""
        found = []
        if self.broken:
            found.append(f"{named(self.broken)} {'have' if len(self.broken) > 1 else 'has'} NaN or infinities")
        final, limit = self.log10_final, -math.log10(self.min_gradient)
        if final is not None and not abs(final) <= limit:
            low, high = scientific(-limit, 0), f"{1 / self.min_gradient:g}"
            word = "vanishes" if final < 0 else "explodes"
            found.append(f"the gradient {word}: {scientific(final)} at the first layer, not {low} to {high}")
        return tuple(found)


def judged(tensors: Sequence[Measured], activation: str) -> tuple[TensorFinding, ...]:
    """The status of every tensor, by the critical gain of this activation."""
    gain = critical_gain(ACTIVATIONS[activation]).gain
    return tuple(_judged(one, gain) for one in tensors)


def _judged(one: Measured, gain: float) -> TensorFinding:
    ratio = None
    if one.role.kind in ("linear", "convolution") and one.gain is not None and not math.isnan(one.gain):
        ratio = one.gain / gain
    status: WeightStatus = "healthy"
    if one.is_broken:
        status = "broken"
    elif is_initial(one.looks_like):
        status = "untouched"
    elif ratio is not None and not SMALL <= ratio <= LARGE:
        status = "small" if ratio < SMALL else "large"
    return TensorFinding(one, ratio, status)


def sorted_by(tensors: Sequence[TensorFinding], column: str) -> tuple[TensorFinding, ...]:
    """The largest number first, words from a to z, the worst status first; equal ones stay in order."""

    def key(one: TensorFinding) -> tuple[float, str]:
        of = one.measured
        match column:
            case "status":
                return WORST_FIRST.index(one.status), ""
            case "kind":
                return 0.0, of.role.kind
            case "name" | "looks_like":
                return 0.0, str(getattr(of, column))
            case "size":
                return -float(of.tensor.size), ""
            case "gain_ratio":
                value = one.gain_ratio
            case _:
                value = getattr(of, column)
        return (math.inf if value is None or math.isnan(value) else -value), ""

    return tuple(sorted(tensors, key=key))


def filtered(tensors: Sequence[TensorFinding], text: str) -> tuple[TensorFinding, ...]:
    """Those whose names contain a text or, with * ? or [ in it, match a pattern as in a shell."""
    if set(text).isdisjoint("*?["):
        return tuple(one for one in tensors if text.lower() in one.measured.name.lower())
    return tuple(one for one in tensors if fnmatchcase(one.measured.name, text))


def headline(inspection: Inspection) -> str:
    """How many tensors have which status."""
    words: dict[str, int] = {}
    for one in inspection.tensors:
        words[one.status] = words.get(one.status, 0) + 1
    ordered = [status for status in WORST_FIRST if status in words]
    return ", ".join(f"{words[status]:,} {status}" for status in ordered)


def named(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    text = ", ".join(names[:MOST_NAMED])
    return text if len(names) <= MOST_NAMED else f"{text} and {len(names) - MOST_NAMED:,} more"
