"""What training has moved, in a sentence: which layers it has reached, and which it has not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui_initflow.checkpoints.chain import natural
from tui_initflow.checkpoints.changes import Change, Changes
from tui_initflow.findings.inspection import named
from tui_initflow.findings.notation import counted

STILL = 1e-3
"""A weight that has changed by less than this share of its size has not moved."""


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
