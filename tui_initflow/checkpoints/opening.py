"""From a path to its tensors: which format it is, the shards of a folder, and no path that a file could smuggle in."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tui_initflow.checkpoints.numpy_files import read_npy, read_npz
from tui_initflow.checkpoints.pytorch_files import read_pytorch
from tui_initflow.checkpoints.safetensors_files import parsed, read_safetensors
from tui_initflow.checkpoints.sources import CheckpointError, RegularFile, refuse
from tui_initflow.checkpoints.tensors import Checkpoint, Tensor
from tui_initflow.engine import pool
from tui_initflow.untrusted import brief, printable

INDEX = ".index.json"
MOST_INDEX = 25_000_000
MOST_SHARDS = 500
"""Files, which are all open at once."""
MOST_TENSORS = 1 << 18
_READERS: Mapping[str, Callable[[Path, pool.Checkpoint], Iterator[Tensor]]] = {
    ".safetensors": read_safetensors,
    ".npz": read_npz,
    ".npy": read_npy,
}
_PYTORCH = (".pt", ".pth", ".bin", ".ckpt", ".pth.tar")
FORMATS = f"{', '.join((*_READERS, *_PYTORCH))}, a folder of .safetensors, or its {INDEX}"
"""What can be opened, in words."""


def open_checkpoint(path: Path, cancel: threading.Event | None = None) -> Checkpoint:
    """The tensors of a file, of a folder of .safetensors, or of those that an index lists.

    Raises:
        CheckpointError: it cannot be read, in one line.
        Cancelled: `cancel` is set.
    """
    checkpoint = pool.Stop(cancel).checkpoint
    try:
        if path.is_dir():
            tensors = _folder(path, checkpoint)
        elif path.name.endswith(INDEX):
            tensors = _indexed(path, checkpoint)
        elif path.suffix.lower() in _READERS:
            tensors = _READERS[path.suffix.lower()](path, checkpoint)
        elif path.name.lower().endswith(_PYTORCH):
            tensors = read_pytorch(path, checkpoint)
        elif not path.exists():
            raise refuse(path, "no such file or directory")
        else:
            raise refuse(path, f"is none of {FORMATS}")
        found = _counted(tensors, path, checkpoint)
    except OSError as error:
        raise refuse(path, (error.strerror or "cannot be read").lower()) from None
    except ValueError as error:
        if isinstance(error, CheckpointError):
            raise
        raise refuse(path, "not a valid file name") from None
    except MemoryError:
        raise refuse(path, "does not fit in memory") from None
    if not found:
        raise refuse(path, "has no tensors")
    return Checkpoint(printable(path.name or str(path)), found)


def _counted(tensors: Iterable[Tensor], path: Path, checkpoint: pool.Checkpoint) -> tuple[Tensor, ...]:
    """All of them, unless they are too many or share a name."""
    found: list[Tensor] = []
    names: set[str] = set()
    for tensor in tensors:
        checkpoint()
        if len(found) >= MOST_TENSORS:
            raise refuse(path, f"has more than {MOST_TENSORS:,} tensors")
        if tensor.name in names:
            raise refuse(path, f"has two tensors named {brief(tensor.name)}")
        names.add(tensor.name)
        found.append(tensor)
    return tuple(found)


def _folder(path: Path, checkpoint: pool.Checkpoint) -> Iterator[Tensor]:
    """The tensors of the index, if the folder has one, else of all its .safetensors."""
    files = sorted(os.listdir(path))
    indices = [name for name in files if name.endswith(f".safetensors{INDEX}")]
    if len(indices) == 1:
        yield from _indexed(path / indices[0], checkpoint)
        return
    shards = [name for name in files if name.endswith(".safetensors")]
    if not shards:
        raise refuse(path, "is a folder without .safetensors files")
    if len(shards) > MOST_SHARDS:
        raise refuse(path, f"has more than {MOST_SHARDS} .safetensors files")
    for shard in shards:
        yield from read_safetensors(path / shard, checkpoint)


def _indexed(path: Path, checkpoint: pool.Checkpoint) -> Iterator[Tensor]:
    """The tensors that an index of shards lists, in the files beside it and nowhere else."""
    file = RegularFile(path)
    if file.size > MOST_INDEX:
        raise refuse(path, f"is {file.size} bytes long; at most {MOST_INDEX} are read")
    listed = parsed(file.bytes(0, file.size), path, "it", checkpoint).get("weight_map")
    if not isinstance(listed, dict) or not listed:
        raise refuse(path, "has no weight_map")
    for name, shard in listed.items():
        if not isinstance(shard, str) or not _is_beside(shard):
            raise refuse(path, f"{brief(name)} is in {brief(str(shard)[:60])}, which is not a .safetensors beside it")
    shards = sorted(set(listed.values()))
    if len(shards) > MOST_SHARDS:
        raise refuse(path, f"has more than {MOST_SHARDS} shards")
    missing = {printable(name): shard for name, shard in listed.items()}
    for shard in shards:
        for tensor in read_safetensors(path.parent / shard, checkpoint):
            if missing.get(tensor.name) == shard:
                del missing[tensor.name]
                yield tensor
    if missing:
        name, shard = next(iter(missing.items()))
        raise refuse(path, f"{brief(name)} is not in {brief(shard)}")


def _is_beside(name: str) -> bool:
    """Whether it names a file of the same folder, on any system."""
    return name.endswith(".safetensors") and not name.startswith(".") and not set("/\\:\0") & set(name)
