"""Arrays that numpy has saved: .npy, and .npz, which is a zip archive of those. Objects are never unpickled."""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tui_initflow.checkpoints.archives import Member, open_archive
from tui_initflow.checkpoints.sources import DTYPES, Part, RegularFile, Source, refuse
from tui_initflow.checkpoints.tensors import Tensor, check_shape
from tui_initflow.engine import pool
from tui_initflow.untrusted import brief, printable

MOST_HEADER = 1 << 16


def read_npy(path: Path, _: pool.Checkpoint) -> Iterator[Tensor]:
    """The one array of a file, named after it.

    Raises:
        CheckpointError: it is damaged, holds objects, or was never such a file.
    """
    file = RegularFile(path)
    yield _array(path.stem, file, file.size, path)


def read_npz(path: Path, _: pool.Checkpoint) -> Iterator[Tensor]:
    """The arrays of an archive, in its order. Nothing is unpacked but their headers.

    Raises:
        CheckpointError: it is damaged, holds objects, or unpacks to far more than its size.
    """
    file = RegularFile(path)
    archive = open_archive(file, path)
    for entry in archive.infolist():
        if entry.filename.endswith(".npy"):
            member = Member(archive, entry, path)
            yield _array(entry.filename.removesuffix(".npy"), member, entry.file_size, path)
            member.close()


def _array(name: str, source: Source, size: int, path: Path) -> Tensor:
    """The array that begins with this header; its numbers have to fill the rest."""
    start = np.empty(min(size, MOST_HEADER), np.uint8)
    source.read(0, start)
    raw = start.tobytes()
    # two bytes of length in version 1, four in later ones
    offset = 10 + int.from_bytes(raw[8:10], "little") if raw[6:7] == b"\1" else 12 + int.from_bytes(raw[8:12], "little")
    try:
        shape, fortran, dtype = _header(raw[:offset])
    except Exception:
        raise refuse(path, f"{brief(name)} is not an array that numpy has saved") from None
    if dtype.hasobject:
        raise refuse(path, f"{brief(name)} holds objects, which are never unpickled")
    if dtype.names is not None or dtype.name not in DTYPES:
        raise refuse(path, f"{brief(name)} holds {brief(str(dtype))[:40]}, not real numbers")
    known = DTYPES[dtype.name]
    check_shape(shape, known, size - offset, name, path)
    swapped = dtype.byteorder not in ("=", "|", "<" if sys.byteorder == "little" else ">")
    return Tensor(printable(name), shape, known, Part(source, offset), fortran and len(shape) > 1, swapped)


# an archive may have a hundred thousand arrays with a few headers
@lru_cache(maxsize=1 << 8)
def _header(raw: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether it is in Fortran's order, and type; raises whatever numpy does if they are no such header."""
    stream = io.BytesIO(raw)
    with warnings.catch_warnings():
        # numpy warns of headers that Python 2 has written
        warnings.simplefilter("ignore")
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(stream)
    return tuple(map(int, shape)), fortran, dtype
