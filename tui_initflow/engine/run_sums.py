"""Sums over runs that come out the same, to the last bit, however the runs were grouped.

Floating-point addition is not associative, so the order is fixed by the run numbers alone: runs 2k and 2k + 1 are
added first, then pairs of those pairs, and so on. A range of runs is kept as the few complete subtrees it consists
of, which joins with the range after it into exactly what one longer range would have given.

Signals can be far smaller than any float64 (a thousand layers at 0.2 each is 1e-699), so every sum carries a
binary exponent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
