"""The weights of a batch of networks: drawn once and kept or, if they do not fit, redrawn for each pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import takewhile

import numpy as np

from tui_initflow.engine.products import RESCALE_EVERY, Matrices, Rows
from tui_initflow.engine.sampling.numbers import Floats32, draw, draw_unscaled, remaining_scale
from tui_initflow.engine.sampling.orthogonal import orthogonalise
from tui_initflow.engine.sampling.rows import RowBlock, cut, whole_words
from tui_initflow.engine.sampling.streams import Stream, Words
from tui_initflow.model.distributions import Distribution, Orthogonal
from tui_initflow.model.initialisers import Initialiser, Shape

DRAWN_AT_ONCE = 1 << 18
"""Most numbers that are made together, unless one run has more: few enough to stay in the cache, and many enough for
threads to seldom wait for each other."""
SMALL_LAYERS = 1 << 16
"""Most numbers of several layers that are made together: a call of numpy takes as long as hundreds of numbers."""


def drawn_numbers(
    stream: Stream, layer: int, runs: range, distribution: Distribution, count: int, checkpoint: Callable[[], None]
) -> Floats32:
    """The first `count` numbers of a layer of every run, (runs, count)."""
    words = whole_words(count)
    numbers = np.empty((len(runs), 2 * words), np.float32)
    for rows, raw in _in_the_cache(numbers, words, stream, layer, runs.start * words, checkpoint):
        draw(distribution, raw, rows)
    return numbers[:, :count]


def _in_the_cache(
    numbers: Floats32, stride: int, stream: Stream, layer: int, first_word: int, checkpoint: Callable[[], None]
) -> Iterator[tuple[Floats32, Words]]:
    """The rows of `numbers`, a few at a time, with the words to make them of.

    The words of the first row start at `first_word`, those of the next row `stride` words later, and so on.
    """
    words = numbers.shape[1] // 2
    together = max(1, DRAWN_AT_ONCE // numbers.shape[1]) if stride == words else 1
    for row in range(0, len(numbers), together):
        checkpoint()
        rows = numbers[row : row + together]
        yield rows, stream.words(layer, first_word + row * stride, len(rows) * words).reshape(len(rows), words)


class WeightPlan:
    """How an initialiser's networks are drawn: each layer's scale and, for weights, its blocks of rows."""

    def __init__(self, initialiser: Initialiser, shapes: Sequence[Shape]) -> None:
        self.distribution = initialiser.distribution
        self.is_orthogonal = isinstance(initialiser.distribution, Orthogonal)
        self.shapes = shapes
        scales = {shape: initialiser.scale(shape) * remaining_scale(self.distribution) for shape in set(shapes)}
        self.scales = [scales[shape] for shape in shapes]
        self.widths = [fan_out for fan_out, _ in shapes]
        factors = [initialiser.std(shape) * math.sqrt(shape[1]) for shape in set(shapes[1:])]
        self.rescale_every = RESCALE_EVERY if all(0.01 < factor < 1e4 for factor in factors) else 1

    @cached_property
    def blocks(self) -> list[tuple[RowBlock, ...]]:
        """By layer."""
        blocks = {shape: cut(shape) for shape in set(self.shapes)}
        return [blocks[shape] for shape in self.shapes]

    @cached_property
    def words(self) -> list[int]:
        """Of a run, by layer."""
        return [sum(block.words for block in layer) for layer in self.blocks]

    def numbers(self, *, keep: bool) -> int:
        """Memory per run, in numbers: for the largest block or matrix, and for all layers that are kept."""
        kept = sum(self.words[1:]) if keep else 0
        largest = max(block.words for layer in self.blocks for block in layer)
        matrix = max(self.words) if self.is_orthogonal else 0
        return 2 * (kept + largest + matrix)


class DrawnWeights(Matrices):
    """The weights of a batch of networks; the numbers lie in `buffer`.

    `checkpoint` is called every millisecond or so of work and may raise.
    """

    def __init__(
        self,
        plan: WeightPlan,
        stream: Stream,
        runs: range,
        buffer: Floats32,
        checkpoint: Callable[[], None],
        *,
        keep: bool,
    ) -> None:
        self.scales = plan.scales
        self.widths = plan.widths
        self.rescale_every = plan.rescale_every
        self._plan = plan
        self._stream = stream
        self._runs = runs
        self._buffer = buffer
        self._checkpoint = checkpoint
        self._keep = keep
        self._kept: dict[int, list[Rows]] = {}

    def blocks(self, layer: int) -> Iterable[Rows]:
        """D_l by blocks of rows, drawn on first use or, if nothing is kept, on every use."""
        self._checkpoint()
        # the backward pass ends above the first layer
        if layer == 1 or not self._keep:
            return self._drawn(layer)
        if layer not in self._kept:
            most = SMALL_LAYERS // (len(self._runs) * 2 * self._plan.words[layer - 1])
            if most > 1 and len(self._plan.blocks[layer - 1]) == 1:
                self._keep_several(layer, most)
            else:
                self._keep_one(layer)
        return self._kept[layer]

    def _keep_one(self, layer: int) -> None:
        self._kept[layer] = []
        for rows, block in zip(self._plan.blocks[layer - 1], self._drawn(layer), strict=True):
            self._kept[layer].append(block)
            # the next block goes behind it
            self._buffer = self._buffer[len(self._runs) * 2 * rows.words :]

    def _keep_several(self, first_layer: int, most: int) -> None:
        """This layer, a single block, and at most so many of its shape that follow it, drawn like further runs."""
        shapes, (block,) = self._plan.shapes, self._plan.blocks[first_layer - 1]
        next_ones = range(first_layer, min(first_layer + most, len(shapes) + 1))
        layers = [*takewhile(lambda layer: shapes[layer - 1] == block.shape, next_ones)]
        runs, (rows, fan_in) = len(self._runs), block.shape
        first, count = self._runs.start * block.words, runs * block.words
        words = np.concatenate([self._stream.words(layer, first, count) for layer in layers])
        numbers, self._buffer = self._buffer[: 2 * len(words)], self._buffer[2 * len(words) :]
        numbers = numbers.reshape(-1, 2 * block.words)
        draw_unscaled(self._plan.distribution, words.reshape(-1, block.words), numbers)
        matrices = numbers[:, : rows * fan_in].reshape(-1, rows, fan_in)
        if self._plan.is_orthogonal:
            matrices = np.ascontiguousarray(matrices)
            orthogonalise(matrices, self._checkpoint)
        for layer, d in zip(layers, matrices.reshape(len(layers), runs, rows, fan_in), strict=True):
            self._kept[layer] = [(block.rows, d)]

    def _drawn(self, layer: int) -> Iterator[Rows]:
        blocks = self._plan.blocks[layer - 1]
        if self._plan.is_orthogonal:
            matrices = self._orthogonal(layer)
            yield from ((block.rows, matrices[:, block.rows]) for block in blocks)
            return
        for block in blocks:
            yield block.rows, self._block(layer, block, self._buffer)

    def _orthogonal(self, layer: int) -> Floats32:
        """The whole layer, because its rows depend on each other."""
        fan_out, fan_in = self._plan.shapes[layer - 1]
        count = len(self._runs) * fan_out * fan_in
        matrices, unused = self._buffer[:count].reshape(len(self._runs), fan_out, fan_in), self._buffer[count:]
        for block in self._plan.blocks[layer - 1]:
            matrices[:, block.rows] = self._block(layer, block, unused)
        orthogonalise(matrices, self._checkpoint)
        return matrices

    def _block(self, layer: int, block: RowBlock, buffer: Floats32) -> Floats32:
        """(runs, rows, fan_in) at the start of the buffer."""
        runs, words_of_run = self._runs, self._plan.words[layer - 1]
        numbers = buffer[: len(runs) * 2 * block.words].reshape(len(runs), 2 * block.words)
        first_word = runs.start * words_of_run + block.first_word
        for part, raw in _in_the_cache(numbers, words_of_run, self._stream, layer, first_word, self._checkpoint):
            draw_unscaled(self._plan.distribution, raw, part)
        rows, fan_in = block.shape
        return numbers[:, : rows * fan_in].reshape(len(runs), rows, fan_in)
