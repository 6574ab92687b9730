"""Tensors and files for the tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow import Experiment
from tui_initflow.checkpoints.scan import Measured, scan
from tui_initflow.checkpoints.sources import DTYPES, Memory
from tui_initflow.checkpoints.tensors import Checkpoint, Tensor
from tui_initflow.findings.inspection import Inspection
from tui_initflow.lab.readings import inspect

MADE_BY_PYTORCH = Path(__file__).parent / "made_by_pytorch"


def tensor(name: str, values: NDArray[Any]) -> Tensor:
    """A tensor in memory, of a type that numpy has."""
    array = np.ascontiguousarray(values)
    return Tensor(name, values.shape, DTYPES[array.dtype.name], Memory(array.reshape(-1).view(np.uint8)))


def measured(**arrays: NDArray[Any]) -> dict[str, Measured]:
    """The statistics of arrays, by name; a name may have _ for its dots."""
    checkpoint = Checkpoint("memory", tuple(tensor(name.replace("__", "."), array) for name, array in arrays.items()))
    return {one.name: one for one in scan(checkpoint)}


def entry(shape: list[Any], start: int, end: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def safetensors(path: Path, header: Mapping[str, Any] | bytes, numbers: bytes = b"", length: int | None = None) -> Path:
    """A file with this header and, if it is not to be right, this length of it."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(raw) if length is None else length).to_bytes(8, "little") + raw + numbers)
    return path


def inspection() -> Inspection:
    """Of two layers that fit."""
    source = np.random.default_rng(0)
    arrays = {"fc1.weight": source.normal(size=(6, 5)), "fc2.weight": source.normal(size=(4, 6))}
    checkpoint = Checkpoint("file", tuple(tensor(name, array) for name, array in arrays.items()))
    return inspect(checkpoint, Experiment(b="he-normal", runs=3), 1e-3, threading.Event())
