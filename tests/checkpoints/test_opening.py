"""Files that are whole, and files that are not: tensors, or an error of one line, and never anything else."""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tests.checkpoints.samples import entry, safetensors
from tui_initflow.checkpoints import opening
from tui_initflow.checkpoints.opening import open_checkpoint
from tui_initflow.checkpoints.scan import histogram, scan
from tui_initflow.checkpoints.sources import ChangedError, CheckpointError
from tui_initflow.checkpoints.tensors import Checkpoint, Tensor
from tui_initflow.engine.pool import Cancelled


def values(checkpoint: Checkpoint) -> dict[str, Any]:
    """All numbers, by name; of an array in Fortran's order, transposed."""
    return {tensor.name: read(tensor) for tensor in checkpoint.tensors}


def read(tensor: Tensor) -> NDArray[Any]:
    shape = tensor.shape[::-1] if tensor.fortran else tensor.shape
    return np.concatenate([*tensor.pieces(), np.empty(0)]).reshape(shape)


def refused(path: Path, *words: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        values(open_checkpoint(path))
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) < 500
    for word in words:
        assert word in text


DTYPES = (np.float64, np.float32, np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2)


@pytest.mark.parametrize("dtype", [*DTYPES, np.int64, np.uint8, np.bool_], ids=lambda dtype: np.dtype(dtype).name)
def test_the_library_s_files_are_read_as_it_reads_them(tmp_path: Path, dtype: Any) -> None:
    numbers = np.random.default_rng(0).normal(size=(7, 5)) * 3
    arrays = {"a": numbers.astype(dtype), "b.c": numbers[0].astype(dtype), "scalar": np.ones((), dtype)}
    save_file(arrays, tmp_path / "x.safetensors")
    read = values(open_checkpoint(tmp_path / "x.safetensors"))
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array.astype(np.float64))


def test_arrays_of_numpy_are_read_in_any_order_and_packing(tmp_path: Path) -> None:
    a = np.random.default_rng(0).normal(size=(6, 9)).astype(np.float32)
    np.save(tmp_path / "rows.npy", a)
    np.save(tmp_path / "columns.npy", np.asfortranarray(a))
    np.save(tmp_path / "swapped.npy", a.astype(a.dtype.newbyteorder()))
    for name in ("rows", "swapped"):
        np.testing.assert_array_equal(values(open_checkpoint(tmp_path / f"{name}.npy"))[name], a)
    np.testing.assert_array_equal(values(open_checkpoint(tmp_path / "columns.npy"))["columns"], a.T)
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "x.npz", z=a, y=a[0])
        read = values(open_checkpoint(tmp_path / "x.npz"))
        assert list(read) == ["z", "y"]
        np.testing.assert_array_equal(read["z"], a)


def test_a_packed_array_can_be_read_from_any_position(tmp_path: Path) -> None:
    a = np.random.default_rng(0).normal(size=(1 << 19,)).astype(np.float32)
    np.savez_compressed(tmp_path / "x.npz", a=a)
    (tensor,) = open_checkpoint(tmp_path / "x.npz").tensors
    starts = list(tensor.starts())
    assert len(starts) == 4
    for start in reversed(starts):
        np.testing.assert_array_equal(tensor.piece(start), a[start : start + tensor.step])


def test_shards_are_read_from_a_folder_or_its_index(tmp_path: Path) -> None:
    save_file({"a": np.ones(2, np.float32), "old": np.ones(3, np.float32)}, tmp_path / "m-1.safetensors")
    save_file({"b": np.zeros(2, np.float32)}, tmp_path / "m-2.safetensors")
    assert [tensor.name for tensor in open_checkpoint(tmp_path).tensors] == ["a", "old", "b"]
    index = tmp_path / "m.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors"}}))
    for path in (tmp_path, index):
        assert [tensor.name for tensor in open_checkpoint(path).tensors] == ["a", "b"]
    index.write_text(json.dumps({"weight_map": {"c": "m-1.safetensors"}}))
    refused(index, "c is not in m-1.safetensors")


