"""Files of PyTorch, read without it: the tensors that it would load, their names, and what is no such file."""

from __future__ import annotations

import os
import pickle
import random
import struct
import sys
import threading
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.checkpoints.pickled import archive, row, tensor, text, whole
from tests.checkpoints.samples import MADE_BY_PYTORCH
from tests.checkpoints.test_opening import read, refused, rewrite, values
from tui_initflow.checkpoints import archives, opening, pickled_tensors, pytorch_files
from tui_initflow.checkpoints.opening import open_checkpoint
from tui_initflow.checkpoints.scan import scan
from tui_initflow.checkpoints.sources import CheckpointError
from tui_initflow.engine.pool import Cancelled


@pytest.fixture(autouse=True)
def without_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)


def names(path: Path) -> list[str]:
    return [one.name for one in open_checkpoint(path).tensors]


# what PyTorch writes


@pytest.mark.parametrize("name", ["views.pt", "views_before_1_6.pt"])
def test_views_are_read_as_they_are_seen(name: str) -> None:
    x = np.arange(24, dtype=np.float32).reshape(4, 6)
    opened = open_checkpoint(MADE_BY_PYTORCH / name)
    assert {one.name: one.shape for one in opened.tensors}["transposed"] == (6, 4)
    found = {one.name: read(one).T if one.fortran else read(one) for one in opened.tensors}
    expected = {
        "whole": x,
        "transposed": x.T,
        "sliced": x[1:3, ::2],
        "expanded": np.full((2, 3), 3.0),
        "permuted": x.reshape(2, 3, 4).transpose(1, 0, 2),
        "tied": x,
        "empty": x[:0],
    }
    assert list(found) == list(expected)
    for key, array in expected.items():
        np.testing.assert_array_equal(found[key], array)


def test_tied_tensors_have_one_source_and_are_called_equal() -> None:
    opened = open_checkpoint(MADE_BY_PYTORCH / "views.pt")
    by_name = {one.name: one for one in opened.tensors}
    assert by_name["tied"].source is by_name["whole"].source
    assert {one.name: one.duplicate_of for one in scan(opened)}["tied"] == "whole"


def test_types_without_a_storage_of_their_own() -> None:
    opened = open_checkpoint(MADE_BY_PYTORCH / "types.pt")
    assert [one.dtype.name for one in opened.tensors] == ["bfloat16", "float8_e5m2", "uint16"]
    assert [one.name for one in opened.tensors] == ["0", "1", "2"]
    for array in values(opened).values():
        np.testing.assert_array_equal(array, [0, 1, 2])


def test_a_checkpoint_of_training_has_its_optimizer_and_its_arrays() -> None:
    found = values(open_checkpoint(MADE_BY_PYTORCH / "training.ckpt"))
    assert list(found) == [
        "state_dict.fc.weight",
        "optimizer_states.0.state.0.momentum_buffer",
        "hyper_parameters.table",
    ]
    np.testing.assert_array_equal(found["hyper_parameters.table"], np.arange(6).reshape(2, 3))
    np.testing.assert_array_equal(found["optimizer_states.0.state.0.momentum_buffer"], np.ones((2, 2)))


