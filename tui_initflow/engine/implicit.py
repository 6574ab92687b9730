"""Weights that are never drawn: only what they do to the one vector that each matrix meets forward, and backward.

A run uses D (n_out, n_in) twice: D a, and D^T delta once D a is known. Let u = a / |a|, let P v = v - u (u . v) be the
part of v across u, and g and h independent normal vectors. Then, exactly,

    D a       = |a| D u
    D^T delta = u (D u . delta) + length * P h'

    normal      D u = g             h' = h                           length = |delta|
    orthogonal  D u = r g' / |g|    r^2 = m = max(n_in, n_out)       length^2 = (r^2 |delta|^2 - (D u . delta)^2)
                                                                                / (|P h'|^2 + |h''|^2)

where, with orthogonal weights, g and h have m components, g' is the first n_out of g, h' the first n_in of h and h''
the others.

Normal: D = (D u) u^T + D P, and these are independent. Each row of D P is a normal vector across u, so the sum of rows
that is (D P)^T delta is one of |delta| times the length.
Orthogonal: D = r Q, Q uniform (Haar). So Q u is a uniform unit vector or, where n_out < n_in, the first components of
one. Given it, nothing distinguishes the directions across u, so that P Q^T delta has a uniform one. Where n_out <= n_in,
|Q^T delta| = |delta|, which leaves it the length above; h'' is empty. Where n_out > n_in, the part of delta across Q u
is projected on n_in - 1 of the n_out - 1 dimensions there, with which its squared length is multiplied by
Beta((n_in - 1) / 2, (n_out - n_in) / 2): the share of P h' in (P h', h'').
If a = 0, u may be any direction, since D does not depend on it.

Several deltas for one D a, of networks that share their first layers, each get what they would get alone, of the same h.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tui_initflow.engine.passes import Float64s, Floats
from tui_initflow.engine.sampling.numbers import Floats32
from tui_initflow.engine.sampling.streams import Stream
from tui_initflow.engine.sampling.weights import drawn_numbers, rescale_every
from tui_initflow.model.distributions import Normal, Orthogonal
from tui_initflow.model.initialisers import Initialiser, Shape


class ImplicitWeights:
    """The weights of a batch of networks, normal or orthogonal: `passes.LayerWeights`.

    The numbers g are from the stream `forward`, h from `backward`. `checkpoint` is called in every layer and may raise.
    """

    def __init__(
        self,
        initialiser: Initialiser,
        shapes: Sequence[Shape],
        forward: Stream,
        backward: Stream,
        runs: range,
        checkpoint: Callable[[], None],
    ) -> None:
        self.scales = [initialiser.scale(shape) for shape in shapes]
        self.widths = [fan_out for fan_out, _ in shapes]
        self.rescale_every = rescale_every(initialiser, shapes)
        self._shapes = shapes
        self._is_orthogonal = isinstance(initialiser.distribution, Orthogonal)
        self._forward, self._backward = forward, backward
        self._runs = runs
        self._checkpoint = checkpoint
        # u and D u of the layers that the signal has passed
        self._known: dict[int, tuple[Floats, Floats]] = {}

    def product(self, layer: int, a: Floats, out: Floats, factor: float = 1.0) -> None:
        """Write `factor` * W a to `out`."""
        fan_out, fan_in = self._shapes[layer - 1]
        size, u = _size_and_direction(a)
        if self._is_orthogonal:
            g = self._normal_numbers(self._forward, layer, max(fan_out, fan_in))
            d_u = g[:, :fan_out] * np.sqrt(max(fan_out, fan_in) / _dot(g, g)).astype(np.float32)
        else:
            d_u = self._normal_numbers(self._forward, layer, fan_out)
        np.multiply(d_u, (size * (self.scales[layer - 1] * factor)).astype(a.dtype), out=out)
        self._known[layer] = u, d_u

    def transposed_product(self, layer: int, delta: Floats) -> Floats:
        """D^T delta, given D a."""
        fan_out, fan_in = self._shapes[layer - 1]
        u, d_u = self._known.pop(layer)
        along, squared = _dot(d_u, delta), _dot(delta, delta)
        if self._is_orthogonal:
            h = self._normal_numbers(self._backward, layer, max(fan_out, fan_in))
            h, others = h[:, :fan_in], h[:, fan_in:]
            across = _across(u, h)
            left = np.maximum(max(fan_out, fan_in) * squared - along**2, 0.0)
            drawn = _dot(across, across) + _dot(others, others)
            # a single number has nothing across it
            squared = np.divide(left, drawn, out=np.zeros_like(left), where=drawn > 0)
        else:
            across = _across(u, self._normal_numbers(self._backward, layer, fan_in))
        product: Floats = across * np.sqrt(squared).astype(delta.dtype)
        product += u * along.astype(delta.dtype)
        return product

    def _normal_numbers(self, stream: Stream, layer: int, count: int) -> Floats32:
        """N(0, 1), (runs, count)."""
        return drawn_numbers(stream, layer, self._runs, Normal(), count, self._checkpoint)


def _size_and_direction(a: Floats) -> tuple[Float64s, Floats]:
    """|a|, (…, 1), and a / |a|; of a = 0 some other direction."""
    size = np.sqrt(_dot(a, a))
    if size.all():
        return size, a / size.astype(a.dtype)
    _, u = _size_and_direction(np.where(size > 0, a, a.dtype.type(1)))
    return size, u


def _across(u: Floats, v: Floats) -> Floats:
    """The part of v across the unit vector u."""
    across: Floats = v - u * _dot(u, v).astype(u.dtype)
    return across


def _dot(u: Floats, v: Floats) -> Float64s:
    """u . v, (…, 1), in float64, which has room for the square of any signal."""
    # not vecdot: BLAS would share out long vectors among its threads, whose number changes the rounding
    dot: Float64s = np.add.reduce(np.multiply(u, v, dtype=np.float64), axis=-1, keepdims=True)
    return dot
