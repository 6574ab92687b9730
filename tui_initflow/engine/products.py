"""Products of the weights of a batch of networks with vectors, of one input or of several at a time.

A weight is W_l = s_l D_l. The scale s_l multiplies vectors; D_l is never multiplied. All that the passes ask of D_l is
its product with one vector forward and one backward, so it need not exist: see `implicit`. Scales beyond what any
initialiser gives, as of weights in a file, go to the exponents of signals.

Several inputs go through the same networks; their vectors are one after the other, (runs, inputs * n), so that they
share what is kept for a layer of a run: its exponent, and the size of its gradient.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np

from tui_initflow.engine.signals import Floats, exponent_of

Rows = tuple[slice, Floats]
"""Rows of D for every run of the batch: which rows, and their values (runs, rows, fan_in)."""
RESCALE_EVERY = 4
"""Layers between two checks of a signal's size, if each changes it by a factor of 0.01 to 10,000; else one."""
ONE_THREAD = 1 << 18
"""Most multiplications in a product for which BLAS starts no threads of its own. They would compete with ours, which
can take a hundred times longer, and their number could change the rounding."""


# matvec and vecmat read their output memory before they write it; a NaN there sets the processor's flag, though its
# value is not used
unwritten_memory_is_harmless = np.errstate(invalid="ignore")


class LayerWeights(Protocol):
    """The weights W_l = s_l D_l of a batch of networks, s_l in `scales`, n_l in `widths`, as what they do to vectors.

    `rescale_every` is the number of layers between two checks of a signal's size.
    """

    @property
    def scales(self) -> Sequence[float]: ...

    @property
    def widths(self) -> Sequence[int]: ...

    @property
    def rescale_every(self) -> int: ...

    def product(self, layer: int, a: Floats, out: Floats, factor: float = 1.0) -> None:
        """Write `factor` * W_l a to `out`, (*shape, n_l), of a (*shape, n_{l-1})."""

    def transposed_product(self, layer: int, delta: Floats) -> Floats:
        """D_l^T delta, (*shape, n_{l-1}), once the product is taken."""


class Matrices(ABC):
    """`LayerWeights` whose D_l are at hand, by `tiles` of rows."""

    scales: Sequence[float]
    widths: Sequence[int]
    rescale_every: int

    @abstractmethod
    def tiles(self, layer: int) -> Iterable[Rows]: ...

    def product(self, layer: int, a: Floats, out: Floats, factor: float = 1.0) -> None:
        s_a = a * a.dtype.type(self.scales[layer - 1] * factor)
        for rows, d in self.tiles(layer):
            np.matvec(d, s_a, out=out[..., rows])

    def transposed_product(self, layer: int, delta: Floats) -> Floats:
        # one tile at a time: all of them may be drawn into the same memory
        remaining = iter(self.tiles(layer))
        rows, d = next(remaining)
        total: Floats = np.vecmat(delta[..., rows], d)
        for rows, d in remaining:
            total += np.vecmat(delta[..., rows], d)
        return total


def by_input(values: Floats, inputs: int) -> Floats:
    """A view (…, inputs, n) of (…, inputs * n)."""
    return values.reshape(*values.shape[:-1], inputs, -1)


class ForSeveral:
    """Networks whose signals have several inputs."""

    def __init__(self, weights: Matrices, inputs: int) -> None:
        self.scales = weights.scales
        self.widths = weights.widths
        self.rescale_every = weights.rescale_every
        self._weights = weights
        self._inputs = inputs

    def product(self, layer: int, a: Floats, out: Floats, factor: float = 1.0) -> None:
        s_a = by_input(a * a.dtype.type(self.scales[layer - 1] * factor), self._inputs)
        out = by_input(out, self._inputs)
        for rows, d in self._weights.tiles(layer):
            _multiply(s_a, d.swapaxes(-1, -2), out[..., rows])

    def transposed_product(self, layer: int, delta: Floats) -> Floats:
        by_row = by_input(delta, self._inputs)
        total: Floats | None = None
        for rows, d in self._weights.tiles(layer):
            part = np.empty((*by_row.shape[:-1], d.shape[-1]), delta.dtype)
            _multiply(by_row[..., rows], d, part)
            total = part if total is None else total + part
        assert total is not None
        return total.reshape(*delta.shape[:-1], -1)


@unwritten_memory_is_harmless
def first_layer(x: Floats, weights: LayerWeights, bias: Floats | None = None, inputs: int = 1) -> Floats:
    """h_1 = W_1 x + b_1, (runs, inputs * n_1), of x (runs, inputs * F) and b_1 (runs, n_1), in the dtype of x.

    Of W_1 without 2 to `exponent_of` s_1.
    """
    h = np.empty((len(x), inputs * weights.widths[0]), x.dtype)
    weights.product(1, x, h, math.ldexp(1.0, -exponent_of(weights.scales[0])))
    if bias is not None:
        h += np.tile(bias, inputs)
    return h


def _multiply(a: Floats, b: Floats, out: Floats) -> None:
    """Write a @ b to `out`, in pieces that are small enough for one thread."""
    depth = max(1, a.shape[-1])
    for rows in _pieces(a.shape[-2], ONE_THREAD // depth):
        for columns in _pieces(b.shape[-1], ONE_THREAD // (depth * len(range(a.shape[-2])[rows]))):
            np.matmul(a[..., rows, :], b[..., columns], out=out[..., rows, columns])


def _pieces(length: int, most: int) -> Iterator[slice]:
    for start in range(0, length, max(1, most)):
        yield slice(start, min(start + max(1, most), length))
