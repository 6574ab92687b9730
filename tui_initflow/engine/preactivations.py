"""Statistics of the pre-activations: counted and summed by layer in every batch of runs, joined over the batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.signals import Float64s, Preactivations
from tui_initflow.engine.simulator import BatchPasses

Floats = NDArray[np.float64]
Exponents = NDArray[np.int32]

POWERS = np.array([1, 1, 2], np.int32)[:, None]
"""The powers of z in the sums of |z|, z and z^2."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of |z|, z and z^2, as values (..., 3, L) in units of 2^e, 2^e and 2^2e with e (..., L)."""

    values: Floats
    exponents: Exponents

    def __add__(self, other: Sums) -> Sums:
        # exponents are zero unless signals vanish or explode
        if not (self.exponents.any() or other.exponents.any()):
            return Sums(self.values + other.values, self.exponents)
        common = np.maximum(self.exponents, other.exponents)
        return Sums(self._in_units_of(common) + other._in_units_of(common), common)

    def _in_units_of(self, exponents: Exponents) -> Floats:
        shift = (self.exponents - exponents)[..., None, :] * POWERS
        scaled: Floats = np.ldexp(self.values, shift)
        return scaled

    def __getitem__(self, runs: int | slice) -> Sums:
        return Sums(self.values[runs], self.exponents[runs])

    def __len__(self) -> int:
        return len(self.exponents)


@dataclass(frozen=True, slots=True)
class Subtree:
    """The sum over runs index * 2^level to (index + 1) * 2^level."""

    level: int
    index: int
    sums: Sums


