"""What a checkpoint is: tensors whose shapes are known and whose numbers are read when they are needed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from tui_initflow.checkpoints.dtypes import Bytes, Dtype, Floats
from tui_initflow.checkpoints.sources import Source

PIECE = 1 << 17
"""Numbers that are worked on together: few enough to stay in the cache, with what is computed of them."""
TASK = 1 << 21
"""Numbers that a thread works on before it takes more."""
LONGEST_ROW = 1 << 20
"""Most numbers in a row of a tensor that is taken as a matrix."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array in a file. `name` is printable, whatever the file says.

    The first index runs slowest, unless `fortran`: then the last one does. `swapped`: the bytes of a number are in the
    order that this machine does not use. `decoded` are the numbers, where they are in memory.
    """

    name: str
    shape: tuple[int, ...]
    dtype: Dtype
    source: Source
    fortran: bool = False
    swapped: bool = False
    decoded: Floats | None = field(default=None, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Numbers in it."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.size * self.dtype.size

    @property
    def bytes_decoded(self) -> int:
        return self.size * self.dtype.decoded_size

    @property
    def stored(self) -> tuple[int, int] | None:
        """Rows and columns as they lie in the file, of a tensor with two dimensions or more.

        The rows are the first index, the columns all others together; the other way round if `fortran`. None if there
        are no numbers, or too many in a row.
        """
        if len(self.shape) < 2 or not self.size:
            return None
        first, others = self.shape[0], math.prod(self.shape[1:])
        rows, columns = (others, first) if self.fortran else (first, others)
        return (rows, columns) if columns <= LONGEST_ROW else None

    @property
    def step(self) -> int:
        """Numbers of a piece: whole rows, where there are rows."""
        stored = self.stored
        return PIECE if stored is None else stored[1] * max(1, PIECE // stored[1])

    def starts(self) -> range:
        """Where the pieces begin."""
        return range(0, self.size, self.step)

    def tasks(self) -> list[range]:
        """The same in groups, each enough work for a thread to be worthwhile."""
        starts = self.starts()
        together = max(1, TASK // self.step)
        return [starts[first : first + together] for first in range(0, len(starts), together)]

    def piece(self, start: int) -> Floats:
        """The numbers from `start` on, a piece of them, flat and in the order of the file.

        Raises:
            CheckpointError: they cannot be read.
        """
        count, size = min(self.step, self.size - start), self.dtype.size
        if self.decoded is not None:
            return self.decoded[start : start + count]
        raw = np.empty(count * size, np.uint8)
        self.source.read(start * size, raw)
        return self.dtype.decoded(raw, swapped=self.swapped)

    def pieces(self) -> Iterator[Floats]:
        """All pieces, in order."""
        return map(self.piece, self.starts())

    def loaded(self, memory: Bytes) -> Tensor:
        """The same tensor with its numbers in `memory`, which has to have `bytes_decoded`."""
        raw = memory[: self.bytes_decoded]
        if self.bytes == self.bytes_decoded and not self.swapped:
            self.source.read(0, raw)
            return replace(self, decoded=self.dtype.decoded(raw))
        decoded: Floats = raw.view(np.float64 if self.bytes_decoded == 8 * self.size else np.float32)
        for start, piece in zip(self.starts(), self.pieces(), strict=True):
            decoded[start : start + len(piece)] = piece
        return replace(self, decoded=decoded)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of a file or a folder, in their order there; `name` is printable."""

    name: str
    tensors: tuple[Tensor, ...]
