"""A file that is written again: norms and moves by reading, and the text of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.checkpoints.samples import tensor
from tui_initflow.charts.palette import ASCII, UNICODE
from tui_initflow.checkpoints.changes import MOST_READINGS, SAMPLE, Track, continued, snapshots
from tui_initflow.checkpoints.tensors import Checkpoint
from tui_initflow.export.watch import MOST_LINES, history_text


def read(tracks: Mapping[str, Track], **arrays: Any) -> Mapping[str, Track]:
    checkpoint = Checkpoint("file", tuple(tensor(name, np.asarray(array)) for name, array in arrays.items()))
    return continued(tracks, snapshots(checkpoint))


def test_norms_and_moves_are_those_of_the_arrays() -> None:
    source = np.random.default_rng(0)
    first, second, third = source.normal(size=(3, 40, 50))
    tracks = read(read(read({}, w=first), w=second), w=third)
    one = tracks["w"]
    assert one.norms == pytest.approx([np.linalg.norm(w) for w in (first, second, third)], rel=1e-6)
    assert math.isnan(one.moves[0])
    assert one.moves[1:] == pytest.approx(
        [np.linalg.norm(b - a) / np.linalg.norm(a) for a, b in ((first, second), (second, third))], rel=1e-5
    )
    assert one.since_first == pytest.approx(np.linalg.norm(third - first) / np.linalg.norm(first), rel=1e-5)


def test_of_a_large_tensor_the_sample_moves_as_all_of_it() -> None:
    source = np.random.default_rng(1)
    w = source.normal(size=(512, 512))
    tracks = read(read({}, w=w), w=w + 0.1 * source.normal(size=w.shape))
    # the ratio of two sums over the sample, each with a relative deviation of sqrt(2 / n)
    assert tracks["w"].moves[1] == pytest.approx(0.1, rel=5 * math.sqrt(1 / SAMPLE))
    assert len(tracks["w"].last.sample) <= SAMPLE


def test_tensors_come_and_go_and_change_shape() -> None:
    tracks = read(read({}, a=np.ones(3), b=np.ones(3)), b=np.ones(4), c=np.ones(2), count=np.array([3]))
    assert set(tracks) == {"b", "c"}
    assert math.isnan(tracks["b"].moves[-1])
    assert tracks["c"].norms == pytest.approx([math.sqrt(2)])
    assert read(tracks, b=np.ones(4))["b"].moves[-1] == 0.0


def test_the_history_is_bounded() -> None:
    tracks: Mapping[str, Track] = {}
    for _ in range(MOST_READINGS + 5):
        tracks = read(tracks, w=np.ones(2))
    assert len(tracks["w"].norms) == len(tracks["w"].moves) == MOST_READINGS


def test_the_text_has_a_bar_for_each_reading() -> None:
    tracks: Mapping[str, Track] = {}
    for size in (1.0, 1.1, 1.2, 2.4):
        tracks = read(tracks, still=np.ones(3), moves=size * np.ones(3), lost=np.full(2, np.nan))
    lines = history_text(tracks, UNICODE).splitlines()
    assert lines[1].split()[0] == "moves"
    assert lines[1].endswith(" ▁▁█")
    assert "+100.00%" in lines[1]
    assert lines[2].split()[:1] == ["still"]
    assert lines[-1] == "NaN or infinities: lost"
    assert history_text(tracks, ASCII).isascii()
    many = read({}, **{f"w{at}": np.ones(1) for at in range(MOST_LINES + 1)})
    assert history_text(many, UNICODE).splitlines()[-1].startswith(f"{MOST_LINES} of {MOST_LINES + 1} tensors")
