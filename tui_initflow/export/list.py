"""The registries: every initialiser and activation with its defining numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tui_initflow.export.data import Json
from tui_initflow.lab.registries import Listing
from tui_initflow.model.initialisers import EXPRESSION, FAMILIES
from tui_initflow.pages.parts import Lines, Passage, Title


def as_json(listing: Listing) -> Mapping[str, Json]:
    return listing


def summary(listing: Listing) -> Iterator[Passage]:
    yield [
        Title(
            "Initialisers: a weight is scale x D, with D drawn from the distribution; fan_in Var w is for square layers"
        )
    ]
    yield [Lines([*_initialisers(listing)])]
    yield [Lines([f"  or {EXPRESSION},", f"  where DISTRIBUTION is one of {', '.join(FAMILIES)}"])]
    yield [Title("Activations")]
    yield [Lines([*_activations(listing)])]


def _initialisers(listing: Listing) -> Iterator[str]:
    yield f"  {'name':<17} {'D':<16} {'scale':<19} {'fan_in Var w':>12}  notes"
    for entry in listing["initialisers"]:
        notes = [entry["source"]]
        if entry["same_as"]:
            notes.append(f"= {', '.join(entry['same_as'])}")
        if entry["same_on_square_layers"]:
            notes.append(f"= {', '.join(entry['same_on_square_layers'])} on square layers")
        numbers = f"{entry['distribution']:<16} {entry['scale']:<19} {entry['sigma_w2']:>12.4f}"
        yield f"  {entry['name']:<17} {numbers}  {'; '.join(notes)}"


def _activations(listing: Listing) -> Iterator[str]:
    yield f"  {'name':<17} {'critical gain':<14} sqrt(fan_in Var w) with chi = 1"
    for entry in listing["activations"]:
        note = "" if entry["holds_at_every_depth"] else "at q = 1 only: no gain is critical at every depth"
        yield f"  {entry['name']:<17} {entry['critical_gain']:<14.4f} {note}"