def test_dictionaries_and_whole_modules_have_their_parameters() -> None:
    found = values(open_checkpoint(MADE_BY_PYTORCH / "network.pt"))
    assert list(found) == ["model.0.weight", "model.0.bias", "model.2.weight", "model.2.bias"]
    assert abs(found["model.0.weight"]).max() < 8**-0.5
    module = values(open_checkpoint(MADE_BY_PYTORCH / "pickled_module.pt"))
    assert list(module) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    for (_, one), (_, other) in zip(found.items(), module.items(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_numbers_may_be_packed_and_in_the_other_order_of_bytes(tmp_path: Path, packing: int) -> None:
    numbers = np.arange(2000, dtype=np.float32)
    other = ">" if sys.byteorder == "little" else "<"
    path = archive(tmp_path / "x.pt", tensor((1000,), (1,), offset=7), numbers.astype(f"{other}f4").tobytes(), packing)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("archive/byteorder", "big" if sys.byteorder == "little" else "little")
    np.testing.assert_array_equal(values(open_checkpoint(path))["tensor"], numbers[7:1007])


def test_a_storage_before_1_6_may_be_part_of_another(tmp_path: Path) -> None:
    part = b"(" + text("v") + whole(2) + whole(3) + b"t"
    path = row(tmp_path / "x.pt", tensor((2,), (1,), offset=1, view=part), struct.pack("<q6f", 6, *range(6)))
    np.testing.assert_array_equal(values(open_checkpoint(path))["tensor"], [3, 4])


def test_arrays_of_numpy_are_read_in_any_order(tmp_path: Path) -> None:
    arrays = {
        "rows": np.arange(6.0).reshape(2, 3),
        "columns": np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
        "swapped": np.arange(3, dtype=">f4"),
        "high": np.arange(250, 256, dtype=np.uint8),
        "true": np.array([True, False]),
    }
    for protocol in (2, 4):
        program = pickle.dumps(arrays | {"words": np.array(["a"]), "none": np.array([None])}, protocol)
        opened = open_checkpoint(archive(tmp_path / "x.pt", program[2:-1]))
        assert [one.name for one in opened.tensors] == list(arrays)
        for one in opened.tensors:
            np.testing.assert_array_equal(read(one).T if one.fortran else read(one), arrays[one.name])


# names


def made(state: bytes) -> bytes:
    """An object of a class that is not here."""
    return b"cmy.module\nThing\n)\x81" + state + b"b"


def module(parameters: bytes = b"}", modules: bytes = b"}") -> bytes:
    parts = text("_parameters") + parameters + text("_buffers") + b"}" + text("_modules") + modules
    return made(b"}(" + text("hook") + tensor() + text("training") + b"\x88" + parts + b"u")


NAMES: dict[str, tuple[bytes, list[str]]] = {
    "keys": (
        b"}(K\x01" + tensor() + b"N" + tensor() + b"K\x01K\x02\x86" + tensor() + b"ctorch\nfloat32\n" + tensor() + b"u",
        ["1", "None", "(1, 2)", "torch.float32"],
    ),
    "escaped": (b"}(" + text("a\x1b[2J\n") + tensor() + b"u", [r"a\x1b[2J\n"]),
    "lists": (b"](" + tensor() + b"(" + tensor() + b"K\x05" + tensor() + b"te", ["0", "1.0", "1.2"]),
    "OrderedDict": (b"ccollections\nOrderedDict\n)R" + text("w") + tensor() + b"s}b", ["w"]),
    "OrderedDict of Python 2": (b"ccollections\nOrderedDict\n](](" + text("w") + tensor() + b"ee\x85R}b", ["w"]),
    "object": (made(b"}" + text("w") + tensor() + b"s"), ["w"]),
    "object with slots": (made(b"N}" + text("w") + tensor() + b"s\x86"), ["w"]),
    "named tuple": (b"cmy\nPoint\n" + tensor() + tensor() + b"\x86\x81", ["0", "1"]),
    "parameter": (b"ctorch._utils\n_rebuild_parameter\n" + tensor() + b"\x88N\x87R", ["tensor"]),
    "subclass": (
        b"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\ncmy\nT\n"
        + tensor().partition(b"_rebuild_tensor_v2\n")[2][:-1]
        + b"}tR",
        ["tensor"],
    ),
    "module": (module(b"}" + text("w") + tensor() + b"s"), ["w"]),
    "modules": (
        b"}"
        + text("net")
        + module(modules=b"}" + text("fc") + module(b"}" + text("w") + tensor() + b"s") + b"s")
        + b"s",
        ["net.fc.w"],
    ),
    "the same twice": (b"}q\x01(" + text("w") + tensor() + b"u0](h\x01h\x01e", ["0.w", "1.w"]),
    "in itself": (b"]q\x01(h\x01" + tensor() + b"h\x01e", ["1"]),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_lead_through_dictionaries_lists_and_objects(tmp_path: Path, case: str) -> None:
    program, expected = NAMES[case]
    assert names(archive(tmp_path / "x.pt", program)) == expected


# what is no such file, or does harm


class Trap:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.folder),))


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    trap = pickle.dumps(Trap(tmp_path / "executed"), 2)[2:-1]
    assert names(archive(tmp_path / "x.pt", b"](" + trap + tensor() + b"e")) == ["1"]
    refused(archive(tmp_path / "y.pt", trap), "y.pt: has no tensors")
    assert not (tmp_path / "executed").exists()


