"""The weights of a batch of networks: drawn once and kept, or drawn again for each pass where they do not fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from tui_initflow.engine.passes import RESCALE_EVERY, Block
from tui_initflow.engine.sampling.numbers import Floats32, draw, draw_unscaled, remaining_scale
from tui_initflow.engine.sampling.orthogonal import orthogonalise
from tui_initflow.engine.sampling.rows import RowBlock, cut, whole_words
from tui_initflow.engine.sampling.streams import Stream, Words
from tui_initflow.model.distributions import Distribution, Orthogonal
from tui_initflow.model.initialisers import Initialiser, Shape

DRAWN_AT_ONCE = 1 << 18
"""Most numbers that are made together, unless one run has more: they stay in the cache meanwhile, and threads that
make so many at a time seldom wait for each other."""


def drawn_numbers(
    stream: Stream, layer: int, runs: range, distribution: Distribution, count: int, checkpoint: Callable[[], None]
) -> Floats32:
    """The first `count` numbers of a layer of every run, (runs, count)."""
    words = whole_words(count)
    numbers = np.empty((len(runs), 2 * words), np.float32)
    for some, raw in _in_the_cache(numbers, words, stream, layer, runs.start * words, checkpoint):
        draw(distribution, raw, some)
    return numbers[:, :count]


def _in_the_cache(
    numbers: Floats32, stride: int, stream: Stream, layer: int, first_word: int, checkpoint: Callable[[], None]
) -> Iterator[tuple[Floats32, Words]]:
    """A few rows of `numbers` after the other, with the words to make them of.

    The words of the first row start at `first_word`, those of the others every `stride` words.
    """
    words = numbers.shape[1] // 2
    together = max(1, DRAWN_AT_ONCE // numbers.shape[1]) if stride == words else 1
    for row in range(0, len(numbers), together):
        checkpoint()
        some = numbers[row : row + together]
        yield some, stream.words(layer, first_word + row * stride, len(some) * words).reshape(len(some), words)


class WeightPlan:
    """How an initialiser's networks are drawn: how a run's stream is cut, and what the numbers are multiplied with."""

    def __init__(self, initialiser: Initialiser, shapes: Sequence[Shape]) -> None:
        self.distribution = initialiser.distribution
        self.is_orthogonal = isinstance(initialiser.distribution, Orthogonal)
        self.layers = [cut(shape) for shape in shapes]
        self.scales = [initialiser.scale(shape) * remaining_scale(initialiser.distribution) for shape in shapes]
        self.widths = [fan_out for fan_out, _ in shapes]
        factors = [initialiser.std(shape) * math.sqrt(shape[1]) for shape in shapes[1:]]
        self.rescale_every = RESCALE_EVERY if all(0.01 < factor < 1e4 for factor in factors) else 1

    def numbers(self, *, keep: bool) -> int:
        """Memory that a run needs, in numbers: for the largest block or matrix, and for all layers that are kept."""
        kept = sum(2 * layer.words for layer in self.layers[1:]) if keep else 0
        largest = max(2 * layer.words_of_block for layer in self.layers)
        matrix = max(2 * layer.words for layer in self.layers) if self.is_orthogonal else 0
        return kept + largest + matrix


class DrawnWeights:
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
        self._kept: dict[int, list[Block]] = {}

    def blocks(self, layer: int) -> Iterable[Block]:
        """D_l by blocks of rows, drawn when the layer is first asked for, or each time where nothing is kept."""
        self._checkpoint()
        # the backward pass ends above the first layer
        if layer == 1 or not self._keep:
            return self._drawn(layer)
        if layer not in self._kept:
            self._kept[layer] = []
            for rows, block in zip(self._plan.layers[layer - 1].blocks, self._drawn(layer), strict=True):
                self._kept[layer].append(block)
                # what is drawn next lies behind it
                self._buffer = self._buffer[len(self._runs) * 2 * rows.words :]
        return self._kept[layer]

    def _drawn(self, layer: int) -> Iterator[Block]:
        blocks = self._plan.layers[layer - 1].blocks
        if self._plan.is_orthogonal:
            matrices = self._orthogonal(layer)
            yield from ((block.rows, matrices[:, block.rows]) for block in blocks)
            return
        for block in blocks:
            yield block.rows, self._block(layer, block, self._buffer)

    def _orthogonal(self, layer: int) -> Floats32:
        """All rows of the layer: they depend on each other."""
        plan = self._plan.layers[layer - 1]
        fan_out, fan_in = plan.shape
        count = len(self._runs) * fan_out * fan_in
        matrices, unused = self._buffer[:count].reshape(len(self._runs), fan_out, fan_in), self._buffer[count:]
        for block in plan.blocks:
            matrices[:, block.rows] = self._block(layer, block, unused)
        orthogonalise(matrices, self._checkpoint)
        return matrices

    def _block(self, layer: int, block: RowBlock, buffer: Floats32) -> Floats32:
        """(runs, rows, fan_in) at the start of the buffer."""
        runs, words_of_run = self._runs, self._plan.layers[layer - 1].words
        numbers = buffer[: len(runs) * 2 * block.words].reshape(len(runs), 2 * block.words)
        first_word = runs.start * words_of_run + block.first_word
        for some, raw in _in_the_cache(numbers, words_of_run, self._stream, layer, first_word, self._checkpoint):
            draw_unscaled(self._plan.distribution, raw, some)
        rows, fan_in = block.shape
        return numbers[:, : rows * fan_in].reshape(len(runs), rows, fan_in)
