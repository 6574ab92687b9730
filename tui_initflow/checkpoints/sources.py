"""Where the numbers of tensors come from, how bytes become numbers, and what is said of files that cannot be read."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_initflow.model.number_formats import NUMBER_FORMATS
from tui_initflow.untrusted import brief, open_regular


class CheckpointError(ValueError):
    """A file that cannot be read as tensors. Its text is one line, whatever the file contains."""


class ChangedError(CheckpointError):
    """A file that something has written to since it was opened, as training does to its checkpoint."""


class ChainError(CheckpointError):
    """The weights that were chosen do not chain."""


def refuse(path: Path, problem: str) -> CheckpointError:
    """The error that names the file."""
    return CheckpointError(f"{brief(path.name)}: {problem}")


Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Dtype:
    """A type by its name. `numpy` is what numpy, or ml_dtypes, calls it; `format` its row in `NUMBER_FORMATS`."""

    name: str
    bits: int
    numpy: str
    format: str | None = None
    is_float: bool = True

    @property
    def size(self) -> int:
        """Bytes of a number."""
        return self.bits // 8

    @property
    def decoded_size(self) -> int:
        """Bytes of a number once it is decoded."""
        return 8 if self.bits > 32 or (not self.is_float and self.bits > 16) else 4

    @property
    def least_normal(self) -> float:
        """The smallest number that has all its digits; 0 for whole numbers."""
        if not self.is_float:
            return 0.0
        if self.format is None:
            return float(np.finfo(np.float64).tiny)
        return 2.0 ** NUMBER_FORMATS[self.format].least_exponent

    @property
    def fraction_bits(self) -> int:
        """Digits after the leading one."""
        return 52 if self.format is None else NUMBER_FORMATS[self.format].fraction_bits

    def decoded(self, raw: Bytes, *, swapped: bool = False) -> Floats:
        """The numbers in `raw`, flat: as float64 if float32 could not hold them, else as float32.

        Raises:
            CheckpointError: ml_dtypes is needed and not installed.
        """
        numbers = raw.view(self._storage())
        if swapped:
            numbers = numbers.byteswap()
        if self.is_float and numbers.dtype in (np.float32, np.float64):
            return numbers
        # a signalling NaN is no error
        with np.errstate(invalid="ignore"):
            return numbers.astype(np.float64 if self.decoded_size == 8 else np.float32)

    def _storage(self) -> np.dtype[Any]:
        if self.name in _OF_ML_DTYPES:
            try:
                import ml_dtypes
            except ImportError:
                raise CheckpointError(
                    f"{self.name} needs the extra 'checkpoints': pip install 'tui-initflow[checkpoints]'"
                ) from None
            stored: np.dtype[Any] = np.dtype(getattr(ml_dtypes, self.numpy))
            return stored
        return np.dtype(self.numpy)


_OF_ML_DTYPES = ("bfloat16", "float8_e4m3fn", "float8_e5m2")
_ALL = (
    Dtype("float64", 64, "f8"),
    Dtype("float32", 32, "f4", "fp32"),
    Dtype("float16", 16, "f2", "fp16"),
    Dtype("bfloat16", 16, "bfloat16", "bf16"),
    Dtype("float8_e4m3fn", 8, "float8_e4m3fn", "fp8-e4m3"),
    Dtype("float8_e5m2", 8, "float8_e5m2", "fp8-e5m2"),
    *(
        Dtype(f"{sign}int{bits}", bits, f"{'u' if sign else 'i'}{bits // 8}", is_float=False)
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    ),
    Dtype("bool", 8, "u1", is_float=False),
)
DTYPES: Mapping[str, Dtype] = {row.name: row for row in _ALL}
"""Every type that can be read, by the name that PyTorch and numpy give it."""


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
            file = open_regular(path)
        except OSError as error:
            raise refuse(path, (error.strerror or "cannot be opened").lower()) from None
        weakref.finalize(self, file.close)
        self._handle = file.fileno()
        status = os.fstat(self._handle)
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
