"""Which words of a layer's stream become which rows of its weights.

A layer is one block of rows or, where it is large, several. A block starts at a known word of the run's words, so it
can be drawn again, alone and in any order: networks too large to be kept are drawn block by block, forward and then
again backward.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tui_initflow.model.initialisers import Shape

BLOCK_WEIGHTS = 1 << 18
"""Most weights of a block, unless one row has more: 1 MB. Also keeps every matrix product below the size at which
BLAS would start its own threads, which would compete with ours and whose number could change the rounding."""


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows `first_row` to `first_row + shape[0]` of a layer: `words` words of a run's from `first_word` on."""

    first_row: int
    shape: Shape
    first_word: int

    @property
    def words(self) -> int:
        return whole_words(self.shape[0] * self.shape[1])

    @property
    def rows(self) -> slice:
        return slice(self.first_row, self.first_row + self.shape[0])


@dataclass(frozen=True, slots=True)
class LayerBlocks:
    """A layer of this (fan_out, fan_in) in blocks of at most `rows` rows."""

    shape: Shape
    rows: int

    @property
    def blocks(self) -> Iterator[RowBlock]:
        """From the first row to the last."""
        fan_out, fan_in = self.shape
        word = 0
        for first in range(0, fan_out, self.rows):
            block = RowBlock(first, (min(self.rows, fan_out - first), fan_in), word)
            yield block
            word += block.words

    @property
    def words(self) -> int:
        """Words that a run takes."""
        fan_out, fan_in = self.shape
        full, rest = divmod(fan_out, self.rows)
        return full * whole_words(self.rows * fan_in) + whole_words(rest * fan_in)

    @property
    def words_of_block(self) -> int:
        """Words of the largest block."""
        return whole_words(min(self.rows, self.shape[0]) * self.shape[1])


def whole_words(numbers: int) -> int:
    """Words that this many numbers are made of, two each."""
    return (numbers + 1) // 2


def cut(shape: Shape) -> LayerBlocks:
    """Cut a layer of this (fan_out, fan_in) into blocks."""
    return LayerBlocks(shape, max(1, BLOCK_WEIGHTS // shape[1]))
