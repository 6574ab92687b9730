"""The contract of `--json` and `--jsonl`: a JSON Schema for each kind of object that the writers of this room write.

`tui-initflow help schema NAME` prints one of them, `tui-initflow help json` an outline of all. Settings, names and
limits are those of the tables in the code. An object has no key that its schema lacks: before a writer writes another,
it is described here, and the tests hold what is written against it. No numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tui_initflow.export.schemas.checkpoints import INSPECT, INSPECT_TWO
from tui_initflow.export.schemas.runs import CHECK, GRID, RUN, RUN_LINE, SWEEP
from tui_initflow.export.schemas.theory import LIST, THEORY
from tui_initflow.export.schemas.training import TRAIN, TRAIN_LINE, TRAIN_MAP
from tui_initflow.export.schemas.vocabulary import Schema

SCHEMAS: Mapping[str, Schema] = MappingProxyType(
    {
        "run": RUN,
        "run-line": RUN_LINE,
        "sweep": SWEEP,
        "grid": GRID,
        "theory": THEORY,
        "check": CHECK,
        "train": TRAIN,
        "train-line": TRAIN_LINE,
        "train-map": TRAIN_MAP,
        "inspect": INSPECT,
        "inspect-two": INSPECT_TWO,
        "list": LIST,
    }
)
"""By the command, and what was asked of it."""
