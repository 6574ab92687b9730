"""The contract of `--json` and `--jsonl`: a JSON Schema for each kind of object that the writers of this room write.

`tui-initflow help schema NAME` prints one of them, `tui-initflow help json` an outline of all. Settings, names and
limits are those of the tables in the code. An object has no key that its schema lacks: before a writer writes another,
it is described here, and the tests hold what is written against it. No numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tui_initflow.export.schemas.vocabulary import Schema

_PLACES: Mapping[str, str] = MappingProxyType(
    {
        "run": "runs.RUN",
        "run-line": "runs.RUN_LINE",
        "sweep": "runs.SWEEP",
        "grid": "runs.GRID",
        "theory": "theory.THEORY",
        "check": "runs.CHECK",
        "train": "training.TRAIN",
        "train-line": "training.TRAIN_LINE",
        "train-map": "training.TRAIN_MAP",
        "inspect": "checkpoints.INSPECT",
        "inspect-two": "checkpoints.INSPECT_TWO",
        "list": "theory.LIST",
    }
)
NAMES = tuple(_PLACES)
"""The names of all schemas, by the command and what was asked of it: the command line needs no more of them."""


def schema_of(name: str) -> Schema:
    """The schema of one of `NAMES`."""
    module, _, constant = _PLACES[name].partition(".")
    return cast("Schema", getattr(import_module(f"{__name__}.{module}"), constant))
