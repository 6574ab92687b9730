"""Pickles read as data: what an honest one holds, nothing of it executed, and no more memory than it is charged."""

from __future__ import annotations

import os
import pickle
import tracemalloc
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from tests.checkpoints.pickled import text, whole
from tui_initflow.checkpoints.pickles import Made, Name, Pairs, PickleEnds, PickleError, read_pickle
from tui_initflow.engine.pool import Cancelled


def value_of(data: bytes, memory: int = 1 << 24) -> Any:
    value, end = read_pickle(data, 0, lambda: None, memory=memory)
    assert end == len(data)
    return value


def plain(value: Any) -> Any:
    """The same with dictionaries for pairs."""
    if isinstance(value, Pairs):
        return {key: plain(item) for key, item in value}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value)
    return value


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_data_are_what_python_makes_of_them(protocol: int) -> None:
    shared = [1, "a"]
    value = {
        "numbers": [0, 1, 255, 256, 65536, -1, 2**31, -(2**40), 2**70, 0.5, -1e300],
        "rest": (None, True, False, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), "é", "x" * 300),
        3: {(1, "b"): shared},
        None: [shared, {}, [[]]],
    }
    if protocol == 0:
        # where text is written with escapes
        value["rest"] = "ascii"
    assert plain(value_of(pickle.dumps(value, protocol))) == value
    many = list(range(3000))
    assert value_of(pickle.dumps(many, protocol)) == many
    if protocol > 0:
        assert value_of(pickle.dumps(b"\x00\xff", protocol)) == b"\x00\xff"


class Thing:
    """What could do harm, if it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.folder),), {"state": [1]})


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_objects_are_described_and_nothing_is_executed(tmp_path: Path, protocol: int) -> None:
    made = value_of(pickle.dumps(Thing(tmp_path / "executed"), protocol))
    assert isinstance(made, Made)
    assert made.name.endswith(".mkdir")
    assert made.args == (str(tmp_path / "executed"),)
    assert plain(made.state) == {"state": [1]}
    assert not (tmp_path / "executed").exists()
    ordered = value_of(pickle.dumps(OrderedDict(a=1), protocol))
    assert (ordered.name, ordered.content or ordered.args[0]) in (
        ("collections.OrderedDict", [("a", 1)]),
        ("collections.OrderedDict", [["a", 1]]),
    )
    assert isinstance(value_of(pickle.dumps(int, protocol)), Name)


def test_what_is_kept_elsewhere_is_asked_for() -> None:
    value, _ = read_pickle(b"K\x05QP6\n\x86.", 0, lambda: None, lambda key: ("kept", key))
    assert value == (("kept", 5), ("kept", "6"))


DAMAGED: dict[str, bytes] = {
    "nothing": b"",
    "no end": b"N",
    "empty stack": b".",
    "no mark": b"t.",
    "unknown instruction": b"\xff.",
    "out-of-band buffer": b"\x97.",
    "extension": b"\x82\x01.",
    "never put": b"h\x05.",
    "append to a number": b"K\x01K\x02a.",
    "set in a list": b"]NNs.",
    "key without value": b"}(Nu.",
    "no UTF-8": b"\x8c\x01\xff.",
    "no number": b"Iabc\n.",
    "huge number in text": b"I" + b"9" * 5000 + b"\n.",
    "no line": b"cab",
    "no such length": b"\x96" + (1 << 62).to_bytes(8, "little") + b".",
    "name that is none": b"NN\x93.",
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_pickle_is_refused(case: str) -> None:
    with pytest.raises(PickleError, match=r"is damaged|is cut off"):
        value_of(DAMAGED[case])


def test_a_pickle_that_is_cut_off_is_told_from_a_damaged_one() -> None:
    whole_one = pickle.dumps({"a": [1, 2.5, "text"], "b": (b"bytes", 2**70)})
    for end in range(len(whole_one)):
        with pytest.raises(PickleEnds):
            value_of(whole_one[:end])


MEMORY = 1 << 17
GREEDY: dict[str, bytes] = {
    **{f"{code!r}": code for code in (b"]", b"}", b"(", b"N", b"\x8f", b")\x85", b"}\x94", b"N\x94", b"N)R", b"NQ")},
    **{
        f"{code!r}": code for code in (b"K\x01", b"M\x01\x05", b"J\xff\xff\xff\xff", b"\x8a\x02ab", b"F1\n", b"L7777\n")
    },
    "floats": b"G" + bytes(8),
    "names": b"cab\ncd\n",
    "texts": b"\x8c\x03abc",
    "bytes": b"C\x03abc",
    "wide texts": text("\U0001f600" + "a" * 200),
    "Python 2's texts": b"U\x03\xff\xfea",
    "lists": b"](NNNNNNNNe",
    "pairs": b"}(NNNNu",
    "old lists": b"(NNNl",
    "old tuples": b"(NNNt",
    "old dictionaries": b"(NNd",
    "old objects": b"(iab\ncd\n",
    "nested": b"\x85",
    "states": b"N)R}b",
}


@pytest.mark.parametrize("case", GREEDY)
def test_no_instruction_takes_more_memory_than_it_is_charged(case: str) -> None:
    data = b"N" + GREEDY[case] * (2 * MEMORY // len(GREEDY[case]))
    tracemalloc.start()
    try:
        with pytest.raises(PickleError, match="describes objects that take more than 131,072 bytes of memory"):
            value_of(data, MEMORY)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # lists have room for an eighth more than is in them
    assert taken < 1.2 * MEMORY


@pytest.mark.parametrize(
    ("once", "again"),
    [
        (text("m" * 10_000), b"h\x00h\x00\x93"),
        (b"c_codecs\nencode\nq\x01" + text("m" * 10_000) + text("latin1") + b"\x86", b"h\x01h\x00R"),
        (b"(" + b"N" * 1_000 + b"t", b"(h\x00h\x00t"),
    ],
    ids=["name", "bytes", "tuple"],
)
def test_what_is_made_of_one_thing_again_and_again_is_charged_each_time(once: bytes, again: bytes) -> None:
    data = once + b"q\x00" + again * 6_000
    tracemalloc.start()
    try:
        with pytest.raises(PickleError, match="of memory"):
            value_of(data, 2 * MEMORY)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < 2.4 * MEMORY


def test_a_place_far_beyond_what_is_remembered_is_refused() -> None:
    with pytest.raises(PickleError, match="of memory"):
        value_of(b"Nr\xff\xff\xff\xff.")
    assert value_of(b"Nr\x09\x00\x00\x00" + whole(5) + b"0h\x09.") is None


def test_depth_and_cycles_do_no_harm() -> None:
    for instruction in (b"\x85", b"NR", b"]\x86"):
        assert value_of(b"N" + instruction * 20_000 + b".")
    own = value_of(b"]q\x00h\x00a.")
    assert own[0] is own


def test_it_can_be_stopped() -> None:
    calls = 0

    def checkpoint() -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_pickle(b"N0" * 1_000_000, 0, checkpoint)
