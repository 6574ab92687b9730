"""Two checkpoints: what training has moved between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tui_initflow.checkpoints.changes import Change
from tui_initflow.export.data import Json, finite
from tui_initflow.export.inspect import growth, number, shape_text, short
from tui_initflow.export.schemas.checkpoints import INSPECT_TWO
from tui_initflow.findings.inspection import Movement, named
from tui_initflow.pages.parts import Passage, Sentence, Table, Title

FIELDS = tuple(INSPECT_TWO["properties"]["tensors"]["items"]["properties"])
"""What is written of a tensor."""


def as_json(movement: Movement) -> Mapping[str, Json]:
    of = movement.changes
    return {
        "before": movement.before,
        "after": movement.after,
        "summary": movement.sentence,
        "tensors": map(_values, of.common),
        "only_before": list(of.only_before),
        "only_after": list(of.only_after),
        "other_shape": list(of.other_shape),
    }


def _values(one: Change) -> dict[str, Any]:
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


def rows(movement: Movement) -> Iterator[Iterable[object]]:
    """One per tensor; a shape is 64x3x3."""
    yield FIELDS
    for one in movement.changes.common:
        yield (_values(one) | {"shape": shape_text(one.shape)}).values()


def report(movement: Movement) -> Iterator[Passage]:
    """The sentence, a line for each tensor, and what does not compare."""
    yield [
        Title(f"From {movement.before} to {movement.after}", foreign=True),
        Sentence(movement.sentence, foreign=True),
    ]
    yield [Table(_HEADING, [*map(_cells, movement.changes.common)], "<<<>>>>>", foreign=True)]
    of = movement.changes
    groups = (
        (f"Only in {movement.before}", of.only_before),
        (f"Only in {movement.after}", of.only_after),
        ("Of another shape or order", of.other_shape),
    )
    if apart := [Sentence(f"{words}: {named(names)}.", foreign=True) for words, names in groups if names]:
        yield apart


summary = report
_HEADING = ("name", "kind", "shape", "|dW|/|W|", "cosine", "norm before", "after", "change")


def _cells(one: Change) -> Sequence[str]:
    grown = _values(one)["spectral_norm_change"]
    return [
        short(one.name),
        one.role.kind,
        shape_text(one.shape),
        number(one.relative),
        "-" if finite(one.cosine) is None else f"{one.cosine:.4f}",
        number(one.norm_before),
        number(one.norm_after),
        "-" if grown is None else growth(1 + grown, 1),
    ]
