"""Zip archives and their members, unpacked no further than they are read: a few bytes may unpack to terabytes.

zipfile reads the directory. The members are unpacked here, because zipfile limits what a read gives, but not what bzip2
and LZMA unpack for it.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from tui_initflow.checkpoints.sources import Bytes, CheckpointError, RegularFile, refuse
from tui_initflow.untrusted import brief

try:
    import bz2
    import lzma
except ImportError:  # a Python that was built without
    bz2 = lzma = None  # type: ignore[assignment]

MOST_ENTRIES = 1 << 18
MOST_DIRECTORY = 1 << 25
"""Bytes of an archive's directory."""
UNSUSPICIOUS, MOST_RATIO = 1 << 26, 50
"""Bytes that any file may unpack to; beyond, this many for each of its own. Weights hardly shrink when packed."""
MOST_WINDOW = 1 << 26
"""Bytes that LZMA may have to look back: what its highest preset uses."""
PACKED, UNPACKED = 1 << 16, 1 << 20
"""Bytes that are read, and that are unpacked, at a time."""
LEAST_WINDOW = 1 << 12
HEADER, ENCRYPTED = 30, 0x1
"""Bytes before the name of a member, and the flag of an encrypted one."""
ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, *(() if lzma is None else (lzma.LZMAError,))),
    *(KeyError, ValueError, OverflowError, NotImplementedError, RuntimeError, MemoryError),
)
"""What zipfile raises at a damaged archive, an encrypted one or one with a compression that it lacks."""


def open_archive(file: RegularFile, path: Path) -> zipfile.ZipFile:
    """A zip archive whose names differ, and which does not unpack to far more than its size.

    Raises:
        CheckpointError: it is damaged, or has too many entries.
    """
    _check_directory(file, path)
    try:
        archive = zipfile.ZipFile(Stream(file))
    except CheckpointError:
        raise
    except ZIP_ERRORS:
        raise refuse(path, "is not a zip archive") from None
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > most_bytes(file):
        raise refuse(path, f"unpacks to {unpacked:,} bytes, more than {MOST_RATIO} times its size")
    if sum(entry.compress_size for entry in entries) > file.size:
        raise refuse(path, "has members that overlap")
    if len(archive.NameToInfo) < len(entries):
        raise refuse(path, "has the same name twice")
    return archive


def most_bytes(file: RegularFile) -> int:
    """Bytes that a file may unpack to."""
    return max(UNSUSPICIOUS, MOST_RATIO * file.size)


def _check_directory(file: RegularFile, path: Path) -> None:
    """Refuse a directory that would not fit in memory, before zipfile reads it from the same place."""
    tail = file.bytes(max(0, file.size - (1 << 16) - 22), min(file.size, (1 << 16) + 22))
    has_comment = tail[-22:-18] != b"PK\x05\x06" or tail[-2:] != b"\0\0"
    end = tail.rfind(b"PK\x05\x06") if has_comment else len(tail) - 22
    if end < 0 or len(tail) < end + 22:
        raise refuse(path, "is not a zip archive")
    size, above = int.from_bytes(tail[end + 12 : end + 16], "little"), file.size - len(tail) + end
    if above >= 76:
        large = file.bytes(above - 76, 76)
        if large.startswith(b"PK\x06\x06") and large[56:60] == b"PK\x06\x07":
            size, above = int.from_bytes(large[40:48], "little"), above - 76
    if size > min(above, MOST_DIRECTORY):
        raise refuse(path, f"has a directory of {size:,} bytes; at most {min(above, MOST_DIRECTORY):,} are read")
    entries = file.bytes(above - size, size).count(b"PK\x01\x02")
    if entries > MOST_ENTRIES:
        raise refuse(path, f"has {entries:,} entries; at most {MOST_ENTRIES:,} are read")


class Stream(io.RawIOBase):
    """A file as zipfile reads one."""

    def __init__(self, file: RegularFile) -> None:
        self.file, self._position = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.file.size}[whence]
        if base + offset < 0:
            raise OSError("before the start")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        count = max(0, min(len(buffer), self.file.size - self._position))
        out = np.frombuffer(buffer, np.uint8, count) if count else np.empty(0, np.uint8)
        self.file.read(self._position, out)
        self._position += count
        return count


