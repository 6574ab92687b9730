"""Zip archives: every packing is read, what is damaged or hostile is one line, and memory stays small."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tui_initflow.checkpoints.opening import open_checkpoint
from tui_initflow.checkpoints.sources import CheckpointError

ARRAY = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)
PACKINGS = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def saved(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def packed(method: int, content: bytes = saved(ARRAY)) -> bytearray:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("a.npy", content)
    return bytearray(stream.getvalue())


def read(path: Path, raw: bytes | bytearray) -> list[NDArray[Any]]:
    path.write_bytes(raw)
    return [np.concatenate(list(tensor.pieces())) for tensor in open_checkpoint(path).tensors]


def refused(path: Path, raw: bytes | bytearray, words: str, most: int = 5_000_000) -> None:
    """In one line with these words, and in little more memory than the file takes."""
    tracemalloc.start()
    with pytest.raises(CheckpointError) as caught:
        read(path, raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(caught.value).startswith("x.npz: ")
    assert words in str(caught.value)
    assert peak < len(raw) + most


def with_field(raw: bytearray, at: int, value: bytes) -> bytearray:
    """A field of the member changed, which is two bytes earlier in its own header than in the directory."""
    entry = raw.index(CENTRAL)
    changed = bytearray(raw)
    for start in (entry + at, at - 2):
        changed[start : start + len(value)] = value
    return changed


@pytest.mark.parametrize("packing", PACKINGS)
def test_every_packing_is_read_and_its_checksum_believed(tmp_path: Path, packing: str) -> None:
    raw = packed(PACKINGS[packing])
    (array,) = read(tmp_path / "x.npz", raw)
    np.testing.assert_array_equal(array, ARRAY.ravel())
    for at in (60, len(raw) // 2, raw.index(CENTRAL) - 3):
        raw[at] ^= 0x10
        refused(tmp_path / "x.npz", raw, "a.npy is damaged")
        raw[at] ^= 0x10
    refused(tmp_path / "x.npz", raw[: raw.index(CENTRAL)], "is not a zip archive")


@pytest.mark.parametrize("method", [1, 6, 9, 10, 93, 95, 98, 99])
def test_another_packing_is_named(tmp_path: Path, method: int) -> None:
    raw = with_field(packed(zipfile.ZIP_STORED), 10, struct.pack("<H", method))
    refused(tmp_path / "x.npz", raw, f"a.npy is packed by method {method}, which is not read")


@pytest.mark.parametrize("packing", PACKINGS)
def test_what_is_encrypted_or_packed_otherwise_than_it_says_is_refused(tmp_path: Path, packing: str) -> None:
    raw = packed(PACKINGS[packing])
    refused(tmp_path / "x.npz", with_field(raw, 8, b"\x01"), "a.npy is encrypted")
    for other in PACKINGS.values():
        if other != PACKINGS[packing]:
            refused(tmp_path / "x.npz", with_field(raw, 10, struct.pack("<H", other)), "a.npy is damaged")


@pytest.mark.parametrize("packing", ["deflate", "bzip2", "lzma"])
def test_a_member_is_unpacked_no_further_than_it_says(tmp_path: Path, packing: str) -> None:
    """A few bytes that unpack to 12 MB, of a member that says it has 40 kB."""
    content = saved(np.zeros(10_000, np.float32))
    raw = packed(PACKINGS[packing], content + bytes(12 << 20))
    refused(tmp_path / "x.npz", with_field(raw, 24, struct.pack("<I", len(content))), "a.npy is damaged")


def test_lzma_has_no_more_memory_than_there_is_to_unpack(tmp_path: Path) -> None:
    raw = packed(zipfile.ZIP_LZMA)
    properties = raw.index(b"\x05\x00", len(LOCAL) + 26)
    raw[properties + 3 : properties + 7] = b"\xff" * 4
    tracemalloc.start()
    (array,) = read(tmp_path / "x.npz", raw)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    np.testing.assert_array_equal(array, ARRAY.ravel())


def directory(count: int, says: int) -> bytes:
    """A directory of nameless members and its end, which says that it has so many."""
    entries = (CENTRAL + bytes(42)) * count
    return entries + struct.pack("<4s4H2IH", END, 0, 0, says, says, len(entries), 0, 0)


@pytest.mark.parametrize(("count", "says"), [(750_000, 1), (300_000, 1), (300_000, 65_535)])
def test_a_directory_is_measured_before_it_is_read(tmp_path: Path, count: int, says: int) -> None:
    words = "are read" if count < 700_000 else "has a directory of 34,500,000 bytes; at most 33,554,432 are read"
    # its bytes are read to count what is in it
    refused(tmp_path / "x.npz", directory(count, says), words, most=20_000_000)


def test_members_do_not_share_their_bytes(tmp_path: Path) -> None:
    raw = packed(zipfile.ZIP_STORED)
    entry, end = raw.index(CENTRAL), raw.index(END)
    entries = b"".join(raw[entry : end - 5] + b"%c.npy" % at for at in b"bcdefg")
    tail = struct.pack("<4s4H2IH", END, 0, 0, 6, 6, len(entries), entry, 0)
    refused(tmp_path / "x.npz", bytes(raw[:entry]) + entries + tail, "has members that overlap")
