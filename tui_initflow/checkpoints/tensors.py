"""What a checkpoint is: tensors whose shapes are known and whose numbers are read when they are needed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from tui_initflow.checkpoints.sources import Bytes, Dtype, Floats, Source, refuse
from tui_initflow.model.initialisers import Shape
from tui_initflow.untrusted import brief

Kind = Literal["linear", "convolution", "embedding", "norm", "bias", "other"]
WEIGHTS: tuple[Kind, ...] = ("linear", "convolution", "embedding")
"""The kinds that have fans."""

_STATES = re.compile(r"(^|\.)(exp_avg|exp_avg_sq|momentum_buffer|optimi[sz]er|opt_state|ema_count)(\.|_|$)")
_EMBEDDING = re.compile(
    r"emb(ed|edding|eddings|eds)?($|[._/])|(^|[._/])(wte|wpe|word_embeddings|pos_embed|cls_token)($|[._/])"
)
_NORM = re.compile(r"norm|(^|[._/])(bn|ln|gn)[_0-9a-z]*($|[._/])|running_(mean|var)$|batchnorm")
_BIAS = re.compile(r"(^|[._/])(\w+_)?(bias|beta|b[0-9]*)(_[a-z0-9]+)*$")
_NORM_WEIGHT = re.compile(r"(^|[._/])(gamma|scale)$")
_KERNEL = re.compile(r"(^|[._/])kernel$")


@dataclass(frozen=True, slots=True)
class Role:
    """The kind of a tensor and, of a weight, its (fan_out, fan_in).

    `transposed`: the first index is the input, as in the kernels of Keras and Flax.
    """

    kind: Kind
    fans: Shape | None = None
    transposed: bool = False


def role_of(tensor: Tensor) -> Role:
    """The role of a tensor.

    Weights are (fan_out, fan_in) or (c_out, c_in, k, …), as in PyTorch; a `kernel` is (fan_in, fan_out) or
    (k, …, c_in, c_out). An embedding's rows are its vectors, and fan_in is their length. With k * k positions a
    convolution has fan_in = k * k * c_in, fan_out = k * k * c_out (He et al. 2015).
    """
    name, shape = tensor.name.lower(), tensor.shape
    if not tensor.dtype.is_float or not tensor.size or not shape or _STATES.search(name):
        return _without_fans("other")
    if len(shape) == 1 or tensor.size == max(shape):
        return _without_fans(_kind_of_vector(name))
    if len(shape) == 2 and _EMBEDDING.search(name):
        return Role("embedding", shape)
    if len(shape) > 5 or _EMBEDDING.search(name):
        return _without_fans("other")
    transposed = bool(_KERNEL.search(name))
    *positions, below, above = shape if transposed else (*shape[2:], shape[1], shape[0])
    field = math.prod(positions)
    return _weight("linear" if len(shape) == 2 else "convolution", above * field, below * field, transposed)


# shared, because a checkpoint may have a hundred thousand tensors of a few shapes
@lru_cache(maxsize=1 << 10)
def _weight(kind: Kind, fan_out: int, fan_in: int, transposed: bool) -> Role:
    return Role(kind, (fan_out, fan_in), transposed)


@lru_cache(maxsize=len(get_args(Kind)))
def _without_fans(kind: Kind) -> Role:
    return Role(kind)


def _kind_of_vector(name: str) -> Kind:
    """Kind of a tensor with one index, or one that would do."""
    if _BIAS.search(name):
        return "bias"
    return "norm" if _NORM.search(name) or _NORM_WEIGHT.search(name) else "other"


PIECE = 1 << 17
"""Numbers that are worked on together: few enough to stay in the cache, with what is computed of them."""
TASK = 1 << 21
"""Numbers that a thread works on before it takes more."""
LONGEST_ROW = 1 << 20
"""Most numbers in a row of a tensor that is taken as a matrix."""
MOST_DIMENSIONS, MOST_BYTES = 64, 1 << 63
"""What numpy can hold of a shape, and no file."""

ORDINARY = 200
"""Largest exponent of two of numbers that are not scaled: fourth powers have room for sums beside it."""


def check_shape(shape: tuple[int, ...], dtype: Dtype, size: int, name: str, path: Path) -> None:
    """Compare the shape that a file gives for a tensor with the bytes that it has for it.

    Raises:
        CheckpointError: they do not agree.
    """
    if len(shape) > MOST_DIMENSIONS or not all(0 <= number < MOST_BYTES for number in shape):
        raise refuse(path, f"{brief(name)} has no valid shape")
    wanted = math.prod(shape) * dtype.size
    if wanted != size:
        raise refuse(
            path, f"{brief(name)} has {size} bytes, {wanted if wanted < MOST_BYTES else 'over 2^63'} by its shape"
        )


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array in a file. `name` is printable, whatever the file says.

    The first index runs slowest, unless `fortran`: then the last one does. `swapped`: the bytes of a number are in the
    order that this machine does not use. `decoded` are the numbers, where they are in memory. Pieces are of the numbers
    divided by 2^`exponent`: see `scaled`.
    """

    name: str
    shape: tuple[int, ...]
    dtype: Dtype
    source: Source
    fortran: bool = False
    swapped: bool = False
    exponent: int = 0
    decoded: Floats | None = field(default=None, repr=False, compare=False)
    size: int = field(init=False, repr=False, compare=False)
    """Numbers in it."""
    stored: tuple[int, int] | None = field(init=False, repr=False, compare=False)
    """Rows and columns as they lie in the file, of a tensor with two dimensions or more.

    The rows are the first index, the columns all others together; the other way round if `fortran`. None if there are
    no numbers, or too many in a row.
    """

    def __post_init__(self) -> None:
        size, stored = math.prod(self.shape), None
        if len(self.shape) > 1 and size:
            first = self.shape[0]
            rows, columns = (size // first, first) if self.fortran else (first, size // first)
            stored = (rows, columns) if columns <= LONGEST_ROW else None
        # asked for over and over
        object.__setattr__(self, "size", size)
        object.__setattr__(self, "stored", stored)

    @property
    def bytes(self) -> int:
        return self.size * self.dtype.size

    @property
    def bytes_decoded(self) -> int:
        return self.size * self.dtype.decoded_size

    @property
    def step(self) -> int:
        """Numbers of a piece: whole rows, where there are rows."""
        stored = self.stored
        return PIECE if stored is None else stored[1] * max(1, PIECE // stored[1])

    def starts(self) -> range:
        """Where the pieces begin."""
        return range(0, self.size, self.step)

    def tasks(self) -> list[range]:
        """The pieces in groups, each enough work for a thread to be worthwhile."""
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
            numbers = self.decoded[start : start + count]
        else:
            raw = np.empty(count * size, np.uint8)
            self.source.read(start * size, raw)
            numbers = self.dtype.decoded(raw, swapped=self.swapped)
        if not self.exponent:
            return numbers
        # a signalling NaN is no error
        with np.errstate(invalid="ignore", under="ignore"):
            return np.ldexp(numbers, -self.exponent)

    def pieces(self) -> Iterator[Floats]:
        """All pieces, in order."""
        return map(self.piece, self.starts())

    def scaled(self, largest: float, ordinary: int = ORDINARY) -> Tensor:
        """This tensor with an exponent, if it needs one: `largest` is the largest magnitude of its numbers.

        That is the e by which they are divided, as 2^e, so that float64 holds their fourth powers.
        """
        exponent = math.frexp(largest)[1] if math.isfinite(largest) and self.dtype.decoded_size == 8 else 0
        return replace(self, exponent=exponent) if abs(exponent) > ordinary else self

    def loaded(self, memory: Bytes) -> Tensor:
        """This tensor with its numbers in `memory`, which has to have `bytes_decoded`."""
        raw = memory[: self.bytes_decoded]
        if self.bytes == self.bytes_decoded and not self.swapped:
            self.source.read(0, raw)
            return replace(self, decoded=self.dtype.decoded(raw))
        decoded: Floats = raw.view(np.float64 if self.bytes_decoded == 8 * self.size else np.float32)
        for start, piece in zip(self.starts(), self.pieces(), strict=True):
            decoded[start : start + len(piece)] = piece
        return replace(self, decoded=decoded)


def times_power(value: float, exponent: int) -> float:
    """The value times 2^exponent; infinite where float64 ends."""
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return math.copysign(math.inf, value)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of a file or a folder, in their order there; `name` is printable."""

    name: str
    tensors: tuple[Tensor, ...]
