"""Weights that are never drawn: only what they do to the one vector that each matrix meets forward, and backward.

A run uses D (n_out, n_in) twice: D a, and D^T delta once D a is known. Let u = a / |a|, let P v = v - u (u . v) be the
part of v across u, and g and h independent normal vectors. Then, exactly,

    D a         = |a| D u
    D^T delta   = u (D u . delta) + length * P h'

    normal        D u = g              length = |delta|
    orthogonal    D u = r g' / |g|     length^2 = (r^2 |delta|^2 - (D u . delta)^2) / (|P h'|^2 + |h''|^2)

Normal: g has n_out numbers and h' = h has n_in. Orthogonal: r^2 = max(n_in, n_out) is how many g and h have; g' is the
first n_out of g, h' the first n_in of h and h'' the others.

Why normal. D = D u u^T + D P, and the two parts are independent: components of normal rows along and across u. D u is a
normal vector, and (D P)^T delta is a sum of normal rows across u, weighted by delta.

Why orthogonal. D = r Q with Q uniform (Haar). Q u is a uniform unit vector or, where n_out < n_in, the first components
of one. Given it, all directions across u are alike, so P Q^T delta has a uniform one. Where n_out <= n_in,
|Q^T delta| = |delta|, and that leaves the length above; h'' is empty. Where n_out > n_in, what delta has across Q u is
projected on n_in - 1 of n_out - 1 dimensions at random, which multiplies its squared length by
Beta((n_in - 1) / 2, (n_out - n_in) / 2): the share of P h' in (P h', h'').

If a = 0, u may be any direction, since D does not depend on it. Of several deltas for one D a, which are of networks
that share their first layers, each gets what it would get alone, from the same h.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from tui_initflow.engine.signals import Float64s, Floats
from tui_initflow.engine.streams import Floats32, Stream
from tui_initflow.engine.weights import WeightPlan, drawn_numbers
from tui_initflow.model.initialisers import Normal


class ImplicitWeights(ABC):
    """The weights of a batch of networks as `products.LayerWeights`, in the notation above.

    The numbers g are from the stream `forward`, h from `backward`. `checkpoint` is called in every layer and may raise.
    """

    def __init__(
        self, plan: WeightPlan, forward: Stream, backward: Stream, runs: range, checkpoint: Callable[[], None]
    ) -> None:
        self.scales = plan.scales
        self.widths = plan.widths
        self.rescale_every = plan.rescale_every
        self._shapes = plan.shapes
        self._forward, self._backward = forward, backward
        self._runs = runs
        self._checkpoint = checkpoint
        # u and D u of the layers that the signal has passed
        self._known: dict[int, tuple[Floats, Floats]] = {}

    def product(self, layer: int, a: Floats, out: Floats, factor: float = 1.0) -> None:
        size, u = _size_and_direction(a)
        d_u = self._image(layer)
        np.multiply(d_u, (size * (self.scales[layer - 1] * factor)).astype(a.dtype), out=out)
        self._known[layer] = u, d_u

    def transposed_product(self, layer: int, delta: Floats) -> Floats:
        u, d_u = self._known.pop(layer)
        along = _dot(d_u, delta)
        across, squared_length = self._across(layer, u, _dot(delta, delta), along)
        product: Floats = across * np.sqrt(squared_length).astype(delta.dtype)
        product += u * along.astype(delta.dtype)
        return product

    @abstractmethod
    def _image(self, layer: int) -> Floats32:
        """D u, (runs, n_out)."""

    @abstractmethod
    def _across(self, layer: int, u: Floats, squared: Float64s, along: Float64s) -> tuple[Floats, Float64s]:
        """P h' (*shape, n_in), and length^2 from |delta|^2 and D u . delta, each (*shape, 1)."""

    def _numbers(self, stream: Stream, layer: int, count: int) -> Floats32:
        """N(0, 1), (runs, count)."""
        return drawn_numbers(stream, layer, self._runs, Normal(), count, self._checkpoint)


class NormalWeights(ImplicitWeights):
    """What independent normal weights do to signals."""

    def _image(self, layer: int) -> Floats32:
        fan_out, _ = self._shapes[layer - 1]
        return self._numbers(self._forward, layer, fan_out)

    def _across(self, layer: int, u: Floats, squared: Float64s, along: Float64s) -> tuple[Floats, Float64s]:
        _, fan_in = self._shapes[layer - 1]
        return _part_across(u, self._numbers(self._backward, layer, fan_in)), squared


class OrthogonalWeights(ImplicitWeights):
    """What orthogonal matrices, square or not, do to signals."""

    def _image(self, layer: int) -> Floats32:
        fan_out, fan_in = self._shapes[layer - 1]
        squared_r = max(fan_out, fan_in)
        g = self._numbers(self._forward, layer, squared_r)
        image: Floats32 = g[:, :fan_out] * np.sqrt(squared_r / _dot(g, g)).astype(np.float32)
        return image

    def _across(self, layer: int, u: Floats, squared: Float64s, along: Float64s) -> tuple[Floats, Float64s]:
        fan_out, fan_in = self._shapes[layer - 1]
        squared_r = max(fan_out, fan_in)
        h = self._numbers(self._backward, layer, squared_r)
        across, others = _part_across(u, h[:, :fan_in]), h[:, fan_in:]
        left = np.maximum(squared_r * squared - along**2, 0.0)
        drawn = _dot(across, across) + _dot(others, others)
        # of a single number nothing is across, and none of it was drawn
        return across, np.divide(left, drawn, out=np.zeros_like(left), where=drawn > 0)


def law_of(plan: WeightPlan) -> type[ImplicitWeights]:
    """The law of these weights, which have to be of those that `samplers.has_implicit` names."""
    return OrthogonalWeights if plan.is_orthogonal else NormalWeights


def _size_and_direction(a: Floats) -> tuple[Float64s, Floats]:
    """|a|, (…, 1), and u; where a = 0, some u."""
    size = np.sqrt(_dot(a, a))
    if size.all():
        return size, a / size.astype(a.dtype)
    _, u = _size_and_direction(np.where(size > 0, a, a.dtype.type(1)))
    return size, u


def _part_across(u: Floats, v: Floats) -> Floats:
    """P v."""
    across: Floats = v - u * _dot(u, v).astype(u.dtype)
    return across


def _dot(u: Floats, v: Floats) -> Float64s:
    """u . v, (…, 1), in float64, which has room for the square of any signal."""
    # not vecdot: BLAS would share out long vectors among its threads, whose number changes the rounding
    dot: Float64s = np.add.reduce(np.multiply(u, v, dtype=np.float64), axis=-1, keepdims=True)
    return dot
