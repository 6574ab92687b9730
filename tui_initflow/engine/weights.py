"""The weights of a batch of networks: drawn once and kept, or drawn again for each pass where they do not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.distributions import Distribution, Orthogonal
from tui_initflow.engine.draw import Floats32, draw
from tui_initflow.engine.initialisers import Shape
from tui_initflow.engine.layout import Layout, Segment
from tui_initflow.engine.orthogonal import orthogonalise
from tui_initflow.engine.propagate import Block
from tui_initflow.engine.streams import Stream

DRAWN_AT_ONCE = 1 << 15
"""Numbers that are made together, of several runs where these are small: they stay in the cache meanwhile."""


class Segments(Protocol):
    """The drawn numbers of a segment for every run, (runs, numbers)."""

    def __getitem__(self, segment: int, /) -> Floats32: ...


class Source:
    """Draws segments of some runs of one method into buffers; `checkpoint` is called before each and may raise."""

    def __init__(
        self,
        stream: Stream,
        distribution: Distribution,
        segments: Sequence[Segment],
        checkpoint: Callable[[], None],
    ) -> None:
        self._stream = stream
        self._distribution = distribution
        self._segments = segments
        self._checkpoint = checkpoint

    def kept(self, runs: range, buffer: NDArray[np.float32]) -> Segments:
        """All segments, drawn now; they lie in `buffer`, at least (runs * numbers of a run,)."""
        drawn, start = [], 0
        for index, segment in enumerate(self._segments):
            stop = start + len(runs) * 2 * segment.words
            drawn.append(self._drawn(runs, index, buffer[start:stop]))
            start = stop
        return drawn

    def replayed(self, runs: range, buffer: NDArray[np.float32]) -> Segments:
        """One segment at a time, drawn whenever another one is asked for."""
        return _Replayed(lambda index: self._drawn(runs, index, buffer))

    def _drawn(self, runs: range, index: int, buffer: NDArray[np.float32]) -> Floats32:
        segment = self._segments[index]
        numbers = 2 * segment.words
        out = buffer[: len(runs) * numbers].reshape(len(runs), numbers)
        together = max(1, DRAWN_AT_ONCE // numbers)
        for first in range(0, len(runs), together):
            self._checkpoint()
            some = runs[first : first + together]
            words = np.concatenate([self._stream.words(run, segment.first_word, segment.words) for run in some])
            draw(self._distribution, words.reshape(len(some), segment.words), out[first : first + together])
        return out


class OrthogonalSource(Source):
    """Draws matrices of these shapes, one a segment, and makes them orthogonal."""

    def __init__(
        self, stream: Stream, segments: Sequence[Segment], checkpoint: Callable[[], None], shapes: Sequence[Shape]
    ) -> None:
        super().__init__(stream, Orthogonal(), segments, checkpoint)
        self._shapes = shapes

    def _drawn(self, runs: range, index: int, buffer: NDArray[np.float32]) -> Floats32:
        drawn = super()._drawn(runs, index, buffer)
        fan_out, fan_in = shape = self._shapes[index]
        orthogonalise(drawn[:, : fan_out * fan_in], shape, self._checkpoint)
        return drawn


class _Replayed:
    def __init__(self, drawn: Callable[[int], Floats32]) -> None:
        self._drawn = drawn
        self._segment = -1
        self._numbers = np.empty((0, 0), np.float32)

    def __getitem__(self, segment: int) -> Floats32:
        if segment != self._segment:
            self._numbers = self._drawn(segment)
            self._segment = segment
        return self._numbers


@dataclass(frozen=True, slots=True)
class DrawnWeights:
    """The layers' weights as parts of drawn segments; `checkpoint` is called before each layer and may raise."""

    layout: Layout
    scales: Sequence[float]
    segments: Segments
    checkpoint: Callable[[], None]

    @property
    def widths(self) -> Sequence[int]:
        return [blocks[-1].first_row + blocks[-1].shape[0] for blocks in self.layout.layers]

    def blocks(self, layer: int) -> Iterator[Block]:
        self.checkpoint()
        for block in self.layout.layers[layer - 1]:
            rows, columns = block.shape
            numbers = self.segments[block.segment]
            d = numbers[:, block.offset : block.offset + rows * columns].reshape(len(numbers), rows, columns)
            yield slice(block.first_row, block.first_row + rows), d
