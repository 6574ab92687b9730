"""Pickles put together by hand, as no honest program writes them, and the files around them."""

from __future__ import annotations

import pickle
import struct
import zipfile
from pathlib import Path

PROTOCOL = b"\x80\x02"
MAGIC = 0x1950A86A20F9469CFC6C


def text(value: str) -> bytes:
    raw = value.encode()
    return pickle.BINUNICODE + struct.pack("<I", len(raw)) + raw


def whole(value: int) -> bytes:
    raw = pickle.encode_long(value)
    return pickle.LONG1 + bytes([len(raw)]) + raw


def tensor(
    shape: tuple[int, ...] = (1,),
    strides: tuple[int, ...] = (1,),
    *,
    offset: int = 0,
    kind: str = "FloatStorage",
    key: str = "0",
    function: str = "_rebuild_tensor_v2",
    view: bytes = b"",
) -> bytes:
    """The instructions that describe a tensor; `view` is the sixth part of a storage's key, from before 1.6."""
    storage = text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + whole(1) + view
    sizes, steps = (b"(" + b"".join(map(whole, numbers)) + b"t" for numbers in (shape, strides))
    hooks = b"ccollections\nOrderedDict\n)R"
    return (
        f"ctorch._utils\n{function}\n((".encode()
        + storage
        + b"tQ"
        + whole(offset)
        + sizes
        + steps
        + b"\x89"
        + hooks
        + b"tR"
    )


def archive(path: Path, program: bytes, storage: bytes = bytes(4), packing: int = zipfile.ZIP_STORED) -> Path:
    """A file as since 1.6, with one storage."""
    with zipfile.ZipFile(path, "w", packing) as file:
        file.writestr("archive/data.pkl", PROTOCOL + program + pickle.STOP)
        file.writestr("archive/data/0", storage)
    return path


def row(path: Path, program: bytes, numbers: bytes = struct.pack("<qf", 1, 0.5), keys: object = ("0",)) -> Path:
    """A file as before 1.6."""
    head = b"".join(pickle.dumps(value, 2) for value in (MAGIC, 1001, {"little_endian": True}))
    listed = list(keys) if isinstance(keys, tuple) else keys
    path.write_bytes(head + PROTOCOL + program + pickle.STOP + pickle.dumps(listed, 2) + numbers)
    return path
