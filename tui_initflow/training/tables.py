"""Rows and their labels from a file: .csv with the label last, or .npz with arrays x and y. Neither is trusted.

Sizes are looked at before memory is taken, nothing is unpickled, and what an error repeats of a file is printable.
"""

from __future__ import annotations

import io
import math
import zipfile
from array import array
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TextIO

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Cancelled, Checkpoint
from tui_initflow.model.experiment import SETTINGS
from tui_initflow.model.settings import SettingError, Whole
from tui_initflow.untrusted import brief, open_regular, size_of

LEAST_ROWS, MOST_ROWS = 10, 1_000_000
MOST_CLASSES = 256
MOST_LABEL = 200
"""Characters of a label."""
MOST_BYTES = 1 << 26
"""Size of a file, or of the arrays in it."""
MOST_MEMORY = 280_000_000
"""Bytes of the numbers as they are read and, beside them, in float32."""
MOST_LINE = 1 << 21
"""Characters of a line: 65,536 numbers of 31 and a label."""
MOST_HEADER, PIECE = 1 << 16, 1 << 20
MOST_ENTRIES = 1000
"""Entries in an archive's directory, each of which takes memory."""
ENTRY = b"PK\x01\x02"
"""What an entry of that directory begins with."""
NUMBERS, LABELS = "biuf", "biufUS"
"""Kinds of numpy's types."""


class Table(NamedTuple):
    """Rows x (rows, …), and of each row the index y (rows,) of its label in `classes`, which are in order."""

    x: NDArray[Any]
    y: NDArray[np.intp]
    classes: tuple[str, ...]


def read_table(path: Path, checkpoint: Checkpoint) -> Table:
    """The rows of a file.

    Raises:
        SettingError: the file cannot be read, or does not have rows of numbers and a label for each.
        Cancelled: `checkpoint` raises it.
    """
    name = brief(path.name)
    try:
        with open_regular(path) as file:
            if not 0 < size_of(file) <= MOST_BYTES:
                refuse(f"{name} has {size_of(file):,} bytes", f"1 to {MOST_BYTES:,}")
            if path.suffix.lower() == ".npz":
                return _from_npz(file, name, checkpoint)
            with io.TextIOWrapper(file, encoding="utf-8-sig") as text:
                return from_csv(text, name, checkpoint)
    except OSError as error:
        refuse(f"{name} cannot be read: {error.strerror or error}", "a file that can be read")
    except UnicodeDecodeError:
        refuse(f"{name} is not text", "a .csv in UTF-8")


def refuse(problem: str, allowed: str) -> NoReturn:
    raise SettingError("data", problem, allowed)


