"""Arrays that numpy has saved: .npy, and .npz, which is a zip archive of those. Objects are never unpickled."""

from __future__ import annotations

import io
import math
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tui_initflow.checkpoints.dtypes import DTYPES
from tui_initflow.checkpoints.errors import CheckpointError, brief, printable, refuse
from tui_initflow.checkpoints.sources import ZIP_ERRORS, Member, Part, RegularFile, Source, Stream
from tui_initflow.checkpoints.tensors import Tensor

MOST_HEADER = 1 << 16
MOST_ENTRIES = 1 << 18
MOST_DIRECTORY = 1 << 25
"""Bytes of an archive's directory."""
UNSUSPICIOUS, MOST_RATIO = 1 << 26, 50
"""Bytes that any archive may unpack to; beyond, this many for each of its own. Weights hardly shrink when packed."""


def read_npy(path: Path) -> Iterator[Tensor]:
    """The one array of a file, named after it.

    Raises:
        CheckpointError: it is damaged, holds objects, or was never such a file.
    """
    file = RegularFile(path)
    yield _array(path.stem, file, file.size, path)


def read_npz(path: Path) -> Iterator[Tensor]:
    """The arrays of an archive, in its order. Nothing is unpacked but their headers.

    Raises:
        CheckpointError: it is damaged, holds objects, or unpacks to far more than its size.
    """
    file = RegularFile(path)
    _check_directory(file, path)
    try:
        archive = zipfile.ZipFile(Stream(file))
        entries = archive.infolist()
    except (*ZIP_ERRORS, ValueError):
        raise refuse(path, "is not a zip archive") from None
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > max(UNSUSPICIOUS, MOST_RATIO * file.size):
        raise refuse(path, f"unpacks to {unpacked:,} bytes, more than {MOST_RATIO} times its size")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise refuse(path, "has the same name twice")
    for entry in entries:
        if entry.filename.endswith(".npy"):
            member = Member(archive, entry, path)
            yield _array(entry.filename.removesuffix(".npy"), member, entry.file_size, path)
            member.close()


def _check_directory(file: RegularFile, path: Path) -> None:
    """Refuse an archive whose directory would not fit in memory, before zipfile reads it."""
    tail = file.bytes(max(0, file.size - (1 << 16) - 22), min(file.size, (1 << 16) + 22))
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 20:
        raise refuse(path, "is not a zip archive")
    entries, size = (
        int.from_bytes(tail[end + 10 : end + 12], "little"),
        int.from_bytes(tail[end + 12 : end + 16], "little"),
    )
    locator = tail.rfind(b"PK\x06\x06")
    if locator >= 0 and len(tail) >= locator + 48:
        entries, size = (int.from_bytes(tail[locator + at : locator + at + 8], "little") for at in (32, 40))
    if entries > MOST_ENTRIES or size > MOST_DIRECTORY:
        raise refuse(path, f"has {entries:,} entries; at most {MOST_ENTRIES:,} are read")


def _array(name: str, source: Source, size: int, path: Path) -> Tensor:
    """The array that begins with this header; its numbers have to fill the rest."""
    start = np.empty(min(size, MOST_HEADER), np.uint8)
    source.read(0, start)
    stream = io.BytesIO(start.tobytes())
    try:
        with warnings.catch_warnings():
            # numpy warns of headers that Python 2 has written
            warnings.simplefilter("ignore")
            version = np.lib.format.read_magic(stream)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(stream)
    except Exception:
        raise refuse(path, f"{brief(name)} is not an array that numpy has saved") from None
    if dtype.hasobject:
        raise refuse(path, f"{brief(name)} holds objects, which are never unpickled")
    if dtype.names is not None or dtype.name not in DTYPES:
        raise refuse(path, f"{brief(name)} holds {brief(str(dtype))[:40]}, not real numbers")
    shape = tuple(int(number) for number in shape)
    if any(number < 0 for number in shape) or len(shape) > 64:
        raise refuse(path, f"{brief(name)} has no valid shape")
    known, offset = DTYPES[dtype.name], stream.tell()
    if math.prod(shape) * known.size != size - offset:
        raise refuse(path, f"{brief(name)} has {size - offset} bytes, {math.prod(shape) * known.size} by its shape")
    swapped = dtype.byteorder not in ("=", "|", "<" if sys.byteorder == "little" else ">")
    try:
        return Tensor(printable(name), shape, known, Part(source, offset), fortran and len(shape) > 1, swapped)
    except CheckpointError as error:
        raise refuse(path, str(error)) from None
