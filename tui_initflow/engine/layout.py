"""Which part of a run's stream becomes which weights.

A run's weights are cut into segments: as many whole layers as fit, or rows of one layer that is larger than that.
Each segment starts at a known word of the run's stream, so that any of them can be drawn again, alone and in any
order. Networks too large to be kept are drawn segment by segment, forward and then again backward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_initflow.engine.initialisers import Shape

SEGMENT_WEIGHTS = 1 << 18
"""Most weights of a segment: 1 MB. Also keeps every matrix product below the size at which BLAS would start its
own threads, which would compete with ours and whose number could change the rounding."""


@dataclass(frozen=True, slots=True)
class Segment:
    """`words` words of a run's stream from `first_word` on; two weights a word."""

    first_word: int
    words: int


@dataclass(frozen=True, slots=True)
class Block:
    """Rows `first_row` to `first_row + shape[0]` of a layer: weights of one segment from `offset` on."""

    segment: int
    offset: int
    first_row: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Layout:
    """Segments of a run, and the blocks that make up each layer."""

    segments: tuple[Segment, ...]
    layers: tuple[tuple[Block, ...], ...]


def layout(shapes: Sequence[Shape]) -> Layout:
    """Cut layers of these (fan_out, fan_in) into segments."""
    sizes: list[int] = []
    layers: list[tuple[Block, ...]] = []
    is_open = False
    for fan_out, fan_in in shapes:
        rows = max(1, SEGMENT_WEIGHTS // fan_in)
        if rows >= fan_out:
            if not (is_open and sizes[-1] + fan_out * fan_in <= SEGMENT_WEIGHTS):
                sizes.append(0)
            layers.append((Block(len(sizes) - 1, sizes[-1], 0, (fan_out, fan_in)),))
            sizes[-1] += fan_out * fan_in
            is_open = True
            continue
        blocks = []
        for first in range(0, fan_out, rows):
            height = min(rows, fan_out - first)
            blocks.append(Block(len(sizes), 0, first, (height, fan_in)))
            sizes.append(height * fan_in)
        layers.append(tuple(blocks))
        is_open = False
    return Layout(_segments(sizes), tuple(layers))


def whole_layers(shapes: Sequence[Shape]) -> Layout:
    """One segment for each layer, for weights that depend on each other."""
    layers = tuple((Block(index, 0, 0, shape),) for index, shape in enumerate(shapes))
    return Layout(_segments([fan_out * fan_in for fan_out, fan_in in shapes]), layers)


def _segments(sizes: Sequence[int]) -> tuple[Segment, ...]:
    segments, word = [], 0
    for size in sizes:
        # whole pairs of words keep both halves of a segment equally long
        words = (size + 1) // 2
        segments.append(Segment(word, words))
        word += words
    return tuple(segments)
