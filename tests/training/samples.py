"""Small data and networks to train on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.norms import EPSILON
from tui_initflow.model.blocks import Norm
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import Shape
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.classifier import Parameters, parameter_count
from tui_initflow.training.data import Dataset, dataset, load_data
from tui_initflow.training.results import TrainingResult
from tui_initflow.training.runs import train

BLOCKS: tuple[dict[str, Any], ...] = (
    {},
    {"norm": "layer"},
    {"norm": "rms"},
    {"block": "residual"},
    {"block": "residual", "branch_scale": 0.3},
    {"block": "pre-norm", "norm": "layer"},
    {"block": "pre-norm", "norm": "rms", "branch_scale": "1/L"},
    {"block": "post-norm", "norm": "layer", "branch_scale": 0.5},
    {"block": "post-norm", "norm": "rms"},
    {"norm": "batch"},
    {"block": "pre-norm", "norm": "batch", "branch_scale": 0.7},
    {"block": "post-norm", "norm": "batch", "branch_scale": 0.5},
)
"""Every kind of block; see `with_blocks`."""

SMALL = Experiment(layers=3, neurons=6, features=5, runs=3, seed=4, sigma_b=0.2, a="glorot-normal")


def with_blocks(experiment: Experiment, block: dict[str, Any]) -> Experiment:
    """Both methods with this block."""
    return experiment.with_(**{f"{name}_{side}": value for side in "ab" for name, value in block.items()})


def named(block: dict[str, Any]) -> str:
    """For the names of tests."""
    return "-".join(map(str, block.values())) or "plain"


def clouds(rows: int = 60, features: int = 5, classes: int = 3, seed: int = 0) -> Dataset:
    """Classes that overlap a little."""
    generator = np.random.default_rng(seed)
    y = np.arange(rows) % classes
    centres = generator.standard_normal((classes, features))
    return dataset("clouds", centres[y] + 0.5 * generator.standard_normal((rows, features)), y)


def random_parameters(shapes: Sequence[Shape], networks: int, seed: int = 0) -> Parameters:
    """In float64; weights of variance 1 / fan_in, and biases."""
    generator = np.random.default_rng(seed)
    theta = Parameters.of(generator.standard_normal((networks, parameter_count(shapes))), shapes)
    for w, b in zip(theta.weights, theta.biases, strict=True):
        w /= np.sqrt(w.shape[2])
        b *= 0.3
    return theta


def random_batch(networks: int, features: int, classes: int, batch: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Inputs (networks, features, batch) and classes (networks, batch)."""
    generator = np.random.default_rng(5)
    return generator.standard_normal((networks, features, batch)), generator.integers(0, classes, (networks, batch))


TRAININGS: Mapping[str, tuple[Experiment, TrainingSettings]] = {
    "learned": (Experiment(layers=2, neurons=16, runs=3, seed=2), TrainingSettings(steps=60, lr=0.3)),
    "vanished": (Experiment(layers=25, neurons=8, runs=3, gain_b=0.5), TrainingSettings(steps=8)),
    "matched": (Experiment(layers=2, neurons=16, runs=2, a="glorot-uniform"), TrainingSettings(steps=60, lr=0.3)),
    "diverged": (
        Experiment(layers=3, neurons=20, runs=2, activation="relu", gain_a=100.0),
        TrainingSettings(steps=20, lr=1000),
    ),
    "nowhere flat": (Experiment(layers=1, neurons=6, runs=1, activation="identity"), TrainingSettings(steps=1, lr=0.1)),
}
"""Trainings on the digits, for what is said and shown of them."""


@cache
def training(name: str) -> TrainingResult:
    experiment, settings = TRAININGS[name]
    return train(experiment, settings, load_data("digits"))


def norm_in_torch(h: Any, norm: Norm) -> Any:
    """N of rows h (rows, neurons), by PyTorch."""
    from torch.nn import functional

    match norm:
        case "layer":
            return functional.layer_norm(h, h.shape[-1:])
        case "rms":
            return functional.rms_norm(h, h.shape[-1:], eps=EPSILON)
        case "batch":
            return functional.batch_norm(h, None, None, training=True)
        case "none":
            return h
