"""When a gradient is dead, weak, healthy or exploding, and weights too small or large; the rows of a table by layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal, NamedTuple

Status = Literal["dead", "weak", "healthy", "exploding"]

TRAINABLE = 1e-3
"""Share of the output gradient that has to reach the first layer for a network to count as trainable.

Its inverse is the largest gradient that does. So a check passes what is weak, and of what is exploding the least.
"""

STATUSES: tuple[tuple[Status, float], ...] = (
    ("dead", math.log10(TRAINABLE)),
    ("weak", -1.0),
    ("healthy", 1.0),
    ("exploding", math.inf),
)
"""Each status with its upper limit, as log10 of the gradient."""


def status(log10_gradient: float) -> Status:
    """The word for a gradient. Exactly 10 is still healthy; at each lower limit the next status begins."""
    for word, limit in STATUSES:
        if log10_gradient < limit or (word == "healthy" and log10_gradient == limit):
            return word
    return "exploding"


class AtPoint(NamedTuple):
    """What a table by layer says of a point: the median gradient, its factor to the next point and the unit's share.

    Gradient and factor are log10. nan is what was not measured; the output has neither factor nor share.
    """

    gradient: float
    factor: float
    share: float

    @property
    def status(self) -> Status | None:
        """None of a gradient that is not a number."""
        return None if math.isnan(self.gradient) else status(self.gradient)


def by_point(medians: Sequence[float], shares: Sequence[float]) -> list[AtPoint]:
    """The rows of a table, from the median gradients at all points and the shares of the units below the output."""
    rows = zip_longest(medians, medians[1:], shares, fillvalue=math.nan)
    return [AtPoint(gradient, gradient - above, share) for gradient, above, share in rows]


WeightStatus = Literal["broken", "untouched", "small", "large", "healthy"]
"""Status of a tensor: NaN or infinities in it, never trained, sigma_w far from the critical gain, or none of these."""
WORST_FIRST: tuple[WeightStatus, ...] = ("broken", "untouched", "small", "large", "healthy")

SMALL, LARGE = 0.5, 2.0
"""Healthy is a sigma_w from half the critical gain to twice it: ten layers at these limits pass on a thousandth of the
gradient, or a thousand times as much, while nothing saturates."""

SORTED_BY = (
    *("name", "kind", "status", "looks_like", "size", "std", "sigma_w2", "gain_ratio", "excess_kurtosis"),
    *("spectral_norm", "stable_rank", "zeros", "nan", "inf", "subnormal"),
)
"""Columns that tensors can be sorted by."""
