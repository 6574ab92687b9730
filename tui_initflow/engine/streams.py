"""Random numbers: a stream for each seed, slot, run and layer, and its words as uniform and normal numbers."""

from __future__ import annotations

import math
from enum import IntEnum
from functools import singledispatch

import numpy as np
from numpy.random import PCG64DXSM, SeedSequence
from numpy.typing import NDArray

from tui_initflow.functions.special import normal_quantile
from tui_initflow.model.initialisers import (
    TRUNCATED_AT,
    TRUNCATED_STD,
    Distribution,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
)
from tui_initflow.model.pair import Side

JUMP = 210306068529402873165736369884012333109
_PERIOD = 1 << 128

Words = NDArray[np.uint64]


class Slot(IntEnum):
    """What a stream is for."""

    X = 0
    A = 1
    B = 2
    BIAS_A = 3
    BIAS_B = 4
    OUTPUT_GRADIENT = 5
    DATA_ORDER = 6
    BACK_A = 7
    BACK_B = 8
    DATA_SPLIT = 9

    @property
    def side(self) -> Side:
        """The method whose weights or biases these are."""
        return "a" if self in (Slot.A, Slot.BIAS_A, Slot.BACK_A) else "b"

    @classmethod
    def methods(cls) -> tuple[Slot, Slot]:
        """The weights of both methods, b first: by default a normal, the slower one to draw."""
        return cls.B, cls.A


class Stream:
    """The raw 64-bit words of all layers of one (seed, slot). Not thread-safe."""

    def __init__(self, seed: int, slot: Slot) -> None:
        self._bits = PCG64DXSM(SeedSequence(seed, spawn_key=(int(slot),)))
        self._position = 0

    def words(self, layer: int, first: int, count: int) -> Words:
        """Words `first` to `first + count` of a layer, uint64 (count,)."""
        start = layer * JUMP + first
        distance = (start - self._position) % _PERIOD
        if distance:
            self._bits.advance(distance)
        self._position = start + count
        words: Words = self._bits.random_raw(count)
        return words


Floats32 = NDArray[np.float32]


def draw(distribution: Distribution, words: Words, out: Floats32) -> None:
    """Fill `out` (..., 2 k) with numbers of the distribution, made of `words` (..., k)."""
    draw_unscaled(distribution, words, out)
    np.multiply(out, np.float32(remaining_scale(distribution)), out=out)


def remaining_scale(distribution: Distribution) -> float:
    """The factor that `draw_unscaled` leaves out, because a layer's scale can absorb it for free."""
    return (distribution.high - distribution.low) * 2.0**-32 if isinstance(distribution, Uniform) else 1.0


@singledispatch
def draw_unscaled(distribution: Distribution, words: Words, out: Floats32) -> None:
    """Fill `out` with numbers of the distribution divided by its `remaining_scale`."""
    raise TypeError(f"cannot draw from {distribution!r}")


@draw_unscaled.register
def _(distribution: Uniform, words: Words, out: Floats32) -> None:
    # all 32 bits count, so numbers near the centre are finer than the 2^-24 of a float32 in [0, 1);
    # rounding to float32 closes the interval at both ends
    np.copyto(out, words.view(np.int32), casting="unsafe")
    if distribution.mean:
        np.add(out, np.float32(distribution.mean / remaining_scale(distribution)), out=out)


@draw_unscaled.register
def _(distribution: Normal, words: Words, out: Floats32) -> None:
    # Box & Muller 1958: sqrt(-2 ln u) (cos t, sin t), u in (0, 1], t in [-pi, pi]. The smallest u is 2^-33, from a
    # full 32-bit integer rather than a 24-bit float, so the tails reach 6.8 deviations and are right to beyond 6.
    half = out.shape[-1] // 2
    u, t = words.view(np.uint32)[..., :half], words.view(np.int32)[..., half:]
    radius = u.astype(np.float32)
    np.multiply(radius, np.float32(2.0**-32), out=radius)
    np.add(radius, np.float32(2.0**-33), out=radius)
    # (2^32 - 1) / 2^32 rounds to 1 in float32, and adding 2^-33 leaves it there: ln u <= 0
    np.log(radius, out=radius)
    np.multiply(radius, np.float32(-2.0 * distribution.deviation**2), out=radius)
    np.sqrt(radius, out=radius)
    angle = t.astype(np.float32)
    np.multiply(angle, np.float32(math.pi * 2.0**-31), out=angle)
    cosines, sines = out[..., :half], out[..., half:]
    np.cos(angle, out=cosines)
    np.sin(angle, out=sines)
    np.multiply(cosines, radius, out=cosines)
    np.multiply(sines, radius, out=sines)


@draw_unscaled.register
def _(distribution: Orthogonal, words: Words, out: Floats32) -> None:
    # `orthogonalise` makes matrices of these, once their shapes are known
    draw_unscaled(Normal(), words, out)


INSIDE = math.erf(TRUNCATED_AT / math.sqrt(2.0))
"""Probability that a normal number lies between the cuts."""


@draw_unscaled.register
def _(distribution: TruncatedNormal, words: Words, out: Floats32) -> None:
    # the quantile of a uniform number: one number in, one out, so any stretch of a stream can be redrawn
    np.copyto(out, words.view(np.int32), casting="unsafe")
    np.multiply(out, np.float32(INSIDE * 2.0**-32), out=out)  # probability minus 1/2
    quantile = np.minimum(normal_quantile(out), np.float32(TRUNCATED_AT))
    np.copysign(quantile * np.float32(1.0 / TRUNCATED_STD), out, out=out)
