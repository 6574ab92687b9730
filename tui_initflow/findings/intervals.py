"""Honest statistics of log-normal-like quantities: everything is compared on the log scale.

Ratios of gradients are never averaged: two equal methods would seem to differ by 11 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Band:
    """Median and 10-90 % range over runs; arrays of the shape that is left without the runs."""

    median: Floats
    p10: Floats
    p90: Floats


def quantile(values: Floats, share: float) -> Floats:
    """The `share` quantile over axis 0, linear between order statistics, right also where some are infinite."""
    ordered: Floats = np.sort(values, axis=0)
    position = share * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    weight = position - low
    below: Floats = ordered[low]
    above: Floats = ordered[high]
    with np.errstate(invalid="ignore"):
        between = below + weight * (above - below)
    # inf - inf has no middle, and next to an infinity the nearer order statistic decides
    nearer = below if weight < 0.5 else above
    found: Floats = np.where(np.isfinite(between), between, nearer)
    return found


def band(values: Floats) -> Band:
    """Median and 10-90 % range over axis 0, the runs."""
    return Band(*(np.asarray(quantile(values, share)) for share in (0.5, 0.1, 0.9)))


def log10_mean(log10_values: Floats) -> float:
    """log10 of the arithmetic mean of 10**values, which may themselves under- or overflow."""
    largest = float(np.max(log10_values))
    if not math.isfinite(largest):
        return largest
    return largest + math.log10(float(np.mean(10.0 ** (log10_values - largest))))


def normal_quantile(share: float) -> float:
    """The quantile of N(0, 1)."""
    from statistics import NormalDist  # the standard library's module of this name

    return NormalDist().inv_cdf(share)


def wilson_interval(wins: float, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's score interval of a share (1927): right also at 0 and at n wins, unlike p ± 1.96 se."""
    z2 = normal_quantile((1 + confidence) / 2) ** 2
    share = wins / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # rounding must not exclude the share itself, at no wins and at n wins
    return Interval(max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def mean_interval(values: Floats, confidence: float = CONFIDENCE) -> Interval | None:
    """Student's t interval of the mean of `values` (n,); None where there is none: n < 2 or infinite values."""
    n = len(values)
    if n < 2 or not np.all(np.isfinite(values)):
        return None
    mean = float(np.mean(values))
    half = t_quantile((1 + confidence) / 2, n - 1) * float(np.std(values, ddof=1)) / math.sqrt(n)
    return Interval(mean - half, mean + half)


def _t_upper_tail(t: float, freedom: int) -> float:
    """P(T > t) for t > 0, by Simpson's rule over the angle atan(t / sqrt(freedom)) of density cos^(freedom - 1)."""
    start = math.atan(t / math.sqrt(freedom))
    # beyond this width of angle the density of many degrees of freedom is zero in double precision
    stop = min(math.pi / 2, start + 40 / math.sqrt(freedom))
    angles = np.linspace(start, stop, 4001)
    weights = np.full(4001, 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    integral = float(weights @ np.cos(angles) ** (freedom - 1)) * (stop - start) / 12000
    norm = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return norm * integral


@lru_cache(maxsize=1024)
def t_quantile(share: float, freedom: int) -> float:
    """The `share` > 0.5 quantile of Student's t with `freedom` degrees of freedom, by bisection of its tail."""
    tail = 1 - share
    low, high = 0.0, 2.0
    while _t_upper_tail(high, freedom) > tail:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        if _t_upper_tail(middle, freedom) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who wins over `runs` runs: the winner, None for no significant difference.

    `log10_factor` is the mean log10 ratio b/a, `interval` its 95 % interval, None for a single run.
    """

    winner: Literal["a", "b"] | None
    log10_factor: float
    interval: Interval | None
    runs: int


def verdict(log10_ratio: Floats) -> Verdict:
    """The verdict on log10 ratios b/a by run (runs,). One run has no interval: then its sign decides."""
    with np.errstate(invalid="ignore"):
        mean = float(np.mean(log10_ratio))
    interval = mean_interval(log10_ratio)
    undecided = mean == 0 or math.isnan(mean) or (interval is not None and 0.0 in interval)
    winner: Literal["a", "b"] | None = None if undecided else "b" if mean > 0 else "a"
    return Verdict(winner, mean, interval, len(log10_ratio))
