"""The registries: every initialiser and activation with its defining numbers."""

from __future__ import annotations

import math
from typing import Any

from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.initialisers import INITIALISERS, Initialiser, Shape, equal_names
from tui_initflow.theory.phase import critical_gain

SQUARE: Shape = (100, 100)
"""Any square shape: fan_in Var w does not depend on it, except for a fixed std."""
UNEVEN: Shape = (50, 64)

Listing = dict[str, list[dict[str, Any]]]


def listing() -> Listing:
    """Both registries by name, as in JSON.

    Of an initialiser, `sigma_w2` is fan_in Var w on a square layer; of an activation, `critical_gain` has chi = 1.
    """
    gains = {name: critical_gain(activation) for name, activation in ACTIVATIONS.items()}
    return {
        "initialisers": [_initialiser(initialiser) for initialiser in INITIALISERS.values()],
        "activations": [
            {"name": name, "critical_gain": at_chi_1.gain, "holds_at_every_depth": at_chi_1.stable}
            for name, at_chi_1 in gains.items()
        ],
    }


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
