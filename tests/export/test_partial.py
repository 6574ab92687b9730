"""A file to go on from: everything comes back to the last bit, and a hostile file is refused in a line."""

from __future__ import annotations

import hashlib
import io
import json
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.export.conftest import EXPERIMENT
from tests.export.writing import to_json
from tui_initflow import __version__
from tui_initflow.engine.fingerprint import fingerprint
from tui_initflow.engine.results import Results
from tui_initflow.engine.runs import simulate
from tui_initflow.export.partial import MAGIC, Unusable, read_partial, write_partial
from tui_initflow.model.experiment import Experiment

VARIED = Experiment(
    widths=(6, 9, 9), a="normal:2/fan_in", gain_b=0.1, branch_scale_b="1/L", block_b="residual", format="fp16", runs=7
)
BATCH = Experiment(layers=2, neurons=3, norm_a="batch", batch=5, start="signs", format="bf16", runs=5)
VANISHING = Experiment(layers=200, neurons=2, features=2, gain_a=1e-3, gain_b=1e3, activation="relu", runs=3)
DIGEST = hashlib.blake2b().digest_size


def written(results: Results) -> bytes:
    file = io.BytesIO()
    write_partial(results, file)
    return file.getvalue()


def read(content: bytes, experiment: Experiment = EXPERIMENT) -> Results:
    return read_partial(io.BytesIO(content), experiment).results()()


@pytest.fixture(scope="module")
def whole() -> bytes:
    return written(simulate(EXPERIMENT))


@pytest.mark.parametrize(
    "experiment", [EXPERIMENT, VARIED, BATCH, VANISHING], ids=["default", "varied", "batch", "vanishing"]
)
def test_what_is_read_goes_on_as_what_was_written(experiment: Experiment) -> None:
    first = simulate(experiment.with_(runs=2))
    content = written(first)
    assert read(content, experiment).experiment == first.experiment
    assert written(read(content, experiment)) == content
    whole = simulate(experiment)
    for earlier in (first, read_partial(io.BytesIO(content), experiment)):
        resumed = simulate(experiment, earlier=earlier)
        assert written(resumed) == written(whole)
        assert to_json(resumed) == to_json(whole)


def test_nothing_is_left_to_do_after_all_runs(whole: bytes) -> None:
    assert written(simulate(EXPERIMENT, earlier=read_partial(io.BytesIO(whole), EXPERIMENT))) == whole


def test_only_fewer_runs_of_the_same_settings_are_gone_on_with(whole: bytes) -> None:
    collected = read_partial(io.BytesIO(whole), EXPERIMENT)
    # there is no room for more
    with pytest.raises(ValueError, match="only fewer runs of the same settings"):
        simulate(EXPERIMENT.with_(runs=26), earlier=collected)
    for earlier in (simulate(EXPERIMENT), collected):
        for other in (EXPERIMENT.with_(seed=4), EXPERIMENT.with_(runs=24)):
            with pytest.raises(ValueError, match="only fewer runs of the same settings"):
                simulate(other, earlier=earlier)


def test_a_large_file_is_read_into_the_memory_of_the_whole_run() -> None:
    experiment = Experiment(layers=500, neurons=1, features=1, runs=400)
    file = io.BytesIO(written(simulate(experiment.with_(runs=390))))
    gradients = 2 * 8 * experiment.runs * (experiment.layers + 1)
    tracemalloc.start()
    try:
        collected = read_partial(file, experiment)
        before = tracemalloc.get_traced_memory()[1]
        simulate(experiment, earlier=collected)
        after = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert before < 1.6 * gradients
    assert after < 1.9 * gradients


def refused(content: bytes, experiment: Experiment = EXPERIMENT) -> str:
    """Why, without what to do: a short line that a terminal only shows."""
    with pytest.raises(Unusable) as caught:
        read(content, experiment)
    text, _, remedy = str(caught.value).partition("; ")
    assert text.isprintable()
    assert len(text) < 200
    assert remedy in ("remove it to start over", "--runs must be at least that")
    return text


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:100],
        lambda content: content[:-40],
        lambda content: content + b"\0",
        lambda content: content[: len(content) // 2] + b"\x55" + content[len(content) // 2 + 1 :],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    ],
    ids=["start", "end", "more", "byte", "digest"],
)
def test_a_file_that_is_cut_or_changed_is_broken(whole: bytes, change: Callable[[bytes], bytes]) -> None:
    assert refused(change(whole)) == "is broken"


@pytest.mark.parametrize("content", [b"", b"{}", b"PK\3\4", MAGIC[:-1], b"\n" + MAGIC], ids=repr)
def test_another_file_is_told(content: bytes) -> None:
    assert refused(content) == "is not what this version keeps runs in"


def sealed(head: bytes, arrays: bytes = b"") -> bytes:
    """A file with the digest that belongs to it."""
    content = MAGIC + head + b"\n" + arrays
    return content + hashlib.blake2b(content).digest()


def head_of(whole: bytes) -> tuple[dict[str, Any], bytes]:
    """The head of a file, and its arrays."""
    head, _, arrays = whole.removeprefix(MAGIC)[:-DIGEST].partition(b"\n")
    return json.loads(head), arrays