REFUSED: dict[str, tuple[bytes, str]] = {
    "complex": (tensor(kind="ComplexFloatStorage"), "tensor holds complex64, not dense real numbers"),
    "quantised": (tensor(function="_rebuild_qtensor"), "comes from torch._utils._rebuild_qtensor"),
    "sparse": (tensor(function="_rebuild_sparse_tensor"), "comes from torch._utils._rebuild_sparse_tensor"),
    "negated": (tensor()[:-2] + b"}" + text("neg") + b"\x88stR", "are to be changed when they are read"),
    "other storage": (tensor(kind="NoStorage"), "tensor has no valid storage and shape"),
    "no storage": (tensor(key="1"), "tensor lies outside its storage"),
    "too long": (tensor((2,), (1,)), "tensor lies outside its storage"),
    "beyond": (tensor(offset=1), "tensor lies outside its storage"),
    "stride": (tensor((2,), (1 << 62,)), "tensor lies outside its storage"),
    "negative": (tensor((-1,), (1,)), "tensor has no valid shape"),
    "huge": (tensor((1 << 40, 1 << 40), (0, 0)), "tensor has more numbers than any file"),
    "unequal": (tensor((1, 1), (1,)), "tensor has no valid shape"),
    "many indices": (tensor((1,) * 65, (1,) * 65), "tensor has no valid shape"),
    "expanded": (tensor((40_000, 30_000), (0, 0)), "have 4,800,000,000 bytes, more than 50 times as many as the file"),
    "name": (b"}" + text("\x1b" * 60) + tensor(kind="NoStorage") + b"s", r"x.pt: \x1b\x1b"),
    "damaged": (b"]]", "has no tensors"),
    "not a pickle": (b"\xff", "is damaged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_line(tmp_path: Path, case: str) -> None:
    program, words = REFUSED[case]
    refused(archive(tmp_path / "x.pt", program), "x.pt: ", words)


def test_files_that_are_no_whole_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    for content in (b"", b"PK\x03\x04", b"<!doctype html>", b"\x80\x02K\x01.", bytes(300)):
        path.write_bytes(content)
        refused(path, "x.pt: ")
    path.write_bytes(bytes(257) + b"ustar" + bytes(500))
    refused(path, "PyTorch's first format, a tar archive")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", "")
    refused(path, "is a zip archive that torch.save has not written")
    refused(row(path, tensor(view=b"N"), b"\xff" * 8), "before its numbers do")
    refused(row(path, tensor(view=b"N"), keys=("1",)), "has numbers of unknown type")
    refused(row(path, tensor(view=b"N"), keys={"0"}), "lies outside its storage")
    whole_one = row(path, tensor(view=b"N")).read_bytes()
    assert names(path) == ["tensor"]
    for end in range(0, len(whole_one), 7):
        path.write_bytes(whole_one[:end])
        refused(path, "x.pt: ")


def nested(depth: int, width: int, innermost: bytes) -> bytes:
    """Lists, each with the one before it many times."""
    levels = (b"](" + b"h" + bytes([level]) + (b"h" + bytes([level])) * (width - 1) + b"eq" for level in range(depth))
    return innermost + b"q\x00" + b"".join(part + bytes([level + 1]) for level, part in enumerate(levels))


def test_what_unpacks_to_far_more_than_a_file_is_refused_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "UNSUSPICIOUS", 1 << 20)
    path = archive(tmp_path / "x.pt", text("a" * (1 << 21)), packing=zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    refused(path, "unpacks to ")
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_pickle_has_a_size_that_it_may_not_exceed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: int
) -> None:
    monkeypatch.setattr(pytorch_files, "MOST_PICKLE", 1000)
    refused(
        archive(tmp_path / "x.pt", text("a" * 1000), packing=packing),
        "its data.pkl has 1,008 bytes; at most 1,000 are read",
    )
    refused(row(tmp_path / "y.pt", text("a" * 1000)), "takes more than 1,000 bytes to describe its tensors")


def test_a_small_file_does_not_show_one_number_a_billion_times(tmp_path: Path) -> None:
    one = b"](" + tensor((1 << 20,), (0,)) + b"q\x01" + b"h\x01" * 100 + b"e"
    refused(
        archive(tmp_path / "x.pt", one),
        "x.pt: 16 and what comes before it have 71,303,168 bytes, more than 50 times as many as the file",
    )


def test_what_contains_each_other_again_and_again_is_walked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.pt"
    refused(archive(path, nested(12, 100, b"]")), "has no tensors")
    with monkeypatch.context() as fewer:
        fewer.setattr(opening, "MOST_TENSORS", 1000)
        refused(archive(path, nested(12, 100, b"]" + tensor() + b"a")), "has more than 1,000 tensors")
    monkeypatch.setattr(pickled_tensors, "MOST_WALKED", 1 << 18)
    refused(archive(path, nested(40, 2, b"]")), "has no tensors")
    long = text("\x01" * 4000)
    for program in (
        b"]" + tensor() + b"q\x01" + b"ah\x01" * 10_000 + b"a",
        tensor() + b"q\x010](" + b"h\x01" * 100 + b"e",
    ):
        assert names(archive(path, program))
    for program in (
        b"}(" + long + b"](" + tensor() + b"q\x01" + b"h\x01" * 100 + b"eu",
        b"]](" + b"N" * 70_000 + b"ea",
    ):
        refused(
            archive(path, program), "its lists and dictionaries contain each other too often, or have too long names"
        )


def test_a_view_that_is_scattered_over_packed_numbers_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "x.pt", tensor((2, 2), (4, 2)), bytes(40), zipfile.ZIP_DEFLATED)
    refused(path, "tensor is scattered over a compressed storage")


