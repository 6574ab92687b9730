"""Blocks: how the layers of a network are joined, with or without skips and normalisation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["plain", "residual", "pre-norm", "post-norm"]
BLOCKS: tuple[BlockKind, ...] = ("plain", "residual", "pre-norm", "post-norm")
Norm = Literal["none", "layer", "rms", "batch"]
NORMS: tuple[Norm, ...] = ("none", "layer", "rms", "batch")

EPSILON = 1e-5
"""Added to the variance, or to the mean square, that a normalisation divides by: the default of PyTorch's."""

DEPTH_SCALES: Mapping[str, Callable[[int], float]] = {
    "1/sqrt(L)": lambda layers: 1 / math.sqrt(layers),
    "1/L": lambda layers: 1 / layers,
}
"""Branch scales that depend on the depth L (De & Smith 2020; Zhang et al. 2019)."""


@dataclass(frozen=True, slots=True)
class Block:
    """With h_1 = W_1 x + b_1, the normalisation N without learned parameters, and l = 2 … L:

        plain       h_l = W_l f(N(h_{l-1})) + b_l
        residual    h_l = h_{l-1} + c (W_l f(h_{l-1}) + b_l)
        pre-norm    h_l = h_{l-1} + c (W_l f(N(h_{l-1})) + b_l)
        post-norm   h_l = N(h_{l-1} + c (W_l f(h_{l-1}) + b_l))

    The output is f(h_L), of a plain network f(N(h_L)). `scale` is c. N is taken over the neurons of a layer or, with
    batch norm, for each neuron over a batch of inputs. He et al. 2016 (residual), Ioffe & Szegedy 2015 (batch), Ba et
    al. 2016 (layer), Zhang & Sennrich 2019 (rms), Xiong et al. 2020 (pre- and post-norm).
    """

    kind: BlockKind = "plain"
    norm: Norm = "none"
    scale: float = 1.0

    @property
    def is_plain(self) -> bool:
        """Neither skips nor a normalisation."""
        return self.kind == "plain" and self.norm == "none"

    @property
    def has_skips(self) -> bool:
        return self.kind != "plain"

    @property
    def normalises_input(self) -> bool:
        """Whether f is applied to N(h) instead of h."""
        return self.norm != "none" and self.kind in ("plain", "pre-norm")


PLAIN = Block()