@pytest.mark.parametrize(
    "shard", ["../x.safetensors", "/etc/x.safetensors", "a\\x.safetensors", "..", "x.bin", "", "\0.safetensors", 3]
)
def test_an_index_names_files_beside_it_and_no_others(tmp_path: Path, shard: object) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    save_file({"a": np.ones(2, np.float32)}, tmp_path / "x.safetensors")
    (folder / "m.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": shard}}))
    refused(folder, "which is not a .safetensors beside it")


HEADERS: dict[str, tuple[Any, bytes, int | None, str]] = {
    "length": ({"a": entry([2], 0, 8)}, bytes(8), 1 << 60, "its header would be 1152921504606846976 bytes"),
    "truncated": (b'{"a":{"dty', b"", 400, "its header would be 400 bytes"),
    "overlap": ({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12), None, "b overlaps another"),
    "outside": ({"a": entry([2], 8, 16)}, bytes(8), None, "a lies outside the file"),
    "huge": ({"a": entry([1 << 40], 0, 1 << 42)}, bytes(8), None, "a lies outside the file"),
    "size": ({"a": entry([3], 0, 8)}, bytes(8), None, "a has 8 bytes, 12 by its shape"),
    "product": ({"a": entry([1 << 62, 1 << 62], 0, 8)}, bytes(8), None, "by its shape"),
    "dtype": ({"a": entry([2], 0, 8, "F7")}, bytes(8), None, "a has the unknown type F7"),
    "negative": ({"a": entry([-2], 0, 8)}, bytes(8), None, "no valid shape"),
    "bool": ({"a": entry([True], 0, 4)}, bytes(4), None, "no valid shape"),
    "offsets": ({"a": entry([1], 4, 0)}, bytes(4), None, "no valid offsets"),
    "list": (b"[]", b"", None, "not a JSON object"),
    "deep": (b"[" * 100_000, b"", None, "not JSON"),
    "NaN": (b'{"a":NaN}', b"", None, "not JSON"),
    "twice": (b'{"a":1,"a":2}', b"", None, "same name twice"),
    "items": (b"[" + b"0," * 2_000_001 + b"0]", b"", None, "too many items"),
    "none": ({"__metadata__": {"format": "pt"}}, b"", None, "no tensors"),
    "utf-8": (b'{"\xff":1}', b"", None, "not JSON"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_is_checked_before_it_is_believed(tmp_path: Path, case: str) -> None:
    header, numbers, length, words = HEADERS[case]
    refused(safetensors(tmp_path / "x.safetensors", header, numbers, length), "x.safetensors: ", words)


def test_names_are_text_and_never_commands(tmp_path: Path) -> None:
    name = "\x1b[2J\nb\u202e\ud800\\"
    path = safetensors(tmp_path / "x.safetensors", {name: entry([1], 0, 4), "ok.é": entry([1], 4, 8)}, bytes(8))
    first, second = (tensor.name for tensor in open_checkpoint(path).tensors)
    assert first == r"\x1b[2J\nb\u202e\ud800" + r"\\"
    assert second == "ok.é"
    path = safetensors(tmp_path / "\x1b[2J.safetensors", {name: entry([3], 0, 4)}, bytes(4))
    refused(path, r"\x1b[2J.safetensors: \x1b[2J\nb")


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.npz")
    refused(tmp_path / "x.npz", "not a regular file")
    refused(tmp_path / "none.npz", "no such file")
    refused(tmp_path, "a folder without .safetensors")
    (tmp_path / "y.npy").mkdir()
    refused(tmp_path / "y.npy", "a folder without .safetensors")
    (tmp_path / "x.txt").write_text("x")
    refused(tmp_path / "x.txt", "is none of .safetensors, .npz")
    refused(Path("a\0b.npz"), "a\\x00b.npz: ")


CHANGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: os.truncate(path, 1 << 16),
    "written over": lambda path: rewrite(path, path.read_bytes()[::-1]),
    "longer": lambda path: rewrite(path, path.read_bytes() * 2),
    "touched": lambda path: os.utime(path, ns=(0, path.stat().st_mtime_ns + 1)),
}


@pytest.mark.parametrize("name", ["x.npy", "x.npz", "x.safetensors"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path, name: str, change: str) -> None:
    """At whatever point between two reads it does."""
    path, array = tmp_path / name, np.ones((300, 500), np.float32)
    if path.suffix == ".safetensors":
        save_file({"x": array}, path)
    else:
        (np.save if path.suffix == ".npy" else np.savez)(path, array)
    (before,) = scan(open_checkpoint(path))
    (tensor,) = open_checkpoint(path).tensors
    tensor.piece(0)
    CHANGES[change](path)
    # a file system may not tell two times apart that are so close
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))
    for work in (lambda: tensor.piece(0), lambda: scan(Checkpoint("x", (tensor,))), lambda: histogram(before)):
        with pytest.raises(ChangedError, match=rf"^{name}: changed while it was read; try again once it is written$"):
            work()


