"""Which words of a layer's stream become which rows of its weights.

A layer is one block of rows or, if it is large, several. A block starts at a known word of the run, so it can be
redrawn alone and in any order: networks too large to be kept are drawn block by block, forward and again backward.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui_initflow.model.initialisers import Shape

BLOCK_WEIGHTS = 1 << 18
"""Most weights of a block, unless one row has more: 1 MB. This also keeps every matrix product below the size at which
BLAS starts threads of its own, which would compete with ours and whose number could change the rounding."""


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows `first_row` to `first_row + shape[0]` of a layer, made of `words` words from the run's `first_word` on."""

    first_row: int
    shape: Shape
    first_word: int

    @property
    def words(self) -> int:
        return whole_words(self.shape[0] * self.shape[1])

    @property
    def rows(self) -> slice:
        return slice(self.first_row, self.first_row + self.shape[0])


def cut(shape: Shape) -> tuple[RowBlock, ...]:
    """The blocks of a layer of shape (fan_out, fan_in), from the first row to the last."""
    fan_out, fan_in = shape
    step = max(1, BLOCK_WEIGHTS // fan_in)
    blocks, word = [], 0
    for first in range(0, fan_out, step):
        block = RowBlock(first, (min(step, fan_out - first), fan_in), word)
        blocks.append(block)
        word += block.words
    return tuple(blocks)


def whole_words(numbers: int) -> int:
    """Words for this many numbers, two numbers a word."""
    return (numbers + 1) // 2