def test_opening_can_be_stopped(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    for path in (archive(tmp_path / "x.pt", tensor()), row(tmp_path / "y.pt", tensor(view=b"N"))):
        with pytest.raises(Cancelled):
            open_checkpoint(path, cancel)


def test_damaged_files_give_tensors_or_one_line(tmp_path: Path) -> None:
    """Bytes changed, cut out, doubled or lost: in the file, and in the pickle of a file that is whole."""
    made = [path.read_bytes() for path in sorted(MADE_BY_PYTORCH.iterdir()) if path.suffix in (".pt", ".ckpt")]
    with zipfile.ZipFile(MADE_BY_PYTORCH / "training.ckpt") as file:
        program = file.read("training/data.pkl")[2:-1]
    source, path = random.Random(1), tmp_path / "x.pt"
    for case in range(1000):
        raw = bytearray(program if case % 2 else source.choice(made))
        for _ in range(source.randrange(1, 3)):
            at = source.randrange(len(raw))
            match source.randrange(5):
                case 0 | 1:
                    raw[at] = source.choice((0, 0xFF, source.randrange(256), raw[at] ^ (1 << source.randrange(8))))
                case 2:
                    del raw[at : at + source.randrange(1, 9)]
                case 3:
                    raw[at:at] = raw[at : at + source.randrange(1, 9)]
                case _:
                    del raw[max(1, at) :]
        if case % 2:
            archive(path, bytes(raw), bytes(64))
        else:
            rewrite(path, raw)
        try:
            for one in open_checkpoint(path).tensors:
                for piece in one.pieces():
                    assert piece.dtype in (np.float32, np.float64)
        except CheckpointError as error:
            assert str(error).isprintable()  # noqa: PT017 - any other exception is the failure
