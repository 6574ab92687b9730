"""Files of rows that nobody should trust: refused in a printable line, in little memory, and without waiting."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui_initflow.model.settings import SettingError
from tui_initflow.training import tables
from tui_initflow.training.data import load_data

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
ROWS = b"".join(b"%d,%d,%d\n" % (i, -i, i % 2) for i in range(20))


def saved(array: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(SettingError) as caught:
        load_data(str(path))
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) < 400
    return text


def archive(x: bytes, method: int = zipfile.ZIP_STORED, *more: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        members.writestr("y.npy", saved(Y))
        members.writestr("x.npy", x, method)
        for name in more:
            members.writestr(name, x)
    return file.getvalue()


def with_header(header: bytes, content: bytes = X.tobytes(), version: bytes = b"\1\0") -> bytes:
    length = struct.pack("<H" if version == b"\1\0" else "<I", len(header))
    return b"\x93NUMPY" + version + length + header + content


def described(shape: str, descr: str = "'<f8'") -> bytes:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()


HEADERS = {
    "huge": described("(70368744177664, 2)"),
    "huge and empty": described("(70368744177664, 2)", "'<U0'"),
    "huge text": described("(20, 2)", "'<U1000000000'"),
    "empty in a dimension": described("(70368744177664, 0)"),
    "negative": described("(-20, -2)"),
    "more": described("(21, 2)"),
    "less": described("(19, 2)"),
    "no numbers": described("('a', 2)"),
    "objects": described("(20, 2)", "'|O'"),
    "fields": described("(20, 2)", "[('a', '<f4'), ('b', '<f4')]"),
    "array in an item": described("(20,)", "('<f8', (2,))"),
    "dates": described("(20, 2)", "'<m8[s]'"),
    "unclosed": b"{'descr': [[[[",
    "nested": b"(" * 9_000,
    "signs": b"-" * 9_000 + b"1",
    "many nested": b"[" * 60_000,
    "no text": b"\xff\xfe" * 50,
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("version", [b"\1\0", b"\2\0", b"\3\0"], ids=["1", "2", "3"])
def test_a_header_is_not_believed(tmp_path: Path, header: bytes, version: bytes) -> None:
    refused(tmp_path / "some.npz", archive(with_header(header, version=version)))


def test_a_header_longer_than_the_file_is_refused(tmp_path: Path) -> None:
    for length in (0xFFFF, 0xFFFFFFFF):
        start = b"\x93NUMPY" + (b"\1\0" + struct.pack("<H", length) if length == 0xFFFF else b"\2\0" + b"\xff" * 4)
        refused(tmp_path / "some.npz", archive(start))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_only_numpy_s_own_ways_of_packing_are_unpacked(tmp_path: Path, method: int) -> None:
    content = archive(saved(X), method)
    assert "packed by another method" in refused(tmp_path / "some.npz", content)
    # methods of which zipfile knows the name alone, or nothing
    for other in (9, 98, 99):
        refused(
            tmp_path / "some.npz", content.replace(struct.pack("<H", method) + b"\0\0", struct.pack("<HH", other, 0))
        )


def test_an_encrypted_or_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.npz"
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        content = archive(saved(X), method)
        entry = content.rfind(b"PK\1\2")
        encrypted = bytearray(content)
        encrypted[entry + 8] |= 1
        refused(path, bytes(encrypted))
        other_sum = bytearray(content)
        other_sum[entry + 16] ^= 1
        refused(path, bytes(other_sum))
    assert "more than one array x" in refused(path, archive(saved(X), zipfile.ZIP_STORED, "x"))


def test_a_member_that_unpacks_to_more_than_it_says_is_cut(tmp_path: Path) -> None:
    bomb = bytearray(archive(saved(np.zeros((400_000, 2))), zipfile.ZIP_DEFLATED))
    entry = bomb.rfind(b"PK\1\2")
    bomb[entry + 24 : entry + 28] = struct.pack("<I", len(saved(X)))
    refused(tmp_path / "some.npz", bytes(bomb))
    refused(tmp_path / "some.npz", bytes(bomb).replace(b"(400000, 2)", b"(20, 2)    "))


def test_a_directory_of_many_entries_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "more than 1,000 entries" in refused(tmp_path / "some.npz", tables.ENTRY * 1001)


def test_labels_may_be_numbers_or_short_text(tmp_path: Path) -> None:
    path = tmp_path / "some.npz"
    for labels in (Y.astype(bool), Y.astype(np.float16), np.array(["yes", "no"])[Y], Y.astype(">i2"), Y.astype("S3")):
        np.savez(path, x=np.asfortranarray(X), y=labels)
        assert len(load_data(str(path)).classes) == 2
    np.savez(path, x=X, y=Y.astype("m8[s]"))
    refused(path, path.read_bytes())
    np.savez(path, x=X, y=np.array(["a" * 201, "b"])[Y])
    refused(path, path.read_bytes())
    # code points that there are not
    np.savez(path, x=X, y=np.array([7 << 24, 1], "<u4")[Y].view("<U1"))
    refused(path, path.read_bytes())


TEXTS: dict[str, tuple[bytes, str]] = {
    "NUL": (b"1,2,a\n\0,3,b\n", "row 2"),
    "UTF-16": ("1,2,a\n".encode("utf-16"), "is not text"),
    "UTF-16 without a mark": ("1,2,a\n3,4,b\n".encode("utf-16-le"), "row 1"),
    "a lone surrogate": (ROWS + b"1,2,\xed\xa0\x80\n", "is not text"),
    "a large number": (ROWS + b"9" * 5000 + b",1,0\n", "inf in row 21, column 1"),
    "an infinite number": (ROWS + b"1e999,1,0\n", "inf in row 21, column 1"),
    "underscores": (ROWS + b"1_0,1,0\n", "row 21"),
    "unclosed quotes": (ROWS + b'"1,1,0\n', "row 21"),
    "a long label": (ROWS + b"1,1," + b"a" * 201, "a label of 201 characters in row 21"),
    "a label that is a command": (ROWS + b"1,1,\x1b[2J\x07\n", "class \\x1b[2J\\x07 of"),
    "many columns": (b"1," * 70_000 + b"a\n", "1 rows"),
    "many columns in many rows": ((b"1," * 70_000 + b"a\n") * 10, "70000 features"),
    "a long line": (b"1" * (1 << 21), "a line of 2,097,152 characters"),
    "blank lines": (b"\n" * 100_000, "0 rows"),
    "returns alone": (b"\r" * 100_000, "0 rows"),
}


@pytest.mark.parametrize(("content", "problem"), TEXTS.values(), ids=TEXTS)
def test_a_hostile_text_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    assert problem in refused(tmp_path / "some.csv", content)


def test_what_does_not_fit_in_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_MEMORY", 12 * 30)
    assert "has 32 numbers; at most 30 of 8 bytes" in refused(tmp_path / "some.csv", ROWS)
    assert "has 40 numbers; at most 30 of 8 bytes" in refused(tmp_path / "some.npz", archive(saved(X)))
    monkeypatch.setattr(tables, "MOST_ROWS", 15)
    assert "more than 15 rows" in refused(tmp_path / "some.csv", ROWS)
    assert "20 rows; 10 to 15" in refused(tmp_path / "some.npz", archive(saved(X)))


def test_a_file_that_the_kernel_makes_up_is_not_read(tmp_path: Path) -> None:
    if not Path("/proc/self/mem").exists():
        pytest.skip("no /proc")
    for name in ("mem", "maps"):
        (tmp_path / f"{name}.csv").symlink_to(f"/proc/self/{name}")
        with pytest.raises(SettingError, match="0 bytes"):
            load_data(str(tmp_path / f"{name}.csv"))


def test_a_name_is_shown_as_text(tmp_path: Path) -> None:
    text = refused(tmp_path / "\x1b[2J\n.csv", b"1")
    assert text.startswith("data: \\x1b[2J\\n.csv ")


def test_wide_data_are_standardised_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = load_data("digits")
    monkeypatch.setattr("tui_initflow.training.data.PART", 10 * len(digits.y))
    # sums in another order differ by rounding
    np.testing.assert_allclose(load_data("digits").x, digits.x, rtol=1e-5, atol=1e-6)


PARTS = (
    b"",
    b"\0",
    b"\xff",
    b",",
    b"\n",
    b'"',
    b"-",
    b"e",
    b"9" * 30,
    b"nan",
    b"PK\1\2",
    b"(",
    b"\x93NUMPY",
    b"\xff" * 4,
)


def test_no_damage_does_more_than_be_refused(tmp_path: Path) -> None:
    chance = random.Random(11)
    stored, deflated = (archive(saved(X), method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    for _ in range(200):
        suffix, whole = chance.choice(((".csv", ROWS), (".npz", stored), (".npz", deflated)))
        content = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 6))):
            start = chance.randrange(len(content) + 1)
            content[start : start + chance.choice((0, 1, 1, 4, 40))] = chance.choice((*PARTS, content[:50]))
        # the sum of what is stored belongs to it, so that more than the sum is tried
        if whole is stored and len(content) == len(whole):
            start, end = content.find(b"\x93NUMPY", 300), content.find(b"PK\1\2")
            entry = content.rfind(b"PK\1\2")
            content[entry + 16 : entry + 20] = struct.pack("<I", zlib.crc32(content[start:end]))
        path = tmp_path / f"some{suffix}"
        path.write_bytes(content)
        try:
            load_data(str(path))
        except SettingError as error:
            message = str(error)
            assert message.isprintable(), message
