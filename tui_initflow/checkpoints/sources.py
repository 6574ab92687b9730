"""Where the bytes of tensors come from. Files are read, never mapped: one that shrinks would then end the process."""

from __future__ import annotations

import os
import stat
import threading
import zipfile
import zlib
from pathlib import Path
from typing import IO, Protocol

import numpy as np

from tui_initflow.checkpoints.dtypes import Bytes
from tui_initflow.checkpoints.errors import CheckpointError, brief, refuse


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
    """An open file, never a pipe or a device. Threads may read from it at the same time."""

    in_order = False

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # opening a FIFO would otherwise wait for someone to write to it
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise refuse(path, (error.strerror or "cannot be opened").lower()) from None
        except ValueError:
            raise refuse(path, "not a valid file name") from None
        self.file: IO[bytes] = os.fdopen(handle, "rb", buffering=0) if _is_regular(handle) else _closed(handle, path)
        self.size = os.fstat(handle).st_size
        self._lock = threading.Lock()

    def read(self, start: int, out: Bytes) -> None:
        view, done = memoryview(out.data), 0
        while done < len(view):
            try:
                if hasattr(os, "preadv"):
                    count = os.preadv(self.file.fileno(), [view[done:]], start + done)
                else:
                    with self._lock:
                        self.file.seek(start + done)
                        count = self.file.readinto(view[done:])  # type: ignore[attr-defined]
            except OSError as error:
                raise refuse(self._path, (error.strerror or "cannot be read").lower()) from None
            if not count:
                raise refuse(self._path, f"ends at byte {start + done:,}, before its numbers do")
            done += count

    def bytes(self, start: int, count: int) -> bytes:
        """A few bytes, such as a header."""
        out = np.empty(count, np.uint8)
        self.read(start, out)
        return out.tobytes()


def _is_regular(handle: int) -> bool:
    return stat.S_ISREG(os.fstat(handle).st_mode)


def _closed(handle: int, path: Path) -> IO[bytes]:
    is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
    os.close(handle)
    raise refuse(path, "is a folder" if is_folder else "is not a regular file")


class Part:
    """A stretch of another source."""

    def __init__(self, source: Source, start: int) -> None:
        self._source, self._start = source, start
        self.in_order = source.in_order

    def read(self, start: int, out: Bytes) -> None:
        self._source.read(self._start + start, out)


class Memory:
    """Bytes that have been read."""

    in_order = False

    def __init__(self, data: Bytes) -> None:
        self._data = data

    def read(self, start: int, out: Bytes) -> None:
        out[:] = self._data[start : start + len(out)]

    def view(self, start: int, count: int) -> Bytes:
        """The bytes themselves, without a copy."""
        return self._data[start : start + count]


class Member:
    """A file in a zip archive, unpacked as it is read. Going back starts over."""

    in_order = True

    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
        self._archive, self._entry, self._path = archive, entry, path
        self._stream: IO[bytes] | None = None
        self._position = 0

    def read(self, start: int, out: Bytes) -> None:
        try:
            if self._stream is None or start < self._position:
                self.close()
                self._stream, self._position = self._archive.open(self._entry), 0
            while self._position < start:
                self._position += self._taken(min(start - self._position, 1 << 20))
            done = 0
            while done < len(out):
                chunk = self._stream.read(min(len(out) - done, 1 << 20))
                if not chunk:
                    raise EOFError
                out[done : done + len(chunk)] = np.frombuffer(chunk, np.uint8)
                done += len(chunk)
                self._position += len(chunk)
        except CheckpointError:
            raise
        except (*ZIP_ERRORS, ValueError):
            raise refuse(self._path, f"{brief(self._entry.filename)} is damaged") from None

    def _taken(self, count: int) -> int:
        assert self._stream is not None
        chunk = self._stream.read(count)
        if not chunk:
            raise EOFError
        return len(chunk)

    def close(self) -> None:
        """Forget the stream, and the memory it takes."""
        if self._stream is not None:
            self._stream.close()
        self._stream = None


ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, NotImplementedError, RuntimeError)
"""What zipfile raises at a damaged archive, an encrypted one or one with a compression that it lacks."""
