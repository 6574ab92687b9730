"""Files of PyTorch, read by PyTorch alone: with weights_only=True it runs no code of the file."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tui_initflow.checkpoints.dtypes import DTYPES, Bytes
from tui_initflow.checkpoints.errors import CheckpointError, brief, printable, refuse
from tui_initflow.checkpoints.sources import RegularFile
from tui_initflow.checkpoints.tensors import Tensor

MOST_UNMAPPED = 200_000_000
"""Bytes of a file in PyTorch's format from before 1.6, which has to be read whole."""
MOST_LEVELS = 16
CONVERT = (
    'or convert it where PyTorch is: python -c "import torch, safetensors.torch as s; '
    "s.save_file(torch.load('FILE', weights_only=True), 'FILE.safetensors')\""
)


class StoredByTorch:
    """The numbers of a tensor of PyTorch, as bytes; they stay in the mapped file."""

    in_order = False

    def __init__(self, flat: Any) -> None:
        self._flat = flat

    def read(self, start: int, out: Bytes) -> None:
        out[:] = self._flat[start : start + len(out)].numpy()


def read_pytorch(path: Path) -> Iterator[Tensor]:
    """The tensors of a file, under the names of the dictionaries that they are in.

    Raises:
        CheckpointError: PyTorch is not installed, or refuses the file.
    """
    file = RegularFile(path)
    try:
        import torch
    except ImportError:
        raise refuse(path, f"needs PyTorch to read it: pip install torch; {CONVERT}") from None
    is_new = zipfile.is_zipfile(path)
    if not is_new and file.size > MOST_UNMAPPED:
        raise refuse(path, f"is in PyTorch's old format and too large to read whole; {CONVERT}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=is_new)
    except Exception:
        raise refuse(path, "PyTorch does not load it with weights_only=True: it is damaged, or holds code") from None
    found = False
    for name, tensor in _tensors(content, "", torch, 0):
        found = True
        yield _tensor(name, tensor, torch, path)
    if not found:
        raise refuse(path, "has no tensors")


def _tensors(content: object, name: str, torch: Any, level: int) -> Iterator[tuple[str, Any]]:
    """The tensors in nested dictionaries and lists, with their names joined by dots."""
    if isinstance(content, torch.Tensor):
        yield name or "tensor", content
    elif level < MOST_LEVELS:
        items: Any = ()
        if isinstance(content, Mapping):
            items = content.items()
        elif isinstance(content, (list, tuple)):
            items = enumerate(content)
        for key, value in items:
            yield from _tensors(value, f"{name}.{key}" if name else str(key), torch, level + 1)


def _tensor(name: str, tensor: Any, torch: Any, path: Path) -> Tensor:
    dtype = str(tensor.dtype).removeprefix("torch.")
    if dtype not in DTYPES or tensor.layout is not torch.strided or tensor.device.type != "cpu":
        raise refuse(path, f"{brief(name)} holds {dtype}, not dense real numbers")
    try:
        # a view of what is stored, unless it is stored in another order
        flat = tensor.detach().contiguous().flatten()
        raw = flat.view(torch.uint8) if flat.numel() else torch.empty(0, dtype=torch.uint8)
    except RuntimeError as error:
        raise CheckpointError(f"{brief(path.name)}: {brief(name)} cannot be read: {brief(str(error))}") from None
    source = StoredByTorch(raw)
    return Tensor(printable(name), tuple(int(n) for n in tensor.shape), DTYPES[dtype], source)
