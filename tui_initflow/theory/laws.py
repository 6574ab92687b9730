"""The law of a network's weights: all that the theory needs to know of an initialiser."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Start = Literal["ones", "signs"]
"""How the backward signal starts: a vector of ones (the demo), or an independent +1 or -1 for every neuron."""

INPUT_MEAN = 1 / 2
INPUT_SECOND_MOMENT = 13 / 48
INPUT_FOURTH_MOMENT = 121 / 1280
INPUT_COVARIANCE = ((1 / 48, 1 / 48), (1 / 48, 61 / 2880))
"""Moments of x ~ U[0.25, 0.75): E x, E x^2, E x^4 and the covariance matrix of (x, x^2)."""

UNIFORM_EXCESS_KURTOSIS = -6 / 5
TRUNCATED_NORMAL_EXCESS_KURTOSIS = -0.6344632828703505
"""Of a uniform distribution, and of a normal one cut at two standard deviations."""


@dataclass(frozen=True, slots=True)
class LayerLaw:
    """Law of one weight matrix of shape (fan_out, fan_in) and of the bias beside it.

    The weights have this mean and variance; the bias is drawn around zero. An orthogonal matrix is a multiple of
    one with orthonormal rows or columns, whichever are fewer, uniform among all of those. The excess kurtosis,
    zero for a normal distribution, only matters at finite width.
    """

    fan_in: int
    fan_out: int
    variance: float
    mean: float = 0.0
    bias_variance: float = 0.0
    orthogonal: bool = False
    excess_kurtosis: float = 0.0

    def __post_init__(self) -> None:
        if self.fan_in < 1 or self.fan_out < 1:
            raise ValueError(f"a layer needs at least one input and one neuron, not {self.fan_in} and {self.fan_out}")
        if not (self.variance >= 0 and self.bias_variance >= 0):
            raise ValueError("a variance cannot be negative")
        if self.orthogonal and self.mean:
            raise ValueError("an orthogonal matrix has mean zero")

    @property
    def sigma_w2(self) -> float:
        """fan_in Var(w), the number that decides."""
        return self.fan_in * self.variance

    def scaled(self, gain: float) -> LayerLaw:
        """The same law with every weight, not the bias, multiplied by `gain`."""
        return replace(self, mean=self.mean * gain, variance=self.variance * gain * gain)


def network_laws(first: LayerLaw, hidden: LayerLaw, depth: int) -> tuple[LayerLaw, ...]:
    """A first layer and depth - 1 equal square layers: the demo's network."""
    return (first,) + (hidden,) * (depth - 1)


def check_chain(laws: Sequence[LayerLaw]) -> None:
    """Refuse layers that do not fit onto each other."""
    if not laws:
        raise ValueError("a network needs at least one layer")
    for number, (below, above) in enumerate(itertools.pairwise(laws), start=1):
        if below.fan_out != above.fan_in:
            raise ValueError(f"layer {number} has {below.fan_out} neurons, layer {number + 1} takes {above.fan_in}")
