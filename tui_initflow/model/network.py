"""Networks and methods: what an experiment is made of, and how its networks are sampled.

A run uses each weight matrix twice: forward on one vector, and backward on one. Of normal and of orthogonal weights the
joint law of both products is known, so drawing the products gives runs of exactly the same law at the cost of vectors
(see `engine.implicit`). Batch norm sends several vectors through each matrix, and other laws have no such form.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import Literal

from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import BLOCKS, DEPTH_SCALES, NORMS, PLAIN, Block, BlockKind, Norm
from tui_initflow.model.initialisers import Distribution, Initialiser, Normal, Orthogonal, Shape
from tui_initflow.model.pair import Side
from tui_initflow.model.settings import (
    CRITICAL,
    InitialiserName,
    Name,
    Real,
    RealOrWord,
    Setting,
    setting,
    settings_of,
    widths_text,
)

Sampler = Literal["explicit", "implicit"]
SamplerChoice = Literal["auto", "explicit", "implicit"]
SAMPLERS: tuple[SamplerChoice, ...] = ("auto", "explicit", "implicit")

AUTO_NEURONS = 256
"""Neurons of the widest layer from which on `auto` draws no weights where it need not.

The features do not count, nor does the depth, so that all points of a sweep over these are sampled alike.
"""
DRAWN_NEURONS = 2048
"""Most neurons of a layer whose weights are drawn."""


def has_implicit(distribution: Distribution, inputs: int) -> bool:
    """Whether networks with such weights, and this many inputs a run, can be sampled without drawing them."""
    return isinstance(distribution, (Normal, Orthogonal)) and inputs == 1


def sampler_of(choice: SamplerChoice, distribution: Distribution, inputs: int, widest: int) -> Sampler:
    """How a method is sampled in a network whose widest layer has `widest` neurons: a matter of the settings alone."""
    if choice == "auto":
        return "implicit" if has_implicit(distribution, inputs) and widest >= AUTO_NEURONS else "explicit"
    return choice


OutputGradient = Literal["ones", "signs"]

BRANCH_SCALE = RealOrWord(Real(0.0, 1e3), tuple(DEPTH_SCALES))
"""The factor on a branch, or how it follows from the depth."""


@dataclass(frozen=True, slots=True)
class Network:
    """The layers of a network: `sizes` are the features, then the neurons of each layer, L+1 numbers."""

    sizes: tuple[int, ...]
    activation: Activation
    sigma_b: float
    start: OutputGradient

    @property
    def features(self) -> int:
        return self.sizes[0]

    @property
    def widths(self) -> tuple[int, ...]:
        """Neurons of layers 1 … L."""
        return self.sizes[1:]

    @property
    def layers(self) -> int:
        return len(self.sizes) - 1

    @property
    def neurons(self) -> int:
        """Neurons of all layers together."""
        return sum(self.widths)

    @property
    def widest(self) -> int:
        """Neurons of the widest layer."""
        return max(self.widths)

    @property
    def hidden_width(self) -> int:
        """Neurons of each further layer, were the network deeper."""
        return self.sizes[-2] if self.layers > 1 else self.widest

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """(fan_out, fan_in) of every layer's weights, l = 1..L."""
        return tuple((above, below) for below, above in itertools.pairwise(self.sizes))

    @property
    def weights(self) -> int:
        """Weights of all layers together."""
        return sum(fan_out * fan_in for fan_out, fan_in in self.shapes)

    def __str__(self) -> str:
        """The sizes in short: 64-50x10."""
        return widths_text(self.sizes)


@dataclass(frozen=True, slots=True)
class Method:
    """One way to draw and join the layers of a network.

    `initialiser` is a name or an expression, `gain` multiplies its weights. `block` and `norm` say how layers are
    joined (see `Block`); `branch_scale` may be a key of `DEPTH_SCALES`. To add a setting of methods, add a field:
    an experiment has it twice, as `gain_a` and `gain_b`; `{side}` stands for the method in its texts.

    Raises:
        SettingError: a setting is not allowed.
    """

    initialiser: str = setting(
        MISSING, InitialiserName(), "Initialiser {SIDE}", "initialiser of {side}", "list", in_demo=True
    )
    gain: float = setting(1.0, Real(1e-3, 1e3, words=(CRITICAL,)), "Gain of {SIDE}", "factor on all weights of {side}")
    block: BlockKind = setting(
        "plain", Name(tuple(BLOCKS)), "Block of {SIDE}", "how the layers of {side} are joined", left_out=True
    )
    norm: Norm = setting(
        "none", Name(tuple(NORMS)), "Norm of {SIDE}", "normalisation in the blocks of {side}", left_out=True
    )
    branch_scale: float | str = setting(
        1.0, BRANCH_SCALE, "Branch scale {SIDE}", "factor on what {side}'s blocks add to the skip", left_out=True
    )

    def __post_init__(self) -> None:
        for name, of in METHOD_SETTINGS.items():
            object.__setattr__(self, name, of.check(getattr(self, name)))


METHOD_SETTINGS: Mapping[str, Setting] = settings_of(Method)
"""Every setting of a method by name, in the order of the fields."""


@dataclass(frozen=True, slots=True)
class AppliedMethod:
    """A method in the network of an experiment, as engine and theory see it.

    The gain is in `initialiser`, and the branch scale of this depth in `block`; `batch` counts only with batch norm.
    `sampler` is the one used. `ambiguous` if the other method has the same label.
    """

    side: Side
    settings: Method
    initialiser: Initialiser
    block: Block = PLAIN
    batch: int = 1
    sampler: Sampler = "explicit"
    ambiguous: bool = False

    @property
    def branch_scale(self) -> float | str:
        """That of the block; a word if it depends on the depth."""
        return self.settings.branch_scale

    @property
    def inputs(self) -> int:
        """Inputs that go through a network together."""
        return inputs_of(self.block, self.batch)

    @property
    def label(self) -> str:
        """A short name for the screen; never that of the other method."""
        label = f"{self.initialiser.label} {self.block_label}".rstrip()
        return f"{label} {self.side.upper()}" if self.ambiguous else label

    @property
    def block_label(self) -> str:
        """The block in short: "pre-norm rms c=0.5"; empty for a plain network."""
        kind, norm, scale = self.block.kind, self.block.norm, self.branch_scale
        if kind == "plain":
            return "" if norm == "none" else f"{norm} norm"
        # layer norm goes without saying
        label = kind if norm in ("none", "layer") else f"{kind} {norm}"
        if scale == 1.0:
            return label
        return f"{label} c={scale}" if isinstance(scale, str) else f"{label} c={scale:.3g}"

    @property
    def name(self) -> str:
        """The words of the command line, with the gain; never the name of the other method."""
        gain = self.initialiser.gain
        name = self.initialiser.name if gain == 1.0 else f"{self.initialiser.name} x{gain:.4g}"
        block = self.block
        words: list[str] = [word for word in (block.kind, block.norm) if word not in ("plain", "none")]
        if self.branch_scale != 1.0:
            words.append(BRANCH_SCALE.write(self.branch_scale))
        name = " ".join((name, *words))
        return f"{name} ({self.side})" if self.ambiguous else name


def inputs_of(block: Block, batch: int) -> int:
    """Inputs that go through a network with these blocks together."""
    return batch if block.couples_inputs else 1
