"""Products with the weights for several inputs at a time, which go through the same networks.

What is a vector (runs, n) in `passes` is here the vectors of all inputs, one after the other: (runs, inputs * n). So
inputs share what `passes` keeps for a layer of a run: its exponent, and the size of its gradient.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tui_initflow.engine.passes import Floats, LayerWeights, Matrices

ONE_THREAD = 1 << 18
"""Most multiplications in a product for which BLAS starts no threads of its own; see `sampling.orthogonal`."""


def by_input(values: Floats, inputs: int) -> Floats:
    """A view (…, inputs, n) of (…, inputs * n)."""
    return values.reshape(*values.shape[:-1], inputs, -1)


class ForSeveral:
    """The same networks for signals of several inputs."""

    def __init__(self, weights: Matrices, inputs: int) -> None:
        self.scales = weights.scales
        self.widths = weights.widths
        self.rescale_every = weights.rescale_every
        self._weights = weights
        self._inputs = inputs

    def product(self, layer: int, a: Floats, out: Floats, factor: float = 1.0) -> None:
        s_a = by_input(a * a.dtype.type(self.scales[layer - 1] * factor), self._inputs)
        out = by_input(out, self._inputs)
        for rows, d in self._weights.blocks(layer):
            _multiply(s_a, d.swapaxes(-1, -2), out[..., rows])

    def transposed_product(self, layer: int, delta: Floats) -> Floats:
        by_row = by_input(delta, self._inputs)
        total: Floats | None = None
        for rows, d in self._weights.blocks(layer):
            part = np.empty((*by_row.shape[:-1], d.shape[-1]), delta.dtype)
            _multiply(by_row[..., rows], d, part)
            total = part if total is None else total + part
        assert total is not None
        return total.reshape(*delta.shape[:-1], -1)


def first_layer(x: Floats, weights: LayerWeights, bias: Floats | None = None) -> Floats:
    """z_1 = W_1 x + b_1, (runs, inputs * n_1), of x (runs, inputs, F) and b_1 (runs, n_1), in the dtype of x."""
    runs, inputs, _ = x.shape
    z = np.empty((runs, inputs * weights.widths[0]), x.dtype)
    weights.product(1, x.reshape(runs, -1), z)
    if bias is not None:
        z += np.tile(bias, inputs)
    return z


def _multiply(a: Floats, b: Floats, out: Floats) -> None:
    """Write a @ b to `out`, in pieces that are small enough for one thread."""
    depth = max(1, a.shape[-1])
    for rows in _pieces(a.shape[-2], ONE_THREAD // depth):
        for columns in _pieces(b.shape[-1], ONE_THREAD // (depth * len(range(a.shape[-2])[rows]))):
            np.matmul(a[..., rows, :], b[..., columns], out=out[..., rows, columns])


def _pieces(length: int, most: int) -> Iterator[slice]:
    for start in range(0, length, max(1, most)):
        yield slice(start, min(start + max(1, most), length))
