"""Initialisers: how a layer's weights are drawn.

Every weight is W = s D: D i.i.d. from the initialiser's base distribution, s the scale its variance rule gives for
the layer's (fan_out, fan_in). Those of the demo share Glorot's scale and differ in D alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tui_initflow.engine.distributions import Distribution, Normal, Uniform

Shape = tuple[int, int]
"""(fan_out, fan_in) of a weight matrix."""

ROOT_3 = math.sqrt(3.0)


def glorot_scale(shape: Shape) -> float:
    """sqrt(2 / (fan_in + fan_out)), Glorot & Bengio 2010."""
    fan_out, fan_in = shape
    return math.sqrt(2.0 / (fan_in + fan_out))


@dataclass(frozen=True, slots=True)
class Initialiser:
    """A named way to draw weights; `mean`, `std` and `bound` are those of one weight of a matrix of `shape`."""

    name: str
    """As written on the command line."""
    title: str
    """As displayed, with the distribution."""
    short: str
    """As displayed where there is little room."""
    distribution: Distribution
    scale: Callable[[Shape], float] = glorot_scale
    """The variance rule: s as a function of (fan_out, fan_in)."""

    def mean(self, shape: Shape) -> float:
        return self.scale(shape) * self.distribution.mean

    def variance(self, shape: Shape) -> float:
        return self.scale(shape) ** 2 * self.distribution.variance

    def std(self, shape: Shape) -> float:
        return math.sqrt(self.variance(shape))

    def bound(self, shape: Shape) -> float:
        """Largest |W| possible, infinite for a normal."""
        return self.scale(shape) * self.distribution.bound


_ALL = (
    Initialiser("uniform", "Uniform U(-1,1)", "Uniform", Uniform(-1.0, 1.0)),
    Initialiser("normal", "Normal N(0,1)", "Normal", Normal()),
    Initialiser("glorot-uniform", "Uniform U(±√3)", "Glorot-uniform", Uniform(-ROOT_3, ROOT_3)),
    Initialiser("rand", "Rand U[0,1)", "Rand", Uniform(0.0, 1.0)),
)

INITIALISERS: Mapping[str, Initialiser] = MappingProxyType({each.name: each for each in _ALL})
