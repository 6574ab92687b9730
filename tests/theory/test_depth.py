"""How deep a network may be, and which gain preserves its gradient."""

from __future__ import annotations

import pytest

from tests.theory.networks import layer, network
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.theory.mean_field import network_laws
from tui_initflow.theory.prediction import predict, preserving_gain, trainable_depth

TANH = ACTIVATIONS["tanh"]


def test_trainable_depth_is_the_last_one_above_the_threshold() -> None:
    for initialiser, activation in [("uniform", "tanh"), ("he-normal", "gelu"), ("rand", "tanh")]:
        first, hidden = layer(initialiser, 64, 50), layer(initialiser, 50, 50)
        depths = trainable_depth(first, hidden, ACTIVATIONS[activation])
        assert depths.exploding is None
        assert depths.vanishing is not None
        for depth, passes in ((depths.vanishing, True), (depths.vanishing + 1, False)):
            laws = network_laws(first, hidden, depth)
            gradient = predict(laws, ACTIVATIONS[activation]).log10_gradient[0]
            assert (gradient >= -3.0) == passes


def test_critical_and_exploding_networks_do_not_vanish_at_any_depth() -> None:
    critical = trainable_depth(layer("normal", 64, 50), layer("normal", 50, 50), TANH, max_depth=150)
    assert (critical.vanishing, critical.exploding) == (None, None)
    growing = trainable_depth(layer("lecun-normal", 64, 50), layer("lecun-normal", 50, 50), ACTIVATIONS["selu"])
    assert growing.vanishing is None
    assert growing.exploding is not None
    overflowing = trainable_depth(
        layer("he-normal", 64, 50).scaled(20.0), layer("he-normal", 50, 50).scaled(20.0), ACTIVATIONS["relu"]
    )
    assert overflowing.vanishing is None
    assert overflowing.exploding == 3


@pytest.mark.parametrize(
    ("initialiser", "activation"), [("he-normal", "gelu"), ("uniform", "tanh"), ("lecun-normal", "selu")]
)
def test_preserving_gain_preserves_the_gradient(initialiser: str, activation: str) -> None:
    laws = network(initialiser, 50, 12)
    gain = preserving_gain(laws, ACTIVATIONS[activation])
    assert gain is not None
    preserved = predict([law.scaled(gain) for law in laws], ACTIVATIONS[activation])
    assert preserved.log10_gradient[0] == pytest.approx(0.0, abs=1e-6)


def test_no_gain_lifts_one_tanh_layer_to_one() -> None:
    assert preserving_gain(network("normal", 50, 1), TANH, log10_target=0.1) is None


def test_a_network_that_preserves_the_gradient_exactly_keeps_its_gain() -> None:
    assert preserving_gain(network("normal", 50, 1), ACTIVATIONS["identity"]) == 1.0