def check_shapes(name: str, x: tuple[int, ...], y: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Refuse what is not rows of numbers with a label each, or too many of them.

    Raises:
        SettingError: it is.
    """
    if len(x) < 2 or len(y) != 1 or x[0] != y[0]:
        refuse(
            f"{name} has x of shape {brief(str(x), 60)} and y of shape {brief(str(y), 60)}",
            "x (rows, features) and y (rows,)",
        )
    rows, features = x[0], math.prod(x[1:])
    if not LEAST_ROWS <= rows <= MOST_ROWS:
        refuse(f"{name} has {rows} rows", f"{LEAST_ROWS} to {MOST_ROWS:,}")
    kind = SETTINGS["features"].kind
    assert isinstance(kind, Whole)
    if not kind.low <= features <= kind.high:
        refuse(f"{name} has {features} features", kind.allowed)
    if dtype.kind not in NUMBERS:
        refuse(f"x of {name} holds {brief(str(dtype), 40)}", "real numbers")
    check_memory(name, rows * features, dtype.itemsize)


def check_memory(name: str, numbers: int, itemsize: int) -> None:
    """Refuse more numbers of this many bytes than fit in memory, with what training makes of them."""
    fit = MOST_MEMORY // (itemsize + 4)
    if numbers > fit:
        refuse(f"{name} has {numbers:,} numbers", f"at most {fit:,} of {itemsize} bytes")


def classified(labels: NDArray[Any], name: str) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """The index of each label (rows,) among the different ones, and these in order.

    Raises:
        SettingError: they are too many or too long, or no labels.
    """
    if labels.dtype.kind not in LABELS:
        refuse(f"y of {name} holds {brief(str(labels.dtype), 40)}", "numbers or text")
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        refuse(f"{name} has a label that is nan", "a class in every row")
    found, y = np.unique(labels, return_inverse=True)
    if len(found) > MOST_CLASSES:
        refuse(f"{name} has {len(found)} classes", f"2 to {MOST_CLASSES} different labels")
    return y, tuple(str(label) for label in found)


def from_csv(file: TextIO, name: str, checkpoint: Checkpoint) -> Table:
    """Numbers and, last in every line, a label; a first line without numbers is a heading.

    Raises:
        SettingError: a line is different.
        UnicodeDecodeError: the file is not text.
    """
    numbers, labels, indices = array("d"), array("i"), dict[str, int]()
    columns, has_heading = 0, False
    for features, label in _lines(file, name):
        checkpoint()
        row, values = len(labels) + 1, _numbers(features)
        if values is None and row == 1 and not has_heading and features:
            has_heading = True
            continue
        if values is None:
            refuse(f"{name} has something other than numbers before the label in row {row}", "numbers, then a label")
        columns = columns or len(values)
        if len(values) != columns:
            refuse(f"{name} has {len(values)} features in row {row}, {columns} in row 1", "rows of equal length")
        if len(label) > MOST_LABEL:
            refuse(f"{name} has a label of {len(label):,} characters in row {row}", f"at most {MOST_LABEL}")
        numbers.extend(values)
        labels.append(indices.setdefault(label, len(indices)))
        if len(indices) > MOST_CLASSES:
            refuse(f"{name} has more than {MOST_CLASSES} classes", f"2 to {MOST_CLASSES} different labels")
        if row > MOST_ROWS:
            refuse(f"{name} has more than {MOST_ROWS:,} rows", f"{LEAST_ROWS} to {MOST_ROWS:,}")
        check_memory(name, len(numbers), numbers.itemsize)
    x = np.frombuffer(numbers, np.float64) if numbers else np.empty(0)
    classes = sorted(indices)
    place = np.empty(len(classes), np.intp)
    place[[indices[label] for label in classes]] = np.arange(len(classes))
    return Table(x.reshape(len(labels), -1 if labels else 1), place[np.array(labels, np.intp)], tuple(classes))


def _lines(file: TextIO, name: str) -> Iterator[tuple[str, str]]:
    """For each line that is not blank: what is before its last comma, and the label after it."""
    lines = 0
    while line := file.readline(MOST_LINE):
        lines += 1
        if len(line) == MOST_LINE:
            refuse(f"{name} has a line of {MOST_LINE:,} characters or more", "a .csv with a row in every line")
        if lines > 2 * MOST_ROWS:
            refuse(f"{name} has more than {2 * MOST_ROWS:,} lines", "a .csv with a row in every line")
        if not line.isspace():
            features, _, label = line.rpartition(",")
            yield features, label.strip().strip('"')


def _numbers(text: str) -> list[float] | None:
    try:
        # Python reads 1_0 as 10
        return None if "_" in text else [float(number) for number in text.split(",")]
    except ValueError:
        return None


def _from_npz(file: BufferedReader, name: str, checkpoint: Checkpoint) -> Table:
    """Arrays x and y of an archive that numpy has written.

    Raises:
        SettingError: they are not there, are damaged, or hold objects.
    """
    # what zipfile keeps of an entry takes more memory than the entry itself
    if file.read().count(ENTRY) > MOST_ENTRIES:
        refuse(f"{name} has more than {MOST_ENTRIES:,} entries", "arrays x and y")
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            x, y = (Member(archive, key, name) for key in "xy")
            if x.bytes + y.bytes > MOST_BYTES:
                refuse(f"{name} is too large", f"at most {MOST_BYTES >> 20} MB of arrays")
            check_shapes(name, x.shape, y.shape, x.dtype)
            return Table(x.read(checkpoint), *classified(y.read(checkpoint), name))
    except (SettingError, Cancelled):
        raise
    except Exception:
        # zipfile and numpy raise errors of many kinds at a damaged file
        refuse(f"{name} is not a file of arrays", "what numpy.savez writes")


class Member:
    """An array in an archive, of which only the header is read at first.

    Raises:
        SettingError: it is not there, or its header is not one of a whole array of numbers or text.
    """

    def __init__(self, archive: zipfile.ZipFile, key: str, name: str) -> None:
        entries = [entry for entry in archive.infolist() if entry.filename in (key, f"{key}.npy")]
        if len(entries) != 1:
            refuse(f"{name} has {'more than one' if entries else 'no'} array {key}", "arrays x and y")
        (entry,) = entries
        # zipfile unpacks these piece by piece; of what is packed by other methods, a piece may be of any size
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            refuse(f"{key} of {name} is packed by another method than numpy's", "what numpy.savez writes")
        self._stream = archive.open(entry)
        start = io.BytesIO(self._stream.read(MOST_HEADER))
        version = np.lib.format.read_magic(start)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        self.shape, self._fortran, self.dtype = read(start)
        if self.dtype.hasobject:
            refuse(f"{key} of {name} is not an array of numbers", "arrays without objects")
        self.bytes = math.prod(self.shape) * self.dtype.itemsize
        is_whole = min(self.shape, default=0) >= 0 and self.bytes == entry.file_size - start.tell()
        if not is_whole or not 0 < self.dtype.itemsize <= 4 * MOST_LABEL:
            refuse(f"{key} of {name} is not an array of numbers or text of its size", "what numpy.savez writes")
        self._start = start.read()

    def read(self, checkpoint: Checkpoint) -> NDArray[Any]:
        """The array; its bytes are counted already."""
        data = np.empty(self.bytes, np.uint8)
        done = len(self._start)
        data[:done] = np.frombuffer(self._start, np.uint8)
        while done < self.bytes:
            checkpoint()
            piece = self._stream.read(min(self.bytes - done, PIECE))
            if not piece:
                raise EOFError
            data[done : done + len(piece)] = np.frombuffer(piece, np.uint8)
            done += len(piece)
        return data.view(self.dtype).reshape(self.shape, order="F" if self._fortran else "C")
