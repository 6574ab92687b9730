"""When a gradient is dead, weak, healthy or exploding: the one table of thresholds."""

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
