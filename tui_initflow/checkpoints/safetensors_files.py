"""Files of the safetensors format: eight bytes of length, a header in JSON, then the numbers.

Read here rather than by the library, which maps the file: if that is cut short meanwhile, the process ends with SIGBUS
instead of a message. The library's own files are what the tests read. https://github.com/huggingface/safetensors
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tui_initflow.checkpoints.dtypes import DTYPES
from tui_initflow.checkpoints.errors import CheckpointError, brief, printable, refuse
from tui_initflow.checkpoints.sources import Part, RegularFile
from tui_initflow.checkpoints.tensors import Tensor

MOST_HEADER = 25_000_000
"""Bytes of a header: that of a hundred thousand tensors has ten million."""
MOST_ITEMS = 2_000_000
"""Commas and brackets in a header, which bound the memory that it takes once it is read."""
MOST_DIMENSIONS = 64
_NAMES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    **{
        f"{letter}{bits}": f"{word}{bits}" for letter, word in (("I", "int"), ("U", "uint")) for bits in (8, 16, 32, 64)
    },
    "BOOL": "bool",
}


def read_safetensors(path: Path) -> Iterator[Tensor]:
    """The tensors of a file, in the order of their numbers.

    Raises:
        CheckpointError: it is damaged, or was never such a file.
    """
    file = RegularFile(path)
    header, first = _header(file, path)
    entries = {name: _checked(path, name, entry) for name, entry in header.items() if name != "__metadata__"}
    end, room = 0, file.size - first
    for name, (dtype, shape, start, stop) in sorted(entries.items(), key=lambda item: item[1][2:]):
        tensor = Tensor(printable(name), shape, DTYPES[dtype], Part(file, first + start))
        if stop - start != tensor.bytes:
            raise refuse(path, f"{brief(name)} has {stop - start} bytes, {tensor.bytes} by its shape")
        if stop > room:
            raise refuse(path, f"{brief(name)} lies outside the file")
        if start < end:
            raise refuse(path, f"{brief(name)} overlaps another tensor")
        end = max(end, stop)
        yield tensor


def _header(file: RegularFile, path: Path) -> tuple[Mapping[str, Any], int]:
    """The header, and where the numbers begin."""
    if file.size < 8:
        raise refuse(path, "too short for a safetensors file")
    length = int.from_bytes(file.bytes(0, 8), "little")
    if length > file.size - 8:
        raise refuse(path, f"its header would be {length} bytes long, but the file has {file.size}")
    if length > MOST_HEADER:
        raise refuse(path, f"its header is {length} bytes long; at most {MOST_HEADER} are read")
    raw = file.bytes(8, length)
    if sum(raw.count(mark) for mark in (b",", b"[", b"{")) > MOST_ITEMS:
        raise refuse(path, f"its header has too many items; at most {MOST_ITEMS} are read")
    header = parsed(raw, path, "its header")
    return header, 8 + length


def parsed(raw: bytes, path: Path, what: str) -> Mapping[str, Any]:
    """A JSON object without repeated names.

    Raises:
        CheckpointError: it is not one.
    """
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except CheckpointError as error:
        raise refuse(path, f"{what} {error}") from None
    except (ValueError, RecursionError):
        raise refuse(path, f"{what} is not JSON") from None
    if not isinstance(value, dict):
        raise refuse(path, f"{what} is not a JSON object")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise CheckpointError("has the same name twice")
    return found


def _no_constant(_word: str) -> None:
    raise ValueError


def _checked(path: Path, name: str, entry: object) -> tuple[str, tuple[int, ...], int, int]:
    """Type, shape, and where the numbers begin and end, of an entry of the header."""
    if not isinstance(entry, dict):
        raise refuse(path, f"{brief(name)} has no type and shape")
    dtype: object = entry.get("dtype")
    shape, offsets = _counts(entry.get("shape")), _counts(entry.get("data_offsets"))
    if not isinstance(dtype, str) or dtype not in _NAMES:
        raise refuse(path, f"{brief(name)} has the unknown type {brief(str(dtype)[:20])}")
    if shape is None or len(shape) > MOST_DIMENSIONS:
        raise refuse(path, f"{brief(name)} has no valid shape")
    if offsets is None or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise refuse(path, f"{brief(name)} has no valid offsets")
    return _NAMES[dtype], shape, offsets[0], offsets[1]


def _counts(value: object) -> tuple[int, ...] | None:
    """The whole numbers in a list, if it is one and 64 bits can hold them."""
    if not isinstance(value, list) or not all(type(number) is int and 0 <= number < 1 << 63 for number in value):
        return None
    return tuple(value)
