"""Signals that neither under- nor overflow: numbers of a layer with an exponent for each run.

A signal that has become very small or large is multiplied by a power of two, which is carried as an exponent: where
|z| < 2^-20, f(c z) = c f(z) and f'(c z) = f'(z) to float32 precision for every f with f(0) = 0, and no other f has
vanishing signals; likewise far out for those f that can explode.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.activations import Activation

Floats = NDArray[np.floating[Any]]
Float64s = NDArray[np.float64]
Exponents = NDArray[np.int32]

SMALLEST, LARGEST = 2.0**-40, 2.0**40
REST = 24
"""A signal outside SMALLEST to LARGEST is brought back to 2^-24 or 2^24, well inside where f is homogeneous."""
ANY_EXPONENT = 1 << 20
"""Beyond the exponent of any number."""
MOST_LDEXP = 1000
"""An exponent of two whose power float64 holds."""
LARGEST_SCALE = 64
"""Largest binary exponent, of either sign, of a scale that multiplies vectors."""
LEAST_BESIDE_A_BIAS = -80
"""Smallest exponent of a signal that a bias is added to."""


@dataclass(frozen=True, slots=True)
class Range:
    """Sizes that a signal may have without being rescaled, and the binary exponents that it is brought back to."""

    smallest: float = SMALLEST
    largest: float = LARGEST
    least_exponent: int = -REST
    most_exponent: int = REST

    @property
    def has_ends(self) -> bool:
        return self.smallest > 0 or math.isfinite(self.largest)


BOTH_ENDS = Range()


@dataclass(frozen=True, slots=True)
class Preactivations:
    """z_l = 2^exponent * signal of networks in an array of `shape`: (runs,), or (points, runs).

    `signals` holds one layer after the other, each (*shape, n_l) and all of them flat; `exponents` is (L, *shape).
    """

    widths: tuple[int, ...]
    shape: tuple[int, ...]
    signals: Floats
    exponents: Exponents

    @classmethod
    def unfilled(cls, z_1: Floats, widths: Sequence[int]) -> Preactivations:
        """Memory for all layers of the networks with this first layer, and exponents of zero."""
        shape = z_1.shape[:-1]
        signals = np.empty(math.prod(shape) * sum(widths), z_1.dtype)
        return cls(tuple(widths), shape, signals, np.zeros((len(widths), *shape), np.int32))

    def by_layer(self, flat: NDArray[Any]) -> list[NDArray[Any]]:
        """Views (*shape, n_l) of the layers in `flat`, which is laid out like `signals`."""
        ends = np.multiply(np.cumsum(self.widths), math.prod(self.shape)).tolist()
        starts = [0, *ends[:-1]]
        return [
            flat[start:end].reshape(*self.shape, n) for start, end, n in zip(starts, ends, self.widths, strict=True)
        ]


def exponent_of(scale: float) -> int:
    """The binary exponent of a scale that would take signals beyond float32, else 0."""
    _, exponent = math.frexp(scale)
    return max(exponent, -MOST_LDEXP) if abs(exponent) > LARGEST_SCALE else 0


def exponents_passed_on(activation: Activation, exponents: Exponents) -> Exponents:
    """Those e of 2^e z with which f(2^e z) = 2^e f(z) does not hold are 0: f is flat there, or not 0 at zero."""
    if not np.count_nonzero(exponents):
        return exponents
    least = -ANY_EXPONENT if not activation.function(np.zeros(1)).any() else 0
    most = ANY_EXPONENT if activation.flat != "both sides" else 0
    return np.minimum(np.maximum(exponents, least), most)


def at_their_size(signals: Preactivations, activation: Activation) -> Floats:
    """The signals without exponents where f' is not the same further out, and so at another size."""
    if activation.flat != "both sides" or not (signals.exponents > 0).any():
        return signals.signals
    z = signals.signals.astype(np.float64)
    for layer, exponents in zip(signals.by_layer(z), signals.exponents, strict=True):
        layer[...] = np.ldexp(layer, np.clip(exponents, 0, MOST_LDEXP - REST)[..., None])
    return z


def add_bias(z: Floats, exponent: Exponents, bias: Floats) -> Exponents:
    """Add b to 2^exponent * z in place; returns the new exponent."""
    # a signal so much smaller than a bias counts for nothing, and at its scale the bias would overflow
    common = np.maximum(exponent, LEAST_BESIDE_A_BIAS)
    z[...] = np.ldexp(z, (exponent - common)[..., None])
    z += np.ldexp(bias, -common[..., None])
    z[...], exponent = rescaled(z, common, due=False)
    return exponent


def added(y: Floats, exponent: Exponents, other: Floats, other_exponent: Exponents) -> tuple[Floats, Exponents]:
    """2^exponent * y, in whose place the sum may be written, plus another signal."""
    if exponent is other_exponent or not np.count_nonzero(exponent != other_exponent):
        y += other
        return y, exponent
    common = np.maximum(exponent, other_exponent)
    total: Floats = np.ldexp(y, (exponent - common)[..., None])
    total += np.ldexp(other, (other_exponent - common)[..., None])
    return total, common


def rescaled(a: Floats, exponent: Exponents, *, due: bool, within: Range = BOTH_ENDS) -> tuple[Floats, Exponents]:
    """The signal 2^exponent * a, rescaled where a is too small or too large.

    A run without an exponent is checked only if that is `due`; one with an exponent in every layer, because it has to
    return to its true size before f stops being homogeneous.
    """
    if not (due or np.count_nonzero(exponent)):
        return a, exponent
    size = np.maximum.reduce(np.abs(a), axis=-1)
    _, size_exponent = np.frexp(size)
    rest = np.minimum(np.maximum(size_exponent + exponent, within.least_exponent), within.most_exponent)
    shift = rest - size_exponent
    # with a shift of the exponent's sign, it returns towards its true size
    moves = (size < within.smallest) | (size > within.largest) | (shift * exponent > 0)
    if not np.count_nonzero(moves):
        return a, exponent
    # an exact zero stays zero
    shift *= moves & (size > 0) & ((exponent != 0) | due)
    return np.ldexp(a, shift[..., None]), exponent - shift
