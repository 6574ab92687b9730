"""Fixed points, phases and critical gains."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.theory.networks import layer, network
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.theory.mean_field import LayerLaw, network_laws
from tui_initflow.theory.phase import correlation_scale, critical_gain, phase, phase_of
from tui_initflow.theory.prediction import predict

TANH = ACTIVATIONS["tanh"]


@pytest.mark.parametrize(
    ("sigma_b", "q_star", "sigma_w"),
    [
        (0.01, 0.0457090787, 1.042125853),
        (0.05, 0.1536919358, 1.122539005),
        (0.2, 0.5120785042, 1.304145840),
        (1.0, 3.036396395, 1.855589101),
    ],
)
def test_edge_of_chaos_of_tanh(sigma_b: float, q_star: float, sigma_w: float) -> None:
    critical = critical_gain(TANH, sigma_b**2)
    assert critical.gain == pytest.approx(sigma_w, rel=1e-9)
    assert critical.q_star == pytest.approx(q_star, rel=1e-8)
    assert critical.stable
    edge = phase(TANH, critical.gain**2, sigma_b**2)
    assert edge.name == "critical"
    assert edge.chi == pytest.approx(1.0, abs=1e-8)


@pytest.mark.parametrize(
    ("sigma_w", "sigma_b", "q_star", "chi", "scale"),
    [
        (0.9, 0.05, 0.0119749828, 0.7913726212, -4.2738),
        (1.0, 0.05, 0.03712203508, 0.9340590695, -14.6594),
        (1.5, 0.05, 0.7983871143, 1.136707784, 7.8042),
        (2.5, 0.3, 4.079123875, 1.585224765, 2.1705),
    ],
)
def test_phases_of_tanh(sigma_w: float, sigma_b: float, q_star: float, chi: float, scale: float) -> None:
    stack = phase(TANH, sigma_w**2, sigma_b**2)
    assert stack.q_star == pytest.approx(q_star, rel=1e-8)
    assert stack.chi == pytest.approx(chi, rel=1e-9)
    assert stack.xi == pytest.approx(abs(scale), abs=6e-5)
    assert stack.name == ("ordered" if scale < 0 else "chaotic")
    assert stack.factor == pytest.approx(math.sqrt(chi))


@pytest.mark.parametrize(
    ("name", "sigma_w2", "expected", "chi"),
    [
        ("relu", 1.0, "ordered", 0.5),
        ("relu", 2.0, "critical", 1.0),
        ("relu", 3.0, "chaotic", 1.5),
        ("tanh", 1 / 3, "ordered", 1 / 3),
        ("tanh", 1.0, "critical", 1.0),
        ("selu", 1.0, "chaotic", 1.071574992),
        ("gelu", 2.0, "ordered", 0.5),
        ("identity", 1.0, "critical", 1.0),
        ("sigmoid", 1.0, "ordered", 0.0557207),
        ("tanh", 0.0, "ordered", 0.0),
    ],
)
def test_phases_without_a_bias(name: str, sigma_w2: float, expected: str, chi: float) -> None:
    stack = phase(ACTIVATIONS[name], sigma_w2)
    assert stack.name == expected
    assert stack.chi == pytest.approx(chi, rel=1e-6)


def test_torch_gain_of_tanh_is_chaotic() -> None:
    stack = phase(TANH, (5 / 3) ** 2)
    assert stack.q_star == pytest.approx(1.17848, abs=1e-5)
    assert stack.chi == pytest.approx(1.2098, abs=1e-4)


def test_weights_with_a_mean_saturate() -> None:
    stack = phase_of(layer("rand", 50, 50), TANH)
    assert stack.m_star == pytest.approx(3.528, abs=1e-3)
    assert stack.name == "ordered"
    # the factor of an actual deep network, far from both ends
    gradient = predict(network("rand", 50, 20), TANH).log10_gradient
    assert stack.factor == pytest.approx(10.0 ** (gradient[8] - gradient[9]), rel=1e-6)


@given(
    sigma_w2=st.floats(0.05, 8.0),
    sigma_b2=st.floats(0.0, 1.0),
    name=st.sampled_from(["tanh", "sigmoid", "softsign"]),
)
@settings(max_examples=8, deadline=None)
def test_phase_is_where_deep_networks_end_up(sigma_w2: float, sigma_b2: float, name: str) -> None:
    activation = ACTIVATIONS[name]
    stack = phase(activation, sigma_w2, sigma_b2)
    law = LayerLaw(100, 100, sigma_w2 / 100, bias_variance=sigma_b2)
    if stack.name == "critical" or stack.xi > 15 or stack.q_star == 0:
        return
    deep = predict(network_laws(law, law, 120), activation, "signs")
    assert deep.q[-1] == pytest.approx(stack.q_star, rel=1e-3)
    step = deep.log10_gradient[89] - deep.log10_gradient[90]
    assert step == pytest.approx(0.5 * math.log10(stack.chi), rel=1e-2, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "gain"),
    [
        ("relu", math.sqrt(2.0)),
        ("leaky_relu", 1.414143),
        ("identity", 1.0),
        ("tanh", 1.0),
        ("softsign", 1.0),
        ("elu", 1.0),
    ],
)
def test_critical_gains_that_need_no_bias(name: str, gain: float) -> None:
    critical = critical_gain(ACTIVATIONS[name])
    assert critical.gain == pytest.approx(gain, rel=1e-6)
    assert critical.stable


def test_sigmoid_is_critical_only_at_a_large_gain() -> None:
    critical = critical_gain(ACTIVATIONS["sigmoid"])
    assert critical.stable
    assert phase(ACTIVATIONS["sigmoid"], critical.gain**2).name == "critical"


@pytest.mark.parametrize(("name", "gain"), [("gelu", 1.481114), ("silu", 1.623320), ("softplus", 1.846229)])
def test_without_a_stable_critical_point_the_gain_is_that_of_q_1(name: str, gain: float) -> None:
    critical = critical_gain(ACTIVATIONS[name])
    assert not critical.stable
    assert critical.gain == pytest.approx(gain, abs=6e-7)


GRID = np.linspace(-9.0, 9.0, 181)


@pytest.mark.parametrize(("name", "gain"), [("identity", 1.0), ("relu", math.sqrt(2)), ("leaky_relu", None)])
@pytest.mark.parametrize("sigma_b", [0.0, 0.5])
def test_what_does_not_depend_on_q_is_critical_at_every_depth(name: str, gain: float | None, sigma_b: float) -> None:
    """Biases make q grow, but chi is 1 at any q: gradients keep their size."""
    critical = critical_gain(ACTIVATIONS[name], sigma_b**2)
    assert critical.stable
    if gain is not None:
        assert critical.gain == pytest.approx(gain, rel=1e-9)
    hidden = LayerLaw(400, 400, critical.gain**2 / 400, bias_variance=sigma_b**2)
    # from random signs: ones pull on the signal, which adds a power of the depth
    shallow, deep = (predict(network_laws(hidden, hidden, depth), ACTIVATIONS[name], "signs") for depth in (10, 200))
    assert abs(shallow.log10_gradient[0] - deep.log10_gradient[0]) < 0.05


def correlation_map(name: str, law: LayerLaw, q: float, c: float) -> tuple[float, float]:
    """c' and dc'/dc, by the trapezoidal rule in two dimensions, which converges exponentially where f is smooth."""
    weights = np.exp(-0.5 * (GRID[:, None] ** 2 + GRID**2))
    weights /= weights.sum()
    first, second = math.sqrt(q) * GRID[:, None], math.sqrt(q) * (c * GRID[:, None] + math.sqrt(1 - c * c) * GRID)
    f, slope = ACTIVATIONS[name].function, ACTIVATIONS[name].derivative
    moved = law.sigma_w2 * float(np.sum(weights * f(first) * f(second))) + law.bias_variance
    return moved / q, law.sigma_w2 * float(np.sum(weights * slope(first) * slope(second)))


@pytest.mark.parametrize(("name", "sigma_w", "sigma_b"), [("tanh", 1.5, 0.0), ("tanh", 2.5, 0.3), ("tanh", 4.0, 1.0)])
def test_the_correlation_of_two_inputs_settles_at_its_depth_scale(name: str, sigma_w: float, sigma_b: float) -> None:
    law = LayerLaw(100, 100, sigma_w**2 / 100, bias_variance=sigma_b**2)
    at, scale, c = phase_of(law, ACTIVATIONS[name]), correlation_scale(law, ACTIVATIONS[name]), 0.3
    for _ in range(math.ceil(12 * scale)):
        c, chi = correlation_map(name, law, at.q_star, c)
    assert scale == pytest.approx(1 / -math.log(chi), rel=1e-4)
    # two inputs differ for longer than the gradient keeps its size
    assert scale > at.xi


def test_where_inputs_become_alike_it_is_that_of_the_gradient() -> None:
    # 6 x 17 layers, not 6 x 7.7
    assert 6 * correlation_scale(LayerLaw(50, 50, 1.5**2 / 50), TANH) == pytest.approx(102, abs=1)
    for law, activation in (
        (LayerLaw(50, 50, 0.9**2 / 50), TANH),
        (LayerLaw(50, 50, 3.0 / 50), ACTIVATIONS["relu"]),
        (LayerLaw(50, 50, 0.01, mean=0.1), TANH),
    ):
        assert correlation_scale(law, activation) == phase_of(law, activation).xi
