"""What differs between two checkpoints, as JSON, CSV, text and Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tui_initflow.checkpoints.changes import Change
from tui_initflow.export.checkpoints import aligned, finite, growth, number, short, without_markup
from tui_initflow.findings.inspection import named
from tui_initflow.findings.movement import Movement

FIELDS = (
    *("name", "kind", "shape", "relative_change", "cosine"),
    *("spectral_norm_before", "spectral_norm_after", "spectral_norm_change"),
)
"""What is written of a tensor; the last is the factor by which the spectral norm has grown, minus 1."""


def values_of(one: Change) -> dict[str, Any]:
    """The values of `FIELDS`; None where a number is not finite or not defined."""
    grown = None
    if one.norm_before and one.norm_after is not None:
        grown = finite(one.norm_after / one.norm_before - 1)
    return {
        "name": one.name,
        "kind": one.role.kind,
        "shape": list(one.shape),
        "relative_change": finite(one.relative),
        "cosine": finite(one.cosine),
        "spectral_norm_before": finite(one.norm_before),
        "spectral_norm_after": finite(one.norm_after),
        "spectral_norm_change": grown,
    }


def movement_object(movement: Movement) -> dict[str, Any]:
    """Everything, as JSON has it."""
    of = movement.changes
    return {
        "before": movement.before,
        "after": movement.after,
        "summary": movement.sentence,
        "tensors": [values_of(one) for one in of.common],
        "only_before": list(of.only_before),
        "only_after": list(of.only_after),
        "other_shape": list(of.other_shape),
    }


def csv_rows(movement: Movement) -> Iterator[tuple[object, ...]]:
    """One row per tensor, the values of `FIELDS`; a shape is 64x3x3."""
    for one in movement.changes.common:
        values = values_of(one) | {"shape": _shape(one)}
        yield tuple(values[name] for name in FIELDS)


def text_lines(movement: Movement) -> list[str]:
    """The sentence, a line for each tensor, and what does not compare."""
    table = aligned([_HEADING, *_rows(movement)], range(3, 8))
    return [f"From {movement.before} to {movement.after}", movement.sentence, "", *table, *_apart(movement)]


def markdown_lines(movement: Movement) -> list[str]:
    """The same as a table of Markdown."""
    title = without_markup(f"From {movement.before} to {movement.after}")
    rows = [_HEADING, ["---"] * len(_HEADING), *_rows(movement)]
    table = [f"| {' | '.join(without_markup(cell) for cell in row)} |" for row in rows]
    return [f"# {title}", "", without_markup(movement.sentence), "", *table, *map(without_markup, _apart(movement))]


_HEADING = ["name", "kind", "shape", "|dW|/|W|", "cosine", "norm before", "after", "change"]


def _rows(movement: Movement) -> Iterator[Sequence[str]]:
    for one in movement.changes.common:
        grown = values_of(one)["spectral_norm_change"]
        yield [
            short(one.name),
            one.role.kind,
            _shape(one),
            number(one.relative),
            "-" if finite(one.cosine) is None else f"{one.cosine:.4f}",
            number(one.norm_before),
            number(one.norm_after),
            "-" if grown is None else growth(1 + grown, 1),
        ]


def _apart(movement: Movement) -> list[str]:
    of = movement.changes
    groups = (
        (f"Only in {movement.before}", of.only_before),
        (f"Only in {movement.after}", of.only_after),
        ("Of another shape or order", of.other_shape),
    )
    lines = [f"{words}: {named(names)}." for words, names in groups if names]
    return ["", *lines] if lines else []


def _shape(one: Change) -> str:
    return "x".join(map(str, one.shape)) or "scalar"
