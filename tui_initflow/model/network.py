"""A network and a method: what an experiment is made of, as the engine and theory see it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

from tui_initflow.functions.activations import Activation
from tui_initflow.model.blocks import DEPTH_SCALES, PLAIN, Block
from tui_initflow.model.initialisers import Initialiser, Shape
from tui_initflow.model.pair import Side
from tui_initflow.model.samplers import Sampler
from tui_initflow.model.settings import Real, RealOrWord, widths_text

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
    """One way to draw and join the layers: an initialiser with its gain, and a block.

    `branch_scale` is that of the block, as a word if it depends on the depth; `batch` counts only with batch norm.
    `sampler` is the one used. `ambiguous` if the other method has the same label.
    """

    side: Side
    initialiser: Initialiser
    block: Block = PLAIN
    branch_scale: float | str = 1.0
    batch: int = 1
    sampler: Sampler = "explicit"
    ambiguous: bool = False

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
