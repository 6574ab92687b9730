"""The error rates of "looks like": how often an initialiser is recognised, and how often training is overlooked."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from tests.checkpoints.samples import measured
from tui_initflow import Experiment
from tui_initflow.checkpoints.looks_like import _CANDIDATES, OTHER, is_initial
from tui_initflow.model.initialisers import TRUNCATED_STD, Normal, Orthogonal, Shape, Uniform, initialiser
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.classifier import starting_parameters
from tui_initflow.training.data import load_data
from tui_initflow.training.trainer import Trainer

DRAWS = 1000
NAMES = (*(candidate.name for candidate in _CANDIDATES), "orthogonal")
SHAPES: tuple[Shape, ...] = ((64, 64), (48, 96), (128, 64), (100, 80), (32, 160), (200, 64))


def drawn(name: str, shape: Shape, source: np.random.Generator) -> NDArray[Any]:
    """Weights that are drawn by numpy and scipy, not by this program."""
    rule, scale = initialiser(name), initialiser(name).scale(shape)
    if isinstance(rule.distribution, Orthogonal):
        q, r = np.linalg.qr(source.normal(size=(max(shape), min(shape))))
        q = q * np.sign(np.diag(r))
        return np.ascontiguousarray(q if shape[0] >= shape[1] else q.T)
    if isinstance(rule.distribution, Uniform):
        return source.uniform(-rule.bound(shape), rule.bound(shape), shape)
    if isinstance(rule.distribution, Normal):
        return source.normal(size=shape) * scale
    weights = ndtri(source.uniform(ndtr(-2.0), ndtr(2.0), shape)) * scale / TRUNCATED_STD
    return np.asarray(weights)


@pytest.mark.slow
def test_98_of_100_initialisers_are_recognised() -> None:
    """1.5 % are refused by design; 2 % of 1,000 draws is the limit."""
    source = np.random.default_rng(11)
    wrong = 0
    for at in range(DRAWS):
        name, shape = NAMES[at % len(NAMES)], SHAPES[at % len(SHAPES)]
        assert shape[0] * shape[1] >= 4096
        one = measured(weight=drawn(name, shape, source).astype(np.float32))["weight"]
        wrong += name not in one.looks_like.split(" or ")
    assert wrong <= 0.02 * DRAWS


def trained(init: str, optimizer: Any, lr: float, steps: int, runs: int) -> list[dict[str, NDArray[Any]]]:
    """Networks of four layers, trained on the digits; each as its weights and biases by name."""
    data = load_data("digits")
    experiment = Experiment(layers=4, neurons=64, features=64, a=init, activation="relu", runs=runs, seed=steps)
    start = starting_parameters(experiment, "a", range(runs), len(data.classes), lambda: None)
    settings = TrainingSettings(optimizer=optimizer, lr=lr, steps=steps)
    trainer = Trainer(
        experiment,
        "a",
        settings,
        data,
        partial(data.for_test, experiment.seed),
        start,
        range(runs),
        [lr] * runs,
        lambda: None,
    )
    trainer.advance(steps)
    assert np.nanmin(trainer.accuracy()) > 0.9
    theta = trainer.parameters
    parts = {f"{layer}__weight": theta.weights[layer] for layer in range(4)}
    parts |= {f"{layer}__bias": theta.biases[layer] for layer in range(4)}
    return [{name: array[run] for name, array in parts.items()} for run in range(runs)]


TRAININGS = [
    ("torch-linear", "adam", 3e-3, 300),
    ("he-normal", "sgd", 0.1, 200),
    ("he-normal", "adam", 1e-3, 200),
    ("lecun-normal", "sgd", 0.3, 200),
    ("glorot-uniform", "momentum", 0.05, 200),
    ("orthogonal", "sgd", 0.1, 300),
]


@pytest.mark.slow
def test_training_is_overlooked_in_1_of_100_weights_at_most() -> None:
    """Also where the weights have moved by a tenth of their size only: their bias tells."""
    overlooked = total = 0
    for init, optimizer, lr, steps in TRAININGS:
        for network in trained(init, optimizer, lr, steps, 5):
            for name, one in measured(**network).items():
                if name.endswith("weight"):
                    total += 1
                    overlooked += is_initial(one.looks_like)
    assert total == 120
    assert overlooked <= 1


def test_without_a_bias_training_shows_in_weights_that_leave_the_bound_or_move_by_half() -> None:
    source = np.random.default_rng(12)
    update = np.outer(source.normal(size=96), source.normal(size=96)) / 96
    for name, moved in (("torch-linear", 0.02), ("he-normal", 0.5), ("orthogonal", 0.01)):
        w = drawn(name, (96, 96), source)
        size = np.linalg.norm(w) / np.linalg.norm(update)
        assert name in measured(weight=w)["weight"].looks_like
        assert not is_initial(measured(weight=w + moved * size * update)["weight"].looks_like)


def test_laws_that_are_equal_on_a_shape_are_all_named() -> None:
    w = drawn("lecun-normal", (80, 80), np.random.default_rng(13))
    assert set(measured(weight=w)["weight"].looks_like.split(" or ")) == {"lecun-normal", "glorot-normal"}


def test_a_scaled_orthogonal_matrix_has_its_gain() -> None:
    w = drawn("orthogonal", (64, 80), np.random.default_rng(14))
    for dtype in (np.float32, np.float16):
        assert measured(weight=(1.5 * w).astype(dtype))["weight"].looks_like == "orthogonal x1.5"


def test_too_few_weights_are_not_judged() -> None:
    w = drawn("he-normal", (31, 33), np.random.default_rng(15))
    assert measured(weight=w)["weight"].looks_like == "trained/other"


def test_the_bias_of_a_linear_layer_is_recognised_by_its_weight() -> None:
    source = np.random.default_rng(16)
    layer = {"fc__weight": drawn("torch-linear", (400, 100), source), "fc__bias": source.uniform(-0.1, 0.1, 400)}
    assert {one.looks_like for one in measured(**layer).values()} == {"torch-linear"}
    layer["fc__bias"] = source.normal(size=400) * 0.02
    assert {one.looks_like for one in measured(**layer).values()} == {"trained/other"}


def in_bfloat16(x: NDArray[Any]) -> NDArray[np.float32]:
    """Rounded to 8 digits, and stored as float32."""
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("orthogonal")])
def test_a_rounded_initialiser_in_a_longer_type_is_recognised_and_one_that_moved_is_not(name: str) -> None:
    source = np.random.default_rng(3)
    weights = drawn(name, (128, 64), source)
    half = weights.astype(np.float16).astype(np.float32)
    for rounded in (in_bfloat16(weights), half, half.astype(np.float64)):
        one = measured(weight=rounded)["weight"]
        assert name in one.looks_like.split(" or ")
    moved = weights + 0.1 * weights.std() * source.standard_normal(weights.shape)
    moved[:8] *= 1.5
    assert measured(weight=in_bfloat16(moved))["weight"].looks_like == OTHER
