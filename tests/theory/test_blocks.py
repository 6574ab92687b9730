"""The prediction for skips and norms: what is known exactly, and simulations at 500 neurons."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tui_initflow.engine.runs import simulate
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.blocks import Block, Norm
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import initialiser
from tui_initflow.theory.blocks import predict_blocks
from tui_initflow.theory.mean_field import LayerLaw
from tui_initflow.theory.outlook import laws_of, layer_law
from tui_initflow.theory.prediction import predict

HE = (layer_law(initialiser("he-normal"), (500, 64)), *[layer_law(initialiser("he-normal"), (500, 500))] * 9)


@pytest.mark.parametrize("name", ["tanh", "relu", "gelu", "selu"])
def test_a_plain_network_is_predicted_as_by_quadrature(name: str) -> None:
    for start in ("ones", "signs"):
        sampled = predict_blocks(HE, ACTIVATIONS[name], Block(), start)
        exact = predict(HE, ACTIVATIONS[name], start)
        np.testing.assert_allclose(sampled.q, exact.q, rtol=0.02)
        np.testing.assert_allclose(sampled.log10_gradient, exact.log10_gradient, atol=math.log10(1.03))


def test_without_a_branch_the_skip_carries_the_gradient_exactly() -> None:
    prediction = predict_blocks(HE, ACTIVATIONS["tanh"], Block("residual", "none", 0.0))
    assert prediction.q == pytest.approx(prediction.q[0])
    assert prediction.log10_gradient[:-1] == pytest.approx(prediction.log10_gradient[0], abs=1e-12)


@pytest.mark.slow
def test_he_doubles_the_variance_in_every_residual_block_of_relu() -> None:
    laws = (HE[0], *[HE[1]] * 299)
    prediction = predict_blocks(laws, ACTIVATIONS["relu"], Block("residual"))
    assert math.log10(prediction.q[-1]) - math.log10(prediction.q[0]) == pytest.approx(299 * math.log10(2), rel=0.001)
    # the gradient gains a factor of sqrt 2 in every block
    gained = prediction.log10_gradient[0] - prediction.log10_gradient[200]
    assert gained == pytest.approx(200 * math.log10(2) / 2, rel=0.01)
    assert prediction.reason is None


@pytest.mark.slow
def test_a_scale_of_one_over_the_root_of_the_depth_keeps_it_bounded() -> None:
    for depth in (10, 60, 360):
        laws = (HE[0], *[HE[1]] * (depth - 1))
        prediction = predict_blocks(laws, ACTIVATIONS["relu"], Block("residual", "none", 1 / math.sqrt(depth)))
        assert prediction.q[-1] / prediction.q[0] < math.e + 0.1
        assert 0.0 < prediction.log10_gradient[0] + math.log10(2) < math.log10(3)


@pytest.mark.slow
def test_pre_norm_grows_like_a_power_of_depth() -> None:
    """The variance gains the same in every block, so the squared gradient at depth L is about L to a fixed power."""
    finals = {}
    for depth in (20, 80, 320):
        laws = (HE[0], *[HE[1]] * (depth - 1))
        finals[depth] = predict_blocks(laws, ACTIVATIONS["relu"], Block("pre-norm", "layer")).log10_gradient[0]
    assert finals[320] - finals[80] == pytest.approx(finals[80] - finals[20], abs=0.05)


@pytest.mark.parametrize("norm", ["layer", "rms"])
def test_a_layer_behind_a_norm_has_its_variance(norm: Norm) -> None:
    prediction = predict_blocks(HE, ACTIVATIONS["tanh"], Block("post-norm", norm))
    assert prediction.q[1:] == pytest.approx(1.0, abs=1e-4)


def test_what_leaves_double_precision_has_a_reason() -> None:
    laws = (LayerLaw(64, 500, 1e6), *[LayerLaw(500, 500, 1e6)] * 99)
    prediction = predict_blocks(laws, ACTIVATIONS["relu"], Block("residual", "none", 1000.0))
    assert prediction.reason is not None
    assert np.isnan(prediction.log10_gradient).all()


BLOCKS = {
    "residual": Block("residual"),
    "scaled residual": Block("residual", "none", 0.25),
    "pre-norm": Block("pre-norm", "layer"),
    "pre-norm rms": Block("pre-norm", "rms", 0.5),
    "post-norm": Block("post-norm", "layer"),
    "post-norm rms": Block("post-norm", "rms"),
    "plain layer norm": Block("plain", "layer"),
    "plain rms norm": Block("plain", "rms"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize(
    "settings",
    [
        {"a": "he-normal", "activation": "relu"},
        {"a": "glorot-normal", "activation": "tanh"},
        {"a": "he-normal", "activation": "gelu"},
        {"a": "orthogonal", "activation": "tanh", "layers": 5, "runs": 10},
        {"a": "glorot-uniform", "activation": "selu", "sigma_b": 0.3, "start": "signs"},
    ],
    ids=lambda settings: f"{settings['a']} {settings['activation']}",
)
def test_every_layer_agrees_with_simulation_at_500(name: str, settings: dict[str, Any]) -> None:
    block = BLOCKS[name]
    chosen = {"layers": 12, "runs": 24, "block_a": block.kind, "norm_a": block.norm, "branch_scale_a": block.scale}
    # b, which is not looked at, is what is cheapest to draw
    experiment = Experiment(**{"neurons": 500, "b": "normal", **chosen, **settings})
    measured = 10 ** simulate(experiment).a.log10_gradient
    prediction = predict_blocks(laws_of(experiment, "a"), experiment.network.activation, block, experiment.start)
    error = np.std(measured, axis=0) / np.sqrt(len(measured)) / np.mean(measured, axis=0)
    off = np.abs(10**prediction.log10_gradient / np.mean(measured, axis=0) - 1)
    assert (off[:-1] < 0.03 + 3 * error[:-1]).all(), off