class Member:
    """A file in a zip archive, unpacked as it is read. Going back starts over.

    Once the byte before `end` has been read, the memory that unpacking takes is given back.
    """

    __slots__ = ("_end", "_file", "_packed", "_path", "_position", "_unpacking")
    in_order = True

    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, end: int | None = None) -> None:
        stream: object = archive.fp
        assert isinstance(stream, Stream)
        self._file, self._path = stream.file, path
        # what is needed of the entry, a third of its size
        self._packed = Packed(
            *(entry.filename, entry.header_offset, entry.compress_type, bool(entry.flag_bits & ENCRYPTED)),
            *(entry.compress_size, entry.file_size, entry.CRC),
        )
        self._end = entry.file_size if end is None else end
        self._unpacking: Unpacking | None = None
        self._position = 0

    def read(self, start: int, out: Bytes) -> None:
        try:
            if self._unpacking is None or start < self._position:
                self._unpacking, self._position = Unpacking(self._file, self._packed), 0
            while self._position < start:
                self._position += len(self._unpacking.some(start - self._position))
            done = 0
            while done < len(out):
                chunk = self._unpacking.some(len(out) - done)
                out[done : done + len(chunk)] = np.frombuffer(chunk, np.uint8)
                done += len(chunk)
            self._position += done
        except CheckpointError:
            raise
        except NotImplementedError as error:
            raise refuse(self._path, f"{brief(self._packed.name)} {error}") from None
        except ZIP_ERRORS:
            raise refuse(self._path, f"{brief(self._packed.name)} is damaged") from None
        if self._position >= self._end:
            self.close()

    def close(self) -> None:
        """Forget what has been unpacked, and the memory that it takes."""
        self._unpacking = None


class Packed(NamedTuple):
    """What the directory says of a member: its name, where it begins, and its sizes."""

    name: str
    start: int
    method: int
    is_encrypted: bool
    packed_size: int
    size: int
    checksum: int


class Unpacking:
    """The bytes of a member, from its first one on."""

    def __init__(self, file: RegularFile, packed: Packed) -> None:
        if packed.is_encrypted:
            raise NotImplementedError("is encrypted")
        head = file.bytes(packed.start, HEADER) if 0 <= packed.start <= file.size - HEADER else b""
        if not head.startswith(b"PK\x03\x04"):
            raise zipfile.BadZipFile
        self._file = file
        self._at = packed.start + HEADER + sum(struct.unpack("<HH", head[26:]))
        self._packed_left, self._left = packed.packed_size, packed.size
        self._checksum, self._expected = 0, packed.checksum
        # until the properties of LZMA are read
        self._unpacker: Unpacker = Stored()
        self._unpacker = self._made(packed.method)

    def some(self, most: int) -> bytes:
        """The next bytes, at least one and at most this many.

        Raises:
            EOFError: there are none.
            zipfile.BadZipFile: they were the last ones, and the checksum is another.
        """
        count, chunk = min(most, UNPACKED, self._left), b""
        while not chunk:
            needs_input = self._unpacker.needs_input
            packed = self._next(count) if needs_input else b""
            if not count or self._unpacker.eof or (needs_input and not packed):
                raise EOFError
            chunk = self._unpacker.decompress(packed, count)
        self._left -= len(chunk)
        self._checksum = zlib.crc32(chunk, self._checksum)
        if not self._left and self._checksum != self._expected:
            raise zipfile.BadZipFile
        return chunk

    def _next(self, wanted: int) -> bytes:
        """More of the packed bytes, as many as are wanted if they are not really packed."""
        count = min(wanted if isinstance(self._unpacker, Stored) else PACKED, self._packed_left)
        packed = self._file.bytes(self._at, count)
        self._at, self._packed_left = self._at + count, self._packed_left - count
        return packed

    def _made(self, method: int) -> Unpacker:
        match method:
            case zipfile.ZIP_STORED:
                return Stored()
            case zipfile.ZIP_DEFLATED:
                return Deflated()
            case zipfile.ZIP_BZIP2 if bz2 is not None:
                return bz2.BZ2Decompressor()
            case zipfile.ZIP_LZMA if lzma is not None:
                return self._lzma()
            case _:
                raise NotImplementedError(f"is packed by method {method}, which is not read")

    def _lzma(self) -> Unpacker:
        """Section 5.8.8 of the format: version, length of the properties, and these: a byte, and the window."""
        head = self._next(9)
        _version, length, packed, window = struct.unpack("<HHBI", head)
        if length != 5 or packed >= 9 * 5 * 5:
            raise zipfile.BadZipFile
        window = max(min(window, self._left), LEAST_WINDOW)
        if window > MOST_WINDOW:
            raise NotImplementedError(f"needs {window:,} bytes to be unpacked; at most {MOST_WINDOW:,} are used")
        bits = {"lc": packed % 9, "lp": packed // 9 % 5, "pb": packed // 45}
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": window, **bits}])


class Unpacker(Protocol):
    """What bz2 and lzma have: it takes packed bytes, and gives at most as many as are asked for."""

    @property
    def needs_input(self) -> bool: ...

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Stored:
    """Bytes that are not packed."""

    needs_input, eof = True, False

    def decompress(self, data: bytes, max_length: int) -> bytes:
        assert len(data) <= max_length
        return data


class Deflated:
    """zlib's, as an `Unpacker`."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
        self._gave_all = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        # what is unpacked may still wait where all input is taken
        return self._gave_all and not self._zlib.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        chunk = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self._gave_all = len(chunk) < max_length
        return chunk
