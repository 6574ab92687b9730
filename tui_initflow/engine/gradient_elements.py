"""Which elements of the gradient a number format loses, counted on the elements themselves while they pass by."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.signals import Float64s, Floats
from tui_initflow.model.number_formats import NumberFormat

Counts = NDArray[np.int64]

LOSS_SCALES = range(-126, 128)
"""Loss scales 2^s that are looked at: all that float32, in which the loss is scaled, can hold."""


@dataclass(frozen=True, slots=True)
class ElementCounts:
    """Elements of delta_{k+1} over all neurons of all runs, in one number format; those that are exactly 0 not counted.

    By point L0 … L{L-1}, (L,): `nonzero` of them, of which `flushed` become 0, `subnormal` lose digits and
    `overflowed` become infinite. Of all layers together, `flushed_by_scale` and `overflowed_by_scale`, (254,), count
    what does so with a loss scale of 2^s, s in `LOSS_SCALES`.
    """

    format: NumberFormat
    nonzero: Counts
    flushed: Counts
    subnormal: Counts
    overflowed: Counts
    flushed_by_scale: Counts
    overflowed_by_scale: Counts

    @property
    def lost(self) -> Float64s:
        """Share of the elements that are flushed or overflow, (L,); 0 where all are exactly 0."""
        share: Float64s = (self.flushed + self.overflowed) / np.maximum(self.nonzero, 1)
        return share

    @property
    def best_scale(self) -> int:
        """The s of the loss scale 2^s that flushes fewest elements and lets none overflow, nearest to 0 of several.

        A single infinity makes a scaler skip the step. The output gradient, of size 1, must not overflow either. Where
        all scales overflow, it is 0.
        """
        scales = np.array(LOSS_SCALES)[: self.largest_scale - LOSS_SCALES.start + 1]
        if not len(scales):
            return 0
        flushed = self.flushed_by_scale[: len(scales)]
        fewest = scales[flushed == flushed.min()]
        return int(fewest[np.argmin(np.abs(fewest))])

    @property
    def largest_scale(self) -> int:
        """The largest s whose 2^s lets nothing overflow, from the output gradient on; below all if there is none."""
        safe = (self.overflowed_by_scale == 0) & (np.array(LOSS_SCALES) < self.format.log2_overflow)
        return LOSS_SCALES.start + int(np.count_nonzero(safe)) - 1

    def lost_with(self, scale: int) -> float:
        """Share of all elements, of all layers, that are lost with a loss scale of 2^scale."""
        at = LOSS_SCALES.index(scale)
        return int(self.flushed_by_scale[at] + self.overflowed_by_scale[at]) / max(int(self.nonzero.sum()), 1)

    def joined(self, later: ElementCounts) -> ElementCounts:
        """These runs and others."""
        return ElementCounts(
            self.format,
            self.nonzero + later.nonzero,
            self.flushed + later.flushed,
            self.subnormal + later.subnormal,
            self.overflowed + later.overflowed,
            self.flushed_by_scale + later.flushed_by_scale,
            self.overflowed_by_scale + later.overflowed_by_scale,
        )


class ElementCounter:
    """Counts while `passes.backward` shows it delta by delta."""

    def __init__(self, number_format: NumberFormat, layers: int) -> None:
        self._format = number_format
        self._by_layer = np.zeros((4, layers), np.int64)
        # elements by the smallest s at which 2^s loses them to overflow, and by the largest at which it flushes them
        self._overflows_from = np.zeros(len(LOSS_SCALES) + 1, np.int64)
        self._flushed_up_to = np.zeros(len(LOSS_SCALES) + 1, np.int64)

    def __call__(self, layer: int, delta: Floats, log10_size: Float64s) -> None:
        """Count the elements of delta_l = 10^log10_size * delta, (*shape, n_l) and (*shape,)."""
        log2 = np.log2(np.abs(delta)) + (log10_size / math.log10(2))[..., None]
        log2 = log2[log2 > -math.inf]
        spare, excess = log2 - self._format.log2_flushed, log2 - self._format.log2_overflow
        self._by_layer[:, layer - 1] = (
            log2.size,
            np.count_nonzero(spare <= 0),
            np.count_nonzero((spare > 0) & (log2 < self._format.least_exponent)),
            np.count_nonzero(excess >= 0),
        )
        self._flushed_up_to += _counted(np.floor(-spare) + 1)
        self._overflows_from += _counted(np.ceil(-excess))

    def counts(self) -> ElementCounts:
        # flushed with 2^s: all that are flushed up to that s or further; overflowing: all that do so from there on
        flushed_by_scale = self._flushed_up_to[::-1].cumsum()[::-1][1:]
        overflowed_by_scale = self._overflows_from.cumsum()[:-1]
        nonzero, flushed, subnormal, overflowed = self._by_layer
        return ElementCounts(
            self._format, nonzero, flushed, subnormal, overflowed, flushed_by_scale, overflowed_by_scale
        )


def _counted(scales: Float64s) -> Counts:
    """How many there are of every number of `LOSS_SCALES`, those beyond counted at its ends, and of the next one."""
    places = np.clip(scales - LOSS_SCALES.start, 0, len(LOSS_SCALES)).astype(np.intp)
    return np.bincount(places, minlength=len(LOSS_SCALES) + 1)
