"""Blocks: how the layers of a network are joined, as the steps that lead from one to the next.

A block is a row of `BLOCKS`, a norm a row of `NORMS`. Engine, training, theory and the code to copy follow the steps;
`engine.reference` has the equations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["plain", "residual", "pre-norm", "post-norm"]
Norm = Literal["none", "layer", "rms", "batch"]

DEPTH_SCALES: Mapping[str, Callable[[int], float]] = {
    "1/sqrt(L)": lambda layers: 1 / math.sqrt(layers),
    "1/L": lambda layers: 1 / layers,
}
"""Branch scales that depend on the depth L (De & Smith 2020; Zhang et al. 2019)."""


@dataclass(frozen=True, slots=True)
class Normalise:
    """N: subtract the mean if `centred`, divide by the root of the mean square; see `functions.norms`."""

    over: Literal["neurons", "inputs"]
    centred: bool


@dataclass(frozen=True, slots=True)
class Activate:
    """f(y)."""


@dataclass(frozen=True, slots=True)
class Linear:
    """W_l y + b_l."""


@dataclass(frozen=True, slots=True)
class Add:
    """The skip: h_{l-1} + c y."""

    scale: float


Step = Normalise | Activate | Linear | Add
Steps = tuple[Step, ...]

NORMS: Mapping[Norm, Steps] = {
    "none": (),
    "layer": (Normalise("neurons", centred=True),),
    "rms": (Normalise("neurons", centred=False),),
    "batch": (Normalise("inputs", centred=True),),
}
"""Ba et al. 2016 (layer), Zhang & Sennrich 2019 (rms), Ioffe & Szegedy 2015 (batch)."""


@dataclass(frozen=True, slots=True)
class BlockRow:
    """The steps from h_{l-1} to h_l, given those of a norm and the branch scale c, and the norms that are allowed.

    First come f, of h or N(h), and the weights: h is what is carried from layer to layer, and what is measured.
    """

    steps: Callable[[Steps, float], Steps]
    norms: tuple[Norm, ...]


_ALL = tuple(NORMS)
BLOCKS: Mapping[BlockKind, BlockRow] = {
    "plain": BlockRow(lambda norm, _: (*norm, Activate(), Linear()), _ALL),
    "residual": BlockRow(lambda _, c: (Activate(), Linear(), Add(c)), ("none",)),
    "pre-norm": BlockRow(lambda norm, c: (*norm, Activate(), Linear(), Add(c)), _ALL[1:]),
    "post-norm": BlockRow(lambda norm, c: (Activate(), Linear(), Add(c), *norm), _ALL[1:]),
}
"""He et al. 2016 (residual), Xiong et al. 2020 (pre- and post-norm)."""


@dataclass(frozen=True, slots=True)
class Block:
    """One of the rows, with its norm and branch scale c."""

    kind: BlockKind = "plain"
    norm: Norm = "none"
    scale: float = 1.0
    steps: Steps = field(init=False, repr=False, compare=False)
    """From h_{l-1} to h_l."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", BLOCKS[self.kind].steps(NORMS[self.norm], self.scale))

    @property
    def head(self) -> Steps:
        """From h_L to the output: what a further layer would take its product of or, with skips, f alone."""
        steps = self.steps
        return (Activate(),) if self.has_skips else steps[: steps.index(Linear())]

    @property
    def has_skips(self) -> bool:
        return any(isinstance(step, Add) for step in self.steps)

    @property
    def couples_inputs(self) -> bool:
        """Whether a norm is over inputs, which then go through the network together."""
        return any(isinstance(step, Normalise) and step.over == "inputs" for step in self.steps)

    @property
    def is_plain(self) -> bool:
        """Neither skips nor a normalisation."""
        return self.steps == PLAIN.steps


PLAIN = Block()