def test_a_file_that_is_replaced_is_read_as_it_was(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones(1 << 18, np.float32))
    checkpoint = open_checkpoint(tmp_path / "x.npy")
    np.save(tmp_path / "y.npy", np.zeros(3))
    os.replace(tmp_path / "y.npy", tmp_path / "x.npy")
    (one,) = scan(checkpoint)
    assert (one.low, one.high) == (1, 1)


def test_objects_are_refused_and_nothing_is_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.mkdir, (str(tmp_path / "executed"),))

    np.save(tmp_path / "x.npy", np.array([Trap()], object))
    np.savez(tmp_path / "x.npz", a=np.array([Trap()], object))
    np.savez(tmp_path / "c.npz", a=np.ones(2, complex))
    for name in ("x.npy", "x.npz"):
        refused(tmp_path / name, "holds objects, which are never unpickled")
    refused(tmp_path / "c.npz", "a holds complex128, not real numbers")
    assert not (tmp_path / "executed").exists()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.npy", "w") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (3 << 23,)})
        for _ in range(6):
            file.write(bytes(1 << 24))
    assert (tmp_path / "x.npz").stat().st_size < 1_000_000
    tracemalloc.start()
    refused(tmp_path / "x.npz", "unpacks to 100,663,424 bytes, more than 50 times its size")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_header_that_numpy_did_not_write_is_refused(tmp_path: Path) -> None:
    magic = b"\x93NUMPY\x01\x00"
    for content in (b"", b"\x93NUMPY", magic + b"\xff\xff{", magic + b"\x04\x00{[]}", b"PK\x05\x06" + bytes(18)):
        (tmp_path / "x.npy").write_bytes(content)
        refused(tmp_path / "x.npy", "is not an array that numpy has saved")
    (tmp_path / "x.npz").write_bytes(b"PK\x05\x06" + bytes(18))
    refused(tmp_path / "x.npz", "has no tensors")
    for content in (b"", b"no archive", b"PK\x05\x06" + bytes(8) + b"\xff" * 10):
        (tmp_path / "x.npz").write_bytes(content)
        refused(tmp_path / "x.npz", "x.npz: ")


def test_without_ml_dtypes_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = safetensors(tmp_path / "x.safetensors", {"a": entry([2], 0, 4, "BF16")}, bytes(4))
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    refused(path, "bfloat16 needs the extra 'checkpoints': pip install 'tui-initflow[checkpoints]'")