@pytest.mark.parametrize(
    "head",
    [b"[]", b"{}", b"5", b"\xff", b"[" * 60_000, b"9" * 5000, b"9" * 70_000, b'{"fingerprint": {}, "settings": []}'],
    ids=lambda head: head[:20],
)
def test_a_head_that_is_none_is_broken(head: bytes) -> None:
    assert refused(sealed(head)) == "is broken"


@pytest.mark.parametrize(
    "settings",
    [{"layers": 0}, {"runs": 100_001}, {"layers": True}, {"a": "nope"}, {"more": 1}, {"widths": [[]]}, {"seed": None}],
    ids=str,
)
def test_settings_that_are_not_allowed_are_broken(whole: bytes, settings: dict[str, Any]) -> None:
    head, arrays = head_of(whole)
    head["settings"] |= settings
    assert refused(sealed(json.dumps(head).encode(), arrays)) == "is broken"


def test_sizes_are_checked_before_memory_is_taken(whole: bytes) -> None:
    head, arrays = head_of(whole)
    large = EXPERIMENT.with_(layers=1000, runs=11_000)
    head["settings"] |= {"layers": 1000, "runs": 11_000}
    assert refused(sealed(json.dumps(head).encode(), arrays), large) == "is broken"


def test_numbers_of_another_machine_are_told_in_printable_words(whole: bytes) -> None:
    head, arrays = head_of(whole)
    for place, part in enumerate(("0.0.9", "2.0.0", "\x1b[2J\n\x9b" + "x" * 500, "00000000")):
        other = list(fingerprint(__version__))
        other[place] = part
        text = refused(sealed(json.dumps(head | {"fingerprint": other}).encode(), arrays))
        assert text.startswith("has other numbers: tui-initflow ")
        assert text.endswith(f" there, {fingerprint(__version__)} here")
        assert part.isprintable() is (part in text)


def test_runs_of_other_settings_are_told(whole: bytes) -> None:
    assert refused(whole, EXPERIMENT.with_(seed=4)) == "has runs with --seed 3, not 4"
    assert refused(whole, EXPERIMENT.with_(runs=24)) == "has 25 runs already"
    many = Experiment(widths=tuple(range(1, 900)), runs=25)
    assert refused(whole, many).startswith("has runs with --layers 4, not 898")


IMPOSSIBLE: dict[str, Callable[[Results], None]] = {
    "nan": lambda of: of.a.log10_gradient.__setitem__((3, 1), np.nan),
    "infinity": lambda of: of.b.log10_gradient.__setitem__((0, 0), np.inf),
    "large": lambda of: of.b.log10_gradient.__setitem__((0, 0), -1e300),
    "count": lambda of: of.a.preactivation.count.__setitem__(0, 1),
    "negative": lambda of: of.a.preactivation.below.__setitem__(2, -1),
    "saturated": lambda of: of.b.preactivation.saturated_count.__setitem__(2, 10_000),
    "histogram": lambda of: of.b.preactivation.histogram.__setitem__((2, 7), 0),
    "sum": lambda of: of.a.preactivation.sums.subtrees[0].sums.values.__setitem__((1, 2), np.nan),
    "sum of squares": lambda of: of.a.preactivation.sums.subtrees[0].sums.values.__setitem__((2, 2), -1.0),
    "exponent": lambda of: of.a.preactivation.sums.subtrees[1].sums.exponents.__setitem__(0, -(1 << 31)),
}


@pytest.mark.parametrize("change", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_impossible_results_are_broken_even_with_their_digest(change: Callable[[Results], None]) -> None:
    results = simulate(EXPERIMENT)
    for method in results.methods:
        method.log10_gradient.flags.writeable = True
    change(results)
    assert refused(written(results)) == "is broken"


def test_impossible_counts_of_elements_are_broken() -> None:
    for name in ("nonzero", "flushed", "subnormal", "overflowed", "flushed_by_scale", "overflowed_by_scale"):
        results = simulate(VARIED)
        assert results.b.elements is not None
        getattr(results.b.elements, name)[1] = 1 << 40
        assert refused(written(results), VARIED) == "is broken"


def test_an_exact_zero_comes_back() -> None:
    experiment = Experiment(layers=2, neurons=1, activation="relu", runs=8)
    results = simulate(experiment)
    assert np.isneginf(results.a.log10_gradient).any()
    assert written(read(written(results), experiment)) == written(results)


@pytest.mark.parametrize("seal", [False, True], ids=["damaged", "with its digest"])
def test_no_damage_does_more_than_be_refused(whole: bytes, seal: bool) -> None:
    """Bytes are changed, left out and repeated; what has the digest that belongs to it may be possible results."""
    chance = random.Random(5)
    for _ in range(300):
        content = bytearray(whole[: -DIGEST * seal or None])
        for _ in range(chance.choice((1, 1, 2, 8))):
            start = chance.randrange(len(content))
            stop = min(len(content), start + chance.choice((0, 1, 1, 8, 100)))
            content[start:stop] = chance.choice((b"", b"\0", b"\xff" * 8, chance.randbytes(stop - start), content[:50]))
        if seal:
            content += hashlib.blake2b(content).digest()
        try:
            read(bytes(content))
        except Unusable:
            continue
        assert seal or content == whole
