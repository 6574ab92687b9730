"""The command, read again as an experiment; the code for PyTorch, run with a stand-in and with PyTorch itself."""

from __future__ import annotations

import itertools
import math
import shlex
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from tests.engine.drawn_networks import inputs, matrices, numbers
from tests.export.experiments import EXPERIMENTS
from tests.findings import torch_stand_in as stand_in
from tui_initflow.cli.commands import parsers
from tui_initflow.cli.settings import experiment_of
from tui_initflow.engine import reference
from tui_initflow.engine.streams import Slot
from tui_initflow.findings.snippets import command_line, pytorch_line, pytorch_module
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.blocks import BLOCKS, NORMS
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS, Normal, Shape, initialiser
from tui_initflow.model.settings import SettingError

Floats = NDArray[np.float64]

Law = tuple[str, float, float]
"""Distribution, standard deviation of a weight, bound (0 where there is none)."""


class Weight:
    """The two things that the lines ask a tensor for."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def size(self, axis: int) -> int:
        return self.shape[axis]


def xavier(w: Weight, gain: float) -> float:
    return gain * math.sqrt(2 / sum(w.shape))


def uniform(_w: Weight, low: float, high: float) -> Law:
    return "uniform", (high - low) / math.sqrt(12), max(abs(low), abs(high))


def truncated(_w: Weight, std: float, a: float, b: float) -> Law:
    assert a == -b
    assert b == pytest.approx(2 * std, rel=1e-3)
    return "truncated", std * 0.8796256610342398, b


INIT = SimpleNamespace(
    xavier_uniform_=lambda w, gain: ("uniform", xavier(w, gain), xavier(w, gain) * math.sqrt(3)),
    xavier_normal_=lambda w, gain: ("normal", xavier(w, gain), 0.0),
    normal_=lambda _w, std: ("normal", std, 0.0),
    uniform_=uniform,
    trunc_normal_=truncated,
    orthogonal_=lambda w, gain: ("orthogonal", gain / math.sqrt(max(w.shape)), gain),
)
TORCH = SimpleNamespace(nn=SimpleNamespace(init=INIT))
FAMILY = {"Uniform": "uniform", "Normal": "normal", "TruncatedNormal": "truncated", "Orthogonal": "orthogonal"}
EXPRESSIONS = (
    "normal:2/fan_out",
    "uniform:0.3/fan_in",
    "truncated-normal:std=0.02",
    "truncated-normal:1/fan_avg",
    "orthogonal:std=0.1",
    "orthogonal:2/fan_max",
    "orthogonal:1/fan_avg",
    "uniform:1/fan_max",
)


@pytest.mark.parametrize("gain", [1.0, 1.7])
@pytest.mark.parametrize("shape", [(50, 50), (30, 80), (80, 30)])
@pytest.mark.parametrize("name", [*INITIALISERS, *EXPRESSIONS])
def test_the_line_draws_the_same_weights(name: str, shape: Shape, gain: float) -> None:
    init = initialiser(name).with_gain(gain)
    family, std, bound = eval(pytorch_line(init), {"torch": TORCH, "w": Weight(shape), "sum": sum, "max": max})
    assert family == FAMILY[type(init.distribution).__name__]
    # the lines write numbers with four digits
    assert std == pytest.approx(init.std(shape), rel=1e-3)
    if bound:
        assert bound == pytest.approx(init.bound(shape), rel=1e-3)


NETWORK = Experiment(layers=5, neurons=7, features=3, gain_b=1.4, sigma_b=0.3, seed=4)


def every_network(activation: str) -> Iterator[Experiment]:
    """Method b with every block and norm that go together, then without biases, with widths and with branch scales."""
    for block, norm in itertools.product(BLOCKS, NORMS):
        # some norms need a block, and some blocks a norm
        with suppress(SettingError):
            yield NETWORK.with_(activation=activation, block_b=block, norm_b=norm)
    yield NETWORK.with_(activation=activation, sigma_b=0.0)
    yield NETWORK.with_(activation=activation, widths=(4, 9, 3, 5))
    for scale in ("1/sqrt(L)", 0.25, 0.0):
        yield NETWORK.with_(activation=activation, block_b="residual", branch_scale_b=scale)
        yield NETWORK.with_(activation=activation, block_b="post-norm", norm_b="rms", branch_scale_b=scale)


def module_of(experiment: Experiment, torch: Any) -> Any:
    """The module that is copied for method b."""
    text = pytorch_module(experiment.network, experiment.methods.b)
    scope: dict[str, Any] = {}
    exec(text.replace("import torch\n", ""), {"torch": torch}, scope)
    assert max(map(len, text.splitlines())) <= 130
    return scope["Network"]()


def parameters(experiment: Experiment) -> list[tuple[Floats, Floats]]:
    """Weights and biases of a run of method b, layer by layer."""
    weights = matrices(experiment, Slot.B, 0)
    normal = Normal(experiment.sigma_b)
    return [
        (w, numbers(experiment.seed, Slot.BIAS_B, layer, 0, normal, len(w)) if experiment.sigma_b else np.zeros(len(w)))
        for layer, w in enumerate(weights, 1)
    ]


def rows(experiment: Experiment) -> Floats:
    """Some inputs, (4, F)."""
    return np.stack([inputs(experiment, run) for run in range(4)])


def reference_output(experiment: Experiment) -> tuple[Floats, Floats]:
    """The outputs for some inputs, and the gradient of their sum with respect to these inputs."""
    weights, biases = zip(*parameters(experiment), strict=True)
    f, block = experiment.network.activation, experiment.methods.b.block
    h = reference.preactivations(rows(experiment), weights, biases, f, block)
    deltas = reference.deltas(h, weights, np.ones(h[-1].shape), f, block, biases)
    return reference.output(h[-1], f, block), deltas[0] @ weights[0]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_module_is_the_network(activation: str) -> None:
    for experiment in every_network(activation):
        module = module_of(experiment, stand_in)
        assert [layer.weight.shape for layer in module.layers] == list(experiment.network.shapes)
        for layer, (w, b) in zip(module.layers, parameters(experiment), strict=True):
            assert layer.drawn == ["normal", *["bias 0.3"] * (experiment.sigma_b > 0)]
            layer.weight.values, layer.bias.values = w, b
        output, _ = reference_output(experiment)
        computed = module.forward(rows(experiment))
        np.testing.assert_allclose(computed, output, rtol=1e-6, atol=1e-9, err_msg=str(experiment))


@pytest.mark.torch
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_pytorch_has_the_same_outputs_and_gradients(activation: str) -> None:
    import torch

    for experiment in every_network(activation):
        module = module_of(experiment, torch).double()
        with torch.no_grad():
            for layer, (w, b) in zip(module.layers, parameters(experiment), strict=True):
                layer.weight.copy_(torch.from_numpy(w))
                if layer.bias is not None:
                    layer.bias.copy_(torch.from_numpy(b))
        x = torch.from_numpy(rows(experiment)).requires_grad_()
        output, gradient = reference_output(experiment)
        computed = module(x)
        computed.sum().backward()
        np.testing.assert_allclose(computed.detach().numpy(), output, rtol=1e-6, atol=1e-9, err_msg=str(experiment))
        np.testing.assert_allclose(x.grad.numpy(), gradient, rtol=1e-5, atol=1e-9, err_msg=str(experiment))


@pytest.mark.torch
@pytest.mark.parametrize("name", [*INITIALISERS, *EXPRESSIONS])
def test_pytorch_draws_weights_of_the_same_deviation(name: str) -> None:
    import torch

    torch.manual_seed(1)
    experiment = Experiment(layers=3, neurons=200, features=100, b=name)
    for layer, shape in zip(module_of(experiment, torch).layers, experiment.network.shapes, strict=True):
        expected, count = experiment.methods.b.initialiser.std(shape), shape[0] * shape[1]
        # five standard errors of the deviation of a normal, the widest of these distributions
        assert float(layer.weight.detach().std()) == pytest.approx(expected, rel=5 / math.sqrt(2 * count))


@given(EXPERIMENTS)
def test_the_command_is_read_as_the_same_experiment(experiment: Experiment) -> None:
    program, *words = shlex.split(command_line(experiment))
    assert program == "tui-initflow"
    assert experiment_of(vars(parsers()[None].parse_args(words))) == experiment
    assert shlex.split(command_line(experiment, "run")) == [program, "run", *words]


def test_the_command_leaves_out_the_defaults() -> None:
    assert command_line(Experiment(runs=20)) == "tui-initflow --runs 20"
    custom = Experiment(widths=(784, 512, 512, 10), a="he-normal", gain_b=1.5, runs=5, seed=7)
    expected = "tui-initflow run --widths 784-512x2-10 --a he-normal --gain-b 1.5 --runs 5 --seed 7"
    assert command_line(custom, "run") == expected
