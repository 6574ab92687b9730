"""The weights of a batch of networks: drawn once and kept, or drawn again for each pass where they do not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.distributions import Distribution, Orthogonal
from tui_initflow.engine.draw import Floats32, draw, draw_in_units, unit
from tui_initflow.engine.initialisers import Initialiser, Shape
from tui_initflow.engine.layout import LayerLayout, Part, layout, undivided, whole_words
from tui_initflow.engine.orthogonal import orthogonalise
from tui_initflow.engine.propagate import Block
from tui_initflow.engine.streams import Stream

DRAWN_AT_ONCE = 1 << 18
"""Most numbers that are made together, unless one run has more: they stay in the cache meanwhile, and threads that
make so many at a time seldom wait for each other."""


def drawn_numbers(
    stream: Stream, layer: int, runs: range, distribution: Distribution, count: int
) -> NDArray[np.float32]:
    """The first `count` numbers of a layer of every run, (runs, count)."""
    words = whole_words(count)
    drawn = np.empty((len(runs), 2 * words), np.float32)
    draw(distribution, stream.words(layer, runs.start * words, drawn.size // 2).reshape(len(runs), words), drawn)
    return drawn[:, :count]


class Networks:
    """The networks that one method draws, part by part; `checkpoint` is called every millisecond or so of work."""

    def __init__(
        self, stream: Stream, initialiser: Initialiser, shapes: Sequence[Shape], checkpoint: Callable[[], None]
    ) -> None:
        self._stream = stream
        self._distribution = initialiser.distribution
        self._is_orthogonal = isinstance(initialiser.distribution, Orthogonal)
        self.layers: Sequence[LayerLayout] = [(undivided if self._is_orthogonal else layout)(s) for s in shapes]
        self.scales = [initialiser.scale(shape) * unit(initialiser.distribution) for shape in shapes]
        self.widths = [fan_out for fan_out, _ in shapes]
        self.checkpoint = checkpoint

    def drawn(self, layer: int, part: Part, runs: range, buffer: Floats32) -> Floats32:
        """D of a part of a layer in units of the distribution, (runs, rows, fan_in), at the start of the buffer."""
        rows, fan_in = part.shape
        out = buffer[: len(runs) * 2 * part.words].reshape(len(runs), 2 * part.words)
        in_run = self.layers[layer - 1].words
        # the runs of a part lie one after the other only where it is the whole layer
        together = max(1, DRAWN_AT_ONCE // (2 * in_run))
        for first in range(0, len(runs), together):
            self.checkpoint()
            some = out[first : first + together]
            start = (runs.start + first) * in_run + part.first_word
            words = self._stream.words(layer, start, len(some) * part.words)
            draw_in_units(self._distribution, words.reshape(len(some), part.words), some)
        weights = out[:, : rows * fan_in]
        if self._is_orthogonal:
            orthogonalise(weights, part.shape, self.checkpoint)
        return weights.reshape(len(runs), rows, fan_in)


class DrawnWeights:
    """The weights of a batch of networks; what is drawn lies in `buffer`."""

    def __init__(self, networks: Networks, runs: range, buffer: Floats32, *, keep: bool) -> None:
        self.scales = networks.scales
        self.widths = networks.widths
        self._networks = networks
        self._runs = runs
        self._buffer = buffer
        self._keep = keep
        self._kept: dict[tuple[int, Part], Floats32] = {}

    def blocks(self, layer: int) -> Iterator[Block]:
        """D_l by parts; each is drawn when it is first asked for, or whenever it is where nothing is kept."""
        self._networks.checkpoint()
        for part in self._networks.layers[layer - 1].parts:
            d = self._kept.get((layer, part))
            if d is None:
                d = self._networks.drawn(layer, part, self._runs, self._buffer)
                if self._keep:
                    self._kept[layer, part] = d
                    self._buffer = self._buffer[len(self._runs) * 2 * part.words :]
            yield slice(part.first_row, part.first_row + part.shape[0]), d
