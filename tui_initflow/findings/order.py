"""The order in which the tensors of a checkpoint are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_initflow.findings.inspection import TensorFinding

SORTED_BY = (
    *("name", "kind", "status", "looks_like", "size", "std", "sigma_w2", "gain_ratio", "excess_kurtosis"),
    *("spectral_norm", "stable_rank", "zeros", "nan", "inf", "subnormal"),
)
"""Columns that tensors can be sorted by."""
WORST_FIRST = ("broken", "untouched", "small", "large", "healthy")
"""The words for a tensor; the options of the command line are read before numpy is, so they are here."""


def sorted_by(tensors: Sequence[TensorFinding], column: str) -> tuple[TensorFinding, ...]:
    """The largest number first, words from a to z, the worst status first; equal ones stay in order."""

    def key(one: TensorFinding) -> tuple[float, str]:
        of = one.measured
        match column:
            case "status":
                return WORST_FIRST.index(one.status), ""
            case "kind":
                return 0.0, of.role.kind
            case "name" | "looks_like":
                return 0.0, str(getattr(of, column))
            case "size":
                return -float(of.tensor.size), ""
            case "gain_ratio":
                value = one.gain_ratio
            case _:
                value = getattr(of, column)
        return (math.inf if value is None or math.isnan(value) else -value), ""

    return tuple(sorted(tensors, key=key))
