"""When a gradient is dead, weak, healthy or exploding, and weights too small or large: the tables of thresholds."""

from __future__ import annotations

import math
from typing import Literal

Status = Literal["dead", "weak", "healthy", "exploding"]

TRAINABLE = 1e-3
"""Share of the output gradient that has to reach the first layer for a network to count as trainable."""

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