@dataclass(frozen=True, slots=True)
class RunSums:
    """The sum over a range of runs, as the largest complete subtrees in it, in the order of the runs."""

    subtrees: tuple[Subtree, ...]

    @classmethod
    def of(cls, first_run: int, by_run: Sums) -> RunSums:
        """The sums of runs `first_run`, `first_run` + 1, …: values (runs, 3, L), exponents (runs, L)."""
        head: list[Subtree] = []
        tail: list[Subtree] = []
        level, index = 0, first_run
        while len(by_run):
            if index % 2:
                head.append(Subtree(level, index, by_run[0]))
                by_run, index = by_run[1:], index + 1
            if len(by_run) % 2:
                tail.append(Subtree(level, index + len(by_run) - 1, by_run[-1]))
                by_run = by_run[:-1]
            by_run = by_run[0::2] + by_run[1::2]
            level, index = level + 1, index // 2
        return cls((*head, *reversed(tail)))

    def joined(self, later: RunSums) -> RunSums:
        """The sum over these runs and the ones right after them."""
        subtrees = list(self.subtrees)
        for subtree in later.subtrees:
            subtrees.append(subtree)
            while len(subtrees) > 1 and _are_siblings(*subtrees[-2:]):
                right, left = subtrees.pop(), subtrees.pop()
                subtrees.append(Subtree(left.level + 1, left.index // 2, left.sums + right.sums))
        return RunSums(tuple(subtrees))

    @property
    def total(self) -> Sums:
        """The sum over the whole range: values (3, L), exponents (L,)."""
        return _sum(subtree.sums for subtree in self.subtrees)


def _are_siblings(left: Subtree, right: Subtree) -> bool:
    return left.level == right.level and left.index % 2 == 0 and right.index == left.index + 1


def _sum(parts: Iterable[Sums]) -> Sums:
    first, *rest = parts
    for part in rest:
        first = first + part
    return first


Counts = NDArray[np.int64]

HISTOGRAM_BINS = 15
HISTOGRAM_RANGE = (-4.0, 4.0)
CELLS = HISTOGRAM_BINS + 2
"""The bins of the histogram, one cell for everything below it and one for everything above."""
TOGETHER = 1 << 16
"""Most signals whose statistics are taken at once, but for one layer that has more."""
FLAT_BELOW = 0.1
"""A neuron is flat, that is saturated or off, if |f'(z)| is below this."""


@dataclass(frozen=True, slots=True)
class PreactivationStatistics:
    """Pre-activations z of all neurons of all runs, by hidden layer 1..L.

    Every array has shape (L,), the histogram (L, 15). `count` is the number of neurons of a layer over all runs;
    `below` and `above` count what lies outside the histogram's [-4, 4). Means and deviations are 0 below 1e-308
    and infinite above 1e308, their log10 are right at any size and -inf for an exact zero.
    """

    count: Counts
    saturated_count: Counts
    histogram: Counts
    below: Counts
    above: Counts
    sums: RunSums

    @classmethod
    def of(cls, passes: BatchPasses, first_run: int, checkpoint: Callable[[], None]) -> PreactivationStatistics:
        """The statistics of a batch of runs that starts at `first_run`; `checkpoint` may raise."""
        counts: list[tuple[Counts, Counts]] = []
        sums: list[Float64s] = []
        for layers, slopes in _parts(passes):
            checkpoint()
            z = layers.signals.astype(np.float64)
            counts.append((_cells(layers, z), _count(layers, np.abs(slopes) < FLAT_BELOW)))
            sums.append(_sums(layers, z))
        cells, saturated_count = (np.concatenate(of_parts) for of_parts in zip(*counts, strict=True))
        layers = passes.preactivations
        (runs,) = layers.shape
        return cls(
            count=np.multiply(layers.widths, runs),
            saturated_count=saturated_count,
            histogram=cells[:, 1:-1],
            below=cells[:, 0],
            above=cells[:, -1],
            sums=RunSums.of(first_run, Sums(np.concatenate(sums, axis=-1), layers.exponents.T)),
        )

    @property
    def mean(self) -> Float64s:
        return self._scaled(self._means()[1])

    @property
    def mean_abs(self) -> Float64s:
        """Mean of |z|."""
        return self._scaled(self._means()[0])

    @property
    def std(self) -> Float64s:
        """Standard deviation about the mean of the layer."""
        return self._scaled(self._unscaled_std())

    @property
    def log10_mean_abs(self) -> Float64s:
        return self._log10(self._means()[0])

    @property
    def log10_std(self) -> Float64s:
        return self._log10(self._unscaled_std())

    @property
    def saturated(self) -> Float64s:
        """Share of neurons with |f'(z)| < 0.1."""
        return self.saturated_count / self.count

    def _means(self) -> Float64s:
        """Means of |z|, z and z^2, (3, L), without the exponent."""
        means: Float64s = self.sums.total.values / self.count
        return means

    def _unscaled_std(self) -> Float64s:
        _, mean, mean_square = self._means()
        # equal values leave a rounding error on either side of zero
        std: Float64s = np.sqrt(np.maximum(mean_square - mean**2, 0.0))
        return std

    def _scaled(self, values: Float64s) -> Float64s:
        with np.errstate(over="ignore"):
            scaled: Float64s = np.ldexp(values, self.sums.total.exponents)
        return scaled

    def _log10(self, values: Float64s) -> Float64s:
        with np.errstate(divide="ignore"):
            logarithms: Float64s = np.log10(values) + self.sums.total.exponents * np.log10(2.0)
        return logarithms

    def joined(self, later: PreactivationStatistics) -> PreactivationStatistics:
        """These runs and the ones right after them: the same, to the last bit, as if simulated together."""
        return PreactivationStatistics(
            self.count + later.count,
            self.saturated_count + later.saturated_count,
            self.histogram + later.histogram,
            self.below + later.below,
            self.above + later.above,
            self.sums.joined(later.sums),
        )


def _parts(passes: BatchPasses) -> Iterator[tuple[Preactivations, Float64s]]:
    """A few layers at a time, with their slopes: statistics take several times the memory of the signals."""
    layers, slopes = passes.preactivations, passes.slopes
    (runs,), first, start = layers.shape, 0, 0
    while first < len(layers.widths):
        last, end = first, start
        while last < len(layers.widths) and (last == first or end - start < TOGETHER):
            end += runs * layers.widths[last]
            last += 1
        part = slice(start, end)
        widths, exponents = layers.widths[first:last], layers.exponents[first:last]
        yield Preactivations(widths, layers.shape, layers.signals[part], exponents), slopes[part]
        first, start = last, end


def _sums(layers: Preactivations, z: Float64s) -> Float64s:
    """Sums over the neurons of each layer of each run, (runs, 3, L)."""
    (runs,) = layers.shape
    starts = _starts(np.repeat(layers.widths, runs))
    by_layer = np.stack([np.add.reduceat(values, starts) for values in (np.abs(z), z, np.square(z))])
    return by_layer.reshape(3, len(layers.widths), runs).transpose(2, 0, 1)


def _count(layers: Preactivations, flags: NDArray[np.bool_]) -> Counts:
    """How many are set, by layer."""
    (runs,) = layers.shape
    return np.add.reduceat(flags, _starts(np.multiply(layers.widths, runs)), dtype=np.int64)


def _starts(lengths: Counts) -> Counts:
    """Where each part begins, of parts of these lengths one after the other."""
    return np.cumsum(lengths) - lengths


def _cells(layers: Preactivations, z: Float64s) -> Counts:
    """Neurons by layer and cell, (L, 17)."""
    low, high = HISTOGRAM_RANGE
    position = z * (HISTOGRAM_BINS / (high - low))
    position += 1.0 - low * (HISTOGRAM_BINS / (high - low))
    np.clip(position, 0.0, CELLS - 1, out=position)
    cell = position.astype(np.intp)
    (runs,), count = layers.shape, len(layers.widths)
    cell += np.repeat(np.arange(count) * CELLS, np.multiply(layers.widths, runs))
    return np.bincount(cell, minlength=count * CELLS).reshape(count, CELLS)
