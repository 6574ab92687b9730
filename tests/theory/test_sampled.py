"""What predictions with skips and norms share: the layers that are kept, and those that are drawn again."""

from __future__ import annotations

import numpy as np
import pytest

from tests.theory.networks import network
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.blocks import Block
from tui_initflow.theory import batch_norm, sampled
from tui_initflow.theory.batch_norm import predict_batch_norm
from tui_initflow.theory.blocks import PATHS, predict_blocks
from tui_initflow.theory.prediction import Prediction


def predictions() -> list[Prediction]:
    laws, tanh = network("glorot-normal", 100, 6), ACTIVATIONS["tanh"]
    return [
        predict_blocks(laws, tanh, Block("pre-norm", "layer")),
        predict_batch_norm(laws, tanh, Block("post-norm", "batch"), 16),
    ]


def test_layers_that_are_drawn_again_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_norm, "NEURONS", PATHS // 16)
    monkeypatch.setattr(batch_norm, "SAMPLE", 0)
    kept = predictions()
    monkeypatch.setattr(sampled, "KEPT", 2 * sampled.ARRAYS * PATHS)
    for one, other in zip(kept, predictions(), strict=True):
        np.testing.assert_array_equal(one.log10_gradient, other.log10_gradient)
