"""Both registries, initialisers and activations, with what decides about each entry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tui_initflow.functions.activations import ACTIVATIONS, Activation
from tui_initflow.model.initialisers import INITIALISERS, Initialiser, Shape, equal_names
from tui_initflow.theory.phase import critical_gain

SQUARE: Shape = (100, 100)
"""Any square shape: fan_in Var w does not depend on it, except for a fixed std."""
UNEVEN: Shape = (50, 64)


@dataclass(frozen=True, slots=True)
class Listing:
    """What `list` shows.

    Of an initialiser, `sigma_w2` is fan_in Var w on a square layer; of an activation, `critical_gain` has chi = 1.
    """

    initialisers: tuple[dict[str, Any], ...]
    activations: tuple[dict[str, Any], ...]


def listing() -> Listing:
    return Listing(
        tuple(_initialiser(initialiser) for initialiser in INITIALISERS.values()),
        tuple(_activation(activation) for activation in ACTIVATIONS.values()),
    )


def _initialiser(initialiser: Initialiser) -> dict[str, Any]:
    everywhere = equal_names(initialiser, (SQUARE, UNEVEN))
    on_square_layers = [name for name in equal_names(initialiser, (SQUARE,)) if name not in everywhere]
    return {
        "name": initialiser.name,
        "distribution": str(initialiser.distribution),
        "scale": f"sqrt({initialiser.rule})",
        "mean": initialiser.mean(SQUARE) * math.sqrt(SQUARE[1]),
        "sigma_w2": initialiser.sigma_w2(SQUARE),
        "same_as": everywhere,
        "same_on_square_layers": on_square_layers,
        "source": initialiser.source,
    }


def _activation(activation: Activation) -> dict[str, Any]:
    at_chi_1 = critical_gain(activation)
    return {
        "name": activation.name,
        "critical_gain": at_chi_1.gain,
        "holds_at_every_depth": at_chi_1.stable,
    }
