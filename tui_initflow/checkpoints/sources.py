"""Where the bytes of tensors come from. Files are read, never mapped: one that shrinks would then end the process.

Training writes to a checkpoint while it is read. So every read is followed by a look at the file's size and time of
change: bytes that are given out are those of the file as it was when it was opened.
"""

from __future__ import annotations

import os
import stat
import threading
import weakref
from pathlib import Path
from typing import Protocol

import numpy as np

from tui_initflow.checkpoints.dtypes import Bytes
from tui_initflow.checkpoints.errors import ChangedError, brief, refuse


class Source(Protocol):
    """Bytes that can be read from any position on; `in_order` if going back is expensive."""

    @property
    def in_order(self) -> bool: ...

    def read(self, start: int, out: Bytes) -> None:
        """Fill `out` with the bytes from `start` on.

        Raises:
            CheckpointError: they are not there.
        """


class RegularFile:
    """A regular file, open for as long as this object lives. Several threads may read from it at once."""

    in_order = False

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # opening a FIFO would otherwise wait for someone to write to it
            self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise refuse(path, (error.strerror or "cannot be opened").lower()) from None
        except ValueError:
            raise refuse(path, "not a valid file name") from None
        weakref.finalize(self, os.close, self._handle)
        status = os.fstat(self._handle)
        if not stat.S_ISREG(status.st_mode):
            raise refuse(path, "is a folder" if stat.S_ISDIR(status.st_mode) else "is not a regular file")
        self.size = status.st_size
        self._written = status.st_mtime_ns
        self._lock = threading.Lock()

    def read(self, start: int, out: Bytes) -> None:
        """Fill `out` with the bytes from `start` on.

        Raises:
            ChangedError: the file is no longer as it was when it was opened.
            CheckpointError: they are not there.
        """
        view, done = memoryview(out.data), 0
        try:
            while done < len(view) and (count := self._some(start + done, view[done:])):
                done += count
            status = os.fstat(self._handle)
        except OSError as error:
            raise refuse(self._path, (error.strerror or "cannot be read").lower()) from None
        if (status.st_size, status.st_mtime_ns) != (self.size, self._written):
            raise ChangedError(f"{brief(self._path.name)}: changed while it was read; try again once it is written")
        if done < len(view):
            raise refuse(self._path, f"ends at byte {start + done:,}, before its numbers do")

    def _some(self, start: int, view: memoryview) -> int:
        """Read some bytes; returns how many."""
        if hasattr(os, "preadv"):
            return os.preadv(self._handle, [view], start)
        with self._lock:
            os.lseek(self._handle, start, os.SEEK_SET)
            chunk = os.read(self._handle, len(view))
        view[: len(chunk)] = chunk
        return len(chunk)

    def bytes(self, start: int, count: int) -> bytes:
        """A few bytes, such as a header."""
        out = np.empty(count, np.uint8)
        self.read(start, out)
        return out.tobytes()


class Part:
    """A stretch of another source."""

    __slots__ = ("_source", "_start")

    def __init__(self, source: Source, start: int) -> None:
        self._source, self._start = source, start

    @property
    def in_order(self) -> bool:
        return self._source.in_order

    def read(self, start: int, out: Bytes) -> None:
        self._source.read(self._start + start, out)


class Memory:
    """Bytes that have been read."""

    in_order = False

    def __init__(self, data: Bytes) -> None:
        self._data = data

    def read(self, start: int, out: Bytes) -> None:
        out[:] = self._data[start : start + len(out)]
