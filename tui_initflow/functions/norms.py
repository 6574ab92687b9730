"""Normalisation of arrays, forward and backward, without learned scale and shift: layer, rms and batch norm.

    N(h)    = (h - mean h) / s,  s^2 = var h + eps         centred: layer norm, batch norm
    N(h)    = h / s,             s^2 = mean h^2 + eps      not centred: rms norm
    N'(h) v = (v - mean v - n mean(n v)) / s               n = N(h); N' is symmetric; not centred: without mean v

Means are over one axis: that of the neurons or, with batch norm, that of the inputs. Ba et al. 2016 (layer), Zhang &
Sennrich 2019 (rms), Ioffe & Szegedy 2015 (batch).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]

EPSILON = 1e-5
"""Added to the variance, or to the mean square, that is divided by: the default of PyTorch's."""
ROUNDING = 1e-14
"""Least share of a gradient that a norm passes on: anything smaller is rounding error in float64."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """N(h), what was taken off h, 0 if not `centred`, and what that was divided by; both keep the axis."""

    n: Floats
    mean: Floats
    deviation: Floats
    axis: int
    centred: bool

    def back(self, v: Floats) -> Floats:
        """N'(h) v, a new array."""
        through: Floats = v - self.n * _mean_product(self.n, v, self.axis)
        if self.centred:
            through -= _mean(v, self.axis)
        through /= self.deviation
        return through

    def back_without_rounding(self, v: Floats) -> Floats:
        """N'(h) v in float64, with zeros where nothing is left but rounding.

        The exact value is zero where all of v would change only the mean or the size of h: of ones, above a layer norm
        without activation.
        """
        through = self.back(v)
        left = np.abs(through).max(self.axis, keepdims=True) * self.deviation
        is_rounding = left < ROUNDING * np.abs(v).max(self.axis, keepdims=True)
        return np.where(is_rounding, 0.0, through) if is_rounding.any() else through


def normalised(h: Floats, axis: int, *, centred: bool, out: Floats | None = None) -> Normalised:
    """N(h) over axis -1 or -2, in `out` and its dtype if that is given."""
    n = np.empty_like(h) if out is None else out
    n[...] = h
    mean = _mean(n, axis) if centred else np.zeros((), n.dtype)
    if centred:
        n -= mean
    deviation: Floats = np.sqrt(_mean_product(n, n, axis) + n.dtype.type(EPSILON))
    n /= deviation
    return Normalised(n, mean, deviation, axis, centred)


def _mean(v: Floats, axis: int) -> Floats:
    mean: Floats = np.add.reduce(v, axis=axis, keepdims=True) / v.dtype.type(v.shape[axis])
    return mean


def _mean_product(u: Floats, v: Floats, axis: int) -> Floats:
    """The mean of u v."""
    # not vecdot: BLAS would share out long vectors among its threads, whose number changes the rounding
    total = np.einsum("...i,...i->..." if axis == -1 else "...ij,...ij->...j", u, v)
    mean: Floats = np.expand_dims(total, axis) / v.dtype.type(v.shape[axis])
    return mean
