"""From random numbers to the weights of a layer: drawn in tiles of rows, any of which can be drawn again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

import numpy as np

from tui_initflow.engine.products import ONE_THREAD, RESCALE_EVERY, Matrices, Rows
from tui_initflow.engine.streams import Floats32, Stream, Words, draw, draw_unscaled, remaining_scale
from tui_initflow.model.initialisers import Distribution, Initialiser, Orthogonal, Shape

TILE_WEIGHTS = 1 << 18
"""Most weights of a tile, unless one row has more: 1 MB. This also keeps every matrix product below the size at which
BLAS starts threads of its own, which would compete with ours and whose number could change the rounding."""


@dataclass(frozen=True, slots=True)
class Tile:
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


def cut(shape: Shape) -> tuple[Tile, ...]:
    """The tiles of a layer of shape (fan_out, fan_in), from the first row to the last."""
    fan_out, fan_in = shape
    step = max(1, TILE_WEIGHTS // fan_in)
    tiles, word = [], 0
    for first in range(0, fan_out, step):
        tile = Tile(first, (min(step, fan_out - first), fan_in), word)
        tiles.append(tile)
        word += tile.words
    return tuple(tiles)


def whole_words(numbers: int) -> int:
    """Words for this many numbers, two numbers a word."""
    return (numbers + 1) // 2


TILE_NUMBERS = 1 << 15
"""Most numbers of a matrix that are made orthonormal between two checkpoints, unless one row has more."""


def orthogonalise(matrices: Floats32, checkpoint: Callable[[], None]) -> None:
    """Replace normal numbers (runs, fan_out, fan_in), contiguous, by orthogonal matrices; an entry has variance 1.

    The rows or the columns, whichever are fewer, become orthogonal, each of length sqrt(max(fan_out, fan_in)).
    """
    _, fan_out, fan_in = matrices.shape
    short, long = sorted((fan_out, fan_in))
    rows = matrices.reshape(len(matrices), short, long)
    _orthonormal_rows(rows, checkpoint)
    rows *= np.float32(np.sqrt(long))
    if fan_out > fan_in:
        matrices[:] = rows.swapaxes(1, 2).copy()


def _orthonormal_rows(rows: Floats32, checkpoint: Callable[[], None]) -> None:
    """Gram-Schmidt by tiles of rows, (runs, k, n) in place.

    Independent normal rows less their projections on earlier rows are spherically symmetric in the orthogonal
    complement, so the result has Haar's distribution (Stewart 1980, Mezzadri 2007).
    """
    _, count, length = rows.shape
    step = max(1, TILE_NUMBERS // length)
    for first in range(0, count, step):
        tile = rows[:, first : first + step]
        # twice: if little is left the first time, its rounding errors are relatively large
        for _ in range(2):
            _subtract_projections(tile, rows[:, :first], checkpoint)
            _orthonormal_tile(tile, checkpoint)


def _orthonormal_tile(tile: Floats32, checkpoint: Callable[[], None]) -> None:
    if tile.shape[1] == 1:
        tile /= np.linalg.norm(tile, axis=-1, keepdims=True)
        return
    half = tile.shape[1] // 2
    upper, lower = tile[:, :half], tile[:, half:]
    _orthonormal_tile(upper, checkpoint)
    _subtract_projections(lower, upper, checkpoint)
    _orthonormal_tile(lower, checkpoint)


def _subtract_projections(tile: Floats32, done: Floats32, checkpoint: Callable[[], None]) -> None:
    """Subtract from the rows of `tile` their projections on the orthonormal rows of `done`, some at a time."""
    checkpoint()
    _, count, length = tile.shape
    together = max(1, ONE_THREAD // (count * length))
    for first in range(0, done.shape[1], together):
        rows = done[:, first : first + together]
        tile -= (tile @ rows.swapaxes(1, 2)) @ rows


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
    """How an initialiser's networks are drawn: each layer's scale and, for weights, its tiles of rows."""

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
    def tiles(self) -> list[tuple[Tile, ...]]:
        """By layer."""
        tiles = {shape: cut(shape) for shape in set(self.shapes)}
        return [tiles[shape] for shape in self.shapes]

    @cached_property
    def words(self) -> list[int]:
        """Words of a run, by layer."""
        return [sum(tile.words for tile in layer) for layer in self.tiles]

    def numbers(self, *, keep: bool) -> int:
        """Memory per run, in numbers: for the largest tile or matrix, and for all layers that are kept."""
        kept = sum(self.words[1:]) if keep else 0
        largest = max(tile.words for layer in self.tiles for tile in layer)
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

    def tiles(self, layer: int) -> Iterable[Rows]:
        """D_l by tiles of rows, drawn on first use or, if nothing is kept, on every use."""
        self._checkpoint()
        # the backward pass ends above the first layer
        if layer == 1 or not self._keep:
            return self._drawn(layer)
        if layer not in self._kept:
            most = SMALL_LAYERS // (len(self._runs) * 2 * self._plan.words[layer - 1])
            if most > 1 and len(self._plan.tiles[layer - 1]) == 1:
                self._keep_several(layer, most)
            else:
                self._keep_one(layer)
        return self._kept[layer]

    def _keep_one(self, layer: int) -> None:
        self._kept[layer] = []
        for rows, tile in zip(self._plan.tiles[layer - 1], self._drawn(layer), strict=True):
            self._kept[layer].append(tile)
            # the next tile goes behind it
            self._buffer = self._buffer[len(self._runs) * 2 * rows.words :]

    def _keep_several(self, first_layer: int, most: int) -> None:
        """This layer, a single tile, and at most `most` of its shape that follow it, drawn like further runs."""
        shapes, (tile,) = self._plan.shapes, self._plan.tiles[first_layer - 1]
        next_ones = range(first_layer, min(first_layer + most, len(shapes) + 1))
        layers = [*takewhile(lambda layer: shapes[layer - 1] == tile.shape, next_ones)]
        runs, (rows, fan_in) = len(self._runs), tile.shape
        first, count = self._runs.start * tile.words, runs * tile.words
        words = np.concatenate([self._stream.words(layer, first, count) for layer in layers])
        numbers, self._buffer = self._buffer[: 2 * len(words)], self._buffer[2 * len(words) :]
        numbers = numbers.reshape(-1, 2 * tile.words)
        draw_unscaled(self._plan.distribution, words.reshape(-1, tile.words), numbers)
        matrices = numbers[:, : rows * fan_in].reshape(-1, rows, fan_in)
        if self._plan.is_orthogonal:
            matrices = np.ascontiguousarray(matrices)
            orthogonalise(matrices, self._checkpoint)
        for layer, d in zip(layers, matrices.reshape(len(layers), runs, rows, fan_in), strict=True):
            self._kept[layer] = [(tile.rows, d)]

    def _drawn(self, layer: int) -> Iterator[Rows]:
        tiles = self._plan.tiles[layer - 1]
        if self._plan.is_orthogonal:
            matrices = self._orthogonal(layer)
            yield from ((tile.rows, matrices[:, tile.rows]) for tile in tiles)
            return
        for tile in tiles:
            yield tile.rows, self._tile(layer, tile, self._buffer)

    def _orthogonal(self, layer: int) -> Floats32:
        """The whole layer, because its rows depend on each other."""
        fan_out, fan_in = self._plan.shapes[layer - 1]
        count = len(self._runs) * fan_out * fan_in
        matrices, unused = self._buffer[:count].reshape(len(self._runs), fan_out, fan_in), self._buffer[count:]
        for tile in self._plan.tiles[layer - 1]:
            matrices[:, tile.rows] = self._tile(layer, tile, unused)
        orthogonalise(matrices, self._checkpoint)
        return matrices

    def _tile(self, layer: int, tile: Tile, buffer: Floats32) -> Floats32:
        """(runs, rows, fan_in) at the start of the buffer."""
        runs, words_of_run = self._runs, self._plan.words[layer - 1]
        numbers = buffer[: len(runs) * 2 * tile.words].reshape(len(runs), 2 * tile.words)
        first_word = runs.start * words_of_run + tile.first_word
        for part, raw in _in_the_cache(numbers, words_of_run, self._stream, layer, first_word, self._checkpoint):
            draw_unscaled(self._plan.distribution, raw, part)
        rows, fan_in = tile.shape
        return numbers[:, : rows * fan_in].reshape(len(runs), rows, fan_in)
