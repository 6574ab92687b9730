"""The command, read again as an experiment; the lines of PyTorch, run with a stand-in for torch."""

from __future__ import annotations

import math
import shlex
from types import SimpleNamespace

import pytest
from hypothesis import given

from tests.export.experiments import EXPERIMENTS
from tui_initflow.cli.options import experiment_of, parsers
from tui_initflow.findings.snippets import command_line, pytorch_line
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS, Shape, initialiser

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


@given(EXPERIMENTS)
def test_the_command_is_read_as_the_same_experiment(experiment: Experiment) -> None:
    program, *words = shlex.split(command_line(experiment))
    assert program == "tui-initflow"
    assert experiment_of(parsers().app.parse_args(words)) == experiment
    assert shlex.split(command_line(experiment, "run")) == [program, "run", *words]


def test_the_command_leaves_out_the_defaults() -> None:
    assert command_line(Experiment(runs=20)) == "tui-initflow --runs 20"
    custom = Experiment(widths=(784, 512, 512, 10), a="he-normal", gain_b=1.5, runs=5, seed=7)
    expected = "tui-initflow run --widths 784-512x2-10 --a he-normal --gain-b 1.5 --runs 5 --seed 7"
    assert command_line(custom, "run") == expected
