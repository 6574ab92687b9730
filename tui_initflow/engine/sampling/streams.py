"""Where all randomness comes from: one stream of raw bits for each (seed, slot, layer), readable at any place.

A slot is what the bits are for: the input x, the weights or the biases of method a or b, the start of the backward
signal. It is the slot that counts and not the initialiser's name, so a comparison of an initialiser with itself is
one of independent draws.

The runs of a layer lie one after the other in its stream: a batch of runs is one long read, and a layer's weights
are the same however many layers follow. One PCG64DXSM generator belongs to each (seed, slot). Layer l reads it from
l * JUMP on, which costs one `advance` (about 2 us) where seeding a generator for each layer would cost twenty. JUMP
is the constant numpy's own `jumped` uses: an odd number near 2^128 divided by the golden ratio. The starts of any
thousand layers are therefore more than 2^115 words apart, of which 100,000 runs need less than 2^44, and their
states differ in all bits (at a distance of 2^64 the lower halves would be equal).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.random import PCG64DXSM, SeedSequence
from numpy.typing import NDArray

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
    START = 5

    @property
    def side(self) -> Side:
        """Whose weights or biases these are."""
        return "a" if self in (Slot.A, Slot.BIAS_A) else "b"

    @classmethod
    def methods(cls) -> tuple[Slot, Slot]:
        """Both methods, b first: where it is a normal it is the slower one to draw."""
        return cls.B, cls.A


class Stream:
    """The raw 64-bit words of all layers of one (seed, slot). Not to be shared between threads."""

    def __init__(self, seed: int, slot: Slot) -> None:
        self._bits = PCG64DXSM(SeedSequence(seed, spawn_key=(int(slot),)))
        self._position = 0

    def words(self, layer: int, first: int, count: int) -> Words:
        """Words number `first` to `first + count` of a layer, uint64 (count,)."""
        start = layer * JUMP + first
        distance = (start - self._position) % _PERIOD
        if distance:
            self._bits.advance(distance)
        self._position = start + count
        words: Words = self._bits.random_raw(count)
        return words


class Streams:
    """The streams of one seed, each made when it is first asked for. Not to be shared between threads."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made: dict[Slot, Stream] = {}

    def __getitem__(self, slot: Slot) -> Stream:
        if slot not in self._made:
            self._made[slot] = Stream(self._seed, slot)
        return self._made[slot]
