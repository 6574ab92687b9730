"""Files that `torch.save` has written, read without PyTorch, which is neither needed nor imported.

Such a file is a pickle that describes the tensors, and the storages with their numbers. The pickle is read as data
(`pickles`), so nothing in a file is executed; the numbers are read where they lie, when they are needed. Since PyTorch
1.6 the file is a zip archive, and before it is a row of pickles with the storages after them.
https://github.com/pytorch/pytorch/blob/main/torch/serialization.py
"""

from __future__ import annotations

import struct
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tui_initflow.checkpoints.archives import ENCRYPTED, HEADER, MOST_RATIO, Member, most_bytes, open_archive
from tui_initflow.checkpoints.pickled_tensors import STORAGES, Storage, Strided, View, Walk, array_of, view_of
from tui_initflow.checkpoints.pickles import MOST_PICKLE, Made, Name, PickleEnds, PickleError, read_pickle
from tui_initflow.checkpoints.sources import Memory, Part, RegularFile, Source, refuse
from tui_initflow.checkpoints.tensors import Tensor
from tui_initflow.engine import pool
from tui_initflow.untrusted import brief, printable

MAGIC = 0x1950A86A20F9469CFC6C
"""The first pickle of a file from before 1.6."""
MOST_BEFORE, MOST_AFTER = 1 << 16, 1 << 26
"""Bytes of memory for each of its pickles before the one that describes the tensors, and for the one after."""


class Storages(Protocol):
    """Where the numbers of a file's storages are. `swapped`: their bytes are in the order this machine does not use."""

    @property
    def swapped(self) -> bool: ...

    def source(self, key: str, end: int) -> Source | None:
        """The bytes of a storage, of which those before `end` are read; None if it has fewer, or is not there."""


def read_pytorch(path: Path, checkpoint: pool.Checkpoint) -> Iterator[Tensor]:
    """The tensors of a file, under the names of the dictionaries, lists, modules and objects that they are in.

    `checkpoint` is called now and then, and may raise.

    Raises:
        CheckpointError: it is damaged, describes more than it has, or was never such a file.
    """
    file = RegularFile(path)
    try:
        is_archive = file.size >= 4 and file.bytes(0, 4) == b"PK\x03\x04"
        value, storages = (_archive if is_archive else _legacy)(file, path, checkpoint)
        yield from _tensors(value, storages, most_bytes(file), checkpoint)
    except PickleError as error:
        raise refuse(path, str(error)) from None


def _tensors(value: Any, storages: Storages, most: int, checkpoint: pool.Checkpoint) -> Iterator[Tensor]:
    """The tensors in a value, whose numbers take up to `most` bytes."""
    total = 0
    sources: dict[View, Source] = {}
    for name, made in Walk(checkpoint).tensors(value):
        try:
            tensor = _tensor(name, made, storages, sources)
        except PickleError as error:
            raise PickleError(f"{brief(name)} {error}") from None
        total += tensor.bytes
        if total > most:
            much = f"{brief(name)} and what comes before it have {total:,} bytes"
            raise PickleError(f"{much}, more than {MOST_RATIO} times as many as the file")
        yield tensor


def _tensor(name: str, made: Made, storages: Storages, sources: dict[View, Source]) -> Tensor:
    array = array_of(made)
    if array is not None:
        dtype, shape, fortran, swapped, data = array
        return Tensor(printable(name), shape, dtype, Memory(data), fortran, swapped)
    view = view_of(made)
    if view not in sources:
        sources[view] = _source(view, storages)
    # tied tensors have one source, which shows that they are
    fortran = view.is_fortran and not view.is_contiguous
    return Tensor(printable(name), view.shape, view.dtype, sources[view], fortran, storages.swapped)


def _source(view: View, storages: Storages) -> Source:
    storage, start = view.storage, view.storage.start * view.storage.size
    source = storages.source(storage.key, start + view.end)
    if source is None:
        raise PickleError("lies outside its storage")
    if view.is_contiguous or view.is_fortran:
        return Part(source, start + view.offset * view.dtype.size)
    if source.in_order:
        raise PickleError("is scattered over a compressed storage, which is not read")
    return Strided(Part(source, start), view)


@dataclass(frozen=True, slots=True)
class InArchive:
    """The storages of a zip archive: entries under their keys, mostly stored as they are."""

    file: RegularFile
    archive: zipfile.ZipFile
    folder: str
    path: Path
    swapped: bool

    def source(self, key: str, end: int) -> Source | None:
        entry = self.archive.NameToInfo.get(f"{self.folder}/data/{key}")
        if entry is None or entry.file_size < end:
            return None
        return _opened(self.file, self.archive, entry, end, self.path)


