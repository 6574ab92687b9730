"""Tensors and files for the tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow import Experiment
from tui_initflow.checkpoints.chain import carry, find_chain
from tui_initflow.checkpoints.dtypes import DTYPES
from tui_initflow.checkpoints.scan import Measured, scan
from tui_initflow.checkpoints.sources import Memory
from tui_initflow.checkpoints.tensors import Checkpoint, Tensor
from tui_initflow.findings.inspection import Inspection, judged
from tui_initflow.theory.outlook import theory_of

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
    tensors = tuple(measured(**arrays).values())
    carried = carry(find_chain(tensors), Experiment(b="he-normal", runs=3), "file")
    return Inspection(
        file="file",
        activation="tanh",
        min_gradient=1e-3,
        total=2,
        tensors=judged(tensors, "tanh"),
        carried=carried,
        no_chain=None,
        theory=None if carried.experiment is None else theory_of(carried.experiment, 1e-3),
    )