CORRUPTIONS_OF_A_SEED, SEEDS, MEASURED = 50, 200, 8
"""Of every eighth corruption all statistics are taken."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Small files of each format and packing, with numbers of every size, by name."""
    folder = tmp_path_factory.mktemp("whole")
    a = np.arange(12, dtype=np.float32).reshape(3, 4)
    b = np.array([1e300, -1e-300, np.nan, 5e-324, 0.0])
    save_file({"a.weight": a, "b": b, "c": a[0].astype(np.float16)}, folder / "x.safetensors")
    index = {"weight_map": dict.fromkeys(("a.weight", "b"), "x.safetensors")}
    (folder / "x.index.json").write_text(json.dumps(index))
    for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(folder / f"x{packing}.npz", "w", packing) as archive:
            for name, array in (("a", a), ("b", b)):
                with archive.open(f"{name}.npy", "w") as file:
                    np.lib.format.write_array(file, array)
    np.save(folder / "x.npy", b)
    np.save(folder / "columns.npy", np.asfortranarray(a.astype(">f8")))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_every_format_is_told_and_corrupted(whole: dict[str, bytes]) -> None:
    """Those of PyTorch have tests of their own."""
    told = files("tui_initflow").joinpath("docs", "checkpoints.md").read_text(encoding="utf-8")
    assert all(f"`{suffix}`" in told for suffix in (*opening._READERS, *opening._PYTORCH))
    assert opening._READERS.keys() <= {Path(name).suffix for name in whole}


def rewrite(path: Path, raw: bytes | bytearray) -> None:
    """As write_bytes, but a hundred times as fast on some systems, which write a file to disk that is emptied first."""
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(raw)
        file.truncate()


@pytest.mark.slow
def test_ten_thousand_corruptions_give_tensors_or_one_line(whole: dict[str, bytes], tmp_path: Path) -> None:
    """Bytes changed, cut out, doubled or lost at the end."""
    # the one that the index names
    (tmp_path / "x.safetensors").write_bytes(whole["x.safetensors"])

    @settings(max_examples=SEEDS, deadline=None, database=None, derandomize=True)
    @given(st.sampled_from(sorted(whole)), st.randoms(use_true_random=False))
    def check(name: str, choose: random.Random) -> None:
        # hypothesis draws a seed, because its own draws take longer than the reading
        source = random.Random(choose.getrandbits(32))
        for corruption in range(CORRUPTIONS_OF_A_SEED):
            raw = bytearray(whole[name])
            for _ in range(source.randrange(1, 4)):
                at = source.randrange(len(raw))
                match source.randrange(4):
                    case 0:
                        raw[at] = source.choice((0, 0xFF, source.randrange(256), raw[at] ^ (1 << source.randrange(8))))
                    case 1:
                        del raw[at : at + source.randrange(1, 9)]
                    case 2:
                        raw[at:at] = raw[at : at + source.randrange(1, 9)]
                    case _:
                        del raw[max(1, at) :]
                if not raw:
                    break
            path = tmp_path / f"damaged-{name}"
            rewrite(path, raw)
            try:
                checkpoint = open_checkpoint(path)
                for tensor in checkpoint.tensors:
                    for piece in tensor.pieces():
                        assert piece.dtype in (np.float32, np.float64)
                if corruption % MEASURED == 0:
                    assert len(scan(checkpoint)) == len(checkpoint.tensors)
            except CheckpointError as error:
                assert str(error).isprintable()  # noqa: PT017 - any other exception is the failure

    check()


class Looked(threading.Event):
    """An event that is set once it was looked at so often."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.left = most

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_opening_can_be_stopped_at_any_tensor(tmp_path: Path) -> None:
    tensors = {f"{at}.weight": np.ones((2, 2), np.float32) for at in range(50)}
    save_file(tensors, tmp_path / "x.safetensors")
    np.savez(tmp_path / "x.npz", **tensors)  # type: ignore[arg-type]
    index = {"weight_map": dict.fromkeys(tensors, "x.safetensors")}
    (tmp_path / "x.index.json").write_text(json.dumps(index))
    for name, least in (("x.npz", 50), ("x.safetensors", 150), ("x.index.json", 150), (".", 150)):
        path = tmp_path / name
        for most in range(0, least, 10):
            with pytest.raises(Cancelled):
                open_checkpoint(path, Looked(most))
        assert len(open_checkpoint(path, Looked(2 * least)).tensors) == 50
