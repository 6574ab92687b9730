"""Initialisers: how a layer's weights are drawn. To add one, add a row to the table below.

A weight is W = gain * s * D, with D from a base distribution and s from the rule for its (fan_out, fan_in). Any
distribution goes with any rule, as in jax.nn.initializers.variance_scaling: the well-known pairs have names, all
others are written as `normal:2/fan_in` or `truncated-normal:std=0.02`.

    >>> he, default = INITIALISERS["he-normal"], INITIALISERS["torch-linear"]
    >>> round(he.variance((50, 64)), 5)  # 2 / fan_in
    0.03125
    >>> round(default.bound((50, 64)), 4)  # 1 / sqrt(fan_in), the bound of nn.Linear's weights
    0.125
    >>> equal_names(INITIALISERS["uniform"], [(50, 50)])  # on square layers, the demo's uniform is that default
    ['torch-linear']
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import ClassVar

TRUNCATED_AT = 2.0
"""Where a truncated normal is cut, in standard deviations of the normal before the cut: as in JAX and Keras."""
TRUNCATED_STD = 0.8796256610342398
"""Standard deviation of N(0, 1) cut at plus and minus 2."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """U(low, high)."""

    low: float
    high: float
    excess_kurtosis: ClassVar[float] = -6 / 5

    def __str__(self) -> str:
        return f"U({self.low:.4g}, {self.high:.4g})"

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def variance(self) -> float:
        return (self.high - self.low) ** 2 / 12

    @property
    def bound(self) -> float:
        """Largest |D| possible."""
        return max(abs(self.low), abs(self.high))


@dataclass(frozen=True, slots=True)
class Normal:
    """N(0, deviation^2). Its bound is infinite, though no number drawn exceeds 6.8 deviations (see `draw`)."""

    deviation: float = 1.0
    mean: ClassVar[float] = 0.0
    bound: ClassVar[float] = math.inf
    excess_kurtosis: ClassVar[float] = 0.0

    def __str__(self) -> str:
        return f"N(0, {self.variance:.4g})"

    @property
    def variance(self) -> float:
        return self.deviation**2


@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """N(0, 1) cut at plus and minus 2 and divided by 0.8796, so that its variance is 1 again."""

    mean: ClassVar[float] = 0.0
    variance: ClassVar[float] = 1.0
    bound: ClassVar[float] = TRUNCATED_AT / TRUNCATED_STD
    excess_kurtosis: ClassVar[float] = -0.6344632828703505

    def __str__(self) -> str:
        return "N(0, 1) cut"


@dataclass(frozen=True, slots=True)
class Orthogonal:
    """Not i.i.d.: sqrt(max(fan_in, fan_out)) times a matrix with orthonormal rows or columns, whichever are fewer.

    Uniform (Haar) among all of those; an entry has variance 1. The bound of an entry depends on the shape; its excess
    kurtosis is 0 in the limit of large matrices. Saxe et al. 2014, arXiv 1312.6120.
    """

    mean: ClassVar[float] = 0.0
    variance: ClassVar[float] = 1.0
    bound: ClassVar[float] = math.inf
    excess_kurtosis: ClassVar[float] = 0.0

    def __str__(self) -> str:
        return "orthogonal"


Distribution = Uniform | Normal | TruncatedNormal | Orthogonal

INPUT = Uniform(0.25, 0.75)
"""What the components of the input x are drawn from."""


Shape = tuple[int, int]
"""(fan_out, fan_in) of a weight matrix."""

ROOT_3 = math.sqrt(3.0)


@dataclass(frozen=True, slots=True)
class Fan:
    """s^2 = scale / fan; `of` is fan_in, fan_out, their average fan_avg, or the larger of them fan_max.

    >>> Fan(1.0, "fan_avg")((50, 64)) == math.sqrt(2 / (50 + 64))
    True
    """

    scale: float
    of: str

    def __call__(self, shape: Shape) -> float:
        fan_out, fan_in = shape
        if self.of == "fan_avg":
            return math.sqrt(2.0 * self.scale / (fan_in + fan_out))
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_max": max(shape)}[self.of]
        return math.sqrt(self.scale / fan)

    def __str__(self) -> str:
        parts = round(1.0 / self.scale)
        if parts > 1 and math.isclose(parts * self.scale, 1.0):
            return f"1/({parts} {self.of})"
        return f"{self.scale:.6g}/{self.of}"


@dataclass(frozen=True, slots=True)
class FixedStd:
    """s is the same for every shape, which is what the rules were invented to replace."""

    std: float

    def __call__(self, shape: Shape) -> float:
        return self.std

    def __str__(self) -> str:
        return f"std={self.std:.4g}"


Rule = Fan | FixedStd
GLOROT = Fan(1.0, "fan_avg")
"""A compromise between forward and backward; the scale that all methods of the demo share. Glorot & Bengio 2010."""
HE = Fan(2.0, "fan_in")
"""Makes up for ReLU switching off half of the neurons. He et al. 2015, arXiv 1502.01852."""
LECUN = Fan(1.0, "fan_in")
"""Preserves the variance of the signal forward. LeCun et al. 1998, Efficient BackProp."""


@dataclass(frozen=True, slots=True)
class Initialiser:
    """A way to draw weights; `mean`, `variance`, `std` and `bound` are those of one weight of a matrix of `shape`."""

    name: str
    """As written on the command line."""
    title: str
    """As displayed, with the distribution."""
    short: str
    """As displayed where there is little room."""
    distribution: Distribution
    rule: Rule
    source: str = ""
    """Where it comes from and whose default it is."""
    gain: float = 1.0

    def scale(self, shape: Shape) -> float:
        """gain * s, the factor of D."""
        return self.gain * self.rule(shape)

    def mean(self, shape: Shape) -> float:
        return self.scale(shape) * self.distribution.mean

    def variance(self, shape: Shape) -> float:
        return self.scale(shape) ** 2 * self.distribution.variance

    def std(self, shape: Shape) -> float:
        return math.sqrt(self.variance(shape))

    def bound(self, shape: Shape) -> float:
        """Largest |W| possible, infinite for a normal."""
        if isinstance(self.distribution, Orthogonal):
            # no entry of a unit vector exceeds 1
            return self.scale(shape) * math.sqrt(max(shape))
        return self.scale(shape) * self.distribution.bound

    def sigma_w2(self, shape: Shape) -> float:
        """fan_in Var(w), which decides whether signals grow or shrink."""
        return shape[1] * self.variance(shape)

    @property
    def label(self) -> str:
        """`short`, with the gain where there is one."""
        return self.short if self.gain == 1.0 else f"{self.short} ×{self.gain:.3g}"

    def with_gain(self, gain: float) -> Initialiser:
        return replace(self, gain=gain)

    def draws_as(self, other: Initialiser, shape: Shape) -> bool:
        """Whether both draw a matrix of this shape from the same distribution."""
        if type(self.distribution) is not type(other.distribution):
            return False
        return all(
            math.isclose(mine(shape), theirs(shape), rel_tol=1e-12, abs_tol=0.0)
            for mine, theirs in ((self.mean, other.mean), (self.std, other.std))
        )


UNIT_UNIFORM = Uniform(-ROOT_3, ROOT_3)
"""Mean 0, variance 1."""

# fmt: off
_ALL = (
    Initialiser("uniform", "Uniform U(-1,1)", "Uniform", Uniform(-1.0, 1.0), GLOROT, "the demo's"),
    Initialiser("normal", "Normal N(0,1)", "Normal", Normal(), GLOROT, "the demo's"),
    Initialiser("rand", "Rand U[0,1)", "Rand", Uniform(0.0, 1.0), GLOROT, "a literal rand()"),
    Initialiser("glorot-uniform", "Uniform U(±√3)", "Glorot-uniform", UNIT_UNIFORM, GLOROT, "Glorot & Bengio 2010"),
    Initialiser("glorot-normal", "Glorot normal", "Glorot-normal", Normal(), GLOROT, "Glorot & Bengio 2010"),
    Initialiser("he-uniform", "He uniform", "He-uniform", UNIT_UNIFORM, HE, "He et al. 2015"),
    Initialiser("he-normal", "He normal", "He-normal", Normal(), HE, "He et al. 2015"),
    Initialiser("lecun-uniform", "LeCun uniform", "LeCun-uniform", UNIT_UNIFORM, LECUN, "LeCun et al. 1998"),
    Initialiser("lecun-normal", "LeCun normal", "LeCun-normal", Normal(), LECUN, "LeCun et al. 1998"),
    Initialiser("torch-linear", "PyTorch nn.Linear", "Torch-linear", UNIT_UNIFORM, Fan(1 / 3, "fan_in"),
                "PyTorch's default, U(+-1/sqrt(fan_in))"),
    Initialiser("truncated-normal", "Truncated normal", "Truncated-normal", TruncatedNormal(), LECUN,
                "JAX's and Keras's lecun_normal"),
    Initialiser("orthogonal", "Orthogonal", "Orthogonal", Orthogonal(), Fan(1.0, "fan_max"), "Saxe et al. 2014"),
)
# fmt: on

INITIALISERS: Mapping[str, Initialiser] = MappingProxyType({entry.name: entry for entry in _ALL})

FAMILIES: Mapping[str, Distribution] = MappingProxyType(
    {
        "uniform": UNIT_UNIFORM,
        "normal": Normal(),
        "truncated-normal": TruncatedNormal(),
        "orthogonal": Orthogonal(),
    }
)
"""The distributions that an expression may name."""
_NUMBER = r"(?:[0-9]{1,10}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})(?:e[+-]?[0-9]{1,2})?"
_EXPRESSION = re.compile(
    rf"(?P<family>{'|'.join(FAMILIES)}):"
    rf"(?:(?P<scale>{_NUMBER})/(?P<fan>fan_in|fan_out|fan_avg|fan_max)|std=(?P<std>{_NUMBER}))"
)
_LEAST, _MOST = 1e-9, 1e9
EXPRESSION = f"DISTRIBUTION:SCALE/fan_in, /fan_out, /fan_avg, /fan_max or :std=STD, numbers {_LEAST:g} to {_MOST:g}"
"""How initialisers without a name are written, in words."""


@lru_cache(maxsize=256)
def initialiser(text: str) -> Initialiser:
    """The initialiser of this name, or the one that an expression describes.

    SCALE/fan is the variance of a weight, whatever the distribution.

    >>> initialiser("uniform:2/fan_avg").variance((50, 50))
    0.04
    >>> initialiser("normal:std=0.02").with_gain(2.0).std((50, 64))
    0.04

    Raises:
        ValueError: it is neither.
    """
    if text in INITIALISERS:
        return INITIALISERS[text]
    parts = _EXPRESSION.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text[:40]!r} is not an initialiser")
    number = float(parts["scale"] or parts["std"])
    if not _LEAST <= number <= _MOST:
        raise ValueError(f"{number:g} is not between {_LEAST:g} and {_MOST:g}")
    rule = Fan(number, parts["fan"]) if parts["fan"] else FixedStd(number)
    family = parts["family"].capitalize()
    title = f"{family.replace('-', ' ')} {rule}"
    return Initialiser(text, title, title, FAMILIES[parts["family"]], rule)


def equal_names(one: Initialiser, shapes: Iterable[Shape]) -> list[str]:
    """Names of the other initialisers that draw matrices of all these shapes from the same distribution."""
    shapes = tuple(shapes)
    return [
        other.name
        for other in INITIALISERS.values()
        if other.name != one.name and all(one.draws_as(other, shape) for shape in shapes)
    ]


def equalities(one: Initialiser, shapes: Sequence[Shape]) -> str:
    """The initialisers that draw the same weights in a network of these shapes; empty if there are none."""
    if everywhere := equal_names(one, shapes):
        return f"= {', '.join(everywhere)}"
    hidden = equal_names(one, shapes[1:]) if len(shapes) > 1 else []
    return f"= {', '.join(hidden)} if square" if hidden else ""
