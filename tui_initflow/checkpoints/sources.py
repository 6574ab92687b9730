"""Where the bytes of tensors come from. Files are read, never mapped: one that shrinks would then end the process."""

from __future__ import annotations

import io
import os
import stat
import threading
import weakref
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, Protocol

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
        self._lock = threading.Lock()

    def read(self, start: int, out: Bytes) -> None:
        view, done = memoryview(out.data), 0
        while done < len(view):
            try:
                count = self._some(start + done, view[done:])
            except OSError as error:
                raise refuse(self._path, (error.strerror or "cannot be read").lower()) from None
            if not count:
                raise refuse(self._path, f"ends at byte {start + done:,}, before its numbers do")
            done += count

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


class Stream(io.RawIOBase):
    """A file as zipfile reads one."""

    def __init__(self, file: RegularFile) -> None:
        self._file, self._position = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._file.size}[whence]
        if base + offset < 0:
            raise OSError("before the start")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        count = max(0, min(len(buffer), self._file.size - self._position))
        out = np.frombuffer(buffer, np.uint8, count) if count else np.empty(0, np.uint8)
        self._file.read(self._position, out)
        self._position += count
        return count


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
