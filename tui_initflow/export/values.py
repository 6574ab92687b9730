"""What the formats share: numbers that JSON and CSV can hold, settings, and which points a short table shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from tui_initflow.findings.intervals import Floats
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import GLOROT

Number = float | None
Json = Mapping[str, "Json"] | list["Json"] | str | int | Number

MOST_ROWS = 21
"""Rows of a table by layer."""


def number(value: float) -> Number:
    """The value, null where it is not finite."""
    return value if math.isfinite(value) else None


def numbers(values: Floats) -> list[Json]:
    return [number(value) for value in values.tolist()]


def settings_content(experiment: Experiment) -> dict[str, Json]:
    """The settings that give the same numbers again: the demo's, and what differs from their defaults.

    `scale` is glorot where both methods share that scale, sqrt(2 / (fan_in + fan_out)).
    """
    shared = all(method.initialiser.rule == GLOROT for method in experiment.methods)
    told: dict[str, Json] = {}
    for name, setting in SETTINGS.items():
        if name == "a":
            told["scale"] = "glorot" if shared else None
        if setting.in_demo:
            told[name] = getattr(experiment, name)
    for name, setting in SETTINGS.items():
        value = getattr(experiment, name)
        if not setting.in_demo and value != setting.default:
            told[name] = list(value) if isinstance(value, tuple) else value
    return told


def shown_points(points: int) -> Sequence[int]:
    """At most `MOST_ROWS` points, evenly spread, first and last among them."""
    spread = np.linspace(0, points - 1, min(points, MOST_ROWS)).round().astype(int)
    shown: Sequence[int] = np.unique(spread).tolist()
    return shown


def omitted(shown: Sequence[int], points: int, option: str) -> list[str]:
    """Where a table leaves points out, what shows them all."""
    return [f"{len(shown)} of {points} points; {option} has them all"] if len(shown) < points else []
