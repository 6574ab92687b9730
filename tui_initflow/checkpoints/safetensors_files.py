"""Files of the safetensors format: eight bytes of length, a header in JSON, then the numbers.

Read here rather than by the library, which maps the file: if that is cut short meanwhile, the process ends with SIGBUS
instead of a message. The library's own files are what the tests read. https://github.com/huggingface/safetensors
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tui_initflow.checkpoints.sources import DTYPES, CheckpointError, Part, RegularFile, refuse
from tui_initflow.checkpoints.tensors import Tensor, check_shape
from tui_initflow.engine import pool
from tui_initflow.untrusted import brief, printable

MOST_HEADER = 25_000_000
"""Bytes of a header: that of a hundred thousand tensors has ten million."""
MOST_ITEMS, MOST_NAMES = 2_000_000, 1 << 20
"""Commas and brackets in a header, and colons, which bound the memory that it takes once it is read."""
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


def read_safetensors(path: Path, checkpoint: pool.Checkpoint) -> Iterator[Tensor]:
    """The tensors of a file, in the order of their numbers.

    Raises:
        CheckpointError: it is damaged, or was never such a file.
    """
    file = RegularFile(path)
    header, first = _header(file, path, checkpoint)
    header.pop("__metadata__", None)
    # what is known of a tensor takes the place of what the header says of it, which is much larger
    entries = []
    while header:
        checkpoint()
        entries.append(_checked(path, *header.popitem()))
    end, room = 0, file.size - first
    for start, stop, name, dtype, shape in sorted(entries):
        check_shape(shape, DTYPES[dtype], stop - start, name, path)
        if stop > room:
            raise refuse(path, f"{brief(name)} lies outside the file")
        if start < end:
            raise refuse(path, f"{brief(name)} overlaps another tensor")
        end = max(end, stop)
        yield Tensor(printable(name), shape, DTYPES[dtype], Part(file, first + start))


def _header(file: RegularFile, path: Path, checkpoint: pool.Checkpoint) -> tuple[dict[str, Any], int]:
    """The header, and where the numbers begin."""
    if file.size < 8:
        raise refuse(path, "too short for a safetensors file")
    length = int.from_bytes(file.bytes(0, 8), "little")
    if length > file.size - 8:
        raise refuse(path, f"its header would be {length} bytes long, but the file has {file.size}")
    if length > MOST_HEADER:
        raise refuse(path, f"its header is {length} bytes long; at most {MOST_HEADER} are read")
    return parsed(file.bytes(8, length), path, "its header", checkpoint), 8 + length


def parsed(raw: bytes, path: Path, what: str, checkpoint: pool.Checkpoint) -> dict[str, Any]:
    """A JSON object without repeated names, and not of more than a checkpoint needs.

    Raises:
        CheckpointError: it is not one.
    """
    for marks, most in ((b",[{", MOST_ITEMS), (b":", MOST_NAMES)):
        if sum(map(raw.count, marks)) > most:
            raise refuse(path, f"{what} has too many items; at most {most} are read")

    def one(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        checkpoint()
        return _without_repeats(pairs)

    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=one, parse_constant=_no_constant)
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


def _checked(path: Path, name: str, entry: object) -> tuple[int, int, str, str, tuple[int, ...]]:
    """Where the numbers begin and end, name, type and shape, of an entry of the header."""
    if not isinstance(entry, dict):
        raise refuse(path, f"{brief(name)} has no type and shape")
    dtype: object = entry.get("dtype")
    shape, offsets = _counts(entry.get("shape")), _counts(entry.get("data_offsets"))
    if not isinstance(dtype, str) or dtype not in _NAMES:
        raise refuse(path, f"{brief(name)} has the unknown type {brief(str(dtype)[:20])}")
    if shape is None:
        raise refuse(path, f"{brief(name)} has no valid shape")
    if offsets is None or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise refuse(path, f"{brief(name)} has no valid offsets")
    return *offsets, name, _NAMES[dtype], shape


def _counts(value: object) -> tuple[int, ...] | None:
    """The whole numbers in a list, if it is one and 64 bits can hold them."""
    if not isinstance(value, list) or not all(type(number) is int and 0 <= number < 1 << 63 for number in value):
        return None
    return tuple(value)
