"""When a gradient is dead, weak, healthy or exploding: the one table of thresholds."""

from __future__ import annotations

import math
from typing import Literal

Status = Literal["dead", "weak", "healthy", "exploding"]

TRAINABLE = 1e-3
"""The share of the output's gradient that has to reach the first layer of a network for it to count as trainable."""

STATUSES: tuple[tuple[Status, float], ...] = (
    ("dead", math.log10(TRAINABLE)),
    ("weak", -1.0),
    ("healthy", 1.0),
    ("exploding", math.inf),
)
"""Each status with the log10 gradient that it reaches up to."""


def status(log10_gradient: float) -> Status:
    """The word for a gradient. The limit of 10 still counts as healthy, each lower limit as the status above it."""
    for word, limit in STATUSES:
        if log10_gradient < limit or (word == "healthy" and log10_gradient == limit):
            return word
    return "exploding"
