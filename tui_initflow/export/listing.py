"""Both registries, initialisers and activations, as text and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.initialisers import EXPRESSION, FAMILIES, INITIALISERS, Initialiser, Shape, equal_names

SQUARE: Shape = (100, 100)
"""Any square shape: fan_in Var w does not depend on it, except for a fixed std."""
UNEVEN: Shape = (50, 64)


def registries() -> dict[str, Any]:
    """What `list --json` prints; `sigma_w2` is fan_in Var w on a square layer, `critical_gain` has chi = 1."""
    from tui_initflow.theory import critical_gain, theory_activation

    activations = []
    for name in ACTIVATIONS:
        found = critical_gain(theory_activation(name))
        activations.append({"name": name, "critical_gain": found.gain, "holds_at_every_depth": found.stable})
    return {
        "initialisers": [_described(each) for each in INITIALISERS.values()],
        "activations": activations,
    }


def _described(initialiser: Initialiser) -> dict[str, Any]:
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


def listing_json() -> str:
    return json.dumps(registries()) + "\n"


def listing_text() -> str:
    """Tables for people. ASCII, for any terminal."""
    known = registries()
    lines = [
        "Initialisers: a weight is D x scale, with D from the distribution; fan_in Var w is that of square layers",
        "",
        f"  {'name':<17} {'D':<16} {'scale':<19} {'fan_in Var w':>12}  notes",
    ]
    for each in known["initialisers"]:
        notes = [each["source"]]
        if each["same_as"]:
            notes.append(f"= {', '.join(each['same_as'])}")
        if each["same_on_square_layers"]:
            notes.append(f"= {', '.join(each['same_on_square_layers'])} on square layers")
        lines.append(
            f"  {each['name']:<17} {each['distribution']:<16} {each['scale']:<19} {each['sigma_w2']:>12.4f}  "
            + "; ".join(notes)
        )
    lines += ["", f"  and any {EXPRESSION};", f"  DISTRIBUTION one of {', '.join(FAMILIES)}", "", "Activations", ""]
    lines.append(f"  {'name':<17} {'critical gain':<14} sqrt(fan_in Var w) that has chi = 1")
    for each in known["activations"]:
        note = "" if each["holds_at_every_depth"] else "at q = 1 only: no gain holds at every depth"
        lines.append(f"  {each['name']:<17} {each['critical_gain']:<14.4f} {note}".rstrip())
    return "\n".join(lines) + "\n"


LIST_WRITERS: Mapping[str, Callable[[], str]] = MappingProxyType({"text": listing_text, "json": listing_json})
