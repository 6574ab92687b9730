"""Where all randomness comes from: a stream of raw bits for each (seed, slot, layer), readable from any position.

A slot is what the bits are for: the input x, the weights or the biases of method a or b, the output gradient, the
order of the data in training. Where no weights are drawn, their slot is for what they do to signals, and a further one
for what they do to gradients. It is the slot that counts, not the initialiser's name, so comparing an initialiser with
itself compares independent draws.

The runs of a layer lie one after the other in its stream: a batch of runs is one long read, and a layer's weights
are the same however many layers follow. Each (seed, slot) has one PCG64DXSM generator. Layer l reads it from l * JUMP
on, which costs one `advance` (about 2 us), a tenth of seeding a generator for each layer. JUMP is the constant of
numpy's own `jumped`: an odd number near 2^128 divided by the golden ratio. The streams of any thousand layers start
more than 2^115 words apart, of which 100,000 runs need less than 2^44, and the states there differ in all bits (at a
distance of 2^64 the lower halves would be equal).
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
    OUTPUT_GRADIENT = 5
    DATA_ORDER = 6
    BACK_A = 7
    BACK_B = 8

    @property
    def side(self) -> Side:
        """Whose weights or biases these are."""
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
