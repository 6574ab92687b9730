"""Statistics on the log scale: quantiles, confidence intervals, and which method has the larger gradient.

Final gradients are roughly log-normal over runs, so they are compared by differences of logarithms. The arithmetic
mean of the ratios would make two equal methods seem to differ by 11 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.special import t_quantile
from tui_initflow.model.pair import Side

Floats = NDArray[np.float64]
Masked = np.ma.MaskedArray[Any, np.dtype[np.float64]]

CONFIDENCE = 0.95
SORTED_TOGETHER = 1 << 19
"""Numbers of all runs that are sorted at once."""


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


class Band(NamedTuple):
    """Median and 10-90 % range over runs, each with the shape of one run."""

    median: Floats
    p10: Floats
    p90: Floats


@dataclass(frozen=True, slots=True)
class Share:
    """`count` out of `total` runs."""

    count: int
    total: int

    @property
    def value(self) -> float:
        return self.count / self.total

    @property
    def interval(self) -> Interval:
        """Wilson's score interval (1927): unlike p ± 1.96 se, it is valid at 0 and at `total` too."""
        n, share = self.total, self.value
        z2 = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) ** 2
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
        # at 0 and at n, rounding must not exclude the share itself
        return Interval(max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which method has the larger final gradient; None if the runs do not decide it, as a single one does not.

    `log10_factor` is the mean log10 ratio b/a, `interval` its 95 % interval: None for a single run, and where a
    gradient is exactly zero. Then the sign test decides, by the runs in which one is larger than the other.
    """

    larger: Side | None
    log10_factor: float
    interval: Interval | None


def quantile(ordered: Floats, share: float) -> Floats:
    """The `share` quantile of values in order over axis 0, linear between them. Values may be infinite."""
    position = share * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    weight = position - low
    below: Floats = ordered[low]
    above: Floats = ordered[high]
    with np.errstate(invalid="ignore"):
        between = below + weight * (above - below)
    # between two infinities or next to one there is nothing to interpolate: take the nearer order statistic
    return np.where(np.isfinite(between), between, below if weight < 0.5 else above)


def band(values: Floats) -> Band:
    """Median and 10-90 % range over axis 0, the runs."""
    runs, *shape = values.shape
    columns = values.reshape(runs, -1)
    # sorting takes a copy, and the gradients of all runs are large
    together = max(1, SORTED_TOGETHER // runs)
    parts = (np.sort(columns[:, first : first + together], axis=0) for first in range(0, columns.shape[1], together))
    spread = [[quantile(part, share) for share in (0.5, 0.1, 0.9)] for part in parts]
    return Band(*(np.concatenate(of_share).reshape(shape) for of_share in zip(*spread, strict=True)))


def band_of_known(values: Masked) -> Band:
    """Band of values of which some are masked; nan where all are."""
    runs, *shape = values.shape
    # nan, that is what is masked, is sorted to the end
    ordered = np.sort(values.filled(np.nan).reshape(runs, -1), axis=0)
    counts = np.count_nonzero(~np.isnan(ordered), axis=0)
    result = np.full((3, ordered.shape[1]), np.nan)
    for count in np.unique(counts[counts > 0]).tolist():
        result[:, counts == count] = band(ordered[:count, counts == count])
    return Band(*result.reshape(3, *shape))


def mean(log10_values: Floats) -> float:
    """The mean of logarithms, which is the logarithm of the geometric mean. NaN for infinities of both signs."""
    with np.errstate(invalid="ignore"):
        return float(np.mean(log10_values))


def log10_mean(log10_values: Floats) -> float:
    """log10 of the arithmetic mean of 10**values, which may themselves under- or overflow."""
    largest = float(np.max(log10_values))
    if not math.isfinite(largest):
        return largest
    return largest + math.log10(float(np.mean(10.0 ** (log10_values - largest))))


def mean_interval(values: Floats, confidence: float = CONFIDENCE) -> Interval | None:
    """Student's t interval of the mean of `values` (n,). None for n < 2 and for infinite values."""
    n = len(values)
    if n < 2 or not np.all(np.isfinite(values)):
        return None
    centre = float(np.mean(values))
    half = t_quantile((1 + confidence) / 2, n - 1) * float(np.std(values, ddof=1)) / math.sqrt(n)
    return Interval(centre - half, centre + half)


def median_interval(values: Sequence[float]) -> Interval | None:
    """Between two of the values, as far from both ends as the confidence allows; all of them up to 5, none of one."""
    if len(values) < 2:
        return None
    # how likely it is that fewer than so many values are below the median
    tails = accumulate(math.comb(len(values), below) / 2 ** len(values) for below in range(len(values)))
    beyond = sum(1 for _ in takewhile(lambda tail: tail <= (1 - CONFIDENCE) / 2, tails))
    ordered, end = sorted(values), max(beyond - 1, 0)
    return Interval(ordered[end], ordered[-1 - end])


def verdict(log10_ratio: Floats) -> Verdict:
    """The verdict on log10 ratios b/a by run (runs,): nan is a tie, of two gradients that are exactly zero."""
    interval = mean_interval(log10_ratio)
    if interval is None:
        of_b, of_a = (int(np.count_nonzero(sign * log10_ratio > 0)) for sign in (1, -1))
        larger = _by_signs(of_a, of_b)
    elif 0.0 in interval:
        larger = None
    else:
        larger = "b" if interval.low > 0 else "a"
    return Verdict(larger, mean(log10_ratio), interval)


def _by_signs(of_a: int, of_b: int) -> Side | None:
    """Which of two counts is larger than chance makes it, by the two-sided sign test; ties are not counted."""
    runs, fewer = of_a + of_b, min(of_a, of_b)
    as_far = 2 * sum(math.comb(runs, count) for count in range(fewer + 1))
    if as_far > (1 - CONFIDENCE) * 2**runs:
        return None
    return "a" if of_a > of_b else "b"