def _archive(file: RegularFile, path: Path, checkpoint: pool.Checkpoint) -> tuple[Any, Storages]:
    """The value of the pickle in a zip archive, and its storages."""
    archive = open_archive(file, path)
    entries = archive.NameToInfo
    folder = next(iter(entries), "").partition("/")[0]

    def content(name: str, most: int) -> bytes | None:
        entry = entries.get(f"{folder}/{name}")
        if entry is None:
            return None
        if entry.file_size > most:
            raise refuse(path, f"its {name} has {entry.file_size:,} bytes; at most {most:,} are read")
        raw = np.empty(entry.file_size, np.uint8)
        _opened(file, archive, entry, entry.file_size, path).read(0, raw)
        return raw.tobytes()

    data = content("data.pkl", MOST_PICKLE)
    if data is None:
        raise refuse(path, "is a zip archive that torch.save has not written")
    order = content("byteorder", 16) or b"little"
    if order not in (b"little", b"big"):
        raise refuse(path, "has an unknown order of bytes")
    value, _ = read_pickle(data, 0, checkpoint, _storage)
    return value, InArchive(file, archive, folder, path, order != sys.byteorder.encode())


def _opened(file: RegularFile, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, end: int, path: Path) -> Source:
    """The bytes of an entry, of which those before `end` are read; where they lie, unless they are packed."""
    start = entry.header_offset
    if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & ENCRYPTED:
        return Member(archive, entry, path, end)
    head = file.bytes(start, HEADER) if 0 <= start <= file.size - HEADER else b""
    start += HEADER + sum(struct.unpack("<HH", head[26:] or bytes(4)))
    if not head.startswith(b"PK\x03\x04") or entry.file_size > file.size - start:
        raise refuse(path, f"{brief(entry.filename)} is damaged")
    return Part(file, start)


@dataclass(frozen=True, slots=True)
class InRow:
    """The storages of a file from before 1.6: where each begins, and its bytes, by its key."""

    file: RegularFile
    places: Mapping[str, tuple[int, int]]
    swapped: bool = sys.byteorder == "big"

    def source(self, key: str, end: int) -> Source | None:
        start, count = self.places.get(key, (0, -1))
        return Part(self.file, start) if end <= count else None


def _legacy(file: RegularFile, path: Path, checkpoint: pool.Checkpoint) -> tuple[Any, Storages]:
    """The value of the fourth pickle in a file from before 1.6, and its storages."""
    if file.size > 512 and file.bytes(257, 5) == b"ustar":
        raise refuse(path, "is in PyTorch's first format, a tar archive: load it with PyTorch, and save it again")
    try:
        magic, _ = read_pickle(file.bytes(0, min(file.size, 64)), 0, checkpoint, memory=MOST_BEFORE)
    except PickleError:
        magic = None
    if magic != MAGIC:
        raise refuse(path, "was not written by torch.save")
    sizes: dict[str, int] = {}

    def stored(key: Any) -> Any:
        found = _storage(key)
        if isinstance(found, Storage):
            sizes[found.key] = found.size
        return found

    data, at = file.bytes(0, min(file.size, MOST_PICKLE)), 0
    try:
        # the magic number, the version, and sizes of types on the machine that wrote it
        for _ in range(3):
            _, at = read_pickle(data, at, checkpoint, memory=MOST_BEFORE)
        value, at = read_pickle(data, at, checkpoint, stored)
        keys, at = read_pickle(data, at, checkpoint, memory=MOST_AFTER)
    except PickleEnds:
        if file.size <= MOST_PICKLE:
            raise
        raise refuse(path, f"takes more than {MOST_PICKLE:,} bytes to describe its tensors") from None
    places: dict[str, tuple[int, int]] = {}
    for key in keys if isinstance(keys, list) else ():
        checkpoint()
        if not isinstance(key, str) or key not in sizes:
            raise refuse(path, "has numbers of unknown type")
        count = int.from_bytes(file.bytes(at, 8), "little") * sizes[key]
        if count > file.size - at - 8:
            raise refuse(path, f"ends at byte {file.size:,}, before its numbers do")
        places[key] = at + 8, count
        at += 8 + count
    return value, InRow(file, places)


def _storage(key: Any) -> Any:
    """What a pickle means by the key of something that is not in it: a storage, or the class of a module."""
    match key:
        case ("storage", Name() as kind, str() as which, _, int()) | (
            "storage",
            Name() as kind,
            str() as which,
            _,
            int(),
            None,
        ):
            start = 0
        case ("storage", Name() as kind, str() as which, _, int(), (_, int() as start, int())):
            pass
        case ("module", what, _, _):
            return what
        case _:
            return None
    dtype = STORAGES.get(kind.path.rpartition(".")[2])
    return None if dtype is None or start < 0 else Storage(which, dtype, start)
