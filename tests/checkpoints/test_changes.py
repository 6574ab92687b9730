"""Two files: how far tensors have moved, and the sentence about it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.checkpoints.samples import tensor
from tui_initflow.checkpoints.changes import Changes, changes
from tui_initflow.checkpoints.tensors import Checkpoint
from tui_initflow.findings.inspection import Movement

SOURCE = np.random.default_rng(0)
W = SOURCE.normal(size=(40, 30))
STEP = SOURCE.normal(size=(40, 30)) / 5


def compared(before: dict[str, Any], after: dict[str, Any]) -> Changes:
    files = [
        Checkpoint("file", tuple(tensor(name, np.asarray(array)) for name, array in of.items()))
        for of in (before, after)
    ]
    return changes(*files)


def sentence(*moved: float) -> str:
    """Of layers that have moved by these shares of their size."""
    before = {f"fc{at}.weight": W for at in range(len(moved))}
    after = {f"fc{at}.weight": W * (1 + share) for at, share in enumerate(moved)}
    return Movement("a", "b", compared(before, after)).sentence


def test_a_change_is_that_of_the_whole_arrays() -> None:
    (one,) = compared({"w": W.astype(np.float32)}, {"w": W + STEP}).common
    assert one.relative == pytest.approx(np.linalg.norm(STEP) / np.linalg.norm(W), rel=1e-5)
    assert one.cosine == pytest.approx(np.sum(W * (W + STEP)) / np.linalg.norm(W) / np.linalg.norm(W + STEP), rel=1e-6)
    assert one.norm_before == pytest.approx(np.linalg.norm(W, 2), rel=1e-2)
    assert one.norm_after == pytest.approx(np.linalg.norm(W + STEP, 2), rel=1e-2)


def test_what_does_not_compare_is_named() -> None:
    found = compared({"a": W, "b": W, "c": W}, {"b": W, "c": W.T, "d": W})
    assert [one.name for one in found.common] == ["b"]
    assert (found.only_before, found.only_after, found.other_shape) == (("a",), ("d",), ("c",))


def test_numbers_that_do_not_exist_are_nan() -> None:
    zero, nan = np.zeros((3, 3)), np.full((3, 3), np.nan)
    still, moved, lost = compared({"a": zero, "b": zero, "c": nan}, {"a": zero, "b": np.ones((3, 3)), "c": nan}).common
    assert (still.relative, still.norm_after) == (0.0, 0.0)
    assert np.isnan(still.cosine)
    assert np.isnan(moved.relative)
    assert np.isnan(lost.relative)


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (
            (0, 1e-6, 0.1, 0.3),
            "The first 2 of 4 layers have not moved: |dW|/|W| is at most 1e-06 there, 0.2 in the others' median.",
        ),
        ((0, 0.5), "The first of 2 layers has not moved: |dW|/|W| is at most 0 there, 0.5 in the others' median."),
        ((0.5, 0, 0.5), "1 of 3 layers has not moved: |dW|/|W| is at most 0 there, 0.5 in the others' median."),
        ((0, 0), "No layer has moved: |dW|/|W| is at most 0 in 2 layers."),
        ((0.1, 0.1), "Every layer has moved: |dW|/|W| is 0.1 in the median of 2 layers."),
        (
            (*[0.0] * 6, *[0.2] * 5),
            "The first 6 of 11 layers have not moved: |dW|/|W| is at most 0 there, 0.2 in the others' median.",
        ),
        ((), "They have no weights of layers in common."),
    ],
)
def test_the_sentence_says_which_layers_have_not_moved(moved: tuple[float, ...], words: str) -> None:
    assert sentence(*moved) == words


def test_the_sentence_names_what_is_not_finite_and_no_zero_that_has_moved() -> None:
    before = {"fc.weight": W, "fc.bias": np.zeros(40), "lost": W}
    after = {"fc.weight": W * 1.1, "fc.bias": np.ones(40), "lost": W * np.inf}
    words = Movement("a", "b", compared(before, after)).sentence
    assert "lost: NaN or infinities." in words
    assert "bias" not in words
